"""Who is spoken to in which language (docs/language.md): the one their log-in gave, else the house's, never a guess."""

import json
from email.message import EmailMessage
from typing import Any
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app import worker
from app.billing import throttle
from app.db import Database
from app.mail import letters
from app.models import Account, Letter, Story
from app.models.letter import VERIFY
from app.web.readers.feeds import LANGUAGE
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, sso
from tests.support.assembled import assembled
from tests.support.callers import OpenBrowser
from tests.support.mailbox import letters_sent

PER_MINUTE = 3


@pytest.fixture
def house(house: HouseRules) -> HouseRules:
    """It speaks German."""
    changed = {"house": {"language": "de"}, "limits": {"log_ins_per_minute": PER_MINUTE}}
    return HouseRules(house.at(changed), house.address)


@pytest.fixture
def story(database: Database) -> Story:
    with database.transaction() as session:
        return factories.story(session, factories.site(session, "gazette"), "tide")


def sent(settings: Settings, house: HouseRules, database: Database) -> list[EmailMessage]:
    """The letters, once the worker has done all that is due."""
    worker.runner(throttle.throttled(assembled(settings, house, database))).run_all()
    return letters_sent(settings)


@pytest.mark.parametrize(
    ("own", "spoken", "heading"),
    [(None, "de", "Ihr Konto"), ("en", "en", "Your account"), ("de", "de", "Ihr Konto"), ("tlh", "de", "Ihr Konto")],
)
def test_a_reader_is_spoken_to_in_theirs_where_it_is_one_of_ours(
    browser: OpenBrowser, database: Database, story: Story, own: str | None, spoken: str, heading: str
) -> None:
    with database.transaction() as session:
        reader = factories.account(session)
        reader.language = own
    text = browser(reader).get("/account").text
    assert f'<html lang="{spoken}"' in text
    assert f"<h1>{heading}</h1>" in text


def test_who_signs_up_has_none_of_their_own_and_follows_the_houses(
    browser: OpenBrowser, database: Database, settings: Settings, house: HouseRules, story: Story
) -> None:
    form = {"email": "ada@example.org", "name": "Ada", "password": factories.PASSWORD, "rules_version": "2026-11"}
    answer = browser(None).post("/sign-up", form)
    assert answer.status_code == 303
    (letter,) = sent(settings, house, database)
    with database.reading() as session:
        assert session.scalars(select(Account.language)).one() is None
    assert letter["Subject"] == "Bitte bestätigen Sie Ihre E-Mail-Adresse"
    assert letter.get_content().startswith("Guten Tag,\n\njemand, hoffentlich Sie, hat sich mit dieser Adresse ")


def test_browsers_are_not_asked_so_that_one_body_is_good_for_all(client: FlaskClient, story: Story) -> None:
    for path in ("/", f"/stories/{story.id}", f"/stories/{story.id}/feed.atom", "/embed.js"):
        here, there = (client.get(path, headers={"Accept-Language": tag}) for tag in ("de", "en"))
        assert here.data == there.data
        assert "Accept-Language" not in here.headers.get("Vary", "")


def test_feeds_say_that_they_are_in_the_houses(client: FlaskClient, story: Story) -> None:
    found = ElementTree.fromstring(client.get(f"/stories/{story.id}/feed.atom").data)
    assert found.attrib[LANGUAGE] == "de"
    assert found.findtext("{http://www.w3.org/2005/Atom}title") == "Kommentare zu „Tide“"
    same = json.loads(client.get(f"/stories/{story.id}/feed.json").data)
    assert (same["language"], same["title"]) == ("de", "Kommentare zu „Tide“")


def test_a_refusal_before_it_is_known_who_calls_is_in_the_houses(client: FlaskClient, story: Story) -> None:
    def detail(path: str, **posted: Any) -> str:
        return str(client.post(path, **posted).get_json()["detail"])

    assert detail("/sign-out").startswith("Wir können nicht erkennen, ob dieses Formular von unserer Seite kam")
    assert detail("/api/v1/tokens", data="{") == "Der Inhalt muss ein JSON-Dokument in UTF-8 sein."
    wrong = {"email": "nobody@example.org", "password": "wrong horse battery"}
    told = [detail("/api/v1/tokens", json=wrong) for _ in range(PER_MINUTE + 1)]
    assert told[0].startswith("Diese Adresse und dieses Passwort gehören nicht zusammen")
    assert told[-1].startswith("Das war etwas schnell. Bitte versuchen Sie es in ")


def test_whoever_the_paper_signs_in_hears_it_in_theirs_at_once(
    client: FlaskClient, settings: Settings, story: Story
) -> None:
    said = sso.token(settings, "gazette", name="Ada", locale="en-GB", email="ada@example.org")
    me = sso.exchange(client, said).get_json()["me"]
    assert (me["language"], me["sentence"]) == (
        "en",
        "Please read and accept our rules first.",
    )
    other = sso.exchange(client, sso.token(settings, "gazette", sub="reader-2", name="Bea", locale="fr")).get_json()[
        "me"
    ]
    assert other["language"] == "de"


def test_a_letter_that_waits_goes_by_what_the_house_speaks_when_it_leaves(
    database: Database, settings: Settings, house: HouseRules, story: Story
) -> None:
    with database.transaction() as session:
        own, none = factories.account(session), factories.account(session)
        own.language = "en"
        for account in (own, none):
            letters.write(session, account.id, VERIFY)
        assert {letter.language for letter in session.scalars(select(Letter))} == {"en", None}
    assert {letter["To"]: letter["Subject"] for letter in sent(settings, house, database)} == {
        own.email: "Please confirm your e-mail address",
        none.email: "Bitte bestätigen Sie Ihre E-Mail-Adresse",
    }
