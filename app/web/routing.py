"""From a request to a view and back: who calls, whether they may, what they sent, and the answer in its form.

What can be refused early is refused here, the rest inside the transaction. A view whose transaction was a deadlock's
victim runs again.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from flask import Flask, Response
from flask.typing import ResponseReturnValue

from app.accounts import permissions
from app.db import retrying
from app.errors import SignInRequired
from app.stories.sites import by_key
from app.web import context, forms
from app.web.endpoint import ENDPOINTS, EXTENSION, Audience, Endpoint
from app.web.responses import json_response
from app.web.services import services
from app.web.sites import SiteQuery, site_of


def install(app: Flask) -> None:
    """Give `app` every declared route."""
    app.extensions[EXTENSION] = {declared.name: declared for declared in ENDPOINTS}
    for declared in ENDPOINTS:
        for shape in filter(None, (declared.takes, declared.asks)):
            forms.learn(shape)
        app.add_url_rule(
            declared.path,
            declared.name,
            _answering(declared),
            methods=[declared.method],
            strict_slashes=False,
            # OPTIONS is answered by Flask, but is none of a webhook's business
            provide_automatic_options=False if declared.audience is Audience.WEBHOOK else None,
        )


def _answering(declared: Endpoint) -> Callable[..., ResponseReturnValue]:
    view = retrying(declared.view)
    json = declared.audience is Audience.API

    @wraps(declared.view)
    def answer(**path: str) -> ResponseReturnValue:
        caller = context.caller()
        permissions.require(caller, declared.action)
        arguments: dict[str, Any] = {}
        if declared.takes is not None:
            arguments["body" if json else "form"] = (forms.body if json else forms.form)(declared.takes)
        if declared.asks is not None:
            arguments["query"] = forms.query(declared.asks)
        if (
            caller.embedded_at
            and not declared.for_embeds
            and _site_asked(arguments.get("query"), path) != caller.embedded_at
        ):
            raise SignInRequired  # the token of one newspaper is none at another's
        result = view(caller, **arguments, **path)
        return _response(result) if json else result

    return answer


def _site_asked(query: object, path: Mapping[str, str]) -> int | None:
    """The id of the site that a request is about, by its query or by the comment in its path; None: of no one site."""
    if isinstance(query, SiteQuery):
        return by_key(services().database, query.site).id
    return site_of(forms.path_id(path["comment"])).id if "comment" in path else None


def _response(result: Any) -> ResponseReturnValue:
    if isinstance(result, Response):
        return result
    if result is None:
        return Response(status=204)
    body, status = result if isinstance(result, tuple) else (result, 200)
    return json_response(body, status)
