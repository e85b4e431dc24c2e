"""GET /api/v1/items and /queue: the open items of a moderator's sites, the worst first."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from app.db import Database
from app.models import Account, Comment, Item, Site, Story
from app.models.comment import HELD
from app.models.role import EDITOR, MODERATOR
from app.models.sanction import BAN
from app.moderation import reports
from app.moderation.reports import Complaint
from app.review_queue import listing
from app.review_queue.items import Cause, Subject, open_item
from config.policy import HouseRules
from tests.support import factories
from tests.support.callers import Browser, Headers

Bearer = Callable[[Account], Headers]
Open = Callable[[Account | None], Browser]


@dataclass
class Desk:
    """A moderator at one of two sites, with three comments that wait there and one that waits at the other."""

    site: Site
    other: Site
    story: Story
    moderator: Account
    mild: Comment
    held: Comment
    threat: Comment
    elsewhere: Comment


@pytest.fixture
def desk(database: Database, house: HouseRules) -> Desk:
    with database.transaction() as session:
        site, other = factories.site(session), factories.site(session)
        story, author = factories.story(session, site), factories.account(session, "Rowdy Author")
        mild = factories.comment(session, story, author, "Not my taste.")
        held = factories.comment(session, story, author, "Held back.", state=HELD)
        threat = factories.comment(session, story, author, "I know where you live.", parent=mild)
        elsewhere = factories.comment(session, factories.story(session, other), author, "In another paper.")
        reader = factories.account(session)
        for comment, rule in ((mild, "topic"), (threat, "threat"), (elsewhere, "hate")):
            reports.report_comment(session, house, reader.id, comment.id, Complaint(rule, "Look at this."))
        subject = Subject("comment", held.id, site.id, author.id)
        open_item(session, "comment", subject, Cause("hold", weight=3.0), house.at({}))
        moderator = factories.staff(session, MODERATOR, at=site)
        return Desk(site, other, story, moderator, mild, held, threat, elsewhere)


@pytest.mark.parametrize("path", ["/queue", "/queue/log", "/api/v1/items"])
def test_the_queue_does_not_exist_for_readers(
    client: FlaskClient, desk: Desk, database: Database, bearer: Bearer, path: str
) -> None:
    assert client.get(path).status_code == 404
    with database.transaction() as session:
        subscriber = factories.subscriber(session)
        lapsed = factories.subscriber(session, status="canceled")
        banned = factories.account(session)
        factories.sanction(session, banned, BAN, at=desk.site)
    for reader in (subscriber, lapsed, banned):
        assert client.get(path, headers=bearer(reader)).status_code == 404


def test_the_worst_comes_first(client: FlaskClient, desk: Desk, bearer: Bearer) -> None:
    answer = client.get("/api/v1/items", headers=bearer(desk.moderator)).get_json()
    shown = [(item["comment"]["text"], item["reasons"], item["rules"]) for item in answer["items"]]
    assert shown == [
        ("I know where you live.", ["report"], {"threat": 1}),
        ("Held back.", ["hold"], {}),
        ("Not my taste.", ["report"], {"topic": 1}),
    ]
    assert (answer["counts"], answer["next"]) == ({"comment": 3}, None)
    first = answer["items"][0]
    assert (first["account"]["name"], first["story"]["title"]) == ("Rowdy Author", desk.story.title)


def test_a_moderator_of_one_site_sees_nothing_of_another(
    client: FlaskClient, desk: Desk, database: Database, bearer: Bearer
) -> None:
    with database.transaction() as session:
        editor_elsewhere = factories.staff(session, EDITOR, at=desk.other)
        everywhere = factories.staff(session, MODERATOR)
    texts = {
        who.id: [
            item["comment"]["text"] for item in client.get("/api/v1/items", headers=bearer(who)).get_json()["items"]
        ]
        for who in (editor_elsewhere, everywhere)
    }
    assert texts[editor_elsewhere.id] == ["In another paper."]
    assert len(texts[everywhere.id]) == 4


def test_pages_follow_each_other_without_gap_or_repeat(
    client: FlaskClient, desk: Desk, database: Database, house: HouseRules, bearer: Bearer
) -> None:
    with database.transaction() as session:
        author = session.get_one(Account, desk.mild.account_id)
        for number in range(2 * listing.SLICE_ITEMS):
            comment = factories.comment(session, desk.story, author)
            subject = Subject("comment", comment.id, desk.site.id, author.id)
            open_item(session, "comment", subject, Cause("hold", weight=float(number % 3)), house.at({}))
    seen: list[tuple[float, int]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = client.get(f"/api/v1/items?cursor={cursor}", headers=bearer(desk.moderator)).get_json()
        seen += [(-item["priority"], int(item["id"])) for item in page["items"]]
        cursor = page["next"]
    assert seen == sorted(set(seen))
    assert len(seen) == 2 * listing.SLICE_ITEMS + 3


@pytest.mark.parametrize("query", ["cursor=x", "cursor=nan~1", "cursor=inf~1", "cursor=1.0~", "kind=nonsense"])
def test_a_place_or_kind_that_is_none_is_refused(client: FlaskClient, desk: Desk, bearer: Bearer, query: str) -> None:
    assert client.get(f"/api/v1/items?{query}", headers=bearer(desk.moderator)).status_code == 422


def test_a_kind_is_picked_out(client: FlaskClient, desk: Desk, bearer: Bearer) -> None:
    answer = client.get("/api/v1/items?kind=appeal", headers=bearer(desk.moderator)).get_json()
    assert (answer["items"], answer["counts"]) == ([], {"comment": 3})


def test_the_page_says_why_each_is_here_and_shows_text_as_text(
    desk: Desk, database: Database, browser: Open, house: HouseRules
) -> None:
    with database.transaction() as session:
        session.get_one(Comment, desk.held.id).text = "<script>alert(1)</script>"
    answer = browser(desk.moderator).get("/queue")
    assert answer.status_code == 200
    page = answer.text
    assert page.index("I know where you live.") < page.index("Not my taste.")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "Rowdy Author" in page
    assert desk.story.title in page
    assert "1 report" in page
    rule = house.at({}).rule("threat")
    assert rule is not None
    assert rule.title in page


def test_an_empty_queue_says_so(desk: Desk, browser: Open) -> None:
    assert "Nothing waits for you here." in browser(desk.moderator).get("/queue?kind=appeal").text


def test_the_number_of_statements_does_not_grow_with_the_page(
    desk: Desk, database: Database, house: HouseRules, browser: Open
) -> None:
    window = browser(desk.moderator)
    window.get("/queue")
    few = _statements(database, lambda: window.get("/queue"))
    with database.transaction() as session:
        author = session.get_one(Account, desk.mild.account_id)
        readers = [factories.account(session) for _ in range(3)]
        for _ in range(listing.SLICE_ITEMS):
            comment = factories.comment(session, desk.story, author, parent=session.get_one(Comment, desk.mild.id))
            for reader in readers:
                reports.report_comment(session, house, reader.id, comment.id, Complaint("hate"))
        for reader in readers:
            reports.report_name(session, house, author.id, reader.id, Complaint("honesty"))
    window.get("/queue")  # a connection that has waited is asked first whether it is still there
    many = _statements(database, lambda: window.get("/queue"))
    assert many == few
    assert many <= 9


def test_the_next_item_is_the_one_below_and_after_the_last_the_first(desk: Desk, database: Database) -> None:
    with database.reading() as session:
        items = [row.item for row in listing.slice_after(session, [desk.site.id]).rows]
        order = [listing.following(session, [desk.site.id], None, item) for item in items]
        alone = session.get_one(Item, items[0].id)
        assert order == [items[1].id, items[2].id, items[0].id]
        assert listing.following(session, [desk.other.id], "account", alone) is None


def _statements(database: Database, act: Callable[[], TestResponse]) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    assert act().status_code == 200
    event.remove(database.engine, "before_cursor_execute", note)
    return len(seen)
