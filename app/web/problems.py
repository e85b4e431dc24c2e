"""Every error leaves as an RFC 9457 problem: JSON for programs, a page with the same words for people."""

from collections.abc import Callable
from datetime import datetime
from typing import cast

import structlog
from flask import Flask, Response, g, render_template, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.http import HTTP_STATUS_CODES

from app.db import ReadOnly, is_busy
from app.errors import Broken, Maintained, Malformed, NotFound, Refusal, TooLarge, Unready
from app.language import _, mark
from app.web import back, context
from app.web.responses import json_response

UNOPENED = mark("This address cannot be opened by itself. Please go back, and begin there.")
log = structlog.get_logger()
# below these paths clients know another shape of error than ours: from the status and the sentence
foreign: dict[str, Callable[[int, str], Response]] = {}


def install(app: Flask) -> None:
    """Turn refusals, HTTP errors and accidents into problems."""
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(ReadOnly, _read_only)
    app.register_error_handler(Exception, _accident)


def refused(refusal: Refusal) -> Response:
    """The answer to a request that is refused."""
    members: dict[str, object] = {name: value for name, value in refusal.extra.items() if value is not None}
    if refusal.field:
        members["field"] = refusal.field
    if refusal.others:
        members["errors"] = [
            {"code": each.code, "detail": each.detail(), "field": each.field} for each in refusal.together
        ]
    response = _problem(refusal.status, refusal.code, refusal.detail(), members)
    if "retry_after" in members:
        response.headers["Retry-After"] = str(members["retry_after"])
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def wants_page() -> bool:
    """Whether a person in a browser waits for the answer."""
    return not request.path.startswith("/api/") and request.accept_mimetypes.accept_html


def _http(error: HTTPException) -> Response:
    known = {404: NotFound(), 413: TooLarge(), 400: Malformed("bad_request")}.get(error.code or 500)
    if known is not None:
        known.status = error.code or known.status
        return refused(known)
    if error.code is not None and error.code < 400:
        return cast(Response, error.get_response())
    detail = _(UNOPENED) if wants_page() else error.description or ""
    response = _problem(error.code or 500, error.name.lower().replace(" ", "_"), detail, {})
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _read_only(_error: ReadOnly) -> Response:
    return refused(Maintained())


def _accident(error: Exception) -> Response:
    if isinstance(error, DBAPIError) and is_busy(error):
        context.leave_unknown()
        return refused(Unready("database_unavailable"))
    # the message may hold what a reader wrote; its class and place do not
    log.error("unexpected error", error=type(error).__name__, where=_place(error))
    if request.environ.get("btl.raise"):
        raise error
    return refused(Broken())


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""


def _problem(status: int, code: str, detail: str, members: dict[str, object]) -> Response:
    g.problem = code
    for path, shape in foreign.items():
        if request.path.startswith(path):
            return shape(status, detail)
    if wants_page():
        given = {**members, "typed": _typed(), "back": back.address(above=status in (401, 405))}
        until = members.get("until")
        given["until"] = datetime.fromisoformat(str(until)) if until else None
        page = render_template("parts/problem.html", status=status, code=code, detail=detail, **given)
        return Response(page, status, mimetype="text/html")
    # the type says no more than the status; what programs tell apart is the code
    title = HTTP_STATUS_CODES.get(status, "Error")
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail, **members}
    return json_response(body, status, mimetype="application/problem+json")


def _typed() -> str:
    """The text of a form that was refused, so that its writer does not lose it."""
    try:
        return request.form.get("text", "")
    except HTTPException:  # too large to be read
        return ""
