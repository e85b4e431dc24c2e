"""`btl scorer report`: the thresholds evaluated by what the paper's own moderators decided."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app import clock
from app.cli import loading
from app.cli.mistakes import Mistake
from app.db import Database
from app.postgres import UNLIMITED
from config.policy import BadPolicy, HouseRules
from config.rules import ATTRIBUTES, SiteRules, Threshold

if TYPE_CHECKING:
    from app.thresholds.evaluation import ThresholdEvaluation


@click.command("report")
@click.option("--site", "key", help="Key of the site; without it, the first, with what publishers have suggested.")
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="How far to look back.")
@click.option("--scorer", "name", help="Which scorer (default: as BTL_SCORER says).")
@click.option("--rescore", is_flag=True, help="Score anew what another scorer, or another version of it, has scored.")
@click.option("--what-if", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="TOML to try.")
@click.option("--hold", "holds", multiple=True, metavar="[ATTRIBUTE=]NUMBER", help="Try this; toxicity by default.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for report, proposal and plots.")
@click.option("--format", "kind", type=click.Choice(["text", "json"]), default="text", show_default=True)
def evaluate(
    key: str | None,
    days: int,
    name: str | None,
    rescore: bool,
    file: Path | None,
    holds: tuple[str, ...],
    out: Path | None,
    kind: str,
) -> None:
    """Measure the thresholds by what moderators decided: precision, recall, calibration, work; propose better ones.

    --what-if FILE (with [thresholds.*] as in a policy) and --hold say what other thresholds would have done to the same
    comments: how many held, how many of those approved, how many removed ones missed. Changes nothing.
    """
    from app.errors import Refusal
    from app.stories import sites
    from app.thresholds import evaluation, rescoring

    settings, until = loading.settings(), clock.now()
    database = Database(settings.database_url, timeouts=UNLIMITED)
    try:
        site = loading.site(database, key)
        rules = sites.rules_of(site, loading.house(settings.policy))
        scorer = loading.scorer(name or settings.scorer)
        scope = evaluation.Scope(site, until - timedelta(days=days), until, scorer, rescore, suggested=key is None)
        found = evaluation.evaluate(database, scope, rules.thresholds, _asked(rules, file, holds))
    except Refusal as refusal:
        raise Mistake(f"{key or 'no key'}: {refusal.detail()}") from refusal
    except rescoring.NoScores as error:
        raise Mistake(str(error)) from error
    _tell(found, kind, out)


def _tell(found: "ThresholdEvaluation", kind: str, out: Path | None) -> None:
    """Print the evaluation, and write it to the folder `out` in every form that there is."""
    import msgspec

    from app.thresholds import text

    as_text = "\n".join(text.lines(found)) + "\n"
    as_json = msgspec.json.format(msgspec.json.encode(found)).decode() + "\n"
    click.echo(as_json if kind == "json" else as_text, nl=False)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "report.txt").write_text(as_text, encoding="utf-8")
        (out / "report.json").write_text(as_json, encoding="utf-8")
        _proposal_and_plots(found, out)


def _proposal_and_plots(found: "ThresholdEvaluation", out: Path) -> None:
    from app.thresholds import plots, proposal

    if found.proposal.thresholds:
        (out / "proposal.toml").write_text(proposal.fragment(found.proposal), encoding="utf-8")
    try:
        plots.draw(found, out)
    except ImportError:
        click.echo(plots.NOT_INSTALLED, err=True)


def _asked(rules: SiteRules, file: Path | None, holds: tuple[str, ...]) -> dict[str, Threshold] | None:
    """The thresholds to be tried: those of the policy with the file's laid over them, then with the holds."""
    from app.thresholds.proposal import with_hold

    if file is None and not holds:
        return None
    if file is not None:
        try:
            document = tomllib.loads(file.read_text(encoding="utf-8"))
            rules = HouseRules(rules).at({"thresholds": document.get("thresholds", {})})
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, BadPolicy) as error:
            raise click.BadParameter(f"{file}: {error}", param_hint="--what-if") from error
    thresholds = dict(rules.thresholds)
    for hold in holds:
        attribute, number = _hold(hold)
        thresholds[attribute] = with_hold(thresholds[attribute], number)
    return thresholds


def _hold(words: str) -> tuple[str, float]:
    attribute, _, number = words.rpartition("=")
    attribute = attribute or ATTRIBUTES[0]
    try:
        found = float(number)
    except ValueError:
        found = 0.0
    if attribute not in ATTRIBUTES or not 0 < found <= 2:
        raise click.BadParameter(
            f"{words!r} is not a threshold above 0 of {', '.join(ATTRIBUTES)}", param_hint="--hold"
        )
    return attribute, found
