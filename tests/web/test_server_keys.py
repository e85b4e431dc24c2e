"""Server keys: what a newspaper's own systems may do with one, and that it is that and nothing else."""

from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from app import clock
from app.db import Database
from app.models import LedgerEntry, ServerKey, Site, Story
from app.models.server_key import PICKS, STORIES
from app.models.story import CLOSED, STAFF
from app.sign_in import server_keys
from app.web.endpoint import ENDPOINTS, Audience
from config.settings import Settings
from tests.support import factories
from tests.support.callers import Headers
from tests.support.commands import btl
from tests.support.moderating import rows

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def key(database: Database, settings: Settings, site: Site) -> Headers:
    with database.transaction() as session:
        return {"Authorization": f"Bearer {server_keys.create(session, settings, site.key, 'cms', [STORIES])}"}


@pytest.fixture
def picking_key(database: Database, settings: Settings, site: Site) -> Headers:
    with database.transaction() as session:
        return {"Authorization": f"Bearer {server_keys.create(session, settings, site.key, 'front', [PICKS])}"}


def body(site: Site, **other: str) -> dict[str, str]:
    return {"url": f"{site.origins[0]}/tide", "title": "The tide", "state": "open", **other}


def test_it_makes_names_and_closes_stories(client: FlaskClient, database: Database, site: Site, key: Headers) -> None:
    path = f"/api/v1/stories/tide?site={site.key}"
    assert client.put(path, json=body(site), headers=key).status_code == 200
    assert client.put(path, json=body(site, title="High tide", state=CLOSED), headers=key).status_code == 200
    with database.reading() as session:
        (story,) = rows(session, Story)
        (used,) = rows(session, ServerKey)
        assert (story.title, story.state, story.named_by) == ("High tide", CLOSED, STAFF)
        put = [entry for entry in rows(session, LedgerEntry) if entry.action == "story.put"]
        assert [entry.actor_id for entry in put] == [used.id, used.id]


def test_one_for_picks_puts_comments_forward_at_its_newspaper(
    client: FlaskClient, database: Database, site: Site, key: Headers, picking_key: Headers
) -> None:
    with database.transaction() as session:
        here = factories.comment(session, factories.story(session, site), factories.account(session))
        elsewhere = factories.story(session, factories.site(session))
        there = factories.comment(session, elsewhere, factories.account(session))
    for how in ("pick", "pin"):
        path = f"/api/v1/comments/{here.id}/{how}"
        assert client.put(path, headers=picking_key).status_code == 204
        assert client.put(path, headers=key).status_code == 403
        assert client.put(f"/api/v1/comments/{there.id}/{how}", headers=picking_key).status_code == 404
        assert client.delete(path, headers=picking_key).status_code == 204
    assert client.put(f"/api/v1/stories/tide?site={site.key}", json=body(site), headers=picking_key).status_code == 403
    with database.reading() as session:
        (used,) = [row for row in rows(session, ServerKey) if row.name == "front"]
        acts = [(entry.action, entry.actor_id) for entry in rows(session, LedgerEntry) if "comment." in entry.action]
    assert acts == [(f"comment.{act}", used.id) for act in ("pick", "unpick", "pin", "unpin")]


def test_its_last_use_is_noted_to_the_minute(client: FlaskClient, database: Database, site: Site, key: Headers) -> None:
    began = clock.now()
    path = f"/api/v1/stories/tide?site={site.key}"
    seen = set()
    with time_machine.travel(began, tick=False) as at:
        for seconds in (0, 20, 59, 61, 100):
            at.move_to(began + timedelta(seconds=seconds))
            client.put(path, json=body(site), headers=key)
            with database.reading() as session:
                seen.add(rows(session, ServerKey)[0].last_used_at)
    assert seen == {began, began + timedelta(seconds=61)}


def test_nothing_else_is_for_it(client: FlaskClient, site: Site, key: Headers) -> None:
    """Every other route of the API that is not the same for everyone."""
    asked = 0
    for declared in ENDPOINTS:
        if declared.audience is not Audience.API or declared.shared or declared.action == "manage_stories":
            continue
        path = declared.path
        for part in ("<key:story>", "<story>", "<comment>", "<account>"):
            path = path.replace(part, "77")
        path = "77".join(piece.split(">")[-1] for piece in path.split("<"))
        answer = client.open(path, method=declared.method, json={}, headers=key)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "scope"), declared.path
        asked += 1
    assert asked > 40


@pytest.mark.parametrize("path", ["/account", "/queue", "/notifications", "/subscription", "/account/data"])
def test_no_page_knows_it(client: FlaskClient, site: Site, key: Headers, path: str) -> None:
    assert client.get(path, headers=key | {"Accept": "text/html"}).status_code == 403


def test_it_says_nothing_at_another_newspaper(client: FlaskClient, database: Database, key: Headers) -> None:
    with database.transaction() as session:
        other = factories.site(session)
    answer = client.put(f"/api/v1/stories/tide?site={other.key}", json=body(other), headers=key)
    assert answer.status_code == 404


@pytest.mark.parametrize("made_up", ["btlsk_", "btlsk_x", "btlsk_" + "a" * 43, "btlsk_ä", "btlsk_\x00"])
def test_what_is_none_is_nobody(client: FlaskClient, site: Site, made_up: str) -> None:
    headers = {"Authorization": f"Bearer {made_up}".encode("latin-1", "replace").decode("latin-1")}
    answer = client.put(f"/api/v1/stories/tide?site={site.key}", json=body(site), headers=headers)
    assert answer.status_code == 404


def test_it_is_made_listed_and_revoked_by_the_operator(
    client: FlaskClient, database: Database, settings: Settings, site: Site
) -> None:
    made = btl(settings, "site", "key", "create", site.key, "cms", "--scope", "stories")
    secret = made.stdout.strip()
    assert secret.startswith(server_keys.PREFIX)
    with database.reading() as session:
        assert secret not in str(vars(rows(session, ServerKey)[0]))
    again = btl(settings, "site", "key", "create", site.key, "cms", "--scope", "stories")
    assert (again.returncode, len(again.stderr.splitlines())) == (2, 1)
    path, headers = f"/api/v1/stories/tide?site={site.key}", {"Authorization": f"Bearer {secret}"}
    assert "never used" in btl(settings, "site", "key", "list").stdout
    assert client.put(path, json=body(site), headers=headers).status_code == 200
    assert "last used" in btl(settings, "site", "key", "list").stdout
    assert btl(settings, "site", "key", "revoke", site.key, "cms").returncode == 0
    assert client.put(path, json=body(site), headers=headers).status_code == 404
    scope = ("--scope", "stories")
    for words in (("revoke", site.key, "cms"), ("revoke", "none", "cms"), ("create", "none", "x", *scope)):
        refused = btl(settings, "site", "key", *words)
        assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    assert btl(settings, "site", "key", "create", site.key, "cms", "--scope", "stories").returncode == 0
