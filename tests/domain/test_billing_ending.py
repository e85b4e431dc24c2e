"""An approved termination at the simulated Stripe: what is ended, what goes back, and what the reader is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import select, update

from app import clock
from app.billing import links
from app.db import Database
from app.gateway.client import connect
from app.models import Charge, Item, Job, LedgerEntry, Letter, PaymentCase, Subscription, Termination
from app.models.payment_case import ALLOWED, CONTESTED_LINK
from app.models.termination import APPROVED, AT_PERIOD_END, DONE, FAILED, NOW_WITH_REFUND, WITHDRAWN
from app.moderation import decisions, undo
from app.moderation.decisions import Intent
from app.simulator import lines
from app.terminations import approval
from app.terminations import execution as carrying_out
from app.terminations.approval import ProposedEnd
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.assembled import assembled
from tests.support.ending import REASON, Ending, prepared
from tests.support.paper import living_paper


@pytest.fixture
def ending(settings: Settings, house: HouseRules, database: Database, tmp_path: Path) -> Iterator[Ending]:
    with living_paper(settings, house, database, tmp_path) as paper:
        yield prepared(paper)


def test_nothing_is_sent_to_stripe_before_the_grace_is_over(ending: Ending) -> None:
    it = ending.paper
    with it.database.transaction() as session:
        end = ProposedEnd(it.reader.id, ending.subscription, NOW_WITH_REFUND, REASON)
        made = approval.propose(session, it.house, ending.first, end)
        approval.approve(session, made.id, ending.second.account_id)
    it.work()
    assert (ending.row().state, ending.row().begun_at) == (APPROVED, None)
    assert ending.at_stripe(f"subscriptions/{ending.subscription}")["status"] == "active"


def test_now_with_refund_ends_it_and_gives_back_what_was_not_used(ending: Ending) -> None:
    ending.paper.control(f"subscriptions/{ending.subscription}/pass", days=10)
    case = ending.approved()
    ending.paper.work()
    row = ending.row()
    assert (row.state, row.currency, ending.letters()) == (DONE, "gbp", ["subscription_refunded"])
    days = ending.invoice()["_lines"][0]["period"]
    share = 1 - 10 * 86400 / (days["end"] - days["start"])
    assert row.amount == pytest.approx(ending.price() * share, abs=1)
    (refund,) = ending.refunds()
    assert (refund["amount"], refund["metadata"]["case"]) == (row.amount, str(case))
    assert row.refunds == [{"charge": refund["charge"], "amount": row.amount, "refund": refund["id"]}]
    found = ending.at_stripe(f"subscriptions/{ending.subscription}")
    assert (found["status"], found["cancellation_details"]["comment"]) == ("canceled", f"case {case}")
    with ending.paper.database.reading() as session:
        assert session.get_one(Subscription, ending.subscription).status == "canceled"


def test_what_was_done_is_known_though_no_webhook_comes(ending: Ending) -> None:
    ending.approved()
    ending.paper.control("knobs", drop_next=100)
    ending.paper.work()
    with ending.paper.database.reading() as session:
        assert session.get_one(Subscription, ending.subscription).status == "canceled"
        assert session.get_one(Charge, ending.charges()[0]["id"]).amount_refunded


def test_at_period_end_lets_it_run_out_and_gives_nothing_back(ending: Ending) -> None:
    case = ending.approved(AT_PERIOD_END)
    ending.paper.work()
    assert (ending.row().state, ending.row().amount, ending.refunds()) == (DONE, None, [])
    found = ending.at_stripe(f"subscriptions/{ending.subscription}")
    assert (found["status"], found["cancel_at_period_end"]) == ("active", True)
    assert found["cancellation_details"]["comment"] == f"case {case}"
    with ending.paper.database.reading() as session:
        known = session.get_one(Subscription, ending.subscription)
        (letter,) = moderating.rows(session, Letter, kind="subscription_ends")
    assert known.cancel_at is not None
    assert letter.parameters == {"day": known.cancel_at.date().isoformat()}


def test_the_letter_says_what_comes_back_and_no_reason_leaves_the_house(ending: Ending) -> None:
    ending.approved()
    ending.paper.work()
    (text,) = [
        path.read_text() for path in (ending.paper.settings.var / "letters").glob("*.eml") if "£" in path.read_text()
    ]
    assert f"£{ending.price() / 100:.2f}" in text
    assert REASON not in text
    assert REASON not in str(ending.at_stripe("events?limit=100")) + str(ending.refunds())


def test_the_ledger_has_ids_and_codes_of_every_step(ending: Ending) -> None:
    case = ending.approved()
    ending.paper.work()
    with ending.paper.database.reading() as session:
        rows = moderating.rows(session, LedgerEntry, subject_type="termination", subject_id=case)
    actions = [row.action for row in rows]
    assert actions == ["termination.propose", "termination.approve", "termination.done"]
    assert REASON not in str([row.details for row in rows])


@pytest.mark.parametrize("by", ["lift", "undo"])
def test_a_ban_that_was_lifted_after_the_approval_stops_it(ending: Ending, by: str) -> None:
    ending.approved()
    it = ending.paper
    with it.database.transaction() as session:
        if by == "lift":
            decisions.lift(session, it.house, ending.first, it.reader.id, "They apologised.")
        else:
            undo.undo(session, it.house, ending.first, ending.ban_id, "A mistake.")
    it.work()
    assert (ending.row().state, ending.letters(), ending.refunds()) == (WITHDRAWN, [], [])
    assert ending.at_stripe(f"subscriptions/{ending.subscription}")["cancel_at"] is None


def test_what_a_moderator_gave_to_somebody_else_meanwhile_is_not_ended(ending: Ending) -> None:
    ending.approved()
    it = ending.paper
    with it.database.transaction() as session:
        whose = factories.account(session)
        links.link(session, it.house, ending.customer(), whose.id, links.Proof.PAPER)
        case = session.scalars(select(PaymentCase).where(PaymentCase.kind == CONTESTED_LINK)).one()
        links.move(session, ending.first.account_id, case.id)
        case.outcome = ALLOWED
    it.work()
    assert (ending.row().state, ending.letters(), ending.refunds()) == (WITHDRAWN, [], [])
    assert ending.at_stripe(f"subscriptions/{ending.subscription}")["status"] == "active"


def test_what_has_begun_is_carried_through_though_the_ban_is_lifted(ending: Ending) -> None:
    ending.approved()
    it = ending.paper
    with it.database.transaction() as session:
        session.execute(update(Termination).values(begun_at=clock.now()))
        decisions.lift(session, it.house, ending.first, it.reader.id, "They apologised.")
    it.work()
    assert (ending.row().state, len(ending.refunds())) == (DONE, 1)


def test_a_period_that_nobody_paid_for_gives_nothing_back(ending: Ending) -> None:
    ending.paper.control(f"subscriptions/{ending.subscription}/fail")
    ending.approved()
    ending.paper.work()
    assert (ending.row().amount, ending.row().refunds, ending.refunds()) == (0, [], [])
    assert (ending.row().state, ending.letters()) == (DONE, ["subscription_ended"])
    assert ending.cancellations() == 1


def test_who_has_ended_it_themselves_meanwhile_has_still_the_rest_back(ending: Ending) -> None:
    ending.approved()
    ending.ask_stripe("DELETE", f"subscriptions/{ending.subscription}")
    ending.paper.work()
    assert (ending.row().state, ending.row().amount, ending.cancellations()) == (DONE, ending.price(), 1)


def test_what_runs_out_by_the_readers_own_wish_is_left_as_they_wished(ending: Ending) -> None:
    ending.approved(AT_PERIOD_END)
    ending.ask_stripe("POST", f"subscriptions/{ending.subscription}", cancel_at_period_end="true")
    ending.paper.work()
    found = ending.at_stripe(f"subscriptions/{ending.subscription}")
    assert (ending.row().state, found["cancellation_details"]["comment"]) == (DONE, None)


def test_what_went_back_already_is_not_given_back_again(ending: Ending) -> None:
    (charge,) = ending.charges()
    ending.ask_stripe("POST", "refunds", charge=charge["id"], amount=charge["amount"] - 100)
    ending.approved()
    ending.paper.work()
    assert (ending.row().state, ending.row().amount) == (DONE, 100)
    assert sorted(refund["amount"] for refund in ending.refunds()) == sorted([charge["amount"] - 100, 100])


def test_somebody_elses_full_refund_leaves_nothing_to_do(ending: Ending) -> None:
    ending.ask_stripe("POST", "refunds", charge=ending.charges()[0]["id"])
    ending.approved()
    ending.paper.work()
    assert (ending.row().state, ending.row().amount, len(ending.refunds())) == (DONE, 0, 1)


def test_a_refund_that_stripe_refuses_is_a_case_for_people_and_the_reader_knows_what_they_are_owed(
    ending: Ending,
) -> None:
    (charge,) = ending.charges()
    ending.paper.control(f"charges/{charge['id']}/dispute")
    case = ending.approved()
    ending.paper.work()
    row = ending.row()
    assert (row.state, row.failure, ending.refunds()) == (FAILED, "charge_disputed", [])
    assert (ending.cancellations(), ending.letters()) == (1, ["subscription_owed"])
    assert f"owed £{ending.price() / 100:.2f}" in ending.page("/subscription", ending.paper.reader.id)
    with ending.paper.database.reading() as session:
        (item,) = moderating.rows(session, Item, subject_type="termination_failed", subject_id=case)
    page = ending.page(f"/queue/{item.id}", ending.first.account_id)
    assert all(part in page for part in ("charge_disputed", f"£{ending.price() / 100:.2f}", "Dashboard", "Dismiss"))
    with ending.paper.database.transaction() as session:
        it = ending.paper
        decisions.decide(session, it.house, ending.first, Intent(item.id, item.revision, "dismiss"))


def test_while_stripe_is_away_it_is_tried_again_later(ending: Ending) -> None:
    case = ending.approved()
    ending.paper.stripe_goes_away()
    ending.paper.work()
    assert (ending.row().state, ending.letters()) == (APPROVED, [])
    with ending.paper.database.reading() as session:
        (job,) = moderating.rows(session, Job, kind=approval.TERMINATE)
    assert job.run_at > clock.now()
    assert (job.state, job.payload) == ("ready", {"termination_id": str(case)})


def test_lines_beyond_those_that_an_invoice_shows_are_counted(ending: Ending) -> None:
    invoice = ending.invoice()
    (line,) = invoice["_lines"]
    twelfth = {**line, "amount": line["amount"] // 12}
    store = ending.paper.simulated
    with store.transaction():
        store.save("invoice", lines.put(invoice, [{**twelfth, "id": f"il_{number}"} for number in range(12)]))
    ending.approved()
    ending.paper.work()
    assert (ending.row().state, ending.row().amount) == (DONE, ending.price())


@pytest.mark.parametrize(
    ("method", "words"), [(NOW_WITH_REFUND, "comes back to you"), (AT_PERIOD_END, "does not renew")]
)
def test_the_reader_sees_what_will_happen_and_can_still_leave_by_themselves(
    ending: Ending, method: str, words: str
) -> None:
    browser, address = ending.paper.browser(), ending.paper.settings.public_url
    before = browser.get(f"{address}/subscription", timeout=10).text
    assert "The subscription itself is not affected." in before
    ending.approved(method)
    page = browser.get(f"{address}/subscription", timeout=10).text
    assert words in page
    assert REASON not in page
    assert "The subscription itself is not affected." not in page
    portal = browser.post(f"{address}/subscription/manage", allow_redirects=False, timeout=10)
    form = {"subscription": ending.subscription, "action": "cancel_at_period_end"}
    requests.post(portal.headers["Location"], data=form, timeout=10).raise_for_status()
    assert ending.at_stripe(f"subscriptions/{ending.subscription}")["cancel_at"] is not None


def test_the_reader_sees_what_came_back(ending: Ending) -> None:
    ending.approved()
    ending.paper.work()
    page = ending.paper.browser().get(f"{ending.paper.settings.public_url}/subscription", timeout=10).text
    assert f"£{ending.price() / 100:.2f}" in page


def test_a_refund_that_the_bank_sends_back_weeks_later_comes_to_the_moderators_and_the_reader(ending: Ending) -> None:
    case = ending.approved()
    it = ending.paper
    it.work()
    carrying_out.check_refunds(assembled(it.settings, it.house, it.database, stripe=connect(it.settings)))
    assert ending.row().state == DONE
    it.control(f"refunds/{ending.refunds()[0]['id']}/fail")
    for _day in range(2):
        carrying_out.check_refunds(assembled(it.settings, it.house, it.database, stripe=connect(it.settings)))
    row = ending.row()
    assert (row.state, row.failure, row.owed) == (FAILED, "expired_or_canceled_card", ending.price())
    assert ending.letters() == ["subscription_refunded", "subscription_owed"]
    with it.database.reading() as session:
        assert len(moderating.rows(session, Item, subject_type="termination_failed", subject_id=case)) == 1
