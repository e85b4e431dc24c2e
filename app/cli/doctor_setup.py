"""What can be seen of an installation without asking anybody: its house rules, its settings, its files."""

import os
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url

from app.cli.health import Ill
from app.cli.initial_settings import FILE
from app.db import which_sqlite
from config import policy
from config.settings import Settings

# where docs/deploy keeps the settings, and where btl init writes them unless it is told
SETTINGS_FILES = (Path("/etc/below-the-line.env"), FILE)
OTHERS = 0o007
# earlier ones can damage a database that two connections write to
SAFE_SQLITE = (3, 51, 3)


def rules(settings: Settings) -> str:
    return f"version {policy.load(settings.policy).rules_version}"


def address(settings: Settings) -> str:
    if settings.secure and not settings.proxies:
        raise Ill(
            "readers come by https, so through a proxy, and are all taken for one address: ten wrong passwords lock "
            "everybody out; set BTL_PROXIES to the number of proxies"
        )
    if settings.environment == "production" and not settings.secure:
        raise Ill(f"passwords travel in the clear to {settings.public_url}: set BTL_PUBLIC_URL to an https:// address")
    return f"{settings.public_url}, proxies in front of us: {settings.proxies}"


def metrics(settings: Settings) -> str:
    if settings.environment == "production" and not settings.metrics_token:
        raise Ill("nobody can read /metrics: set BTL_METRICS_TOKEN")
    return "read with a token" if settings.metrics_token else "open"


def files(settings: Settings) -> str:
    seen = sorted({str(each) for each in private(settings) if open_to_others(each)})
    if seen:
        raise Ill(f"anybody on this machine can get at {', '.join(seen)}: run chmod -R o-rwx {' '.join(seen)}")
    return "for us alone"


def sqlite(settings: Settings) -> str:
    if make_url(settings.database_url).get_backend_name() != "sqlite":
        return "not in use"
    version, whose = which_sqlite()
    found = f"{'.'.join(map(str, version))}, of {whose}"
    if version < SAFE_SQLITE:
        least = ".".join(map(str, SAFE_SQLITE))
        raise Ill(f"{found}: before {least} two writers can damage the database; install pysqlite3 or use PostgreSQL")
    return found


def private(settings: Settings) -> Iterator[Path]:
    """What nobody else may read: all that we know of, whether it is there or not."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        yield from (Path(url.database + part) for part in ("", "-wal", "-shm"))
    # who cannot enter it gets at no letter
    yield settings.var / "letters"
    yield from SETTINGS_FILES


def open_to_others(path: Path) -> bool:
    """Whether its mode lets everybody in. What we may not look at is others' no more than ours."""
    try:
        return bool(os.stat(path).st_mode & OTHERS)
    except OSError:
        return False


CHECKS = {
    "policy": rules,
    "address": address,
    "metrics": metrics,
    "files": files,
    "SQLite": sqlite,
}
