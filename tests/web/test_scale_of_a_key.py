"""TOXICITY on Google's scale, for the keys of which that was chosen; every other number stays ours."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.db import Database
from app.models.api_key import AS_ENGLISH, GOOGLE, SECOND
from app.perspective import keys, scale
from app.perspective.scale import Scale
from app.web.services import EXTENSION
from config.settings import Settings
from tests.support.perspective import ask, error, make_key, request
from tests.support.scorers import Marked
from tests.support.stripe_world import eventually

# three points, so that all that lies between them can be told
POINTS = ([0.0, 0.2, 1.0], [0.0, 0.6, 1.0])
RUDE = "[toxicity=0.6] [insult=0.6] [second toxicity=0.5]"
SCALED = 0.8


@pytest.fixture
def key(database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(scale, "GOOGLES", Scale("marked/1", *POINTS))
    return make_key(database, settings, scale=GOOGLE)


def scores(app: Flask, key: str, text: str, *attributes: str, **more: Any) -> dict[str, float]:
    answer = ask(app.test_client(), key, request(text, *attributes, **more))
    assert answer.status_code == 200, answer.text
    found = answer.get_json()["attributeScores"]
    return {name: each["summaryScore"]["value"] for name, each in found.items()}


def test_toxicity_is_on_googles_scale_and_all_else_as_it_is(app: Flask, key: str) -> None:
    expected = {"TOXICITY": SCALED, "TOXICITY_EXPERIMENTAL": SCALED, "INSULT": 0.6, "SEVERE_TOXICITY": 0.01}
    assert scores(app, key, RUDE, *expected) == pytest.approx(expected)


def test_another_key_and_one_that_is_set_back_have_ours(
    app: Flask, key: str, database: Database, settings: Settings
) -> None:
    assert scores(app, make_key(database, settings, "another"), RUDE) == {"TOXICITY": 0.6}
    with database.transaction() as session:
        keys.change(session, "paper", scale="ours")
    assert scores(app, key, RUDE) == {"TOXICITY": 0.6}


def test_spans_and_thresholds_are_on_the_same_scale(app: Flask, key: str) -> None:
    text = "Good morning. [toxicity=0.1]! [toxicity=0.2]!"
    asked = request(text, spanAnnotations=True) | {"requestedAttributes": {"TOXICITY": {"scoreThreshold": 0.55}}}
    found = ask(app.test_client(), key, asked).get_json()["attributeScores"]["TOXICITY"]
    assert [(text[span["begin"] : span["end"]], span["score"]["value"]) for span in found["spanScores"]] == [
        ("[toxicity=0.2]!", pytest.approx(0.6))
    ]


def test_what_another_scorer_says_is_not_put_on_it_in_silence(
    app: Flask, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scale, "GOOGLES", Scale("marked/0", *POINTS))
    answer = ask(app.test_client(), key, request(RUDE, "TOXICITY", "INSULT"))
    assert error(answer) == (503, "UNAVAILABLE", "")
    assert "marked/1" in answer.get_json()["error"]["message"]
    assert scores(app, key, RUDE, "INSULT") == {"INSULT": 0.6}


def test_what_is_read_as_english_is_on_it_and_what_the_second_scorer_says_is_not(
    app: Flask, key: str, database: Database
) -> None:
    second = Marked("second ")
    second.languages = frozenset({"es"})
    it = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(it, load_second_scorer=lambda: second)
    with database.transaction() as session:
        keys.change(session, "paper", unread_languages=AS_ENGLISH)
    assert scores(app, key, RUDE, languages=["es"]) == pytest.approx({"TOXICITY": SCALED})
    with database.transaction() as session:
        keys.change(session, "paper", unread_languages=SECOND)
    asked = request(RUDE, languages=["es"])
    eventually(lambda: ask(app.test_client(), key, asked).status_code == 200)
    assert scores(app, key, RUDE, languages=["es"]) == {"TOXICITY": 0.5}
