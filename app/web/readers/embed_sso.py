"""Who reads the page of a newspaper, by the paper's own word: it is signed in there, and says so in a token.

The page hands the token to our element, which exchanges it for what any page gets for its reader. No cookie of ours has
a part in it, so it works on whatever site the page is. The session is over with the token, and the page brings another.
"""

import re

from flask import request

from app.accounts.identity import Identity
from app.errors import Malformed
from app.sign_in import foreign_sessions, paper_tokens
from app.sign_in.paper_tokens import NOT_FOR_US
from app.stories import sites
from app.web import speaking
from app.web.endpoint import endpoint, refuses
from app.web.headers import EMBED_HEADER
from app.web.readers.embed_session import AskSession, EmbedSession, require_page_of, session_of
from app.web.services import services

_BROWSER = re.compile(r"[A-Za-z0-9_-]{16,64}")


class Exchange(AskSession, kw_only=True):
    """`token`: what the paper says of its reader. `browser`: made by the page at random and kept in its memory, so that
    the same token gives the same session here and none elsewhere.
    """

    token: str
    browser: str


@endpoint("POST", "/api/v1/embed/sso", "sign_in", takes=Exchange, gives={200: EmbedSession})
@refuses(
    "page",
    "unknown_site",
    "staff",
    "not_found",
    "sso_invalid",
    "sso_key",
    "sso_lifetime",
    "sso_expired",
    "sso_audience",
    "sso_claim",
    "sso_used",
)
def exchange_token(_caller: Identity, body: Exchange) -> EmbedSession:
    """The token with which a page comments for a reader whom the paper has signed in.

    404 where the newspaper shares no key with this house.
    """
    given = services()
    site = sites.by_key(given.database, body.site)
    require_page_of(site, request.headers.get("Origin"), asks=EMBED_HEADER in request.headers)
    if not _BROWSER.fullmatch(body.browser):
        raise Malformed(field="browser")
    token = paper_tokens.read(given, body.token)
    if token.site.id != site.id:
        raise Malformed("sso_audience", NOT_FOR_US, field="token")
    found = foreign_sessions.of_paper(given, token, f"embed {body.browser}")
    reader = found.caller.embedded(site.id, found.session_id, int(token.expires_at.timestamp()))
    speaking.to(reader)
    return session_of(reader, site, body.story)
