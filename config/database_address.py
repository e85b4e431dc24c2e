"""Where the database is: an address of SQLAlchemy's for a file or for PostgreSQL."""

from psycopg import ProgrammingError
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

FORMS = "postgresql://user:password@host/name, with odd characters as %xx, or sqlite:////folder/name.db"


def wrong(text: str) -> str | None:
    """Why `text` leads to no database that we can use, without asking one; None if it may."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # of the port
        return f"must be {FORMS}"
    match url.drivername:
        case "sqlite":
            # in memory, each connection would have a database of its own
            is_file = url.database not in (None, "", ":memory:") and not (url.host or url.query)
            return None if is_file else f"must name a file: {FORMS}"
        case "postgresql" | "postgresql+psycopg":
            return _wrong_for_postgresql(url)
        case _:
            return f"must be {FORMS}"


def _wrong_for_postgresql(url: URL) -> str | None:
    if url.port is not None and not 0 < url.port < 2**16:
        return f"names no port: {url.port}"
    try:
        make_conninfo(**dict.fromkeys(url.query, ""))
    except ProgrammingError as error:
        return f"has a parameter that PostgreSQL does not know: {str(error).strip()}"
    return None
