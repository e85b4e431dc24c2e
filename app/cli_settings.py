"""What every command of the line begins with: settings and policy, or a word on what is wrong with them."""

from pathlib import Path

import click

from config import policy as policies
from config.policy import BadPolicy, Policy
from config.settings import BadSetting, Settings


def settings() -> Settings:
    """The settings of this environment."""
    try:
        return Settings.from_env()
    except BadSetting as error:
        raise click.ClickException(str(error)) from error


def policy(path: Path) -> Policy:
    """The house rules in the file at `path`."""
    try:
        return policies.load(path)
    except BadPolicy as error:
        raise click.ClickException(str(error)) from error
