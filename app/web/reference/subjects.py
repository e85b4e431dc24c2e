"""The subjects by which the API's reference is put in order: each has some of the actions of the permissions table."""

from dataclasses import dataclass

from app.accounts.permissions import PERMISSIONS
from app.web.endpoint import Endpoint


@dataclass(frozen=True)
class Subject:
    """A chapter of the reference."""

    name: str
    about: str
    actions: tuple[str, ...] = ()


PAGES = Subject(
    "Pages of articles",
    "What the element under an article asks: who reads the page, and a token that is weak on purpose.",
)
DESK = Subject(
    "The desk",
    "What moderators and editors do, by program. To others none of it is there (404).",
    ("moderate", "pick", "grant"),
)
ACCOUNT = Subject(
    "The account",
    "What readers do with their own account. No page of an article may.",
    ("use_account", "rename", "subscribe"),
)
SUBJECTS = (
    Subject("Signing in", "How programs get in, and how readers get an account.", ("sign_in", "sign_up")),
    Subject("Reading", "Open to all, the same for all, and cheap to ask again.", ("read",)),
    Subject("Writing", "For subscribers.", ("see_own", "post", "reply", "edit", "delete_own")),
    Subject(
        "Respect, reports and notices",
        "What readers say of what others wrote.",
        ("react", "report", "report_name", "mute", "notify"),
    ),
    Subject("What readers are told", "The bell, and the stories that readers follow.", ("be_told",)),
    Subject(
        "Statements and appeals",
        "Why something was taken down, and what a reader can do about it.",
        ("read_statement", "acknowledge", "appeal"),
    ),
    Subject("Stories", "By editors, and by the newspaper's own systems with a server key.", ("manage_stories",)),
    PAGES,
    DESK,
    ACCOUNT,
)


def subject_of(declared: Endpoint) -> Subject:
    """Where a route stands."""
    if declared.path.startswith("/api/v1/embed/"):
        return PAGES
    other = DESK if PERMISSIONS[declared.action].staff else ACCOUNT
    return next((subject for subject in SUBJECTS if declared.action in subject.actions), other)
