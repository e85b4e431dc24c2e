"""Readers and writers who go on, whatever they are answered: what is under load while a helper is away."""

import itertools
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import requests
from sqlalchemy import select

from app.db import Database
from app.models import Account, Comment, Site, Story
from config.settings import Settings
from tests.support import factories
from tests.support.callers import bearer_of

READERS, WRITERS = 3, 2
# each writes little enough for the limits of an account
ACCOUNTS = 60
HUNG = 0


@dataclass
class Crowd:
    """What they saw at the paper at `url`: answers by address and status, HUNG for none at all."""

    settings: Settings
    database: Database
    site: Site
    story: Story
    authors: list[Account]
    url: str
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    # ids of the comments that their writers were told are in
    acknowledged: set[int] = field(default_factory=set)
    _addresses: Iterator[int] = field(default_factory=itertools.count)
    _posts: Iterator[int] = field(default_factory=itertools.count)

    @property
    def thread(self) -> str:
        return f"/stories/{self.story.id}"

    @property
    def posts(self) -> str:
        return f"/api/v1/stories/{self.story.key}/comments?site={self.site.key}"

    def get(self, path: str, **headers: str) -> int:
        """The status of an answer, which is remembered."""
        try:
            status = requests.get(self.url + path, headers=self.address() | headers, timeout=60).status_code
        except requests.RequestException:
            status = HUNG
        self.answers[path, status] += 1
        return status

    def post(self) -> int:
        """A new comment by the next author, remembered if its writer is told that it is in."""
        number = next(self._posts)
        author = self.authors[number % len(self.authors)]
        body = {"text": f"The crane at the harbour is not moving, for the {number}th time."}
        headers = self.address() | bearer_of(self.settings, author)
        try:
            answer = requests.post(self.url + self.posts, json=body, headers=headers, timeout=60)
        except requests.RequestException:
            self.answers["post", HUNG] += 1
            return HUNG
        self.answers["post", answer.status_code] += 1
        if answer.status_code == 201:
            self.acknowledged.add(int(answer.json()["id"]))
        return answer.status_code

    def lost(self) -> set[int]:
        """Comments that are not there, though their writers were told that they are."""
        with self.database.reading() as session:
            return self.acknowledged - set(session.scalars(select(Comment.id)))

    def statuses(self) -> set[int]:
        """All that was answered since the last time."""
        found = {status for _path, status in self.answers}
        self.answers.clear()
        return found

    def address(self) -> dict[str, str]:
        """Everyone from an address of their own, which the server must be told to believe (BTL_PROXIES=1)."""
        number = next(self._addresses)
        return {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}

    @contextmanager
    def busy(self) -> Iterator[None]:
        """They read and write for as long as the block lasts."""
        over = threading.Event()

        def go_on(act: int) -> None:
            while not over.wait(0.1 if act < READERS else 0.5):
                if act < READERS:
                    self.get(("/", self.thread, self.posts)[act])
                else:
                    self.post()

        threads = [threading.Thread(target=go_on, args=(act,), daemon=True) for act in range(READERS + WRITERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()


def crowd_at(settings: Settings, database: Database, url: str) -> Crowd:
    """A newspaper with a story and subscribers, at the server that answers at `url`."""
    with database.transaction() as session:
        site = factories.site(session)
        story = factories.story(session, site)
        authors = [factories.subscriber(session) for _ in range(ACCOUNTS)]
    return Crowd(replace(settings, public_url=url), database, site, story, authors, url)
