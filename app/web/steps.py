"""The one step that helps who may not write: one table for the composer, refused forms and the subscription."""

# by the code of why not; a test asks that no code is forgotten. What a button says to each stands in parts/parts.html
# and, of the element, in readers/embed_words.py
STEPS = {
    "sign_in_required": "sign_in",
    # standing
    "unverified": "verify",
    "rules_not_accepted": "accept",
    "warning_unacknowledged": "acknowledge",
    "suspended": "account",
    "banned": "account",
    # entitlement
    "name_unchecked": "name",
    "name_mismatch": "name",
    "no_subscription": "subscribe",
    "ended": "subscribe",
    "canceled": "subscribe",
    "incomplete_expired": "subscribe",
    "other_title": "subscribe",
    "past_due": "pay",
    "unpaid": "pay",
    "incomplete": "pay",
    "paused": "resume",
    "collection_paused": "resume",
    "lease_ended": "manage",
    "dispute": "write",
    "fraud_warning": "write",
    "unknown_status": "write",
    # for the day that the sentence names, or for us
    "trial": "wait",
    "refunded": "wait",
    "identity_review": "wait",
    # nobody may
    "closed": "none",
    "read_only": "none",
}


def of(code: str) -> str:
    """The step that changes a refusal of that code; "none" of one that is about something else."""
    return STEPS.get(code, "none")
