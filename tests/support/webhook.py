"""What Stripe delivers to the webhook, signed as it signs."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app import clock
from app.db import Database
from app.gateway.signature import sign
from app.models import Job, StripeEvent, StripeSync

PATH = "/stripe/webhook"
Send = Callable[..., TestResponse]


def event(**values: Any) -> dict[str, Any]:
    return {
        "id": "evt_1",
        "object": "event",
        "type": "customer.subscription.updated",
        "livemode": False,
        "created": 1_795_000_000,
        "data": {"object": {"id": "sub_1", "object": "subscription", "status": "active"}},
    } | values


def header(body: bytes, secret: str, age: int = 0) -> str:
    timestamp = str(int(clock.now().timestamp()) - age)
    return f"t={timestamp},v1={sign(body, timestamp, secret)}"


def count(database: Database, table: Any) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def untouched(database: Database) -> bool:
    return count(database, StripeEvent) == count(database, StripeSync) == count(database, Job) == 0
