"""What tests of notifications begin with: a story, readers, and the worker's jobs that tell them."""

from dataclasses import dataclass
from email.message import EmailMessage

from sqlalchemy import select

from app import worker
from app.billing import throttle
from app.db import Database
from app.installation import Installation
from app.models import Account, Comment, Notification, Site, Story
from app.models.comment import PUBLISHED
from app.notifications import bell, choices, sentences
from tests.support import factories
from tests.support.mailbox import letters_sent


@dataclass
class Telling:
    """A story, and what is done about it. `work` lets the worker do all that is due."""

    it: Installation
    site: Site
    story: Story

    @property
    def database(self) -> Database:
        return self.it.database

    def reader(self, name: str | None = None, **chosen: str) -> Account:
        """A subscriber, who has chosen when to have letters about what."""
        with self.database.transaction() as session:
            made = factories.subscriber(session, name)
            choices.choose(session, made.id, chosen)
            return made

    def comment(
        self, by: Account, text: str = "A thought.", parent: Comment | None = None, state: str = PUBLISHED
    ) -> Comment:
        with self.database.transaction() as session:
            return factories.comment(session, self.story, by, text, parent=parent, state=state)

    def work(self) -> None:
        worker.runner(throttle.throttled(self.it)).run_all()

    def told(self, reader: Account) -> list[tuple[str, int]]:
        """Of what kind and about what a reader was told, in order."""
        with self.database.reading() as session:
            mine = select(Notification.kind, Notification.subject_id).where(Notification.account_id == reader.id)
            return [(kind, subject) for kind, subject in session.execute(mine.order_by(Notification.id))]

    def bell(self, reader: Account) -> list[str]:
        """What the bell says to a reader, the newest first."""
        with self.database.reading() as session:
            return [sentences.told(told) for told in bell.listed(session, reader.id)]

    def unread(self, reader: Account) -> int:
        with self.database.reading() as session:
            return bell.unread(session, reader.id)

    def letters(self, reader: Account) -> list[EmailMessage]:
        """The letters that left for a reader, the oldest first."""
        return [letter for letter in letters_sent(self.it.settings) if letter["To"] == reader.email]


def telling(it: Installation) -> Telling:
    with it.database.transaction() as session:
        site = factories.site(session)
        return Telling(it, site, factories.story(session, site, "tide"))
