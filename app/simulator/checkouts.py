"""What comes of a Checkout page: paid, kept for later, or expired."""

from app.simulator import lifecycle, methods, setups
from app.simulator.lifecycle import SubscriptionOrder
from app.simulator.store import Object, Store
from app.simulator.webhooks import emit


def complete(store: Store, session: Object, method: Object | None = None, code: Object | None = None) -> None:
    """The buyer has paid or, in setup mode, left a card. Without a method it is a card of the customer's own. `code`:
    the promotion code that they typed.
    """
    customer = store.get("customer", session["customer"])
    paid_with = method or methods.some_card(store, customer["id"])
    billing = paid_with["billing_details"]
    session["customer_details"] = {
        "address": billing["address"],
        "email": customer["email"],
        "name": billing["name"],
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
    if session["_save_name"] and billing["name"] and customer["name"] != billing["name"]:
        customer["name"] = billing["name"]
        store.save("customer", customer)
        emit(store, "customer.updated", customer)
    if session["mode"] == "setup":
        _keep(store, session, paid_with)
    else:
        _subscribe(store, session, paid_with, code)
    session |= {"status": "complete", "url": None}
    store.save("checkout.session", session)
    emit(store, "checkout.session.completed", session)


def settle(store: Store, session: Object, *, paid: bool) -> None:
    """A bank debit that was under way at the end of Checkout arrived, or did not."""
    session["payment_status"] = "paid" if paid else "unpaid"
    store.save("checkout.session", session)
    emit(store, f"checkout.session.async_payment_{'succeeded' if paid else 'failed'}", session)


def expire(store: Store, session: Object) -> Object:
    session |= {"status": "expired", "url": None}
    store.save("checkout.session", session)
    emit(store, "checkout.session.expired", session)
    return session


def _subscribe(store: Store, session: Object, method: Object, code: Object | None) -> None:
    store.save("payment_method", method)
    methods.attach(store, method, session["customer"])
    order = SubscriptionOrder(
        session["customer"], session["_price"], session["_subscription_metadata"], method["id"], code=code
    )
    subscription = lifecycle.create_subscription(store, order, present=True)
    invoice = store.get("invoice", subscription["latest_invoice"])
    session |= {
        "payment_status": "unpaid" if invoice["status"] == "open" else "paid",
        "subscription": subscription["id"],
        "invoice": subscription["latest_invoice"],
        "currency": subscription["currency"],
        "amount_total": invoice["total"],
    }


def _keep(store: Store, session: Object, method: Object) -> None:
    intent = store.get("setup_intent", session["setup_intent"])
    setups.confirm(store, intent, method, present=True)
    session["payment_status"] = "no_payment_required"
