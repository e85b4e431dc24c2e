"""What tests of writing begin with: a subscriber before an open story, who posts by program."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.db import Database
from app.models import Account, Comment, Site, Story
from tests.support import factories

Bearer = Callable[[Account], dict[str, str]]
TEXT = "I was at the harbour, and the crane was *not* moving."


@dataclass
class Scene:
    """A subscriber before an open story; `post` is what they do."""

    client: FlaskClient
    bearer: Bearer
    database: Database
    site: Site
    story: Story
    reader: Account

    @property
    def path(self) -> str:
        return f"/api/v1/stories/{self.story.key}/comments?site={self.site.key}"

    def post(self, text: str = TEXT, *, by: Account | None = None, path: str = "", **members: Any) -> TestResponse:
        body = {"text": text, **members}
        return self.client.post(path or self.path, json=body, headers=self.bearer(by or self.reader))

    def reader_who(self, **details: Any) -> Account:
        with self.database.transaction() as session:
            return factories.account(session, **details)

    def subscriber(self) -> Account:
        with self.database.transaction() as session:
            return factories.subscriber(session)

    def comment(self, **details: Any) -> Comment:
        with self.database.transaction() as session:
            return factories.comment(session, self.story, factories.account(session), **details)

    def count(self, model: type[Any] = Comment) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0

    def only(self, model: type[Any]) -> Any:
        with self.database.reading() as session:
            return session.scalars(select(model)).one()


def says(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def open_scene(client: FlaskClient, bearer: Bearer, database: Database) -> Scene:
    """A new newspaper with one story and one subscriber."""
    with database.transaction() as session:
        site = factories.site(session)
        return Scene(client, bearer, database, site, factories.story(session, site), factories.subscriber(session))
