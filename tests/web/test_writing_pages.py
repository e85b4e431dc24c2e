"""POST /stories/<id>/comments, /comments/<id>/edit and /comments/<id>/delete, by form."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock, formats
from app.db import Database
from app.models import Account, Comment, Site, Story
from app.models.comment import DELETED, HELD, PUBLISHED
from app.models.sanction import SUSPENSION
from app.threads.slices import FIRST_REPLIES, SLICE_ROOTS
from config.policy import HouseRules
from tests.support import factories
from tests.support.callers import Browser
from tests.support.measures import measured

Open = Callable[[Account | None], Browser]
TEXT = "The crane <stood> still & silent."
SHOWN = "The crane &lt;stood&gt; still &amp; silent."


@dataclass
class Scene:
    """A subscriber in a browser, before an open story with one comment of theirs."""

    browser: Browser
    database: Database
    site: Site
    story: Story
    reader: Account
    comment: Comment

    @property
    def path(self) -> str:
        return f"/stories/{self.story.id}/comments"

    def comments(self) -> list[Comment]:
        with self.database.reading() as session:
            return list(session.scalars(select(Comment).order_by(Comment.id)))


@pytest.fixture
def scene(browser: Open, database: Database) -> Scene:
    with database.transaction() as session:
        site = factories.site(session)
        story, reader = factories.story(session, site), factories.subscriber(session)
        comment = factories.comment(session, story, reader)
    return Scene(browser(reader), database, site, story, reader, comment)


def test_who_is_signed_out_while_writing_is_asked_to_sign_in_and_keeps_the_text(scene: Scene) -> None:
    token = scene.browser.csrf()
    with scene.browser.client.session_transaction() as session:
        del session["_user_id"]
    for path in (scene.path, f"/comments/{scene.comment.id}/edit"):
        form = {"csrf_token": token, "text": TEXT}
        answer = scene.browser.client.post(path, data=form, headers={"Accept": "text/html"})
        assert answer.status_code == 401
        assert SHOWN in answer.text


def test_a_huge_form_from_nobody_is_refused_in_peace(client: FlaskClient, scene: Scene) -> None:
    answer = client.post(scene.path, data={"text": "x" * 1_000_000}, headers={"Accept": "text/html"})
    assert answer.status_code in (401, 403, 413)


def test_a_form_that_another_page_made_is_refused(scene: Scene) -> None:
    answer = scene.browser.client.post(scene.path, data={"text": TEXT}, headers={"Accept": "text/html"})
    assert answer.status_code == 403
    assert SHOWN in answer.text
    assert len(scene.comments()) == 1


@pytest.mark.parametrize(("kind", "status"), [(SUSPENSION, 403), (None, 402)])
def test_who_may_not_write_keeps_the_text(scene: Scene, browser: Open, kind: str | None, status: int) -> None:
    with scene.database.transaction() as session:
        reader = factories.account(session)
        if kind:
            factories.sanction(session, reader, kind, at=scene.site)
    answer = browser(reader).post(scene.path, {"text": TEXT})
    assert answer.status_code == status
    assert SHOWN in answer.text


def test_a_comment_is_posted_and_shown(scene: Scene) -> None:
    answer = scene.browser.post(scene.path, {"text": TEXT})
    posted = scene.comments()[-1]
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/stories/{scene.story.id}#c{posted.id}")
    assert (posted.text, posted.state, posted.parent_id) == (TEXT, PUBLISHED, None)


def test_a_reply_is_posted(scene: Scene) -> None:
    scene.browser.post(scene.path, {"text": TEXT, "parent": str(scene.comment.id)})
    assert scene.comments()[-1].parent_id == scene.comment.id


def test_a_preview_shows_the_text_as_it_would_stand_and_sends_nothing(scene: Scene) -> None:
    form = {"text": "The *crane* <stood>.", "parent": str(scene.comment.id), "only": "preview"}
    for path in (scene.path, f"/comments/{scene.comment.id}/edit"):
        page = scene.browser.post(path, form).text
        assert "<p>The <em>crane</em> &lt;stood&gt;.</p>" in page
        assert ">\nThe *crane* &lt;stood&gt;.</textarea>" in page
        assert "20 of 5,000 characters." in page
    assert f'name="parent" value="{scene.comment.id}"' in page
    for text, code in (("x" * 5001, "too_long"), ("", "empty")):
        refused = scene.browser.post(scene.path, form | {"text": text})
        assert (refused.status_code, f'data-problem="{code}"' in refused.text) == (422, True)
    assert [comment.text for comment in scene.comments()] == [scene.comment.text]


def test_a_quote_stands_above_what_was_typed_already(scene: Scene) -> None:
    with scene.database.transaction() as session:
        session.get_one(Comment, scene.comment.id).text = "One *word*.\n\nAnother."
    page = scene.browser.get(f"/stories/{scene.story.id}").text
    assert 'name="only" value="quote"' in page
    form = {"text": "No.", "parent": str(scene.comment.id), "only": "quote"}
    assert ">\n&gt; One *word*.\n&gt;\n&gt; Another.\n\nNo.</textarea>" in scene.browser.post(scene.path, form).text
    assert len(scene.comments()) == 1


def test_a_held_comment_is_explained(scene: Scene) -> None:
    answer = scene.browser.post(scene.path, {"text": "[insult=0.9]"})
    held = scene.comments()[-1]
    assert held.state == HELD
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/stories/{scene.story.id}#c{held.id}")
    assert "moderator" in article(scene.browser.get(answer.location).text, held.id)


def article(page: str, comment_id: int) -> str:
    """A comment as it stands on a page."""
    return page.partition(f'id="c{comment_id}"')[2].partition("</article>")[0]


def test_the_message_stands_once_and_on_the_comment(scene: Scene) -> None:
    answer = scene.browser.post(scene.path, {"text": TEXT, "parent": str(scene.comment.id)})
    posted = scene.comments()[-1]
    page = scene.browser.get(answer.location).text
    assert "Your comment is published." in article(page, posted.id)
    assert page.count("Your comment is published.") == 1
    assert "Your comment is published." not in scene.browser.get(answer.location).text


def test_a_reply_that_the_first_slice_does_not_show_has_its_own_page(scene: Scene) -> None:
    with scene.database.transaction() as session:
        session.get_one(Comment, scene.comment.id).last_position = FIRST_REPLIES
    answer = scene.browser.post(scene.path, {"text": TEXT, "parent": str(scene.comment.id)})
    posted = scene.comments()[-1]
    assert answer.location == f"/comments/{posted.id}#c{posted.id}"
    assert "Your comment is published." in article(scene.browser.get(answer.location).text, posted.id)


def test_so_has_a_reply_in_a_conversation_that_is_not_on_the_first_page(scene: Scene) -> None:
    with scene.database.transaction() as session:
        story = session.get_one(Story, scene.story.id)
        other = factories.account(session)
        newer = [factories.comment(session, story, other) for _ in range(SLICE_ROOTS)]
    form = {"text": TEXT, "parent": str(scene.comment.id)}
    posted = scene.browser.post(scene.path, form).location
    assert posted.startswith("/comments/")
    with scene.database.transaction() as session:
        session.get_one(Comment, newer[0].id).state = DELETED
    assert scene.browser.post(scene.path, {**form, "text": "More."}).location.startswith("/stories/")


def test_a_nudge_offers_to_change_it_or_to_send_it_as_it_is(scene: Scene) -> None:
    form = {"text": "[insult=0.6] & so on", "parent": str(scene.comment.id)}
    answer = scene.browser.post(scene.path, form)
    assert answer.status_code == 409
    assert "[insult=0.6] &amp; so on" in answer.text
    assert "Argue with the point, not the person" in answer.text
    assert f'name="parent" value="{scene.comment.id}"' in answer.text
    assert 'name="confirm" value="true"' in answer.text
    assert len(scene.comments()) == 1
    posted = scene.browser.post(scene.path, {**form, "confirm": "true"})
    assert scene.comments()[-1].state == HELD
    assert "you have kept it as it is" in article(scene.browser.get(posted.location).text, scene.comments()[-1].id)


def test_a_nudge_shows_what_it_is_about(scene: Scene) -> None:
    with scene.database.transaction() as session:
        author = session.get_one(Account, scene.comment.account_id).name
    page = scene.browser.post(scene.path, {"text": "[insult=0.6]", "parent": str(scene.comment.id)}).text
    for shown in (scene.story.title, f"In reply to {author}", scene.comment.text, "<time"):
        assert shown in page
    assert "Post it changed" in page
    assert "Post it as it is" in page
    edit = scene.browser.post(f"/comments/{scene.comments()[-1].id}/edit", {"text": "[insult=0.6]"}).text
    assert scene.story.title in edit
    assert "In reply to" not in edit


def test_a_nudge_says_so_when_nothing_was_changed(scene: Scene) -> None:
    unchanged = "You have changed nothing yet."
    first = scene.browser.post(scene.path, {"text": "[insult=0.6] Then this."}).text
    digest = first.partition('name="nudged" value="')[2].partition('"')[0]
    assert unchanged not in first
    again = {"text": "[insult=0.6]  Then this. ", "nudged": digest}
    assert unchanged in scene.browser.post(scene.path, again).text
    assert unchanged not in scene.browser.post(scene.path, {**again, "text": "[insult=0.6] Or that."}).text
    assert len(scene.comments()) == 1
    too_long = scene.browser.post(scene.path, {**again, "text": "x" * 5001}).text
    assert f'name="nudged" value="{digest}"' in too_long
    changed = measured("btl_nudges_total", outcome="changed")
    scene.browser.post(scene.path, {**again, "text": "Something kinder."})
    assert scene.comments()[-1].text == "Something kinder."
    assert measured("btl_nudges_total", outcome="changed") == changed + 1


@pytest.mark.parametrize("text", ["", "  ", "x" * 5001])
def test_bad_texts_come_back(scene: Scene, text: str) -> None:
    answer = scene.browser.post(scene.path, {"text": text})
    assert answer.status_code == 422
    assert "<textarea" in answer.text
    assert text in answer.text


def test_an_unknown_story_is_not_found(scene: Scene) -> None:
    for story in ("1", "abc"):
        assert scene.browser.post(f"/stories/{story}/comments", {"text": TEXT}).status_code == 404


def test_an_edit_begins_with_the_text_as_it_stands(scene: Scene) -> None:
    path = f"/comments/{scene.comment.id}/edit"
    page = scene.browser.get(path)
    assert (page.status_code, scene.comment.text in page.text) == (200, True)
    answer = scene.browser.post(path, {"text": TEXT})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/stories/{scene.story.id}#c{scene.comment.id}")
    assert "Your comment is changed." in article(scene.browser.get(answer.location).text, scene.comment.id)
    assert scene.comments()[0].text == TEXT


def test_the_page_to_edit_says_until_when_that_is_possible(scene: Scene, house: HouseRules) -> None:
    path = f"/comments/{scene.comment.id}/edit"
    window = timedelta(minutes=house.at({}).limits.edit_minutes)
    until = f">{formats.moment_and_zone(scene.comment.created_at + window)}</time>."
    assert until in scene.browser.get(path).text
    assert until in scene.browser.post(path, {"text": "[insult=0.6]"}).text
    with clock.pretend(clock.now() + window):
        refused = scene.browser.post(path, {"text": TEXT})
    assert (refused.status_code, until in refused.text) == (409, False)


def test_a_refused_edit_keeps_the_text(scene: Scene) -> None:
    with scene.database.transaction() as session:
        factories.sanction(session, session.get_one(Account, scene.reader.id), SUSPENSION, at=scene.site)
    answer = scene.browser.post(f"/comments/{scene.comment.id}/edit", {"text": TEXT})
    assert (answer.status_code, SHOWN in answer.text) == (403, True)


def test_nobody_edits_or_deletes_for_another(scene: Scene, browser: Open) -> None:
    with scene.database.transaction() as session:
        other = browser(factories.subscriber(session))
    path = f"/comments/{scene.comment.id}"
    assert other.get(f"{path}/edit").status_code == 403
    assert other.post(f"{path}/edit", {"text": TEXT}).status_code == 403
    assert other.post(f"{path}/delete").status_code == 403
    assert scene.comments()[0].state == PUBLISHED


def test_a_comment_is_taken_back(scene: Scene) -> None:
    answer = scene.browser.post(f"/comments/{scene.comment.id}/delete")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/stories/{scene.story.id}")
    assert scene.comments()[0].state == DELETED
