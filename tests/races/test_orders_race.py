"""Several rows are written at the same moment in the orders in which callers say them: nobody waits for each other."""

from sqlalchemy import select

from app.db import Database
from app.models import StoryAuthor
from app.models.role import EDITOR
from app.models.story import STAFF
from app.notifications import choices
from app.notifications.choices import USUAL
from app.stories import sites, stories
from app.stories.stories import Naming
from app.stories.terms import Terms
from tests.support import factories
from tests.support.together import at_once

CALLERS, TIMES = 6, 10
RARELY = dict.fromkeys(USUAL, "never")


def test_a_reader_chooses_letters_in_two_orders(database: Database) -> None:
    with database.transaction() as session:
        ada = factories.account(session)
    forwards = list(USUAL)

    def choose(number: int) -> None:
        order = forwards[:: 1 if number % 2 else -1]
        for time in range(TIMES):
            wanted = RARELY if (number + time) % 3 else USUAL
            with database.transaction() as session:
                choices.choose(session, ada.id, {kind: wanted[kind] for kind in order})

    at_once(choose, CALLERS)
    with database.reading() as session:
        assert choices.of(session, ada.id) in (RARELY, USUAL)


def test_a_story_is_put_with_its_authors_in_two_orders(database: Database) -> None:
    with database.transaction() as session:
        site = factories.site(session)
        story, editor = factories.story(session, site), factories.staff(session, EDITOR, at=site)
        paper = sites.at(session, site.id)
    whose = [[f"{letter}{number}" for number in range(5)] for letter in "ab"]
    allowed = [[*whose[0], *whose[1]], [*whose[1], *whose[0]][::-1], whose[0][::-1]]

    def put(number: int) -> None:
        for time in range(TIMES):
            naming = Naming(story.url, story.title, STAFF, tuple(allowed[(number + time) % 3]))
            with database.transaction() as session:
                stories.put(session, editor.id, paper, story.key, naming, Terms())

    at_once(put, CALLERS)
    with database.reading() as session:
        found = session.scalars(select(StoryAuthor.mailbox)).all()
    assert sorted(found) in [sorted(each) for each in allowed]
