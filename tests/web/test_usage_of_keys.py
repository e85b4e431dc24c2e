"""What keys did: counted by process, added up in the database and in the metrics, and by no request itself."""

import threading
from datetime import UTC
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client import REGISTRY
from sqlalchemy import func, select

from app.db import Database
from app.models import ApiKey, ApiKeyDay
from app.perspective import keys, usage
from app.perspective.usage import Usage
from app.web.integrations.perspective import EXTENSION
from config.settings import Settings
from tests.support.perspective import SUGGEST, ask, make_key, request, suggestion
from tests.support.stripe_world import eventually

RUDE = "[toxicity=0.9]"


@pytest.fixture
def key(database: Database, settings: Settings) -> ApiKey:
    make_key(database, settings)
    with database.reading() as session:
        return session.scalars(select(ApiKey)).one()


def written(database: Database) -> list[tuple[int, int, int]]:
    """Answered, refused and over the quota, of each key and day."""
    with database.reading() as session:
        days = session.scalars(select(ApiKeyDay).order_by(ApiKeyDay.api_key_id, ApiKeyDay.began_at))
        return [(day.answered, day.refused, day.over_quota) for day in days]


def count(counting: Usage, key: ApiKey, times: int) -> None:
    for _ in range(times):
        with counting.counted(key):
            pass


def has_answered(database: Database, total: int) -> bool:
    return sum(answered for answered, _, _ in written(database)) == total


def test_each_request_counts_for_its_key_by_what_came_of_it(
    client: FlaskClient, app: Flask, database: Database, settings: Settings
) -> None:
    paper, blog = make_key(database, settings), make_key(database, settings, "blog", per_minute=2)
    for body in (request(RUDE), request(""), request(RUDE, "FLIRTATION"), request(RUDE, languages=["de"])):
        ask(client, paper, body)
    client.post(f"/v1alpha1/comments:analyze?key={paper}", data=b"{", content_type="application/json")
    ask(client, paper, suggestion(RUDE), SUGGEST)
    statuses = [ask(client, blog, request(RUDE)).status_code for _ in range(9)]
    for stranger in ("guess", ""):
        ask(client, stranger, request(RUDE))
    assert written(database) == []  # no request waits for that
    app.extensions[EXTENSION].write()
    assert written(database) == [(2, 4, 0), (statuses.count(200), 0, statuses.count(429))]


def test_an_accident_of_ours_counts_as_refused(database: Database, key: ApiKey) -> None:
    counting = Usage(database, UTC)
    with pytest.raises(ZeroDivisionError), counting.counted(key):
        raise ZeroDivisionError
    counting.write()
    assert written(database) == [(0, 1, 0)]


def test_what_several_processes_write_at_once_is_added_up(database: Database, settings: Settings) -> None:
    for name in ("paper", "blog"):
        make_key(database, settings, name)
    with database.reading() as session:
        both = keys.listed(session)

    def process(order: int) -> None:
        counting = Usage(database, UTC)
        for _ in range(10):
            for each in both[::order]:
                count(counting, each, 1)
            counting.write()

    processes = [threading.Thread(target=partial(process, order)) for order in (1, -1, 1, -1)]
    for each in processes:
        each.start()
    for each in processes:
        each.join()
    assert written(database) == [(40, 0, 0), (40, 0, 0)]


def test_what_was_counted_is_written_before_long_and_once(
    database: Database, key: ApiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "WRITE_SECONDS", 0.01)
    counting = Usage(database, UTC)
    for total in (3, 6):
        count(counting, key, 3)
        eventually(partial(has_answered, database, total))
    counting.write()
    assert written(database) == [(6, 0, 0)]


def test_while_the_database_is_away_or_read_only_nothing_is_lost(database: Database, key: ApiKey) -> None:
    for away in (Database("postgresql://nobody@127.0.0.1:1/nothing"), Database(database.url, read_only=True)):
        counting = Usage(away, UTC)
        count(counting, key, 2)
        counting.write()
        counting._database = database
        counting.write()
        counting.write()
        away.close()
    assert written(database) == [(4, 0, 0)]


def test_what_the_database_refuses_for_good_is_not_tried_for_ever(database: Database) -> None:
    counting = Usage(database, UTC)
    count(counting, ApiKey(id=1, name="never made"), 1)
    counting.write()
    assert not counting._counts


def test_a_day_begins_when_it_does_for_the_paper(database: Database, key: ApiKey) -> None:
    auckland = ZoneInfo("Pacific/Auckland")
    counting = Usage(database, auckland)
    with time_machine.travel("2026-12-01T10:59:00Z", tick=False):
        count(counting, key, 1)
    with time_machine.travel("2026-12-01T11:01:00Z", tick=False):
        count(counting, key, 2)
        counting.write()
        with database.reading() as session:
            assert usage.of_today(session, auckland)[key.id].answered == 2
    with time_machine.travel("2026-12-02T11:01:00Z", tick=False), database.reading() as session:
        assert usage.of_today(session, auckland) == {}
        assert session.scalar(select(func.count()).select_from(ApiKeyDay)) == 2


def test_the_metrics_tell_keys_statuses_and_what_was_scored(
    client: FlaskClient, database: Database, settings: Settings
) -> None:
    # what is measured stays for as long as the process
    name = f"measured on {database.engine.dialect.name}"
    secret = make_key(database, settings, name, drop_unsupported=True)
    asked = {"TOXICITY": {}, "INSULT": {"scoreThreshold": 0.9}, "FLIRTATION": {}, "xylophone": {}}
    ask(client, secret, request(RUDE) | {"requestedAttributes": asked})
    ask(client, secret, request(RUDE, "THREAT"))
    ask(client, secret, request(""))
    assert measured(name, "btl_perspective_requests_total") == {"200": 2, "400": 1}
    # whatever a client makes up has no name in the metrics
    assert measured(name, "btl_perspective_attributes_total") == {"TOXICITY": 1, "INSULT": 1, "THREAT": 1}


def measured(key: str, metric: str) -> dict[str, float]:
    """Of a key, by the other label."""
    samples = [sample for family in REGISTRY.collect() for sample in family.samples if sample.name == metric]
    return {
        next(value for label, value in sample.labels.items() if label != "key"): sample.value
        for sample in samples
        if sample.labels["key"] == key
    }
