"""A reader's subscription: what they have, why they may or may not write, and the ways to Stripe and back."""

import re
from dataclasses import dataclass, replace

import msgspec
from flask import flash, redirect, render_template
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import clock
from app.accounts import standing
from app.accounts.identity import Identity
from app.accounts.standing import Restricted, Standing
from app.billing import cancelling, checkout, facts, links, sentences
from app.billing import offers as offers_of_stripe
from app.billing.entitlement import Entitlement, Reason
from app.errors import TooMany
from app.gateway.client import StripeUnavailable, WrongMode
from app.gateway.values import MalformedObject
from app.language import _, current, mark
from app.models import Account
from app.models.payment_case import OPEN
from app.models.role import MODERATOR
from app.models.termination import PAID_TWICE
from app.stories import sites
from app.terminations import proposals, second_purchases
from app.web import context, forms, limits
from app.web.endpoint import page
from app.web.readers.sign_in import NextPage
from app.web.services import services

PATH = "/subscription"
_STORY = re.compile(r"/stories/[0-9]+(\?[^#]*)?")
STAFF = mark("You are on the staff, and write without a subscription.")
CANCELLED = mark("You have cancelled your subscription.")
ENDS_WITH_PERIOD = mark(
    "Your subscription is cancelled and ends with the time that is paid. To take that back, manage your subscription."
)
# where the usual sentence goes on "please subscribe"
SUBSCRIBERS = mark("Comments are written by subscribers.")
WITHDRAWN = mark("Your right to comment has been withdrawn.")
ARRIVED = mark("Thank you. Your payment has arrived.")
ON_ITS_WAY = mark("Thank you. Your bank may take a few days; you can write as soon as the payment has arrived.")
LATER = mark("Thank you. It may take a few minutes until your payment shows here.")


class Returned(msgspec.Struct):
    session: str


class SecondPurchase(msgspec.Struct):
    """By Stripe's id."""

    subscription: str


@dataclass(frozen=True)
class RightToWrite:
    """What readers are told of their right to write: the rule's answer, its sentence, whether it renews by itself."""

    entitlement: Entitlement
    sentence: str
    renews: bool


@page("GET", PATH, "subscribe", asks=NextPage)
def show_subscription(caller: Identity, query: NextPage) -> str:
    """The state of the subscription, and why."""
    if query.next:
        context.remember(forms.local(query.next))
    price = services().settings.stripe_price
    with services().database.reading() as session:
        account = session.get_one(Account, caller.account_id)
        right = right_to_write(session, caller)
        present = standing.read(session, caller.account_id)
        customer = checkout.customer_of(session, caller.account_id)
        subscribed = checkout.is_subscribed(session, caller.account_id, price)
        renewing = cancelling.renewing(session, caller.account_id)
        announced = proposals.announced(session, caller.account_id)
        contested = links.contested(session, caller.account_id)
        paid_in_vain = second_purchases.offered(session, services().house, caller.account_id)
    if any(each.method != PAID_TWICE for each in announced) and right.entitlement.reason is Reason.BANNED:
        # the usual sentence says that the subscription stays
        right = replace(right, sentence=_(WITHDRAWN))
    elif contested == OPEN and right.entitlement.reason is Reason.NO_SUBSCRIPTION:
        right = replace(right, sentence=_(SUBSCRIBERS))
    offers = bool(price) and not subscribed
    return render_template(
        "readers/subscription.html",
        confirmed=account.verified_at is not None,
        offer=offers_of_stripe.current(services()) if offers else None,
        right=right,
        back=context.way_back("/"),
        has_customer=customer is not None,
        offers=offers,
        may_cancel=bool(renewing),
        announced=announced,
        surplus=paid_in_vain,
        keeps=_kept_from_writing(account, present),
        contested=contested,
        may_link=not right.entitlement.allowed and not subscribed,
    )


def _kept_from_writing(account: Account, present: Standing) -> Restricted | None:
    """What keeps an account of that standing from writing, whether it has subscribed or not."""
    try:
        standing.check(account, present)
        standing.require_rules(account, services().house.rules_version)
    except Restricted as restricted:
        return restricted
    return None


@page("POST", f"{PATH}/subscribe", "subscribe")
def subscribe(caller: Identity) -> Response:
    """Off to Checkout."""
    limits.payment_page(caller.account_id)
    return redirect(checkout.begin(services(), caller.account_id, current()), 303)


@page("POST", f"{PATH}/manage", "subscribe")
def manage(caller: Identity) -> Response:
    """Off to the Portal, for banned readers too: everyone may leave."""
    limits.payment_page(caller.account_id)
    return redirect(checkout.portal(services(), caller.account_id, current()), 303)


@page("POST", f"{PATH}/cancel", "subscribe")
def cancel(caller: Identity) -> Response:
    """End it with the period that is paid, with this one click; for banned readers too."""
    limits.payment_page(caller.account_id)
    cancelling.cancel(services(), caller.account_id)
    flash(_(ENDS_WITH_PERIOD))
    return redirect(PATH, 303)


@page("POST", f"{PATH}/end-second", "subscribe", takes=SecondPurchase)
def end_second(caller: Identity, form: SecondPurchase) -> Response:
    """End the later of two that sell the same, and have back what was paid twice; for banned readers too."""
    with services().database.transaction() as session:
        second_purchases.end_own(session, services().house, caller.account_id, form.subscription)
    return redirect(PATH, 303)


@page("GET", f"{PATH}/return", "subscribe", asks=Returned)
def come_back(caller: Identity, query: Returned) -> Response:
    """Back from Checkout: what was bought counts at once, even if the webhook is late."""
    try:
        limits.payment_page(caller.account_id)
        paid = checkout.complete(services(), caller.account_id, query.session)
        flash(_(ARRIVED if paid else ON_ITS_WAY))
    except (StripeUnavailable, MalformedObject, WrongMode, TooMany):
        # a webhook tells the same; what Stripe answered is looked at again by a worker, which tells those who run this
        flash(_(LATER))
    return redirect(_where_one_writes(caller), 303)


def _where_one_writes(caller: Identity) -> str:
    """The story that the reader came from, at the composer, if they may write now; or else why they may not."""
    back = context.way_back(PATH)
    with services().database.reading() as session:
        may_write = right_to_write(session, caller).entitlement.allowed
        good = standing.read(session, caller.account_id).good
    return f"{back}#write" if may_write and good and _STORY.fullmatch(back) else PATH


def right_to_write(session: Session, caller: Identity) -> RightToWrite:
    """What `caller` is told of their right to write in the only or first newspaper. One statement."""
    site = sites.by_key(services().database, None)
    now, rules, zone = clock.now(), sites.rules_of(site, services().house), services().house.zone
    known = facts.read(session, caller.account_id, site, now)
    entitlement = facts.judge(known, now, rules)
    if entitlement.reason == Reason.ACTIVE:
        cancelled = any(entitlement.until in (each.cancel_at, each.ended_at) for each in known.subscriptions)
        sentence = _(CANCELLED) if cancelled else sentences.words(entitlement, zone)
        return RightToWrite(entitlement, sentence, not cancelled)
    unpaid = not entitlement.allowed and not known.banned
    is_staff = unpaid and caller.has_role(MODERATOR, site.id)
    return RightToWrite(entitlement, _(STAFF) if is_staff else sentences.words(entitlement, zone), renews=False)
