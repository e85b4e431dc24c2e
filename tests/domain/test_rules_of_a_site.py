"""A newspaper with rules of its own: whatever acts at it goes by them, as they are in the database at that moment."""

from datetime import timedelta
from typing import Any

import pytest

from app.accounts import names
from app.comments import gate, posting
from app.comments.posting import Destination, Draft
from app.models import Decision, Item, Site
from app.models.payment_case import FRAUD_WARNING, NAME_MISMATCH
from app.models.termination import NOW_WITH_REFUND
from app.moderation import initiative, undo
from app.payers import payment_cases
from app.payers.payment_cases import PayerFinding
from app.stories.sites import SiteSnapshot
from app.terminations import approval
from app.terminations.approval import ProposedEnd
from app.toxicity.scorer import ATTRIBUTES, Scores, Scoring, Unavailable
from tests.support import factories, moderating
from tests.support.moderating import Desk, refused, rows

# hours to decide that no other rules have, one for each kind
DUE = {
    "comment_hours": 11,
    "severe_hours": 12,
    "account_hours": 13,
    "appeal_hours": 14,
    "notice_hours": 15,
    "payment_hours": 16,
}
# a single point suspends here, while the house only warns at two
STRICT = [{"points": 3, "sanction": "ban"}, {"points": 1, "sanction": "suspension", "days": 7}]


@pytest.fixture(autouse=True)
def of_its_own(desk: Desk) -> None:
    change(desk, due=DUE, strikes={"ladder": STRICT})


def change(desk: Desk, **parts: dict[str, Any]) -> None:
    """The rules of the desk's site change now."""
    desk.session.get_one(Site, desk.story.site_id).policy = parts
    desk.session.flush()


def as_it_is(desk: Desk) -> SiteSnapshot:
    """The desk's site as a request knows it for some seconds."""
    site = desk.session.get_one(Site, desk.story.site_id)
    return SiteSnapshot(site.id, site.key, site.name, tuple(site.origins), site.policy, tuple(site.products))


def removed(desk: Desk, rule: str) -> Decision:
    return desk.decide(moderating.ask(desk.session, desk.house, desk.comment()), "remove", rule)


def hours(item: Item) -> float:
    return (item.due_at - item.opened_at) / timedelta(hours=1)


def test_what_an_undo_asks_again_is_due_by_the_rules_of_the_site(desk: Desk) -> None:
    item = moderating.report(desk.session, desk.house, desk.comment(), factories.account(desk.session))
    decision = desk.decide(item, "approve")
    undo.undo(desk.session, desk.house, desk.moderator, decision.id, "A mistake.")
    (again,) = rows(desk.session, Item, kind="comment", state="open")
    assert hours(again) == DUE["comment_hours"]


def test_what_a_moderator_takes_up_is_due_by_the_rules_of_the_site(desk: Desk) -> None:
    item_id = initiative.take_up(desk.session, desk.house, desk.moderator, desk.comment().id)
    assert hours(desk.session.get_one(Item, item_id)) == DUE["comment_hours"]


def test_a_name_that_is_reset_was_asked_about_by_the_rules_of_the_site(desk: Desk) -> None:
    desk.comment()
    given = desk.moderator, desk.author.id, "honesty", "It offends."
    initiative.reset_name(desk.session, desk.house, *given)
    (item,) = rows(desk.session, Item, kind="account")
    assert hours(item) == DUE["account_hours"]


def test_whether_a_sanction_outlives_its_strikes_is_asked_of_the_ladder_of_the_site(desk: Desk) -> None:
    _, second = removed(desk, "topic"), removed(desk, "topic")
    undo.undo(desk.session, desk.house, desk.moderator, second.id, "A mistake.")
    assert rows(desk.session, Item, kind="account") == []  # one point suspends for as long as two did


def test_what_is_left_when_a_strike_falls_goes_by_the_ladder_of_the_site(desk: Desk) -> None:
    # five points ban here; the one that is left only suspends, and by the house's ladder would do nothing
    threat, _ = removed(desk, "threat"), removed(desk, "topic")
    assert desk.standing() == "ban"
    undo.undo(desk.session, desk.house, desk.moderator, threat.id, "A mistake.")
    assert desk.standing() == "suspension"


def test_a_finding_about_a_payer_is_due_by_the_rules_of_its_site(desk: Desk) -> None:
    site_id = desk.story.site_id
    payment_cases.ask(desk.session, desk.house, PayerFinding(NAME_MISMATCH, desk.author.id, "1"), site_id)
    (item,) = rows(desk.session, Item, kind="payment")
    assert hours(item) == DUE["payment_hours"]


def test_a_finding_of_no_site_is_due_by_the_rules_of_the_first_one_which_is_asked(desk: Desk) -> None:
    payment_cases.ask(desk.session, desk.house, PayerFinding(FRAUD_WARNING, desk.author.id, "ch_1"))
    (item,) = rows(desk.session, Item, kind="payment")
    assert (item.site_id, hours(item)) == (desk.story.site_id, DUE["payment_hours"])


def test_a_name_that_nobody_scored_is_due_by_the_rules_of_the_site_that_is_asked(desk: Desk) -> None:
    names.ask_if_unscored(desk.session, desk.house, desk.author.id, Unavailable("deadline"))
    (item,) = rows(desk.session, Item, kind="account")
    assert (item.site_id, hours(item)) == (desk.story.site_id, DUE["account_hours"])


def test_the_end_of_a_subscription_is_due_by_the_rules_of_the_site_that_banned(desk: Desk) -> None:
    desk.decide(moderating.ask(desk.session, desk.house, desk.comment()), "ban", "threat")
    subscription = factories.subscribe(desk.session, desk.author)
    end = ProposedEnd(desk.author.id, subscription.id, NOW_WITH_REFUND, "Third threat.")
    made = approval.propose(desk.session, desk.house, desk.moderator, end)
    (item,) = rows(desk.session, Item, subject_id=made.id)
    assert hours(item) == DUE["payment_hours"]


def test_a_write_goes_by_the_rules_of_its_moment_whatever_the_site_was_read_as_before(desk: Desk) -> None:
    site = as_it_is(desk)
    factories.subscribe(desk.session, desk.author)
    scoring = Scoring("marked/1", Scores(**dict.fromkeys(ATTRIBUTES, 0.01)))

    def post(text: str) -> None:
        destination = Destination(site, desk.story.key)
        posting.post(desk.session, desk.author.id, destination, Draft(text, scoring), desk.house)

    post("One.")
    change(desk, limits={"posts_per_minute": 1})
    with refused("too_many"):
        post("Two.")


def test_a_name_belongs_to_no_site_and_is_suitable_by_the_rules_of_the_first_one(desk: Desk) -> None:
    scored = [Scores(**dict.fromkeys(ATTRIBUTES, 0.1))]
    assert names.check(desk.session, desk.house, "Quite harmless", scored) == "Quite harmless"
    change(desk, thresholds={"insult": {"nudge": 0.01, "hold": 0.05, "severe": 2.0}})
    with refused("name_unsuitable"):
        names.check(desk.session, desk.house, "Quite harmless", scored)


def test_a_reader_accepts_the_rules_once_for_all_sites(desk: Desk) -> None:
    factories.subscribe(desk.session, desk.author)
    change(desk, house={"rules_version": "of this site alone"})
    assert gate.pass_gate(desk.session, desk.author.id, "post", as_it_is(desk), desk.house).account is desk.author
