"""What commands of the line begin with: settings, policy, a scorer, or a word on what is wrong with them."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.mistakes import Mistake
from app.db import Database
from config import policy as policies
from config.policy import BadPolicy, HouseRules
from config.settings import BadSetting, Settings

if TYPE_CHECKING:  # loaded by those who score
    from app.installation import Installation
    from app.stories.sites import SiteSnapshot
    from app.toxicity import Guarded


def settings() -> Settings:
    """The settings of this environment."""
    try:
        return Settings.from_env()
    except BadSetting as error:
        raise Mistake(str(error)) from error


def house(path: Path) -> HouseRules:
    """The house rules in the file at `path`."""
    try:
        return policies.load(path)
    except BadPolicy as error:
        raise Mistake(str(error)) from error


def installation() -> "Installation":
    """The installation of this environment."""
    # not sooner: the processes of `btl serve` settle how they count before they read the program
    import app.kinds  # noqa: F401 (hands them over)
    from app import installation

    given = settings()
    try:
        return installation.of(given, Database(given.database_url))
    except BadPolicy as error:
        raise Mistake(str(error)) from error


def site(database: Database, key: str | None) -> "SiteSnapshot":
    """The newspaper of that key, or the first, or a word on which is not there."""
    from app.stories import sites

    found = next((each for each in sites.known(database) if key in (None, each.key)), None)
    if found is None:
        raise Mistake(f"{key}: There is no site of this key." if key else "There is no site: btl site add makes one.")
    return found


def scorer(name: str) -> "Guarded":
    """The scorer of that name, or a word on why it cannot be had."""
    from app import toxicity

    # the built-in one is for those, too, who have no installation
    files = settings().scorer_files if name == "detoxify" else Path()
    try:
        return toxicity.Guarded(toxicity.find(name, files))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--scorer") from error
    except toxicity.Unloadable as error:
        raise Mistake(f"the scorer {name} cannot be loaded: {error}") from error
