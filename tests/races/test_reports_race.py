"""Sixteen readers report a comment while a moderator decides on it: all counts equal a recount, and nobody errs."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.identity import Identity
from app.db import Database
from app.models import Account, Comment, Decision, Item, Report
from app.models.item import OPEN
from app.models.report import DISMISSED, UPHELD, WAITING
from app.models.role import MODERATOR
from app.payers import mailboxes
from app.review_queue.items import Cause, Subject, open_item
from app.sign_in import bearer_tokens
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories

READERS = 16


class Race:
    """Everybody waits at one gate; each then acts through the API, in a thread of their own."""

    def __init__(self, app: Flask, settings: Settings, database: Database, house: HouseRules) -> None:
        self.app, self.settings, self.database = app, settings, database
        self.gate = threading.Barrier(READERS + 1)
        with database.transaction() as session:
            story = factories.story(session, factories.site(session))
            self.comment = factories.comment(session, story, factories.account(session))
            self.readers = [factories.account(session) for _ in range(READERS)]
            self.selves = [_of_one_mailbox(session, settings, house, number) for number in range(READERS)]
            self.bearer = factories.account(session)
            self.moderator = factories.staff(session, MODERATOR)
            subject = Subject.of_comment(self.comment)
            self.item_id = open_item(session, "comment", subject, Cause("hold", weight=1.0), house.at({}))

    def report(self, reader: Account) -> int:
        self.gate.wait()
        path = f"/api/v1/comments/{self.comment.id}/report"
        client = self.app.test_client()
        return client.put(path, json={"rule": "respect"}, headers=self._headers(reader)).status_code

    def report_name(self, reporter: Account) -> int:
        self.gate.wait()
        path = f"/api/v1/accounts/{self.bearer.id}/report"
        return self.app.test_client().put(path, json={"rule": "respect"}, headers=self._headers(reporter)).status_code

    def decide(self, action: str) -> int:
        """Decide on what is shown, and look again whenever it was stale; how often it was."""
        self.gate.wait()
        client, path, stale = self.app.test_client(), f"/api/v1/items/{self.item_id}", 0
        headers = self._headers(self.moderator)
        while True:
            body = {
                "revision": client.get(path, headers=headers).get_json()["revision"],
                "action": action,
                "rule": "respect" if action == "remove" else None,
                "reason": "It is what it is.",
            }
            answer = client.post(f"{path}/decisions", json=body, headers=headers)
            if answer.status_code == 201:
                return stale
            assert answer.get_json()["code"] == "stale", answer.get_json()
            stale += 1

    def _headers(self, account: Account) -> dict[str, str]:
        return {"Authorization": f"Bearer {bearer_tokens.issue(self.settings, Identity(account.id))}"}


def _of_one_mailbox(session: Session, settings: Settings, house: HouseRules, number: int) -> Account:
    account = factories.account(session, email=f"kim+{number}@ya.ru", settings=settings, verified=False)
    mailboxes.prove(session, settings, house, account)
    return account


def test_one_person_reports_a_name_once_from_however_many_accounts(
    app: Flask, settings: Settings, database: Database, house: HouseRules
) -> None:
    race = Race(app, settings, database, house)
    with ThreadPoolExecutor(READERS + 1) as pool:
        ready = pool.submit(race.gate.wait)
        answers = list(pool.map(race.report_name, race.selves))
        ready.result()
    assert answers == [204] * READERS
    with database.reading() as session:
        assert session.scalar(select(func.count(Report.id))) == 1


@pytest.mark.parametrize("action", ["approve", "remove"])
def test_counts_equal_a_recount(
    app: Flask, settings: Settings, database: Database, house: HouseRules, action: str
) -> None:
    race = Race(app, settings, database, house)
    with ThreadPoolExecutor(READERS + 1) as pool:
        deciding = pool.submit(race.decide, action)
        answers = list(pool.map(race.report, race.readers))
        deciding.result()
    accepted = answers.count(204)
    with database.reading() as session:
        comment = session.get_one(Comment, race.comment.id)
        items = session.scalars(select(Item)).all()
        counted = dict(session.execute(select(Report.item_id, func.count()).group_by(Report.item_id)).all())
        outcomes = dict(session.execute(select(Report.item_id, Report.outcome).distinct()).all())
        assert session.scalar(select(func.count(Decision.id))) == 1
    assert comment.report_count == sum(counted.values()) == accepted
    assert {item.id: item.report_count for item in items if item.report_count} == counted
    settled = DISMISSED if action == "approve" else UPHELD
    assert outcomes == {item.id: WAITING if item.state == OPEN else settled for item in items if item.report_count}
    if action == "approve":
        assert accepted == READERS
    else:
        assert answers.count(404) == READERS - accepted
        assert [item.state for item in items] == ["closed"]
