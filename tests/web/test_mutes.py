"""Muting a reader, for oneself."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.accounts import erasure, mutes
from app.db import Database
from app.errors import Conflict
from app.models import Account, Comment, Mute, Site
from tests.support import factories
from tests.support.callers import Headers, OpenBrowser
from tests.support.moderating import rows

Bearer = Callable[[Account], Headers]


@pytest.fixture
def ada(database: Database, site: Site) -> Account:
    with database.transaction() as session:
        return factories.account(session, "Ada")


@pytest.fixture
def comment(database: Database, site: Site) -> Comment:
    """By Bob."""
    with database.transaction() as session:
        return factories.comment(session, factories.story(session, site, "tide"), factories.account(session, "Bob"))


def path(account_id: int) -> str:
    return f"/api/v1/accounts/{account_id}/mute"


def muted(client: FlaskClient, headers: Headers) -> list[str]:
    found: list[str] = client.get("/api/v1/stories/tide/mine", headers=headers).get_json()["mutes"]
    return found


def test_a_reader_mutes_another_and_reads_them_again(
    client: FlaskClient, bearer: Bearer, ada: Account, comment: Comment
) -> None:
    headers = bearer(ada)
    for _ in range(2):
        assert client.put(path(comment.account_id), headers=headers).status_code == 204
    assert muted(client, headers) == [str(comment.account_id)]
    for _ in range(2):
        assert client.delete(path(comment.account_id), headers=headers).status_code == 204
    assert muted(client, headers) == []


def test_nobody_mutes_themselves_or_nobody(
    client: FlaskClient, database: Database, bearer: Bearer, ada: Account, comment: Comment
) -> None:
    assert client.put(path(ada.id), headers=bearer(ada)).get_json()["code"] == "own_account"
    assert client.put(path(77), headers=bearer(ada)).status_code == 404
    assert client.put(path(comment.account_id)).status_code == 401
    with database.transaction() as session:
        erasure.erase(session, comment.account_id)
    assert client.put(path(comment.account_id), headers=bearer(ada)).status_code == 404


def test_there_is_room_for_so_many(database: Database, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutes, "MOST", 2)
    with database.transaction() as session:
        others = [factories.account(session) for _ in range(3)]
        for other in others[:2]:
            mutes.mute(session, ada.id, other.id)
        with pytest.raises(Conflict):
            mutes.mute(session, ada.id, others[2].id)
        mutes.mute(session, ada.id, others[0].id)
        assert [account.id for account in mutes.listed(session, ada.id)] == [other.id for other in others[:2]]


def test_an_erasure_forgets_whom_one_has_muted(database: Database, ada: Account, comment: Comment) -> None:
    with database.transaction() as session:
        mutes.mute(session, ada.id, comment.account_id)
        erasure.erase(session, ada.id)
        assert rows(session, Mute) == []


def test_on_a_page_who_is_muted_is_folded_and_the_account_has_the_list(
    browser: OpenBrowser, ada: Account, comment: Comment
) -> None:
    reader = browser(ada)
    story = f"/stories/{comment.story_id}"
    assert f'action="/readers/{comment.account_id}/mute"' in reader.get(story).text
    reader.post(f"/readers/{comment.account_id}/mute", {"back": story})
    page = reader.get(story).text
    assert '<details class="muted">' in page
    assert "You have muted Bob" in page
    assert "Bob" in reader.get("/account").text
    reader.post(f"/readers/{comment.account_id}/mute", {"undo": "true"})
    assert '<details class="muted">' not in reader.get(story).text
    assert "muted" not in reader.get("/account").text


def test_nobody_else_sees_it(browser: OpenBrowser, client: FlaskClient, ada: Account, comment: Comment) -> None:
    reader = browser(ada)
    reader.post(f"/readers/{comment.account_id}/mute")
    assert '<details class="muted">' not in browser(None).get(f"/stories/{comment.story_id}").text
