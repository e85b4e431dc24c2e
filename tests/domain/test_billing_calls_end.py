"""Whoever asks Stripe asks until nothing new is learned, and then no more; an object that never comes to rest shows."""

from datetime import timedelta

import pytest
import requests

from app import clock, worker
from app.billing.entitlement import Reason
from app.cli import doctor
from app.jobs.runner import Runner
from app.models.stripe_sync import MOST_FETCHES
from app.reconcile import condition, gauges
from app.simulator import entitlements, lifecycle
from config.settings import SIMULATED_PRODUCT
from tests.support import factories
from tests.support.paper import Paper

LOOKUP_KEY = "write_comments"
# far more than a deletion ever needs
MOST_JOBS = 60


@pytest.fixture
def paper(paper: Paper) -> Paper:
    """No webhook ever arrives, so that each test gives the hints itself."""
    paper.control("knobs", drop_percent=100)
    return paper


def jobs_done(paper: Paper) -> int:
    """How many jobs it takes until there is nothing to do."""
    runner: Runner = worker.runner(paper.it)
    done = 0
    while done < MOST_JOBS and runner.run_one():
        done += 1
    return done


def calls(paper: Paper) -> int:
    figures = requests.get(f"{paper.settings.stripe_api_base}/_sim/requests", timeout=10).json()
    return sum(each["total"] for name, each in figures.items() if "/v1/" in name)


@pytest.mark.parametrize("sold", [LOOKUP_KEY, "gold-monthly"], ids=["a feature", "a plan of long ago"])
def test_the_deletion_of_a_customer_is_asked_about_and_then_nothing(paper: Paper, sold: str) -> None:
    with paper.database.transaction() as session:
        paper.site = factories.site(session, products=(sold, SIMULATED_PRODUCT))
    if sold == LOOKUP_KEY:
        with paper.simulated.transaction():
            entitlements.add_feature(paper.simulated, SIMULATED_PRODUCT, LOOKUP_KEY)
    subscription = paper.sold(account_id=paper.reader.id)
    customer = paper.simulated.get("subscription", subscription)["customer"]
    paper.look("subscription", subscription)
    assert paper.entitlement().reason is Reason.ACTIVE
    with paper.simulated.transaction():
        lifecycle.delete_customer(paper.simulated, paper.simulated.get("customer", customer))
    paper.control("requests/forget")
    paper.hint("customer", customer)
    assert jobs_done(paper) < 10
    assert 0 < calls(paper) < 20
    assert not paper.entitlement().allowed
    paper.control("requests/forget")
    assert jobs_done(paper) == calls(paper) == 0


def test_an_object_that_never_comes_to_rest_is_told_of(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    subscription = paper.sold(account_id=paper.reader.id)

    def told() -> tuple[float, str, bool]:
        with paper.database.reading() as session:
            named = dict(condition.lines(session, paper.settings))["asked for again and again"]
            number = gauges.read(session)["restless"]
        findings = {finding.part: finding for finding in doctor.examine(paper.settings)}
        assert named == "0" or named in findings["refreshes"].words
        return number, named, findings["refreshes"].good

    for _fetch in range(MOST_FETCHES):
        paper.look("subscription", subscription)
    assert told() == (0, "0", True)
    paper.look("subscription", subscription)
    assert told() == (1, subscription, False)
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert told() == (0, "0", True)
    paper.look("subscription", subscription)
    assert told() == (0, "0", True)
