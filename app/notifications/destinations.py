"""Where one is led to by what one is told: under the article that carries the comments, else to a page of ours."""

from app.db import Database
from app.models import Story
from app.models.letter_choice import FOLLOW
from app.models.notification import DECISION, REPORT
from app.stories import permalinks, sites


def address(database: Database, public_url: str, kind: str, subject_id: int | None, story: Story | None) -> str:
    """The whole address. `kind` as in models.notification, or FOLLOW; `story`: what it is about, if it is about one."""
    if kind == DECISION:
        return f"{public_url}/statements/{subject_id}"
    if story is None:
        return f"{public_url}/notifications"
    site = sites.by_id(database, story.site_id)
    if kind in (FOLLOW, REPORT) or subject_id is None:
        return permalinks.conversation(public_url, site, story)
    return permalinks.landing(public_url, site, story, subject_id)
