"""Who may write, as a table: each row is the rule in words, the facts, and the answer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.billing import sentences
from app.billing.entitlement import (
    REFUSALS_BY_USE,
    Entitlement,
    Facts,
    Reason,
    SubscriptionFacts,
    decide,
)
from config.rules import Entitlement as EntitlementPolicy

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
POLICY = EntitlementPolicy(lease_days=3, past_due_grace_days=7, trial_writes=False)


def day(days: float) -> datetime:
    return NOW + timedelta(days=days)


def subscribed(status: str = "active", **facts: object) -> Facts:
    return Facts(subscriptions=(subscription(status, **facts),))


def subscription(status: str = "active", **facts: object) -> SubscriptionFacts:
    known: dict[str, object] = {"period_end": day(10)} | facts
    return SubscriptionFacts(status, **known)  # type: ignore[arg-type]


def yes(reason: Reason, until: datetime) -> Entitlement:
    return Entitlement(True, reason, until)


def no(reason: Reason, until: datetime | None = None) -> Entitlement:
    return Entitlement(False, reason, until)


RULES: list[tuple[str, Facts, Entitlement]] = [
    ("a ban beats a paid subscription", Facts((subscription(),), banned=True), no(Reason.BANNED)),
    (
        "a ban for a time says when it ends",
        Facts((subscription(),), banned=True, banned_until=day(3)),
        no(Reason.BANNED, day(3)),
    ),
    ("a ban beats an editor's grant", Facts(grant_ends=(day(9),), banned=True), no(Reason.BANNED)),
    (
        "an open identity review holds a paid subscription",
        Facts((subscription(),), identity_review=True),
        no(Reason.IDENTITY_REVIEW),
    ),
    ("who never paid does not write", Facts(), no(Reason.NO_SUBSCRIPTION)),
    ("another product does not count", subscribed(granting=False), no(Reason.NO_SUBSCRIPTION)),
    ("a deleted customer has nothing", subscribed(customer_deleted=True), no(Reason.NO_SUBSCRIPTION)),
    ("an ended subscription is over", subscribed(ended_at=day(-1)), no(Reason.ENDED)),
    ("the end itself is already over", subscribed(ended_at=NOW), no(Reason.ENDED)),
    ("a scheduled end that passed is over unheard", subscribed(cancel_at=day(-0.01)), no(Reason.ENDED)),
    ("an end beats a dispute", subscribed(ended_at=NOW, dispute_status="lost"), no(Reason.ENDED)),
    ("an open dispute holds", subscribed(dispute_status="needs_response"), no(Reason.DISPUTE)),
    ("a dispute under review holds", subscribed(dispute_status="under_review"), no(Reason.DISPUTE)),
    ("a lost dispute holds", subscribed(dispute_status="lost"), no(Reason.DISPUTE)),
    ("a won dispute restores", subscribed(dispute_status="won"), yes(Reason.ACTIVE, day(13))),
    (
        "an inquiry is no dispute",
        subscribed(dispute_status="warning_under_review"),
        yes(Reason.ACTIVE, day(13)),
    ),
    ("a bank's warning of fraud holds", subscribed(fraud_warning=True), no(Reason.FRAUD_WARNING)),
    (
        "a dispute is told before a warning",
        subscribed(fraud_warning=True, dispute_status="lost"),
        no(Reason.DISPUTE),
    ),
    ("active without money is unpaid", subscribed(written_off=True), no(Reason.UNPAID)),
    ("active before the first money has arrived is incomplete", subscribed(awaited=True), no(Reason.INCOMPLETE)),
    (
        "written off because collection is paused that way goes on",
        subscribed(written_off=True, pause_behavior="mark_uncollectible"),
        yes(Reason.COLLECTION_PAUSED, day(13)),
    ),
    (
        "voided because collection is paused that way is over",
        subscribed(written_off=True, pause_behavior="void"),
        no(Reason.COLLECTION_PAUSED),
    ),
    ("a full refund ends it until the next payment is due", subscribed(refunded=True), no(Reason.REFUNDED, day(10))),
    (
        "a full refund ends it for good if no payment is to come",
        subscribed(refunded=True, cancel_at=day(10)),
        no(Reason.REFUNDED),
    ),
    ("a paid period and its lease", subscribed(), yes(Reason.ACTIVE, day(13))),
    ("the lease outlives the period", subscribed(period_end=day(-2.9)), yes(Reason.ACTIVE, day(0.1))),
    ("the lease ends unheard", subscribed(period_end=day(-3)), no(Reason.LEASE_ENDED)),
    ("no period, no lease", subscribed(period_end=None), no(Reason.LEASE_ENDED)),
    ("cancelled but paid up writes to the end", subscribed(cancel_at=day(10)), yes(Reason.ACTIVE, day(10))),
    (
        "collection paused as a draft goes on",
        subscribed(pause_behavior="keep_as_draft"),
        yes(Reason.COLLECTION_PAUSED, day(13)),
    ),
    (
        "collection paused as uncollectible goes on",
        subscribed(pause_behavior="mark_uncollectible"),
        yes(Reason.COLLECTION_PAUSED, day(13)),
    ),
    (
        "collection paused as void ends with what was paid",
        subscribed(pause_behavior="void"),
        yes(Reason.COLLECTION_PAUSED, day(10)),
    ),
    (
        "collection paused as void has no lease",
        subscribed(pause_behavior="void", period_end=day(-1)),
        no(Reason.COLLECTION_PAUSED),
    ),
    (
        "a trial does not write until it ends",
        subscribed("trialing", trial_end=day(5)),
        no(Reason.TRIAL, day(5)),
    ),
    (
        "past due writes for seven days from the first failure",
        subscribed("past_due", past_due_since=day(-6)),
        yes(Reason.PAST_DUE_GRACE, day(1)),
    ),
    (
        "who never paid has no days of grace",
        subscribed("past_due", past_due_since=NOW, paid_before=False),
        no(Reason.PAST_DUE),
    ),
    (
        "what is awaited is awaited whether payments are paused or not",
        subscribed(awaited=True, pause_behavior="keep_as_draft"),
        no(Reason.INCOMPLETE),
    ),
    ("past due too long is over", subscribed("past_due", past_due_since=day(-7)), no(Reason.PAST_DUE)),
    ("past due since nobody knows when", subscribed("past_due"), no(Reason.PAST_DUE)),
    (
        "grace ends with a scheduled cancellation",
        subscribed("past_due", past_due_since=NOW, cancel_at=day(2)),
        yes(Reason.PAST_DUE_GRACE, day(2)),
    ),
    ("unpaid", subscribed("unpaid"), no(Reason.UNPAID)),
    ("the first payment is not through", subscribed("incomplete"), no(Reason.INCOMPLETE)),
    ("the first payment never came", subscribed("incomplete_expired"), no(Reason.INCOMPLETE_EXPIRED)),
    ("paused", subscribed("paused"), no(Reason.PAUSED)),
    ("cancelled", subscribed("canceled"), no(Reason.CANCELED)),
    ("a status nobody has heard of", subscribed("dormant"), no(Reason.UNKNOWN_STATUS)),
    ("an editor's grant", Facts(grant_ends=(day(2),)), yes(Reason.GRANT, day(2))),
    ("a grant that ran out", Facts(grant_ends=(NOW,)), no(Reason.NO_SUBSCRIPTION)),
    (
        "a cancelled duplicate takes nothing away",
        Facts((subscription("canceled", ended_at=day(-1)), subscription())),
        yes(Reason.ACTIVE, day(13)),
    ),
    (
        "of several that allow, the longest counts",
        Facts((subscription(),), grant_ends=(day(40),)),
        yes(Reason.GRANT, day(40)),
    ),
    (
        "of several that refuse, the one nearest to mending is told",
        Facts((subscription("canceled", ended_at=day(-1)), subscription("unpaid"))),
        no(Reason.UNPAID),
    ),
]


@pytest.mark.parametrize(("facts", "answer"), [rule[1:] for rule in RULES], ids=[rule[0] for rule in RULES])
def test_the_rule_holds(facts: Facts, answer: Entitlement) -> None:
    assert decide(facts, NOW, POLICY) == answer


def test_a_house_may_let_trials_write_until_the_trial_ends() -> None:
    house = msgspec.structs.replace(POLICY, trial_writes=True)
    facts = subscribed("trialing", trial_end=day(5))
    assert decide(facts, NOW, house) == yes(Reason.TRIAL, day(5))
    assert decide(facts, day(5), house) == no(Reason.TRIAL)


def test_the_paper_lets_somebody_write_where_its_word_is_taken() -> None:
    house, facts = msgspec.structs.replace(POLICY, paper_entitles=True), Facts(paper_until=day(5))
    assert decide(facts, NOW, POLICY) == no(Reason.NO_SUBSCRIPTION)
    assert decide(facts, NOW, house) == yes(Reason.BY_PAPER, day(5))
    assert decide(facts, day(5), house) == no(Reason.NO_SUBSCRIPTION)
    assert decide(facts, NOW, house, names_required=True).allowed  # there is no name on a bill to compare with
    assert decide(replace(facts, banned=True), NOW, house) == no(Reason.BANNED)
    assert decide(replace(facts, identity_review=True), NOW, house) == no(Reason.IDENTITY_REVIEW)


moments = st.none() | st.floats(-40, 40, allow_nan=False).map(day)
subscriptions = st.builds(
    SubscriptionFacts,
    status=st.sampled_from(
        ["active", "trialing", "past_due", "unpaid", "incomplete", "incomplete_expired", "paused", "canceled"]
    )
    | st.text(max_size=8),
    granting=st.booleans(),
    customer_deleted=st.booleans(),
    period_end=moments,
    cancel_at=moments,
    ended_at=moments,
    trial_end=moments,
    past_due_since=moments,
    pause_behavior=st.sampled_from([None, "void", "keep_as_draft", "mark_uncollectible"]) | st.text(max_size=8),
    dispute_status=st.sampled_from([None, "needs_response", "lost", "won", "warning_closed"]),
    refunded=st.booleans(),
    fraud_warning=st.booleans(),
    written_off=st.booleans(),
    awaited=st.booleans(),
    paid_before=st.booleans(),
)
any_facts = st.builds(
    Facts,
    subscriptions=st.lists(subscriptions, max_size=4).map(tuple),
    grant_ends=st.lists(st.floats(-40, 40, allow_nan=False).map(day), max_size=3).map(tuple),
    banned=st.booleans(),
    banned_until=moments,
    identity_review=st.booleans(),
    paper_until=moments,
)
policies = st.builds(
    EntitlementPolicy,
    lease_days=st.integers(0, 10),
    past_due_grace_days=st.integers(0, 21),
    trial_writes=st.booleans(),
    paper_entitles=st.booleans(),
)


@given(any_facts, policies)
def test_a_yes_says_until_when_and_is_true_exactly_until_then(facts: Facts, house: EntitlementPolicy) -> None:
    answer = decide(facts, NOW, house)
    if not answer.allowed:
        return
    assert answer.until is not None
    assert answer.until > NOW
    assert decide(facts, answer.until - timedelta(microseconds=1), house) == answer
    assert not decide(facts, answer.until, house).allowed


@given(any_facts, policies)
def test_silence_never_gives_access_back(facts: Facts, house: EntitlementPolicy) -> None:
    allowed = [decide(facts, day(days), house).allowed for days in range(0, 60, 3)]
    assert allowed == sorted(allowed, reverse=True)


@given(any_facts, policies, subscriptions)
def test_another_subscription_never_takes_access_away(
    facts: Facts, house: EntitlementPolicy, more: SubscriptionFacts
) -> None:
    richer = replace(facts, subscriptions=(*facts.subscriptions, more))
    assert decide(richer, NOW, house).allowed >= decide(facts, NOW, house).allowed


@given(any_facts, policies)
def test_the_order_of_subscriptions_does_not_matter(facts: Facts, house: EntitlementPolicy) -> None:
    turned = replace(facts, subscriptions=facts.subscriptions[::-1], grant_ends=facts.grant_ends[::-1])
    assert decide(turned, NOW, house) == decide(facts, NOW, house)


@given(any_facts, policies)
def test_a_banned_reader_never_writes(facts: Facts, house: EntitlementPolicy) -> None:
    banned = replace(facts, banned=True, banned_until=None)
    assert decide(banned, NOW, house) == no(Reason.BANNED)


@given(st.text().filter(lambda word: word not in {"active", "trialing", "past_due"}), policies)
def test_only_three_statuses_can_ever_write(status: str, house: EntitlementPolicy) -> None:
    everything = subscribed(status, trial_end=day(9), past_due_since=NOW)
    assert not decide(everything, NOW, house).allowed


def test_every_refusal_has_its_place_in_the_order() -> None:
    account_wide = {Reason.BANNED}
    only_ever_yes = {Reason.ACTIVE, Reason.GRANT, Reason.BY_PAPER, Reason.PAST_DUE_GRACE}
    assert set(REFUSALS_BY_USE) | account_wide | only_ever_yes == set(Reason)


@given(any_facts, policies)
def test_every_answer_can_be_told(facts: Facts, house: EntitlementPolicy) -> None:
    assert sentences.sentence(decide(facts, NOW, house))


@pytest.mark.parametrize(
    ("status", "facts", "words"),
    [
        ("trialing", {"trial_end": day(5)}, "after the trial, which ends on 27 Nov 2026, 12:00 UTC."),
        ("active", {"refunded": True}, "after the next one, which is due on 2 Dec 2026, 12:00 UTC."),
        ("trialing", {}, "after the trial."),
        ("active", {"refunded": True, "cancel_at": day(10)}, "after the next one."),
    ],
)
def test_a_day_that_is_known_is_said(status: str, facts: dict[str, object], words: str) -> None:
    assert sentences.words(decide(subscribed(status, **facts), NOW, POLICY), UTC).endswith(words)


def test_every_reason_has_its_sentence() -> None:
    assert sentences.WHY.keys() | sentences.WHY_NOT.keys() == set(Reason)
    assert set(REFUSALS_BY_USE) <= sentences.WHY_NOT.keys()
