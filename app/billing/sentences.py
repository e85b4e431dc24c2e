"""An entitlement in words: why a reader may write, or why not and what would change it."""

from datetime import tzinfo

from app import formats
from app.billing.entitlement import Entitlement, Reason
from app.language import _, mark

WHY = {
    Reason.ACTIVE: mark("Your subscription is active."),
    Reason.GRANT: mark("The editors have given you the right to comment for a time."),
    Reason.BY_PAPER: mark("The paper says that you subscribe there, which lets you comment."),
    Reason.TRIAL: mark("You are on a trial."),
    Reason.PAST_DUE_GRACE: mark("Your last payment failed. Please put it right soon, so that you can go on."),
    Reason.COLLECTION_PAUSED: mark("Payments for your subscription are paused."),
}
WHY_NOT = {
    Reason.BANNED: mark("Your right to comment has been withdrawn. The subscription itself is not affected."),
    Reason.IDENTITY_REVIEW: mark("We are checking who this subscription belongs to. You can write once that is done."),
    Reason.NAME_UNCHECKED: mark(
        "Readers write here under the name they pay under. We have not compared yours yet, which takes a few minutes."
    ),
    Reason.NAME_MISMATCH: mark(
        "Readers write here under the name they pay under, and yours is another. Change it, or ask for an exception."
    ),
    Reason.NO_SUBSCRIPTION: mark("Comments are written by subscribers. Please subscribe to take part."),
    Reason.ENDED: mark("Your subscription has ended. Subscribe again to write."),
    Reason.CANCELED: mark("Your subscription has been cancelled. Subscribe again to write."),
    Reason.LEASE_ENDED: mark("We could not confirm that your subscription goes on. Please look at it, or try later."),
    Reason.DISPUTE: mark(
        "A payment of your subscription was taken back through the bank. You can write again once that is settled."
    ),
    Reason.FRAUD_WARNING: mark(
        "A bank has told us that a payment of your subscription may not be yours. You can write once that is settled."
    ),
    Reason.REFUNDED: mark("Your last payment was given back to you. You can write again after the next one."),
    Reason.COLLECTION_PAUSED: mark("Your subscription is paused. Resume it to write again."),
    Reason.PAUSED: mark("Your subscription is paused. Resume it to write again."),
    Reason.TRIAL: mark("Comments open with the first payment, after the trial."),
    Reason.PAST_DUE: mark("The last payment of your subscription failed. Please update how you pay to write again."),
    Reason.UNPAID: mark("Your subscription is unpaid. Please see to its latest invoice to write again."),
    Reason.INCOMPLETE: mark("The first payment of your subscription is not complete yet."),
    Reason.INCOMPLETE_EXPIRED: mark("The first payment of your subscription failed. Please subscribe again."),
    Reason.UNKNOWN_STATUS: mark("We could not make out the state of your subscription. Please write to us."),
}
# where the day is known
WHY_NOT_BEFORE = {
    Reason.TRIAL: mark("Comments open with the first payment, after the trial, which ends on %(time)s."),
    Reason.REFUNDED: mark(
        "Your last payment was given back to you. You can write again after the next one, which is due on %(time)s."
    ),
}


def sentence(entitlement: Entitlement) -> str:
    """What its reader is told where no day is known, not yet translated."""
    return (WHY if entitlement.allowed else WHY_NOT)[entitlement.reason]


def words(entitlement: Entitlement, zone: tzinfo) -> str:
    """What to tell its reader, in their language, with the day in the paper's `zone` from which on they may write."""
    dated = None if entitlement.allowed else WHY_NOT_BEFORE.get(entitlement.reason)
    if dated is None or entitlement.until is None:
        return _(sentence(entitlement))
    return _(dated, time=formats.moment_and_zone(entitlement.until.astimezone(zone)))
