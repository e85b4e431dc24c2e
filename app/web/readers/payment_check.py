"""POST /api/v1/payments/check: whether a payment that is about to be made would let its reader write."""

from app.accounts.identity import Identity
from app.payers import precharge
from app.web import forms, limits
from app.web.endpoint import endpoint, refuses
from app.web.services import services


class CheckPayment(forms.Body):
    """The id of a ConfirmationToken that Stripe's Elements made of what the reader entered (ctoken_...)."""

    confirmation_token: str


@endpoint("POST", "/api/v1/payments/check", "subscribe", takes=CheckPayment, gives={204: None})
@refuses("payment_identity_banned", "not_found", "stripe_unavailable")
def check_payment(caller: Identity, body: CheckPayment) -> None:
    """Look before money moves: 403 "payment_identity_banned" if a banned reader has paid with the same.

    An account, and an address, may do so {limits.log_ins_per_minute} times a minute.
    """
    limits.payment_check(caller.account_id)
    precharge.check(services(), caller.account_id, body.confirmation_token)
