"""A moderator reads of a record what happened where they work; standing and points count everywhere and are shown."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient

from app.accounts import names
from app.db import Database
from app.models import Account, Site
from app.models.role import MODERATOR
from app.moderation import initiative
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.callers import Browser, Headers

Bearer = Callable[[Account], Headers]
Open = Callable[[Account | None], Browser]


@dataclass
class Scene:
    """A reader with a past at one newspaper, who writes at another by now."""

    past: Site
    present: Site
    reader: Account
    everywhere: Account

    def moderator(self, database: Database, at: Site) -> Account:
        with database.transaction() as session:
            return factories.staff(session, MODERATOR, at=at)


@pytest.fixture
def scene(database: Database, house: HouseRules, settings: Settings) -> Scene:
    with database.transaction() as session:
        reader = factories.account(session, "Rude Former Name")
        past, present = factories.site(session), factories.site(session)
        desk = moderating.Desk(
            session, settings, house, factories.story(session, past), reader, moderating.moderator(session)
        )
        reported = moderating.report(session, house, desk.comment(), factories.account(session), "hate")
        desk.decide(reported, "remove", "hate", "A reason of the other site.")
        initiative.reset_name(session, house, desk.moderator, reader.id, "topic", "A reason of the other site.")
        assert names.is_ours(reader.name)
        everywhere = factories.staff(session, MODERATOR)
    with database.transaction() as session:
        comment = factories.comment(session, factories.story(session, present), session.get_one(Account, reader.id))
        moderating.report(session, house, comment, factories.account(session))
    return Scene(past, present, reader, everywhere)


def _record(client: FlaskClient, scene: Scene, headers: Headers) -> dict[str, object]:
    found: dict[str, object] = client.get(f"/api/v1/accounts/{scene.reader.id}", headers=headers).get_json()
    return found


def test_elsewhere_the_record_says_what_counts_and_not_where_from(
    client: FlaskClient, database: Database, scene: Scene, bearer: Bearer, browser: Open
) -> None:
    stranger = scene.moderator(database, scene.present)
    record = _record(client, scene, bearer(stranger))
    assert (record["points"], record["standing"]["kind"]) == (4, "suspension")  # type: ignore[index]
    assert (record["strikes"], record["decisions"], record["earlier_names"]) == ([], [], [])
    assert (record["comments"], record["reports_against"]) == ({"published": 1}, {"upheld": 0, "dismissed": 0})
    items = client.get("/api/v1/items", headers=bearer(stranger)).get_json()["items"]
    pages = [f"/readers/{scene.reader.id}", f"/queue/{items[0]['id']}", "/queue/log"]
    shown = " ".join(browser(stranger).get(page).text for page in pages)
    shown += client.get(f"/api/v1/items/{items[0]['id']}", headers=bearer(stranger)).text
    assert "Rude Former Name" not in shown
    assert "A reason of the other site" not in shown


@pytest.mark.parametrize("where", ["past", "everywhere"])
def test_where_it_happened_all_of_it_is_read(
    client: FlaskClient, database: Database, scene: Scene, bearer: Bearer, browser: Open, where: str
) -> None:
    reader_of_it = scene.everywhere if where == "everywhere" else scene.moderator(database, scene.past)
    record = _record(client, scene, bearer(reader_of_it))
    # the name and the comment are of one episode, which counts by the gravest
    assert record["points"] == 4
    assert [len(record[part]) for part in ("strikes", "decisions", "earlier_names")] == [2, 2, 1]  # type: ignore[arg-type]
    page = browser(reader_of_it).get(f"/readers/{scene.reader.id}").text
    assert "Rude Former Name" in page
    assert "A reason of the other site" in page


def test_the_name_of_who_never_wrote_is_for_the_first_site(
    client: FlaskClient, database: Database, house: HouseRules, bearer: Bearer
) -> None:
    with database.transaction() as session:
        first, second = factories.site(session), factories.site(session)
        reader = factories.account(session, "Never Wrote")
        names.change(session, house, reader.id, "Another Name", [])
        readers = [factories.staff(session, MODERATOR, at=site) for site in (first, second)]
    found = [client.get(f"/api/v1/accounts/{reader.id}", headers=bearer(each)).get_json() for each in readers]
    assert [[name["name"] for name in record["earlier_names"]] for record in found] == [["Never Wrote"], []]
