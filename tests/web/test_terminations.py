"""Ending a banned reader's subscription: /api/v1/accounts/<id>/terminations, the forms, and the second person."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.db import Database
from app.models import Account, Item, Job, Subscription, Termination
from app.models.role import MODERATOR
from app.models.sanction import BAN
from app.models.termination import APPROVED, PROPOSED, REFUSED
from app.terminations import approval
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.callers import Headers, OpenBrowser

REASON = "Third account, third threat."


@dataclass
class Scene:
    """A reader whom a moderator has banned, what they pay for, and who might end it."""

    client: FlaskClient
    bearer: Callable[[Account], Headers]
    database: Database
    reader: Account
    subscription: Subscription
    first: Account
    second: Account
    others: dict[str, Account]

    @property
    def path(self) -> str:
        return f"/api/v1/accounts/{self.reader.id}/terminations"

    def body(self, **more: str) -> dict[str, str]:
        return {"subscription": self.subscription.id, "method": "now_with_refund", "reason": REASON} | more

    def propose(self, who: Account | None = None, **more: str) -> dict[str, Any]:
        answer = self.client.post(self.path, json=self.body(**more), headers=self.bearer(who or self.first))
        assert answer.status_code == 201, answer.get_json()
        found: dict[str, Any] = answer.get_json()
        return found

    def decide(self, item: str, action: str, who: Account) -> Any:
        return self.client.post(
            f"/api/v1/items/{item}/decisions", json={"action": action, "revision": 1}, headers=self.bearer(who)
        )

    def row(self) -> Termination:
        with self.database.reading() as session:
            (found,) = moderating.rows(session, Termination)
            return found

    def jobs(self) -> int:
        with self.database.reading() as session:
            return len(moderating.rows(session, Job, kind=approval.TERMINATE))


@pytest.fixture
def scene(
    client: FlaskClient,
    bearer: Callable[[Account], Headers],
    database: Database,
    settings: Settings,
    house: HouseRules,
) -> Scene:
    with database.transaction() as session:
        desk = moderating.open_desk(session, settings, house)
        subscription = factories.subscribe(session, desk.author)
        comment = desk.comment()
        item = moderating.report(session, house, comment, factories.account(session))
        desk.decide(item, "ban", "threat")
        banned = factories.account(session)
        factories.sanction(session, banned, BAN, at=factories.site(session))
        others = {
            "a reader": factories.account(session),
            "a subscriber": factories.subscriber(session),
            "a lapsed subscriber": factories.subscriber(session, status="canceled"),
            "the reader": desk.author,
            "a banned reader": banned,
            "a moderator of another site": factories.staff(session, MODERATOR, at=factories.site(session)),
        }
        first, second = factories.staff(session, MODERATOR), factories.staff(session, MODERATOR)
    with database.reading() as session:
        reader = session.get_one(Account, desk.author.id)
    others["the reader"] = reader
    return Scene(client, bearer, database, reader, subscription, first, second, others)


def test_for_everyone_but_its_moderators_there_is_nothing(scene: Scene, browser: OpenBrowser) -> None:
    form = f"/readers/{scene.reader.id}/terminations"
    assert scene.client.get(scene.path).status_code == 404
    assert scene.client.post(scene.path, json=scene.body()).status_code == 404
    assert browser(None).post(form, scene.body()).status_code == 404
    for who, account in scene.others.items():
        headers = scene.bearer(account)
        assert scene.client.get(scene.path, headers=headers).status_code == 404, who
        assert scene.client.post(scene.path, json=scene.body(), headers=headers).status_code == 404, who
        assert browser(account).post(form, scene.body()).status_code == 404, who
    with scene.database.reading() as session:
        assert not moderating.rows(session, Termination)
        assert not moderating.rows(session, Item, kind="payment")


def test_the_second_of_two_people_ends_it(scene: Scene) -> None:
    made = scene.propose()
    assert (made["state"], made["proposed_by"], made["begins_at"]) == (PROPOSED, str(scene.first.id), None)
    refused = scene.decide(made["item_id"], "approve", scene.first)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "own_case")
    assert (scene.row().state, scene.jobs()) == (PROPOSED, 0)
    assert scene.decide(made["item_id"], "approve", scene.second).status_code == 201
    assert (scene.row().state, scene.row().judged_by, scene.jobs()) == (APPROVED, scene.second.id, 1)
    (seen,) = scene.client.get(scene.path, headers=scene.bearer(scene.first)).get_json()["terminations"]
    assert seen["begins_at"] > seen["created_at"]


def test_nobody_else_decides_on_it(scene: Scene) -> None:
    made = scene.propose()
    for who, account in scene.others.items():
        assert scene.decide(made["item_id"], "approve", account).status_code == 404, who
    assert scene.row().state == PROPOSED


def test_what_is_refused_is_over_and_can_be_proposed_again(scene: Scene) -> None:
    made = scene.propose()
    answer = scene.decide(made["item_id"], "refuse", scene.second)
    assert answer.status_code == 201
    assert (scene.row().state, scene.jobs()) == (REFUSED, 0)
    undo = f"/api/v1/decisions/{answer.get_json()['id']}/undo"
    undone = scene.client.post(undo, json={"reason": "After all."}, headers=scene.bearer(scene.second))
    assert (undone.status_code, undone.get_json()["code"]) == (409, "not_undoable")
    assert scene.propose(scene.second)["state"] == PROPOSED


@pytest.mark.parametrize("action", ["dismiss", "ban", "remove", "confirm", "allow"])
def test_nothing_else_can_be_decided_about_it(scene: Scene, action: str) -> None:
    made = scene.propose()
    assert scene.decide(made["item_id"], action, scene.second).status_code == 422
    assert scene.row().state == PROPOSED


def test_an_approval_is_undone_until_it_begins_and_then_no_more(scene: Scene, browser: OpenBrowser) -> None:
    made = scene.propose()
    approved = scene.decide(made["item_id"], "approve", scene.second).get_json()
    undo = f"/api/v1/decisions/{approved['id']}/undo"
    assert scene.client.post(undo, json={"reason": "Wait."}, headers=scene.bearer(scene.second)).status_code == 201
    assert scene.row().state == PROPOSED
    with scene.database.transaction() as session:
        (again,) = moderating.rows(session, Item, kind="payment", state="open")
        assert str(again.id) != made["item_id"]
    approved = scene.decide(str(again.id), "approve", scene.second).get_json()
    assert f"/decisions/{approved['id']}/undo" in browser(scene.second).get(f"/readers/{scene.reader.id}").text
    with scene.database.transaction() as session:
        (row,) = moderating.rows(session, Termination)
        row.begun_at = row.judged_at
    undo = f"/api/v1/decisions/{approved['id']}/undo"
    assert undo.removeprefix("/api/v1") not in browser(scene.second).get(f"/readers/{scene.reader.id}").text
    answer = scene.client.post(undo, json={"reason": "Wait!"}, headers=scene.bearer(scene.second))
    assert (answer.status_code, answer.get_json()["code"]) == (409, "already_begun")
    assert scene.row().state == APPROVED


def test_after_the_ban_was_lifted_it_can_only_be_refused(scene: Scene) -> None:
    made = scene.propose()
    lift = f"/api/v1/accounts/{scene.reader.id}/lift"
    lifted = scene.client.post(lift, json={"reason": "They apologised."}, headers=scene.bearer(scene.first))
    assert lifted.status_code == 201
    answer = scene.decide(made["item_id"], "approve", scene.second)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "no_ban")
    assert scene.decide(made["item_id"], "refuse", scene.second).status_code == 201
    assert (scene.row().state, scene.jobs()) == (REFUSED, 0)


def test_the_item_tells_the_second_person_who_why_and_how(scene: Scene, browser: OpenBrowser) -> None:
    made = scene.propose(method="at_period_end")
    detail = scene.client.get(f"/api/v1/items/{made['item_id']}", headers=scene.bearer(scene.second)).get_json()
    assert (detail["termination"]["method"], detail["termination"]["reason"]) == ("at_period_end", REASON)
    page = browser(scene.second).get(f"/queue/{made['item_id']}").text
    assert all(part in page for part in (scene.first.name, REASON, "does not renew", "Approve", "Refuse"))
    assert 'value="approve"' not in browser(scene.first).get(f"/queue/{made['item_id']}").text


def test_a_moderator_decides_on_its_page(scene: Scene, browser: OpenBrowser) -> None:
    made = scene.propose()
    answer = browser(scene.second).post(f"/queue/{made['item_id']}", {"revision": "1", "action": "approve"})
    assert answer.status_code == 303
    assert scene.row().state == APPROVED


def test_a_readers_record_says_that_the_subscription_stays_and_offers_to_propose(
    scene: Scene, browser: OpenBrowser
) -> None:
    record = f"/readers/{scene.reader.id}"
    page = browser(scene.first).get(record).text
    assert "The subscription stays; reading remains." in page
    answer = browser(scene.first).post(f"{record}/terminations", scene.body(method="at_period_end"))
    assert answer.status_code == 303
    assert scene.row().method == "at_period_end"
    page = browser(scene.second).get(record).text
    assert REASON in page
    assert "waits for another moderator" in page
    assert 'value="at_period_end"' not in page
    assert REASON not in browser(scene.others["a moderator of another site"]).get(record).text


def test_a_reader_who_is_not_banned_for_good_has_no_such_section(scene: Scene, browser: OpenBrowser) -> None:
    page = browser(scene.first).get(f"/readers/{scene.others['a subscriber'].id}").text
    assert "The subscription stays" not in page


def test_readers_find_it_in_what_we_hold_on_them_without_who_and_why(scene: Scene) -> None:
    scene.propose()
    held = scene.client.get("/api/v1/me/data", headers=scene.bearer(scene.reader))
    (row,) = held.get_json()["terminations"]
    assert (row["subscription_id"], row["method"]) == (scene.subscription.id, "now_with_refund")
    assert REASON not in held.text
    assert str(scene.first.id) not in held.text
