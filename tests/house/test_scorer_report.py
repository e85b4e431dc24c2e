"""`btl scorer report` on the demo's newspaper, as an operator types it. What it reads is tested on both databases in
tests/domain/test_threshold_comments.py."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from sqlalchemy import func, select

from app import toxicity
from app.accounts import identity
from app.models import Account, Comment, Decision, Item
from app.models.comment import HELD
from app.models.item import OPEN
from app.moderation import decisions
from app.moderation.decisions import Intent
from tests.support.commands import btl
from tests.support.databases import Databases
from tests.support.demo_newspaper import DemoNewspaper

REMOVALS = ("remove", "warn", "suspend", "ban")


class Installation(DemoNewspaper):
    """The demo's newspaper, and what is reported of it."""

    def report(self, *arguments: str) -> CompletedProcess[str]:
        return btl(self.settings, "scorer", "report", *arguments)

    def data(self, *arguments: str) -> dict[str, Any]:
        done = self.report("--format", "json", *arguments)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found


@pytest.fixture(scope="module")
def demo(
    demo_newspaper: DemoNewspaper, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """The demo's newspaper, whose moderator has also approved one of the comments that the machine holds."""
    with demo_newspaper.copied(databases, tmp_path_factory.mktemp("report")) as copy:
        with copy.database.transaction() as session:
            moderator = session.scalars(select(Account).where(Account.email == "moderator@example.com")).one()
            waits = select(Item).join(Comment, Item.subject_id == Comment.id).where(Comment.state == HELD)
            item = session.scalars(waits.where(Item.kind == "comment", Item.state == OPEN)).first()
            assert item is not None
            actor = identity.load(session, moderator.id, moderator.session_epoch)
            decisions.decide(session, copy.house, actor, Intent(item.id, item.revision, "approve"))
        yield Installation(copy.database, copy.settings, copy.house)


def test_it_reads_what_the_moderators_decided_and_writes_nothing(demo: Installation) -> None:
    before = demo.counts()
    found = demo.data("--site", "gazette")
    assert demo.counts() == before
    with demo.database.reading() as session:
        by_people = select(func.count()).select_from(Decision).where(Decision.actor_id.is_not(None))
        removals = session.scalar(by_people.where(Decision.action.in_(REMOVALS), Decision.subject_type == "comment"))
    texts = found["texts"]
    assert (texts["removed"], texts["approved"]) == (removals, 1)
    assert sum(texts.values()) == before["comments"] == found["effects"]["in force"]["comments"]
    assert sum(found["removed_by_rule"].values()) == removals
    assert "too few" in found["proposal"]["refusal"]
    assert found["left_out"] == {}


def test_what_if_says_what_would_have_been_held(demo: Installation, tmp_path: Path) -> None:
    in_force, asked = (demo.data("--hold", "0.1")["effects"][name] for name in ("in force", "what if"))
    assert asked["held"] > in_force["held"]
    assert asked["posted_removed"] < in_force["posted_removed"]
    assert asked["held_removed"] + asked["posted_removed"] == in_force["held_removed"] + in_force["posted_removed"]
    file = tmp_path / "other.toml"
    file.write_text("[thresholds.toxicity]\nnudge = 0.1\nhold = 0.1\n")
    from_file = demo.data("--what-if", str(file))["effects"]["what if"]
    per_day = "held_per_day"  # of days that last until now
    assert from_file | {per_day: 0} == asked | {per_day: 0}


def test_everything_is_held_by_the_least_of_thresholds(demo: Installation) -> None:
    asked = demo.data(*(part for name in toxicity.ATTRIBUTES for part in ("--hold", f"{name}=0.000001")))
    effect = asked["effects"]["what if"]
    assert effect["held"] == effect["comments"]
    assert (effect["posted_removed"], effect["posted_approved"], effect["posted_undecided"]) == (0, 0, 0)


def test_the_folder_has_words_data_and_plots(demo: Installation, tmp_path: Path) -> None:
    done = demo.report("--out", str(tmp_path / "made"))
    assert (done.returncode, done.stderr) == (0, "")
    names = {path.name for path in (tmp_path / "made").iterdir()}
    assert names == {"report.txt", "report.json"} | {
        f"{name}.{kind}" for name in ("precision", "calibration", "workload") for kind in ("png", "svg")
    }
    assert (tmp_path / "made" / "report.txt").read_text() == done.stdout
    assert json.loads((tmp_path / "made" / "report.json").read_text())["site"] == "gazette"


def test_without_matplotlib_the_report_comes_and_says_how_to_get_plots(
    demo: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in {"matplotlib", *sys.modules}:
        if name.partition(".")[0] == "matplotlib":
            monkeypatch.setitem(sys.modules, name, None)
    done = demo.report("--out", str(tmp_path / "made"))
    assert done.returncode == 0
    assert "pip install 'below-the-line[plots]'" in done.stderr
    assert {path.name for path in (tmp_path / "made").iterdir()} == {"report.txt", "report.json"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--site", "nowhere"), 2, "nowhere"),
        (("--scorer", "oracle"), 2, "no scorer is called 'oracle'"),
        (("--hold", "much"), 2, "'much' is not a threshold"),
        (("--hold", "kindness=0.5"), 2, "'kindness=0.5' is not a threshold"),
        (("--hold", "nan"), 2, "'nan' is not a threshold"),
        (("--days", "0"), 2, "--days"),
        (("--what-if", "{}"), 2, "must rise from nudge over hold to severe"),
    ],
)
def test_a_wrong_option_is_named(
    demo: Installation, tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("[thresholds.toxicity]\nnudge = 0.9\nhold = 0.1\n")
    done = demo.report(*(argument.format(bad) for argument in arguments))
    assert (done.returncode, words in done.stderr, "Traceback" in done.stderr) == (code, True, False), done.stderr
