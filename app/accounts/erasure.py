"""Erasing one's own account: the person goes, the conversation stays.

Address, names, log-ins, roles and letters are deleted, and so are their words to the paper and what else knows the
address (accounts.leftovers). Comments stand on under a name that is nobody's; decisions, statements and sanctions stay
as records without a person (docs/personal-data.md). What the person is known again by goes into quarantine, else
erasing would be the way around bans and strikes. A subscription is the paper's contract and ends at Stripe, not here.
"""

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from app import clock, ledger
from app.accounts import leftovers, names, quarantine, standing
from app.accounts.lookalikes import ERASED as TOMBSTONE
from app.language import _
from app.models import (
    Account,
    EarlierName,
    Follow,
    KnownPlace,
    Letter,
    LetterChoice,
    Login,
    Mute,
    Notification,
    OneTimeToken,
    PaperEntitlement,
    Reaction,
    Role,
    StoryAuthor,
)
from app.models import account as states
from app.models.login import LOCAL
from app.models.reaction import DISAGREEMENT

# what goes whole, in an order that foreign keys allow
THEIRS = (
    Login,
    KnownPlace,
    OneTimeToken,
    EarlierName,
    Notification,
    Letter,
    Role,
    Mute,
    Follow,
    LetterChoice,
    PaperEntitlement,
)


def erase(session: Session, account_id: int) -> None:
    """Erase the account, once and for good; its sessions end with it."""
    account = standing.lock(session, account_id)
    theirs = or_(StoryAuthor.mailbox == account.email_token, StoryAuthor.account_id == account_id)
    session.execute(delete(StoryAuthor).where(theirs))
    clear(session, account)
    quarantine.begin(session, account)
    names.announce(session, account_id)
    ledger.append(session, ledger.Entry(account_id, "account.erase", "account", account_id))


def clear(session: Session, account: Account) -> None:
    """End `account` (locked): nothing that names somebody is left in its row, and nothing of what goes whole."""
    log_ins = session.scalars(select(Login.subject).where(Login.account_id == account.id, Login.provider == LOCAL))
    leftovers.forget_jobs(session, filter(None, (account.email, *log_ins)))
    for table in THEIRS:
        session.execute(delete(table).where(table.account_id == account.id))
    # a respect is also a number, which stays
    session.execute(delete(Reaction).where(Reaction.account_id == account.id, Reaction.kind == DISAGREEMENT))
    account.state, account.erased_at = states.ERASED, clock.now()
    account.email = account.email_token = None
    account.name = _(TOMBSTONE)
    # no name's skeleton has a colon
    account.name_skeleton = f"erased:{account.id}"
    account.name_changed_at = account.name_check = account.rules_version = None
    account.reactions_left_out = False
    account.verified_at = account.mail_refused_at = None
    account.session_epoch += 1
    session.flush()
    leftovers.forget_words(session, Account.id == account.id)
