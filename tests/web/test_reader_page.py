"""/readers/<id> and GET /api/v1/accounts/<id>: a reader's record, and what may be done about it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock
from app.accounts import standing
from app.db import Database
from app.ids import new_id
from app.models import Account, EarlierName, Grant, Item, Site, Subscription
from app.models.role import EDITOR, MODERATOR
from app.models.sanction import BAN
from app.moderation import decisions
from app.moderation.decisions import Intent
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.callers import Browser, Headers

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

Bearer = Callable[[Account], Headers]
Open = Callable[[Account | None], Browser]


@dataclass
class Scene:
    """A banned reader with a strike, a past and an earlier name; a moderator and an editor."""

    site: Site
    reader: Account
    moderator: Account
    editor: Account

    @property
    def page(self) -> str:
        return f"/readers/{self.reader.id}"

    @property
    def api(self) -> str:
        return f"/api/v1/accounts/{self.reader.id}"


@pytest.fixture
def scene(database: Database, house: HouseRules, settings: Settings) -> Scene:
    with database.transaction() as session:
        site = factories.site(session)
        reader = factories.subscriber(session, "Rowdy Reader")
        comment = factories.comment(session, factories.story(session, site), reader)
        item = moderating.report(session, house, comment, factories.account(session))
        other = moderating.moderator(session)
        decisions.decide(session, house, other, Intent(item.id, item.revision, "ban", "threat", "A threat."))
        session.add(EarlierName(id=new_id(), account_id=reader.id, name="Former Name", until=clock.now()))
        return Scene(
            site,
            reader,
            factories.staff(session, MODERATOR, at=site),
            factories.staff(session, EDITOR, at=site),
        )


def _standing(database: Database, account: Account) -> str:
    with database.reading() as session:
        return standing.read(session, account.id).kind


def test_a_record_does_not_exist_for_readers(
    client: FlaskClient, scene: Scene, database: Database, bearer: Bearer, browser: Open
) -> None:
    assert client.get(scene.api).status_code == 404
    with database.transaction() as session:
        lapsed = factories.subscriber(session, status="canceled")
    for reader in (lapsed, scene.reader):
        assert client.get(scene.api, headers=bearer(reader)).status_code == 404
        window = browser(reader)
        assert window.get(scene.page).status_code == 404
        for form in ("lift", "name", "grants"):
            assert window.post(f"{scene.page}/{form}", {"reason": "Because."}).status_code == 404
    assert _standing(database, scene.reader) == BAN


def test_moderators_read_the_record(client: FlaskClient, scene: Scene, bearer: Bearer, browser: Open) -> None:
    record = client.get(scene.api, headers=bearer(scene.moderator)).get_json()
    assert record["standing"]["kind"] == BAN
    assert (record["points"], record["comments"], record["reports_against"]["upheld"]) == (6, {"removed": 1}, 1)
    assert [name["name"] for name in record["earlier_names"]] == ["Former Name"]
    assert [decision["action"] for decision in record["decisions"]] == ["ban"]
    page = browser(scene.moderator).get(scene.page).text
    for shown in ("Rowdy Reader", "Former Name", "banned", "Banned for good", "A threat.", "No threats"):
        assert shown in page


def test_a_strike_that_has_expired_counts_no_more(client: FlaskClient, scene: Scene, bearer: Bearer) -> None:
    with clock.pretend(clock.now() + timedelta(days=200)):
        headers = bearer(scene.moderator)
        record = client.get(scene.api, headers=headers).get_json()
    assert (record["points"], [strike["counts"] for strike in record["strikes"]]) == (0, [False])


def test_a_moderator_lifts_a_ban(scene: Scene, database: Database, browser: Open) -> None:
    with database.transaction() as session:
        everywhere = factories.staff(session, MODERATOR)
    window = browser(everywhere)
    assert window.post(f"{scene.page}/lift", {"reason": "It was a quotation."}).status_code == 303
    assert _standing(database, scene.reader) == "good"
    assert "Bans and suspensions are lifted." in window.get(scene.page).text


def test_a_ban_is_not_lifted_without_a_reason(scene: Scene, database: Database, browser: Open) -> None:
    assert browser(scene.moderator).post(f"{scene.page}/lift", {"reason": ""}).status_code == 422
    assert _standing(database, scene.reader) == BAN


def test_a_moderator_takes_a_name_away(scene: Scene, database: Database, browser: Open) -> None:
    form = {"rule": "honesty", "reason": "It is the mayor's."}
    assert browser(scene.moderator).post(f"{scene.page}/name", form).status_code == 303
    with database.reading() as session:
        assert session.get_one(Account, scene.reader.id).name != "Rowdy Reader"
        assert session.scalars(select(Item.state).where(Item.kind == "account")).all() == ["closed"]


def test_a_name_that_was_reported_is_decided_in_its_item(
    scene: Scene, database: Database, house: HouseRules, browser: Open
) -> None:
    with database.transaction() as session:
        moderating.ask_about_name(session, house, scene.reader, scene.site.id)
    browser(scene.moderator).post(f"{scene.page}/name", {"rule": "honesty", "reason": "It is the mayor's."})
    with database.reading() as session:
        assert session.scalars(select(Item.state).where(Item.kind == "account")).all() == ["closed"]


def test_only_editors_give_and_revoke_grants(scene: Scene, database: Database, browser: Open) -> None:
    form = {"site": scene.site.key, "days": "30", "reason": "A guest of the house."}
    assert browser(scene.moderator).post(f"{scene.page}/grants", form).status_code == 404
    assert "without a subscription" not in browser(scene.moderator).get(scene.page).text
    window = browser(scene.editor)
    assert window.post(f"{scene.page}/grants", form).status_code == 303
    with database.reading() as session:
        grant = session.scalars(select(Grant)).one()
    assert "A guest of the house." in window.get(scene.page).text
    assert browser(scene.moderator).post(f"/grants/{grant.id}/revoke").status_code == 404
    assert window.post(f"/grants/{grant.id}/revoke").status_code == 303
    with database.reading() as session:
        assert session.get_one(Grant, grant.id).revoked_at is not None


@pytest.mark.parametrize("days", ["0", "-1", "367", "9" * 15, "x"])
def test_a_grant_ends_within_a_year(scene: Scene, database: Database, browser: Open, days: str) -> None:
    form = {"site": scene.site.key, "days": days, "reason": "A guest of the house."}
    assert browser(scene.editor).post(f"{scene.page}/grants", form).status_code == 422


def test_an_editor_of_another_site_gives_no_grant_here(scene: Scene, database: Database, browser: Open) -> None:
    with database.transaction() as session:
        elsewhere = factories.staff(session, EDITOR, at=factories.site(session))
    form = {"site": scene.site.key, "days": "30", "reason": "A guest of the house."}
    assert browser(elsewhere).post(f"{scene.page}/grants", form).status_code == 404


def test_only_moderators_find_a_reader_by_name(browser: Open, scene: Scene) -> None:
    path = "/readers?name=rowdy+Reader"
    assert [browser(who).get(path).status_code for who in (None, scene.reader)] == [404, 404]
    assert browser(scene.moderator).get(path).location == scene.page
    nobody = browser(scene.moderator).get("/readers?name=Nobody+Else", follow_redirects=True)
    assert "Nobody bears this name." in nobody.text


def test_moderators_reach_the_record_from_the_conversation(database: Database, browser: Open, scene: Scene) -> None:
    with database.transaction() as session:
        author = factories.subscriber(session)
        comment = factories.comment(session, factories.story(session, scene.site), author)
    link = f'href="/readers/{author.id}"'
    assert link in browser(scene.moderator).get(f"/stories/{comment.story_id}").text
    assert link not in browser(scene.reader).get(f"/stories/{comment.story_id}").text


def test_moderators_see_why_a_reader_may_or_may_not_write_and_since_when(
    database: Database, browser: Open, scene: Scene
) -> None:
    now = clock.now()
    with database.transaction() as session:
        payer = factories.subscriber(session)
        lapsed = factories.subscriber(session, status="unpaid")
        stranger = factories.account(session)
        bought = session.scalars(select(Subscription).where(Subscription.account_id == payer.id)).one()
        bought.started_at = now - timedelta(days=400)
    window = browser(scene.moderator)
    seen = {who.id: window.get(f"/readers/{who.id}").text for who in (payer, lapsed, stranger, scene.reader)}
    reasons = {who: set(re.findall('data-reason="([a-z_]+)"', text)) for who, text in seen.items()}
    assert reasons == {
        payer.id: {"active"},
        lapsed.id: {"unpaid"},
        stranger.id: {"no_subscription"},
        scene.reader.id: {"banned"},
    }
    assert "may write" in seen[payer.id]
    assert "Your subscription is active." in seen[payer.id]
    assert f'subscribed since <time datetime="{(now - timedelta(days=400)).date()}' in seen[payer.id]
    assert "may not write" in seen[lapsed.id]
    assert "subscribed since" not in seen[stranger.id]
    assert not re.search("cus_|prod_", "".join(seen.values()))


def test_of_several_newspapers_moderators_see_their_own(database: Database, browser: Open, scene: Scene) -> None:
    with database.transaction() as session:
        elsewhere = factories.site(session, "elsewhere")
        both = factories.staff(session, MODERATOR, at=scene.site)
        factories.give_role(session, both, MODERATOR, at=elsewhere)
        reader = factories.subscriber(session)
    path = f"/readers/{reader.id}"
    assert "Elsewhere: " in browser(both).get(path).text
    assert "Elsewhere: " not in browser(scene.moderator).get(path).text
