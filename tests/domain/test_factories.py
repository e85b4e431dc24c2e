from app.db import Database
from app.models.role import MODERATOR
from app.models.sanction import BAN
from tests.support import factories


def test_the_factories_leave_rows_that_the_database_accepts_with_counters_that_are_right(database: Database) -> None:
    with database.transaction() as session:
        site = factories.site(session)
        story = factories.story(session, site)
        author = factories.subscriber(session)
        root = factories.comment(session, story, author)
        reply = factories.comment(session, story, factories.staff(session, MODERATOR, at=site), parent=root)
        factories.comment(session, story, author, parent=reply, state="held")
        factories.sanction(session, author, BAN, at=site)
    with database.reading() as session:
        session.add_all([story, root, reply])
        session.refresh(story)
        session.refresh(root)
        assert (story.comment_count, root.reply_count, root.last_position, reply.position) == (2, 1, 2, 1)
