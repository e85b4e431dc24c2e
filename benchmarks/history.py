"""Makes a newspaper's history of the real comments in civil_comments_16100: 200 stories, 500 authors, replies, times.

The texts are real, the rest is drawn with a fixed seed, the same each time. Run: python -m benchmarks.history FILE.csv
"""

import csv
import gzip
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from app.training import corpus

SOURCE = "civil_comments_16100.csv.gz"
STORIES, AUTHORS = 200, 500
REPLIES = 0.6
BEGINNING = datetime(2016, 1, 4, 6, 0, tzinfo=UTC)
FIELDS = ("id", "author", "story", "parent", "created_at", "text")


class Comment(NamedTuple):
    """One line of the made history, all as text; `parent` is empty for a comment on the story itself."""

    id: str
    author: str
    story: str
    parent: str
    created_at: str
    text: str


def texts() -> list[tuple[str, str]]:
    """Id and text of every real comment, in the file's order. SystemExit without the data."""
    csv.field_size_limit(1 << 24)
    with gzip.open(data_folder() / SOURCE, "rt", encoding="utf-8", newline="") as lines:
        return [(row["comment_id"], row["comment_text"]) for row in csv.DictReader(lines)]


def trained_on() -> set[str]:
    """The texts that the scorer may have seen in training, to be left out of any figure about its judgement."""
    return set(corpus.read(data_folder(), ("auxiliary_train.csv.gz",)).texts)


def comments() -> Iterator[Comment]:
    """The history, the oldest first. Stories are as unequal as in life (Zipf), and a reply is to a recent comment."""
    draw = random.Random(20261122)
    stories, authors = ([1 / (rank + 3) for rank in range(number)] for number in (STORIES, AUTHORS))
    spoken: dict[str, list[str]] = {}
    moment = BEGINNING
    for identifier, text in texts():
        moment += timedelta(seconds=draw.expovariate(1 / 300))
        story = f"story-{draw.choices(range(STORIES), stories)[0] + 1:03}"
        earlier = spoken.setdefault(story, [])
        parent = draw.choice(earlier[-30:]) if earlier and draw.random() < REPLIES else ""
        earlier.append(identifier)
        author = f"author {draw.choices(range(AUTHORS), authors)[0] + 1:03}"
        yield Comment(identifier, author, story, parent, moment.isoformat(timespec="seconds"), text)


def write(path: Path) -> int:
    """Write the history as CSV; the number of comments."""
    number = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        for number, comment in enumerate(comments(), start=1):  # noqa: B007
            writer.writerow(comment)
    return number


def data_folder() -> Path:
    """The folder with the toxicity data. SystemExit if there is none."""
    folder = corpus.data_folder()
    if folder is None:
        raise SystemExit("no data: set BTL_DATA to a folder with toxicity/ in it")
    return folder / "toxicity"


if __name__ == "__main__":
    print(f"{write(Path(sys.argv[1]))} comments")
