"""A token of the paper is good for one browser session: whoever else brings it has taken it from somewhere."""

import secrets

from sqlalchemy.orm import Session

from app.db import insert_once
from app.digests import digest
from app.errors import Malformed
from app.language import mark
from app.models import SpentToken
from app.sign_in.paper_tokens import PaperToken
from config.settings import Settings

USED = mark("This way in has been used already. Please go back to the paper and sign in again.")


def spend(session: Session, settings: Settings, token: PaperToken, browser: str) -> str:
    """The session that `token` is good for in a browser session, known by a secret of it: the same one each time.

    Raises Malformed (422, "sso_used") in any other, and for another token that has the same number.
    """
    number = digest(settings, "sso-number", f"{token.site.key} {token.number}")
    # the text of the token belongs to it
    ours = digest(settings, "sso-browser", f"{browser} {token.text}")
    session_id = secrets.token_urlsafe(16)
    row = {"number": number, "browser": ours, "session_id": session_id, "expires_at": token.expires_at}
    if insert_once(session, SpentToken, **row):
        return session_id
    spent = session.get_one(SpentToken, number)
    if spent.browser != ours:
        raise Malformed("sso_used", USED, field="token")
    return spent.session_id
