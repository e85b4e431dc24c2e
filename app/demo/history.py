"""The order of things: what happened at the demo's newspaper, each event told at its own moment."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app import clock
from app.accounts import identity
from app.accounts.identity import Identity
from app.demo.newspaper import Newspaper
from app.demo.till import Till
from app.installation import Installation
from app.models import Account
from app.stories.sites import SiteSnapshot


@dataclass(frozen=True)
class Event:
    """Something that happens at a moment. `pays`: it has to do with money, and leaves webhooks and jobs behind."""

    moment: datetime
    happen: Callable[[], None]
    pays: bool = False


@dataclass(frozen=True)
class World:
    """Where it happens, and what has come to be so far: ids of accounts by key, ids of comments by text."""

    paper: Newspaper
    now: datetime
    it: Installation
    till: Till
    site: SiteSnapshot
    accounts: dict[str, int] = field(default_factory=dict)
    comments: dict[str, int] = field(default_factory=dict)

    def ago(self, days: float) -> datetime:
        """The moment that many days before the demo begins."""
        return self.now - timedelta(days=days)

    def caller(self, key: str) -> Identity:
        """The reader as they would call now."""
        with self.it.database.reading() as session:
            account = session.get_one(Account, self.accounts[key])
            return identity.load(session, account.id, account.session_epoch)


def tell(events: Iterable[Event], till: Till) -> None:
    """Let it all happen, in order. What was paid is known before anything else happens."""
    owed = False
    for event in sorted(events, key=lambda event: event.moment):
        if owed and not event.pays:
            till.catch_up()
        with clock.pretend(event.moment):
            event.happen()
        owed = event.pays
    till.catch_up()
