"""A translation says all that is said and nothing else, and has the same places, tags, addresses and commands."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import get_args

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from app.language import DEFAULT, LOCALE, languages
from app.mail.sentences import SENTENCES
from config.rules import House

TRANSLATED = sorted(languages() - {DEFAULT})
# what is filled in, what marks up, and what leads somewhere or is typed as it stands
FIXED = re.compile(r"%\(\w+\)s|%.|</?\w+[^>]*>|&\w+;|\(?/[a-z]+\)?|\b[A-Z]+_[A-Z_]+\b")
# English quotation marks, straight ones, doubled spaces, who is addressed like a friend, and words for which
# docs/language.md has others
NOT_GERMAN = re.compile(r"”|‘|\"|(?<!\w)'|  |\b[Dd](u|ich|ir|eine?[mnrs]?)\b|\b(User|Nutzer|Brief|Story|Post)\b")
TAG = re.compile(r"<[^>]*>")


def written(tag: str) -> Catalog:
    """The catalogue as the translators wrote it."""
    with (LOCALE / tag / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file)


def forms(tag: str) -> Iterator[tuple[str, str]]:
    """Each sentence with its translation, each form of a plural by itself."""
    for message in _sentences(written(tag)):
        if isinstance(message.id, str):
            yield message.id, str(message.string)
        else:
            yield from zip(message.id, tuple(message.string or ()), strict=True)


def _sentences(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def test_a_house_can_be_told_to_speak_what_there_is_and_nothing_else() -> None:
    assert set(get_args(House.__annotations__["language"])) == languages()


@pytest.mark.parametrize("tag", TRANSLATED)
def test_it_has_what_is_said_and_nothing_else(catalogue: Catalog, tag: str) -> None:
    said = {message.id for message in _sentences(catalogue)}
    known = {message.id for message in _sentences(written(tag))}
    assert (said - known, known - said) == (set(), set()), "make messages, then translate what is new"
    assert not written(tag).obsolete


@pytest.mark.parametrize("tag", TRANSLATED)
def test_every_form_of_every_sentence_is_translated(tag: str) -> None:
    assert [sentence for sentence, translation in forms(tag) if not translation.strip()] == []
    assert [message.id for message in written(tag) if message.fuzzy and message.id] == []


@pytest.mark.parametrize("tag", TRANSLATED)
def test_what_is_filled_in_marked_up_or_typed_is_the_same(tag: str) -> None:
    differ = {
        sentence: translation
        for sentence, translation in forms(tag)
        if Counter(FIXED.findall(sentence)) != Counter(FIXED.findall(translation))
    }
    assert differ == {}


@pytest.mark.parametrize("tag", TRANSLATED)
def test_it_ends_as_the_sentence_does(tag: str) -> None:
    """A point is not lost, and none comes to what is a label."""
    ends = {
        sentence: translation
        for sentence, translation in forms(tag)
        if re.search(r"[.?:…]$", sentence.rstrip()) and sentence.rstrip()[-1] != translation.rstrip()[-1]
    }
    assert ends == {}


def test_german_is_written_as_german_is() -> None:
    assert {text: found.group() for _, text in forms("de") if (found := NOT_GERMAN.search(TAG.sub("", text)))} == {}
    assert [text for _, text in forms("de") if text.count("„") != text.count("“")] == []


def test_a_german_letter_greets() -> None:
    catalogue = written("de")
    letters = [catalogue.get(text) for _subject, text in SENTENCES.values()]
    assert [letter.id for letter in letters if letter and not str(letter.string).startswith("Guten Tag,\n\n")] == []
