"""Grants: an editor lets a reader comment for a time without a subscription."""

from datetime import datetime
from typing import Annotated

import msgspec

from app.accounts import permissions
from app.accounts.identity import Identity
from app.billing import grants
from app.models import Grant
from app.stories import sites
from app.web.endpoint import endpoint, refuses
from app.web.forms import Body, path_id
from app.web.services import services


class GiveGrant(Body):
    """`account`: the id of the reader. `until`: within a year."""

    account: str
    reason: str
    until: datetime


class GrantView(msgspec.Struct):
    """The right of a reader to comment at a site until a time, given by staff."""

    id: str
    account: str
    site: str
    reason: str
    granted_by: str
    until: datetime
    created_at: datetime
    revoked_at: datetime | None


class Grants(msgspec.Struct):
    """The latest first."""

    grants: list[GrantView]


class WhichAccount(msgspec.Struct):
    account: Annotated[str, msgspec.Meta(description="The id of the reader.")]


@endpoint("POST", "/api/v1/sites/<site>/grants", "grant", takes=GiveGrant, gives={201: GrantView})
@refuses("unknown_site", "outranked", "reason_length", "until")
def give_grant(caller: Identity, body: GiveGrant, site: str) -> tuple[GrantView, int]:
    """Let a reader comment on the site until a time."""
    where = _site(caller, site)
    with services().database.transaction() as session:
        grant = grants.give(session, caller.account_id, path_id(body.account), where.id, body.reason, body.until)
    return _view(grant, where), 201


@endpoint("GET", "/api/v1/sites/<site>/grants", "grant", asks=WhichAccount, gives={200: Grants})
@refuses("unknown_site")
def list_grants(caller: Identity, query: WhichAccount, site: str) -> Grants:
    """The latest grants of an account on the site."""
    where = _site(caller, site)
    with services().database.reading() as session:
        found = grants.of_account(session, path_id(query.account), where.id)
    return Grants([_view(grant, where) for grant in found])


@endpoint("DELETE", "/api/v1/grants/<grant>", "grant", gives={200: GrantView})
@refuses("outranked", "already_revoked")
def revoke_grant(caller: Identity, grant: str) -> GrantView:
    """End a grant now."""
    with services().database.transaction() as session:
        found = grants.find(session, path_id(grant))
        permissions.require(caller, "grant", found.site_id)
        revoked = grants.revoke(session, caller.account_id, found.id)
    return _view(revoked, sites.by_id(services().database, revoked.site_id))


def _site(caller: Identity, key: str) -> sites.SiteSnapshot:
    site = sites.by_key(services().database, key)
    permissions.require(caller, "grant", site.id)
    return site


def _view(grant: Grant, site: sites.SiteSnapshot) -> GrantView:
    return GrantView(
        id=str(grant.id),
        account=str(grant.account_id),
        site=site.key,
        reason=grant.reason,
        granted_by=str(grant.granted_by),
        until=grant.until,
        created_at=grant.created_at,
        revoked_at=grant.revoked_at,
    )
