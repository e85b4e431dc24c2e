"""A newspaper one of whose systems is told what happens here: at a real receiver, over TLS, by a sender of ours."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook as Verifier

from app.db import find_locked
from app.installation import Installation
from app.models import Account, Comment, Webhook, WebhookDelivery
from app.models.webhook import EVENTS
from app.outgoing import Client
from app.stories import publication
from app.webhooks import register
from app.webhooks.sending import Sender
from tests.support import factories, key_server
from tests.support.key_server import Answer, saying

LOOPBACK = ("127.0.0.1", "::1")


class Receiver:
    """A system of the newspaper's. It takes what is signed with `secret`, unless `answers` says otherwise by event."""

    def __init__(self, server: key_server.KeyServer) -> None:
        self.server = server
        self.secret = ""
        self.took: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        # what to answer instead, as long as it is there
        self.instead: Callable[[dict[str, Any]], Answer | None] = lambda _event: None
        server.answer = self._take

    @property
    def events(self) -> list[str]:
        return [each["type"] for each in self.took]

    @property
    def comments(self) -> list[tuple[str, str]]:
        """What was taken of comments: of which, and which event."""
        return [(each["data"]["comment"]["id"], each["type"]) for each in self.took if "comment" in each["data"]]

    def _take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        event = Verifier(self.secret).verify(body, headers)
        assert json.loads(body) == event
        instead = self.instead(event)
        if instead is None:
            self.took.append(event)
            self.headers.append(headers)
        (instead or saying(b""))(handler)


class Hooked:
    """The newspaper, and what happens there. `send` sends what is due now, as a worker would."""

    def __init__(self, it: Installation, receiver: Receiver) -> None:
        self.it, self.receiver = it, receiver
        with it.database.transaction() as session:
            self.site = factories.site(session)
            self.story = factories.story(session, self.site)
            self.author = factories.account(session)
        receiver.secret = self.hook("cms", receiver.server.address)
        self.sender = Sender(it, Client(permits=lambda address: address in LOOPBACK))

    def hook(self, name: str, url: str, events: tuple[str, ...] = EVENTS) -> str:
        """One more webhook; its secret."""
        with self.it.database.transaction() as session:
            return register.add(session, self.it.settings, self.site, name, url, events)

    def send(self) -> int:
        return self.sender.send_all()

    def comment(self, text: str = "A thought.", *, state: str = "published", by: Account | None = None) -> Comment:
        with self.it.database.transaction() as session:
            return factories.comment(session, self.story, by or self.author, text, state=state)

    def turn(self, comment: Comment, *states: str) -> None:
        """Give a comment these states, each in a transaction of its own."""
        for state in states:
            with self.it.database.transaction() as session:
                found = find_locked(session, Comment, Comment.id == comment.id)
                assert found
                publication.set_state(session, found, state)

    def replay(self, **which: Any) -> int:
        with self.it.database.transaction() as session:
            return register.replay(session, self.site, "cms", **which)

    def deliveries(self) -> list[WebhookDelivery]:
        with self.it.database.reading() as session:
            return list(session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)))

    def states(self) -> list[tuple[str, int, str | None]]:
        return [(each.state, each.attempts, each.answer) for each in self.deliveries()]

    def webhook(self, name: str = "cms") -> Webhook:
        with self.it.database.reading() as session:
            return session.scalars(select(Webhook).where(Webhook.name == name)).one()


@contextmanager
def hooked(it: Installation, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hooked]:
    """The newspaper, whose receiver listens inside the block with a certificate that is trusted."""
    with key_server.serving(folder) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        yield Hooked(it, Receiver(server))
