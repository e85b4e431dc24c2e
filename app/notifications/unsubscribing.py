"""The link in a letter by which its reader ends letters like it, signed in or not (RFC 8058).

It says whose letters of which kinds end, signed with our secret: it does nothing else, so it never expires.
"""

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.orm import Session

from app.db import find_locked
from app.errors import Malformed
from app.language import mark
from app.models import Account
from app.models.letter_choice import CHOICES, NEVER
from app.notifications import choices
from config.settings import Settings

PATH = "/unsubscribe"


def link(settings: Settings, account_id: int, kinds: list[str]) -> str:
    """The address that ends letters about `kinds` (models.letter_choice.CHOICES) to an account."""
    return f"{settings.public_url}{PATH}?token={_signer(settings).dumps([str(account_id), kinds])}"


def kinds_of(settings: Settings, token: str) -> tuple[int, list[str]]:
    """Whose letters a link ends, and about what. Raises Malformed (422, "token_invalid")."""
    try:
        account_id, kinds = _signer(settings).loads(token)
        return int(account_id), [kind for kind in kinds if kind in CHOICES]
    except (BadData, ValueError, TypeError):
        sentence = mark("This link is not complete, or not ours. Please open it as it stands in the letter.")
        raise Malformed("token_invalid", sentence, field="token") from None


def end(session: Session, settings: Settings, token: str) -> list[str]:
    """End the letters of a link; what they were about. Raises Malformed."""
    account_id, kinds = kinds_of(settings, token)
    if find_locked(session, Account, Account.id == account_id) is not None:
        choices.choose(session, account_id, dict.fromkeys(kinds, NEVER))
    return kinds


def _signer(settings: Settings) -> URLSafeSerializer:
    # the newest key comes last here
    return URLSafeSerializer(list(reversed(settings.secret_keys)), salt="unsubscribe")
