"""How long a held comment usually takes: said to its author, by the site's own last answers."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import clock
from app.db import Database
from app.ids import new_id
from app.models import Account, Item, Site, Story
from app.models.item import CLOSED, OPEN
from app.models.story import PREMODERATED
from app.screening import waits
from tests.support import factories
from tests.support.callers import Headers, OpenBrowser
from tests.support.sql import counted

HOUR = timedelta(hours=1)
SAID = "Usually that takes about"


@pytest.fixture
def story(database: Database, site: Site) -> Story:
    with database.transaction() as session:
        return factories.story(session, site, "tide", state=PREMODERATED)


def answered(session: Session, site: Site, hours: Sequence[float], *, code: str = "hold", **values: Any) -> None:
    """Questions about comments that were answered after so many hours each."""
    for length in hours:
        closed: datetime = values.get("closed_at", clock.now())
        made_id = new_id()
        about = {"site_id": site.id, "kind": "comment", "subject_type": "comment", "subject_id": made_id}
        times = {"opened_at": closed - length * HOUR, "closed_at": closed, "due_at": closed}
        session.add(Item(id=made_id, reasons=[code], **{**about, "state": CLOSED, **times, **values}))
    session.flush()


def usual(database: Database, site: Site) -> timedelta | None:
    """As it is now, whatever is kept."""
    waits._kept.clear()
    return waits.usual(database, site.id)


def test_it_is_the_median(database: Database, site: Site) -> None:
    with database.transaction() as session:
        answered(session, site, [1] * 6 + [3] * 4 + [100])
    assert usual(database, site) == HOUR


def test_nothing_is_said_of_what_is_hardly_known(database: Database, site: Site) -> None:
    with database.transaction() as session:
        answered(session, site, [1] * (waits.LEAST - 1))
    assert usual(database, site) is None


def test_only_answers_on_held_comments_of_late_at_this_paper_count(database: Database, site: Site) -> None:
    with database.transaction() as session:
        answered(session, site, [1] * waits.LEAST, closed_at=clock.now() - waits.WITHIN - HOUR)
        answered(session, factories.site(session), [2] * waits.LEAST)
        answered(session, site, [3] * waits.LEAST, code="report")
        answered(session, site, [4] * waits.LEAST, code="severe")
        answered(session, site, [5] * waits.LEAST, kind="account")
        answered(session, site, [6] * waits.LEAST, state=OPEN)
    assert usual(database, site) is None


def test_the_last_ones_count(database: Database, site: Site) -> None:
    with database.transaction() as session:
        answered(session, site, [20] * waits.MOST, closed_at=clock.now() - timedelta(days=1))
        answered(session, site, [2] * waits.MOST)
    assert usual(database, site) == 2 * HOUR


def test_it_is_one_statement_and_for_a_while_none(database: Database, site: Site) -> None:
    with database.transaction() as session:
        answered(session, site, [1] * waits.LEAST)
    waits._kept.clear()
    with counted(database) as statements:
        waits.usual(database, site.id)
        waits.usual(database, site.id)
    assert len(statements) == 1


def test_the_author_is_told_when_posting_and_as_long_as_it_waits(
    client: FlaskClient,
    database: Database,
    browser: OpenBrowser,
    bearer: Callable[[Account], Headers],
    site: Site,
    story: Story,
) -> None:
    with database.transaction() as session:
        reader = factories.subscriber(session)
        answered(session, site, [3.5] * waits.LEAST)
    waits._kept.clear()
    path = "/api/v1/stories/tide"
    posted = client.post(f"{path}/comments", json={"text": "A point of view."}, headers=bearer(reader)).get_json()
    assert posted["sentence"].endswith(f"{SAID} 3 hours.")
    (waiting,) = client.get(f"{path}/mine", headers=bearer(reader)).get_json()["waiting"]
    (mine,) = client.get("/api/v1/me/comments", headers=bearer(reader)).get_json()["comments"]
    assert waiting["sentence"] == mine["sentence"] == posted["sentence"]
    assert f"{SAID} 3 hours." in browser(reader).get(f"/stories/{story.id}").text
    assert SAID not in browser(None).get(f"/stories/{story.id}").text
    with time_machine.travel(clock.now() + timedelta(days=31)):
        waits._kept.clear()
        assert SAID not in browser(reader).get(f"/comments/{posted['id']}").text


def test_seconds_are_not_promised(
    client: FlaskClient, database: Database, bearer: Callable[[Account], Headers], site: Site, story: Story
) -> None:
    with database.transaction() as session:
        reader = factories.subscriber(session)
        answered(session, site, [0.001] * waits.LEAST)
    waits._kept.clear()
    body = {"text": "A point of view."}
    posted = client.post("/api/v1/stories/tide/comments", json=body, headers=bearer(reader)).get_json()
    assert posted["sentence"].endswith(f"{SAID} 2 minutes.")
