"""The API on a bad day: too many calls, errors of its own, slow answers, and answers that are lost on the way."""

import re
import time

from flask import Blueprint, Response, request

from app.simulator import knobs
from app.simulator.calls import RequestRefused
from app.simulator.context import simulator


class Busy(RequestRefused):
    """More calls than the limit allows."""

    def __init__(self) -> None:
        super().__init__("Request rate limit exceeded.", status=429, code="rate_limit")


class OwnFault(RequestRefused):
    """Nothing that the caller did."""

    kind = "api_error"

    def __init__(self) -> None:
        super().__init__("An unknown error occurred.", status=500)


def register(blueprint: Blueprint) -> None:
    blueprint.before_request(befall)
    blueprint.after_request(spoil)


def befall() -> None:
    """Count the call, and let it fail as the knobs have it before anything is done."""
    here = simulator()
    recent = here.traffic.note(f"{request.method} {request.url_rule}")
    limit = here.store.knob("rate_limit")
    with here.store.transaction():
        slow = knobs.take(here.store, "slow_next")
        busy = knobs.take(here.store, "busy_next")
        failing = knobs.happens(here.store, "fail")
    if slow:
        time.sleep(here.store.knob("slow_ms") / 1000)
    if busy or (limit and recent > limit):
        raise Busy
    if failing:
        raise OwnFault


def spoil(response: Response) -> Response:
    """What was done stays done, and yet the caller does not hear of it, or hears of another mode."""
    store = simulator().store
    if response.status_code < 400 and store.knob("lose_answer_next"):
        with store.transaction():
            knobs.take(store, "lose_answer_next")
        return Response("Bad gateway", 502)
    if store.knob("live_objects"):
        response.set_data(re.sub(rb'"livemode": ?false', b'"livemode":true', response.get_data()))
    return response
