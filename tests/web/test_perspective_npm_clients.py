"""The npm clients of Google's API, over a real socket: nothing changes for them but the address and the key."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.db import Database
from app.models import SuggestedScore
from config.policy import HouseRules
from config.settings import Settings
from tests.support.perspective import make_key, scoring_server
from tests.support.repository import REPOSITORY
from tests.support.required import skip

# where `make npm-clients` puts them
FETCHED = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "below-the-line" / "npm" / "node_modules"


@pytest.fixture
def results(settings: Settings, house: HouseRules, database: Database) -> dict[str, Any]:
    """What tests/support/npm_clients.js says of each client's calls."""
    if shutil.which("node") is None or not (FETCHED / "googleapis").is_dir():
        skip("node", "`make npm-clients` has not fetched them")
    script, key = REPOSITORY / "tests" / "support" / "npm_clients.js", make_key(database, settings)
    with scoring_server(settings, house, database) as address:
        done = subprocess.run(
            ["node", script, address, key],
            env=os.environ | {"NODE_PATH": str(FETCHED)},
            capture_output=True,
            text=True,
            timeout=300,
        )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def value(result: Any, attribute: str) -> float:
    found: float = result["answer"]["attributeScores"][attribute]["summaryScore"]["value"]
    return found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_npm_clients_go_on(results: dict[str, Any], database: Database) -> None:
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
