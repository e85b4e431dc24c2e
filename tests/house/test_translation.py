"""A translation changes what readers see: the messages are extracted, put into brackets, and looked for."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import write_po
from flask import Flask

from app import clock, language
from app.db import Database
from app.mail import sentences
from app.models import Account, Letter, Statement
from app.models.letter import STATEMENT, SUBSCRIPTION_ENDS, SUBSCRIPTION_REFUNDED
from app.models.role import MODERATOR
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.callers import Bearer, OpenBrowser
from tests.support.sight import seen

# its sentences are ours in brackets; its dates, spans, money and numbers are German
PSEUDO = "de"
AT = datetime(2026, 3, 9, 18, 5, tzinfo=UTC)


@pytest.fixture
def pseudo(catalogue: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A language in which every message stands in brackets."""
    translated = Catalog(locale=PSEUDO)
    for message in catalogue:
        if message.id:
            translated.add(message.id, _bracketed(message))
    path = tmp_path / PSEUDO / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_po(file, translated)
    monkeypatch.setattr(language, "LOCALE", tmp_path)
    _forget()
    yield PSEUDO
    _forget()


def _forget() -> None:
    language.languages.cache_clear()
    language._catalogue.cache_clear()


def _bracketed(message: Message) -> str | tuple[str, ...]:
    return tuple(f"⟦{form}⟧" for form in message.id) if message.pluralizable else f"⟦{message.id}⟧"


@pytest.fixture
def foreigner(database: Database, settings: Settings, pseudo: str) -> Account:
    with database.transaction() as session:
        account = factories.account(session, "1234", settings=settings)
        account.language = pseudo
        factories.site(session)
        return account


def test_the_catalogue_has_what_templates_and_programs_say(catalogue: Catalog) -> None:
    said = {message.id for message in catalogue if isinstance(message.id, str)}
    assert {"Statement of reasons", "There is nothing here.", sentences.SENTENCES[STATEMENT][0]} <= said
    assert any(message.pluralizable for message in catalogue)


@pytest.mark.parametrize("path", ["/account", "/account/erase", "/subscription", "/statements", "/sign-in", "/nowhere"])
def test_a_page_is_in_the_readers_language_and_in_no_other(browser: OpenBrowser, foreigner: Account, path: str) -> None:
    answer = browser(foreigner).get(path)
    facts = re.compile(rf"Paper-\d+|{foreigner.email}|[\d.]+, [\d:]+(?: UTC)?")
    assert "⟦" in answer.text
    assert [text for text in seen(answer.text) if "⟦" not in text and not facts.fullmatch(text)] == []


def test_a_problem_is_in_the_callers_language(app: Flask, bearer: Bearer, foreigner: Account) -> None:
    answer = app.test_client().put("/api/v1/comments/1/respect", headers=bearer(foreigner))
    assert answer.get_json()["detail"].startswith("⟦")


def test_a_statement_and_its_letter_are_in_their_addressees_language(
    database: Database, settings: Settings, house: HouseRules, foreigner: Account
) -> None:
    with database.transaction() as session:
        story = factories.story(session, factories.site(session))
        author = session.get_one(Account, foreigner.id)
        desk = moderating.Desk(session, settings, house, story, author, moderating.moderator(session))
        with clock.pretend(AT):
            desk.decide(moderating.ask(session, house, desk.comment()), "ban", reason="⟦…⟧")
        (statement,) = moderating.rows(session, Statement)
        (letter,) = moderating.rows(session, Letter)
    assert "9. März 2026" in statement.text
    assert all(paragraph.startswith("⟦") for paragraph in statement.text.split("\n\n"))
    with language.use(letter.language):
        message = sentences.compose(letter, settings, house.name, {"secret": ""})
    assert message.subject.startswith("⟦")
    assert message.text.startswith("⟦")


@pytest.mark.parametrize(
    ("kind", "parameters", "said"),
    [
        (SUBSCRIPTION_ENDS, {"day": "2026-03-09"}, "until 9. März 2026,"),
        (SUBSCRIPTION_REFUNDED, {"amount": "1234.50", "currency": "eur"}, "1.234,50\xa0€, the part"),
    ],
)
def test_a_letter_has_dates_and_money_of_its_language(
    settings: Settings, pseudo: str, kind: str, parameters: dict[str, str], said: str
) -> None:
    letter = Letter(id=1, account_id=1, kind=kind, parameters=parameters)
    with language.use(pseudo):
        assert said in sentences.compose(letter, settings, "The Paper", {"secret": ""}).text


def test_a_page_has_moments_and_numbers_of_its_language(
    browser: OpenBrowser, foreigner: Account, database: Database
) -> None:
    with database.transaction() as session:
        story = factories.story(session, factories.site(session))
        story.comment_count = 1234
        session.get_one(Account, foreigner.id).created_at = AT
    window = browser(foreigner)
    assert "09.03.2026, 18:05" in window.get("/account").text
    assert "⟦1.234 comments⟧" in window.get(f"/stories/{story.id}").text


def test_the_desk_has_spans_of_its_language(
    browser: OpenBrowser, foreigner: Account, database: Database, house: HouseRules
) -> None:
    with database.transaction() as session, clock.pretend(AT):
        site = factories.site(session)
        factories.give_role(session, session.get_one(Account, foreigner.id), MODERATOR)
        comment = factories.comment(session, factories.story(session, site), factories.account(session))
        item = moderating.ask(session, house, comment)
        item.due_at = AT + timedelta(days=4, hours=1)
    # the pretended clock goes on, so neither span may lie just beside a full day
    with clock.pretend(AT + timedelta(days=2, minutes=30)):
        queue = browser(foreigner).get("/queue").text
    assert "vor 2 Tagen" in queue
    assert "⟦due in 2 Tagen⟧" in queue
