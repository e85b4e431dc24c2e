"""comments:suggestscore: what a publisher's moderators say of a text, kept to measure and set the scorer by."""

from sqlalchemy.orm import Session

from app import clock
from app.ids import new_id
from app.models import SuggestedScore
from app.perspective import attributes, errors
from app.perspective.analysis import PROBABILITY
from app.perspective.contract import AttributeScores, SuggestCommentScoreRequest, SuggestCommentScoreResponse
from app.perspective.texts import readable


def suggested(api_key_id: int, request: SuggestCommentScoreRequest) -> SuggestedScore:
    """The row to keep. Raises ApiError (400) for an empty or long text, and for scores that say nothing of ours."""
    text = readable(request.comment).text
    if not request.attribute_scores:
        raise errors.invalid("attribute_scores must not be empty")
    return SuggestedScore(
        id=new_id(),
        api_key_id=api_key_id,
        text=text,
        scores={_ours(name): _value(name, scores) for name, scores in request.attribute_scores.items()},
        languages=request.languages or [],
        community_id=request.community_id,
        client_token=request.client_token,
        created_at=clock.now(),
    )


def keep(session: Session, suggestion: SuggestedScore) -> None:
    """Add it to what was suggested."""
    session.add(suggestion)


def thanks(request: SuggestCommentScoreRequest) -> SuggestCommentScoreResponse:
    """What the publisher is told."""
    return SuggestCommentScoreResponse(
        detected_languages=[], requested_languages=request.languages or [], client_token=request.client_token
    )


def _ours(name: str) -> str:
    if name not in attributes.ATTRIBUTES:
        raise attributes.unknown(name)
    return attributes.ATTRIBUTES[name]


def _value(name: str, scores: AttributeScores) -> float:
    score = scores.summary_score
    if score is None or score.value is None or not 0 <= score.value <= 1:
        raise errors.invalid(f"The summary_score of {name} must be set, to a value between 0 and 1")
    if score.type not in (None, "SCORE_TYPE_UNSPECIFIED", PROBABILITY):
        raise errors.invalid(f"Score type {score.type} is not supported by attribute {name}")
    return score.value
