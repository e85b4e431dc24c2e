"""Many readers respect one comment at once, some twice, some taking it back: the number is that of the rows."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy import func, select

from app.db import Database
from app.models import Account, Comment, Reaction
from tests.support import factories
from tests.support.callers import Headers
from tests.support.together import at_once

READERS = 8


def test_the_count_is_that_of_the_rows(app: Flask, database: Database, bearer: Callable[[Account], Headers]) -> None:
    with database.transaction() as session:
        story = factories.story(session, factories.site(session))
        comment = factories.comment(session, story, factories.account(session))
        readers = [factories.subscriber(session) for _ in range(READERS)]
    url = f"/api/v1/comments/{comment.id}/respect"

    def act(number: int) -> int:
        """Each reader acts twice at the same moment: the even ones respect twice, the odd ones take it back as well."""
        reader, again = readers[number % READERS], number >= READERS
        client, headers = app.test_client(), bearer(reader)
        if again and number % 2:
            return client.delete(url, headers=headers).status_code
        return client.put(url, headers=headers).status_code

    assert set(at_once(act, 2 * READERS)) == {200}
    with database.reading() as session:
        rows = session.scalar(select(func.count()).select_from(Reaction)) or 0
        assert session.get_one(Comment, comment.id).respect_count == rows
    assert READERS // 2 <= rows <= READERS
