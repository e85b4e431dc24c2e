"""What happens at the simulated Stripe, told to the paper by webhooks."""

from sqlalchemy import func, select

from app.models import Letter
from app.models.letter import PAYMENT_DUE
from app.simulator import shapes
from app.simulator.store import Object
from tests.support.paper import Paper
from tests.support.stripe_world import eventually


def begin(paper: Paper, number: str | None = None) -> str:
    """The reader subscribes at Stripe, paying with a card of this number; the subscription's id."""
    with paper.simulated.transaction():
        customer = paper.simulated.save("customer", shapes.customer("reader@example.org", None, {}))
    if number:
        paper.control(f"customers/{customer['id']}/methods", number=number)
    paper.control("subscriptions", customer=customer["id"], account_id=paper.reader.id)
    hear(paper)
    return str(paper.simulated.find("subscription", {"customer": customer["id"]})[0]["id"])


def hear(paper: Paper) -> None:
    """Have all webhooks come that are owed, and the worker do its work."""
    paper.control("clock/advance", seconds=0)  # wakes the courier
    eventually(lambda: not paper.simulated.rows("SELECT id FROM deliveries WHERE state = 'waiting'"))
    paper.work()


def at_stripe(paper: Paper, subscription: str) -> Object:
    return paper.simulated.get("subscription", subscription)


def reminders_to(paper: Paper) -> int:
    """How many letters have told the reader of a payment that is due."""
    with paper.database.reading() as session:
        letters = select(func.count()).select_from(Letter).where(Letter.kind == PAYMENT_DUE)
        return session.scalar(letters.where(Letter.account_id == paper.reader.id)) or 0
