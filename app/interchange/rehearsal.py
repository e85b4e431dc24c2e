"""A database that is thrown away, in which an import can be tried: all of the pipeline, and nothing of it stays."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from app import clock
from app.db import Database
from app.installation import Installation
from app.models import Model, Site
from app.stories.sites import SiteSnapshot


@contextmanager
def stage(it: Installation, site: SiteSnapshot) -> Iterator[Installation]:
    """The installation with nothing in its database but the site. What is in the real one already counts as new."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'rehearsal.db'}")
        try:
            Model.metadata.create_all(database.engine)
            with database.transaction() as session:
                session.add(
                    Site(
                        id=site.id,
                        key=site.key,
                        name=site.name,
                        origins=list(site.origins),
                        products=list(site.products),
                        policy=site.policy,
                        created_at=clock.now(),
                    )
                )
            yield replace(it, database=database)
        finally:
            database.engine.dispose()
