"""Which passwords others would think of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sign_in.guessable import is_guessable

KNOWN = ("ada.lovelace@example.org", "Ada Lovelace", "The Harbour Gazette", "Coast Courier")


@pytest.mark.parametrize(
    "password",
    [
        # frequent, also dressed up or twice
        *("qwertyuiop", "1q2w3e4r5t", "manchester", "Password123", "passwordpassword", "trustno1trustno1"),
        *("password1234!", "P@ssw0rd2024", "!!Dragon1999!!", "ＰＡＳＳＷＯＲＤ１２"),
        # a word or a first name, as it is or dressed up
        *("basketball", "administrator", "University!", "christopher", "jennifer12", "myspace123", "Schalke-1904"),
        # one character, a few, or a row of them
        *("aaaaaaaaaa", "aaaaabbbbb", "abababababab", "1234567890", "0987654321", "12345678901234567890"),
        *("112233445566", "abcdefghij", "zyxwvutsrq", "qwerty12345", "asdfghjkl1", "!@#$%^&*()", "!!!!!!!!!!"),
        *("          ", "密码密码密码密码密码", "йцукенгшщз", "αααααααααα", "🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂"),
        # one's own address and name, and the paper's
        *("ada.lovelace@example.org", "ADA.LOVELACE", "adalovelace1815", "Ada Lovelace!", "AdaLovelaceAda"),
        *("Harbour Gazette", "theharbourgazette1", "lovelace-gazette-1", "coastcourier", "example.org12"),
    ],
)
def test_what_others_think_of_first_is_guessable(password: str) -> None:
    assert is_guessable(password, KNOWN)


@pytest.mark.parametrize(
    "password",
    [
        *("a long password", "correct horse battery staple", "harbour boats drift by night", "lovelace wrote programs"),
        *("x7#kQ!9w$z", "!x?9*&^%$#", "k3n9v0q2m8", "密码本是很长的一句话啊", "quittenmus im advent"),
        *("basketball administrator", "jennifer sails home"),
    ],
)
def test_what_takes_long_to_find_is_not(password: str) -> None:
    assert not is_guessable(password, KNOWN)


def test_short_words_of_a_name_forbid_nothing() -> None:
    assert not is_guessable("bo the bear dances", ("bo@x.org", "Bo Li", "The Sun"))


@given(st.text(max_size=200), st.lists(st.text(max_size=60), max_size=4))
def test_it_has_an_answer_for_every_text(password: str, known: list[str]) -> None:
    assert is_guessable(password, known) in (True, False)
