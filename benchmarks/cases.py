"""What is asked of a server: the busy paths of a newspaper, as requests that are each sent once."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

from app.models import Account, Story
from benchmarks.client import Request
from benchmarks.newspaper import Newspaper, some_text
from benchmarks.serving import Server, some_address

READS = 2000
POSTS = 900  # of posts, and of replies: fewer than five for each writer, which is what a minute allows


@dataclass(frozen=True)
class Case:
    """Requests of one kind, all to be answered with `status`."""

    name: str
    requests: list[Request]
    status: int = 200


def cases(server: Server, paper: Newspaper, tag: str, draw: random.Random) -> Iterator[Case]:
    """Reads first, since posts change what they find. `tag`: the ETag of the hot thread."""
    for story, what in ((paper.quiet, "thread of 50"), (paper.hot, "thread of 5,000")):
        yield Case(f"{what}, JSON", _reads(thread(story), draw))
        if story is paper.hot:
            yield Case(f"{what}, 304", _reads(thread(story), draw, {"If-None-Match": tag}), 304)
        yield Case(f"{what}, page", _reads(f"/stories/{story.id}", draw))
    yield Case("counts of 50 stories", _reads(f"/api/v1/counts?keys={','.join(paper.keys)}", draw))
    half = len(paper.writers) // 2
    yield Case("post", _posts(server, paper.written, paper.writers[:half], [None], draw), 201)
    yield Case("reply", _posts(server, paper.written, paper.writers[half:], paper.answerable, draw), 201)


def thread(story: Story) -> str:
    """The address of a story's comments."""
    return f"/api/v1/stories/{story.key}/comments"


def _reads(path: str, draw: random.Random, headers: dict[str, str] | None = None) -> list[Request]:
    return [Request("GET", path, _from_somewhere(draw) | (headers or {})) for _ in range(READS)]


def _posts(
    server: Server, story: Story, writers: list[Account], parents: list[int] | list[None], draw: random.Random
) -> list[Request]:
    credentials = [{"Authorization": f"Bearer {server.token(writer)}"} for writer in writers]
    made = []
    for number, (who, parent) in zip(range(POSTS), zip(cycle(credentials), cycle(parents), strict=False), strict=False):
        body = {"text": f"{some_text(draw)} {number}", "confirm": True}
        body |= {} if parent is None else {"parent": str(parent)}
        made.append(Request("POST", thread(story), _from_somewhere(draw) | who, body))
    return made


def _from_somewhere(draw: random.Random) -> dict[str, str]:
    return {"X-Forwarded-For": some_address(draw)}
