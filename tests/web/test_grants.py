"""Grants: who may not give them, and what giving and revoking do."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app import clock
from app.accounts import identity
from app.billing import facts
from app.db import Database
from app.models import Account, LedgerEntry, Site
from app.sign_in import bearer_tokens
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories


@dataclass
class House:
    client: FlaskClient
    settings: Settings
    database: Database
    house: HouseRules
    site: Site
    other: Site
    reader: Account
    editor: Account

    def ask(self, method: str, path: str, who: Account | None, **arguments: Any) -> TestResponse:
        headers = {"Accept": "application/json"}
        if who is not None:
            with self.database.reading() as session:
                caller = identity.load(session, who.id, who.session_epoch)
            headers["Authorization"] = f"Bearer {bearer_tokens.issue(self.settings, caller)}"
        return self.client.open(f"/api/v1/{path}", method=method, headers=headers, **arguments)

    def give(self, who: Account | None, site: Site | None = None, **values: Any) -> TestResponse:
        until = (clock.now() + timedelta(days=7)).isoformat()
        body = {"account": str(self.reader.id), "reason": "guest of the culture desk", "until": until} | values
        return self.ask("POST", f"sites/{(site or self.site).key}/grants", who, json=body)

    def may_write(self) -> bool:
        with self.database.reading() as session:
            return facts.entitlement(session, self.reader.id, self.site, clock.now(), self.house.at({})).allowed


@pytest.fixture
def house(client: FlaskClient, settings: Settings, database: Database, house: HouseRules) -> House:
    with database.transaction() as session:
        site, other = factories.site(session), factories.site(session)
        reader, editor = factories.account(session), factories.staff(session, "editor", at=site)
    return House(client, settings, database, house, site, other, reader, editor)


def test_strangers_readers_and_moderators_find_nothing_here(house: House) -> None:
    with house.database.transaction() as session:
        subscriber, moderator = factories.subscriber(session), factories.staff(session, "moderator")
    grant = house.give(house.editor).get_json()["id"]
    for who in (None, house.reader, subscriber, moderator):
        assert house.give(who).status_code == 404
        assert house.ask("GET", f"sites/{house.site.key}/grants?account={house.reader.id}", who).status_code == 404
        assert house.ask("DELETE", f"grants/{grant}", who).status_code == 404


def test_an_editor_of_one_paper_grants_nothing_at_another(house: House) -> None:
    with house.database.transaction() as session:
        elsewhere = factories.staff(session, "editor", at=house.other)
    grant = house.give(house.editor).get_json()["id"]
    assert house.give(elsewhere).status_code == 404
    assert house.ask("DELETE", f"grants/{grant}", elsewhere).status_code == 404


def test_a_grant_lets_a_reader_write_until_it_is_revoked(house: House) -> None:
    assert not house.may_write()
    answer = house.give(house.editor)
    assert answer.status_code == 201
    assert house.may_write()
    listed = house.ask("GET", f"sites/{house.site.key}/grants?account={house.reader.id}", house.editor).get_json()
    assert [grant["reason"] for grant in listed["grants"]] == ["guest of the culture desk"]
    revoked = house.ask("DELETE", f"grants/{answer.get_json()['id']}", house.editor)
    assert revoked.status_code == 200
    assert revoked.get_json()["revoked_at"]
    assert not house.may_write()
    assert house.ask("DELETE", f"grants/{answer.get_json()['id']}", house.editor).status_code == 409


def test_the_ledger_knows_who_gave_it_and_not_why(house: House) -> None:
    grant = house.give(house.editor).get_json()["id"]
    house.ask("DELETE", f"grants/{grant}", house.editor)
    with house.database.reading() as session:
        rows = session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)).all()
    assert [(row.action, row.actor_id, row.subject_id) for row in rows] == [
        ("grant.give", house.editor.id, house.reader.id),
        ("grant.revoke", house.editor.id, house.reader.id),
    ]
    assert all(row.details["grant"] == grant for row in rows)
    assert "culture" not in str([row.details for row in rows])


@pytest.mark.parametrize(
    ("values", "status", "field"),
    [
        ({"reason": ""}, 422, "reason"),
        ({"reason": " \n"}, 422, "reason"),
        ({"reason": "x" * 501}, 422, "reason"),
        ({"until": "2020-01-01T00:00:00Z"}, 422, "until"),
        ({"until": "2090-01-01T00:00:00Z"}, 422, "until"),
        ({"until": "2026-12-24T00:00:00"}, 422, "until"),
        ({"until": "soon"}, 422, "until"),
        ({"account": "1"}, 404, None),
        ({"account": "me"}, 404, None),
        ({"more": 1}, 422, "more"),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused(
    house: House, values: dict[str, Any], status: int, field: str | None
) -> None:
    answer = house.give(house.editor, **values)
    assert (answer.status_code, answer.get_json().get("field")) == (status, field)
    assert not house.may_write()


@pytest.mark.parametrize("grant", ["1", "nothing", "99999999999999999999999"])
def test_a_grant_that_is_not_there_cannot_be_revoked(house: House, grant: str) -> None:
    assert house.ask("DELETE", f"grants/{grant}", house.editor).status_code == 404
