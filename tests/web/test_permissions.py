"""The table of permissions, asked of every route: what it says is what each kind of caller is told.

A route that a caller may use answers this test with whatever its example deserves (2xx, 303, 404, 409, 422): only the
refusals are looked at. A gated route whose body has no example here fails.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.accounts.permissions import PERMISSIONS, Who, needs
from app.db import Database
from app.models import Account, Comment, Site, Story
from app.models.role import MODERATOR
from app.models.sanction import BAN, SUSPENSION, WARNING
from app.web import endpoint
from app.web.endpoint import ENDPOINTS, Endpoint
from app.web.forms import Body
from tests.support import factories
from tests.support.callers import Browser, Headers

EXAMPLES: dict[str, dict[str, Any]] = {
    "PostComment": {"text": "A point of view.", "title": "A story", "url": "https://paper.example/a-story"},
    "WriteForm": {"text": "A point of view."},
    "EditComment": {"text": "A better point of view."},
    "ReportComment": {"rule": "respect"},
    "ReportName": {"rule": "honesty"},
    "ChangeName": {"name": "Somebody Else"},
    "NameForm": {"name": "Somebody Else Again"},
}
# every field has a default
WITHOUT_NEED = {"RespectForm"}
STANDING_CODES = {"unverified", "banned", "suspended", "warning_unacknowledged", "rules_not_accepted"}
OWN = {"edit", "delete_own"}
# who they say they are is not believed of anybody
PROVING = "sign_in"
# there is no Stripe behind these tests
NOT_HERE = {"stripe_unavailable"}


@dataclass(frozen=True)
class Kind:
    """A kind of reader, how one comes to be, and what the gate tells them at standing, rules and entitlement."""

    name: str
    make: Callable[[Session, Site], Account]
    standing: tuple[int, str] | None = None
    rules: tuple[int, str] | None = None
    entitlement: tuple[int, str] | None = None


def _sanctioned(kind: str) -> Callable[[Session, Site], Account]:
    def make(session: Session, site: Site) -> Account:
        reader = factories.subscriber(session)
        factories.sanction(session, reader, kind, at=site)
        return reader

    return make


def _account(**values: Any) -> Callable[[Session, Site], Account]:
    def make(session: Session, _site: Site) -> Account:
        reader = factories.account(session, **values)
        factories.subscribe(session, reader)
        return reader

    return make


KINDS = [
    Kind("unverified", _account(verified=False), standing=(403, "unverified")),
    Kind("banned", _sanctioned(BAN), standing=(403, "banned")),
    Kind("suspended", _sanctioned(SUSPENSION), standing=(403, "suspended")),
    Kind("warned", _sanctioned(WARNING), standing=(403, "warning_unacknowledged")),
    Kind("without the rules", _account(rules=None), rules=(403, "rules_not_accepted")),
    Kind("never paid", lambda session, _site: factories.account(session), entitlement=(402, "no_subscription")),
    Kind(
        "lapsed", lambda session, _site: factories.subscriber(session, status="canceled"), entitlement=(402, "canceled")
    ),
    Kind("subscriber", lambda session, _site: factories.subscriber(session)),
]


@dataclass
class World:
    """What the addresses of routes are filled with."""

    site: Site
    story: Story
    foreign: Comment

    def path(self, declared: Endpoint, own: Comment) -> str:
        comment = own if declared.action in OWN else self.foreign
        story = self.story.key if declared.audience is endpoint.Audience.API else str(self.story.id)
        values = {"story": story, "comment": str(comment.id), "account": str(comment.account_id), "site": self.site.key}
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: values.get(part[1], str(self.foreign.id)), declared.path)


@pytest.fixture
def world(database: Database) -> World:
    with database.transaction() as session:
        site = factories.site(session, "paper")
        story = factories.story(session, site, "a-story")
        return World(site, story, factories.comment(session, story, factories.subscriber(session)))


@pytest.fixture
def ask(app: Flask, bearer: Callable[[Account], Headers]) -> Callable[..., tuple[int, str]]:
    """Call a route as somebody; its status and, if it is a problem, its code."""

    def call(declared: Endpoint, path: str, caller: Account | None) -> tuple[int, str]:
        example = EXAMPLES.get(declared.takes.__name__, {}) if declared.takes else {}
        if declared.audience is endpoint.Audience.API:
            headers = bearer(caller) if caller else {}
            answer = app.test_client().open(path, method=declared.method, json=example or None, headers=headers)
            body = answer.get_json(silent=True)
            return answer.status_code, body.get("code", "") if isinstance(body, dict) else ""
        browser = Browser(app.test_client())
        if caller:
            browser.sign_in(caller)
        page = browser.get(path) if declared.method == "GET" else browser.post(path, example)
        found = re.search(r'data-problem="(\w+)"', page.text)
        if page.status_code == 303 and "/sign-in?next=" in page.headers["Location"]:
            return 401, "sign_in_required"
        return page.status_code, found[1] if found else ""

    return call


def test_every_gated_body_has_an_example_that_means_something() -> None:
    gated = {e.takes.__name__ for e in ENDPOINTS if e.takes and needs(e.action).standing}
    assert gated - EXAMPLES.keys() <= WITHOUT_NEED
    assert all(issubclass(e.takes, Body) for e in ENDPOINTS if e.takes and e.audience is endpoint.Audience.API)


def test_anonymous_callers_get_the_tables_answer_on_every_route(world: World, ask: Callable[..., Any]) -> None:
    wrong = []
    for declared in ENDPOINTS:
        status, code = ask(declared, world.path(declared, world.foreign), None)
        who = PERMISSIONS[declared.action]
        expected = 404 if who.staff else 401 if who is not Who.EVERYONE else None
        if status >= 500 and code not in NOT_HERE:
            wrong.append((declared.method, declared.path, status, code))
        if (expected is None and status == 401 and declared.action != PROVING) or (
            expected is not None and status != expected
        ):
            wrong.append((declared.method, declared.path, status, code))
    assert not wrong


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_readers_get_the_tables_answer_on_every_route(
    database: Database, world: World, ask: Callable[..., Any], kind: Kind
) -> None:
    wrong = []
    for declared in ENDPOINTS:
        with database.transaction() as session:  # afresh for each: some routes erase or sign out
            reader = kind.make(session, world.site)
            own = factories.comment(session, session.get_one(Story, world.story.id), reader)
        status, code = ask(declared, world.path(declared, own), reader)
        for complaint in _complaints(declared, kind, status, code):
            wrong.append((declared.method, declared.path, status, code, complaint))
    assert not wrong


def test_moderators_may_use_what_others_do_not_find(database: Database, world: World, ask: Callable[..., Any]) -> None:
    with database.transaction() as session:
        moderator = factories.staff(session, MODERATOR)
    lists = [e for e in ENDPOINTS if e.action == "moderate" and e.method == "GET" and "<" not in e.path]
    assert lists
    assert {ask(declared, declared.path, moderator)[0] for declared in lists} <= {200, 303}
    editors = [e for e in ENDPOINTS if PERMISSIONS[e.action] in (Who.EDITOR, Who.ADMINISTRATOR)]
    assert {ask(declared, world.path(declared, world.foreign), moderator)[0] for declared in editors} <= {404}


def test_a_banned_moderator_is_a_moderator_no_more(database: Database, world: World, ask: Callable[..., Any]) -> None:
    with database.transaction() as session:
        moderator = factories.staff(session, MODERATOR)
        factories.sanction(session, moderator, BAN, at=world.site)
    staff_only = [e for e in ENDPOINTS if PERMISSIONS[e.action].staff]
    assert {ask(declared, world.path(declared, world.foreign), moderator)[0] for declared in staff_only} == {404}


def _complaints(declared: Endpoint, kind: Kind, status: int, code: str) -> Iterator[str]:
    if status >= 500 and code not in NOT_HERE:
        yield "broke"
    if PERMISSIONS[declared.action].staff:
        if status != 404:
            yield "staff routes do not exist for readers"
        return
    asked = needs(declared.action)
    refusals = [
        refusal
        for needed, refusal in (
            (asked.standing, kind.standing),
            (asked.rules, kind.rules),
            (asked.entitlement, kind.entitlement),
        )
        if needed and refusal
    ]
    if refusals and declared.method != "GET":
        if (status, code) != refusals[0]:
            yield f"should be {refusals[0]}"
    elif declared.action == PROVING:
        return
    elif status in (401, 402) or (status == 403 and code in STANDING_CODES):
        yield "should not be refused"
