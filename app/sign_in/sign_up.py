"""Signing up. Whoever asks learns the same, whether or not the mailbox is known: what differs is the letter.

A new mailbox gets an account and a link to confirm it. The owner of an account is told that there is one. A mailbox
that is banned, in any spelling, gets no account and a letter that says so: only who can read its mail learns
of the ban. A name that is taken is refused before the mailbox is looked at, so that this tells nothing either.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import emails, names, one_time_tokens, sanctions, standing
from app.accounts.lookalikes import skeleton
from app.db import insert
from app.errors import Malformed
from app.ids import new_id
from app.language import current, mark
from app.mail import letters
from app.models import Account, Login
from app.models.letter import ALREADY_REGISTERED, BANNED_SIGN_UP, VERIFY
from app.models.login import LOCAL
from app.models.one_time_token import VERIFY as FOR_VERIFYING
from app.models.sanction import BAN
from app.payers import mailboxes
from app.toxicity.scorer import Answer
from config.policy import HouseRules
from config.settings import Settings


@dataclass(frozen=True)
class Registration:
    """What somebody signs up with, as they typed it but for the password.

    `secret` is what passwords.hashed made of that, `scored` what the scorer said of the name before the transaction
    opened, `rules_version` the rules that are accepted with it, if any.
    """

    email: str
    name: str
    secret: str
    scored: Answer
    rules_version: str | None


def sign_up(session: Session, settings: Settings, house: HouseRules, wanted: Registration) -> None:
    """Make an account unless the mailbox has one or is banned, and write the letter that says which.

    Raises Malformed for what cannot be an address or a name and for rules of another day, Conflict name_taken.
    """
    email = emails.reachable(wanted.email)
    name = names.check(session, house, wanted.name, wanted.scored)
    token = emails.token(settings, email)
    if wanted.rules_version is not None:
        _require_current(house, wanted.rules_version)
    if _bears(session, name):
        raise names.taken()
    barring = sanctions.on_mailbox(session, mailboxes.token(settings, email))
    if barring is not None and (barring.kind == BAN or _owner(session, token) is None):
        letters.write_sparingly(session, barring.account_id, BANNED_SIGN_UP, to=email)
        return
    account_id = _insert(session, email, token, name, wanted.rules_version)
    if account_id is None:
        _tell_owner(session, token)
        return
    _add_login(session, account_id, email, wanted.secret)
    names.ask_if_unscored(session, house, account_id, wanted.scored)
    letters.write(session, account_id, VERIFY)


def verify(session: Session, settings: Settings, house: HouseRules, secret: str) -> Account:
    """The mailbox belongs to whoever has read `secret` in it. Raises Malformed token_invalid."""
    account = standing.lock(session, one_time_tokens.use(session, settings, secret, FOR_VERIFYING))
    mailboxes.prove(session, settings, house, account)
    return account


def resend(session: Session, account_id: int) -> None:
    """Write the letter to confirm the mailbox again, unless that is done or one is on its way."""
    account = standing.lock(session, account_id)
    if account.verified_at is None:
        letters.write_sparingly(session, account_id, VERIFY)


def accept_rules(session: Session, house: HouseRules, account_id: int, version: str) -> None:
    """The reader accepts the rules as they are now. Raises Malformed (422) for any other version."""
    _require_current(house, version)
    standing.lock(session, account_id).rules_version = version


def _require_current(house: HouseRules, version: str) -> None:
    if version != house.rules_version:
        sentence = mark("The rules have changed in the meantime. Please read them again.")
        raise Malformed("rules_outdated", sentence, field="rules_version")


def _bears(session: Session, name: str) -> bool:
    return session.scalar(select(Account.id).where(Account.name_skeleton == skeleton(name))) is not None


def _insert(session: Session, email: str, token: str, name: str, rules_version: str | None) -> int | None:
    """The id of the new account, or None where mailbox or name are somebody's already."""
    row = insert(session, Account).values(
        id=new_id(),
        email=email,
        email_token=token,
        name=name,
        name_skeleton=skeleton(name),
        rules_version=rules_version,
        session_epoch=0,
        language=current(),
        state="active",
        origin="site",
        created_at=clock.now(),
    )
    account_id: int | None = session.scalar(row.on_conflict_do_nothing().returning(Account.id))
    return account_id


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


def _tell_owner(session: Session, token: str) -> None:
    """Tell whoever has an account with the mailbox that they have one."""
    owner = _owner(session, token)
    if owner is None:  # somebody took the name between our look and our insert
        raise names.taken()
    standing.lock(session, owner)
    letters.write_sparingly(session, owner, ALREADY_REGISTERED)


def _owner(session: Session, token: str) -> int | None:
    return session.scalar(select(Account.id).where(Account.email_token == token))
