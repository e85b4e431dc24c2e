"""Brings a history of comments in through the pipeline that live ones take: validation, scoring, verdict, insert,
counters, queue. Entitlement, limits, strikes and suspensions are for the living: a severe row is withheld and queued.

The file is read whole and its rows put in the order of their times. They are taken in batches, each one transaction
together with its rows in `imported_rows`. So an import that was killed is continued by running it again: what is in is
in, once. What nobody could read in the old system is refused, and where somebody answered it a tombstone keeps its
place.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

from app import ledger
from app.accounts import old_bans
from app.db import retrying
from app.errors import Malformed
from app.installation import Installation
from app.interchange import authors, history, placing
from app.interchange.authors import Writer
from app.interchange.history import History
from app.interchange.parsing import Reading, Row, rows
from app.interchange.placing import CleanRow, Placer
from app.interchange.records import BadRow, OldBan, Place
from app.stories import sites
from app.stories.sites import SiteSnapshot
from app.text import cleaning, markup
from app.toxicity.scorer import Scoring, Unavailable, scoring_of

Item = TypeVar("Item")

BATCH_ROWS = 250
SCORING_SECONDS = 120.0


class ScorerDown(RuntimeError):
    """The scorer did not answer; going on would hold the whole history."""


@dataclass
class Tally:
    """What became of the rows: `states` counts those taken by their comment's state."""

    states: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    already: int = 0
    # whom the old system had banned, about whom moderators are asked now
    bans: int = 0
    # where texts have "\\n" as two characters: a database may have written a line break so, or somebody have typed it
    escaped: list[Place] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Rows that became comments in this run."""
        return self.states.total()


@dataclass(frozen=True)
class Import:
    """One import into one site. `source` names it across restarts; `refuse` is told of every row left out, `tell` of
    each part of the work how much is done, and of how much.

    `orphans`: whether a reply whose parent is not in becomes a comment on the story, instead of being refused.
    """

    it: Installation
    site: SiteSnapshot
    source: str
    refuse: Callable[[BadRow], None]
    tell: Callable[[str, int, int], None]
    orphans: bool = False

    def run(self, path: Path, reading: Reading) -> Tally:
        """Import the rows of `path`. Raises BadFile before any is taken, and ScorerDown; what was taken stays taken."""
        tally = Tally()
        early: list[Row] = []
        with history.opened() as waiting:
            bans = self._read(path, reading, waiting, tally)
            total = waiting.close()
            for number, batch in enumerate(_batches(waiting.rows())):
                self.tell("Taking comments", number * BATCH_ROWS, total)
                early += self._take(batch, tally)
        while early:  # replies that are older than what they reply to
            left = [row for batch in _batches(_parents_first(early)) for row in self._take(batch, tally)]
            early = left if len(left) < len(early) else self._adopted(left, tally)
        tally.bans = sum(retrying(self._ask)(batch) for batch in _batches(bans))
        with self.it.database.transaction() as session:
            details = {"taken": tally.taken}
            ledger.append(session, ledger.Entry(None, "import.run", "site", self.site.id, self.site.id, details))
        return tally

    def _read(self, path: Path, reading: Reading, waiting: History, tally: Tally) -> list[OldBan]:
        """Read the file into `waiting`; of whom it says that they were banned, those who can be known again."""
        bans = []
        for number, row in enumerate(rows(path, reading)):
            if number % BATCH_ROWS == 0:
                self.tell("Reading rows", number, 0)
            if isinstance(row, OldBan) and authors.mailbox(self.it, row.email):
                bans.append(row)
            elif isinstance(row, OldBan):
                self._refuse(BadRow(row.line, row.author_id, "ban_without_mailbox"), "ban_without_mailbox", tally)
            elif isinstance(row, BadRow):
                self._refuse(row, row.reason, tally)
            elif not waiting.add(row):
                self._refuse(row, "id_twice", tally)
            elif row.gone:
                self._refuse(row, row.gone, tally)
            elif r"\n" in row.text:
                tally.escaped.append(row.line)
        return bans

    def _ask(self, bans: list[OldBan]) -> int:
        """Ask moderators about a batch of old bans; about how many they are asked now."""
        with self.it.database.transaction() as session:
            writers = [Writer(ban.name, ban.author_id, ban.email) for ban in bans]
            accounts = authors.ensure(session, self.it, self.source, writers)
            # always in the same order, so that two imports do not wait for each other
            return sum(
                old_bans.ask(session, self.it.house, self.site.id, account) for account in sorted(accounts.values())
            )

    def _adopted(self, left: list[Row], tally: Tally) -> list[Row]:
        """Replies that found no parent, to be tried without one; none, if they are refused."""
        ids = {row.id for row in left}
        if self.orphans and any(row.parent not in ids for row in left):
            return [row if row.parent in ids else replace(row, parent=None) for row in left]
        for row in left:
            self._refuse(row, "unknown_parent", tally)
        return []

    def _take(self, batch: list[Row], tally: Tally) -> list[Row]:
        """Import a batch; the rows that must wait for their parent come back."""
        with self.it.database.reading() as session:
            named = {row.id for row in batch} | {row.parent for row in batch if row.parent}
            present = placing.find(session, self.source, sorted(named))
        tally.already += sum(row.id in present for row in batch if not row.gone)
        batch = [row for row in batch if row.id not in present]
        ready, early, known = list[Row](), list[Row](), set(present)
        for row in batch:
            if row.parent is not None and row.parent not in known:
                early.append(row)
            else:
                ready.append(row)
                known.add(row.id)
        return early + self._store_scored([draft for row in ready for draft in self._draft(row, tally)], tally)

    def _store_scored(self, drafts: list[CleanRow], tally: Tally) -> list[Row]:
        if not drafts:
            return []
        scorer, texts = self.it.scorer, [markup.plain(draft.text) for draft in drafts if not draft.row.gone]
        scores = scorer.score(texts, SCORING_SECONDS)
        if isinstance(scores, Unavailable):
            raise ScorerDown(f"The scorer does not answer ({scores.reason}). What was taken stays: run this again.")
        scorings = (scoring_of(scorer, text, score) for text, score in zip(texts, scores, strict=True))
        scored = [(draft, None if draft.row.gone else next(scorings)) for draft in drafts]
        placer = retrying(self._store)(scored)
        tally.states += placer.states
        for row, reason in placer.refused:
            self._refuse(row, reason, tally)
        return placer.waiting

    def _store(self, scored: list[tuple[CleanRow, Scoring | None]]) -> Placer:
        with self.it.database.transaction() as session:
            batch = [draft.row for draft, _ in scored]
            placer = Placer(session, self.site, self.it, self.source, batch)
            for draft, scoring in scored:
                placer.place(draft, scoring)
            return placer

    def _draft(self, row: Row, tally: Tally) -> Iterator[CleanRow]:
        if row.gone:
            yield CleanRow(row, "")
            return
        try:
            limits = sites.rules_of(self.site, self.it.house).limits
            yield CleanRow(row, cleaning.comment(row.text, limits.comment_characters))
        except Malformed as refusal:
            self._refuse(row, refusal.code, tally)

    def _refuse(self, row: Row | BadRow, reason: str, tally: Tally) -> None:
        if isinstance(row, Row) and row.gone and reason != row.gone:
            return  # it was refused when it was read
        tally.refused[reason] += 1
        self.refuse(BadRow(row.line, row.id, reason))


def _parents_first(rows: list[Row]) -> list[Row]:
    """`rows` in an order in which none stands before the row that it replies to, unless they reply to each other."""
    replies: dict[str | None, list[Row]] = {}
    ids = {row.id for row in rows}
    for row in rows:
        replies.setdefault(row.parent if row.parent in ids else None, []).append(row)
    ordered = replies.pop(None, [])
    for row in ordered:
        ordered += replies.pop(row.id, [])
    return ordered + [row for circle in replies.values() for row in circle]


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """`items` in lists of at most BATCH_ROWS."""
    left = iter(items)
    while batch := list(islice(left, BATCH_ROWS)):
        yield batch
