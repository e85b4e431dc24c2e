"""Events leave as signed webhooks over real HTTP, and are tried again, later and later, until a 2xx comes back."""

import hashlib
import hmac
import http.client
import json
import threading
import time
from urllib.parse import urlsplit

from app.simulator import shapes
from app.simulator.store import Object, Store, now

TIMEOUT_SECONDS = 10
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 300.0
ATTEMPTS = 20
DROP = "drop_next"


def emit(store: Store, kind: str, thing: Object, *, previous: Object | None = None) -> Object:
    """Record that something happened and owe the listener a webhook. Call inside the transaction of the change."""
    event = store.save("event", shapes.event(kind, thing, previous))
    deliver(store, event["id"])
    return event


def deliver(store: Store, event_id: str) -> None:
    store.rows("INSERT INTO deliveries (event_id, due) VALUES (?, ?)", event_id, time.time())


def signature(body: bytes, secret: str, timestamp: int) -> str:
    signed = hmac.new(secret.encode(), str(timestamp).encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={signed}"


class Courier:
    """One thread that delivers what is due. `wake` it after a change, so that nobody waits for its next look."""

    def __init__(self, store: Store, url: str, secret: str) -> None:
        self._store, self._url, self._secret = store, url, secret
        self._woken = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="simulated-webhooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        """Return once nothing is under way any more. What is still owed stays in the store."""
        self._stopped = True
        self._woken.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stopped:
            while not self._stopped and (due := self._next()):
                self._try(*due)
            self._woken.wait(timeout=FIRST_PAUSE_SECONDS)
            self._woken.clear()

    def _next(self) -> tuple[int, str, int] | None:
        """The delivery to try now, counted as tried before it is, so that a crash does not repeat it at once."""
        due = self._store.rows(
            "SELECT id, event_id, attempts FROM deliveries WHERE state = 'waiting' AND due <= ?"
            " ORDER BY due, id LIMIT 1",
            time.time(),
        )
        if not due:
            return None
        identifier, event_id, attempts = due[0]
        pause = min(FIRST_PAUSE_SECONDS * 2**attempts, LONGEST_PAUSE_SECONDS)
        self._store.rows(
            "UPDATE deliveries SET attempts = attempts + 1, due = ? WHERE id = ?", time.time() + pause, identifier
        )
        return identifier, event_id, attempts

    def _try(self, identifier: int, event_id: str, attempts: int) -> None:
        if self._dropped():
            self._settle(identifier, "dropped", "never sent")
            return
        answer = self._post(json.dumps(self._store.get("event", event_id)).encode())
        if answer.startswith("2"):
            self._settle(identifier, "delivered", answer)
        else:
            self._settle(identifier, "given_up" if attempts + 1 >= ATTEMPTS else "waiting", answer)

    def _dropped(self) -> bool:
        with self._store.transaction():
            left = self._store.knob(DROP)
            if left:
                self._store.turn(DROP, left - 1)
        return left > 0

    def _settle(self, identifier: int, state: str, answer: str) -> None:
        self._store.rows("UPDATE deliveries SET state = ?, answer = ? WHERE id = ?", state, answer, identifier)

    def _post(self, body: bytes) -> str:
        """The status of the answer, or the kind of failure. Follows no redirect, as Stripe follows none."""
        target = urlsplit(self._url)
        kind = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
        connection = kind(target.hostname or "127.0.0.1", target.port, timeout=TIMEOUT_SECONDS)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(body, self._secret, now()),
            "User-Agent": "Stripe/1.0 (simulated)",
        }
        try:
            connection.request("POST", target.path or "/", body, headers)
            return str(connection.getresponse().status)
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__
        finally:
            connection.close()
