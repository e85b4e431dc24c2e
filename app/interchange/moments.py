"""When a comment was written, in the ways in which exports say so."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from app import clock, ids

# 2001 to 2286, in seconds or milliseconds; a number of another length is a date without its dashes, or a mistake
_NUMBER = re.compile(r"(\d{9,10}(?:\.\d+)?)|(\d{12,13})")
# other names of zones than those of RFC 5322 are nobody's for certain: BST is London's and Bangladesh's
_MAIL = re.compile(r"(?:[A-Za-z]{3}, )?\d{1,2} [A-Za-z]{3} \d{4} [\d:]{5,8}(?: (?:UTC?|GMT|Z|[ECMP][SD]T|[+-]\d{4}))?")
_UTC = re.compile(r"(?: UTC| GMT| Z)$")


def read(value: str) -> datetime | None:
    """ISO 8601, as in mail (RFC 5322), or seconds or milliseconds since 1970; UTC if it names no zone.

    None if it is none of these, or no id could hold it.
    """
    try:
        moment = _read(value)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        ids.first_at(moment)
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    return moment


def is_to_come(moment: datetime) -> bool:
    """Whether nobody can have written anything then."""
    return moment > clock.now()


def _read(value: str) -> datetime:
    if number := _NUMBER.fullmatch(value):
        return datetime.fromtimestamp(float(number[1]) if number[1] else int(number[2]) / 1000, UTC)
    if value.replace(".", "", 1).isdigit():
        raise ValueError("a number that counts from nowhere")
    if _MAIL.fullmatch(value):
        return parsedate_to_datetime(value)
    return datetime.fromisoformat(_UTC.sub("+00:00", value))
