"""Display name against billing name: a table of cases with the reason in words, and what holds for all names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payers.person_names import BUSINESS, PARTICLES, SUFFIXES, TITLES, agrees

SAME = [
    ("John Smith", "John Smith", "letter by letter"),
    ("john smith", "JOHN SMITH", "cards are written in capitals"),
    ("Ｊｏｈｎ Smith", "John Smith", "full-width letters are the same letters"),
    ("José García", "JOSE GARCIA", "cards have no accents"),
    ("Jürgen Müller", "Juergen Mueller", "a card may write an umlaut with an e"),
    ("Jürgen Müller", "Jurgen Muller", "or leave it out"),
    ("Søren Ødegård", "SOREN ODEGAARD", "Nordic letters as Norwegian cards have them"),
    ("Łukasz Wiśniewski", "Lukasz Wisniewski", "a stroke is an accent"),
    ("Jörg Weiß", "JOERG WEISS", "a sharp s"),
    ("J. Smith", "John Smith", "an initial stands for the given name"),
    ("John Smith", "J SMITH", "on the bill too"),
    ("J.R. Smith", "John Robert Smith", "several initials"),
    ("John A. Smith", "John Adam Smith", "the initial of a middle name"),
    ("И. Петров", "Иван Петров", "initials in any script that has capitals"),
    ("Smith, John", "John Smith", "the family name first"),
    ("John Smith", "SMITH, JOHN", "on the bill too"),
    ("Smith John", "John Smith", "and without the comma"),
    ("Smith, J.", "John Smith", "with an initial"),
    ("Smith J", "John Smith", "with an initial and no comma"),
    ("John Smith", "John Adam Brian Smith", "middle names that are not shown"),
    ("John Adam Smith", "John Smith", "a middle name that is not on the card"),
    ("John A. Smith", "John Smith", "nor is its initial"),
    ("Mr John Smith", "John Smith", "a title"),
    ("John Smith", "PROF. DR. JOHN SMITH", "several titles"),
    ("John Smith", "Smith, Dr John", "a title after the comma"),
    ("John Smith", "John Smith Jr.", "junior"),
    ("John Smith", "John Smith, OBE", "honours after a comma, which turns nothing round"),
    ("John Smith III", "John Smith", "the third"),
    ("Anna Müller-Schmidt", "Anna Muller Schmidt", "a double name without its hyphen"),
    ("Anna Müller", "Anna Müller-Schmidt", "half of a double name"),
    ("Anna Schmidt", "Anna Müller-Schmidt", "the other half"),
    ("Anna Müller–Schmidt", "Anna Müller-Schmidt", "a dash for the hyphen"),
    ("Anna Müller-Schmidt", "Anna Müller", "a double name that the card does not have yet"),
    ("Jean-Paul Sartre", "J P SARTRE", "both halves as initials"),
    ("JP Smith", "J P Smith", "initials written together"),
    ("Annemarie Smith", "Anne-Marie Smith", "one given name, written as two"),
    ("Fiona MacDonald", "FIONA MAC DONALD", "one family name, written as two"),
    ("Sinéad O'Brien", "SINEAD OBRIEN", "an apostrophe"),
    ("Sinéad O’Brien", "Sinead O Brien", "another apostrophe, and a blank for it"),
    ("Ludwig van Beethoven", "Ludwig Beethoven", "a particle left out"),
    ("L. Beethoven", "Ludwig van Beethoven", "on the other side"),
    ("Maria de los Santos", "MARIA DELOS SANTOS", "particles run together"),
    ("Mohammed Rashid", "Mohammed al-Rashid", "an article with a hyphen"),
    ("Anh Le", "Le Anh", "a family name that is a particle elsewhere"),
    ("Cher", "CHER", "one word, where the bill has one word"),
    ("Smith", "Mr Smith", "a title is no given name"),
    ("李雷", "李雷", "a script without capitals, by itself"),
    ("李 雷", "李雷", "with a blank"),
    ("Дмитрий Иванов", "ДМИТРИЙ ИВАНОВ", "capitals of another script"),
    ("محمد علي", "محمد علي", "a script from right to left"),
]

DIFFERENT = [
    ("Jane Smith", "John Smith", "another given name"),
    ("John Jones", "John Smith", "another family name"),
    ("K. Smith", "John Smith", "another initial"),
    ("John Brian Smith", "John Adam Smith", "middle names that contradict each other"),
    ("John B. Smith", "John Adam Smith", "by an initial too"),
    ("John S.", "John Smith", "the family name is not there in full"),
    ("J. S.", "John Smith", "two letters are anybody"),
    ("J. S.", "J Smith", "on no bill"),
    ("John Adam", "John Adam Smith", "given names alone"),
    ("Smith", "John Smith", "the family name alone"),
    ("John", "John Smith", "the given name alone"),
    ("Mr Smith", "John Smith", "a title is no given name"),
    ("Mr Smith", "M Smith", "nor its initial"),
    ("van Beethoven", "Ludwig van Beethoven", "a particle is no given name"),
    ("Cher Smith", "Cher", "more than the bill has"),
    ("J", "John", "an initial of one word"),
    ("Bob Smith", "Robert Smith", "there is no list of nicknames"),
    ("Bill Smith", "William Smith", "nor of others"),
    ("Harbour Gull", "John Smith", "a fantasy"),
    ("Not John Smith", "John Smith", "a word before the name"),
    ("John Smith Fan", "John Smith", "a word after it"),
    ("John Is Not Smith", "John Smith", "words within it"),
    ("John Smith 2", "John Smith", "a number"),
    ("Smith Ltd", "Smith Ltd", "a business is nobody"),
    ("John Smith", "John Smith Ltd", "whoever it is named after"),
    ("John Smith", "John Smith & Sons", "or runs it"),
    ("John Smith GmbH", "John Smith", "nor does a person sign as one"),
    ("John Smіth", "John Smith", "a Cyrillic letter that looks the same"),
    ("Ivan Petrov", "Иван Петров", "another script is not read"),
    ("李雷", "Li Lei", "nor transcribed"),
    ("李", "李雷", "one letter is no initial where there are no capitals"),
    ("किरण शर्मा", "करण शर्मा", "marks that make another letter are kept"),
    ("Андрей Петров", "Андреи Петров", "also where they look like accents"),
    ("John Smith", "", "nothing on the bill"),
    ("John Smith", " , . -", "punctuation on the bill"),
    ("...", "...", "a name without a letter"),
    ("Gabriel García", "Gabriel García Márquez", "known limit: two family names look like two given ones"),
    ("J. Smith", "SMITH JOHN", "known limit: the order of a bill without a comma"),
]


@pytest.mark.parametrize(("display", "billing", "why"), SAME)
def test_a_display_name_that_names_the_payer_agrees(display: str, billing: str, why: str) -> None:
    assert agrees(display, billing), why


@pytest.mark.parametrize(("display", "billing", "why"), DIFFERENT)
def test_a_display_name_that_names_somebody_else_or_nobody_does_not(display: str, billing: str, why: str) -> None:
    assert not agrees(display, billing), why


# no two of them together are a third, and none is a title or a business's
WORDS = st.text("abcdefghilmnoprstuéñ", min_size=4, max_size=6).filter(
    lambda word: word not in TITLES | SUFFIXES | PARTICLES | BUSINESS
)
PEOPLE = st.lists(WORDS, min_size=2, max_size=5, unique=True)
ANYTHING = st.text(max_size=60) | st.text("JohnSmith .,-'é李дЯ", max_size=20)


@given(PEOPLE)
def test_everybody_agrees_with_their_own_name(words: list[str]) -> None:
    assert agrees(" ".join(words), " ".join(words))


@given(PEOPLE, st.randoms(use_true_random=False), st.data())
def test_the_order_of_what_is_shown_does_not_matter(words: list[str], random: object, data: st.DataObject) -> None:
    turned = data.draw(st.permutations(words))
    assert agrees(" ".join(turned), " ".join(words))
    assert agrees(" ".join(words), f"{words[-1]}, {' '.join(words[:-1])}")


@given(PEOPLE, PEOPLE)
def test_between_names_that_are_written_out_and_equally_long_it_does_not_matter_which_is_shown(
    one: list[str], other: list[str]
) -> None:
    size = min(len(one), len(other))
    first, second = " ".join(one[:size]), " ".join(other[:size])
    assert agrees(first, second) == agrees(second, first)


@given(PEOPLE)
def test_initials_agree_as_long_as_the_family_name_is_written_out(words: list[str]) -> None:
    *given_names, family = words
    initials = [f"{name[0]}." for name in given_names]
    assert agrees(" ".join([*initials, family]), " ".join(words))
    assert not agrees(" ".join([*given_names, f"{family[0]}."]), " ".join(words))


@given(PEOPLE, WORDS)
def test_another_family_name_never_agrees(words: list[str], other: str) -> None:
    if not agrees(other, words[-1]):
        assert not agrees(" ".join([*words[:-1], other]), " ".join(words))


@given(ANYTHING, ANYTHING)
def test_no_text_breaks_it_and_spelling_in_capitals_changes_nothing(display: str, billing: str) -> None:
    answer = agrees(display, billing)
    if display.isascii() and billing.isascii():
        assert agrees(display.upper(), billing.upper()) == answer
