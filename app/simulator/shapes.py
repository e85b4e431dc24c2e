"""The objects as Stripe shapes them since 2025: the period is on the items, an invoice names its parent."""

import calendar
from datetime import UTC, datetime

from app.simulator.store import Object, new_id, now

ITEMS_SHOWN = 10


def next_month(seconds: int) -> int:
    """The same day and time one month later, or the last day of a shorter month."""
    moment = datetime.fromtimestamp(seconds, UTC)
    year, month = (moment.year + 1, 1) if moment.month == 12 else (moment.year, moment.month + 1)
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return int(moment.replace(year=year, month=month, day=day).timestamp())


def last_month(seconds: int) -> int:
    """The same day and time one month earlier, or the last day of a shorter month."""
    moment = datetime.fromtimestamp(seconds, UTC)
    year, month = (moment.year - 1, 12) if moment.month == 1 else (moment.year, moment.month - 1)
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return int(moment.replace(year=year, month=month, day=day).timestamp())


def customer(email: str | None, name: str | None, metadata: dict[str, str]) -> Object:
    return {
        "id": new_id("cus"),
        "object": "customer",
        "created": now(),
        "currency": None,
        "delinquent": False,
        "description": None,
        "email": email,
        "invoice_settings": {"custom_fields": None, "default_payment_method": None, "footer": None},
        "livemode": False,
        "metadata": metadata,
        "name": name,
        "phone": None,
    }


def subscription(customer_id: str, price: Object, metadata: dict[str, str], trial_days: int = 0) -> Object:
    """With `trial_days`, a trial of that length comes before the first month that is paid."""
    identifier, start = new_id("sub"), now()
    trial_end = start + trial_days * 24 * 3600 if trial_days else None
    end = trial_end or next_month(start)
    return {
        "id": identifier,
        "object": "subscription",
        "billing_cycle_anchor": start,
        "billing_mode": {"type": "flexible", "updated_at": start},
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": start,
        "currency": price["currency"],
        "customer": customer_id,
        "days_until_due": None,
        "default_payment_method": None,
        "discounts": [],
        "ended_at": None,
        "items": {
            "object": "list",
            "data": [item(identifier, price, start, end)],
            "has_more": False,
            "url": f"/v1/subscription_items?subscription={identifier}",
        },
        "latest_invoice": None,
        "livemode": False,
        "metadata": metadata,
        "pause_collection": None,
        "start_date": start,
        "status": "trialing" if trial_end else "active",
        "trial_end": trial_end,
        "trial_start": start if trial_end else None,
    }


def item(subscription_id: str, price: Object, start: int, end: int, quantity: int = 1) -> Object:
    """One thing that is subscribed to, with its period."""
    return {
        "id": new_id("si"),
        "object": "subscription_item",
        "created": start,
        "current_period_end": end,
        "current_period_start": start,
        "metadata": {},
        "price": price,
        "quantity": quantity,
        "subscription": subscription_id,
    }


def checkout_session(request: Object, url: str) -> Object:
    """Names beginning with an underscore are ours and never leave the simulator."""
    identifier = new_id("cs_test")
    return {
        "id": identifier,
        "object": "checkout.session",
        "amount_total": None,
        "cancel_url": request.get("cancel_url"),
        "client_reference_id": request.get("client_reference_id"),
        "created": now(),
        "currency": None,
        "customer": request.get("customer"),
        "customer_details": None,
        "allow_promotion_codes": request.get("allow_promotion_codes") == "true",
        "expires_at": now() + 24 * 3600,
        "invoice": None,
        "livemode": False,
        "locale": request.get("locale"),
        "metadata": request.get("metadata", {}),
        "mode": request["mode"],
        "payment_status": "unpaid",
        "setup_intent": None,
        "status": "open",
        "subscription": None,
        "success_url": request.get("success_url"),
        "ui_mode": "hosted_page",
        "url": f"{url}/pay/{identifier}",
        "_price": request["line_items"][0]["price"] if "line_items" in request else None,
        "_save_name": request.get("customer_update", {}).get("name") == "auto",
        "_subscription_metadata": request.get("subscription_data", {}).get("metadata", {}),
    }


def portal_session(request: Object, url: str) -> Object:
    identifier = new_id("bps")
    return {
        "id": identifier,
        "object": "billing_portal.session",
        "configuration": "bpc_simulated",
        "created": now(),
        "customer": request["customer"],
        "flow": None,
        "livemode": False,
        "locale": request.get("locale"),
        "on_behalf_of": None,
        "return_url": request.get("return_url"),
        "url": f"{url}/portal/{identifier}",
    }


def event(kind: str, thing: Object, previous: Object | None = None) -> Object:
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": now(),
        "data": {"object": public(thing)} | ({"previous_attributes": previous} if previous else {}),
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }


def public(thing: Object) -> Object:
    """The object as it leaves: without our own, and with the first of its items where it has many."""
    shown = {name: value for name, value in thing.items() if not name.startswith("_")}
    if shown.get("object") == "subscription" and len(shown["items"]["data"]) > ITEMS_SHOWN:
        shown["items"] = shown["items"] | {"data": shown["items"]["data"][:ITEMS_SHOWN], "has_more": True}
    return shown


def merge_metadata(thing: Object, given: Object) -> None:
    """An empty text takes a key away; empty metadata take them all."""
    changes = given.get("metadata")
    if changes == "":
        thing["metadata"] = {}
    elif changes:
        merged = thing["metadata"] | changes
        thing["metadata"] = {name: value for name, value in merged.items() if value != ""}
