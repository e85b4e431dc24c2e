from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app import clock
from app.billing import sync
from app.db import Database
from app.review_queue import items
from app.web.services import EXTENSION
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.assembled import assembled


def test_it_is_alive_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").data == b"ok\n"
    assert client.get("/readyz").data == b"ready\n"


def test_it_is_not_ready_behind_a_migration(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("DELETE FROM alembic_version"))
    answer = client.get("/readyz", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["code"]) == (503, "migrations_missing")


@pytest.mark.parametrize("path", ["/", "/rules", "/api", "/api/v1/openapi.json", "/metrics"])
def test_everyone_may_read(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200


def test_an_unknown_address_is_a_problem_for_programs_and_a_page_for_people(client: FlaskClient) -> None:
    answer = client.get("/api/v1/nothing")
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "code": "not_found",
        "detail": "There is nothing here.",
    }
    assert b"<h1>" in client.get("/nothing", headers={"Accept": "text/html"}).data


def test_a_method_of_a_clients_own_invention_is_measured_without_its_name(client: FlaskClient) -> None:
    assert client.open("/", method="JANE-DOE").status_code == 405
    measured = client.get("/metrics").text
    assert 'method="other"' in measured
    assert "JANE-DOE" not in measured


def test_the_metrics_tell_what_waits_and_what_is_late(
    client: FlaskClient, database: Database, house: HouseRules
) -> None:
    with database.transaction() as session:
        site = factories.site(session)
        comment = factories.comment(session, factories.story(session, site), factories.subscriber(session))
        subject = items.Subject("comment", comment.id, site.id, comment.account_id)
        items.open_item(session, "comment", subject, items.Cause("report", weight=1.0), house.at({}))
    assert "btl_items_open 1.0\nbtl_items_overdue 0.0" in _without_types(client.get("/metrics").text)
    with clock.pretend(clock.now() + timedelta(hours=25)):
        assert "btl_items_overdue 1.0" in client.get("/metrics").text


def test_the_metrics_tell_how_well_stripe_is_heard(client: FlaskClient, database: Database) -> None:
    quiet = _without_types(client.get("/metrics").text)
    for name in ("unfinished", "lag_seconds", "drift", "orphaned_subscriptions", "events_only_polled"):
        assert f"btl_stripe_{name} 0.0" in quiet
    with database.transaction() as session:
        subscribed = factories.subscriber(session)
        orphaned = [factories.subscribe(session, subscribed, status=status) for status in ("active", "canceled")]
        for each in orphaned:
            each.account_id = None
        sync.request(session, sync.SUBSCRIPTION, orphaned[0].id)
    with clock.pretend(clock.now() + timedelta(seconds=90)):
        heard = _without_types(client.get("/metrics").text)
    assert "btl_stripe_unfinished 1.0" in heard
    assert "btl_stripe_lag_seconds 9" in heard
    assert "btl_stripe_orphaned_subscriptions 1.0" in heard


def _without_types(metrics: str) -> str:
    return "\n".join(line for line in metrics.splitlines() if not line.startswith("#"))


TOKEN = "a token for the program that reads the metrics"


@pytest.mark.parametrize(
    ("environment", "token", "sent", "status"),
    [
        ("production", TOKEN, f"Bearer {TOKEN}", 200),
        ("test", TOKEN, f"Bearer {TOKEN}", 200),
        ("production", TOKEN, "", 401),
        ("production", TOKEN, "Bearer something else", 401),
        ("production", TOKEN, "Bearer ümlaut", 401),
        ("production", TOKEN, TOKEN, 401),
        ("production", "", "", 401),
        ("production", "", "Bearer ", 401),
        ("test", "", "", 200),
    ],
)
def test_the_metrics_of_a_production_are_for_who_has_the_token(
    app: Flask,
    settings: Settings,
    house: HouseRules,
    database: Database,
    environment: Any,
    token: str,
    sent: str,
    status: int,
) -> None:
    given = replace(settings, environment=environment, metrics_token=token)
    app.extensions[EXTENSION] = assembled(given, house, database)
    answer = app.test_client().get("/metrics", headers={"Authorization": sent} if sent else {})
    assert answer.status_code == status
