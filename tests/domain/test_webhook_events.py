"""Which events are told of, to whom, and what is said of them when they leave."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import clock
from app.accounts import sanctions, standing
from app.db import Database
from app.models import Account, Comment, Sanction, Story
from app.models.sanction import BAN, SUSPENSION
from app.models.story import CLOSED, OPEN, STAFF
from app.moderation import decisions
from app.moderation.decisions import Intent
from app.stories import stories
from app.stories.sites import by_id
from app.stories.stories import Naming
from app.stories.terms import Terms
from app.text import markup
from app.webhooks import bodies
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.assembled import assembled
from tests.support.hooked import Hooked, hooked
from tests.support.posting import Bearer, Scene
from tests.support.vectors import VECTORS


@pytest.fixture
def paper(
    settings: Settings, house: HouseRules, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hooked]:
    with hooked(assembled(settings, house, database), tmp_path, monkeypatch) as found:
        yield found


@pytest.fixture
def scene(client: FlaskClient, bearer: Bearer, database: Database, paper: Hooked) -> Scene:
    with database.transaction() as session:
        return Scene(client, bearer, database, paper.site, paper.story, factories.subscriber(session))


def told(paper: Hooked) -> list[dict[str, Any]]:
    """What is told now."""
    before = len(paper.receiver.took)
    paper.send()
    return paper.receiver.took[before:]


def test_a_comment_that_is_posted_is_told_as_everybody_reads_it(paper: Hooked, scene: Scene) -> None:
    posted = scene.post("The crane is *not* moving. <b>").get_json()["id"]
    (event,) = told(paper)
    with paper.it.database.reading() as session:
        comment = session.get_one(Comment, int(posted))
        story = session.get_one(Story, comment.story_id)
    data = event["data"]
    assert (event["type"], data["site"]) == ("comment.published", paper.site.key)
    assert data["story"] == {
        "id": str(story.id),
        "key": story.key,
        "url": story.url,
        "title": story.title,
        "state": "open",
    }
    assert data["comment"] | {"author": {}} == {
        "id": posted,
        "state": "published",
        "url": f"{paper.it.settings.public_url}/comments/{posted}",
        "parent_id": None,
        "author": {},
        "text": "The crane is *not* moving. <b>",
        "html": "<p>The crane is <em>not</em> moving. &lt;b&gt;</p>",
        "created_at": data["comment"]["created_at"],
        "edited_at": None,
    }
    assert data["comment"]["author"]["name"] == scene.reader.name
    assert event["timestamp"].endswith("Z")
    headers = paper.receiver.headers[0]
    assert headers["content-type"] == "application/json"
    assert headers["webhook-id"] == str(paper.deliveries()[0].id)


def test_an_edit_is_told_as_it_reads_then(paper: Hooked, scene: Scene) -> None:
    posted = scene.post("The crane is moving.").get_json()["id"]
    answer = scene.client.patch(
        f"/api/v1/comments/{posted}?site={paper.site.key}",
        json={"text": "The crane was moving."},
        headers=scene.bearer(scene.reader),
    )
    assert answer.status_code == 200
    first, second = told(paper)
    assert (first["type"], second["type"]) == ("comment.published", "comment.published")
    assert first["data"] == second["data"]
    assert second["data"]["comment"]["text"] == "The crane was moving."
    assert second["data"]["comment"]["edited_at"]


def test_each_state_that_means_something_out_there_is_told_once(paper: Hooked) -> None:
    comment = paper.comment(state="held")
    paper.turn(comment, "held", "withheld", "published", "published", "withheld", "removed", "deleted", "published")
    kinds = [each.event.partition(".")[2] for each in paper.deliveries()]
    assert kinds == ["held", "published", "held", "removed", "published"]


@pytest.mark.parametrize("state", ["held", "withheld", "removed", "deleted"])
def test_a_text_that_nobody_may_read_is_told_to_nobody(paper: Hooked, state: str) -> None:
    comment = paper.comment("My address is 1 Harbour Lane.")
    paper.turn(comment, state)
    for event in told(paper):
        assert event["data"] == {
            "site": paper.site.key,
            "comment": {"id": str(comment.id), "state": {"withheld": "held", "deleted": "removed"}.get(state, state)},
            "story": {"id": str(paper.story.id), "key": paper.story.key},
        }
    assert paper.receiver.events == ["comment.published", f"comment.{'held' if 'held' in state else 'removed'}"]


def test_whatever_is_written_stays_words_in_the_body(paper: Hooked) -> None:
    """As text, name and title; of what is shown as HTML nothing runs."""
    comment = paper.comment()
    (delivery,), webhook = paper.deliveries(), paper.webhook()
    with paper.it.database.transaction() as session:
        row = session.get_one(Comment, comment.id)
        author, story = session.get_one(Account, row.account_id), session.get_one(Story, row.story_id)
        for vector in VECTORS:
            row.text = author.name = story.title = vector
            session.flush()
            body = bodies.render(session, paper.it.settings, webhook, delivery)
            data = json.loads(body)["data"]
            said = data["comment"]["text"], data["comment"]["author"]["name"], data["story"]["title"]
            assert said == (vector, vector, vector)
            assert data["comment"]["html"] == markup.render(vector)
            assert set(data["comment"]) == {
                *("id", "state", "url", "parent_id", "author", "text", "html", "created_at", "edited_at")
            }
        session.rollback()


def test_the_log_keeps_ids_and_no_word_of_what_was_sent(paper: Hooked) -> None:
    paper.comment("My address is 1 Harbour Lane.")
    paper.send()
    (row,) = [vars(each) for each in paper.deliveries()]
    assert "Harbour" not in str(row)
    assert paper.author.name not in str(row)


def test_what_was_imported_is_told_of_when_something_happens_to_it(paper: Hooked) -> None:
    with paper.it.database.transaction() as session:
        comment = factories.comment(session, paper.story, paper.author, state="held")
        comment.origin = "import"
    deliveries = len(paper.deliveries())
    paper.turn(comment, "published")
    assert len(paper.deliveries()) == deliveries + 1


def test_a_ban_is_told_by_a_number_that_means_nothing_elsewhere(
    paper: Hooked, house: HouseRules, settings: Settings
) -> None:
    comment = paper.comment()
    with paper.it.database.transaction() as session:
        item = moderating.ask(session, house, session.get_one(Comment, comment.id))
        desk = moderating.moderator(session)
        decisions.decide(session, house, desk, Intent(item.id, item.revision, "ban", "threat", "A threat."))
    published, removed, banned = sorted(told(paper), key=lambda event: event["type"] == "reader.banned")
    reader = published["data"].get("comment", {}).get("author", {}).get("id")
    assert reader is None  # it was taken down before it was told
    assert removed["type"] == "comment.removed"
    assert banned["data"] == {"site": paper.site.key, "reader": {"id": banned["data"]["reader"]["id"], "banned": True}}
    said = json.dumps([published, removed, banned])
    assert paper.author.email
    assert all(secret not in said for secret in (str(paper.author.id), paper.author.name, paper.author.email))


def test_the_same_reader_has_the_same_number_at_one_paper_and_another_elsewhere(paper: Hooked) -> None:
    paper.comment("One.")
    paper.comment("Two.")
    with paper.it.database.transaction() as session:
        another = factories.account(session)
    paper.comment("Three.", by=another)
    ids = [event["data"]["comment"]["author"]["id"] for event in told(paper)]
    assert (ids[0] == ids[1], ids[1] == ids[2], len(ids[0])) == (True, False, 32)
    other = Hooked(paper.it, paper.receiver)
    other.comment("Elsewhere.", by=paper.author)
    (event,) = told(other)
    assert event["data"]["comment"]["author"]["id"] not in ids


def test_a_ban_that_is_over_is_told_as_over_and_a_suspension_not_at_all(paper: Hooked) -> None:
    with paper.it.database.transaction() as session:
        decision_id = factories.sanction(session, paper.author, SUSPENSION, at=paper.site).decision_id
        account = standing.lock(session, paper.author.id)
        sanctions.impose(session, account, SUSPENSION, "moderator", decision_id, clock.now() + timedelta(days=1))
    assert told(paper) == []
    with paper.it.database.transaction() as session:
        ban = sanctions.impose(session, standing.lock(session, paper.author.id), BAN, "moderator", decision_id)
        sanctions.lift(session, ban, decision_id)
    assert [event["data"]["reader"]["banned"] for event in told(paper)] == [False]
    with paper.it.database.transaction() as session:
        sanctions.restore(session, session.get_one(Sanction, ban.id))
    assert [event["data"]["reader"]["banned"] for event in told(paper)] == [True]


def test_a_story_that_takes_comments_is_told_of(paper: Hooked) -> None:
    site, actor = by_id(paper.it.database, paper.site.id), factories.account
    naming = Naming(f"{paper.site.origins[0]}/s", "Ferry", STAFF)

    def put(key: str, state: str) -> None:
        with paper.it.database.transaction() as session:
            stories.put(session, actor(session).id, site, key, naming, Terms(state=state))

    put("one", OPEN)
    put("one", OPEN)
    put("two", CLOSED)
    put("two", "premoderated")
    put("two", OPEN)
    put("two", CLOSED)
    put("two", OPEN)
    with paper.it.database.transaction() as session:
        stories.ensure(session, site, "three", Naming(f"{paper.site.origins[0]}/t"))
        stories.ensure(session, site, "three", Naming(f"{paper.site.origins[0]}/t"))
        stories.ensure(session, site, "old", Naming(f"{paper.site.origins[0]}/o", "Old", "import"))
    found = told(paper)
    assert {event["type"] for event in found} == {"story.opened"}
    assert sorted(event["data"]["story"]["key"] for event in found) == ["one", "three", "two", "two"]
    assert {event["data"]["story"]["state"] for event in found} == {"open"}


def test_a_webhook_is_told_what_it_asked_for_and_of_its_own_paper(paper: Hooked) -> None:
    with paper.it.database.transaction() as session:
        elsewhere = factories.story(session, factories.site(session))
        factories.comment(session, elsewhere, paper.author)
    assert paper.deliveries() == []
    paper.hook("search", paper.receiver.server.address, ("comment.removed",))
    paper.turn(paper.comment(), "removed")
    with paper.it.database.reading() as session:
        names = {paper.webhook(name).id: name for name in ("cms", "search")}
    told = [(names[each.webhook_id], each.event) for each in paper.deliveries()]
    assert sorted(told) == [("cms", "comment.published"), ("cms", "comment.removed"), ("search", "comment.removed")]


def test_what_happened_in_a_transaction_that_fails_is_told_to_nobody(paper: Hooked) -> None:
    def write_and_fail() -> None:
        with paper.it.database.transaction() as session:
            factories.comment(session, paper.story, paper.author)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert paper.deliveries() == []
