"""How a route comes to be: its address, who may call it, what it takes and what it answers, said in one place.

    @endpoint("POST", "/api/v1/stories/<story>/comments", "post", takes=PostComment, gives={201: CommentView})
    def post_comment(caller: Identity, body: PostComment, story: str) -> Answer: ...

    @page("POST", "/account/name", "use_account", takes=ChangeName)
    def change_name(caller: Identity, form: ChangeName) -> ResponseReturnValue: ...

The action is a row of accounts.permissions; what can be refused early is refused here, the rest inside the transaction.
A view whose transaction was a deadlock's victim runs again. The OpenAPI document is made from the same declarations.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import msgspec
from flask import Flask, Response
from flask.typing import ResponseReturnValue

from app.accounts import permissions
from app.db import retrying
from app.web import context, forms
from app.web.responses import json_response

View = Callable[..., Any]


@dataclass(frozen=True)
class Endpoint:
    """One route as it was declared."""

    method: str
    path: str
    action: str
    view: View
    takes: type[msgspec.Struct] | None
    asks: type[msgspec.Struct] | None
    gives: dict[int, Any] = field(default_factory=dict)
    api: bool = True


ENDPOINTS: list[Endpoint] = []


def endpoint(
    method: str,
    path: str,
    action: str,
    *,
    takes: type[msgspec.Struct] | None = None,
    asks: type[msgspec.Struct] | None = None,
    gives: dict[int, Any] | None = None,
) -> Callable[[View], View]:
    """Declare a JSON route. The view gets `caller`, `body` (if it takes one), `query` (if it asks), the path's parts.

    It returns a struct, or (struct, status), or a Response; None is 204.
    """

    def declare(view: View) -> View:
        ENDPOINTS.append(Endpoint(method, path, action, view, takes, asks, gives or {200: None}))
        return view

    return declare


def page(
    method: str,
    path: str,
    action: str,
    *,
    takes: type[msgspec.Struct] | None = None,
    asks: type[msgspec.Struct] | None = None,
) -> Callable[[View], View]:
    """Declare an HTML route. The view gets `caller`, `form` (if it takes one), `query`, and the path's parts."""

    def declare(view: View) -> View:
        ENDPOINTS.append(Endpoint(method, path, action, view, takes, asks, {}, api=False))
        return view

    return declare


def install(app: Flask) -> None:
    """Give `app` every declared route."""
    for declared in ENDPOINTS:
        name = f"{declared.view.__module__.removeprefix('app.web.')}.{declared.view.__name__}"
        view = _wrapped(declared)
        app.add_url_rule(declared.path, name, view, methods=[declared.method], strict_slashes=False)


def _wrapped(declared: Endpoint) -> Callable[..., ResponseReturnValue]:
    view = retrying(declared.view)

    @wraps(declared.view)
    def answer(**path: str) -> ResponseReturnValue:
        caller = context.caller()
        permissions.require(caller, declared.action)
        arguments: dict[str, Any] = {}
        if declared.takes is not None:
            read = forms.body if declared.api else forms.form
            arguments["body" if declared.api else "form"] = read(declared.takes)
        if declared.asks is not None:
            arguments["query"] = forms.query(declared.asks)
        result = view(caller, **arguments, **path)
        return _response(result) if declared.api else result

    answer.csrf_exempt = getattr(declared.view, "csrf_exempt", False)  # type: ignore[attr-defined]
    return answer


def _response(result: Any) -> ResponseReturnValue:
    if isinstance(result, Response):
        return result
    if result is None:
        return Response(status=204)
    body, status = result if isinstance(result, tuple) else (result, 200)
    return json_response(body, status)
