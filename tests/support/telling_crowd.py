"""Many readers who answer and name each other on one story, workers that are killed while they tell them, and what each
reader should have been told in the end."""

import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, select

from app import clock, worker
from app.billing import throttle
from app.db import Database
from app.installation import Installation
from app.models import Account, Comment, Follow, Job, Notification, Site, Story
from app.models.letter_choice import FOLLOW, FREQUENCIES, NEVER
from app.models.notification import MENTION, REPLY
from app.notifications import choices, follows
from tests.support import factories
from tests.support.mailbox import letters_sent
from tests.support.repository import REPOSITORY
from tests.support.settings import environment_of

Told = tuple[int, str, int]
AT_A_TIME = 200
_LINES = {
    REPLY: re.compile(r"^(?:A|(\d[\d,]*)) repl(?:y|ies) to you on", re.M),
    MENTION: re.compile(r"^You are mentioned(?: (\d[\d,]*) times)? on", re.M),
    FOLLOW: re.compile(r"^(?:A|(\d[\d,]*)) new comments? on", re.M),
}


@dataclass
class Crowd:
    """Readers, what each has chosen, and what they should have been told: (account, kind, comment)."""

    it: Installation
    story: Story
    readers: list[Account]
    chosen: dict[int, dict[str, str]]
    expected: set[Told] = field(default_factory=set)

    @property
    def database(self) -> Database:
        return self.it.database

    def write(self, draw: random.Random, number: int) -> None:
        """So many replies, each by somebody to some comment; every third names somebody."""
        with self.database.transaction() as session:
            written = [factories.comment(session, self.story, reader, "I begin.") for reader in self.readers]
        for begun in range(0, number, AT_A_TIME):
            with self.database.transaction() as session:
                for _ in range(min(AT_A_TIME, number - begun)):
                    by, to = draw.choice(self.readers), session.get_one(Comment, draw.choice(written).id)
                    named = draw.choice(self.readers) if draw.random() < 1 / 3 else None
                    text = f"@{named.name} knows. {draw.random()}" if named else f"No. {draw.random()}"
                    reply = factories.comment(session, self.story, by, text, parent=to)
                    written.append(reply)
                    self._expect(reply, to, named)

    def _expect(self, reply: Comment, to: Comment, named: Account | None) -> None:
        told = {named.id: MENTION} if named else {}
        told[to.account_id] = REPLY
        told.pop(reply.account_id, None)
        self.expected |= {(account_id, kind, reply.id) for account_id, kind in told.items()}

    def kill_workers(self, draw: random.Random, times: int, longest: float) -> None:
        """Have two workers work, and kill them, so often, after `longest` seconds at most."""
        for _ in range(times):
            running = [
                subprocess.Popen(
                    [sys.executable, "-m", "app.cli.main", "worker"],
                    cwd=REPOSITORY,
                    env=environment_of(self.it.settings),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                for _ in range(2)
            ]
            self._wait_for_work()
            time.sleep(draw.uniform(0, longest))
            for process in running:
                process.send_signal(signal.SIGKILL)
                process.wait()

    def _wait_for_work(self) -> None:
        """Until one of the workers has begun, so that it is killed at work."""
        before = self._jobs()
        for _ in range(600):
            if self._jobs() != before:
                return
            time.sleep(0.05)

    def _jobs(self) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Job)) or 0

    def finish(self) -> None:
        """What killed workers left comes back, and all letters become due, those of tomorrow, too."""
        runner = worker.runner(throttle.throttled(self.it))
        for minutes in (6, 12, 24, 36, 25 * 60, 26 * 60):
            with clock.pretend(clock.now() + timedelta(minutes=minutes)):
                runner.run_all()

    def told(self) -> list[Told]:
        with self.database.reading() as session:
            found = session.execute(select(Notification.account_id, Notification.kind, Notification.subject_id))
            return [(account_id, kind, subject) for account_id, kind, subject in found]

    def written_of(self) -> Counter[tuple[int, str]]:
        """{(account, kind): of how many comments its letters tell}, as somebody reads it who has them all."""
        return Counter({who: sum(counts) for who, counts in self._lines().items() if who[1] != FOLLOW})

    def written_of_followed(self) -> dict[int, list[int]]:
        """{account: what each of its letters says how many comments there are on the story that it follows}."""
        return {account: counts for (account, kind), counts in self._lines().items() if kind == FOLLOW}

    def _lines(self) -> dict[tuple[int, str], list[int]]:
        accounts = {reader.email: reader.id for reader in self.readers}
        found: dict[tuple[int, str], list[int]] = defaultdict(list)
        for letter in letters_sent(self.it.settings):
            with suppress(KeyError):
                for kind, line in _LINES.items():
                    for said in line.finditer(letter.get_content()):
                        found[accounts[letter["To"]], kind].append(int((said[1] or "1").replace(",", "")))
        return found

    @property
    def followers(self) -> list[Account]:
        """Half of the readers."""
        return self.readers[::2]

    def wants(self, reader: Account, kind: str) -> str:
        return self.chosen[reader.id][kind]

    def to_be_written_of(self) -> Counter[tuple[int, str]]:
        wanted = ((account, kind) for account, kind, _ in self.expected if self.chosen[account][kind] != NEVER)
        return Counter(wanted)

    def written(self) -> Counter[int]:
        """How many comments each account has written."""
        with self.database.reading() as session:
            return Counter(session.scalars(select(Comment.account_id)))

    def unread_of_followed(self) -> dict[int, int]:
        """{account: how many comments are new to it}, of those who follow the story."""
        with self.database.reading() as session:
            new = select(func.count()).select_from(follows.unseen(clock.now()).subquery()).scalar_subquery()
            return {row[0]: row[1] for row in session.execute(select(Follow.account_id, new))}


def crowd(it: Installation, draw: random.Random, readers: int) -> Crowd:
    """So many readers of a new story, half of whom follow it."""
    with it.database.transaction() as session:
        site: Site = factories.site(session)
        story = factories.story(session, site)
        people = [factories.account(session, f"Reader{number:04}") for number in range(readers)]
        chosen = {}
        for person in people:
            wanted = {kind: draw.choice(FREQUENCIES) for kind in _LINES}
            choices.choose(session, person.id, wanted)
            chosen[person.id] = wanted
        for person in people[::2]:
            follows.put(session, person.id, story.id, "followed")
    return Crowd(it, story, people, chosen)
