"""Who may do what, as one table. A test fails when a route names an action that has no row here.

Reader actions are refused with 401, 402 or 403 and a code; staff actions do not exist (404) for others.
"""

from dataclasses import dataclass
from enum import Enum

from app.accounts.identity import ANONYMOUS, Identity
from app.errors import Forbidden, NotFound, SignInRequired
from app.language import mark
from app.models.role import ADMINISTRATOR, EDITOR, MODERATOR
from app.models.server_key import PICKS, STORIES


class Who(Enum):
    """What an action asks of the one who does it, in rising order."""

    EVERYONE = "everyone, signed in or not"
    ACCOUNT = "whoever is signed in, banned and lapsed included"
    STANDING = "a verified account in good standing"
    SUBSCRIBER = "a verified account in good standing with an entitlement"
    WRITER = "a subscriber who has accepted the rules in force"
    MODERATOR = MODERATOR
    EDITOR = EDITOR
    ADMINISTRATOR = ADMINISTRATOR

    @property
    def staff(self) -> bool:
        """Whether it takes a role; such actions do not exist for others."""
        return self in (Who.MODERATOR, Who.EDITOR, Who.ADMINISTRATOR)


@dataclass(frozen=True)
class Needs:
    """The parts of a reader's permission, checked in this order inside the transaction that writes."""

    account: bool
    standing: bool
    rules: bool
    entitlement: bool


PERMISSIONS: dict[str, Who] = {
    # reading
    "read": Who.EVERYONE,
    "operate": Who.EVERYONE,  # health, metrics, webhooks: each protects itself
    "call_with_key": Who.EVERYONE,  # programs of other sites, known by an API key and no account
    # getting in
    "sign_up": Who.EVERYONE,
    "sign_in": Who.EVERYONE,
    "notify": Who.EVERYONE,  # legal notice
    "see_own": Who.ACCOUNT,  # whether and why one may write, and what of a story is one's own
    "use_account": Who.ACCOUNT,  # log out, change password, accept rules, download, erase
    "subscribe": Who.ACCOUNT,
    # writing
    "post": Who.WRITER,
    "reply": Who.WRITER,
    "edit": Who.WRITER,
    "react": Who.SUBSCRIBER,
    "report": Who.STANDING,
    "report_name": Who.STANDING,
    "rename": Who.STANDING,  # a name is read beside all that its bearer ever wrote
    "delete_own": Who.ACCOUNT,
    "mute": Who.ACCOUNT,  # for oneself: whom one does not want to read
    "be_told": Who.ACCOUNT,  # what one is told by the bell, and of which stories
    "unsubscribe": Who.EVERYONE,  # by a signed link of a letter
    # being sanctioned
    "read_statement": Who.ACCOUNT,
    "acknowledge": Who.ACCOUNT,
    "appeal": Who.ACCOUNT,
    # staff
    "moderate": Who.MODERATOR,
    "pick": Who.MODERATOR,  # what readers wrote best is put forward by who reads it all
    "manage_stories": Who.EDITOR,
    "grant": Who.EDITOR,
}
# what an embed may do for its reader: its token is weak on purpose, as any script of the page around could take it
EMBEDDED = frozenset({"read", "see_own", "post", "reply", "edit", "react", "report", "delete_own", "mute", "be_told"})
# what a newspaper's own systems may do, by the scope that it takes
BY_KEY = {"manage_stories": STORIES, "pick": PICKS}
NOT_BY_KEY = mark("The key of this request is not for that.")
NOT_EMBEDDED = mark("This is done on our own page, since the page of an article may only comment for you.")


def needs(action: str) -> Needs:
    """What a reader's action asks, spelt out."""
    who = PERMISSIONS[action]
    return Needs(
        account=who is not Who.EVERYONE,
        standing=who in (Who.STANDING, Who.SUBSCRIBER, Who.WRITER),
        rules=who is Who.WRITER,
        entitlement=who in (Who.SUBSCRIBER, Who.WRITER),
    )


def require(caller: Identity, action: str, site_id: int | None = None) -> None:
    """Refuse what can be refused before any work: 401 without an account, 404 without the staff role, 403 ("scope") to
    an embed and to a server key what is not for them to do.

    `site_id` narrows a staff action to one site; None asks for the role at any. Standing, rules and entitlement
    are checked by the write gate, inside the transaction.
    """
    who = PERMISSIONS[action]
    if caller.key_id:
        _require_key(caller, action, site_id)
        return
    if caller.embedded_at and action not in EMBEDDED:
        raise Forbidden("scope", NOT_EMBEDDED)
    if who.staff:
        if not caller.has_role(who.value, site_id):
            raise NotFound
    elif who is not Who.EVERYONE and caller is ANONYMOUS:
        raise SignInRequired


def _require_key(caller: Identity, action: str, site_id: int | None) -> None:
    if BY_KEY.get(action) not in caller.scopes:
        raise Forbidden("scope", NOT_BY_KEY)
    if site_id not in (None, caller.key_site):
        raise NotFound
