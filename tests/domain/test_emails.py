import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts import emails
from app.errors import Malformed

SAME = [
    ("ada.lovelace@gmail.com", "AdaLovelace+news@GoogleMail.com"),
    ("ada@outlook.com", "ada+x@outlook.com"),
    ("ada@proton.me", "Ada+x@pm.me"),
    ("ada@icloud.com", "ada@me.com"),
    ("ada@yahoo.co.uk", "ada-shop@yahoo.co.uk"),
    ("ada@bücher.example.com", "ADA@xn--bcher-kva.example.com"),
    ("ada@paper.com", "ＡＤＡ@paper.com"),
]
DIFFERENT = [
    ("ada.lovelace@paper.com", "adalovelace@paper.com"),
    ("ada+x@paper.com", "ada@paper.com"),
    ("a.da@outlook.com", "ada@outlook.com"),
    ("ada-x@gmail.com", "ada@gmail.com"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_mailbox_are_one(one: str, other: str) -> None:
    assert emails.canonical(one) == emails.canonical(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_may_be_two_mailboxes_stays_two(one: str, other: str) -> None:
    assert emails.canonical(one) != emails.canonical(other)


# of bans only: what surely is one mailbox, and what may be one person's
BARRED = [
    *SAME,
    ("sam@hotmail.co.uk", "sam+2@hotmail.co.uk"),
    ("sam@live.fr", "Sam+2@live.fr"),
    ("sam@outlook.de", "sam+x@outlook.de"),
    ("sam@yandex.ru", "sam@ya.ru"),
    ("sam.m@yandex.com", "sam-m+2@yandex.kz"),
    ("sam@narod.ru", "sam@yandex.ru"),
    ("sam.m_lee@proton.me", "Sam-MLee+x@protonmail.com"),
    ("sam@fastmail.com", "anything@sam.fastmail.com"),
    ("sam+x@fastmail.fm", "shops@news.sam.fastmail.fm"),
]
DOUBTFUL = [
    ("ada+x@paper.com", "ada@paper.com"),
    ("sam@hotmail.co.uk", "sam@hotmail.com"),
    ("sam@outlook.com", "sam+2@live.fr"),
    ("sam@yahoo.fr", "sam@ymail.com"),
    ("sam@gmx.de", "sam+2@gmx.net"),
    ("sam@tuta.com", "sam@tutanota.de"),
    ("sam@aol.com", "sam@aim.com"),
    ("sam@zoho.com", "sam+2@zohomail.eu"),
    ("sam@fastmail.com", "anything@sam.fastmail.fm"),
]
APART = [
    ("ada.lovelace@paper.com", "adalovelace@paper.com"),
    ("sam@gmail.com", "sam@yahoo.com"),
    ("sam@hotmail.com", "sam@hotmail.paper.com"),
    ("sam@gmx.de", "sam@gmx.paper.com"),
    ("sam@sam.proton.me.paper.com", "s.am@sam.proton.me.paper.com"),
    ("sam@notfastmail.com", "any@sam.notfastmail.com"),
    ("sam@ann.fastmail.com", "sam@kim.fastmail.com"),
]


@pytest.mark.parametrize(("one", "other"), BARRED)
def test_a_ban_reaches_every_spelling_of_its_mailbox(one: str, other: str) -> None:
    assert emails.mailbox(one) == emails.mailbox(other)
    assert emails.alike(one) == emails.alike(other)


@pytest.mark.parametrize(("one", "other"), DOUBTFUL)
def test_what_may_be_one_persons_is_alike_and_no_more(one: str, other: str) -> None:
    assert emails.mailbox(one) != emails.mailbox(other)
    assert emails.alike(one) == emails.alike(other)


@pytest.mark.parametrize(("one", "other"), APART)
def test_what_is_two_peoples_is_not_even_alike(one: str, other: str) -> None:
    assert emails.alike(one) != emails.alike(other)


@pytest.mark.parametrize(
    "text", ["", "ada", "ada@", "@paper.com", "a b@paper.com", "ada@paper", "ada@paper.com\nBcc: x@y.com",
             "ada@pa\x00per.com", "a" * 250 + "@paper.com", "ada@\u202epaper.com"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(Malformed) as refusal:
        emails.check(text)
    assert refusal.value.code == "email_malformed"


@given(st.text(max_size=80), st.text(max_size=40))
def test_any_text_is_an_address_or_is_refused(local: str, domain: str) -> None:
    try:
        checked = emails.check(f"{local}@{domain}.com")
    except Malformed:
        return
    assert emails.canonical(checked) == emails.canonical(emails.canonical(checked))
    assert emails.mailbox(checked) == emails.mailbox(emails.canonical(checked))
    assert emails.check(checked) == checked
