"""On what terms a story takes comments: its state, hours and end, how often one reader may write, a word before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

import msgspec

from app.errors import Malformed
from app.language import mark
from app.models import Story
from app.models.story import CLOSED, OPEN
from app.text import characters

LONGEST_MESSAGE = 500
SLOWEST_SECONDS = 86400
HOURS = mark("Give both the hour at which it opens and another at which it closes.")
MESSAGE = mark("The message may have %(most)s characters.")
SLOW = mark("From one comment of a reader to the next are %(most)s seconds at most.")


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """`opens` and `closes` are the hours of each day, by the paper's clocks, within which comments are taken (None: all
    day; a later one first is over night); none are from `closes_at` on. `slow_seconds` lie between two comments of one
    reader; `message` stands before the place to write in. `title_only`: for subscribers of this newspaper alone.
    """

    state: str = OPEN
    opens: time | None = None
    closes: time | None = None
    closes_at: datetime | None = None
    slow_seconds: int = 0
    message: str = ""
    title_only: bool = False


@dataclass(frozen=True)
class Opening:
    """Whether a story takes comments now, and when that changes by itself (None: it does not)."""

    is_open: bool
    until: datetime | None = None


def checked(terms: Terms) -> Terms:
    """`terms` as they are kept: the message without what deceives. Raises Malformed for what cannot be."""
    if (terms.opens is None) != (terms.closes is None) or (terms.opens is not None and terms.opens == terms.closes):
        raise Malformed("bad_hours", HOURS, field="hours")
    if terms.closes_at is not None and terms.closes_at.tzinfo is None:
        raise Malformed(field="closes_at")
    if not 0 <= terms.slow_seconds <= SLOWEST_SECONDS:
        raise Malformed("bad_slow_mode", SLOW, field="slow_seconds", most=SLOWEST_SECONDS)
    message = characters.honest("\n".join(terms.message.splitlines())).strip()
    if len(message) > LONGEST_MESSAGE or (terms.message.strip() and not message):
        raise Malformed("bad_message", MESSAGE, field="message", most=LONGEST_MESSAGE)
    return msgspec.structs.replace(terms, message=message)


def put(story: Story, terms: Terms) -> None:
    """Give a story these terms in the place of all that it had."""
    for name in Terms.__struct_fields__:
        setattr(story, name, getattr(terms, name))


def opening(story: Story, now: datetime, zone: tzinfo) -> Opening:
    """Whether `story` takes comments `now`; `zone`: the paper's, by which its hours are meant."""
    ends = story.closes_at
    if story.state == CLOSED or (ends is not None and ends <= now):
        return Opening(False)
    if story.opens is None or story.closes is None:
        return Opening(True, ends)
    for begins, over in _hours(story.opens, story.closes, now.astimezone(zone)):
        if over.timestamp() <= now.timestamp():
            continue
        if begins.timestamp() > now.timestamp():
            # it opens again, unless that would be after its end
            return Opening(False, None if ends is not None and begins.timestamp() >= ends.timestamp() else begins)
        return Opening(True, min((over, ends or over), key=datetime.timestamp))
    raise AssertionError("every day has its hours")


def _hours(opens: time, closes: time, here: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The hours of yesterday, today and the next days, as moments of their zone."""
    for day in (here.date() + timedelta(days=offset) for offset in (-1, 0, 1, 2)):
        last = day if opens < closes else day + timedelta(days=1)
        yield datetime.combine(day, opens, here.tzinfo), datetime.combine(last, closes, here.tzinfo)
