"""A signal is one new module and one line in the list: all who are told of signals are told of it."""

import pytest
from flask.testing import FlaskClient

from app.db import Database
from app.models import Account, Assessment, Item, Statement
from app.models.comment import HELD, PUBLISHED, WITHHELD
from app.models.role import MODERATOR
from app.signals import families, verdict
from app.signals.toxicity_scores import as_signals
from app.signals.verdict import Verdict
from app.toxicity.scorer import ATTRIBUTES
from config.policy import HouseRules
from tests.support import factories, shouting
from tests.support.callers import Bearer, OpenBrowser
from tests.support.posting import Scene, open_scene

SHOUTED = "HE WILL NOT SEE THAT HARBOUR again."
ALL_SHOUTED = "HE WILL NEVER SEE IT AGAIN."


@pytest.fixture(autouse=True)
def one_line_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(families, "FAMILIES", (*families.FAMILIES, shouting.FAMILY))


@pytest.fixture
def scene(client: FlaskClient, bearer: Bearer, database: Database) -> Scene:
    return open_scene(client, bearer, database)


@pytest.fixture
def moderator(database: Database) -> Account:
    with database.transaction() as session:
        return factories.staff(session, MODERATOR)


def test_the_verdict_weighs_it(house: HouseRules) -> None:
    clean = as_signals(dict.fromkeys(ATTRIBUTES, 0.01))
    assert verdict.decide(clean | {"shouting": 0.4}, house.at({})).outcome == "publish"
    assert verdict.decide(clean | {"shouting": 0.8}, house.at({})) == Verdict("hold", ("shouting",), "respect", 0.8)


def test_it_is_kept_with_what_it_says_nothing_about(scene: Scene) -> None:
    assert scene.post().get_json()["state"] == PUBLISHED
    assert scene.only(Assessment).signals["shouting"] == 0.03


def test_author_queue_item_page_statement_and_metrics_show_it(
    scene: Scene, moderator: Account, browser: OpenBrowser
) -> None:
    posted = scene.post(SHOUTED).get_json()
    sentence = "Thank you. A moderator reads what is written in capitals before it appears."
    assert (posted["state"], posted["reason"], posted["sentence"]) == (HELD, "shouting", sentence)
    mine = f"/api/v1/stories/{scene.story.key}/mine?site={scene.site.key}"
    (waiting,) = scene.client.get(mine, headers=scene.bearer(scene.reader)).get_json()["waiting"]
    assert (waiting["reason"], waiting["sentence"]) == ("shouting", sentence)
    item = scene.only(Item)
    assert item.reasons == ["shouting"]
    desk = browser(moderator)
    assert '<span class="tag warn">Shouted</span>' in desk.get("/queue").text
    assert "Share of capitals: 0.82" in desk.get(f"/queue/{item.id}").text
    decision = {"revision": str(item.revision), "action": "remove", "rule": "respect"}
    assert desk.post(f"/queue/{item.id}", decision).status_code == 303
    statement = scene.only(Statement)
    assert statement.automated_detection
    assert "Our software found it written in capitals." in statement.text.split("\n\n")
    assert 'btl_signals_total{signal="shouting"}' in scene.client.get("/metrics").text


def test_where_the_machine_acts_alone_statement_and_log_give_its_facts(
    scene: Scene, moderator: Account, browser: OpenBrowser
) -> None:
    assert scene.post(ALL_SHOUTED).get_json()["state"] == WITHHELD
    assert "The facts: All of it is in capitals." in scene.only(Statement).text.split("\n\n")
    assert "All of it is in capitals." in browser(moderator).get("/queue/log").text
