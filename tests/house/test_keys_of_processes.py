"""A key before two processes of `btl serve` that count in one Valkey: one quota, and one account of what it did."""

from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select

from app import clock
from app.db import Database
from app.models import ApiKey, ApiKeyDay
from config.settings import Settings
from tests.support.commands import btl
from tests.support.perspective import ANALYZE, make_key, request
from tests.support.serving import served
from tests.support.valkey import valkey

QUOTA = 20
# so that each process alone would be asked more often than that
TIMES = 70

Statuses = list[int]


def ask(url: str, key: str) -> Statuses:
    """Each time on a connection of its own, which the system gives to either of them."""
    body, address = request("Good morning."), f"{url}{ANALYZE}?key={key}"
    return [requests.post(address, json=body, timeout=60).status_code for _ in range(TIMES)]


def ask_within_a_minute(url: str, database: Database, settings: Settings) -> tuple[str, Statuses]:
    """The name of a new key, and how it is answered in one minute of the clock, in which quotas are counted."""
    for number in range(10):
        name = f"paper {number}"
        key, minute = make_key(database, settings, name, per_minute=QUOTA), clock.now().minute
        statuses = ask(url, key)
        if clock.now().minute == minute:
            return name, statuses
    pytest.fail("this machine is too slow to say")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_both_share_its_quota_and_write_what_it_did_when_they_end(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    with valkey() as store:
        limits = {"BTL_LIMITS_URL": store.url}
        with served(settings, tmp_path / "web.log", "--workers", "2", environment=limits) as url:
            name, statuses = ask_within_a_minute(url, database, settings)
            assert (statuses.count(200), statuses.count(429)) == (QUOTA, TIMES - QUOTA)
            assert measured(url, name) == {"200": QUOTA, "429": TIMES - QUOTA}
            assert len(list((settings.var / "metrics").glob("counter_*.db"))) == 2
    with database.reading() as session:
        found = select(ApiKeyDay).join(ApiKey, ApiKey.id == ApiKeyDay.api_key_id).where(ApiKey.name == name)
        days = session.scalars(found).all()
    # midnight may come in between
    assert [sum(day.answered for day in days), sum(day.over_quota for day in days)] == [QUOTA, TIMES - QUOTA]
    listed = btl(settings, "perspective", "key", "list").stdout
    assert len(days) > 1 or f"today: {QUOTA} requests answered, 0 refused, {TIMES - QUOTA} over the quota" in listed


def measured(url: str, key: str) -> dict[str, float]:
    """The requests of a key by status, as either process tells them at /metrics."""
    families = text_string_to_metric_families(requests.get(f"{url}/metrics", timeout=60).text)
    samples = [sample for family in families for sample in family.samples]
    return {
        sample.labels["status"]: sample.value
        for sample in samples
        if sample.name == "btl_perspective_requests_total" and sample.labels["key"] == key
    }
