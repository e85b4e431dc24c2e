"""What readers see of common ground: the sort, the badge, the quiet button, the privacy page, the box to be left out"""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.common_ground import scores
from app.db import Database
from app.models import Account, Comment, Site, Story
from app.stories import publication
from tests.support import factories
from tests.support.callers import Headers, OpenBrowser

SORTED = "sort=common_ground"


@pytest.fixture
def site(database: Database) -> Site:
    with database.transaction() as session:
        return factories.seek_common_ground(factories.site(session))


@pytest.fixture
def story(database: Database, site: Site) -> Story:
    with database.transaction() as session:
        return factories.story(session, site, "tide")


@pytest.fixture
def comments(database: Database, story: Story) -> list[Comment]:
    """Four, the oldest first; the second and the third are common ground, the second more."""
    with database.transaction() as session:
        here = session.get_one(Story, story.id)
        made = [factories.comment(session, here, factories.account(session)) for _ in range(4)]
    with database.transaction() as session:
        publication.set_common_ground(session, story.id, {made[1].id: 31, made[2].id: 12})
    return made


def test_it_comes_first_with_a_badge_and_all_others_after_it(
    client: FlaskClient, story: Story, comments: list[Comment]
) -> None:
    found = client.get(f"/api/v1/stories/tide/comments?{SORTED}").get_json()
    order = [comments[number] for number in (1, 2, 3, 0)]
    assert [comment["id"] for comment in found["comments"]] == [str(comment.id) for comment in order]
    assert [comment["common_ground"] for comment in found["comments"]] == [True, True, False, False]
    assert (found["story"]["common_ground_count"], found["house"]["disagreement"]) == (2, True)
    assert "31" not in {str(value) for comment in found["comments"] for value in comment.values()}


def test_a_reply_has_the_badge_where_it_stands_and_is_counted_by_no_sort(
    client: FlaskClient, database: Database, story: Story, comments: list[Comment]
) -> None:
    with database.transaction() as session:
        parent, here = session.get_one(Comment, comments[0].id), session.get_one(Story, story.id)
        reply = factories.comment(session, here, factories.account(session), parent=parent)
    with database.transaction() as session:
        publication.set_common_ground(session, story.id, {reply.id: 20})
    found = client.get(f"/api/v1/stories/tide/comments?{SORTED}").get_json()
    assert found["comments"][3]["replies"][0]["common_ground"]
    assert found["story"]["common_ground_count"] == 2


def test_only_a_story_of_which_a_score_changes_has_another_tag(
    client: FlaskClient, database: Database, site: Site, comments: list[Comment]
) -> None:
    def tag() -> str:
        return client.get("/api/v1/stories/tide/comments").headers["ETag"]

    before = tag()
    with database.reading() as session:
        present = {comment.id: session.get_one(Comment, comment.id).common_ground for comment in comments[1:3]}
    scores.keep(database, site.id, present, since=0)
    assert tag() == before
    scores.keep(database, site.id, {comments[0].id: 40}, since=0)
    assert tag() != before
    found = client.get(f"/api/v1/stories/tide/comments?{SORTED}").get_json()
    assert [comment["common_ground"] for comment in found["comments"]] == [True, False, False, False]
    assert found["story"]["common_ground_count"] == 1


def test_the_page_offers_the_sort_where_there_is_any_and_says_what_it_means(
    browser: OpenBrowser, database: Database, site: Site, story: Story, comments: list[Comment]
) -> None:
    page, path = browser(None), f"/stories/{story.id}"
    assert f"{path}?{SORTED}" in page.get(path).text
    assert page.get(path).text.count(">Common ground</span>") == 2
    assert "readers who usually disagree both respect" in page.get(f"{path}?{SORTED}").text
    scores.forget(database, site.id)
    assert "ommon ground" not in page.get(path).text


def test_the_button_is_there_for_who_may_react_where_they_are_asked(
    browser: OpenBrowser, database: Database, story: Story, comments: list[Comment]
) -> None:
    with database.transaction() as session:
        reader = factories.subscriber(session)
    path, button = f"/stories/{story.id}", f"/comments/{comments[0].id}/disagreement"
    assert button not in browser(None).get(path).text
    page = browser(reader)
    assert f"with what {name_of(database, comments[0])} wrote" in page.get(path).text
    answer = page.post(button, {"back": path})
    assert (answer.status_code, answer.location) == (303, f"{path}#c{comments[0].id}")
    shown = page.get(path).text
    assert "Noted, for nobody to see" in shown
    assert pressed(shown, button)
    assert not pressed(browser(None).get(path).text, button)
    page.post(button, {"withdraw": "true", "back": "//evil.example"})
    assert not pressed(page.get(path).text, button)


def test_there_is_no_button_where_nobody_is_asked(browser: OpenBrowser, database: Database) -> None:
    with database.transaction() as session:
        reader, story = factories.subscriber(session), factories.story(session, factories.site(session))
        factories.comment(session, story, factories.account(session))
    page = browser(reader)
    assert "/disagreement" not in page.get(f"/stories/{story.id}").text
    assert "ommon ground" not in page.get("/privacy").text
    assert "left_out" not in page.get("/account").text


def test_the_privacy_page_says_in_two_sentences_what_is_done(browser: OpenBrowser, site: Site) -> None:
    page = browser(None).get("/privacy").text
    section = page.partition('id="common-ground"')[2].partition("</section>")[0]
    assert "in memory only" in section
    assert "leave your reactions out" in section
    assert section.count(".") == 2
    assert 'href="/privacy"' in browser(None).get("/").text


def test_a_reader_leaves_their_reactions_out_and_has_them_count_again(
    client: FlaskClient, browser: OpenBrowser, database: Database, site: Site, bearer: Callable[[Account], Headers]
) -> None:
    with database.transaction() as session:
        reader = factories.account(session)

    def left_out() -> bool:
        with database.reading() as session:
            return session.get_one(Account, reader.id).reactions_left_out

    page = browser(reader)
    assert 'name="left_out"' in page.get("/account").text
    for form, is_left_out in (({"left_out": "yes"}, True), ({}, False)):
        assert page.post("/account/reactions", form).status_code == 303
        assert left_out() is is_left_out
        body = {"left_out": not is_left_out}
        assert client.put("/api/v1/me/reactions", json=body, headers=bearer(reader)).status_code == 204
        assert left_out() is not is_left_out
    assert client.put("/api/v1/me/reactions", json={"left_out": True}).status_code == 401


def name_of(database: Database, comment: Comment) -> str:
    with database.reading() as session:
        return session.get_one(Account, comment.account_id).name


def pressed(page: str, action: str) -> bool:
    return 'aria-pressed="true"' in page.partition(f'action="{action}"')[2].partition("</form>")[0]
