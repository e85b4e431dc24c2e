"""The scores of comments, which is all that is kept of the search for common ground."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import delete, select, update

from app.db import Database
from app.models import Comment, Reaction, Site, Story
from app.models.reaction import DISAGREEMENT
from app.stories import publication

BATCH_ROWS = 1000


def keep(database: Database, site_id: int, scores: Mapping[int, int], since: int) -> None:
    """Keep these scores, and no others of comments with ids from `since` on. Only stories of which a score changes are
    touched, each in a transaction of its own.
    """
    with database.reading() as session:
        scored = select(Comment.id, Comment.common_ground).where(Comment.site_id == site_id, Comment.common_ground > 0)
        before = {row.id: row.common_ground for row in session.execute(scored.where(Comment.id >= since))}
    changed = [each for each in sorted(before.keys() | scores.keys()) if before.get(each) != scores.get(each)]
    by_story: dict[int, dict[int, int]] = defaultdict(dict)
    for first in range(0, len(changed), BATCH_ROWS):
        batch = select(Comment.id, Comment.story_id).where(Comment.id.in_(changed[first : first + BATCH_ROWS]))
        with database.reading() as session:
            for comment_id, story_id in session.execute(batch):
                by_story[story_id][comment_id] = scores.get(comment_id, 0)
    for story_id, of_story in sorted(by_story.items()):
        with database.transaction() as session:
            publication.set_common_ground(session, story_id, of_story)


def seek(database: Database, site_id: int) -> None:
    """From now on common ground is sought at a site, and its readers are asked who disagrees."""
    with database.transaction() as session:
        session.execute(update(Site).where(Site.id == site_id).values(seeks_common_ground=True))


def forget(database: Database, site_id: int) -> None:
    """Seek no more: keep neither scores nor who disagreed."""
    with database.transaction() as session:
        session.execute(update(Site).where(Site.id == site_id).values(seeks_common_ground=False))
    keep(database, site_id, {}, since=0)
    last = 0
    while True:
        with database.transaction() as session:
            quiet = Reaction.kind == DISAGREEMENT, Reaction.comment_id > last, Story.site_id == site_id
            found = select(Reaction.comment_id).join(Story, Story.id == Reaction.story_id).where(*quiet)
            batch = session.scalars(found.order_by(Reaction.comment_id).limit(BATCH_ROWS)).all()
            session.execute(delete(Reaction).where(Reaction.kind == DISAGREEMENT, Reaction.comment_id.in_(batch)))
        if len(batch) < BATCH_ROWS:
            return
        last = batch[-1]
