"""comments:analyze: every attribute that is asked for, answered in one pass of the scorer."""

import time
from typing import TypeVar

from app.models import ApiKey
from app.perspective import attributes, contract, errors, reading
from app.perspective.contract import (
    AnalyzeCommentRequest,
    AnalyzeCommentResponse,
    AttributeParameters,
    AttributeScores,
    Score,
    ScoreType,
)
from app.perspective.reading import Scorers
from app.perspective.texts import Readable, readable
from app.toxicity import passages
from app.toxicity.passages import ScoredPassage
from app.toxicity.scorer import Scores, Unavailable

T = TypeVar("T")
PROBABILITY: ScoreType = "PROBABILITY"


def analyze(key: ApiKey, scorers: Scorers, request: AnalyzeCommentRequest, deadline: float) -> AnalyzeCommentResponse:
    """The scores of a comment, within `deadline` seconds. Raises ApiError: 400, or 503 where there are none."""
    comment = readable(request.comment)
    asked = request.requested_attributes or {}
    if not asked:
        raise errors.invalid("Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES")
    read = reading.of(key, scorers, request.languages or [], comment.text)
    drop = key.drop_unsupported or bool(request.drop_unsupported_attributes)
    names = attributes.answered(asked, read.unread, drop=drop)
    for name in names:
        _check_score_type(name, asked[name])
    ends = time.monotonic() + deadline
    (scores,) = _given(read.scorer.score([comment.text], deadline))
    parts = [ScoredPassage(0, len(comment.text), scores)]
    if request.span_annotations:
        parts = _given(passages.by_passage(read.scorer, comment.text, ends - time.monotonic()))
    return AnalyzeCommentResponse(
        attribute_scores=_present({name: _scores_of(name, asked[name], scores, parts, comment) for name in names}),
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


def _scores_of(
    name: str, parameters: AttributeParameters, whole: Scores, parts: list[ScoredPassage], comment: Readable
) -> AttributeScores:
    least, ours = parameters.score_threshold or 0.0, attributes.ATTRIBUTES[name]
    summary = _score(whole, ours, least)
    found = [(part, score) for part in parts if (score := _score(part.scores, ours, least))]
    origins = comment.origins
    marked = [
        contract.SpanScore(begin=origins[part.begin], end=origins[part.end], score=score) for part, score in found
    ]
    return AttributeScores(summary_score=summary, span_scores=marked or None)


def _score(scores: Scores, attribute: str, least: float) -> Score | None:
    value = float(getattr(scores, attribute))
    return Score(value=value, type=PROBABILITY) if value >= least else None


def _present(scores: dict[str, AttributeScores]) -> dict[str, AttributeScores]:
    """Without those of which every score was below its threshold."""
    return {name: found for name, found in scores.items() if found.summary_score or found.span_scores}
