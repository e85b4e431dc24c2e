"""The settings of an installation for a test."""

from pathlib import Path

from app.db import Database
from config.settings import Settings


def settings_for(database: Database, folder: Path) -> Settings:
    """An installation on `database` that keeps its files within `folder`."""
    return Settings.from_env(
        {
            "BTL_ENVIRONMENT": "test",
            "BTL_DATABASE_URL": database.url,
            "BTL_VAR": str(folder / "var"),
            "BTL_SECRET_KEY": "a secret key for the tests that is long enough",
            "BTL_DIGEST_KEY": "a digest key for the tests, long enough",
            "BTL_SSO_SECRET": "a secret shared with the paper's site, for the tests",
            "BTL_MAIL": "file",
        }
    )


def environment_of(settings: Settings) -> dict[str, str]:
    """What a process of its own is given to be that installation."""
    return {
        "BTL_ENVIRONMENT": "test",
        "BTL_DATABASE_URL": settings.database_url,
        "BTL_VAR": str(settings.var),
        "BTL_SECRET_KEY": settings.secret_key,
        "BTL_DIGEST_KEY": settings.digest_key,
    }
