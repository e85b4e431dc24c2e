"""How a route comes to be: its address, who may call it, what it takes and what it answers, said in one place.

    @endpoint("POST", "/api/v1/stories/<story>/comments", "post", takes=PostComment, gives={201: CommentView})
    def post_comment(caller: Identity, body: PostComment, story: str) -> Answer: ...

    @page("POST", "/account/name", "use_account", takes=ChangeName)
    def change_name(caller: Identity, form: ChangeName) -> ResponseReturnValue: ...

The action is a row of accounts.permissions. What differs from route to route is a field of Endpoint, which everything
that guards a request reads by `current()`; `routing` answers by it, and the OpenAPI document is made from it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import msgspec
from flask import current_app, request

View = Callable[..., Any]
EXTENSION = "below-the-line-endpoints"


class Audience(Enum):
    """Whom a route serves, and so in which form it answers and refuses."""

    API = "programs: JSON, described in the OpenAPI document"
    PAGE = "people: HTML and forms"
    OPERATION = "those who run it: health and metrics"
    WEBHOOK = "a service that tells us what happened"
    GOOGLE = "clients of Google's API, in its shapes"


@dataclass(frozen=True)
class Endpoint:
    """One route as it was declared.

    `shared`: it answers everyone alike, so to it every caller is ANONYMOUS and no cookie is read or set. `csrf`: an
    unsafe request by cookie must prove that no foreign page made it. `limited`: the house's limits hold, on requests
    per address and on the size of a body; a route without them has its own. `for_embeds`: a page of a newspaper asks it
    with our cookie, and it finds out by itself whose page that is. `refuses`: the codes of problems that it has for
    reasons of its own (reference.refusals knows the others).
    """

    method: str
    path: str
    action: str
    view: View
    audience: Audience
    takes: type[msgspec.Struct] | None = None
    asks: type[msgspec.Struct] | None = None
    gives: dict[int, Any] = field(default_factory=dict)
    shared: bool = False
    csrf: bool = True
    limited: bool = True
    for_embeds: bool = False
    refuses: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What Flask knows it by: the view's module within the web, and the view."""
        return f"{self.view.__module__.removeprefix('app.web.')}.{self.view.__name__}"


ENDPOINTS: list[Endpoint] = []
_refused: dict[View, tuple[str, ...]] = {}


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
    given = gives or {200: None}
    return _declare(lambda view: Endpoint(method, path, action, view, Audience.API, takes, asks, given))


def refuses(*codes: str) -> Callable[[View], View]:
    """Declare the codes of problems that a JSON route has for reasons of its own; stands beneath `endpoint`."""

    def declare(view: View) -> View:
        _refused[view] = codes
        return view

    return declare


def shared_endpoint(
    path: str, action: str, *, asks: type[msgspec.Struct] | None = None, gives: dict[int, Any]
) -> Callable[[View], View]:
    """Declare a JSON route to be read, as `endpoint` does, which answers everyone alike (web.shared_bodies)."""
    return _declare(lambda view: Endpoint("GET", path, action, view, Audience.API, None, asks, gives, shared=True))


def embed_endpoint(
    path: str, action: str, *, takes: type[msgspec.Struct], gives: dict[int, Any]
) -> Callable[[View], View]:
    """Declare the JSON route that pages of newspapers ask with the cookie of their reader: the only one."""

    def made(view: View) -> Endpoint:
        return Endpoint("POST", path, action, view, Audience.API, takes, None, gives, csrf=False, for_embeds=True)

    return _declare(made)


def arrival(path: str, action: str, *, takes: type[msgspec.Struct]) -> Callable[[View], View]:
    """Declare where a form on a page of a newspaper leads its reader. Anybody's page could have sent it: the view gets
    `caller`, who is always ANONYMOUS, and only leads on to a page that asks them.
    """

    def made(view: View) -> Endpoint:
        return Endpoint("POST", path, action, view, Audience.PAGE, takes, shared=True, csrf=False)

    return _declare(made)


def asset(path: str, *, asks: type[msgspec.Struct]) -> Callable[[View], View]:
    """Declare a file for everyone, beside those of `static`. The view gets `caller`, who is always ANONYMOUS."""
    return _declare(
        lambda view: Endpoint("GET", path, "read", view, Audience.PAGE, None, asks, shared=True, limited=False)
    )


def feed(path: str, *, asks: type[msgspec.Struct] | None = None) -> Callable[[View], View]:
    """Declare what programs read for their readers, the same for everyone. The view gets `caller`, who is ANONYMOUS."""
    return _declare(lambda view: Endpoint("GET", path, "read", view, Audience.PAGE, None, asks, shared=True))


def page(
    method: str,
    path: str,
    action: str,
    *,
    takes: type[msgspec.Struct] | None = None,
    asks: type[msgspec.Struct] | None = None,
) -> Callable[[View], View]:
    """Declare an HTML route. The view gets `caller`, `form` (if it takes one), `query`, and the path's parts."""
    return _declare(lambda view: Endpoint(method, path, action, view, Audience.PAGE, takes, asks))


def one_click(path: str, action: str, *, asks: type[msgspec.Struct]) -> Callable[[View], View]:
    """Declare an HTML route to which whoever has a signed link posts, such as a mail program. It does what the link
    says and no more, so no page could forge it.
    """
    return _declare(lambda view: Endpoint("POST", path, action, view, Audience.PAGE, None, asks, csrf=False))


def operation(path: str) -> Callable[[View], View]:
    """Declare a route to be read by those who run it. The view gets `caller`, who is always ANONYMOUS: to find out who
    calls asks the database.
    """
    return _declare(lambda view: Endpoint("GET", path, "operate", view, Audience.OPERATION, shared=True))


def foreign(method: str, path: str, action: str, audience: Audience) -> Callable[[View], View]:
    """Declare a route in a service's own shapes. The view gets `caller`, who is always ANONYMOUS: such a service proves
    itself by a signature or a key, which no browser sends by itself, and is held to limits of its own.
    """
    return _declare(lambda view: Endpoint(method, path, action, view, audience, shared=True, csrf=False, limited=False))


def current() -> Endpoint | None:
    """What was declared for the request at hand; None for a file of `static` and where there is no such route."""
    declared: dict[str, Endpoint] = current_app.extensions[EXTENSION]
    return declared.get(request.endpoint or "")


def _declare(made: Callable[[View], Endpoint]) -> Callable[[View], View]:
    def declare(view: View) -> View:
        ENDPOINTS.append(replace(made(view), refuses=_refused.get(view, ())))
        return view

    return declare
