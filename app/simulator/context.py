"""The simulator that serves the present request, and the one way to change its objects."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import current_app

from app.simulator.courier import Courier
from app.simulator.store import Store
from app.simulator.traffic import Traffic

Result = TypeVar("Result")


@dataclass(frozen=True)
class Simulator:
    store: Store
    courier: Courier
    traffic: Traffic
    public_url: str


def simulator() -> Simulator:
    found: Simulator = current_app.extensions["simulator"]
    return found


def change(action: Callable[[Store], Result]) -> Result:
    """Do it in one transaction, then send the courier off with the events."""
    here = simulator()
    with here.store.transaction():
        result = action(here.store)
    here.courier.wake()
    return result
