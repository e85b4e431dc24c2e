"""Letters: written as rows in the transaction that causes them, worded and sent by a job.

A secret is made when its letter is sent, so that it is nowhere but in the letter; a second attempt makes another.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import clock, ids
from app.installation import Installation
from app.jobs import queue
from app.jobs.runner import Handler
from app.language import use
from app.mail import senders, sentences
from app.models import Account, Item, Letter, Notice, Site
from app.models.letter import NEWS
from app.models.one_time_token import RESET, VERIFY
from config.settings import Settings

SEND = "mail.send"
# the same for a letter to an address that only Stripe knows (billing.link_by_letter)
SEND_TO_CUSTOMER = "mail.send_to_customer"
BETWEEN_LETTERS = timedelta(minutes=2)
# as long as the secrets in them are good for at least a day, one of them is while no more are sent
MOST_A_DAY = 3
# kinds whose letter carries a one-time token for the purpose of the same name
WITH_SECRET = (VERIFY, RESET)

Issue = Callable[[Session, Settings, int, str], str]
# the words of a letter that says how things are when it leaves; none if there is nothing left to say
Telling = Callable[[Session, Letter], dict[str, str]]


def write(
    session: Session,
    account_id: int,
    kind: str,
    parameters: dict[str, Any] | None = None,
    customer_id: str | None = None,
) -> int:
    """Write a letter of `kind` (app.models.letter) to an account; its job sends it once the transaction commits.

    Parameters are ids and codes that its wording asks for, as strings; a `day` is an ISO date, `at` and `until`
    are ISO moments, money an `amount` in major units with its `currency`. With `customer_id` it goes to the address of
    that customer at Stripe. With a `site_id` the site signs it. Returns its id.
    """
    letter = Letter(
        account_id=account_id,
        kind=kind,
        customer_id=customer_id,
        parameters=parameters or {},
        language=session.scalar(select(Account.language).where(Account.id == account_id)),
    )
    return _write(session, letter, SEND_TO_CUSTOMER if customer_id else SEND)


def write_to_notifier(session: Session, notice: Notice, kind: str) -> None:
    """Write a letter of `kind` to who gave a legal notice, if they left an address."""
    if notice.email is not None:
        site_id = session.get_one(Item, notice.item_id).site_id
        parameters = {"notice_id": str(notice.id), "receipt": notice.receipt, "site_id": str(site_id)}
        _write(session, Letter(kind=kind, parameters=parameters, language=notice.language), SEND)


def write_sparingly(
    session: Session, account_id: int, kind: str, *, to: str | None = None, since: datetime | None = None
) -> None:
    """The same for letters that a stranger can cause: MOST_A_DAY of a kind, and BETWEEN_LETTERS from one to the next.

    Lock the account first. `to` is the address for an account that has none any more; it is deleted on sending.
    What was written before `since` does not count.
    """
    now = clock.now()
    day = max(now - timedelta(days=1), since or clock.EPOCH)
    of_kind = Letter.account_id == account_id, Letter.kind == kind, Letter.created_at > day
    written = session.scalars(
        select(Letter.created_at).where(*of_kind).order_by(Letter.id.desc()).limit(MOST_A_DAY)
    ).all()
    if len(written) < MOST_A_DAY and all(at <= now - BETWEEN_LETTERS for at in written):
        write(session, account_id, kind, {"to": to} if to else None)


def _write(session: Session, letter: Letter, job: str) -> int:
    letter.id, letter.created_at = ids.new_id(), clock.now()
    session.add(letter)
    session.flush()
    queue.enqueue(session, job, {"letter_id": str(letter.id)})
    return letter.id


def handlers(it: Installation, issue: Issue, news: Telling) -> dict[str, Handler]:
    """The job that sends a letter; `issue` makes a one-time token (accounts.one_time), `news` says what a letter tells
    that is worded as things are when it leaves (notifications.news_letters).
    """

    def send(payload: dict[str, Any]) -> None:
        with it.database.transaction() as session:
            letter = unsent(session, payload)
            if letter is None:
                return
            address, words = _address(session, letter), {"secret": ""}
            if letter.kind in WITH_SECRET and letter.account_id is not None:
                words["secret"] = issue(session, it.settings, letter.account_id, letter.kind)
            if letter.kind == NEWS:
                words = news(session, letter)
        deliver(it, letter, address if words else None, words)

    return {SEND: send}


def unsent(session: Session, payload: dict[str, Any]) -> Letter | None:
    """The letter that a job is about, unless it was sent or is not wanted any more."""
    letter = session.get(Letter, int(payload["letter_id"]))
    return letter if letter is not None and letter.sent_at is None else None


def deliver(it: Installation, letter: Letter, address: str | None, words: dict[str, str]) -> None:
    """Word the letter and send it, with no transaction open; without an address it is done with. `words` are what is
    known only now.
    """
    refused = False
    if address is not None:
        with it.database.reading() as session:
            signed = _newspaper(session, letter) or it.house.name
        with use(letter.language, it.house.language):
            message = sentences.compose(letter, it.settings, signed, words)
        try:
            senders.connect(it.settings).send(address, message)
        except senders.NoSuchMailbox:
            refused = True
    with it.database.transaction() as session:
        if refused and letter.customer_id is None and letter.account_id is not None:
            refuse(session, letter.account_id, address)
        if address is not None:
            for kind in (SEND, SEND_TO_CUSTOMER):
                queue.hasten(session, kind, senders.MailUnavailable)
        sent = session.get(Letter, letter.id)
        if sent is not None:
            sent.sent_at, sent.parameters = clock.now(), {k: v for k, v in sent.parameters.items() if k != "to"}


def refuse(session: Session, account_id: int, address: str | None) -> None:
    """Letters to `address` came back for good: if it is the account's still, it gets no news until it is confirmed."""
    refused = update(Account).where(Account.id == account_id, Account.email == address)
    session.execute(refused.values(mail_refused_at=clock.now()).execution_options(synchronize_session=False))


def _newspaper(session: Session, letter: Letter) -> str | None:
    """What readers call the site that a letter is about: of one about none, the only site; None if there are more."""
    site_id: str | None = letter.parameters.get("site_id")
    about = () if site_id is None else (Site.id == int(site_id),)
    names = session.scalars(select(Site.name).where(*about).limit(2)).all()
    return names[0] if len(names) == 1 else None


def _address(session: Session, letter: Letter) -> str | None:
    """Where the account or the notifier has their mail now; None if they have left none."""
    if letter.account_id is None:
        return session.scalar(select(Notice.email).where(Notice.id == int(letter.parameters["notice_id"])))
    known = session.scalar(select(Account.email).where(Account.id == letter.account_id))
    given: str | None = letter.parameters.get("to")
    return known or given
