"""A day, or a moment of one, from which on a command looks."""

from datetime import UTC, datetime

import click

# within what our ids and Stripe's times can hold
YEARS = range(1970, 2100)


class Since(click.DateTime):
    """A moment in UTC, in one of YEARS."""

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> datetime:
        moment: datetime = super().convert(value, parameter, context).replace(tzinfo=UTC)
        if moment.year not in YEARS:
            self.fail(f"the years go from {YEARS[0]} to {YEARS[-1]}.", parameter, context)
        return moment
