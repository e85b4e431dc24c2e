"""The way back from a page that says that something did not work: to the story or page where the reader was."""

from urllib.parse import urlsplit

from flask import current_app, request

from app.web import context, forms
from app.web.services import services


def address(*, above: bool) -> str:
    """A page of ours that can be opened: where the browser says that the reader was, or what it remembers of them, or
    with `above` the page above this one.
    """
    here = request.path if request.method == "GET" else None
    ways = [*_before(), forms.local(context.way_back("")), *([_above(request.path)] if above else [])]
    return next((path for path in ways if urlsplit(path).path not in (here, "/") and _opens(path)), "/")


def _before() -> tuple[str, ...]:
    """The page that this request came from, if it is one of ours, and the page above it.

    A form that was refused is shown at the address that it was sent to, which is often none to open: the page above is.
    """
    referer = request.headers.get("Referer", "")
    if context.origin(referer) not in (
        context.origin(services().settings.public_url),
        context.origin(request.host_url),
    ):
        return ()
    parts = urlsplit(referer)
    path = forms.local(parts.path or "/")
    return (f"{path}?{parts.query}" if parts.query else path, _above(path))


def _above(path: str) -> str:
    return path.rpartition("/")[0] or "/"


def _opens(path: str) -> bool:
    adapter = current_app.create_url_adapter(request)
    return adapter is not None and forms.local(path) == path and adapter.test(urlsplit(path).path, "GET")
