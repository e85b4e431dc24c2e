"""May this reader write, why, and until when: a pure function of local facts and the clock.

Nothing here asks Stripe or the database, so the answer at the moment of a write costs microseconds and
is the same when Stripe is away. The price is that access outlives an unheard cancellation, by at most the lease.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from app.models.account import MISMATCH
from config.rules import Entitlement as EntitlementPolicy


class Reason(StrEnum):
    """Why the answer is what it is. Codes are stored, sent and translated; never rename one."""

    ACTIVE = "active"
    GRANT = "grant"
    BY_PAPER = "by_paper"
    BANNED = "banned"
    IDENTITY_REVIEW = "identity_review"
    NAME_UNCHECKED = "name_unchecked"
    NAME_MISMATCH = "name_mismatch"
    NO_SUBSCRIPTION = "no_subscription"
    ENDED = "ended"
    LEASE_ENDED = "lease_ended"
    DISPUTE = "dispute"
    FRAUD_WARNING = "fraud_warning"
    REFUNDED = "refunded"
    COLLECTION_PAUSED = "collection_paused"
    TRIAL = "trial"
    PAST_DUE_GRACE = "past_due_grace"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    INCOMPLETE = "incomplete"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    PAUSED = "paused"
    CANCELED = "canceled"
    UNKNOWN_STATUS = "unknown_status"


@dataclass(frozen=True)
class SubscriptionFacts:
    """What we last heard of one subscription; times in UTC, `status` and `dispute_status` in Stripe's words.
    `granting`: it has a product that allows writing.

    `fraud_warning`: a bank takes a payment of it for fraud, and that is not settled. `written_off`: the invoice for
    the present period is closed and was not paid. `awaited`: its first payment has not arrived yet. `paid_before`: some
    payment did.
    """

    status: str
    granting: bool = True
    customer_deleted: bool = False
    period_end: datetime | None = None
    cancel_at: datetime | None = None
    ended_at: datetime | None = None
    trial_end: datetime | None = None
    past_due_since: datetime | None = None
    paid_before: bool = True
    pause_behavior: str | None = None
    dispute_status: str | None = None
    fraud_warning: bool = False
    refunded: bool = False
    written_off: bool = False
    awaited: bool = False


@dataclass(frozen=True)
class Facts:
    """All that is known of one account; times in UTC. `grant_ends`: ends of grants an editor gave and nobody revoked.
    `paper_until`: until when the paper's own site said last that they may write.

    `identity_review`: a moderator is asked whether it is a banned reader. `pending`: a subscription of its runs, and it
    is not known yet with what that is paid.
    """

    subscriptions: tuple[SubscriptionFacts, ...] = ()
    grant_ends: tuple[datetime, ...] = ()
    banned: bool = False
    banned_until: datetime | None = None
    identity_review: bool = False
    pending: bool = False
    # as models.account has it
    name_check: str | None = None
    paper_until: datetime | None = None


@dataclass(frozen=True)
class Entitlement:
    """Whether an account may write, and why. `until` (UTC): the first moment at which the same facts give another
    answer, or at which the payment is due that gives other facts; None where none is known.
    """

    allowed: bool
    reason: Reason
    until: datetime | None = None


NEVER = datetime.max.replace(tzinfo=UTC)
# What a reader with several failed subscriptions is told: the first that applies, nearest to mending first.
REFUSALS_BY_USE = (
    Reason.IDENTITY_REVIEW,
    Reason.NAME_MISMATCH,
    Reason.NAME_UNCHECKED,
    Reason.DISPUTE,
    Reason.FRAUD_WARNING,
    Reason.PAST_DUE,
    Reason.UNPAID,
    Reason.INCOMPLETE,
    Reason.COLLECTION_PAUSED,
    Reason.PAUSED,
    Reason.TRIAL,
    Reason.REFUNDED,
    Reason.UNKNOWN_STATUS,
    Reason.LEASE_ENDED,
    Reason.ENDED,
    Reason.CANCELED,
    Reason.INCOMPLETE_EXPIRED,
    Reason.NO_SUBSCRIPTION,
)
# where readers write under the name they pay under: what a subscription that allows comes to, by the check of the name
NAME_REFUSALS = {None: Reason.NAME_UNCHECKED, MISMATCH: Reason.NAME_MISMATCH}
BLOCKING_DISPUTES = frozenset({"needs_response", "under_review", "lost"})
# nothing comes after these
FINAL = ("canceled", "incomplete_expired")
CLOSED_STATUSES = {
    "unpaid": Reason.UNPAID,
    "incomplete": Reason.INCOMPLETE,
    "incomplete_expired": Reason.INCOMPLETE_EXPIRED,
    "paused": Reason.PAUSED,
    "canceled": Reason.CANCELED,
}
KNOWN_STATUSES = frozenset({"active", "trialing", "past_due", *CLOSED_STATUSES})


def decide(facts: Facts, now: datetime, house: EntitlementPolicy, *, names_required: bool = False) -> Entitlement:
    """What follows from `facts` at `now` (UTC): a ban or an open identity review refuses; otherwise one subscription or
    grant that allows is enough, whatever is pending.

    With `names_required` a subscription allows only under the name that it is paid under. Who has a grant or the
    paper's word pays nothing here, so there is no name to compare theirs with.
    """
    if facts.banned:
        return Entitlement(False, Reason.BANNED, facts.banned_until)
    if facts.identity_review:
        return Entitlement(False, Reason.IDENTITY_REVIEW)
    answers = [_subscription(subscription, now, house) for subscription in facts.subscriptions]
    if names_required and facts.name_check in NAME_REFUSALS:
        answers = [_unnamed(answer, NAME_REFUSALS[facts.name_check]) for answer in answers]
    answers += [Entitlement(True, Reason.GRANT, end) for end in facts.grant_ends if now < end]
    if house.paper_entitles and facts.paper_until and now < facts.paper_until:
        answers.append(Entitlement(True, Reason.BY_PAPER, facts.paper_until))
    if facts.pending:
        answers.append(Entitlement(False, Reason.IDENTITY_REVIEW))
    return _best(answers)


def _best(answers: Iterable[Entitlement]) -> Entitlement:
    allowing = [answer for answer in answers if answer.allowed and answer.until]
    if allowing:
        return max(allowing, key=lambda answer: (answer.until, answer.reason))
    refusing = [answer for answer in answers if not answer.allowed]
    refusing.append(Entitlement(False, Reason.NO_SUBSCRIPTION))
    return min(refusing, key=lambda answer: (REFUSALS_BY_USE.index(answer.reason), answer.until or NEVER))


def _unnamed(answer: Entitlement, reason: Reason) -> Entitlement:
    """Who would be refused anyway hears of that: the name alone would not help them."""
    return Entitlement(False, reason) if answer.allowed else answer


def _subscription(facts: SubscriptionFacts, now: datetime, house: EntitlementPolicy) -> Entitlement:
    """The table of rules, first match wins."""
    if not facts.granting or facts.customer_deleted:
        return Entitlement(False, Reason.NO_SUBSCRIPTION)
    if any(end and now >= end for end in (facts.ended_at, facts.cancel_at)):
        return Entitlement(False, Reason.ENDED)
    if facts.dispute_status in BLOCKING_DISPUTES:
        return Entitlement(False, Reason.DISPUTE)
    if facts.fraud_warning:
        return Entitlement(False, Reason.FRAUD_WARNING)
    if facts.refunded:
        return _refunded(facts, now)
    match facts.status:
        case "active":
            return _active(facts, now, house)
        case "trialing":
            return _trialing(facts, now, house)
        case "past_due":
            return _past_due(facts, now, house)
    return Entitlement(False, CLOSED_STATUSES.get(facts.status, Reason.UNKNOWN_STATUS))


def _active(facts: SubscriptionFacts, now: datetime, house: EntitlementPolicy) -> Entitlement:
    """Where collection is paused by drafts or by writing off, it goes on granting; not where invoices are voided."""
    if facts.awaited:
        return Entitlement(False, Reason.INCOMPLETE)
    paused, voids = facts.pause_behavior is not None, facts.pause_behavior == "void"
    if facts.written_off and (voids or not paused):
        return Entitlement(False, Reason.COLLECTION_PAUSED if voids else Reason.UNPAID)
    paid_until = facts.period_end
    lease_end = paid_until + timedelta(days=house.lease_days) if paid_until else None
    if not paused:
        return _while_before(lease_end, facts, now, Reason.ACTIVE, otherwise=Reason.LEASE_ENDED)
    end = paid_until if voids else lease_end
    return _while_before(end, facts, now, Reason.COLLECTION_PAUSED, otherwise=Reason.COLLECTION_PAUSED)


def _trialing(facts: SubscriptionFacts, now: datetime, house: EntitlementPolicy) -> Entitlement:
    on_trial = _while_before(facts.trial_end, facts, now, Reason.TRIAL, otherwise=Reason.TRIAL)
    return on_trial if house.trial_writes else replace(on_trial, allowed=False)


def _refunded(facts: SubscriptionFacts, now: datetime) -> Entitlement:
    """Until the next payment is due, if one is to come."""
    renews = facts.status == "active" and not facts.cancel_at and not facts.pause_behavior
    due = facts.period_end if renews else None
    return Entitlement(False, Reason.REFUNDED, due if due and now < due else None)


def _past_due(facts: SubscriptionFacts, now: datetime, house: EntitlementPolicy) -> Entitlement:
    """Days of grace are for those who have paid before."""
    since = facts.past_due_since if facts.paid_before else None
    end = since + timedelta(days=house.past_due_grace_days) if since else None
    return _while_before(end, facts, now, Reason.PAST_DUE_GRACE, otherwise=Reason.PAST_DUE)


def _while_before(
    end: datetime | None, facts: SubscriptionFacts, now: datetime, reason: Reason, otherwise: Reason
) -> Entitlement:
    """Yes until `end` or the scheduled cancellation, whichever comes first; no where no end is known."""
    if end is None or now >= end:
        return Entitlement(False, otherwise)
    return Entitlement(True, reason, min(end, facts.cancel_at or end, facts.ended_at or end))
