"""A story without a title is called by its address, which has no place to break at: no page becomes wider by it."""

import pytest
from sqlalchemy import select

from app.kinds import KINDS
from app.models import Site
from app.models.comment import HELD
from app.models.role import MODERATOR
from app.notifications import follows
from app.review_queue import kinds
from config import policy as policies
from tests.support import embedding as pages
from tests.support import factories, moderating
from tests.support.embedding import COMMENTS, WWW, Embedding
from tests.support.repository import REPOSITORY

pytestmark = pytest.mark.browser


def test_no_page_becomes_wider_by_it(embedding: Embedding) -> None:
    moderator = embedding.newspaper.member(MODERATOR)
    house = policies.load(REPOSITORY / "config" / "policy.toml", f"https://{COMMENTS}")
    kinds.use(KINDS)
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one())
        story.url, story.title, story.named_by = f"https://{WWW}/{'ferry' * 50}", "", None
        comment = factories.comment(session, story, factories.account(session), "A point.")
        held = factories.comment(session, story, factories.account(session), "Another.", state=HELD)
        item = moderating.ask(session, house, held)
        factories.comment(session, story, session.merge(moderator), "Mine.")
        follows.put(session, moderator.id, story.id, "followed")
    page = embedding.open(viewport={"width": 320, "height": 640})
    pages.sign_in(page, moderator)
    of_story = (f"/stories/{story.id}", f"/comments/{comment.id}", f"/comments/{comment.id}/report")
    for path in ("/", *of_story, "/account/comments", "/notifications", "/queue", f"/queue/{item.id}"):
        page.goto(f"https://{COMMENTS}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") == 320, path
    page.context.close()
