"""Two Checkout pages can both be paid: the later purchase is found, told, and ended with its money by one click."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from app import clock
from app.billing.entitlement import Reason
from app.models import Item, Job, Sanction, Subscription
from app.models.role import MODERATOR
from app.models.sanction import BAN
from app.simulator import lifecycle
from tests.support import factories
from tests.support.paper import Paper
from tests.support.second_purchases import SecondPurchase, bought_twice
from tests.support.together import at_once


@pytest.fixture
def bought(paper: Paper) -> SecondPurchase:
    return bought_twice(paper)


def test_the_reader_and_the_moderators_are_told_of_the_later_one(bought: SecondPurchase) -> None:
    assert bought.cases() == [(bought.second, "open", "open")]
    page = bought.page()
    assert "You are paying twice for the same" in page
    assert page.count("data-paid-twice") == 1
    assert f'value="{bought.second}"' in page
    assert f'value="{bought.first}"' not in page
    assert bought.statuses() == ("active", "active")


def test_who_has_bought_once_is_told_nothing(paper: Paper) -> None:
    browser = paper.browser()
    browser.get(paper.pay(paper.go_to_checkout(browser)), timeout=10)
    paper.work()
    assert "data-paid-twice" not in browser.get(f"{paper.settings.public_url}/subscription", timeout=10).text


def test_one_click_ends_it_gives_all_of_it_back_and_leaves_the_first(bought: SecondPurchase) -> None:
    assert bought.press() == 303
    assert "will end shortly" in bought.page()
    assert bought.statuses() == ("active", "active")
    bought.paper.work()
    assert bought.statuses() == ("active", "canceled")
    assert bought.refunds() == [(bought.second, bought.price())]
    assert bought.endings() == [(bought.second, "done")]
    assert bought.letters() == ["paid_twice_refunded"]
    assert bought.cases() == [(bought.second, "allowed", "closed")]
    assert bought.paper.entitlement().reason is Reason.ACTIVE
    page = bought.page()
    assert "what you had paid twice, is on its way back" in page
    assert "data-paid-twice" not in page


def test_a_second_click_before_and_after_changes_nothing(bought: SecondPurchase) -> None:
    assert [bought.press(), bought.press()] == [303, 409]
    bought.paper.work()
    assert bought.press() == 409
    bought.paper.work()
    assert bought.refunds() == [(bought.second, bought.price())]
    assert len(bought.endings()) == 1


def test_two_clicks_at_the_same_moment_end_it_once(bought: SecondPurchase) -> None:
    answers = at_once(lambda _number: bought.press(), 2)
    assert sorted(answers) == [303, 409]
    bought.paper.work()
    assert bought.refunds() == [(bought.second, bought.price())]


def test_nobody_ends_the_first_nor_what_is_another_readers(bought: SecondPurchase) -> None:
    assert bought.press(bought.first) == 409
    assert bought.press("sub_unknown") == 409
    with bought.paper.database.transaction() as session:
        stranger = factories.account(session)
    assert replace(bought, browser=bought.paper.browser(stranger)).press() == 409
    bought.paper.work()
    assert bought.statuses() == ("active", "active")
    assert bought.refunds() == []


def test_a_banned_reader_has_the_money_back_too_and_stays_banned(bought: SecondPurchase) -> None:
    paper = bought.paper
    with paper.database.transaction() as session:
        factories.sanction(session, paper.reader, BAN, at=paper.site)
    assert "data-paid-twice" in bought.page()
    assert bought.press() == 303
    paper.work()
    assert bought.refunds() == [(bought.second, bought.price())]
    assert paper.entitlement().reason is Reason.BANNED
    assert "You are paying" not in bought.page()
    with paper.database.reading() as session:
        assert [(each.kind, each.lifted_at) for each in session.scalars(select(Sanction))] == [(BAN, None)]


@pytest.mark.parametrize("action", ["allow", "dismiss"])
def test_a_moderator_decides_in_the_queue(bought: SecondPurchase, action: str) -> None:
    paper = bought.paper
    with paper.database.transaction() as session:
        staff = factories.staff(session, MODERATOR, at=paper.site)
        item = session.scalars(select(Item).where(Item.kind == "payment")).one()
    moderator = paper.browser(staff)
    url = f"{paper.settings.public_url}/queue/{item.id}"
    page = moderator.get(url, timeout=10).text
    assert "A reader pays twice for the same" in page
    assert "This reader pays for two subscriptions" in page
    form = {"revision": str(item.revision), "action": action}
    assert moderator.post(url, data=form, allow_redirects=False, timeout=10).status_code == 303
    assert moderator.post(url, data=form, allow_redirects=False, timeout=10).status_code in (303, 409)
    paper.work()
    ended = action == "allow"
    assert bought.statuses() == ("active", "canceled" if ended else "active")
    assert bought.refunds() == [(bought.second, bought.price())] * ended
    assert bought.cases() == [(bought.second, "allowed" if ended else "dismissed", "closed")]
    assert ("data-paid-twice" in bought.page()) is not ended
    assert paper.entitlement().reason is Reason.ACTIVE


def test_stripe_away_it_waits_and_is_done_once_when_it_is_back(bought: SecondPurchase) -> None:
    assert bought.press() == 303
    bought.paper.control("knobs", fail_percent=100)
    bought.paper.work()
    assert bought.endings() == [(bought.second, "approved")]
    assert bought.letters() == []
    bought.paper.control("knobs", fail_percent=0, lose_answer_next=1)
    for _attempt in range(3):
        with bought.paper.database.transaction() as session:
            session.execute(update(Job).values(run_at=clock.now()))
        bought.paper.work()
    assert bought.statuses() == ("active", "canceled")
    assert bought.refunds() == [(bought.second, bought.price())]
    assert bought.letters() == ["paid_twice_refunded"]


def test_a_refund_that_stripe_refuses_comes_to_the_moderators_and_the_reader_is_told(bought: SecondPurchase) -> None:
    paper = bought.paper
    paper.control("knobs", drop_percent=100)
    for charge in paper.simulated.find("charge"):
        paper.control(f"charges/{charge['id']}/dispute")
    assert bought.press() == 303
    paper.work()
    assert bought.endings() == [(bought.second, "failed")]
    assert bought.letters() == ["paid_twice_owed"]
    assert "You are owed £" in bought.page()
    with paper.database.reading() as session:
        items = session.scalars(select(Item.subject_type).where(Item.state == "open")).all()
    assert items == ["termination_failed"]


def test_what_was_bought_to_follow_on_a_cancelled_one_is_no_second_purchase(bought: SecondPurchase) -> None:
    paper = bought.paper
    with paper.simulated.transaction():
        lifecycle.schedule_end(paper.simulated, paper.simulated.get("subscription", bought.first), by_time=True)
    paper.look("subscription", bought.first)
    assert "data-paid-twice" not in bought.page()
    assert bought.press() == 409
    with paper.simulated.transaction():
        lifecycle.schedule_end(paper.simulated, paper.simulated.get("subscription", bought.second), by_time=False)
    paper.look("subscription", bought.second)
    assert "data-paid-twice" in bought.page()


def test_a_first_one_that_stops_being_paid_after_the_click_keeps_the_second(bought: SecondPurchase) -> None:
    paper = bought.paper
    assert bought.press() == 303
    with paper.database.transaction() as session:
        first = session.get_one(Subscription, bought.first)
        first.status = "unpaid"
    paper.work()
    assert bought.statuses() == ("active", "active")
    assert bought.endings() == [(bought.second, "withdrawn")]
    assert bought.refunds() == []
