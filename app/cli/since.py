"""A day, or a moment of one, from which on a command looks."""

from datetime import UTC, datetime, timedelta

import click

from app import clock

# where it is tomorrow already
AHEAD = timedelta(days=1)


class Since(click.DateTime):
    """A moment in UTC between 1970, when our ids begin, and now."""

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> datetime:
        moment: datetime = super().convert(value, parameter, context).replace(tzinfo=UTC)
        if not clock.EPOCH <= moment <= clock.now() + AHEAD:
            self.fail(f"{moment:%Y-%m-%d} is not between 1970 and today.", parameter, context)
        return moment
