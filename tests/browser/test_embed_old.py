"""What can still be done with a comment that has become old, as readers meet it under the article."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app import clock
from app.models import Site
from config.policy import HouseRules
from tests.support import factories
from tests.support.embedding import Embedding, key_of

pytestmark = pytest.mark.browser


def test_of_an_old_comment_the_number_of_respects_is_left(embedding: Embedding, house: HouseRules, page: Page) -> None:
    url = embedding.article()
    old = clock.now() - timedelta(days=house.retention.reactions_days, minutes=1)
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        respected, unseen = [factories.comment(session, story, factories.account(session), at=old) for _ in range(2)]
        young = factories.comment(session, story, factories.account(session))
        respected.respect_count = young.respect_count = 1234
    page.goto(url)
    acts = {each.id: page.locator(f"#c{each.id} [data-acts]") for each in (respected, unseen, young)}
    expect(acts[young.id].get_by_role("button", name="Respect")).to_have_count(1)
    expect(acts[respected.id].locator(".respect")).to_have_text("Respect1,234")
    expect(acts[respected.id].get_by_role("button", name="Respect")).to_have_count(0)
    expect(acts[unseen.id].locator(".respect")).to_have_count(0)
    expect(acts[unseen.id].get_by_role("button", name="Report")).to_have_count(1)
