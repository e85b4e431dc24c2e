"""Exports of other systems, as their operators would have them: one conversation, told by each in its own way.

Made up by hand, except for the shapes.
"""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

EXPORTS = Path(__file__).parent / "exports"


def disqus(folder: Path) -> Path:
    return Path(shutil.copy(EXPORTS / "disqus.xml", folder / "paper-all.xml"))


def wordpress(folder: Path) -> Path:
    return Path(shutil.copy(EXPORTS / "wordpress.xml", folder / "paper.WordPress.xml"))


def remark42(folder: Path) -> Path:
    return Path(shutil.copy(EXPORTS / "remark42.json", folder / "backup-paper-20240101"))


def coral(folder: Path) -> Path:
    return Path(shutil.copytree(EXPORTS / "coral", folder / "coral"))


def isso(folder: Path) -> Path:
    path = folder / "comments.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript((EXPORTS / "isso.sql").read_text())
    return path


SYSTEMS: dict[str, Callable[[Path], Path]] = {
    "disqus": disqus,
    "wordpress": wordpress,
    "remark42": remark42,
    "coral": coral,
    "isso": isso,
}
