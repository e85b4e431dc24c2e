"""What a disguise hides is scored as what it says; what is no disguise stays as it is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.toxicity.normaliser import shipped
from app.training.disguises import DISGUISES, disguise
from tests.support.endless import stopped_if_endless

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)

DISGUISED = [
    ("leet", "you 1d10t", "you idiot"),
    ("leet, a dollar for an s", "$tupid", "stupid"),
    ("leet, at the end of a sentence", "what a b1tch!", "what a bitch!"),
    ("leet in a word that is not rude", "my 1mport4nt fr1end", "my important friend"),
    ("leet, 1 for l", "s1ut", "slut"),
    ("spaces", "you i d i o t", "you idiot"),
    ("spaces, after an article", "you are a m o r o n", "you are a moron"),
    ("spaces in a word that is not rude", "so i m p o r t a n t  now", "so important now"),
    ("dots", "what an i.d.i.o.t", "what an idiot"),
    ("hyphens", "i-d-i-o-t", "idiot"),
    ("dots in capitals", "F.U.C.K", "FUCK"),
    ("homoglyphs: Cyrillic letters", "іdіоt", "idiot"),
    ("zero-width spaces", "id\u200bi\u200bot", "idiot"),
    ("full-width letters", "ｉｄｉｏｔ", "idiot"),
    ("diacritics", "i\u0301d\u0300i\u0302o\u0308t", "idiot"),
    ("one diacritic", "you ídiot", "you idiot"),
    ("diacritics in a word that is not rude", "i\u0301m\u0300p\u0302o\u0308r\u0301t\u0300a\u0302n\u0308t", "important"),
    ("repeats", "idioooooot", "idiot"),
    ("repeats of a letter that is double", "assssshole", "asshole"),
    ("stars", "you f*ck", "you fuck"),
    ("stars, all but the first", "b****", "bitch"),
    ("stars, vowels", "st*p*d", "stupid"),
    ("other marks for stars", "sh#t", "shit"),
    ("swaps", "you idoit", "you idiot"),
    ("two at once: leet and spaces", "1 d 1 0 t", "idiot"),
    ("two at once: full-width leet", "ｓｈ１ｔ", "shit"),
    ("two at once: leet and repeats", "sh1111t", "shit"),
]

LEFT_ALONE = [
    ("years", "In 1984 and the 1990s, and the 70s"),
    ("prices", "It costs $50, $3.5m, £1,000 or 5k"),
    ("ordinals", "the 1st, 2nd, 3rd, 4th and 21st of May"),
    ("acronyms with dots", "the U.S.A., the U.K. and the U.S.S.R."),
    ("acronyms with digits", "MP3, B2B, G8, H1N1, COVID19, 4K, F15"),
    ("roads", "the A55 and the M4"),
    ("Roman numerals", "Louis XIII and Henry VIII"),
    ("addresses", "see www.example.org or write to jo@example.org"),
    ("mentions", "@jo_1 said so"),
    ("initials", "J. R. R. Tolkien, e.g. at 5 p.m., i.e. late"),
    ("spelled digits", "1 2 3 4 5"),
    ("emphasis", "this is *very* good, **really**"),
    ("sums", "2*3*4 is 24"),
    ("units", "20mins, 5km, 100ft, 3x"),
    ("exclamation", "Stop! Now!! Please!!!"),
    ("Gaelic", "Tha an t-sagart a' dol dhan bhùth; Dùn Èideann, Slàinte mhath! Dè? à Glaschu, a' Ghàidhlig"),
    ("Gaelic without accents", "fuar, sgith, fios, fuil, dubh, donn, ruadh; is e seo an duine aig a bheil an taigh"),
    ("Scots", "Whit's fur ye'll no go by ye; ah cannae thole thon dreich wither, och aye, it's braw the nicht, ken?"),
    ("more Scots", "Haud yer wheesht, ya bampot; the glaikit polis gied him a skelp, a wee bairn fae Glesga wi neeps"),
    ("places", "Penistone, Cockermouth, Muck, Eigg and Twatt in Orkney"),
    ("other languages", "Français, naïve, Müller, señor, smørrebrød"),
    ("ordinary words near rude ones", "The god Ares assesses the class of Scunthorpe"),
]


@pytest.mark.parametrize(("rule", "disguised", "says"), DISGUISED, ids=[row[0] for row in DISGUISED])
def test_a_disguise_comes_off(rule: str, disguised: str, says: str) -> None:
    assert shipped()(disguised) == says


@pytest.mark.parametrize(("rule", "text"), LEFT_ALONE, ids=[row[0] for row in LEFT_ALONE])
def test_what_is_no_disguise_stays_as_it_is(rule: str, text: str) -> None:
    assert shipped()(text) == text


@pytest.mark.parametrize("how", DISGUISES)
def test_each_of_the_ten_disguises_of_a_rude_word_comes_off(how: str) -> None:
    assert "idiot" in shipped()(disguise("what an idiot", how))


@settings(deadline=None)
@given(ANY_TEXT)
def test_any_text_at_all_is_normalised_the_same_way_twice(text: str) -> None:
    assert shipped()(text) == shipped()(text)


@pytest.mark.parametrize(
    "unit", ["a", "a ", "a.", "1a", "a*", "*", "$", "@a", "i d ", "\u0301", "і", "-a-", "é ", "éa"]
)
def test_a_text_is_read_in_one_go(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    with stopped_if_endless():
        assert shipped()(text) == shipped()(text)
