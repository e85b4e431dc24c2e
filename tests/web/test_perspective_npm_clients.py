"""The npm clients of Google's API, over a real socket: nothing changes for them but the address and the key."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.db import Database
from app.models import SuggestedScore
from config.policy import HouseRules
from config.settings import Settings
from tests.support.perspective import make_key, scoring_server
from tests.support.printed import printed
from tests.support.repository import REPOSITORY
from tests.support.required import skip

# where `make npm-clients` puts them
FETCHED = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "below-the-line" / "npm" / "node_modules"


# what is printed asks for KEY, and says its answer
PRINTED = "(async () => { const KEY = process.argv[1]; %s; console.log(JSON.stringify(answer)); })();"


@pytest.fixture
def address(settings: Settings, house: HouseRules, database: Database) -> Iterator[str]:
    if shutil.which("node") is None or not (FETCHED / "googleapis").is_dir():
        skip("node", "`make npm-clients` has not fetched them")
    with scoring_server(settings, house, database) as found:
        yield found


def run(*command: str | Path) -> Any:
    """What a program for Node prints."""
    surroundings = os.environ | {"NODE_PATH": str(FETCHED)}
    done = subprocess.run(["node", *command], env=surroundings, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def value(result: Any, attribute: str) -> float:
    found: float = result["answer"]["attributeScores"][attribute]["summaryScore"]["value"]
    return found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_our_page_prints_for_them_runs(address: str, database: Database, settings: Settings) -> None:
    for number, program in enumerate(printed("perspective.md", "js", address)):
        answer = run("-e", PRINTED % program, make_key(database, settings, f"paper {number}"))
        assert answer["attributeScores"]["TOXICITY"]["summaryScore"]["value"] > 0.8


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_npm_clients_go_on(address: str, database: Database, settings: Settings) -> None:
    script = REPOSITORY / "tests" / "support" / "npm_clients.js"
    results = run(script, address, make_key(database, settings))
    found = results["googleapis"]
    assert min(value(found["analyze"], "TOXICITY"), value(found["analyze"], "INSULT")) > 0.8
    whole = value(found["analyze"], "TOXICITY")
    assert found["fields"]["answer"] == {"attributeScores": {"TOXICITY": {"summaryScore": {"value": whole}}}}
    assert found["suggestscore"]["answer"]["clientToken"] == "7"
    with database.reading() as session:
        assert session.scalars(select(SuggestedScore.text)).all() == ["You stupid idiot!"]
    assert found["empty"]["error"]["details"][0]["errorType"] == "COMMENT_EMPTY"
    assert found["unknown"]["message"] == 'Invalid JSON payload received. Unknown name "txt": Cannot find field.'
    assert found["stranger"]["error"]["details"][0]["reason"] == "API_KEY_INVALID"
    assert {each: found[each]["status"] for each in ("empty", "unknown", "stranger")} == {
        "empty": 400,
        "unknown": 400,
        "stranger": 400,
    }
    other = results["perspective"]
    for each in ("analyze", "whole"):
        assert min(value(other[each], "TOXICITY"), value(other[each], "INSULT")) > 0.8
    assert other["unknown"]["status"] == 400
    assert other["unknown"]["message"].startswith("Unknown requested attribute: FLIRTATION")
