"""Letters: written as rows in the transaction that causes them, worded and sent by a job.

A secret is made when its letter is sent, so that it is nowhere but in the letter; a second attempt makes another.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, ids
from app.installation import Installation
from app.jobs import queue
from app.jobs.runner import Handler
from app.language import DEFAULT
from app.mail import senders, sentences
from app.models import Account, Letter
from app.models.one_time_token import RESET, VERIFY
from config.settings import Settings

SEND = "mail.send"
# the same for a letter to an address that only Stripe knows (billing.link_by_letter)
SEND_TO_CUSTOMER = "mail.send_to_customer"
BETWEEN_LETTERS = timedelta(minutes=2)
# kinds whose letter carries a one-time token for the purpose of the same name
WITH_SECRET = (VERIFY, RESET)

Issue = Callable[[Session, Settings, int, str], str]


def write(
    session: Session,
    account_id: int,
    kind: str,
    parameters: dict[str, Any] | None = None,
    customer_id: str | None = None,
) -> None:
    """Write a letter of `kind` (app.models.letter) to an account; its job sends it once the transaction commits.

    Parameters are ids and codes that its wording asks for, as strings; a `day` is an ISO date, money an `amount` in
    major units with its `currency`. With `customer_id` it goes to the address of
    that customer at Stripe.
    """
    language = session.scalar(select(Account.language).where(Account.id == account_id)) or DEFAULT
    letter = Letter(
        id=ids.new_id(),
        account_id=account_id,
        kind=kind,
        customer_id=customer_id,
        parameters=parameters or {},
        language=language,
        created_at=clock.now(),
    )
    session.add(letter)
    session.flush()
    queue.enqueue(session, SEND_TO_CUSTOMER if customer_id else SEND, {"letter_id": str(letter.id)})


def write_sparingly(session: Session, account_id: int, kind: str, to: str | None = None) -> None:
    """The same for letters that a stranger can cause: none if there was one of the kind within BETWEEN_LETTERS.

    Lock the account first. `to` is the address for an account that has none any more; it is deleted on sending.
    """
    lately = Letter.created_at > clock.now() - BETWEEN_LETTERS
    recent = select(Letter.id).where(Letter.account_id == account_id, Letter.kind == kind, lately).limit(1)
    if session.scalar(recent) is None:
        write(session, account_id, kind, {"to": to} if to else None)


def handlers(it: Installation, issue: Issue) -> dict[str, Handler]:
    """The job that sends a letter; `issue` makes a one-time token (accounts.one_time)."""

    def send(payload: dict[str, Any]) -> None:
        with it.database.transaction() as session:
            letter = unsent(session, payload)
            if letter is None:
                return
            address = _address(session, letter)
            secret = issue(session, it.settings, letter.account_id, letter.kind) if letter.kind in WITH_SECRET else ""
        deliver(it, letter, address, secret)

    return {SEND: send}


def unsent(session: Session, payload: dict[str, Any]) -> Letter | None:
    """The letter that a job is about, unless it was sent or is not wanted any more."""
    letter = session.get(Letter, int(payload["letter_id"]))
    return letter if letter is not None and letter.sent_at is None else None


def deliver(it: Installation, letter: Letter, address: str | None, secret: str) -> None:
    """Word the letter and send it, with no transaction open; without an address it is done with."""
    if address is not None:
        senders.connect(it.settings).send(address, sentences.compose(letter, it.settings, it.house.name, secret))
    with it.database.transaction() as session:
        if address is not None:
            for kind in (SEND, SEND_TO_CUSTOMER):
                queue.hasten(session, kind, senders.MailUnavailable)
        sent = session.get(Letter, letter.id)
        if sent is not None:
            sent.sent_at, sent.parameters = clock.now(), {k: v for k, v in sent.parameters.items() if k != "to"}


def _address(session: Session, letter: Letter) -> str | None:
    """Where the account has its mail now; None if it has left none."""
    known = session.scalar(select(Account.email).where(Account.id == letter.account_id))
    given: str | None = letter.parameters.get("to")
    return known or given
