"""What a story is called is the paper's word: staff's, or what a page of the paper has signed. A reader's is none."""

import re
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import Database
from app.models import Account, Story
from app.models.role import EDITOR
from app.stories import sites, stories
from app.stories.signature import sign
from app.stories.stories import Naming
from app.web.readers import front
from config.settings import Settings
from tests.support import factories
from tests.support.callers import Browser
from tests.support.posting import Bearer, Scene, open_scene, says
from tests.support.repository import REPOSITORY
from tests.support.together import at_once

Open = Callable[[Account | None], Browser]
KEY = "harbour/plan"


@pytest.fixture
def scene(client: FlaskClient, bearer: Bearer, database: Database) -> Scene:
    return open_scene(client, bearer, database)


def address(scene: Scene) -> str:
    return f"{scene.site.origins[0]}/news/harbour-plan"


def comment(scene: Scene, **page: str) -> int:
    """Comment under the story as a page of the paper has it, by somebody else each time."""
    path = f"/api/v1/stories/{KEY}/comments?site={scene.site.key}"
    return scene.post(path=path, by=scene.subscriber(), **{"url": address(scene)} | page).status_code


def signed(scene: Scene, settings: Settings, called: str, **other: str) -> dict[str, str]:
    """What the paper's own page hands to whoever comments; `other` is what it had signed instead."""
    page = {"site_key": scene.site.key, "story_key": KEY, "url": address(scene), "title": called}
    secret = other.pop("secret", settings.sso_secret)
    return {"title": called, "signature": sign(secret, **page | other)}


def put(scene: Scene, title: str) -> None:
    with scene.database.transaction() as session:
        editor = factories.staff(session, EDITOR, at=session.merge(scene.site))
    body = {"url": address(scene), "title": title}
    path = f"/api/v1/stories/{KEY}?site={scene.site.key}"
    assert scene.client.put(path, json=body, headers=scene.bearer(editor)).status_code == 200


def story(scene: Scene) -> Story:
    with scene.database.reading() as session:
        return session.scalars(select(Story).where(Story.key == KEY)).one()


def test_a_first_comment_without_a_signature_works_and_names_nothing(scene: Scene, browser: Open) -> None:
    assert comment(scene, title="The mayor is a crook") == 201
    made = story(scene)
    assert (made.title, made.named_by, made.url, made.comment_count) == ("", None, address(scene), 1)
    shown = address(scene).removeprefix("https://")
    front = browser(None).get("/").text
    assert "crook" not in front
    assert f'<a href="/stories/{made.id}">{shown}</a>' in front
    page = browser(None).get(f"/stories/{made.id}").text
    assert f"<h1>{shown}</h1>" in page
    assert "crook" not in page
    assert scene.client.get(f"/api/v1/stories/{KEY}?site={scene.site.key}").get_json()["title"] == ""


@pytest.mark.parametrize(
    ("title", "url", "shown"),
    [
        ("Ferry back by May", "https://paper.example/ferry", "Ferry back by May"),
        ("", "https://paper.example/ferry?page=2", "paper.example/ferry?page=2"),
        ("", "", "2026/ferry"),
        ("", f"https://paper.example/{'x' * 400}", f"paper.example/{'x' * 285}…"),
    ],
)
def test_what_has_no_title_is_called_by_its_address_or_its_key(title: str, url: str, shown: str) -> None:
    assert stories.headline(Story(key="2026/ferry", title=title, url=url)) == shown
    assert len(shown) <= stories.LONGEST_TITLE


def test_it_is_called_so_wherever_it_is_spoken_of(scene: Scene, browser: Open) -> None:
    reader, shown = scene.subscriber(), address(scene).removeprefix("https://")
    path = f"/api/v1/stories/{KEY}/comments?site={scene.site.key}"
    posted = scene.post(path=path, by=reader, url=address(scene)).get_json()
    made, of_reader = story(scene), browser(reader)
    for page in (f"/comments/{posted['id']}", "/account/comments", "/feed.atom", f"/stories/{made.id}/feed.atom"):
        assert shown in of_reader.get(page).text, page


def test_on_the_front_page_it_takes_no_place_from_what_the_paper_has_named(
    scene: Scene, settings: Settings, browser: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert comment(scene, **signed(scene, settings, "The harbour plan")) == 201
    with scene.database.transaction() as session:
        for number in range(3):
            made_up = factories.story(session, session.merge(scene.site), f"made-up-{number}")
            made_up.title, made_up.named_by, made_up.comment_count = "", None, 9 * number
    named = 1 + len([scene.story])
    for most, links in ((30, ["made-up-2", "made-up-1"]), (named + 1, ["made-up-2"]), (named, [])):
        monkeypatch.setattr(front, "NEWEST_STORIES", most)
        page = browser(None).get("/").text
        assert re.findall(r">[^<>]*(made-up-\d)</a>", page) == links
        assert page.count("<h2>") == named + len(links)
        assert "The harbour plan" in re.findall("<h2>(.*?)</h2>", page)[0]


def test_what_the_paper_has_signed_names_it_and_puts_it_on_the_front_page(
    scene: Scene, settings: Settings, browser: Open
) -> None:
    assert comment(scene, **signed(scene, settings, "The harbour plan")) == 201
    made = story(scene)
    assert (made.title, made.named_by) == ("The harbour plan", "signature")
    assert "The harbour plan" in browser(None).get("/").text


def test_the_papers_word_replaces_what_a_reader_said_and_readers_see_it(scene: Scene, settings: Settings) -> None:
    squatted = {"url": f"{scene.site.origins[0]}/somewhere/else", "title": "Mine"}
    assert comment(scene, **squatted) == 201
    path = f"/api/v1/stories/{KEY}/comments?site={scene.site.key}"
    before = scene.client.get(path).headers["ETag"]
    assert comment(scene, **signed(scene, settings, "The harbour plan")) == 201
    made = story(scene)
    assert (made.url, made.title) == (address(scene), "The harbour plan")
    assert scene.client.get(path).headers["ETag"] != before


def test_no_signature_puts_a_headline_back_that_the_paper_has_withdrawn(
    scene: Scene, settings: Settings, browser: Open
) -> None:
    old, new = signed(scene, settings, "Mayor took bribes"), signed(scene, settings, "Mayor cleared")
    assert comment(scene, **old) == 201
    put(scene, "Mayor cleared")
    assert [comment(scene, **page) for page in (old, new, old)] == [201] * 3
    assert (story(scene).title, story(scene).named_by) == ("Mayor cleared", "staff")
    front = browser(None).get("/").text
    assert ("Mayor cleared" in front, "bribes" in front) == (True, False)


def test_of_two_signatures_the_first_stands_whatever_comes_after_it_and_staff_replaces_it(
    scene: Scene, settings: Settings
) -> None:
    first, second = signed(scene, settings, "Mayor cleared"), signed(scene, settings, "Mayor took bribes")
    moved = f"{scene.site.origins[0]}/news/moved"
    elsewhere = {"url": moved, **signed(scene, settings, "Mayor cleared", url=moved)}
    assert [comment(scene, **page) for page in (first, second, elsewhere)] == [201] * 3
    assert (story(scene).title, story(scene).url) == ("Mayor cleared", address(scene))
    put(scene, "Mayor cleared of everything")
    assert story(scene).title == "Mayor cleared of everything"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Budget\u00a0: qui paiera\u202f?", "Budget : qui paiera ?"),
        ("\u0645\u06cc\u200c\u0631\u0648\u062f", "\u0645\u06cc\u200c\u0631\u0648\u062f"),
        ("Donau\u00addampf fährt\u202e wieder", "Donaudampf fährt wieder"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467 at home", "\U0001f468\u200d\U0001f469\u200d\U0001f467 at home"),
    ],
)
def test_a_title_is_one_as_papers_set_it(scene: Scene, settings: Settings, title: str, shown: str) -> None:
    assert comment(scene, **signed(scene, settings, title)) == 201
    assert story(scene).title == shown
    put(scene, title)
    assert story(scene).title == shown


def test_staff_names_what_a_reader_has_begun(scene: Scene) -> None:
    assert comment(scene, title="Mine") == 201
    put(scene, "The harbour plan")
    assert (story(scene).title, story(scene).comment_count) == ("The harbour plan", 1)


@pytest.mark.parametrize(
    "other",
    [
        {"site_key": "another"},
        {"story_key": "harbour"},
        {"url": "https://paper.example/other"},
        {"title": "Another title"},
        {"secret": "x" * 40},
        {"secret": ""},
    ],
    ids=str,
)
def test_a_signature_over_something_else_is_no_word_of_the_papers(
    scene: Scene, settings: Settings, other: dict[str, str]
) -> None:
    assert comment(scene, **signed(scene, settings, "The harbour plan", **other)) == 201
    assert story(scene).named_by is None


@pytest.mark.parametrize("signature", ["", "0" * 64, "é", "x" * 1_000])
def test_what_is_no_signature_is_none(scene: Scene, signature: str) -> None:
    assert comment(scene, title="A title", signature=signature) == 201
    assert story(scene).named_by is None


@pytest.mark.parametrize("title", ["", "  ", "x" * 301])
def test_not_even_the_paper_gives_a_story_such_a_title(scene: Scene, settings: Settings, title: str) -> None:
    path = f"/api/v1/stories/{KEY}/comments?site={scene.site.key}"
    page: dict[str, Any] = {"url": address(scene), **signed(scene, settings, title)}
    answer = scene.post(path=path, **page)
    assert says(answer) == (422, "bad_title")


def test_a_line_break_moves_nothing_from_one_field_to_another(scene: Scene, settings: Settings) -> None:
    page = signed(scene, settings, "The harbour plan")
    moved: dict[str, Any] = {"url": f"{address(scene)}\nThe harbour plan", "title": "", "signature": page["signature"]}
    path = f"/api/v1/stories/{KEY}/comments?site={scene.site.key}"
    assert says(scene.post(path=path, **moved)) == (422, "url_not_allowed")
    assert comment(scene, title="The harbour\nplan", signature=page["signature"]) == 201
    assert story(scene).named_by is None


def test_without_a_shared_secret_nothing_is_signed() -> None:
    site = sites.SiteSnapshot(1, "paper", "Paper", ("https://paper.example",), {}, ())
    page = ("https://paper.example/x", "Title")
    assert stories.naming_of("", site, "x", *page, sign("", "paper", "x", *page)) == Naming(page[0])


def test_first_comments_at_once_with_and_without_the_papers_word_end_with_it(scene: Scene, settings: Settings) -> None:
    page = signed(scene, settings, "The harbour plan")
    given = [page, {"title": "Mine"}] * 3
    assert at_once(lambda number: comment(scene, **given[number]), len(given)) == [201] * len(given)
    assert (story(scene).title, story(scene).comment_count) == ("The harbour plan", len(given))


def test_it_is_signed_as_the_paper_on_it_says() -> None:
    lines = re.search(r"```sh\n(.*?)```", (REPOSITORY / "docs" / "stories.md").read_text(), re.DOTALL)
    assert lines is not None
    done = subprocess.run(["sh", "-euc", lines[1]], capture_output=True, text=True, check=True)
    page = ("paper", "harbour-plan", "https://paper.example/harbour-plan", "Ferry “back by May”: council")
    assert done.stdout.split() == [sign("the secret in BTL_SSO_SECRET, of 32 letters or more", *page)]
