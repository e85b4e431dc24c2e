"""What becomes of a text in a language that the scorer does not read: for each key as the operator has chosen."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.db import Database
from app.models.api_key import AS_ENGLISH, REFUSE, SECOND
from app.toxicity.missing import Unloadable
from app.toxicity.scorer import Scorer, Scores, Unavailable
from app.web.services import EXTENSION
from config.settings import Settings
from tests.support.perspective import ask, error, make_key, request
from tests.support.scorers import Crashing, Hanging, Marked
from tests.support.stripe_world import eventually

RUDE = "[toxicity=0.7] [second toxicity=0.2]"
BY_FIRST, BY_SECOND = 0.7, 0.2
SPANISH = f"La comisión aprobó ayer el presupuesto de la ciudad para el próximo año. {RUDE}"
Ask = Callable[..., TestResponse]


class Spanish(Marked):
    """The second scorer of these tests, which reads Spanish as well."""

    languages = frozenset({"en", "es"})

    def __init__(self) -> None:
        super().__init__("second ")


class Patient(Spanish):
    """Tells how many calls it is at, and answers none before it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.called, self.released = threading.Semaphore(0), threading.Event()

    def score(self, texts: Sequence[str], deadline: float) -> list[Scores] | Unavailable:
        self.called.release()
        self.released.wait()
        return super().score(texts, deadline)


def set_second(app: Flask, load: Callable[[], Scorer] | None, **settings: Any) -> None:
    it = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(it, load_second_scorer=load, settings=replace(it.settings, **settings))


@pytest.fixture
def asking(app: Flask, database: Database, settings: Settings) -> Callable[[str], Ask]:
    """A way to ask with a key for which this was chosen, before a second scorer that is there."""
    set_second(app, Spanish)

    def made(unread_languages: str) -> Ask:
        key = make_key(database, settings, unread_languages, unread_languages=unread_languages)
        return lambda text=RUDE, *attributes, **more: ask(app.test_client(), key, request(text, *attributes, **more))

    return made


def value(answer: TestResponse) -> float:
    assert answer.status_code == 200, answer.text
    found: float = answer.get_json()["attributeScores"]["TOXICITY"]["summaryScore"]["value"]
    return found


def answered(asked: Callable[[], TestResponse]) -> TestResponse:
    """The first answer that is not that the service is unavailable."""
    answers: list[TestResponse] = []

    def there() -> bool:
        answers.append(asked())
        return answers[-1].status_code != 503

    eventually(there)
    return answers[-1]


@pytest.mark.parametrize(
    ("named", "said"), [(["de"], ["en"]), (["de", "es"], ["en"]), (["en-GB", "de"], ["en-GB"]), (["zh-Hant"], ["en"])]
)
def test_it_is_scored_as_english_and_said_to_be(
    asking: Callable[[str], Ask], named: list[str], said: list[str]
) -> None:
    answer = asking(AS_ENGLISH)(languages=named)
    assert value(answer) == BY_FIRST
    assert answer.get_json()["languages"] == said


@pytest.mark.parametrize("named", [["es"], ["ES-mx"], ["en", "es"]])
def test_the_second_scorer_answers_in_the_languages_that_it_reads(
    asking: Callable[[str], Ask], named: list[str]
) -> None:
    second = asking(SECOND)
    answer = answered(lambda: second(languages=named))
    assert value(answer) == BY_SECOND
    assert answer.get_json()["languages"] == named
    assert value(second(languages=["en"])) == BY_FIRST


def test_the_second_scorer_answers_sentence_by_sentence_and_by_threshold(asking: Callable[[str], Ask]) -> None:
    second = asking(SECOND)
    text = "Hola. [second toxicity=0.9]! [toxicity=0.8]!"
    asked = {"languages": ["es"], "spanAnnotations": True, "requestedAttributes": {"TOXICITY": {"scoreThreshold": 0.5}}}
    found = answered(lambda: second(text, **asked)).get_json()["attributeScores"]["TOXICITY"]
    assert [text[span["begin"] : span["end"]] for span in found["spanScores"]] == ["[second toxicity=0.9]!"]


@pytest.mark.parametrize(("named", "foreign"), [(["de"], "de"), (["es", "de", "fr"], "de, fr")])
def test_what_neither_reads_is_refused(asking: Callable[[str], Ask], named: list[str], foreign: str) -> None:
    second = asking(SECOND)
    answer = answered(lambda: second(languages=named))
    assert error(answer) == (400, "INVALID_ARGUMENT", "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE")
    assert answer.get_json()["error"]["message"].endswith(f"request languages: {foreign}")


def test_where_there_is_no_second_scorer_any_more_it_is_refused(app: Flask, asking: Callable[[str], Ask]) -> None:
    second = asking(SECOND)
    set_second(app, None)
    assert error(second(languages=["es"]))[2] == "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"


def test_nobody_waits_until_the_second_scorer_is_loaded_and_it_is_loaded_once(
    app: Flask, asking: Callable[[str], Ask]
) -> None:
    begun, go_on = list[str](), threading.Event()

    def load() -> Scorer:
        begun.append("once")
        go_on.wait()
        return Spanish()

    second = asking(SECOND)
    set_second(app, load)
    assert [error(second(languages=["es"])) for _ in range(3)] == [(503, "UNAVAILABLE", "")] * 3
    assert value(second(languages=["en"])) == BY_FIRST
    go_on.set()
    assert value(answered(lambda: second(languages=["es"]))) == BY_SECOND
    assert begun == ["once"]


def unloadable() -> Scorer:
    raise Unloadable("it is not prepared")


@pytest.mark.parametrize("load", [unloadable, Hanging, Crashing])
def test_while_the_second_scorer_says_nothing_it_is_unavailable(
    app: Flask, asking: Callable[[str], Ask], load: Callable[[], Scorer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Hanging, "languages", Spanish.languages)
    monkeypatch.setattr(Crashing, "languages", Spanish.languages)
    second = asking(SECOND)
    set_second(app, lambda: load(), scorer_deadline_ms=50)
    assert [error(second(languages=["es"])) for _ in range(8)] == [(503, "UNAVAILABLE", "")] * 8
    assert value(second(languages=["en"])) == BY_FIRST


@pytest.mark.parametrize("choice", [REFUSE, AS_ENGLISH])
def test_a_text_without_a_named_language_is_read_as_english_and_what_was_detected_is_said(
    asking: Callable[[str], Ask], choice: str
) -> None:
    answer = asking(choice)(SPANISH, languages=None)
    assert value(answer) == BY_FIRST
    assert (answer.get_json()["languages"], answer.get_json()["detectedLanguages"]) == (["en"], ["es"])


def test_a_text_without_a_named_language_that_surely_is_in_one_that_the_second_reads_is_the_seconds(
    asking: Callable[[str], Ask],
) -> None:
    second = asking(SECOND)
    eventually(lambda: second(languages=["es"]).status_code == 200)
    answer = second(SPANISH, languages=None)
    assert value(answer) == BY_SECOND
    assert (answer.get_json()["languages"], answer.get_json()["detectedLanguages"]) == (["es"], ["es"])


@pytest.mark.parametrize("text", ["Trump is an idiot.", "Geez, what a friggin ditz...", "Dumb Baztarbs!", "😀"])
def test_an_insult_that_looks_foreign_is_read_as_english(asking: Callable[[str], Ask], text: str) -> None:
    second = asking(SECOND)
    eventually(lambda: second(languages=["es"]).status_code == 200)
    answer = second(text, languages=None)
    assert (value(answer), answer.get_json()["languages"]) == (0.01, ["en"])
    assert "es" not in answer.get_json()["detectedLanguages"]


def test_neither_another_key_nor_english_waits_for_the_slow_texts_of_one_key(
    app: Flask, asking: Callable[[str], Ask], database: Database, settings: Settings
) -> None:
    second = asking(SECOND)
    slow = Patient()
    set_second(app, lambda: slow, scorer_deadline_ms=60_000)
    other = make_key(database, settings, "another", unread_languages=SECOND)
    eventually(lambda: second(languages=["de"]).status_code == 400)
    mallory = [threading.Thread(target=lambda: second(languages=["es"])) for _ in range(4)]
    alice = threading.Thread(target=lambda: ask(app.test_client(), other, request(RUDE, languages=["es"])))
    for thread in (*mallory, alice):
        thread.start()
    for _ in range(3):
        slow.called.acquire()  # two of mallory's, and alice's
    assert not slow.called.acquire(timeout=0.1)
    assert value(second(languages=["en"])) == BY_FIRST
    slow.released.set()
    for thread in (*mallory, alice):
        thread.join()


def test_attributes_that_are_not_scored_are_left_out_for_a_key_of_which_that_was_chosen(
    app: Flask, database: Database, settings: Settings
) -> None:
    key = make_key(database, settings, drop_unsupported=True)
    asked = ("TOXICITY", "FLIRTATION", "LIKELY_TO_REJECT", "AFFINITY_EXPERIMENTAL", "INSULT")
    for more in ({}, {"dropUnsupportedAttributes": False}, {"dropUnsupportedAttributes": True}):
        answer = ask(app.test_client(), key, request(RUDE, *asked, **more))
        assert set(answer.get_json()["attributeScores"]) == {"TOXICITY", "INSULT"}
    assert ask(app.test_client(), key, request(RUDE, *asked, languages=["de"])).get_json()["attributeScores"] == {}
