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
            "BTL_SECRET_KEY": "a secret key for the tests, long enough",
            "BTL_DIGEST_KEY": "a digest key for the tests, long enough",
            "BTL_MAIL": "file",
        }
    )
