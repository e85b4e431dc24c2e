"""The command group `btl scorer`: what scores comments, made ready and looked at."""

import click


@click.group()
def scorer() -> None:
    """What scores comments: made ready, and measured by what moderators decide."""
