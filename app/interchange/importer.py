"""Brings a history of comments in through the pipeline that live ones take: validation, scoring, verdict, insert,
counters, queue. Entitlement, limits, strikes and suspensions are for the living: a severe row is withheld and queued.

The file is taken in batches, each one transaction together with its rows in `imported_rows`. So an import that was
killed is continued by running it again: what is in is in, once.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeVar

from app import ledger
from app.db import retrying
from app.errors import Malformed
from app.installation import Installation
from app.interchange import placing
from app.interchange.parsing import BadRow, Row, rows
from app.interchange.placing import CleanRow
from app.stories import sites
from app.stories.sites import SiteSnapshot
from app.text import cleaning, markup
from app.toxicity.scorer import Scoring, Unavailable, known_as

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

    @property
    def taken(self) -> int:
        """Rows that became comments in this run."""
        return self.states.total()


@dataclass(frozen=True)
class Import:
    """One import into one site. `source` names it across restarts; `refuse` is told of every row left out."""

    it: Installation
    site: SiteSnapshot
    source: str
    refuse: Callable[[BadRow], None]
    advance: Callable[[int], None]

    def run(self, path: Path, columns: Mapping[str, str]) -> Tally:
        """Import the rows of `path`. Raises BadFile, ScorerDown; what was taken before stays taken."""
        tally = Tally()
        waiting: list[Row] = []
        for batch in _batches(rows(path, columns)):
            waiting += self._take(list(self._good(batch, tally)), tally)
            self.advance(batch[-1].line)
        while waiting:  # replies that stood before what they reply to
            left = [row for batch in _batches(waiting) for row in self._take(batch, tally)]
            if len(left) == len(waiting):
                for row in left:
                    self._refuse(row, "unknown_parent", tally)
                break
            waiting = left
        with self.it.database.transaction() as session:
            details = {"taken": tally.taken}
            ledger.append(session, ledger.Entry(None, "import.run", "site", self.site.id, self.site.id, details))
        return tally

    def _take(self, batch: list[Row], tally: Tally) -> list[Row]:
        """Import a batch; the rows that must wait for their parent come back."""
        with self.it.database.reading() as session:
            present = placing.find(session, self.source, [row.id for row in batch])
        tally.already += sum(row.id in present for row in batch)
        drafts = [draft for row in batch if row.id not in present for draft in self._draft(row, tally)]
        if not drafts:
            return []
        scores = self.it.scorer.score([markup.plain(draft.text) for draft in drafts], SCORING_SECONDS)
        if isinstance(scores, Unavailable):
            raise ScorerDown(scores.reason)
        name = known_as(self.it.scorer)
        scored = [(draft, Scoring(name, score)) for draft, score in zip(drafts, scores, strict=True)]
        placed, waiting, refused = retrying(self._store)(scored)
        tally.states += placed
        for row, reason in refused:
            self._refuse(row, reason, tally)
        return waiting

    def _store(self, scored: list[tuple[CleanRow, Scoring]]) -> tuple[Counter[str], list[Row], list[tuple[Row, str]]]:
        with self.it.database.transaction() as session:
            batch = [draft.row for draft, _ in scored]
            placer = placing.Placer(session, self.site, self.it.house, self.source, batch)
            for draft, scoring in scored:
                placer.place(draft, scoring)
            return placer.states, placer.waiting, placer.refused

    def _draft(self, row: Row, tally: Tally) -> Iterator[CleanRow]:
        try:
            limits = sites.rules_of(self.site, self.it.house).limits
            yield CleanRow(row, cleaning.comment(row.text, limits.comment_characters))
        except Malformed as refusal:
            self._refuse(row, refusal.code, tally)

    def _good(self, batch: Iterable[Row | BadRow], tally: Tally) -> Iterator[Row]:
        for row in batch:
            if isinstance(row, Row):
                yield row
            else:
                tally.refused[row.reason] += 1
                self.refuse(row)

    def _refuse(self, row: Row, reason: str, tally: Tally) -> None:
        tally.refused[reason] += 1
        self.refuse(BadRow(row.line, row.id, reason))


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """`items` in lists of at most BATCH_ROWS."""
    left = iter(items)
    while batch := list(islice(left, BATCH_ROWS)):
        yield batch
