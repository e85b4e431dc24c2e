"""From the button to the right to write and back, through both servers and real webhooks."""

from datetime import timedelta

import requests
from sqlalchemy import func, select

from app import clock
from app.billing.entitlement import Entitlement, Reason
from app.models import Customer, StripeEvent, Subscription
from tests.support import factories
from tests.support.paper import Paper
from tests.support.stripe_world import eventually


def subscribed(paper: Paper) -> str:
    """Subscribe by webhook alone, without coming back from Checkout; the subscription's id."""
    paper.pay(paper.go_to_checkout(paper.browser()))
    until(paper, Reason.ACTIVE)
    with paper.database.reading() as session:
        return session.scalars(select(Subscription.id)).one()


def until(paper: Paper, reason: Reason) -> None:
    """Let webhooks come and the worker work until the reader's entitlement has this reason."""

    eventually(lambda: worked(paper).reason is reason)


def worked(paper: Paper) -> Entitlement:
    """The entitlement after the worker did what it had to."""
    paper.work()
    return paper.entitlement()


def portal(paper: Paper, action: str, subscription: str) -> None:
    manage = f"{paper.settings.public_url}/subscription/manage"
    answer = paper.browser().post(manage, allow_redirects=False, timeout=10)
    assert answer.status_code == 303
    form = {"subscription": subscription, "action": action}
    requests.post(answer.headers["Location"], data=form, timeout=10).raise_for_status()


def test_a_webhook_alone_opens_the_right_to_write(paper: Paper) -> None:
    assert paper.entitlement().reason is Reason.NO_SUBSCRIPTION
    identifier = subscribed(paper)
    answer = paper.entitlement()
    assert answer.allowed
    assert answer.until is not None
    assert timedelta(days=30) < answer.until - clock.now() < timedelta(days=35)
    with paper.database.reading() as session:
        row = session.get_one(Subscription, identifier)
        assert row.account_id == paper.reader.id
        customer = session.get_one(Customer, row.customer_id)
        assert customer.account_id == paper.reader.id


def test_coming_back_from_checkout_counts_at_once_though_no_webhook_came(paper: Paper) -> None:
    paper.control("knobs", drop_next=100)
    browser = paper.browser()
    back = paper.pay(paper.go_to_checkout(browser))
    assert browser.get(back, timeout=10).status_code == 200
    assert paper.entitlement().allowed


def test_who_cancels_writes_to_the_end_of_the_period_and_no_longer(paper: Paper) -> None:
    identifier = subscribed(paper)
    portal(paper, "cancel_at_period_end", identifier)

    def cancel_is_known() -> bool:
        paper.work()
        with paper.database.reading() as session:
            return session.get_one(Subscription, identifier).cancel_at is not None

    eventually(cancel_is_known)
    answer = paper.entitlement()
    assert answer.allowed
    with paper.database.reading() as session:
        assert answer.until == session.get_one(Subscription, identifier).period_end
    paper.control(f"subscriptions/{identifier}/renew")
    until(paper, Reason.ENDED)


def test_who_takes_the_cancellation_back_goes_on(paper: Paper) -> None:
    identifier = subscribed(paper)
    before = paper.entitlement().until
    portal(paper, "cancel_at_period_end", identifier)
    eventually(lambda: worked(paper).until != before)
    portal(paper, "resume", identifier)
    eventually(lambda: worked(paper).until == before)


def test_a_failed_payment_has_a_grace_of_seven_days_and_then_lapses(paper: Paper) -> None:
    identifier = subscribed(paper)
    paper.control(f"subscriptions/{identifier}/fail")
    until(paper, Reason.PAST_DUE_GRACE)
    answer = paper.entitlement()
    assert answer.until is not None
    assert timedelta(days=6.9) < answer.until - clock.now() <= timedelta(days=7)
    paper.control(f"subscriptions/{identifier}/pass", days=7.1)
    until(paper, Reason.PAST_DUE)
    portal(paper, "pay_now", identifier)
    until(paper, Reason.ACTIVE)
    paper.control(f"subscriptions/{identifier}/lapse")
    until(paper, Reason.ENDED)


def test_a_renewal_moves_the_end_on(paper: Paper) -> None:
    identifier = subscribed(paper)
    paper.control(f"subscriptions/{identifier}/pass", days=20)
    eventually(lambda: _days_left(paper) < 15)
    paper.control(f"subscriptions/{identifier}/renew")
    eventually(lambda: _days_left(paper) > 29)


def _days_left(paper: Paper) -> float:
    end = worked(paper).until
    assert end is not None
    return (end - clock.now()) / timedelta(days=1)


def test_the_same_event_sent_again_changes_nothing(paper: Paper) -> None:
    subscribed(paper)
    sent = len(paper.simulated.find("event"))
    eventually(lambda: _delivered(paper) == sent)
    with paper.database.reading() as session:
        events = list(session.scalars(select(StripeEvent.id)))
    for event in events:
        paper.control(f"events/{event}/deliver")
    eventually(lambda: _delivered(paper) == 2 * sent)
    with paper.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(StripeEvent)) == len(events) == sent
        assert session.scalar(select(func.count()).select_from(Subscription)) == 1


def _delivered(paper: Paper) -> int:
    page = requests.get(f"{paper.settings.stripe_api_base}/_sim", timeout=10).text
    return page.count("<td>delivered</td>")


def test_a_second_subscription_to_the_same_is_refused(paper: Paper) -> None:
    subscribed(paper)
    answer = paper.browser().post(f"{paper.settings.public_url}/subscription/subscribe", timeout=10)
    assert answer.status_code == 409
    assert "already_subscribed" in answer.text


def test_two_clicks_make_one_customer(paper: Paper) -> None:
    paper.go_to_checkout(paper.browser())
    paper.go_to_checkout(paper.browser())
    with paper.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Customer)) == 1


def test_a_deleted_customer_loses_the_right_and_can_begin_again(paper: Paper) -> None:
    identifier = subscribed(paper)
    with paper.database.reading() as session:
        customer = session.get_one(Subscription, identifier).customer_id
    headers = {"Authorization": "Bearer sk_test_x"}
    requests.delete(f"{paper.settings.stripe_api_base}/v1/customers/{customer}", headers=headers, timeout=10)
    until(paper, Reason.NO_SUBSCRIPTION)

    def customer_is_gone() -> bool:
        paper.work()
        with paper.database.reading() as session:
            return session.get_one(Customer, customer).deleted

    eventually(customer_is_gone)
    paper.pay(paper.go_to_checkout(paper.browser()))
    until(paper, Reason.ACTIVE)


def test_nobody_comes_back_with_somebody_elses_checkout(paper: Paper) -> None:
    back = paper.pay(paper.go_to_checkout(paper.browser()))
    with paper.database.transaction() as session:
        other = factories.account(session)
    assert paper.browser(other).get(back, timeout=10).status_code == 404


def test_without_stripe_the_last_known_state_holds_and_the_page_says_so(paper: Paper) -> None:
    subscribed(paper)
    with paper.database.transaction() as session:
        other = factories.account(session)
    paper.stripe_goes_away()
    assert paper.entitlement().allowed
    assert paper.browser().get(f"{paper.settings.public_url}/subscription", timeout=10).status_code == 200
    for account, button in ((paper.reader, "manage"), (other, "subscribe")):
        answer = paper.browser(account).post(f"{paper.settings.public_url}/subscription/{button}", timeout=10)
        assert answer.status_code == 503
        assert "stripe_unavailable" in answer.text
