"""Security headers on every answer, and CORS by the sites' origins: with cookies for nothing but the one route that
gives a page its reader's token (readers.embed_session).
"""

from flask import Flask, Response, g, request
from sqlalchemy.exc import DBAPIError

from app.stories import sites
from app.web import endpoint
from app.web.services import services

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self' https://checkout.stripe.com https://billing.stripe.com{simulator}; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# what a page sends along to ask for its reader: no form and no image can
EMBED_HEADER = "BTL-Embed"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def install(app: Flask) -> None:
    """Add the headers to every answer of `app`."""
    app.before_request(_preflight)
    app.after_request(_secure)


def _preflight() -> Response | None:
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers and _api():
        return Response(status=204)
    return None


def _secure(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", _content_security_policy())
    if services().settings.secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if "Cache-Control" not in response.headers and request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    if _api():
        _allow_origin(response)
    return response


def _content_security_policy() -> str:
    """Browsers hold the redirect after a form to form-action too, so Checkout and Portal must be named in it."""
    settings = services().settings
    simulated = settings.stripe_mode == "simulator" and settings.stripe_api_base
    return CONTENT_SECURITY_POLICY.format(simulator=f" {settings.stripe_api_base}" if simulated else "")


def _allow_origin(response: Response) -> None:
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin is None or g.get("problem") == "database_unavailable":
        return
    try:
        allowed = sites.is_allowed_origin(services().database, origin)
    except DBAPIError:  # what could be answered without the database stays answered
        return
    if not allowed:
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE"
    response.headers["Access-Control-Allow-Headers"] = f"Authorization, Content-Type, If-None-Match, {EMBED_HEADER}"
    response.headers["Access-Control-Max-Age"] = "600"
    response.headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"
    declared = endpoint.current()
    if declared is not None and declared.for_embeds:
        response.headers["Access-Control-Allow-Credentials"] = "true"


def _api() -> bool:
    return request.path.startswith("/api/")
