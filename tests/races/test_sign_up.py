"""Twenty people sign up at once: with one mailbox in many spellings, or with names that look alike."""

import re

from flask import Flask
from sqlalchemy import func, select

from app import worker
from app.accounts import one_time_tokens
from app.accounts.identity import Identity
from app.billing import throttle
from app.db import Database
from app.models import Account, Letter, Login
from app.models.letter import VERIFY
from app.models.one_time_token import VERIFY as FOR_VERIFYING
from app.sign_in import bearer_tokens
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.assembled import assembled
from tests.support.factories import PASSWORD
from tests.support.together import at_once

AT_ONCE = 20


def test_one_mailbox_in_twenty_spellings_becomes_one_account(
    app: Flask, database: Database, settings: Settings, house: HouseRules
) -> None:
    def sign_up(number: int) -> int:
        body = {"email": f"ada+{number}@gmail.com", "name": f"Ada {number}", "password": "a long password"}
        return app.test_client().post("/api/v1/accounts", json=body).status_code

    assert at_once(sign_up, AT_ONCE) == [202] * AT_ONCE
    worker.runner(throttle.throttled(assembled(settings, house, database))).run_all()
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 1
        assert session.scalar(select(func.count()).select_from(Login)) == 1
        assert session.scalars(select(Letter.kind)).all() == [VERIFY]


def test_one_name_in_lookalikes_is_borne_by_one_of_those_who_confirm_it_at_once(
    app: Flask, database: Database, settings: Settings
) -> None:
    names = ["Mary Ann", "Rnary Ann", "MARY ANN", "Mаry Ann", "Mary-Ann"]

    def sign_up(number: int) -> int:
        body = {"email": f"m{number}@example.org", "name": names[number % 5], "password": PASSWORD}
        return app.test_client().post("/api/v1/accounts", json=body).status_code

    assert at_once(sign_up, AT_ONCE) == [202] * AT_ONCE
    with database.transaction() as session:
        accounts = session.scalars(select(Account.id)).all()
        tokens = [one_time_tokens.issue(session, settings, account_id, FOR_VERIFYING) for account_id in accounts]

    def confirm(number: int) -> int:
        body, address = {"token": tokens[number], "password": PASSWORD}, {"REMOTE_ADDR": f"198.51.100.{number}"}
        return app.test_client().post("/api/v1/accounts/verify", json=body, environ_overrides=address).status_code

    assert at_once(confirm, AT_ONCE) == [204] * AT_ONCE
    with database.reading() as session:
        borne = session.scalars(select(Account.name).where(Account.verified_at.is_not(None))).all()
    neutral = [name for name in borne if re.fullmatch(r"Reader \d{8}", name)]
    assert (len(borne), len(neutral)) == (AT_ONCE, AT_ONCE - 1)


def test_twenty_readers_want_one_name_and_one_has_it(app: Flask, database: Database, settings: Settings) -> None:
    with database.transaction() as session:
        readers = [factories.account(session) for _number in range(AT_ONCE)]
    held = [bearer_tokens.issue(settings, Identity(reader.id)) for reader in readers]

    def rename(number: int) -> int:
        headers = {"Authorization": f"Bearer {held[number]}"}
        return app.test_client().put("/api/v1/me/name", json={"name": "Wanted"}, headers=headers).status_code

    assert sorted(at_once(rename, AT_ONCE)) == [204] + [409] * (AT_ONCE - 1)
    with database.reading() as session:
        assert session.scalar(select(func.count()).where(Account.name == "Wanted")) == 1
