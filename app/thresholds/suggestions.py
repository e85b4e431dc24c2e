"""Labels from publishers whose own moderators decide: what they suggest as the scores of a text (SuggestedScore)."""

import hashlib
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from app.db import Database
from app.ids import LARGEST, first_at
from app.models import SuggestedScore
from app.thresholds.evidence import Collected
from app.thresholds.labels import Label
from app.thresholds.rescoring import scores_of
from app.toxicity import Scorer

SLICE_SUGGESTIONS = 1000
SUGGESTED = "suggested by a publisher, and never scored here"
# a suggested score from here on says that the text was rejected
REJECTED_PROBABILITY = 0.5


def collect(database: Database, collected: Collected, since: datetime, scorer: Scorer, *, rescore: bool) -> None:
    """Add the texts that publishers have suggested scores for since then. They come without scores of ours, so that
    they count only with `rescore`. Raises rescoring.NoScores.
    """
    for part in _latest(database, first_at(since)):
        if not rescore:
            collected.left_out[SUGGESTED] += len(part)
            continue
        scores = scores_of(scorer, [row.text for row in part])
        for row, ours in zip(part, scores, strict=True):
            collected.suggestion(ours, Label(max(row.scores.values()) >= REJECTED_PROBABILITY, None, row.created_at))


def _latest(database: Database, first: int) -> Iterator[list[SuggestedScore]]:
    """The latest suggestion of each publisher on each of its comments, the newest first."""
    seen: set[bytes] = set()
    before = LARGEST
    while True:
        newest = select(SuggestedScore).where(SuggestedScore.id >= first, SuggestedScore.id < before)
        with database.reading() as session:
            part = session.scalars(newest.order_by(SuggestedScore.id.desc()).limit(SLICE_SUGGESTIONS)).all()
        fresh = []
        for row in part:
            about = _about(row)
            if about not in seen and row.scores:
                fresh.append(row)
            seen.add(about)
        if fresh:
            yield fresh
        if len(part) < SLICE_SUGGESTIONS:
            return
        before = part[-1].id


def _about(row: SuggestedScore) -> bytes:
    """What a suggestion is about: the publisher's own name of the comment, or else the text."""
    name = f"{row.api_key_id}\0{row.community_id}\0{row.client_token or row.text}"
    return hashlib.blake2b(name.encode(errors="replace"), digest_size=16).digest()
