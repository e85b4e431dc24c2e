"""Stripe as the rest of billing sees it: a few verbs that take and give plain values.

Never called with a transaction open. The SDK costs a third of a second and 30 MB to import, so only a process that
talks to Stripe pays for it. Its objects are no dictionaries any more and stay on the far side of this file.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Any, TypeVar

import structlog

from app.errors import Unready
from app.language import mark
from config.settings import Settings

TIMEOUT_SECONDS = 10
RETRIES = 1
SIMULATOR_KEY = "sk_test_simulator"
Object = dict[str, Any]
Result = TypeVar("Result")
log = structlog.get_logger()


class StripeUnavailable(Unready):
    """Stripe cannot be asked now: not configured, not reachable, or it refused the call. Worth another try."""

    code = "stripe_unavailable"
    sentence = mark("The payment service cannot be reached at the moment. Please try again in a few minutes.")


class WrongMode(RuntimeError):
    """An object of live mode where test mode is set, or the other way round: nothing may follow from it."""


class Stripe:
    """The account at Stripe that `settings` name. Safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self.live = settings.stripe_mode == "live"
        self._key = settings.stripe_api_key or (SIMULATOR_KEY if settings.stripe_mode == "simulator" else "")
        self._base = settings.stripe_api_base
        self._configured = bool(self._key) and (bool(self._base) or settings.stripe_mode != "simulator")

    def subscription(self, identifier: str) -> Object | None:
        """The subscription as it is now; None where Stripe has none of that id."""
        return self._fetch(lambda v1: v1.subscriptions.retrieve(identifier))

    def first_unpaid_at(self, subscription_id: str) -> datetime | None:
        """Since when the oldest open invoice of the subscription has been due; None where none is open."""
        query = {"subscription": subscription_id, "status": "open", "limit": 100}
        invoices = self._call(lambda v1: [each.to_dict() for each in v1.invoices.list(query).auto_paging_iter()])
        due = [(each.get("status_transitions") or {}).get("finalized_at") or each["created"] for each in invoices]
        return datetime.fromtimestamp(min(due), UTC) if due else None

    def create_customer(self, account_id: int, email: str | None, attempt: int) -> str:
        """The id of the customer made for an account; the same call again gives the same customer."""
        wanted = {"metadata": {"account_id": str(account_id)}} | ({"email": email} if email else {})
        options = {"idempotency_key": f"account:{account_id}:customer:{attempt}"}
        return str(self._call(lambda v1: v1.customers.create(wanted, options).to_dict())["id"])

    def create_checkout(
        self, account_id: int, customer_id: str, price: str, success_url: str, cancel_url: str, language: str
    ) -> str:
        """The address of a Checkout page for one subscription."""
        wanted = {
            "mode": "subscription",
            "customer": customer_id,
            "client_reference_id": str(account_id),
            "line_items": [{"price": price, "quantity": 1}],
            "metadata": {"account_id": str(account_id)},
            # the session's metadata is not copied to the subscription
            "subscription_data": {"metadata": {"account_id": str(account_id)}},
            "success_url": success_url,
            "cancel_url": cancel_url,
            "locale": language,
        }
        return str(self._call(lambda v1: v1.checkout.sessions.create(wanted).to_dict())["url"])

    def checkout_session(self, identifier: str) -> Object | None:
        """A Checkout session as it is now; None where Stripe has none of that id."""
        return self._fetch(lambda v1: v1.checkout.sessions.retrieve(identifier))

    def create_portal(self, customer_id: str, return_url: str, language: str) -> str:
        """The address of a Portal page. Whoever has it manages the subscription: never log it."""
        wanted = {"customer": customer_id, "return_url": return_url, "locale": language}
        return str(self._call(lambda v1: v1.billing_portal.sessions.create(wanted).to_dict())["url"])

    def customer_exists(self, identifier: str) -> bool:
        """Whether Stripe still has this customer, undeleted."""
        found = self._call_or_none(lambda v1: v1.customers.retrieve(identifier).to_dict())
        return found is not None and not found.get("deleted")

    @cached_property
    def _v1(self) -> Any:
        if not self._configured:
            raise StripeUnavailable
        os.environ.setdefault("STRIPE_SUPPRESS_NOTICES", "true")
        import stripe

        stripe.enable_telemetry = False
        return stripe.StripeClient(
            self._key,
            base_addresses={"api": self._base} if self._base else {},
            max_network_retries=RETRIES,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        ).v1

    def _fetch(self, retrieve: Callable[[Any], Any]) -> Object | None:
        found = self._call_or_none(lambda v1: retrieve(v1).to_dict())
        if found is not None and found["livemode"] != self.live:
            raise WrongMode(found["object"])
        return found

    def _call(self, call: Callable[[Any], Result]) -> Result:
        result = self._call_or_none(call)
        if result is None:
            raise StripeUnavailable
        return result

    def _call_or_none(self, call: Callable[[Any], Result]) -> Result | None:
        """The result, or None for a 404; everything else that goes wrong is StripeUnavailable."""
        v1 = self._v1
        import stripe

        try:
            return call(v1)
        except stripe.StripeError as error:
            if error.http_status == 404:
                return None
            log.warning("stripe refused a call", error=type(error).__name__, status=error.http_status, code=error.code)
            raise StripeUnavailable from error


@cache
def connect(settings: Settings) -> Stripe:
    """The one client of this process for the account that `settings` name; talks to nobody until it is used."""
    return Stripe(settings)
