"""Signing up. Whoever asks learns the same, whether or not the mailbox is known: what differs is the letter.

A new mailbox gets an account and a link to confirm it. The owner of an account is told that there is one. A mailbox
that is banned, in any spelling, gets no account and a letter that says so: only who can read its mail learns
of the ban. A name is borne by whoever confirms first: one that a confirmed reader bears is public and is refused, one
that others have only wished for is not, since that would tell whether their sign-ups made accounts.

Whoever confirms must have the password of the sign-up. Otherwise somebody could sign up with a stranger's
address, wait for them to follow the link, and have an account that the stranger vouched for.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import emails, identity, known_places, names, one_time_tokens, sanctions, standing
from app.accounts.identity import ANONYMOUS, Identity
from app.accounts.lookalikes import skeleton
from app.db import Database, find_locked, insert
from app.errors import Malformed, Refusals
from app.ids import new_id
from app.installation import Installation
from app.jobs import queue
from app.language import mark
from app.mail import letters
from app.models import Account, Login
from app.models.letter import ALREADY_REGISTERED, BANNED_SIGN_UP, VERIFY
from app.models.login import LOCAL
from app.models.one_time_token import VERIFY as FOR_VERIFYING
from app.models.sanction import BAN
from app.payers import mailboxes
from app.sign_in import local
from app.toxicity.scorer import Answer
from config.policy import HouseRules
from config.settings import Settings

TELL = "accounts.tell"
AGAIN = "accounts.tell_again"


@dataclass(frozen=True)
class Registration:
    """What somebody signs up with, as they typed it but for the password.

    `secret` is what passwords.hashed made of that, and empty while the rest is only checked; `scored` what the scorer
    said of the name before the transaction opened, `rules_version` the rules that are accepted with it, if any.
    """

    email: str
    name: str
    secret: str
    scored: Answer
    rules_version: str | None


def check(session: Session, house: HouseRules, wanted: Registration, refusals: Refusals) -> tuple[str, str]:
    """The address and the name of a sign-up; what is wrong with them is left in `refusals`.

    That is Malformed for what cannot be an address or a name, Conflict name_taken. It goes by what is public, and so is
    the same whether or not the mailbox is known.
    """
    email = refusals.of(lambda: emails.reachable(wanted.email))
    name = refusals.of(lambda: _free(session, names.check(session, house, wanted.name, wanted.scored)))
    return email or "", name or ""


def sign_up(session: Session, settings: Settings, house: HouseRules, wanted: Registration) -> None:
    """Make an account unless the mailbox has one or is banned, and write the letter that says which.

    Raises what `check` finds, Malformed for rules of another day.
    """
    refusals = Refusals()
    email, name = check(session, house, wanted, refusals)
    refusals.of(lambda: require_current(house, wanted.rules_version))
    refusals.tell()
    token = emails.token(settings, email)
    told = _told(session, settings, email, token)
    account_id = None if told else _insert(session, email, token, name, wanted.rules_version)
    if account_id is None:
        # here nothing may depend on how many letters there were, so a job writes this one
        queue.enqueue(session, TELL, told or _told(session, settings, email, token) or {})
        return
    _add_login(session, account_id, email, wanted.secret)
    names.ask_if_unscored(session, house, account_id, wanted.scored)
    letters.write(session, account_id, VERIFY)


def ask_again(session: Session, email: str) -> None:
    """Have the letter of a sign-up with `email` written again, whatever it was: a job looks whose it is."""
    typed = emails.reachable(email)
    queue.enqueue(session, AGAIN, {"email": typed}, unique_key=f"{AGAIN}:{emails.folded(typed)}")


def write_letter(database: Database, payload: dict[str, Any]) -> None:
    """Job: tell the owner of a mailbox what became of a sign-up with it that made no account."""
    with database.transaction() as session:
        _write_letter(session, payload)


def write_again(it: Installation, payload: dict[str, Any]) -> None:
    """Job: what `ask_again` asked for, unless nobody has signed up with it or it has been written to enough."""
    email = payload["email"]
    with it.database.transaction() as session:
        told = _told(session, it.settings, email, emails.token(it.settings, email))
        if told is not None:
            _write_letter(session, told)


def awaiting(session: Session, settings: Settings, secret: str) -> int | None:
    """The account that `secret` confirms the mailbox of; None if that is done. Raises Malformed token_invalid."""
    refusal = waiting = None
    try:
        waiting = one_time_tokens.owner(session, settings, secret, FOR_VERIFYING)
    except Malformed as error:
        refusal = error
    # asked after that, since whoever is faster with the same link has confirmed by then
    sent_to = one_time_tokens.recipient(session, settings, secret, FOR_VERIFYING)
    account = session.get(Account, sent_to) if sent_to is not None else None
    if account is not None and not _awaits(account):
        return None
    if refusal is not None:
        raise refusal
    return waiting


def verify(it: Installation, secret: str, password: str, network: str) -> Identity:
    """The mailbox belongs to whoever has read `secret` in it and signed up; ANONYMOUS where that was known already.

    Raises Malformed token_invalid, Forbidden wrong_password, TooMany. `network` as for local.sign_in.
    """
    with it.database.reading() as session:
        account_id = awaiting(session, it.settings, secret)
    if account_id is None:
        return ANONYMOUS
    local.require_password(it, account_id, password)
    with it.database.transaction() as session:
        account = standing.lock(session, account_id)
        if not _awaits(account):  # somebody was faster with the same link
            return ANONYMOUS
        one_time_tokens.use(session, it.settings, secret, FOR_VERIFYING)
        confirm(session, it.settings, it.house, account)
        place = known_places.digest_of(it.settings, account.email or "", network)
        known_places.remember(session, account.id, place)
        return identity.load(session, account.id, account.session_epoch)


def confirm(session: Session, settings: Settings, house: HouseRules, account: Account) -> None:
    """The mailbox of `account` (locked) is its owner's, and so is from now on the name that they wished for."""
    mailboxes.prove(session, settings, house, account)
    names.settle(session, account)


def resend(session: Session, account_id: int) -> None:
    """Write the letter to confirm the mailbox again, unless that is done or one is on its way."""
    account = standing.lock(session, account_id)
    if _awaits(account):
        letters.write_sparingly(session, account_id, VERIFY)


def _awaits(account: Account) -> bool:
    """Whether the mailbox is to be confirmed, for the first time or since letters to it came back."""
    return account.verified_at is None or account.mail_refused_at is not None


def accept_rules(session: Session, house: HouseRules, account_id: int, version: str) -> None:
    """The reader accepts the rules as they are now. Raises Malformed (422) for any other version."""
    require_current(house, version)
    standing.lock(session, account_id).rules_version = version


def require_current(house: HouseRules, version: str | None) -> None:
    """Raise Malformed (422, "rules_outdated") if rules of another day are accepted; None accepts none."""
    if version is not None and version != house.rules_version:
        sentence = mark("The rules have changed in the meantime. Please read them again.")
        raise Malformed("rules_outdated", sentence, field="rules_version")


def _free(session: Session, name: str) -> str:
    if session.scalar(select(Account.id).where(Account.name_skeleton == skeleton(name))) is not None:
        raise names.taken()
    return name


def _insert(session: Session, email: str, token: str, name: str, rules_version: str | None) -> int | None:
    """The id of the new account, or None where the mailbox is somebody's already."""
    account_id = new_id()
    row = insert(session, Account).values(
        id=account_id,
        email=email,
        email_token=token,
        name=name,
        name_skeleton=names.wished(account_id),
        rules_version=rules_version,
        session_epoch=0,
        state="active",
        origin="site",
        created_at=clock.now(),
    )
    made = session.scalar(row.on_conflict_do_nothing().returning(Account.id))
    return account_id if made else None


def _add_login(session: Session, account_id: int, email: str, secret: str) -> None:
    login = Login(
        id=new_id(),
        account_id=account_id,
        provider=LOCAL,
        subject=emails.folded(email),
        secret=secret,
        created_at=clock.now(),
    )
    session.add(login)


def _told(session: Session, settings: Settings, email: str, token: str) -> dict[str, Any] | None:
    """What its owner is told of a sign-up with a mailbox that gets no account; None if it gets one."""
    known = _owner(session, email, token)
    barring = sanctions.on_mailbox(session, mailboxes.token(settings, email))
    if barring is not None and (barring.kind == BAN or known is None):
        return {"kind": BANNED_SIGN_UP, "account_id": str(barring.account_id or 0), "to": email}
    return None if known is None else {"kind": ALREADY_REGISTERED, "account_id": str(known), "to": None}


def _write_letter(session: Session, told: dict[str, Any]) -> None:
    account = find_locked(session, Account, Account.id == int(told.get("account_id", 0)))
    if account is not None:
        waits = told["kind"] == ALREADY_REGISTERED and account.verified_at is None
        letters.write_sparingly(session, account.id, VERIFY if waits else told["kind"], to=told["to"])


def _owner(session: Session, email: str, token: str) -> int | None:
    """Whose the mailbox is. By its log-in too: after a change of BTL_DIGEST_KEY no digest is known any more."""
    by_login = select(Login.account_id).where(Login.provider == LOCAL, Login.subject == emails.folded(email))
    known = select(Account.id).where(or_(Account.email_token == token, Account.id.in_(by_login)))
    account_id: int | None = session.scalar(known.limit(1))
    return account_id
