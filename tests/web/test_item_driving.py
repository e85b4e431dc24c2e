"""/queue/<item>: the words that drove a score are marked where they stand, and said in words."""

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import toxicity
from app.db import Database
from app.models import Account, Item
from app.models.role import MODERATOR
from app.toxicity.scorer import Scorer, Scores, Unavailable
from app.web.services import EXTENSION
from config.policy import HouseRules
from tests.support import factories
from tests.support.callers import Browser, Headers
from tests.support.posting import Scene, open_scene
from tests.support.scorers import Hanging, Marked, Silent

Bearer = Callable[[Account], Headers]
Open = Callable[[Account | None], Browser]
INSULT = "What a <b>nice</b> day & night. You are an i d i o t and a *fuck*ing m0r0n!"


@pytest.fixture
def scene(client: FlaskClient, bearer: Bearer, database: Database, app: Flask) -> Scene:
    _score_with(app, toxicity.load("builtin"))
    return open_scene(client, bearer, database)


def _score_with(app: Flask, scorer: toxicity.Guarded) -> None:
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], load_scorer=lambda: scorer)


def _page(scene: Scene, browser: Open) -> str:
    with scene.database.transaction() as session:
        item = session.scalars(select(Item)).one()
        moderator = factories.staff(session, MODERATOR)
    return browser(moderator).get(f"/queue/{item.id}").text


def _report(scene: Scene, comment: str, rule: str) -> None:
    headers = scene.bearer(scene.subscriber())
    assert (
        scene.client.put(f"/api/v1/comments/{comment}/report", json={"rule": rule}, headers=headers).status_code == 204
    )


def _marked(page: str) -> list[str]:
    return [unescape(word) for word in re.findall("<mark>(.*?)</mark>", page)]


def _text(page: str) -> str:
    found = re.search('<p class="asis large".*?>(.*?)</p>', page, re.DOTALL)
    assert found
    return unescape(re.sub("</?mark>", "", found[1]))


def test_only_moderators_see_what_drove_a_score(scene: Scene, browser: Open) -> None:
    assert scene.post(INSULT).get_json()["state"] == "held"
    item = scene.only(Item)
    assert browser(None).get(f"/queue/{item.id}").status_code in (302, 303, 401, 404)
    for reader in (scene.reader, scene.subscriber()):
        assert browser(reader).get(f"/queue/{item.id}").status_code == 404


def test_a_disguised_insult_is_marked_where_it_stands_and_said_in_words(scene: Scene, browser: Open) -> None:
    scene.post(INSULT)
    page = _page(scene, browser)
    marked = _marked(page)
    assert any("i d i o t" in word for word in marked)
    assert _text(page) == INSULT
    assert "<b>nice" not in page
    described = re.search('aria-describedby="(.*?)"', page)
    assert described
    sentence = re.search(f'id="{described[1]}">(.*?)</p>', page, re.DOTALL)
    assert sentence
    assert "Held by the machine." in sentence[1]
    assert re.search(r"(Insult|Toxicity|Obscenity) [01]\.\d\d, mostly because of:", sentence[1])
    for word in marked:
        assert word in unescape(sentence[1])


def test_what_the_author_was_asked_to_put_differently_is_marked_too(
    scene: Scene, browser: Open, app: Flask, house: HouseRules
) -> None:
    text = "Well, what you write is rather silly."
    gentle = HouseRules(house.at({"thresholds": {"toxicity": {"nudge": 0.0001}}}))
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], house=gentle)
    posted = scene.post(text, confirm=True).get_json()
    assert posted["state"] == "held"
    page = _page(scene, browser)
    assert "The author was asked to put it differently, and kept it as it is." in page
    assert _marked(page)


@pytest.mark.parametrize("scorer", [Silent(), Hanging()])
def test_without_a_scorer_nothing_is_marked_and_the_page_stands(
    scene: Scene, browser: Open, app: Flask, scorer: Scorer
) -> None:
    scene.post(INSULT)
    _score_with(app, toxicity.Guarded(scorer))
    page = _page(scene, browser)
    assert _text(page) == INSULT
    assert not _marked(page)
    assert "mostly because of" not in page


class OneByOne(Marked):
    """Answers for one text at once, for several never."""

    def score(self, texts: Sequence[str], deadline: float) -> list[Scores] | Unavailable:
        if len(texts) > 1:
            threading.Event().wait()
        return super().score(texts, deadline)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_pages_that_a_slow_scorer_cannot_explain_hold_nobody_up(scene: Scene, browser: Open, app: Flask) -> None:
    scene.post(INSULT)
    _score_with(app, toxicity.Guarded(OneByOne(), threads=1, failures=2))
    assert [_marked(_page(scene, browser)) for _ in range(3)] == [[], [], []]
    assert scene.post("Calm words.").get_json()["state"] == "published"


def test_an_item_that_no_score_opened_marks_nothing(scene: Scene, browser: Open) -> None:
    posted = scene.post("I was at the harbour.").get_json()
    _report(scene, posted["id"], "topic")
    assert not _marked(_page(scene, browser))
