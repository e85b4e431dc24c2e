"""Puts imported comments where they belong: under their story, behind their parent, with ids of their own time."""

import re
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, urldefrag, urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import ids
from app.comments.posting import next_position
from app.db import insert
from app.errors import Malformed
from app.installation import Installation
from app.interchange import authors
from app.interchange.parsing import Row
from app.models import Comment, ImportedRow, Story
from app.models.comment import DELETED
from app.models.story import IMPORT
from app.screening import screen
from app.signals.family import WrittenText
from app.stories import publication, sites, stories
from app.stories.sites import SiteSnapshot
from app.stories.stories import Naming
from app.text import cleaning
from app.toxicity.scorer import Scoring
from config import origins

# what begins so is meant as an address, of this newspaper or not; `news:2024` and `tag:paper.example,2024:12` are keys
_MEANT_AS_ADDRESS = re.compile(
    r"/|www\.|[a-z][a-z0-9+.-]*:/|(?:javascript|vbscript|mailto):|data:[a-z]+/", re.IGNORECASE
)
_HOST = re.compile(r"(?://)?([^/?#]*)")
# what of an address is not to be encoded, or is already
_IN_ADDRESSES = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True)
class CleanRow:
    """A row whose text was found good, as it will be stored. Of what nobody could read there is no text."""

    row: Row
    text: str


class ImportedPlace(NamedTuple):
    """Where an imported comment stands."""

    comment_id: int
    story_id: int
    root_id: int
    depth: int


def find(session: Session, source: str, external_ids: Sequence[str]) -> dict[str, ImportedPlace]:
    """Where those rows of `external_ids` stand that an earlier batch took."""
    found = session.execute(
        select(ImportedRow.external_id, Comment.id, Comment.story_id, Comment.root_id, Comment.depth)
        .join(Comment, Comment.id == ImportedRow.comment_id)
        .where(ImportedRow.source == source, ImportedRow.external_id.in_(external_ids))
    )
    return {external_id: ImportedPlace(*place) for external_id, *place in found}


class Placer:
    """One batch in one transaction. What it did is in `states`, `waiting` and `refused`."""

    def __init__(
        self,
        session: Session,
        site: SiteSnapshot,
        it: Installation,
        source: str,
        batch: Sequence[Row],
    ) -> None:
        self._session, self._site = session, site
        self._house, self._source = it.house, source
        self._rules = sites.rules_at(session, site.id, it.house)
        named = [row.id for row in batch] + [row.parent for row in batch if row.parent]
        self._places = find(session, source, named)
        self._authors = authors.ensure(session, it, source, {row.writer for row in batch})
        self._stories: dict[tuple[str, str], Story] = {}
        self.states: Counter[str] = Counter()
        self.waiting: list[Row] = []
        self.refused: list[tuple[Row, str]] = []

    def place(self, draft: CleanRow, scoring: Scoring | None) -> None:
        """Insert the comment, unless it is in already, must wait for its parent, or cannot be placed."""
        row = draft.row
        if row.id in self._places:
            return
        parent = self._places.get(row.parent) if row.parent else None
        if row.parent and parent is None:
            self.waiting.append(row)
            return
        try:
            story = self._story(row)
        except Malformed as refusal:
            self.refused.append((row, refusal.code))
            return
        if parent and parent.story_id != story.id:
            self.refused.append((row, "parent_elsewhere"))
            return
        self._insert(draft, scoring, story, parent)

    def _insert(self, draft: CleanRow, scoring: Scoring | None, story: Story, parent: ImportedPlace | None) -> None:
        row, comment_id = draft.row, self._next_id(draft.row)
        comment = Comment(
            id=comment_id,
            site_id=story.site_id,
            story_id=story.id,
            account_id=self._authors[row.writer.key],
            parent_id=parent.comment_id if parent else None,
            root_id=parent.root_id if parent else comment_id,
            position=next_position(self._session, parent.root_id) if parent else 0,
            depth=parent.depth + 1 if parent else 0,
            text=draft.text,
            text_digest=cleaning.digest(draft.text),
            origin="import",
            revision=1,
            created_at=row.created_at,
        )
        if scoring is None:
            publication.set_state(self._session, comment, DELETED)
        else:
            screening = screen.judge(WrittenText(draft.text, scoring, story, "import"), self._rules)
            screen.carry_out(self._session, self._house, self._rules, comment, screening, screening.state)
            self.states[comment.state] += 1
        remember = insert(self._session, ImportedRow)
        self._session.execute(remember.values(source=self._source, external_id=row.id, comment_id=comment_id))
        self._places[row.id] = ImportedPlace(comment_id, story.id, comment.root_id, comment.depth)

    def _next_id(self, row: Row) -> int:
        """An id of the row's own time, behind those of that time: history is told by the second, or by the day.

        One that this program gave elsewhere it keeps, and with it whatever leads to it.
        """
        first = ids.first_at(row.created_at)
        then = Comment.id.between(first, first + 2**ids.RANDOM_BITS - 1)
        given = ids.parse(row.id)
        if given is not None and first <= given < first + 2**ids.RANDOM_BITS and not self._is_taken(given):
            return given
        newest = self._session.scalar(select(func.max(Comment.id)).where(then))
        return first + secrets.randbits(ids.RANDOM_BITS - 1) if newest is None else newest + 1

    def _is_taken(self, comment_id: int) -> bool:
        return self._session.scalar(select(Comment.id).where(Comment.id == comment_id)) is not None

    def _story(self, row: Row) -> Story:
        """The story of that key, or of that address; made now if it is new. Raises Malformed."""
        named = row.story, row.url
        if named not in self._stories:
            key, url = self._key_and_url(*named)
            naming = Naming(url, row.title or key, IMPORT)
            self._stories[named] = stories.ensure(self._session, self._site, key, naming)
        return self._stories[named]

    def _key_and_url(self, story: str, url: str) -> tuple[str, str]:
        """Where only an address is said, it is the key; where only a key is, an address is made of it."""
        if story and url:
            return story, self._address(url)
        if url or _MEANT_AS_ADDRESS.match(story) or self._own_origin(story):
            address = urldefrag(self._address(url or story)).url
            return address, address
        return story, self._address(f"/{quote(story)}")

    def _address(self, address: str) -> str:
        """What several ways of writing an address of the site have in common."""
        plain = quote(_in_one_spelling(self._whole(address)), safe=_IN_ADDRESSES)
        secure = "https" + plain.removeprefix("http") if plain.startswith("http:") else plain
        return secure if any(f"{secure}/".startswith(f"{origin}/") for origin in self._site.origins) else plain

    def _whole(self, address: str) -> str:
        """`address` with what it leaves unsaid: the scheme, or everything before the path."""
        if origin := self._own_origin(address):
            return origin + _HOST.sub("", address, count=1)
        if address.startswith("//"):
            return f"https:{address}"
        if address.startswith("/"):
            return self._site.origins[0] + address
        return f"https://{address}" if address.lower().startswith("www.") else address

    def _own_origin(self, address: str) -> str | None:
        """The origin of the site with whose host `address` begins."""
        host = _HOST.match(address)
        assert host is not None  # it matches the empty string
        return next((each for each in self._site.origins if urlsplit(each).netloc == host[1].lower()), None)


def _in_one_spelling(address: str) -> str:
    """`address` with scheme, host and port as browsers send them; what is no address stays, to be refused."""
    try:
        parts = urlsplit(address)
        origin = origins.parse(f"{parts.scheme}://{parts.netloc}")
    except ValueError:
        return address
    scheme, host = urlsplit(origin)[:2]
    return parts._replace(scheme=scheme, netloc=host, path=parts.path or "/").geturl()
