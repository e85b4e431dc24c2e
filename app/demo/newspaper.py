"""The demo's newspaper as it is written in the files beside this one: who reads it, what they say, what is decided."""

import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec

from app.models.comment import PUBLISHED

FOLDER = Path(__file__).parent
STORIES = ("harbour", "buses", "books", "club", "levy")


# what a subscription comes to
Ends = Literal["active", "ending", "paused", "refunded", "disputed", "past_due", "lapsed", "trial"]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the files: immutable, nothing in it that is not known here."""


class Complaint(Part, frozen=True):
    """A report, `after` hours after the comment, or after the sign-up of the name's bearer."""

    by: str
    rule: str
    after: float
    note: str | None = None


class Proposal(Part, frozen=True):
    """A moderator proposes to end the subscription of a banned reader, by a method of models.termination."""

    by: str
    method: str
    reason: str
    days_ago: float


class Reader(Part, frozen=True):
    """An account. Days are counted back from the moment at which the demo begins."""

    key: str
    name: str
    since: float
    email: str = ""
    verified: bool = True
    subscription: (
        Literal["active", "ending", "paused", "refunded", "disputed", "past_due", "lapsed", "trial"] | None
    ) = None
    # when it came to what `subscription` says; it was active before
    turned_days_ago: float = 0.0
    # the name on their bill, where it is another, and the number of their card, where somebody else pays with it too
    pays_as: str | None = None
    card: str | None = None
    # when they asked to go by a name that is not on their bill
    exception_days_ago: float | None = None
    # somebody finds that a ban is not enough
    proposal: Proposal | None = None
    role: str | None = None
    # the editor's reason to let them write without a subscription
    grant: str | None = None
    # somebody finds that their name breaks a rule
    reported: Complaint | None = None
    # for those whose log-in is printed: what they are, and what to try as them
    label: str | None = None
    try_: str = msgspec.field(name="try", default="")

    @property
    def address(self) -> str:
        """Their e-mail address, at a domain that nobody owns."""
        return self.email or f"{self.key}@example.com"


class Customer(Part, frozen=True):
    """Somebody who has subscribed at Stripe since before there were comments here, and may come to link it."""

    name: str
    email: str
    paid_days_ago: float
    # those who have the letter sent to them, and open it in this order
    linked_by: tuple[str, ...] = ()
    linked_days_ago: float = 0.0


class Ruling(Part, frozen=True):
    """A decision, `after` hours after the comment; a warning may be acknowledged some hours later."""

    by: str
    action: str
    rule: str
    reason: str
    after: float
    # of a suspension
    days: int | None = None
    acknowledged_after: float | None = None
    # what its author says against it
    appeal: str | None = None
    appealed_days_ago: float = 0.0


class LegalNotice(Part, frozen=True):
    """Somebody without an account calls a comment illegal."""

    name: str
    explanation: str
    days_ago: float


class Remark(Part, frozen=True):
    """A comment. `after`: hours after what it answers; or else `days_before_now`. `state`: what becomes of it. A
    moderator may have picked it, or pinned it.
    """

    by: str
    text: str
    after: float = 0.0
    days_before_now: float | None = None
    depth: int = 0
    state: str = PUBLISHED
    respects: int = 0
    reports: tuple[Complaint, ...] = ()
    notice: LegalNotice | None = None
    decision: Ruling | None = None
    picked_by: str | None = None
    pinned_by: str | None = None


class Story(Part, frozen=True):
    """An article, with its conversation in the order of reading: each comment under what it answers."""

    key: str
    title: str
    days_ago: float
    byline: str
    article: str
    comments: tuple[Remark, ...]
    # hours after which the desk closed the conversation, or began to read everything first
    closed_after: float | None = None
    premoderated_after: float | None = None

    def told(self, now: datetime) -> Iterator[tuple[datetime, Remark, Remark | None]]:
        """Each comment with its moment and the comment that it answers, for a demo that begins at `now`."""
        published = now - timedelta(days=self.days_ago)
        above: list[tuple[datetime, Remark]] = []
        for remark in self.comments:
            del above[remark.depth :]
            before, answered = above[-1] if above else (published, None)
            moment = before + timedelta(hours=remark.after)
            if remark.days_before_now is not None:
                moment = now - timedelta(days=remark.days_before_now)
            yield moment, remark, answered
            above.append((moment, remark))


class Newspaper(Part, frozen=True):
    """All of it."""

    readers: tuple[Reader, ...]
    customers: tuple[Customer, ...]
    stories: tuple[Story, ...]


def load() -> Newspaper:
    """Read the files; raises msgspec.ValidationError with the place of a mistake."""
    readers = msgspec.convert(_read("accounts")["accounts"], tuple[Reader, ...])
    customers = msgspec.convert(_read("customers")["customers"], tuple[Customer, ...])
    return Newspaper(
        readers=readers, customers=customers, stories=tuple(msgspec.convert(_read(name), Story) for name in STORIES)
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
