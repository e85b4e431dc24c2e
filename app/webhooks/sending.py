"""Sends what waits, one delivery after the other; with several senders no receiver waits for another."""

import threading
from datetime import timedelta

import structlog

from app import clock
from app.installation import Installation
from app.jobs.runner import keep_at
from app.outgoing import Client, NotReached
from app.webhooks import bodies, deliveries, signature
from app.webhooks.deliveries import Outcome, TakenDelivery

# of a worker: so many receivers may be slow at a time before a further one waits
AT_ONCE = 3
SENDER = "Below the Line"
WANTS_NO_MORE = 410
_log = structlog.get_logger()


class Sender:
    """Sends one at a time; start several. What is sent while its worker dies is sent again."""

    def __init__(self, it: Installation, client: Client | None = None) -> None:
        self._it = it
        self._client = client or Client()

    def run_until(self, stop: threading.Event, *, idle_seconds: float = 0.5) -> None:
        """Send until `stop` is set, looking for more every `idle_seconds`; a busy database is waited for."""
        keep_at(self.send_one, stop, idle_seconds)

    def send_all(self) -> int:
        """Send everything that is due now; how many attempts that took."""
        attempts = 0
        while self.send_one():
            attempts += 1
        return attempts

    def send_one(self) -> bool:
        """Send one; False if none was due."""
        with self._it.database.reading() as session:
            if not deliveries.is_any_due(session):
                return False
        with self._it.database.transaction() as session:
            taken = deliveries.take(session)
        if taken is None:
            return False
        outcome = self._attempt(taken)
        with self._it.database.transaction() as session:
            deliveries.settle(session, taken, outcome)
        return True

    def _attempt(self, taken: TakenDelivery) -> Outcome:
        """What comes of it; no transaction is open meanwhile."""
        try:
            return self._send(taken)
        except NotReached as error:
            return Outcome(error.code)
        except Exception as error:  # one that cannot be put together keeps none of the others
            _log.warning("webhook failed", delivery=taken.delivery.id, error=type(error).__name__)
            return Outcome("failed")

    def _send(self, taken: TakenDelivery) -> Outcome:
        settings, now = self._it.settings, clock.now()
        with self._it.database.reading() as session:
            body = bodies.render(session, settings, taken.webhook, taken.delivery)
        signed = signature.headers(settings, taken.webhook, taken.delivery.id, body, now)
        more = {"Content-Type": "application/json", "User-Agent": SENDER}
        answer = self._client.ask("POST", taken.webhook.url, signed | more, body)
        return Outcome(
            str(answer.status),
            arrived=200 <= answer.status < 300,
            gone=answer.status == WANTS_NO_MORE,
            wait=timedelta(seconds=answer.retry_after or 0),
        )
