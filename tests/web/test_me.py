"""GET /api/v1/me."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import clock
from app.db import Database
from app.models import Account, Site
from app.models.role import EDITOR
from app.models.sanction import BAN, SUSPENSION, WARNING
from config.policy import HouseRules
from tests.support import factories
from tests.support.callers import Headers

Bearer = Callable[[Account], Headers]
PATH = "/api/v1/me"


def test_the_anonymous_are_asked_to_sign_in(client: FlaskClient) -> None:
    answer = client.get(PATH)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "sign_in_required")


@pytest.mark.parametrize(
    ("details", "code"),
    [({"verified": False}, "unverified"), ({"rules": None}, "rules_not_accepted"), ({}, "no_subscription")],
)
def test_it_says_what_is_missing(
    client: FlaskClient, database: Database, bearer: Bearer, site: Site, details: dict[str, Any], code: str
) -> None:
    with database.transaction() as session:
        reader = factories.account(session, **details)
    me = client.get(PATH, headers=bearer(reader)).get_json()
    assert (me["id"], me["may_write"], me["code"]) == (str(reader.id), False, code)
    assert me["sentence"]


@pytest.mark.parametrize(
    ("kind", "code"), [(BAN, "banned"), (SUSPENSION, "suspended"), (WARNING, "warning_unacknowledged")]
)
def test_the_sanctioned_sign_in_to_see_why(
    client: FlaskClient, database: Database, bearer: Bearer, site: Site, kind: str, code: str
) -> None:
    with database.transaction() as session:
        reader = factories.subscriber(session)
        factories.sanction(session, reader, kind, at=site)
    me = client.get(PATH, headers=bearer(reader)).get_json()
    assert (me["may_write"], me["code"], me["standing"]["kind"]) == (False, code, kind)
    assert (me["valid_until"] is not None) == (kind == SUSPENSION)
    assert me["valid_until"] == me["standing"]["until"]


def test_a_subscriber_may_write_until_what_is_paid_for_ends(
    client: FlaskClient, database: Database, bearer: Bearer, site: Site, house: HouseRules
) -> None:
    ends = clock.now() + timedelta(days=9)
    with database.transaction() as session:
        reader = factories.account(session)
        factories.subscribe(session, reader, ends=ends)
    me = client.get(PATH, headers=bearer(reader)).get_json()
    assert (me["may_write"], me["code"], me["sentence"]) == (True, "active", "")
    assert me["valid_until"] == me["entitlement"]["until"]
    assert me["rules"] == {"current": house.rules_version, "accepted": reader.rules_version}


def test_the_lapsed_are_told_why(client: FlaskClient, database: Database, bearer: Bearer, site: Site) -> None:
    with database.transaction() as session:
        lapsed = factories.subscriber(session, status="unpaid")
    me = client.get(PATH, headers=bearer(lapsed)).get_json()
    assert (me["may_write"], me["code"], me["entitlement"]["reason"]) == (False, "unpaid", "unpaid")


def test_staff_write_as_staff_at_their_own_paper(
    client: FlaskClient, database: Database, bearer: Bearer, site: Site
) -> None:
    with database.transaction() as session:
        other = factories.site(session)
        editor = factories.staff(session, EDITOR, at=site)
    here = client.get(PATH, query_string={"site": site.key}, headers=bearer(editor)).get_json()
    there = client.get(PATH, query_string={"site": other.key}, headers=bearer(editor)).get_json()
    assert (here["may_write"], here["code"], here["roles"]) == (True, "staff", ["moderator", "editor"])
    assert (there["may_write"], there["code"], there["roles"]) == (False, "no_subscription", [])
