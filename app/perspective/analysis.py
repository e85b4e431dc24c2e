"""comments:analyze: every attribute that is asked for, answered in one pass of the scorer."""

import time
from collections.abc import Callable
from operator import attrgetter
from typing import TypeVar

from app.models import ApiKey
from app.models.api_key import OURS
from app.perspective import attributes, contract, errors, languages, scale, usage
from app.perspective.contract import (
    AnalyzeCommentRequest,
    AnalyzeCommentResponse,
    AttributeParameters,
    AttributeScores,
    Score,
    ScoreType,
)
from app.perspective.languages import Reading, Scorers
from app.perspective.texts import Readable, readable
from app.toxicity import passages
from app.toxicity.passages import ScoredPassage
from app.toxicity.scorer import Scores, Unavailable, known_as

T = TypeVar("T")
Measure = Callable[[Scores], float]
PROBABILITY: ScoreType = "PROBABILITY"


def analyze(key: ApiKey, scorers: Scorers, request: AnalyzeCommentRequest, deadline: float) -> AnalyzeCommentResponse:
    """The scores of a comment, within `deadline` seconds. Raises ApiError: 400, or 503 where there are none."""
    comment = readable(request.comment)
    asked = request.requested_attributes or {}
    if not asked:
        raise errors.invalid("Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES")
    read = languages.reading_of(key, scorers, request.languages or [], comment.text)
    drop = key.drop_unsupported or bool(request.drop_unsupported_attributes)
    names = attributes.answered(asked, read.unread, drop=drop)
    for name in names:
        _check_score_type(name, asked[name])
    measures = {name: _measure(key, read, name) for name in names}
    ends = time.monotonic() + deadline
    (scores,) = _given(read.scorer.score([comment.text], deadline))
    parts = [ScoredPassage(0, len(comment.text), scores)]
    if request.span_annotations:
        parts = _given(passages.by_passage(read.scorer, comment.text, ends - time.monotonic()))
    usage.count_attributes(key, names)
    return AnalyzeCommentResponse(
        attribute_scores=_present(
            {name: _scores_of(measures[name], asked[name], scores, parts, comment) for name in names}
        ),
        languages=list(read.languages),
        detected_languages=list(read.detected),
        client_token=request.client_token,
    )


def _given(answer: list[T] | Unavailable) -> list[T]:
    if isinstance(answer, Unavailable):
        raise errors.unavailable()
    return answer


def _check_score_type(name: str, parameters: AttributeParameters) -> None:
    if parameters.score_type not in (None, "SCORE_TYPE_UNSPECIFIED", PROBABILITY):
        raise errors.invalid(f"Requested score type {parameters.score_type} is not supported by attribute {name}")


def _measure(key: ApiKey, read: Reading, name: str) -> Measure:
    """What the attribute of that name is, of our scores. The second scorer's are on no scale but its own."""
    ours: Measure = attrgetter(attributes.ATTRIBUTES[name])
    if key.scale == OURS or name not in scale.ATTRIBUTES or read.by_second:
        return ours
    if not scale.fits(read.scorer):
        raise errors.no_scale(known_as(read.scorer))
    return lambda scores: scale.GOOGLES.of(ours(scores))


def _scores_of(
    measure: Measure, parameters: AttributeParameters, whole: Scores, parts: list[ScoredPassage], comment: Readable
) -> AttributeScores:
    least, origins = parameters.score_threshold or 0.0, comment.origins
    summary = _score(measure(whole), least)
    found = [(part, score) for part in parts if (score := _score(measure(part.scores), least))]
    marked = [
        contract.SpanScore(begin=origins[part.begin], end=origins[part.end], score=score) for part, score in found
    ]
    return AttributeScores(summary_score=summary, span_scores=marked or None)


def _score(value: float, least: float) -> Score | None:
    return Score(value=value, type=PROBABILITY) if value >= least else None


def _present(scores: dict[str, AttributeScores]) -> dict[str, AttributeScores]:
    """Without those of which every score was below its threshold."""
    return {name: found for name, found in scores.items() if found.summary_score or found.span_scores}
