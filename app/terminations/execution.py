"""Carries an approved termination out at Stripe, so that a crash between any two steps changes nothing.

Every step is written down before its call and after it, and looked for at Stripe before it is done: what is there
counts, whoever did it. The keys of the calls follow from the termination's id, so that two workers do each only once;
Stripe forgets keys after a day, which is why we look as well. What goes back is counted as of the moment it all began,
and again on each attempt until the subscription is cancelled: it may have renewed meanwhile.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import clock
from app.billing import money, sync
from app.db import Database, find_locked
from app.gateway import refunds, subscriptions
from app.gateway.client import Object, Stripe, StripeRefused
from app.gateway.snapshot import SubscriptionSnapshot, normalise_subscription
from app.installation import Installation
from app.mail import letters
from app.models import Account, Termination
from app.models.letter import (
    PAID_TWICE_ENDED,
    PAID_TWICE_OWED,
    PAID_TWICE_REFUNDED,
    SUBSCRIPTION_ENDED,
    SUBSCRIPTION_ENDS,
    SUBSCRIPTION_OWED,
    SUBSCRIPTION_REFUNDED,
)
from app.models.termination import APPROVED, AT_PERIOD_END, DONE, FAILED, PAID_TWICE
from app.payers.payment_cases import ITEM_KIND
from app.review_queue import items
from app.review_queue.items import Cause, Subject
from app.stories import sites
from app.terminations import approval, proration, second_purchases
from config.policy import HouseRules

FAILURE_WEIGHT = 5.0
# how long a refund may turn out not to have arrived
WATCH_TIME = timedelta(days=60)


def carry_out(it: Installation, termination_id: int) -> None:
    """Do what was approved, or what is left of it. Raises StripeUnavailable (run it again later)."""
    each = _begin(it, termination_id)
    if each is None:
        return
    try:
        if each.method == AT_PERIOD_END:
            _finish(it.database, each.id, ends=_end_with_period(it.stripe, each))
            return
        if each.cancelled_at is None:
            each = _note_before_end(it.database, each.id, **_count(it, each))
            _end_now(it.stripe, each)
            each = _note_before_end(it.database, each.id, cancelled_at=clock.now())
        for number in range(len(each.refunds)):
            each = _give_back(it.database, it.stripe, each, number)
    except StripeRefused as refusal:
        with it.database.transaction() as session:
            _fail(session, it.house, each.id, APPROVED, refusal.reason or "refused")
        return
    _finish(it.database, each.id, ends=None)


def check_refunds(it: Installation) -> None:
    """Look whether what was given back lately has arrived: a bank may send it back after weeks."""
    with it.database.reading() as session:
        lately = (Termination.state == DONE) & (Termination.done_at > clock.now() - WATCH_TIME)
        made = [each for each in session.scalars(select(Termination).where(lately)) if each.refunds]
    for each in made:
        failures = {part["refund"]: refunds.failure(it.stripe, part["refund"]) for part in each.refunds}
        if not any(failures.values()):
            continue
        with it.database.transaction() as session:
            again = [part | {"refund": None} if failures[part["refund"]] else part for part in each.refunds]
            session.execute(update(Termination).where(Termination.id == each.id).values(refunds=again))
            _fail(session, it.house, each.id, DONE, next(code for code in failures.values() if code))


def _begin(it: Installation, termination_id: int) -> Termination | None:
    """Check once more that it is to be, and write down that it begins; None where there is nothing to do."""
    with it.database.transaction() as session:
        each = _locked(session, termination_id)
        if each is None or each.state != APPROVED:
            return None
        if each.begun_at is None and not _stands(session, it.house, each):
            approval.withdraw(session, each)
            return None
        each.begun_at = each.begun_at or clock.now()
    return each


def _stands(session: Session, house: HouseRules, each: Termination) -> bool:
    if each.method == PAID_TWICE:
        return second_purchases.stands(session, house, each)
    return approval.stands(session, each)


def _end_with_period(stripe: Stripe, each: Termination) -> datetime | None:
    """Let it run out; when it ends, None where it is over."""
    found = _look(stripe, each)
    if found is not None and found.cancel_at is None:
        try:
            found = normalise_subscription(subscriptions.end_with_period(stripe, each.subscription_id, str(each.id)))
        except StripeRefused:
            found = _look(stripe, each)
            if found is not None and found.cancel_at is None:
                raise
    return found.cancel_at if found else None


def _end_now(stripe: Stripe, each: Termination) -> None:
    if _look(stripe, each) is None:
        return
    try:
        subscriptions.end_now(stripe, each.subscription_id, str(each.id))
    except StripeRefused:
        if _look(stripe, each) is not None:
            raise


def _look(stripe: Stripe, each: Termination) -> SubscriptionSnapshot | None:
    """The subscription as it is now; None where it is over, whoever ended it."""
    raw = subscriptions.retrieve(stripe, each.subscription_id)
    found = normalise_subscription(raw) if raw else None
    return None if found is None or found.status in approval.OVER else found


def _count(it: Installation, each: Termination) -> Object:
    """What goes back, of which charges."""
    assert each.begun_at is not None
    with it.database.reading() as session:
        others = second_purchases.doubled(session, each)
    doubled = [invoice for other in others for invoice in refunds.paid_invoices(it.stripe, other)]
    parts, currency = [], None
    for invoice in refunds.paid_invoices(it.stripe, each.subscription_id):
        amount = proration.unused(invoice, each.begun_at, doubled)
        currency = currency or invoice.currency
        if amount:
            parts += proration.split(amount, refunds.refundable_charges(it.stripe, invoice.id))
    return {
        "amount": sum(part.amount for part in parts),
        "currency": currency,
        "refunds": [{"charge": part.charge, "amount": part.amount, "refund": None} for part in parts],
    }


def _give_back(database: Database, stripe: Stripe, each: Termination, number: int) -> Termination:
    part = each.refunds[number]
    if part["refund"] is not None:
        return each
    case = str(each.id)
    made = refunds.find(stripe, part["charge"], case, number)
    if made is None:
        try:
            made = refunds.create(stripe, part["charge"], part["amount"], case, number)
        except StripeRefused as refusal:
            if refusal.reason != refunds.ALREADY:
                raise
            made = refunds.ALREADY
    done = [*each.refunds[:number], {**part, "refund": made}, *each.refunds[number + 1 :]]
    with database.transaction() as session:
        session.execute(update(Termination).where(Termination.id == each.id).values(refunds=done))
        return session.get_one(Termination, each.id)


def _note_before_end(database: Database, termination_id: int, **facts: Any) -> Termination:
    """Write `facts` unless another worker has ended it meanwhile: counted after its refund, too little is left."""
    living = (Termination.id == termination_id) & Termination.cancelled_at.is_(None)
    with database.transaction() as session:
        session.execute(update(Termination).where(living).values(facts))
        return session.get_one(Termination, termination_id)


def _finish(database: Database, termination_id: int, *, ends: datetime | None) -> None:
    """All is done: the reader is told in the same transaction. `ends`: with its period, which is over then."""
    with database.transaction() as session:
        each = _locked(session, termination_id)
        if each is None or each.state != APPROVED:
            return
        each.state, each.done_at, each.cancelled_at = DONE, clock.now(), each.cancelled_at or clock.now()
        refunded, ended, _owed = _letters_of(each)
        if ends is not None:
            letters.write(session, each.account_id, SUBSCRIPTION_ENDS, {"day": ends.date().isoformat()})
        elif each.amount:
            letters.write(session, each.account_id, refunded, _sum(each, each.amount))
        else:
            letters.write(session, each.account_id, ended)
        approval.record(session, None, "done", each)
        _ask_stripe(session, each)


def _fail(session: Session, house: HouseRules, termination_id: int, state: str, code: str) -> None:
    """Stripe will not: moderators see why. A reader whose subscription is over is told so, and what they are owed.

    `state` is the one that it was seen in.
    """
    each = _locked(session, termination_id)
    if each is None or each.state != state:
        return
    each.state, each.done_at, each.failure = FAILED, clock.now(), code
    if each.cancelled_at is not None:
        _refunded, _ended, owed = _letters_of(each)
        letters.write(session, each.account_id, owed, _sum(each, each.owed))
    approval.record(session, None, "fail", each, code=code)
    about = Subject(approval.FAILURE, each.id, each.site_id, each.account_id)
    rules = sites.rules_at(session, each.site_id, house)
    items.open_item(session, ITEM_KIND, about, Cause(approval.FAILURE, FAILURE_WEIGHT), rules)
    _ask_stripe(session, each)


def _locked(session: Session, termination_id: int) -> Termination | None:
    """The row, locked after its account: a ban is lifted, and an approval undone, before or after, never meanwhile."""
    known = session.get(Termination, termination_id)
    if known is None:
        return None
    find_locked(session, Account, Account.id == known.account_id)
    return find_locked(session, Termination, Termination.id == termination_id)


def _letters_of(each: Termination) -> tuple[str, str, str]:
    """What its reader gets where money came back, where there was none to come back, and where it could not."""
    if each.method == PAID_TWICE:
        return PAID_TWICE_REFUNDED, PAID_TWICE_ENDED, PAID_TWICE_OWED
    return SUBSCRIPTION_REFUNDED, SUBSCRIPTION_ENDED, SUBSCRIPTION_OWED


def _sum(each: Termination, amount: int) -> dict[str, str]:
    currency = each.currency or ""
    return {"amount": str(money.major(amount, currency)), "currency": currency}


def _ask_stripe(session: Session, each: Termination) -> None:
    """No webhook need come for us to know what we have done."""
    sync.request(session, sync.SUBSCRIPTION, each.subscription_id)
    for part in each.refunds:
        sync.request(session, sync.CHARGE, part["charge"])
