"""Whose name stands on a page and under a letter: the site's it is about; of one about none, the only site's."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from app import worker
from app.billing import throttle
from app.db import Database
from app.mail import letters
from app.models import Account, Comment, Item, Letter, Notice, Site
from app.models.letter import PASSWORD_CHANGED
from app.models.role import MODERATOR
from app.moderation import notices
from app.moderation.notices import Told
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.assembled import assembled
from tests.support.callers import OpenBrowser

OF_NO_SITE = ("/", "/rules", "/sign-in", "/sign-up", "/forgot", "/api", "/nowhere")


@dataclass
class Scene:
    """A comment at the younger of two sites, its author, and somebody who moderates there."""

    site: Site
    other: Site
    author: Account
    moderator: Account
    comment: Comment


@pytest.fixture
def scene(database: Database) -> Scene:
    with database.transaction() as session:
        other, site = factories.site(session, "courier"), factories.site(session, "coast")
        author = factories.subscriber(session)
        comment = factories.comment(session, factories.story(session, site), author, "A point of view.")
        return Scene(site, other, author, factories.staff(session, MODERATOR), comment)


def named(page: str) -> set[str]:
    """The names in the title and in the masthead."""
    title = re.search(r"<title>.* · (.*)</title>", page)
    masthead = re.search(r'class="masthead-name" href="/">(.*)</a>', page)
    assert title, page
    assert masthead, page
    return {title[1], masthead[1]}


@pytest.mark.parametrize("path", OF_NO_SITE)
def test_a_page_of_no_site_bears_the_name_of_the_only_one(browser: OpenBrowser, database: Database, path: str) -> None:
    with database.transaction() as session:
        factories.site(session, "coast")
    assert named(browser(None).get(path).text) == {"Coast"}


@pytest.mark.parametrize("path", OF_NO_SITE)
@pytest.mark.parametrize("sites", [(), ("coast", "courier")], ids=str)
def test_without_a_site_or_among_several_it_bears_the_house_s(
    browser: OpenBrowser, database: Database, house: HouseRules, sites: tuple[str, ...], path: str
) -> None:
    with database.transaction() as session:
        for key in sites:
            factories.site(session, key)
    assert named(browser(None).get(path).text) == {house.name}


def test_a_new_name_is_on_the_pages_as_soon_as_the_sites_are_read_again(
    browser: OpenBrowser, database: Database
) -> None:
    with database.transaction() as session:
        factories.site(session, "coast").name = "The <Coast> & More"
    assert named(browser(None).get("/").text) == {"The &lt;Coast&gt; &amp; More"}


def test_every_page_about_a_comment_bears_the_name_of_its_site(
    browser: OpenBrowser, database: Database, house: HouseRules, scene: Scene
) -> None:
    comment, moderator, author = scene.comment, browser(scene.moderator), browser(scene.author)
    with database.transaction() as session:
        notice = notices.file(session, house, comment.id, Told("It is illegal.", None, None, True))
        item = session.get_one(Item, notice.item_id)
    here = f"/comments/{comment.id}"
    for path in (f"/stories/{comment.story_id}", here, f"{here}/replies", f"{here}/report", f"{here}/edit"):
        assert (path, named(author.get(path).text)) == (path, {"Coast"})
    for path in (f"{here}/notice", f"/notices/{notice.receipt}", "/rules?site=coast"):
        assert (path, named(browser(None).get(path).text)) == (path, {"Coast"})
    assert named(moderator.get(f"/queue/{item.id}").text) == {"Coast"}
    assert named(moderator.get("/queue").text) == {house.name}
    refused = author.post(f"{here}/edit", {"text": ""})
    assert named(refused.text) == {"Coast"}


def bodies(settings: Settings) -> list[str]:
    return [file.read_text() for file in sorted(Path(settings.var / "letters").glob("*.eml"))]


def send(database: Database, settings: Settings, house: HouseRules) -> list[str]:
    worker.runner(throttle.throttled(assembled(settings, house, database))).run_all()
    return bodies(settings)


def test_a_decision_its_statement_and_its_letters_bear_the_name_of_the_site(
    browser: OpenBrowser, database: Database, settings: Settings, house: HouseRules, scene: Scene
) -> None:
    told = Told("It is illegal.", None, "ann@example.org", True)
    with database.transaction() as session:
        notice = notices.file(session, house, scene.comment.id, told)
        item = session.get_one(Item, notice.item_id)
    decision = {"action": "remove", "revision": str(item.revision), "rule": "hate", "reason": "It does."}
    assert browser(scene.moderator).post(f"/queue/{item.id}", decision).status_code == 303
    with database.reading() as session:
        statement_id = next(
            letter.parameters["statement_id"]
            for letter in moderating.rows(session, Letter)
            if "statement_id" in letter.parameters
        )
        assert session.get_one(Notice, notice.id)
    author = browser(scene.author)
    assert named(author.get(f"/statements/{statement_id}").text) == {"Coast"}
    assert author.post(f"/statements/{statement_id}/appeal", {"text": "It is true."}).status_code == 303
    with database.reading() as session:
        (appeal,) = moderating.rows(session, Item, kind="appeal")
    with database.transaction() as session:
        second = factories.staff(session, MODERATOR)
    overturned = {"action": "overturn", "revision": str(appeal.revision), "reason": "You are right."}
    assert browser(second).post(f"/queue/{appeal.id}", overturned).status_code == 303
    sent = send(database, settings, house)  # the last to whoever gave notice, of what became of it
    assert len(sent) == 5
    for letter in sent:
        assert letter.endswith("-- \nCoast\n"), letter
        assert house.name not in letter


@pytest.mark.parametrize(("sites", "signed"), [(("coast",), "Coast"), (("coast", "courier"), None)], ids=["one", "two"])
def test_a_letter_about_no_site_is_signed_by_the_only_one_or_the_house(
    database: Database, settings: Settings, house: HouseRules, sites: tuple[str, ...], signed: str | None
) -> None:
    with database.transaction() as session:
        for key in sites:
            factories.site(session, key)
        letters.write(session, factories.account(session).id, PASSWORD_CHANGED)
    (letter,) = send(database, settings, house)
    assert letter.endswith(f"-- \n{signed or house.name}\n")
    assert f"account at {signed or house.name} has" in letter
