"""A link from a letter is good for one use, however many browsers open it at once."""

from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from app.accounts import one_time_tokens
from app.db import Database
from app.models import Account
from app.models.one_time_token import RESET
from config.settings import Settings
from tests.support import factories

AT_ONCE = 8


def test_one_of_many_sets_the_password_and_sessions_end_once(
    app: Flask, database: Database, settings: Settings
) -> None:
    with database.transaction() as session:
        reader = factories.account(session, password=factories.PASSWORD)
        token = one_time_tokens.issue(session, settings, reader.id, RESET)

    def use(number: int) -> int:
        body = {"token": token, "password": f"password number {number}"}
        return app.test_client().post("/api/v1/password-resets/use", json=body).status_code

    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = sorted(threads.map(use, range(AT_ONCE)))
    assert answers == [204] + [422] * (AT_ONCE - 1)
    with database.reading() as session:
        assert session.get_one(Account, reader.id).session_epoch == 1
