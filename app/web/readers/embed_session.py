"""Who reads the page of a newspaper that our element stands on.

From a page on a sub-domain of the paper the browser sends our cookie along; it does so for pages of our own site
(scheme and registrable domain) only, says truly which page asks (Origin, Sec-Fetch-Site), and lets nobody read the
answer but the origin named in it. This is the one route that such a page may ask with the cookie. A page elsewhere has
its reader come through our window (embed_window), and asks here anew with the token that it got there, which alone
lets it.

What comes back lets the page comment for its reader, at one newspaper, for ten minutes: any script on it could take it.
"""

import msgspec
from flask import request

from app.accounts.identity import ANONYMOUS, Identity
from app.errors import Forbidden, SignInRequired
from app.language import mark
from app.sign_in import bearer_tokens
from app.stories import sites
from app.stories.sites import SiteSnapshot
from app.web import context, limits
from app.web.endpoint import embed_endpoint, refuses
from app.web.forms import Body
from app.web.headers import EMBED_HEADER
from app.web.readers import me, mine
from app.web.readers.me import Me
from app.web.readers.mine import OwnView
from app.web.services import services

OF_OUR_SITE = ("same-origin", "same-site")


class AskSession(Body):
    """The story that the page is about, by its key; `site`: key of the newspaper, if it is not the only one."""

    story: str
    site: str | None = None


class EmbedSession(msgspec.Struct):
    """The reader of a page, and what of its story is theirs. All of it is null if nobody is signed in, or if this page
    may not know: then the reader signs in by a window of ours.

    Send `token` as `Authorization: Bearer <token>`, keep it in memory, and ask anew before `expires_in` seconds are
    over.
    """

    token: str | None = None
    expires_in: int | None = None
    me: Me | None = None
    own: OwnView | None = None


@embed_endpoint("/api/v1/embed/session", "read", takes=AskSession, gives={200: EmbedSession})
@refuses("page", "unknown_site")
def show_session(caller: Identity, body: AskSession) -> EmbedSession:
    """Who reads this page, and the token that lets it comment for them.

    The one route that takes our cookie from a page of the newspaper, on a sub-domain of its own site. Elsewhere the
    token that our window gave, or the last one, asks for the next.
    """
    site = sites.by_key(services().database, body.site)
    require_page_of(site, request.headers.get("Origin"), asks=EMBED_HEADER in request.headers)
    if caller.embedded_at:
        if caller.embedded_at != site.id:
            raise SignInRequired
        return session_of(caller, site, body.story)
    ours = request.headers.get("Sec-Fetch-Site") in OF_OUR_SITE
    # the cookie is asked again each time, so no token of this page begets another
    reader = context.for_page(site.id, bearer_tokens.EMBED_TOKEN_LIFETIME)
    if not ours or reader is ANONYMOUS:
        return EmbedSession()
    return session_of(reader, site, body.story)


def session_of(reader: Identity, site: SiteSnapshot, story: str) -> EmbedSession:
    """What a page of the site gets for `reader`, who is embedded there. Raises TooMany."""
    limits.embed(reader.account_id)
    return EmbedSession(
        token=bearer_tokens.issue_to_embed(services().settings, reader),
        expires_in=int(bearer_tokens.embed_lifetime(reader).total_seconds()),
        me=me.reader(reader, site, story),
        own=mine.own(reader, site, story),
    )


def require_page_of(site: SiteSnapshot, origin: str | None, *, asks: bool = True) -> None:
    """Refuse (403, "page") who is no page of the site, by its origin. `asks`: it says that it asks for its reader, by a
    header that cannot be sent across origins without leave.
    """
    if origin not in site.origins or not asks:
        raise Forbidden("page", mark("Only pages of this newspaper may ask who reads them."))
