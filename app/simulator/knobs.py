"""The knobs by which the stand-in misbehaves: each is a whole number, and nought means that all is well."""

import random
from dataclasses import dataclass

from app.simulator.store import Store

SNAPSHOT, THIN, BOTH = range(3)


@dataclass(frozen=True)
class Knob:
    name: str
    label: str
    most: int = 1_000_000


PERCENT = 100
DELIVERY = (
    Knob("drop_next", "Webhooks to lose from now on"),
    Knob("drop_percent", "Webhooks that are lost, in per cent", PERCENT),
    Knob("double_next", "Events to send twice from now on"),
    Knob("double_percent", "Events that are sent twice, in per cent", PERCENT),
    Knob("delay_ms", "Delay of every webhook, in milliseconds"),
    Knob("shuffle_ms", "Reorder: a delay by chance of up to so many milliseconds"),
    Knob("form", "What is sent: 0 snapshot events, 1 thin events, 2 both", BOTH),
    Knob("disabled", "1: the endpoint is disabled, and nothing is sent, ever", 1),
    Knob("live_events", "1: events say that they are of live mode", 1),
    Knob("foreign_events", "1: events are of a connected account", 1),
)
API = (
    Knob("fail_next", "Calls to answer with 500"),
    Knob("fail_percent", "Calls that are answered with 500, in per cent", PERCENT),
    Knob("lose_answer_next", "Calls to carry out and yet answer with 502"),
    Knob("busy_next", "Calls to answer with 429"),
    Knob("slow_next", "Calls to answer slowly"),
    Knob("slow_ms", "How slowly, in milliseconds", 120_000),
    Knob("rate_limit", "Most calls of one endpoint within a second; more are answered with 429"),
    Knob("live_objects", "1: objects say that they are of live mode", 1),
)
ALL = {knob.name: knob for knob in (*DELIVERY, *API)}
chance = random.Random()  # noqa: S311


def take(store: Store, name: str) -> bool:
    """Count one down of those that are still to come; whether there was one. Call inside a transaction."""
    left = store.knob(name)
    if left:
        store.turn(name, left - 1)
    return left > 0


def happens(store: Store, name: str) -> bool:
    """By chance, or because it was asked for the next few times: `name`_percent and `name`_next."""
    return take(store, f"{name}_next") or chance.random() * PERCENT < store.knob(f"{name}_percent")
