"""What an account tries and may not do is counted as well, before any work for it is done."""

import pytest
from flask.testing import FlaskClient

from app.db import Database
from app.models.sanction import BAN
from app.web.limits import ATTEMPTS_PER_COMMENT
from config.policy import HouseRules
from tests.support import factories
from tests.support.callers import OpenBrowser
from tests.support.posting import Bearer, Scene, open_scene, says
from tests.support.sql import counted

pytestmark = pytest.mark.usefixtures("no_window_ends")

NUDGED = "[insult=0.6] A thought about this crane."


@pytest.fixture
def scene(client: FlaskClient, bearer: Bearer, database: Database) -> Scene:
    return open_scene(client, bearer, database)


@pytest.fixture
def most(house: HouseRules) -> int:
    return ATTEMPTS_PER_COMMENT * house.at({}).limits.posts_per_minute


def test_a_reader_who_is_nudged_at_and_confirms_reaches_the_pace_of_comments_and_no_other(
    scene: Scene, house: HouseRules
) -> None:
    for number in range(house.at({}).limits.posts_per_minute):
        assert says(scene.post(f"{NUDGED} {number}")) == (409, "nudge")
        said = scene.post(f"{NUDGED} {number}", confirm=True)
        assert said.status_code == 201
        edited = {"text": f"{NUDGED} {number}, as I said.", "confirm": True}
        path, headers = f"/api/v1/comments/{said.get_json()['id']}", scene.bearer(scene.reader)
        assert scene.client.patch(path, json=edited | {"confirm": False}, headers=headers).status_code == 409
        assert scene.client.patch(path, json=edited, headers=headers).status_code == 200


def test_who_is_nudged_at_again_and_again_is_told_to_wait(scene: Scene, most: int) -> None:
    assert {says(scene.post(NUDGED)) for _ in range(most)} == {(409, "nudge")}
    answer = scene.post(NUDGED)
    assert says(answer) == (429, "too_many")
    assert 0 < int(answer.headers["Retry-After"]) <= 121


def test_who_is_refused_again_and_again_costs_no_more_than_being_known(scene: Scene, most: int) -> None:
    banned = scene.subscriber()
    with scene.database.transaction() as session:
        factories.sanction(session, banned, BAN, at=scene.site)
    assert {says(scene.post(by=banned)) for _ in range(most)} == {(403, "banned")}
    with counted(scene.database) as statements:
        assert says(scene.post(by=banned)) == (429, "too_many")
    assert len(statements) == 1
    assert scene.post().status_code == 201  # nobody else waits for it


def test_posts_edits_and_forms_are_counted_together(scene: Scene, most: int, browser: OpenBrowser) -> None:
    form, by_form = browser(scene.reader), f"/stories/{scene.story.id}/comments"
    path, headers = f"/api/v1/comments/{scene.comment().id}", scene.bearer(scene.reader)
    for _ in range(most // 2):
        assert scene.client.patch(path, json={"text": "Mine now."}, headers=headers).status_code == 403
        assert form.post(by_form, {"text": NUDGED}).status_code == 409
    assert says(scene.post()) == (429, "too_many")
    refused = form.post(by_form, {"text": NUDGED})
    assert (refused.status_code, refused.headers["Retry-After"] > "0") == (429, True)
    assert NUDGED in refused.text


def test_names_are_tried_so_often_and_no_more(scene: Scene, house: HouseRules) -> None:
    ask = {"json": {"name": "The Harbour Gazette"}, "headers": scene.bearer(scene.reader)}
    for _ in range(house.limits.log_ins_per_minute):
        assert scene.client.put("/api/v1/me/name", **ask).status_code == 422
    assert says(scene.client.put("/api/v1/me/name", **ask)) == (429, "too_many")


def test_respect_is_given_and_taken_back_so_often_and_no_more(scene: Scene, house: HouseRules) -> None:
    path, headers = f"/api/v1/comments/{scene.comment().id}/respect", scene.bearer(scene.reader)
    for _ in range(house.at({}).limits.reactions_per_minute):
        assert scene.client.put(path, headers=headers).status_code == 200
        assert scene.client.delete(path, headers=headers).status_code == 200
    assert says(scene.client.put(path, headers=headers)) == (429, "too_many")


def test_an_account_tries_cards_so_often_from_wherever_it_calls(scene: Scene, house: HouseRules) -> None:
    def tried(number: int) -> int:
        return scene.client.post(
            "/api/v1/payments/check",
            json={"confirmation_token": "none"},
            headers=scene.bearer(scene.reader),
            environ_base={"REMOTE_ADDR": f"203.0.113.{number}"},
        ).status_code

    most = house.limits.log_ins_per_minute
    assert [tried(number) for number in range(most + 1)] == [404] * most + [429]
