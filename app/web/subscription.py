"""A reader's subscription: what they have, why they may or may not write, and the ways to Stripe and back."""

import msgspec
from flask import flash, redirect, render_template
from werkzeug.wrappers import Response

from app import clock
from app.accounts import standing
from app.accounts.identity import Identity
from app.billing import checkout, client, facts
from app.billing.client import StripeUnavailable
from app.billing.entitlement import Reason
from app.language import _, mark
from app.stories import sites
from app.web.endpoint import page
from app.web.services import services

PATH = "/subscription"
SENTENCES = {
    Reason.ACTIVE: mark("Your subscription is active."),
    Reason.GRANT: mark("The editors have given you the right to comment for a time."),
    Reason.BANNED: mark("Your right to comment has been withdrawn. The subscription itself is not affected."),
    Reason.IDENTITY_REVIEW: mark("A moderator is looking at your payment details before you can comment."),
    Reason.NO_SUBSCRIPTION: mark("Comments are written by subscribers. Reading them is open to all."),
    Reason.ENDED: mark("Your subscription has ended."),
    Reason.LEASE_ENDED: mark("The period you paid for is over and we have not heard of a renewal."),
    Reason.DISPUTE: mark("A payment for your subscription is in dispute with your bank."),
    Reason.REFUNDED: mark("Your last payment was refunded."),
    Reason.COLLECTION_PAUSED: mark("Payments for your subscription are paused."),
    Reason.TRIAL: mark("You are on a trial. Commenting begins with the first payment."),
    Reason.PAST_DUE_GRACE: mark("Your last payment failed. Please put it right soon, so that you can go on."),
    Reason.PAST_DUE: mark("Your last payment failed. You can comment again once it is put right."),
    Reason.UNPAID: mark("Your subscription is unpaid."),
    Reason.INCOMPLETE: mark("Your first payment has not gone through yet."),
    Reason.INCOMPLETE_EXPIRED: mark("Your first payment did not go through."),
    Reason.PAUSED: mark("Your subscription is paused."),
    Reason.CANCELED: mark("Your subscription has been cancelled."),
    Reason.UNKNOWN_STATUS: mark("We do not understand the state of your subscription. We are looking into it."),
}


class Returned(msgspec.Struct):
    session: str


@page("GET", PATH, "subscribe")
def show_subscription(caller: Identity) -> str:
    """The state of the subscription, and why."""
    site = sites.by_key(services().database, None)
    policy = sites.policy_of(site, services().policy)
    price = services().settings.stripe_price
    with services().database.reading() as session:
        entitlement = facts.entitlement(session, caller.account_id, site, clock.now(), policy)
        present = standing.read(session, caller.account_id)
        customer = checkout.customer_of(session, caller.account_id)
        subscribed = checkout.is_subscribed(session, caller.account_id, price)
    return render_template(
        "subscription.html",
        entitlement=entitlement,
        sentence=_(SENTENCES[entitlement.reason]),
        standing=present,
        has_customer=customer is not None,
        offers=bool(price) and not subscribed,
    )


@page("POST", f"{PATH}/subscribe", "subscribe")
def subscribe(caller: Identity) -> Response:
    """Off to Checkout."""
    settings = services().settings
    url = checkout.begin(services().database, client.connect(settings), settings, caller.account_id, caller.language)
    return redirect(url, 303)


@page("POST", f"{PATH}/manage", "subscribe")
def manage(caller: Identity) -> Response:
    """Off to the Portal, for banned readers too: everyone may leave."""
    settings = services().settings
    url = checkout.portal(services().database, client.connect(settings), settings, caller.account_id, caller.language)
    return redirect(url, 303)


@page("GET", f"{PATH}/return", "subscribe", asks=Returned)
def come_back(caller: Identity, query: Returned) -> Response:
    """Back from Checkout: what was bought counts at once, even if the webhook is late."""
    stripe = client.connect(services().settings)
    try:
        checkout.complete(services().database, stripe, caller.account_id, query.session)
        flash(_("Thank you. Your payment has arrived."))
    except StripeUnavailable:
        flash(_("Thank you. It may take a few minutes until your payment shows here."))
    return redirect(PATH, 303)
