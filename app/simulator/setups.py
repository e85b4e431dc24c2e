"""Ways to keep a card without charging it: setup intents, and confirmation tokens that let it be looked at before."""

from app.simulator import cards, methods
from app.simulator.store import Object, Store, new_id, now
from app.simulator.webhooks import emit

TOKEN_SECONDS = 12 * 3600


def new(customer_id: str | None, metadata: dict[str, str], usage: str = "off_session") -> Object:
    identifier = new_id("seti")
    return {
        "id": identifier,
        "object": "setup_intent",
        "cancellation_reason": None,
        "client_secret": f"{identifier}_secret_{new_id('x')[2:]}",
        "created": now(),
        "customer": customer_id,
        "description": None,
        "last_setup_error": None,
        "livemode": False,
        "metadata": metadata,
        "next_action": None,
        "payment_method": None,
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        "usage": usage,
    }


def confirm(store: Store, intent: Object, method: Object, *, present: bool = False, page: str = "") -> Object:
    """Keep the method for its customer; a card whose bank asks for its holder waits for them at a page."""
    store.save("payment_method", method)
    intent["payment_method"] = method["id"]
    if method["_number"] in cards.AUTHENTICATED and not present:
        url = f"{page}/authenticate/{intent['id']}"
        intent["status"] = "requires_action"
        intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": {"return_url": None, "url": url}}
        return store.save("setup_intent", intent)
    intent |= {"status": "succeeded", "next_action": None}
    store.save("setup_intent", intent)
    emit(store, "setup_intent.succeeded", intent)
    if intent["customer"]:
        methods.attach(store, method, intent["customer"])
    return intent


def refuse(store: Store, intent: Object) -> None:
    """The holder of the card did not authenticate."""
    intent |= {"status": "requires_payment_method", "payment_method": None, "next_action": None}
    store.save("setup_intent", intent)
    emit(store, "setup_intent.setup_failed", intent)


def token(method: Object, given: Object) -> Object:
    """A confirmation token for a method as it is now; using it makes a method of the same number."""
    kind = method["type"]
    return {
        "id": new_id("ctoken"),
        "object": "confirmation_token",
        "created": now(),
        "expires_at": now() + TOKEN_SECONDS,
        "livemode": False,
        "mandate_data": None,
        "payment_intent": None,
        "payment_method_preview": {
            "allow_redisplay": method["allow_redisplay"],
            "billing_details": method["billing_details"],
            kind: method[kind],
            "customer": method["customer"],
            "type": kind,
        },
        "return_url": given.get("return_url"),
        "setup_future_usage": given.get("setup_future_usage"),
        "setup_intent": None,
        "shipping": None,
        "use_stripe_sdk": False,
        "_number": method["_number"],
    }


def use(store: Store, confirmation: Object, intent: Object) -> Object:
    """The payment method that a confirmation token stands for; the token remembers who used it."""
    confirmation["setup_intent"] = intent["id"]
    store.save("confirmation_token", confirmation)
    preview = confirmation["payment_method_preview"]
    kind = preview["type"]
    return methods.new(kind, preview[kind], preview["billing_details"], confirmation["_number"])
