"""The write gate: what must be true of a reader at the moment of a write, read inside its transaction; and asked
before, so that nothing costly is done for who may not write.

Refusals come in one order, the one a reader can mend them in: no account (401), address not confirmed, sanctioned,
rules not accepted (403), not entitled (402). Staff need no subscription, but everything else.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from app import clock
from app.accounts import permissions, roles, standing
from app.accounts.permissions import Needs
from app.accounts.standing import Restricted, Standing
from app.billing import sentences
from app.billing.entitlement import Entitlement
from app.billing.facts import entitlement
from app.errors import SubscriptionRequired
from app.language import _, mark
from app.models import Account, Story
from app.stories import sites
from app.stories.sites import SiteSnapshot
from config.policy import HouseRules
from config.rules import SiteRules

# why somebody without an entitlement may write
STAFF = "staff"
OTHER_TITLE = mark("The conversation on this story is for those who subscribe to %(paper)s itself.")


@dataclass(frozen=True)
class Writer:
    """Who passed the gate: their locked account, the rules that hold at the site now, and how they are entitled to
    write there (None: the action does not ask).
    """

    account: Account
    rules: SiteRules
    entitlement: Entitlement | None


@dataclass(frozen=True)
class Permission:
    """Whether an account may write at a site now: `code` and `sentence` say why not, `until` how long either holds."""

    may_write: bool
    code: str
    sentence: str
    until: datetime | None


def ask(session: Session, account_id: int, action: str, site: SiteSnapshot, house: HouseRules) -> SiteRules:
    """What `pass_gate` would say now, without a lock, and the rules at the site as they were a moment ago.

    Asked before anything costly is done, so that it is done for nobody who may not write; the write asks again.
    Two statements.
    """
    needs, rules = permissions.needs(action), sites.rules_of(site, house)
    account, present = standing.look(session, account_id)
    _require(account, present, needs, house)
    if needs.entitlement:
        _entitled(session, account, site, rules, house)
    return rules


def pass_gate(session: Session, account_id: int, action: str, site: SiteSnapshot, house: HouseRules) -> Writer:
    """Let `action` (a row of permissions) go ahead, with the account locked, or raise 401, 403 or 402 with a code."""
    account, overrides = standing.lock_at(session, account_id, site.id)
    needs, rules = permissions.needs(action), house.at(overrides)
    _require(account, standing.read(session, account.id), needs, house)
    return Writer(account, rules, _entitled(session, account, site, rules, house) if needs.entitlement else None)


def require_title(session: Session, writer: Writer, site: SiteSnapshot, story: Story) -> None:
    """Refuse (SubscriptionRequired) whoever may write at the site, but not on a story for its own subscribers. Nothing
    is asked of any other story.
    """
    if story.title_only and not roles.are_at(session, writer.account.id, site.id):
        _require_title(session, writer.account, site, writer.rules)


def may_write(
    session: Session, account: Account, site: SiteSnapshot, house: HouseRules, story: Story | None, *, staff: bool
) -> Permission:
    """What would be said to a post, on `story` or on any, without a lock: for telling the reader, never for letting
    them.

    `staff`: whether the request's identity has a role at the site. Two statements; three on a story for its own
    subscribers.
    """
    try:
        _require(account, standing.read(session, account.id), permissions.needs("post"), house)
        rules = sites.rules_of(site, house)
        entitled = entitlement(session, account.id, site, clock.now(), rules)
        if not entitled.allowed and not staff:
            raise _refusal(entitled, house)
        if story is not None and story.title_only and not staff:
            _require_title(session, account, site, rules)
    except (Restricted, SubscriptionRequired) as refusal:
        return Permission(False, refusal.code, refusal.detail(), refusal.until)
    if not entitled.allowed:
        return Permission(True, STAFF, "", None)
    return Permission(True, entitled.reason, "", entitled.until)


def _require(account: Account, present: Standing, needs: Needs, house: HouseRules) -> None:
    if needs.standing:
        standing.check(account, present)
    if needs.rules:
        standing.require_rules(account, house.rules_version)


def _entitled(
    session: Session, account: Account, site: SiteSnapshot, rules: SiteRules, house: HouseRules
) -> Entitlement:
    """How the account is entitled to write at the site by its rules. Raises SubscriptionRequired, but not to staff."""
    found = entitlement(session, account.id, site, clock.now(), rules)
    if not found.allowed and not roles.are_at(session, account.id, site.id):
        raise _refusal(found, house)
    return found


def _require_title(session: Session, account: Account, site: SiteSnapshot, rules: SiteRules) -> None:
    alone = replace(site, products=site.own_products)
    if not entitlement(session, account.id, alone, clock.now(), rules).allowed:
        raise SubscriptionRequired("other_title", _(OTHER_TITLE, paper=site.name), None)


def _refusal(entitled: Entitlement, house: HouseRules) -> SubscriptionRequired:
    return SubscriptionRequired(entitled.reason.value, sentences.words(entitled, house.zone), entitled.until)
