"""Real threads and a slow Stripe: what is told while a question is on its way brings exactly one more."""

import json
import threading

import pytest
import requests

from app.billing.entitlement import Reason
from tests.support.paper import Paper
from tests.support.stripe_world import eventually
from tests.support.together import at_once
from tests.support.webhook import PATH, event, header

SLOW_MILLISECONDS = 1_500
QUESTION = "GET /v1/subscriptions/<identifier>"


@pytest.fixture
def paper(paper: Paper) -> Paper:
    paper.control("knobs", drop_percent=100)
    return paper


def tell(paper: Paper, subscription: str, number: int) -> None:
    subject = {"object": {"id": subscription, "object": "subscription"}}
    body = json.dumps(event(id=f"evt_{number}", data=subject)).encode()
    signed = {"Stripe-Signature": header(body, paper.settings.stripe_webhook_secrets[0])}
    requests.post(paper.settings.public_url + PATH, data=body, headers=signed, timeout=10).raise_for_status()


def questions(paper: Paper) -> int:
    report = requests.get(f"{paper.settings.stripe_api_base}/_sim/requests", timeout=10).json()
    return int(report.get(QUESTION, {"total": 0})["total"])


@pytest.mark.parametrize("at_work", [1, 2])
@pytest.mark.parametrize("hints", [1, 8])
def test_hints_during_a_question_bring_one_more_and_no_fewer(paper: Paper, hints: int, at_work: int) -> None:
    """Whether the same worker asks again afterwards, or a second one while the first still waits."""
    subscription = paper.sold(account_id=paper.reader.id)
    tell(paper, subscription, 0)
    paper.control("requests/forget")
    paper.control("knobs", slow_next=1, slow_ms=SLOW_MILLISECONDS)
    workers = [threading.Thread(target=paper.work) for _ in range(at_work)]
    workers[0].start()
    eventually(lambda: questions(paper) == 1)
    paper.control(f"subscriptions/{subscription}/cancel")
    at_once(lambda number: tell(paper, subscription, 1 + number), hints)
    assert questions(paper) == 1, "the first was answered too soon for this test"
    for worker in workers[1:]:
        worker.start()
    for worker in workers:
        worker.join()
    assert questions(paper) == 2
    assert paper.entitlement().reason is Reason.ENDED
