"""Many comments as other systems export them, of which it is known beforehand what becomes of each."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

from tests.support.old_systems import EXPORTS

STORIES = 20
BEGAN = datetime(2015, 1, 1, tzinfo=UTC)
# of each hundred: what is deleted, spam or the like, and what replies to what else than the one before it
GONE = (70, 72, 80, 81)
REPLIES = {71: 70, 74: -1, 75: 76, 76: 75, 77: 78, 79: 73, 80: 81, 81: 80, 82: 80}
BROKEN = 73
# a reply to nothing, two that reply to each other, one to what is broken, one to two that are gone in a circle
LOST = (74, 75, 76, 79, 82)
TAKEN = 100 - len(GONE) - len(LOST) - 1
NEVER = "0000-00-00 00:00:00"


@dataclass(frozen=True)
class Post:
    """A comment as somebody wrote it there."""

    id: int
    parent: int | None
    at: str

    @property
    def kind(self) -> int:
        return self.id % 100

    @property
    def story(self) -> int:
        return self.id // 100 % STORIES

    @property
    def is_gone(self) -> bool:
        return self.kind in GONE

    @property
    def author(self) -> str:
        return f"Writer {'abcdefghijklmnopqrstuvwxyz'[self.id % 26]}"


def posts(hundreds: int) -> Iterator[Post]:
    """So many hundreds, each on one story."""
    for number in range(100 * hundreds):
        kind = number % 100
        follows = kind - 1 if kind < min(REPLIES) and kind % 3 else None
        replied = REPLIES.get(kind, follows)
        at = NEVER if kind == BROKEN else f"{BEGAN + timedelta(seconds=37 * number):%Y-%m-%d %H:%M:%S}"
        yield Post(number + 1, None if replied is None else number + 1 + replied - kind if replied >= 0 else 10**9, at)


def _words(post: Post) -> str:
    return f"Comment number {post.id} of a long history."


def disqus(folder: Path, hundreds: int) -> Path:
    path = folder / "many.xml"
    with path.open("w") as file:
        file.write('<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">')
        for story in range(STORIES):
            file.write(
                f'<thread dsq:id="{story}"><link>https://paper.example/{story}</link><title>T</title></thread>\n'
            )
        for post in posts(hundreds):
            parent = f'<parent dsq:id="{post.parent}"/>' if post.parent else ""
            file.write(
                f'<post dsq:id="{post.id}"><message><![CDATA[<p>{_words(post)}</p>]]></message>'
                f"<createdAt>{post.at.replace(' ', 'T')}Z</createdAt><isDeleted>{str(post.is_gone).lower()}</isDeleted>"
                f'<author><name>{post.author}</name></author><thread dsq:id="{post.story}"/>{parent}</post>\n'
            )
        file.write("</disqus>")
    return path


def wordpress(folder: Path, hundreds: int) -> Path:
    path = folder / "many.xml"
    with path.open("w") as file:
        file.write('<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel>')
        for story, theirs in groupby(posts(hundreds), lambda post: post.story):
            file.write(
                f"<item><title>T</title><link>https://paper.example/{story}</link><wp:status>publish</wp:status>\n"
            )
            for post in theirs:
                told = {
                    "id": post.id,
                    "author": post.author,
                    "date_gmt": post.at,
                    "content": f"<![CDATA[{_words(post)}]]>",
                    "approved": "trash" if post.is_gone else 1,
                    "parent": post.parent or 0,
                }
                inner = "".join(f"<wp:comment_{name}>{value}</wp:comment_{name}>" for name, value in told.items())
                file.write(f"<wp:comment>{inner}</wp:comment>\n")
            file.write("</item>")
        file.write("</channel></rss>")
    return path


def remark42(folder: Path, hundreds: int) -> Path:
    path = folder / "many"
    with path.open("w") as file:
        file.write('{"version":1,"users":[],"posts":[]}\n')
        for post in posts(hundreds):
            told = {
                "id": str(post.id),
                "pid": str(post.parent or ""),
                "text": f"<p>{_words(post)}</p>\n",
                "user": {"name": post.author, "id": f"github_{post.author}"},
                "locator": {"site": "paper", "url": f"https://paper.example/{post.story}"},
                "time": post.at,
                "delete": post.is_gone,
            }
            file.write(json.dumps(told) + "\n")
    return path


def coral(folder: Path, hundreds: int) -> Path:
    path = folder / "many"
    path.mkdir()
    every = list(posts(hundreds))
    told: dict[str, list[dict[str, object]]] = {
        "stories": [{"id": f"s{story}", "url": f"https://paper.example/{story}"} for story in range(STORIES)],
        "users": [{"id": name, "username": name} for name in sorted({post.author for post in every})],
        "comments": [
            {
                "id": str(post.id),
                "parentID": str(post.parent) if post.parent else None,
                "authorID": post.author,
                "storyID": f"s{post.story}",
                "status": "REJECTED" if post.is_gone else "NONE",
                "revisions": [{"body": f"<div>{_words(post)}</div>"}],
                "createdAt": {"$date": post.at},
            }
            for post in every
        ],
    }
    for name, objects in told.items():
        (path / f"{name}.json").write_text("".join(json.dumps(each) + "\n" for each in objects))
    return path


def isso(folder: Path, hundreds: int) -> Path:
    path = folder / "many.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript((EXPORTS / "isso.sql").read_text().partition("INSERT")[0])
        database.executemany("INSERT INTO threads VALUES (?, ?, 'T')", [(n, f"/{n}") for n in range(STORIES)])
        database.executemany(
            "INSERT INTO comments (tid, id, parent, created, mode, text, author, voters) VALUES (?,?,?,?,?,?,?,x'')",
            [
                (post.story, post.id, post.parent, post.at, 4 if post.is_gone else 1, _words(post), post.author)
                for post in posts(hundreds)
            ],
        )
        database.commit()
    return path


SYSTEMS: dict[str, Callable[[Path, int], Path]] = {
    "disqus": disqus,
    "wordpress": wordpress,
    "remark42": remark42,
    "coral": coral,
    "isso": isso,
}
