"""The courier takes webhooks to the listener over real HTTP, and tries again, later and later, until a 2xx is back."""

import http.client
import threading
from urllib.parse import urlsplit

from app.simulator import knobs, notifications
from app.simulator.notifications import Form
from app.simulator.store import Store, now
from app.simulator.webhooks import moment

TIMEOUT_SECONDS = 10
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 12 * 3600.0
# about three days after the first
MOST_ATTEMPTS = 21
HEADERS = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Stripe/1.0 (simulated)"}


class Courier:
    """Threads that deliver what is due. `wake` them after a change, so that nobody waits for their next look.

    With one thread, webhooks leave in the order of their events. `secrets` are those that sign, the newest first.
    """

    def __init__(self, store: Store, url: str, secret: str, threads: int = 1) -> None:
        self.secrets = [secret]
        self._store, self._target = store, urlsplit(url)
        self._woken, self._calls = threading.Condition(), 0
        self._stopped = False
        self._local = threading.local()
        self._threads = [
            threading.Thread(target=self._work, name="simulated-webhooks", daemon=True) for _ in range(threads)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        with self._woken:
            self._calls += 1
            self._woken.notify_all()

    def stop(self) -> None:
        """Return once nothing is under way any more. What is still owed stays in the store."""
        self._stopped = True
        self.wake()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while not self._stopped:
            heard = self._calls
            while not self._stopped and (due := self._next()):
                self._try(*due)
            pause = self._pause()
            with self._woken:
                if self._calls == heard and not self._stopped:
                    self._woken.wait(pause)
        self._connection().close()

    def _pause(self) -> float:
        """Until the next webhook is due, or a while."""
        ((due,),) = self._store.rows("SELECT MIN(due) FROM deliveries WHERE state = 'waiting'")
        left = FIRST_PAUSE_SECONDS if due is None else due - moment(self._store)
        return max(0.002, min(left, FIRST_PAUSE_SECONDS))

    def _next(self) -> tuple[int, str, Form, int] | None:
        """The delivery to try now, counted as tried before it is, so that a crash does not repeat it at once."""
        with self._store.transaction():
            present = moment(self._store)
            due = self._store.rows(
                "SELECT id, event_id, form, attempts FROM deliveries WHERE state = 'waiting' AND due <= ?"
                " ORDER BY due, id LIMIT 1",
                present,
            )
            if not due:
                return None
            identifier, event_id, form, attempts = due[0]
            pause = min(FIRST_PAUSE_SECONDS * 2**attempts, LONGEST_PAUSE_SECONDS)
            self._store.rows(
                "UPDATE deliveries SET attempts = attempts + 1, due = ? WHERE id = ?", present + pause, identifier
            )
        return identifier, event_id, form, attempts

    def _try(self, identifier: int, event_id: str, form: Form, attempts: int) -> None:
        if self._dropped():
            self._settle(identifier, "dropped", "never sent")
            return
        answer = self._post(notifications.content(self._store.get("event", event_id), form))
        if answer.startswith("2"):
            self._settle(identifier, "delivered", answer)
        else:
            self._settle(identifier, "given_up" if attempts + 1 >= MOST_ATTEMPTS else "waiting", answer)

    def _dropped(self) -> bool:
        with self._store.transaction():
            return knobs.happens(self._store, "drop")

    def _settle(self, identifier: int, state: str, answer: str) -> None:
        self._store.rows(
            "UPDATE deliveries SET state = ?, answer = ? WHERE id = ? AND state = 'waiting'", state, answer, identifier
        )

    def _post(self, body: bytes) -> str:
        """The status of the answer, or the kind of failure. Follows no redirect, as Stripe follows none."""
        headers = HEADERS | {"Stripe-Signature": notifications.signature(body, self.secrets, now())}
        connection = self._connection()
        was_open = connection.sock is not None
        try:
            try:
                return _exchange(connection, self._target.path or "/", body, headers)
            except ConnectionError:
                # an idle connection was closed meanwhile, which says nothing about the listener
                connection.close()
                if not was_open:
                    raise
                return _exchange(connection, self._target.path or "/", body, headers)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return type(error).__name__

    def _connection(self) -> http.client.HTTPConnection:
        """This thread's own, which stays open where the listener lets it."""
        if not hasattr(self._local, "connection"):
            kind = http.client.HTTPSConnection if self._target.scheme == "https" else http.client.HTTPConnection
            host = self._target.hostname or "127.0.0.1"
            self._local.connection = kind(host, self._target.port, timeout=TIMEOUT_SECONDS)
        connection: http.client.HTTPConnection = self._local.connection
        return connection


def _exchange(connection: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str]) -> str:
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    answer.read()
    return str(answer.status)
