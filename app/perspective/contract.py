"""What clients send and get, by Google's names. The discovery document is made from these structs."""

import re
from typing import Annotated, Literal, TypeVar

import msgspec

from app.perspective import errors, reading

ScoreType = Literal["SCORE_TYPE_UNSPECIFIED", "PROBABILITY", "STD_DEV_SCORE", "PERCENTILE", "RAW"]
TextType = Literal["TEXT_TYPE_UNSPECIFIED", "PLAIN_TEXT", "HTML"]
Token = Annotated[str, msgspec.Meta(max_length=1024)]
T = TypeVar("T", bound="Message")

# what JSON can say and neither UTF-8 nor PostgreSQL can hold: half of a surrogate pair, and NUL
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89aAbB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2}|u0000)|.)",
    re.DOTALL,
)


class Message(msgspec.Struct, rename="camel", omit_defaults=True, kw_only=True):
    """Base of all shapes (app.perspective.reading reads them)."""


class TextEntry(Message):
    text: str | None = None
    type: TextType | None = None


class ArticleAndParentComment(Message):
    article: TextEntry | None = None
    parent_comment: TextEntry | None = None


class Context(Message):
    entries: list[TextEntry] | None = None
    article_and_parent_comment: ArticleAndParentComment | None = None


class AttributeParameters(Message):
    score_type: ScoreType | None = None
    score_threshold: float | None = None


class Score(Message):
    value: float | None = None
    type: ScoreType | None = None


class SpanScore(Message):
    """Characters [begin, end) of the text that was sent."""

    begin: int | None = None
    end: int | None = None
    score: Score | None = None


class AttributeScores(Message):
    summary_score: Score | None = None
    span_scores: list[SpanScore] | None = None


class AnalyzeCommentRequest(Message):
    comment: TextEntry | None = None
    # accepted and not read: the scorer judges a text by itself
    context: Context | None = None
    requested_attributes: dict[str, AttributeParameters] | None = None
    languages: list[str] | None = None
    # nothing is ever stored
    do_not_store: bool | None = None
    drop_unsupported_attributes: bool | None = None
    span_annotations: bool | None = None
    client_token: Token | None = None
    session_id: Token | None = None
    community_id: Token | None = None


class AnalyzeCommentResponse(Message):
    attribute_scores: dict[str, AttributeScores]
    languages: list[str]
    detected_languages: list[str]
    client_token: str | None = None


class SuggestCommentScoreRequest(Message):
    comment: TextEntry | None = None
    context: Context | None = None
    attribute_scores: dict[str, AttributeScores] | None = None
    languages: list[str] | None = None
    client_token: Token | None = None
    session_id: Token | None = None
    community_id: Token | None = None


class SuggestCommentScoreResponse(Message):
    detected_languages: list[str]
    requested_languages: list[str]
    client_token: str | None = None


def read(body: bytes, shape: type[T]) -> T:
    """The JSON of `body` as `shape`, which nothing at all is too; a lone surrogate or NUL becomes U+FFFD.

    Raises ApiError (400).
    """
    try:
        value = msgspec.json.decode(_ESCAPE.sub(_storable, body)) if body.strip() else {}
    except UnicodeDecodeError:
        raise errors.not_json("It is not UTF-8.") from None
    except RecursionError:
        raise errors.not_json("It is nested too deep.") from None
    except msgspec.DecodeError as error:
        raise errors.not_json(f"{error}.") from None
    return reading.message(value, shape)


def _storable(escape: "re.Match[bytes]") -> bytes:
    return rb"\ufffd" if escape[1] else escape[0]
