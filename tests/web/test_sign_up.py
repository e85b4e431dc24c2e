"""POST /api/v1/accounts, /accounts/verify, /me/verification, and the pages for the same."""

import re
import secrets
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import func, select

from app import clock, worker
from app.accounts import erasure, sanctions
from app.accounts.lookalikes import skeleton
from app.billing import throttle
from app.db import Database
from app.models import Account, Item, Letter, OneTimeToken, Site
from app.models.letter import ALREADY_REGISTERED, BANNED_SIGN_UP, VERIFY
from app.models.sanction import BAN
from config import policy as policies
from config.policy import BadPolicy, HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.applications import application
from tests.support.assembled import assembled
from tests.support.callers import Bearer, OpenBrowser
from tests.support.repository import REPOSITORY
from tests.support.scorers import Silent

BODY = {"email": "ada@example.org", "name": "Ada Lovelace", "password": "a long password"}


def work(settings: Settings, house: HouseRules, database: Database) -> None:
    """Have every letter written and sent."""
    worker.runner(throttle.throttled(assembled(settings, house, database))).run_all()


def letters(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Letter.kind).order_by(Letter.id)))


def accounts(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Account)) or 0


def secret_of_last_letter(settings: Settings, house: HouseRules, database: Database) -> str:
    work(settings, house, database)
    last = sorted((settings.var / "letters").glob("*.eml"))[-1].read_text()
    found = re.search(r"token=(\S+)", last)
    assert found
    return found[1]


def test_only_whoever_is_signed_in_has_the_letter_sent_again(client: FlaskClient) -> None:
    assert client.post("/api/v1/me/verification").status_code == 401


def test_a_sign_up_makes_an_account_that_its_letter_confirms(
    client: FlaskClient, settings: Settings, house: HouseRules, database: Database
) -> None:
    assert client.post("/api/v1/accounts", json=BODY).get_json() == {"state": "letter_sent"}
    secret = secret_of_last_letter(settings, house, database)
    proof = {"token": secret, "password": BODY["password"]}
    assert client.post("/api/v1/accounts/verify", json=proof).status_code == 204
    with database.reading() as session:
        account = session.scalars(select(Account)).one()
        assert account.verified_at is not None
        assert (account.name, account.name_skeleton) == (BODY["name"], skeleton(BODY["name"]))
        assert account.rules_version is None


def test_a_token_that_has_expired_confirms_nothing(
    client: FlaskClient, settings: Settings, house: HouseRules, database: Database
) -> None:
    client.post("/api/v1/accounts", json=BODY)
    secret = secret_of_last_letter(settings, house, database)
    with database.transaction() as session:
        token = session.scalars(select(OneTimeToken)).one()
        token.expires_at = token.created_at
    proof = {"token": secret, "password": BODY["password"]}
    assert client.post("/api/v1/accounts/verify", json=proof).status_code == 422


def test_a_known_mailbox_gets_the_same_answer_and_another_letter(
    client: FlaskClient, settings: Settings, house: HouseRules, database: Database
) -> None:
    with database.transaction() as session:
        factories.account(session, email=BODY["email"], settings=settings)
    first = client.post("/api/v1/accounts", json={**BODY, "email": "other@example.org"})
    second = client.post("/api/v1/accounts", json={**BODY, "email": "ADA@Example.org", "name": "Somebody Else"})
    assert (second.status_code, second.get_json()) == (first.status_code, first.get_json())
    work(settings, house, database)
    assert accounts(database) == 2
    assert letters(database) == [VERIFY, ALREADY_REGISTERED]


def test_whoever_has_not_confirmed_and_signs_up_again_gets_the_letter_again_three_times_a_day(
    client: FlaskClient, settings: Settings, house: HouseRules, database: Database
) -> None:
    with time_machine.travel(clock.now(), tick=False) as moment:
        for _ in range(5):
            client.post("/api/v1/accounts", json=BODY)
            work(settings, house, database)
            moment.shift(timedelta(minutes=3))
        assert letters(database) == [VERIFY] * 3
        moment.shift(timedelta(days=1))
        client.post("/api/v1/accounts", json=BODY)
        work(settings, house, database)
        assert letters(database) == [VERIFY] * 4


@pytest.mark.parametrize("known", [True, False])
def test_a_readers_name_is_refused_whether_or_not_the_mailbox_is_known(
    client: FlaskClient, database: Database, known: bool
) -> None:
    with database.transaction() as session:
        factories.account(session, BODY["name"])
    client.post("/api/v1/accounts", json={**BODY, "name": "Somebody Else"})
    email = BODY["email"] if known else "other@example.org"
    answer = client.post("/api/v1/accounts", json={**BODY, "email": email, "name": "Adа Lоvelace"})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "name_taken")


SPELLINGS = [
    "mallory.m@gmail.com",
    "MalloryM@gmail.com",
    "mallory.m+again@gmail.com",
    "m.a.l.l.o.r.y.m@googlemail.com",
    "mallorym@GoogleMail.com",
]


@pytest.mark.parametrize("erased", [False, True], ids=["with the account", "after erasing it"])
def test_a_banned_mailbox_gets_no_account_in_any_spelling(
    client: FlaskClient, settings: Settings, house: HouseRules, database: Database, erased: bool
) -> None:
    with database.transaction() as session:
        site = factories.site(session)
        reader = factories.account(session, email="mallory.m@gmail.com", settings=settings)
        decision = factories.sanction(session, reader, "warning", at=site, acknowledged=True).decision_id
        sanctions.impose(session, reader, BAN, "moderator", decision)
        if erased:
            erasure.erase(session, reader.id)
    for number, spelling in enumerate(SPELLINGS):
        body = {"email": spelling, "name": f"Mallory {number}", "password": "a long password"}
        answer = client.post("/api/v1/accounts", json=body)
        assert (answer.status_code, answer.get_json()) == (202, {"state": "letter_sent"})
    work(settings, house, database)
    assert accounts(database) == 1
    assert letters(database) == [BANNED_SIGN_UP]


def test_a_lifted_ban_lets_the_mailbox_in_again(client: FlaskClient, settings: Settings, database: Database) -> None:
    with database.transaction() as session:
        site = factories.site(session)
        reader = factories.account(session, email="mallory@example.org", settings=settings)
        decision = factories.sanction(session, reader, "warning", at=site, acknowledged=True).decision_id
        ban = sanctions.impose(session, reader, BAN, "moderator", decision)
        erasure.erase(session, reader.id)
        sanctions.lift(session, ban, decision)
    body = {**BODY, "email": "mallory@example.org"}
    assert client.post("/api/v1/accounts", json=body).status_code == 202
    assert letters(database) == [VERIFY]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"email": "no address"}, "email_malformed"),
        ({"name": "Moderator"}, "name_reserved"),
        ({"name": "The Harbour Gazette"}, "name_reserved"),
        ({"name": "Ada\u200bLovelace"}, "name_characters"),
        ({"name": "[insult=0.99]"}, "name_unsuitable"),
        ({"password": "short"}, "password_length"),
        ({"password": "x" * 201}, "password_length"),
        ({"rules_version": "1999-01"}, "rules_outdated"),
        ({"role": "administrator"}, "malformed"),
        ({"name": 7}, "malformed"),
    ],
)
def test_what_cannot_be_is_422_with_its_reason(
    client: FlaskClient, database: Database, change: dict[str, object], code: str
) -> None:
    answer = client.post("/api/v1/accounts", json=BODY | change)
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)
    assert accounts(database) == 0


@hypothesis(max_examples=25)
@given(email=st.text(max_size=60) | st.emails(), name=st.text(max_size=50))
def test_no_address_and_no_name_breaks_it(client: FlaskClient, email: str, name: str) -> None:
    body = {"email": email, "name": name, "password": "a long password"}
    address = {"REMOTE_ADDR": f"10.0.{secrets.randbelow(256)}.{secrets.randbelow(256)}"}
    answer = client.post("/api/v1/accounts", json=body, environ_overrides=address)
    assert answer.status_code in (202, 409, 422)


def test_a_name_that_no_scorer_has_seen_is_taken_and_goes_to_the_moderators(
    client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.support.scorers.Marked.score", Silent.score)
    with database.transaction() as session:
        factories.site(session)
    assert client.post("/api/v1/accounts", json=BODY).status_code == 202
    with database.reading() as session:
        assert session.scalars(select(Item.reasons)).one() == ["unscored"]


@pytest.mark.usefixtures("no_window_ends")
def test_an_address_signs_up_twenty_times_an_hour_at_most(client: FlaskClient) -> None:
    answers = [client.post("/api/v1/accounts", json={**BODY, "name": "x"}).status_code for _time in range(21)]
    assert (answers[19], answers[20]) == (422, 429)


def test_a_browser_does_the_same_and_keeps_what_was_typed_when_it_is_refused(
    browser: OpenBrowser, settings: Settings, house: HouseRules, database: Database
) -> None:
    anonymous = browser(None)
    form = {**BODY, "rules_version": factories.RULES_VERSION}
    refused = anonymous.post("/sign-up", {**form, "name": "Moderator"})
    assert refused.status_code == 422
    assert 'value="ada@example.org"' in refused.text
    assert "a long password" not in refused.text
    unread = anonymous.post("/sign-up", dict(BODY))
    assert unread.status_code == 422
    assert anonymous.post("/sign-up", form).location == "/sign-up/sent"
    secret = secret_of_last_letter(settings, house, database)
    assert anonymous.get(f"/verify?token={secret}").status_code == 200
    assert anonymous.post("/verify", {"token": secret, "password": BODY["password"]}).location == "/account"
    assert anonymous.get("/account").status_code == 200
    with database.reading() as session:
        account = session.scalars(select(Account)).one()
        assert account.verified_at is not None
        assert account.rules_version == factories.RULES_VERSION


def test_a_form_without_its_token_is_forged(client: FlaskClient) -> None:
    answer = client.post("/sign-up", data=BODY)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "csrf")


def test_the_letter_is_sent_again_to_whoever_needs_it(client: FlaskClient, database: Database, bearer: Bearer) -> None:
    with database.transaction() as session:
        waiting, done = factories.account(session, verified=False), factories.account(session)
    for reader in (waiting, waiting, done):
        assert client.post("/api/v1/me/verification", headers=bearer(reader)).status_code == 202
    assert letters(database) == [VERIFY]


def test_who_signs_up_says_how_old_they_are_as_the_house_asks(
    settings: Settings, house: HouseRules, database: Database, site: Site
) -> None:
    policy = (REPOSITORY / "config" / "policy.toml").read_text()
    assert "\nminimum_age = 16\n" in policy
    asked = {16: "I am at least 16 years old", 18: "I am at least 18 years old", 0: "I have read the house rules"}
    for age, said in asked.items():
        path = settings.var / f"{age}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(policy.replace("minimum_age = 16", f"minimum_age = {age}"))
        app = application(assembled(settings, policies.load(path), database), f"of age {age}")
        assert said in app.test_client().get("/sign-up").text
        assert (f"at least {age} years old" in app.test_client().get("/rules").text) == bool(age)


@pytest.mark.parametrize("age", ["-1", "22", '"16"'])
def test_a_house_asks_for_an_age_that_readers_have(tmp_path: Path, age: str) -> None:
    path = tmp_path / "policy.toml"
    policy = (REPOSITORY / "config" / "policy.toml").read_text()
    path.write_text(policy.replace("minimum_age = 16", f"minimum_age = {age}"))
    with pytest.raises(BadPolicy, match="minimum_age"):
        policies.load(path)
