"""Events, and the webhooks that are owed for them."""

import time

from app.simulator import knobs, shapes
from app.simulator.store import Object, Store

CONNECTED_ACCOUNT = "acct_1Connected"
FORMS = {knobs.SNAPSHOT: ("snapshot",), knobs.THIN: ("thin",), knobs.BOTH: ("snapshot", "thin")}
AHEAD = "clock_ahead"


def emit(store: Store, kind: str, thing: Object, *, previous: Object | None = None) -> Object:
    """Record that something happened and owe the listener a webhook. Call inside the transaction of the change."""
    event = shapes.event(kind, thing, previous)
    if store.knob("live_events"):
        event["livemode"] = True
    if store.knob("foreign_events"):
        event["account"] = CONNECTED_ACCOUNT
    store.save("event", event)
    deliver(store, event["id"])
    return event


def deliver(store: Store, event_id: str) -> None:
    """Owe the event's webhooks, as the knobs have it. Nothing is owed to an endpoint that is disabled, ever."""
    if store.knob("disabled"):
        return
    times = 2 if knobs.happens(store, "double") else 1
    for form in FORMS[store.knob("form")] * times:
        late = store.knob("delay_ms") + knobs.chance.uniform(0, store.knob("shuffle_ms"))
        store.rows(
            "INSERT INTO deliveries (event_id, form, due) VALUES (?, ?, ?)",
            event_id,
            form,
            moment(store) + late / 1000,
        )


def disable(store: Store) -> None:
    """What is still owed is never sent."""
    store.rows("UPDATE deliveries SET state = 'given_up' WHERE state = 'waiting'")


def moment(store: Store) -> float:
    """The courier's clock, in seconds since 1970: that on the wall, and what it was put forward by."""
    return time.time() + store.knob(AHEAD)
