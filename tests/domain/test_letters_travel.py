"""A letter arrives through a mail server that knows ASCII alone, whatever alphabet a domain is written in."""

import dataclasses

import pytest

from app.accounts import emails
from app.errors import Malformed
from app.mail import senders
from app.mail.sentences import Message
from config.settings import Settings
from tests.support.plain_relay import plain_relay

HERE = Settings(database_url="sqlite://", secret_key="s" * 40, digest_key="d" * 40, mail="smtp")
GREETING = Message(7, "Grüße", "Ein Gruß: https://a.example/", f"https://a.example/unsubscribe?token={'x' * 80}")


@pytest.mark.parametrize("typed", ["ada@bücher.example.com", "ada@xn--bcher-kva.example.com", "ADA@BÜCHER.example.com"])
@pytest.mark.parametrize(
    ("mail_from", "name"),
    [
        ("comments@bücher.example", ""),
        ('"Comments, Harbour" <comments@xn--bcher-kva.example>', "Comments, Harbour"),
        ("Bücher & Häfen <comments@bücher.example>", "Bücher & Häfen"),
    ],
)
def test_domains_travel_in_ascii(typed: str, mail_from: str, name: str) -> None:
    with plain_relay() as relay:
        settings = dataclasses.replace(HERE, mail_from=mail_from, smtp_url=relay.url)
        senders.connect(settings).send(emails.reachable(typed), GREETING)
    assert [(sender, to.lower()) for sender, to in relay.envelopes] == [
        ("comments@xn--bcher-kva.example", "ada@xn--bcher-kva.example.com")
    ]
    (letter,) = relay.letters
    (sender,) = letter["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (name, "comments@xn--bcher-kva.example")
    assert letter["Subject"] == "Grüße"
    assert letter["Message-ID"] == "<7@xn--bcher-kva.example>"
    assert letter.get_content().splitlines() == ["Ein Gruß: https://a.example/"]
    # as mail programs read them, which decode nothing there (RFC 8058)
    (text,) = relay.texts
    assert f"\r\nList-Unsubscribe: <{GREETING.unsubscribe}>\r\n".encode() in text
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in text


@pytest.mark.parametrize("typed", ["jörg@example.com", "ада@example.com", "ａｄａ@example.com"])
def test_an_address_that_no_letter_would_reach_is_refused_with_what_to_do(typed: str) -> None:
    with pytest.raises(Malformed) as refusal:
        emails.reachable(typed)
    assert (refusal.value.code, refusal.value.field) == ("email_malformed", "email")


def test_one_that_a_relay_cannot_take_is_no_mailbox_rather_than_a_relay_that_is_away() -> None:
    with plain_relay() as relay:
        by_smtp = senders.connect(dataclasses.replace(HERE, smtp_url=relay.url))
        with pytest.raises(senders.NoSuchMailbox):
            by_smtp.send("jörg@example.com", Message(7, "Grüße", "Ein Gruß"))
    assert relay.envelopes == []
