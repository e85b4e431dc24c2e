"""The one source of the present time, so that a test can move it and a search for it finds every reader."""

from datetime import UTC, datetime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> datetime:
    """The present moment in UTC, with its time zone."""
    return datetime.now(UTC)


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds from 1970 to `moment` (which must carry a time zone)."""
    return int((moment - EPOCH).total_seconds() * 1000)
