"""The account of a log-in elsewhere: made at the first one, and from then on found by that log-in alone.

An address is no way into an account that is there: whoever comes with it gets one of their own. Where the mailbox is
confirmed by who says so, the accounts of it are one person's (accounts.selves), and a ban of one is a ban of all. Where
it is not, the account has no mailbox at all, and is only compared with who was banned (mailboxes.be_told). Nobody
becomes staff by it: the mailbox of somebody who is staff counts as not confirmed, and no log-in elsewhere leads to
their account. docs/sso.md says what comes of each meeting.
"""

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import clock
from app.accounts import emails, names, one_time_tokens, quarantine, standing
from app.billing import links
from app.billing.links import LinkOutcome, Proof
from app.db import find_locked, insert, lock_names
from app.digests import digest
from app.errors import Forbidden, Malformed
from app.ids import new_id
from app.installation import Installation
from app.language import mark
from app.models import Account, Customer, Login, PaperEntitlement, Role, Trait
from app.models.account import ERASED
from app.models.one_time_token import RESET, VERIFY
from app.models.trait import CUSTOMER, LOGIN, MAILBOX, TOLD_MAILBOX
from app.payers import mailboxes, returns
from app.sign_in import local
from app.sign_in.foreign_log_in import ForeignLogIn
from app.stories import sites
from app.toxicity.scorer import Answer
from config.settings import Settings

STAFF = mark("Who works here signs in with the password of their account here.")


def known(session: Session, log_in: ForeignLogIn) -> int | None:
    """The account that this log-in has made, if it has."""
    same = Login.provider == log_in.provider, Login.subject == log_in.subject
    account_id: int | None = session.scalar(select(Login.account_id).where(*same))
    return account_id


def arrive(
    session: Session, it: Installation, site_id: int | None, log_in: ForeignLogIn, scored: Answer
) -> tuple[Account, bool]:
    """The account of a log-in, locked, with what it brings of a mailbox, a customer and the right to write at the site
    (None: of no site); and whether it has a customer since now.

    `scored` is what the scorer says of the name, which only a new account takes. Call it before anything is locked.
    Raises Forbidden (403, "staff") where the account is somebody's who works here.
    """
    account_id = known(session, log_in) or _make(session, it, log_in, scored)
    if session.scalar(select(exists().where(Role.account_id == account_id))):
        raise Forbidden("staff", STAFF)
    linked = log_in.customer_id is not None and _link(session, it, account_id, log_in.customer_id)
    account = standing.lock(session, account_id)
    account.language = log_in.language or account.language
    if log_in.email is not None:
        _take_mailbox(session, it, account, log_in.email, confirmed=log_in.mailbox_confirmed)
    if site_id is not None:
        _entitle(session, it, site_id, account_id, log_in)
    session.flush()
    return account, linked


def _make(session: Session, it: Installation, log_in: ForeignLogIn, scored: Answer) -> int:
    """A new account, or that of who came by the same log-in at the same moment."""
    account_id, now = new_id(), clock.now()
    account = Account(
        id=account_id,
        name=names.wish(session, it.house, log_in.name, scored),
        name_skeleton=names.wished(account_id),
        # whoever says so knows them
        verified_at=now,
        session_epoch=0,
        language=log_in.language,
        created_at=now,
    )
    way_in = {"provider": log_in.provider, "subject": log_in.subject, "created_at": now}
    try:
        with session.begin_nested():
            session.add(account)
            session.flush()
            session.add(Login(id=new_id(), account_id=account_id, **way_in))
            session.flush()
    except IntegrityError:
        return known(session, log_in) or 0
    names.settle(session, account)
    if not names.is_ours(account.name):
        names.ask_if_unscored(session, it.house, account_id, scored)
    # of who erases the account and comes again by the same log-in it is known that they are the same
    value = digest(it.settings, LOGIN, f"{log_in.provider} {log_in.subject}")
    mailboxes.remember(session, account_id, LOGIN, value)
    return account_id


def _take_mailbox(session: Session, it: Installation, account: Account, typed: str, *, confirmed: bool) -> None:
    """What follows from the address of a log-in; nothing from what is none. Who has set a password keeps the address
    that it goes with. One that our letters do not reach is no mailbox here, as at a sign-up: it is only compared.
    """
    try:
        email = emails.check(typed)
    except Malformed:
        return
    if not (confirmed and emails.is_plain(email)) or _is_of_staff(session, it.settings, account.id, email):
        mailboxes.be_told(session, it.settings, it.house, account, email)
    elif account.email != email and not local.has_password(session, account.id):
        told = Trait.account_id == account.id, Trait.kind == TOLD_MAILBOX
        session.execute(delete(Trait).where(*told, Trait.token == mailboxes.token(it.settings, email)))
        account.email = email
        # letters that lie in the former mailbox, which may be somebody else's by now, open nothing any more
        for purpose in (RESET, VERIFY):
            one_time_tokens.void(session, account.id, purpose)
        _go_by_mailbox(session, it.settings, account)
        mailboxes.prove(session, it.settings, it.house, account)


def _go_by_mailbox(session: Session, settings: Settings, account: Account) -> None:
    """Of the accounts of one mailbox the oldest goes by it."""
    try:
        with session.begin_nested():
            account.email_token = emails.token(settings, account.email or "")
            session.flush()
    except IntegrityError:
        email = account.email
        session.refresh(account)
        account.email, account.email_token = email, None


def _is_of_staff(session: Session, settings: Settings, account_id: int, email: str) -> bool:
    """Whether somebody who works here has the mailbox, under another account."""
    has_it = select(Trait.account_id).where(Trait.token == mailboxes.token(settings, email), Trait.kind == MAILBOX)
    goes_by_it = select(Account.id).where(Account.email_token == emails.token(settings, email))
    theirs = or_(Role.account_id.in_(has_it), Role.account_id.in_(goes_by_it))
    return bool(session.scalar(select(exists().where(theirs, Role.account_id != account_id))))


def _link(session: Session, it: Installation, account_id: int, customer_id: str) -> bool:
    """Give the account the customer that the paper says it is, unless somebody has it: then each is known by it, as by
    a card that both pay with. Whether it has it since now.
    """
    value = digest(it.settings, CUSTOMER, customer_id)
    if session.get(Trait, (value, account_id)) is not None:
        return False
    outcome = links.link(session, it.house, customer_id, account_id, Proof.PAPER)
    owner = session.scalar(select(Customer.account_id).where(Customer.id == customer_id))
    for each in sorted({account_id, owner or account_id}):
        account = find_locked(session, Account, Account.id == each)
        if account and (account.state != ERASED or quarantine.is_kept(session, it.house, account)):
            mailboxes.remember(session, each, CUSTOMER, value)
    lock_names(session, {value})
    returns.seek(session, it.house, account_id, {value})
    return outcome is LinkOutcome.LINKED


def _entitle(session: Session, it: Installation, site_id: int, account_id: int, log_in: ForeignLogIn) -> None:
    """Keep until when the paper lets the account write at the site, if it has a say in that; else, that it does not."""
    here = PaperEntitlement.account_id == account_id, PaperEntitlement.site_id == site_id
    if log_in.entitled_until is None or not sites.rules_at(session, site_id, it.house).entitlement.paper_entitles:
        session.execute(delete(PaperEntitlement).where(*here))
        return
    said = insert(session, PaperEntitlement).values(account_id=account_id, site_id=site_id, until=log_in.entitled_until)
    keys = [PaperEntitlement.account_id, PaperEntitlement.site_id]
    session.execute(said.on_conflict_do_update(index_elements=keys, set_={"until": log_in.entitled_until}))
