"""Cancelling takes one click here: the subscription runs out with the period that is paid."""

import requests

from app.billing.entitlement import Reason
from app.simulator import lifecycle
from tests.support.paper import Paper


def press(paper: Paper, browser: requests.Session) -> requests.Response:
    return browser.post(f"{paper.settings.public_url}/subscription/cancel", allow_redirects=False, timeout=10)


def page(paper: Paper, browser: requests.Session) -> str:
    return browser.get(f"{paper.settings.public_url}/subscription", timeout=10).text


def subscribed(paper: Paper) -> tuple[requests.Session, str]:
    browser = paper.browser()
    browser.get(paper.pay(paper.go_to_checkout(browser)), timeout=10)
    return browser, str(paper.simulated.find("subscription")[0]["id"])


def test_one_click_cancels_for_the_end_of_the_period(paper: Paper) -> None:
    browser, subscription = subscribed(paper)
    assert "Cancel your subscription" in page(paper, browser)
    assert press(paper, browser).status_code == 303
    true = paper.simulated.get("subscription", subscription)
    assert (true["status"], true["cancel_at_period_end"]) == ("active", True)
    assert paper.entitlement().reason is Reason.ACTIVE
    shown = page(paper, browser)
    assert "You have cancelled your subscription." in shown
    assert "Cancel your subscription" not in shown


def test_who_has_nothing_to_cancel_is_told_so(paper: Paper) -> None:
    browser = paper.browser()
    assert press(paper, browser).status_code == 404
    assert "Cancel your subscription" not in page(paper, browser)


def test_a_second_click_changes_nothing(paper: Paper) -> None:
    browser, subscription = subscribed(paper)
    press(paper, browser)
    before = paper.simulated.get("subscription", subscription)
    assert press(paper, browser).status_code == 404
    assert paper.simulated.get("subscription", subscription) == before


def test_nobody_cancels_what_is_another_readers(paper: Paper) -> None:
    subscription = paper.sold()
    paper.look("subscription", subscription)
    assert press(paper, paper.browser()).status_code == 404
    assert not paper.simulated.get("subscription", subscription)["cancel_at_period_end"]


def test_what_is_over_unheard_or_was_never_paid_does_not_keep_the_other_from_being_cancelled(paper: Paper) -> None:
    browser, subscription = subscribed(paper)
    paper.control("knobs", drop_percent=100)
    over, unpaid = (paper.sold(account_id=paper.reader.id) for _each in range(2))
    paper.changed(unpaid, status="incomplete")
    for each in (over, unpaid):
        paper.look("subscription", each)
    with paper.simulated.transaction():
        lifecycle.cancel(paper.simulated, paper.simulated.get("subscription", over))
    assert press(paper, browser).status_code == 303
    assert paper.simulated.get("subscription", subscription)["cancel_at_period_end"]
    assert "Cancel your subscription" not in page(paper, browser)


def test_where_stripe_is_away_the_reader_is_told_and_nothing_is_said_to_be_done(paper: Paper) -> None:
    browser, subscription = subscribed(paper)
    paper.stripe_goes_away()
    assert press(paper, browser).status_code == 503
    assert paper.simulated.get("subscription", subscription)["cancel_at"] is None
