"""The Perspective API's addresses, for Google's clients: an API key, no session, no redirect, errors as Google's."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import msgspec
from flask import Flask, Request, Response, current_app, g, request

from app.accounts.identity import Identity
from app.errors import TooLarge
from app.installation import Installation
from app.models import ApiKey
from app.perspective import analysis, contract, discovery, errors, keys, parameters, quota, suggestions
from app.perspective.errors import ApiError
from app.perspective.languages import Scorers
from app.perspective.usage import Usage
from app.web import forms, limits, problems
from app.web.endpoint import Audience, foreign
from app.web.responses import json_response
from app.web.services import EXTENSION as SERVICES
from app.web.services import services

ANALYZE = "/v1alpha1/comments:analyze"
SUGGEST = "/v1alpha1/comments:suggestscore"
# a text may be escaped to six times its size, and comes with what it answers
LARGEST_BODY_BYTES = 1024 * 1024
EXTENSION = "below-the-line-usage"


def install(app: Flask) -> None:
    """Count for `app` what becomes of the requests of each key."""
    it: Installation = app.extensions[SERVICES]
    app.extensions[EXTENSION] = Usage(it.database, it.settings.zone)


def google(view: Callable[[], object]) -> Callable[[Identity], Response]:
    """A view for Google's clients, of what is JSON or a Response: nobody is signed in, its errors are ApiErrors."""

    @wraps(view)
    def answer(_caller: Identity) -> Response:
        try:
            found = view()
        except ApiError as error:
            return refused(error)
        return found if isinstance(found, Response) else json_response(found)

    return answer


@foreign("POST", ANALYZE, "call_with_key", Audience.GOOGLE)
@google
def analyze() -> msgspec.Raw:
    """Score a text. Nothing of it is kept."""
    it = services()
    with _admitted() as key:
        asked = parameters.read(request.args, contract.AnalyzeCommentResponse)
        sent = contract.read(_body(), contract.AnalyzeCommentRequest)
        scorers = Scorers(it.scorer, it.load_second_scorer)
        return asked.shown(analysis.analyze(key, scorers, sent, it.settings.scorer_deadline_ms / 1000))


@foreign("POST", SUGGEST, "call_with_key", Audience.GOOGLE)
@google
def suggest_score() -> msgspec.Raw:
    """Keep what a publisher says the scores of a text should be."""
    with _admitted() as key:
        asked = parameters.read(request.args, contract.SuggestCommentScoreResponse)
        sent = contract.read(_body(), contract.SuggestCommentScoreRequest)
        suggestion = suggestions.suggested(key.id, sent)
        with services().database.transaction() as session:
            suggestions.keep(session, suggestion)
        return asked.shown(suggestions.thanks(sent))


@foreign("GET", "/$discovery/rest", "read", Audience.GOOGLE)
@google
def discover() -> dict[str, object]:
    """The document that Google's clients read first."""
    if request.args.get("version", discovery.VERSION) != discovery.VERSION:
        raise ApiError(404, f"There is no other version here than {discovery.VERSION}.")
    return discovery.document(services().settings.public_url)


def caller(environ: dict[str, Any]) -> str:
    """The key that a request brings, good or not; empty for one without."""
    return _secret(Request(environ, populate_request=False, shallow=True))


def refused(error: ApiError) -> Response:
    """The error as Google's clients know it."""
    g.problem = str(error).lower()
    response = json_response(error.body(), error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


@contextmanager
def _admitted() -> Iterator[ApiKey]:
    """The key of this request, its quota charged; what comes of the request in the block is counted.

    Raises ApiError, and TooMany for an address without a good key.
    """
    secret = _secret(request)
    with services().database.reading() as session:
        key = keys.find(session, services().settings, secret) if secret else None
    if key is None:
        limits.stranger()
        raise errors.bad_key() if secret else errors.no_key()
    counting: Usage = current_app.extensions[EXTENSION]
    with counting.counted(key):
        quota.take(limits.limiter(), key)
        yield key


def _secret(of: Request) -> str:
    return of.args.get("key") or of.headers.get("X-Goog-Api-Key", "")


def body_of(most: int) -> bytes:
    """The body of this request. Raises ApiError (400) if it has more bytes than `most`."""
    try:
        forms.limit_body(most)
    except TooLarge as error:
        raise ApiError(400, f"Request payload size exceeds the limit: {most} bytes.") from error
    return request.get_data()


def _body() -> bytes:
    if request.mimetype not in ("", "application/json"):
        raise errors.not_json("Its Content-Type must be application/json.")
    return body_of(LARGEST_BODY_BYTES)


def problem(status: int, sentence: str) -> Response:
    """What is no view of ours answers, as Google's clients know it."""
    return refused(ApiError(status, sentence))


problems.foreign |= {"/v1alpha1/": problem, "/$discovery/": problem}
