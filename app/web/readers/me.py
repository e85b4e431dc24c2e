"""Who I am to the paper, and whether and why I may write."""

from datetime import datetime

import msgspec

from app import clock, language
from app.accounts import names, roles, standing
from app.accounts.identity import Identity
from app.billing import facts
from app.comments import gate
from app.errors import SignInRequired
from app.models import Account
from app.models.role import MODERATOR, ROLES
from app.stories import sites, stories
from app.stories.sites import SiteSnapshot
from app.web import present
from app.web.endpoint import endpoint
from app.web.present import StandingView
from app.web.readers.viewer import for_now, step_of
from app.web.services import services
from app.web.sites import SiteQuery, rules_of


class EntitlementView(msgspec.Struct):
    """Whether a subscription or a grant lets the account write at this site, why, and until when."""

    allowed: bool
    reason: str
    until: datetime | None


class RulesView(msgspec.Struct):
    """The version of the rules in force, and the one that was accepted last."""

    current: str
    accepted: str | None


class Me(msgspec.Struct):
    """`may_write` with its `code`; if it is false, `sentence` says why, and `step` what would change it: verify,
    accept, acknowledge (a warning), account, name, subscribe, pay, resume, manage (the subscription), write (to the
    paper), wait or none.

    `valid_until`: how long that holds, if known. `neutral_name`: whether the name is one that we gave.
    """

    id: str
    name: str
    neutral_name: bool
    language: str
    verified: bool
    site: str
    roles: list[str]
    standing: StandingView
    entitlement: EntitlementView
    rules: RulesView
    may_write: bool
    code: str
    sentence: str
    step: str
    valid_until: datetime | None


@endpoint("GET", "/api/v1/me", "see_own", asks=SiteQuery, gives={200: Me})
def show_me(caller: Identity, query: SiteQuery) -> Me:
    """Who you are, and whether and why you may write. It tells; the gate decides anew at every write."""
    return reader(caller, sites.by_key(services().database, query.site))


def reader(caller: Identity, site: SiteSnapshot, story_key: str | None = None) -> Me:
    """The caller as a reader of the site, or of one of its stories. Raises SignInRequired."""
    with services().database.reading() as session:
        account = session.get(Account, caller.account_id)
        if account is None:
            raise SignInRequired
        # in an embed nobody has a role, but staff write without a subscription there, too
        is_staff = caller.has_role(MODERATOR, site.id) or (
            caller.embedded_at and roles.are_at(session, account.id, site.id)
        )
        story = stories.find(session, site.id, story_key) if story_key is not None else None
        permission = for_now(gate.may_write(session, account, site, services().house, story, staff=bool(is_staff)))
        found = standing.read(session, account.id)
        entitled = facts.entitlement(session, account.id, site, clock.now(), rules_of(site))
    return Me(
        id=str(account.id),
        name=account.name,
        neutral_name=names.is_ours(account.name),
        language=language.current(),
        verified=account.verified_at is not None,
        site=site.key,
        roles=[role for role in ROLES if caller.has_role(role, site.id)],
        standing=present.standing(found),
        entitlement=EntitlementView(entitled.allowed, entitled.reason, entitled.until),
        rules=RulesView(services().house.rules_version, account.rules_version),
        may_write=permission.may_write,
        code=permission.code,
        sentence=permission.sentence,
        step=step_of(permission),
        valid_until=permission.until,
    )
