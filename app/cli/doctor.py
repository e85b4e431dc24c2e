"""Looks at an installation, part by part, and says what is wrong and what to do about it."""

from collections.abc import Iterator
from functools import partial

from app import db
from app.cli import doctor_helpers, doctor_records, doctor_setup
from app.cli.health import HealthFinding, look
from config.settings import Settings


def examine(settings: Settings) -> Iterator[HealthFinding]:
    """Every part, one after the other, whatever the others are like.

    Of a database that does not answer or lacks tables, no more is said than that.
    """
    for part, check in {**doctor_setup.CHECKS, **doctor_helpers.CHECKS}.items():
        yield look(part, partial(check, settings))
    database = db.of(settings)
    try:
        for part, check_records in doctor_records.CHECKS.items():
            finding = look(part, partial(check_records, database, settings))
            yield finding
            if part in doctor_records.FOUNDATIONS and not finding.good:
                return
    finally:
        database.close()
