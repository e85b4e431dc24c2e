"""The subscription page: who may not see it, what it says, and that the way out is open to the banned."""

import pytest
import requests
from sqlalchemy import update

from app.billing.entitlement import Reason
from app.billing.sentences import WHY_NOT
from app.models import Account, Subscription
from app.models.role import MODERATOR
from tests.support import factories
from tests.support.paper import Paper

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

PAGE = "/subscription"


def at(paper: Paper, path: str = PAGE) -> str:
    return paper.settings.public_url + path


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", PAGE), ("POST", f"{PAGE}/subscribe"), ("POST", f"{PAGE}/manage"), ("GET", f"{PAGE}/return?session=x")],
)
def test_strangers_are_asked_to_sign_in(paper: Paper, method: str, path: str) -> None:
    nobody = {"Authorization": "Bearer nothing", "Accept": "text/html"}
    answer = requests.request(method, at(paper, path), headers=nobody, timeout=10)
    assert answer.status_code == 401


def test_a_form_from_elsewhere_is_refused(paper: Paper) -> None:
    assert requests.post(at(paper, f"{PAGE}/subscribe"), timeout=10).status_code == 403


@pytest.mark.usefixtures("no_window_ends")
@pytest.mark.parametrize("path", ["subscribe", "manage"])
def test_pages_of_stripes_cannot_be_asked_for_without_end(paper: Paper, path: str) -> None:
    """They are made at Stripe, which answers all of the paper's readers together only so often."""
    browser = paper.browser()
    answers = [
        browser.post(at(paper, f"{PAGE}/{path}"), allow_redirects=False, timeout=10).status_code
        for _ in range(paper.house.limits.log_ins_per_minute + 1)
    ]
    assert answers[-1] == 429
    assert 429 not in answers[:-1]


def test_who_comes_back_too_often_is_told_to_wait_without_asking_stripe(paper: Paper) -> None:
    browser = paper.browser()
    address = paper.pay(paper.go_to_checkout(browser))
    for _ in range(paper.house.limits.log_ins_per_minute):
        browser.get(at(paper, f"{PAGE}/return?session=x"), timeout=10)
    page = browser.get(address, timeout=10)
    assert page.status_code == 200
    assert "It may take a few minutes" in page.text


def test_who_never_paid_is_offered_a_subscription_and_nothing_to_manage(paper: Paper) -> None:
    page = paper.browser().get(at(paper), timeout=10).text
    assert 'data-reason="no_subscription"' in page
    assert "/subscription/subscribe" in page
    assert "/subscription/manage" not in page
    assert paper.browser().post(at(paper, f"{PAGE}/manage"), timeout=10).status_code == 404


def test_who_is_to_pay_reads_before_what_it_costs_and_what_is_in_it(paper: Paper) -> None:
    page = paper.browser().get(at(paper), timeout=10).text
    for part in ("Digital subscription", "£4.99 a month", "a voice in the comments", "under every story", "one click"):
        assert part in page


def test_without_stripe_the_page_is_there_and_names_no_price(paper: Paper) -> None:
    paper.stripe_goes_away()
    answer = paper.browser().get(at(paper), timeout=20)
    assert (answer.status_code, "£4.99" in answer.text) == (200, False)


def test_what_stripe_has_said_is_told_while_it_is_away(paper: Paper) -> None:
    paper.browser().get(at(paper), timeout=10)
    paper.stripe_goes_away()
    assert "£4.99 a month" in paper.browser().get(at(paper), timeout=10).text


def test_nobody_pays_before_their_address_is_confirmed(paper: Paper) -> None:
    browser = paper.browser()
    with paper.database.transaction() as session:
        session.get_one(Account, paper.reader.id).verified_at = None
    page = browser.get(at(paper), timeout=10).text
    assert "confirm your e-mail address before you pay" in page
    assert "/subscription/subscribe" not in page
    refused = browser.post(at(paper, f"{PAGE}/subscribe"), timeout=10)
    assert (refused.status_code, 'data-problem="unverified"' in refused.text) == (403, True)


def test_who_has_paid_stands_in_the_composer_of_their_story(paper: Paper) -> None:
    """No webhook has come yet."""
    with paper.database.transaction() as session:
        story = factories.story(session, paper.site)
    browser = paper.browser()
    browser.get(at(paper, f"{PAGE}?next=/stories/{story.id}"), timeout=10)
    back = browser.get(paper.pay(paper.go_to_checkout(browser)), allow_redirects=False, timeout=10)
    assert back.headers["Location"] == f"/stories/{story.id}#write"
    page = browser.get(at(paper, f"/stories/{story.id}"), timeout=10).text
    assert '<textarea id="text"' in page
    assert "Your payment has arrived" in page


def test_a_subscriber_sees_until_when_and_is_not_asked_to_pay_twice(paper: Paper) -> None:
    browser = paper.browser()
    page = browser.get(paper.pay(paper.go_to_checkout(browser)), timeout=10).text
    assert 'data-reason="active"' in page
    assert '<time datetime="' in page
    assert "/subscription/manage" in page
    assert "/subscription/subscribe" not in page


def test_a_banned_reader_still_reaches_the_portal(paper: Paper) -> None:
    browser = paper.browser()
    browser.get(paper.pay(paper.go_to_checkout(browser)), timeout=10)
    with paper.database.transaction() as session:
        factories.sanction(session, paper.reader, "ban", at=paper.site)
    assert 'data-reason="banned"' in browser.get(at(paper), timeout=10).text
    answer = browser.post(at(paper, f"{PAGE}/manage"), allow_redirects=False, timeout=10)
    assert answer.status_code == 303
    assert "Cancel at the end of the period" in requests.get(answer.headers["Location"], timeout=10).text


def test_a_suspended_subscriber_is_told_where_to_look(paper: Paper) -> None:
    browser = paper.browser()
    browser.get(paper.pay(paper.go_to_checkout(browser)), timeout=10)
    with paper.database.transaction() as session:
        factories.sanction(session, paper.reader, "suspension", at=paper.site)
    assert 'href="/account"' in browser.get(at(paper), timeout=10).text


def test_the_portal_address_may_be_gone_to_after_our_form(paper: Paper) -> None:
    policy = paper.browser().get(at(paper), timeout=10).headers["Content-Security-Policy"]
    (targets,) = [part.split() for part in policy.split(";") if part.strip().startswith("form-action")]
    assert paper.settings.stripe_api_base in targets


@pytest.mark.parametrize("session", ["cs_test_unknown", "../customers", "x" * 500, "é"])
def test_a_return_with_a_made_up_session_is_not_found(paper: Paper, session: str) -> None:
    answer = paper.browser().get(at(paper, f"{PAGE}/return"), params={"session": session}, timeout=10)
    assert answer.status_code == 404


def test_whose_payment_failed_is_sent_to_the_portal_not_to_pay_twice(paper: Paper) -> None:
    browser = paper.browser()
    browser.get(paper.pay(paper.go_to_checkout(browser)), timeout=10)
    with paper.database.transaction() as session:
        session.execute(update(Subscription).values(status="unpaid"))
    page = browser.get(at(paper), timeout=10).text
    assert 'data-reason="unpaid"' in page
    assert "/subscription/manage" in page
    assert "/subscription/subscribe" not in page


def test_each_state_is_explained_in_words(paper: Paper) -> None:
    for status in ("unpaid", "paused", "incomplete", "something_new"):
        with paper.database.transaction() as session:
            reader = factories.account(session)
            row: Subscription = factories.subscribe(session, reader, status=status)
            row.products = list(paper.site.products)
        page = paper.browser(reader).get(at(paper), timeout=10).text
        reason = Reason.UNKNOWN_STATUS if status == "something_new" else Reason(status)
        assert WHY_NOT[reason] in page


def test_who_has_cancelled_is_not_told_that_it_renews(paper: Paper) -> None:
    browser = paper.browser()
    assert "longer if it renews" in browser.get(paper.pay(paper.go_to_checkout(browser)), timeout=10).text
    with paper.database.transaction() as session:
        session.execute(update(Subscription).values(cancel_at=Subscription.period_end))
    page = browser.get(at(paper), timeout=10).text
    assert "You have cancelled your subscription." in page
    assert "You may comment until" in page
    assert "longer if it renews" not in page


def test_the_page_a_reader_came_from_is_one_click_away_once_they_have_paid(paper: Paper) -> None:
    browser = paper.browser()
    browser.get(at(paper, f"{PAGE}?next=/rules"), timeout=10)
    assert 'class="button" href="/rules"' in browser.get(paper.pay(paper.go_to_checkout(browser)), timeout=10).text
    browser.get(at(paper, f"{PAGE}?next=https://evil.example/"), timeout=10)
    assert "evil.example" not in browser.get(at(paper), timeout=10).text


def test_staff_are_told_that_they_need_none(paper: Paper) -> None:
    with paper.database.transaction() as session:
        factories.give_role(session, paper.reader, MODERATOR, at=paper.site)
    assert "You are on the staff" in paper.browser().get(at(paper), timeout=10).text
