"""Standing: what a person's sanctions allow their account, computed from the rows at the moment of a write."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, bindparam, exists, or_, select, true
from sqlalchemy.orm import Session, aliased

from app import clock
from app.accounts import selves
from app.db import shared
from app.errors import Forbidden, SignInRequired
from app.language import mark
from app.models import Account, Sanction, Site, Trait
from app.models.account import ACTIVE
from app.models.sanction import BAN, SUSPENSION, WARNING, is_in_force

GOOD = "good"

SENTENCES = {
    "unverified": mark("Please confirm your e-mail address first: open the link in the letter we sent you."),
    BAN: mark("Your right to comment has been withdrawn for good. The reasons and the appeal are in your account."),
    SUSPENSION: mark("Your right to comment is suspended for now. The reasons and the appeal are in your account."),
    WARNING: mark("You have received a warning. Please read and acknowledge it in your account before you go on."),
    "rules_not_accepted": mark("Please read and accept our rules first."),
}
# put together once, as every write begins with them
_LOCKED = shared(
    select(Account)
    .where(Account.id == bindparam("account"))
    .with_for_update(key_share=True, of=Account)
    .execution_options(populate_existing=True)
)
_LOCKED_AT = shared(_LOCKED.add_columns(Site.policy).join(Site, Site.id == bindparam("site")))


def _reaches(known: CTE) -> ColumnElement[bool]:
    """Of what was paid with only a warning follows by itself, since a household shares a card."""
    return (known.c.sure == 1) | (Sanction.kind == WARNING)


_SELVES = selves.of(bindparam("account"))
_NOT_LIFTED = shared(
    select(Sanction)
    .join(_SELVES, _SELVES.c.id == Sanction.account_id)
    .where(Sanction.lifted_at.is_(None), _reaches(_SELVES))
    .execution_options(populate_existing=True)
)
_EACH = aliased(Sanction, _NOT_LIFTED.subquery())
_WITH_SANCTIONS = shared(select(Account, _EACH).outerjoin(_EACH, true()).where(Account.id == bindparam("account")))
CODES = {BAN: "banned", SUSPENSION: "suspended", WARNING: "warning_unacknowledged"}


class Restricted(Forbidden):
    """403: what the account may not do in its standing, which ends at `until` (None: open)."""

    def __init__(self, code: str, sentence: str, until: datetime | None) -> None:
        super().__init__(code, sentence, until=until.isoformat() if until else None)
        self.until = until


@dataclass(frozen=True)
class Standing:
    """What an account's sanctions allow it: `kind` is "good" or that of the gravest one in force.

    `until` (UTC; None: open) is when that one ends, `decision_id` the decision that imposed it.
    """

    kind: str
    until: datetime | None = None
    decision_id: int | None = None

    @property
    def good(self) -> bool:
        """Whether the account may do what good standing allows."""
        return self.kind == GOOD


def of(sanctions: list[Sanction], now: datetime) -> Standing:
    """The standing that `sanctions` amount to at `now`: a ban outweighs a suspension outweighs a warning."""
    in_force = [s for s in sanctions if _in_force(s, now)]
    for kind in (BAN, SUSPENSION, WARNING):
        of_kind = [s for s in in_force if s.kind == kind]
        if of_kind:
            last = max(of_kind, key=lambda s: (s.ends_at or now, s.id))
            return Standing(kind, last.ends_at, last.decision_id)
    return Standing(GOOD)


def lock(session: Session, account_id: int) -> Account:
    """The account's row, locked: writes of one account queue here, and a sanction waits for them or they for it.

    First in the lock order. Raises SignInRequired if the account is gone.
    """
    return _active(session.scalars(_LOCKED, {"account": account_id}).first())


def lock_at(session: Session, account_id: int, site_id: int) -> tuple[Account, dict[str, Any]]:
    """As `lock`, and by the same statement what the site lays over the house's rules now."""
    found = session.execute(_LOCKED_AT, {"account": account_id, "site": site_id}).first()
    account, overrides = found or (None, {})
    return _active(account), overrides


def read(session: Session, account_id: int) -> Standing:
    """The standing of an account now. Inside a write, call `lock` first."""
    return of(list(session.scalars(_NOT_LIFTED, {"account": account_id})), clock.now())


def is_good(account_id: Any, now: Any) -> ColumnElement[bool]:
    """The same in SQL: whether an account (SQL for its id) is in good standing at that moment."""
    known = selves.of(account_id)
    unread = (Sanction.kind == WARNING) & Sanction.acknowledged_at.is_(None) & Sanction.lifted_at.is_(None)
    restricts = (Sanction.kind != WARNING) & is_in_force(now)
    return ~exists().where(Sanction.account_id == known.c.id, _reaches(known), unread | restricts)


def is_banned(account_id: Any, now: Any) -> ColumnElement[bool]:
    """In SQL: whether a ban of whoever has an account (SQL for its id, of a row around) is in force at that moment."""
    mine, theirs = aliased(Trait), aliased(Trait)
    banned = Sanction.kind == BAN, is_in_force(now)
    same = mine.account_id == account_id, selves.surely(mine, theirs), Sanction.account_id == theirs.account_id
    # two questions, since each has its index
    return or_(
        exists().where(Sanction.account_id == account_id, *banned).correlate_except(Sanction),
        exists().where(*same, *banned).correlate_except(mine, theirs, Sanction),
    )


def look(session: Session, account_id: int) -> tuple[Account, Standing]:
    """The account and its standing by one statement and without a lock: for what is asked before a write.

    Raises as `lock` does.
    """
    rows = session.execute(_WITH_SANCTIONS, {"account": account_id}).all()
    account = _active(rows[0][0] if rows else None)
    return account, of([sanction for _account, sanction in rows if sanction is not None], clock.now())


def require_good(session: Session, account: Account) -> None:
    """Raise Restricted unless `account` (locked) is verified and in good standing."""
    check(account, read(session, account.id))


def check(account: Account, present: Standing) -> None:
    """Raise Restricted unless `account` is verified and its `present` standing good."""
    if account.verified_at is None:
        raise refusal("unverified")
    if not present.good:
        raise refusal(present.kind, present.until)


def require_rules(account: Account, rules_version: str) -> None:
    """Raise Restricted unless `account` has accepted this version of the rules."""
    if account.rules_version != rules_version:
        raise refusal("rules_not_accepted")


def refusal(kind: str, until: datetime | None = None) -> Restricted:
    """The 403 for a kind of standing or an unmet condition."""
    return Restricted(CODES.get(kind, kind), SENTENCES[kind], until)


def _active(account: Account | None) -> Account:
    if account is None or account.state != ACTIVE:
        raise SignInRequired
    return account


def _in_force(sanction: Sanction, now: datetime) -> bool:
    if sanction.lifted_at is not None or sanction.starts_at > now:
        return False
    if sanction.kind == WARNING:
        return sanction.acknowledged_at is None
    return sanction.ends_at is None or sanction.ends_at > now
