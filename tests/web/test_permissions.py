"""The table of permissions, asked of every route: what it says is what each kind of caller is told.

A route that a caller may use answers this test with whatever its example deserves (2xx, 303, 404, 409, 422): only the
refusals are looked at. A gated route whose body has no example here fails.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import identity
from app.accounts.permissions import PERMISSIONS, Who, needs
from app.billing import grants
from app.db import Database
from app.ids import new_id
from app.models import Account, Comment, Site, Story, Subscription
from app.models.role import ADMINISTRATOR, EDITOR, MODERATOR, ROLES
from app.models.sanction import BAN, SUSPENSION, WARNING
from app.moderation import decisions
from app.moderation.decisions import Intent
from app.sign_in import resets
from app.web.endpoint import ENDPOINTS, Audience, Endpoint
from app.web.forms import Body
from config.policy import HouseRules
from tests.support import factories, moderating
from tests.support.callers import Browser, Headers, cookie_of

EXAMPLES: dict[str, dict[str, Any]] = {
    "PostComment": {"text": "A point of view.", "title": "A story", "url": "https://paper.example/a-story"},
    "WriteForm": {"text": "A point of view."},
    "EditComment": {"text": "A better point of view."},
    "ReportComment": {"rule": "respect"},
    "ReportName": {"rule": "honesty"},
    "ReportForm": {"rule": "respect"},
    "ChangeName": {"name": "Somebody Else"},
    "NameForm": {"name": "Somebody Else Again"},
}
# to the staff routes: what means something there, so that only a permission can stand in the way
EXAMPLES_OF_STAFF: dict[str, dict[str, Any]] = {
    "Decide": {"action": "remove", "revision": 1, "rule": "topic", "reason": "Because."},
    **{body: {"reason": "Because."} for body in ("Why", "Lift", "Undo")},
    "ResetName": {"rule": "topic", "reason": "Because."},
    "Give": {"site": "paper", "days": 3, "reason": "A guest."},
    "GiveGrant": {"reason": "A guest."},
    "PutStory": {"url": "https://paper.example/a-story", "title": "A story"},
    "PutSection": {"slow_seconds": 30},
    "StateForm": {"state": "closed"},
    "PutForward": {},
    **{body: {"method": "at_period_end", "reason": "Because."} for body in ("ProposeTermination", "ProposeByForm")},
}
# they name nothing that happened at a site, and show every caller what is theirs
OF_NO_SITE = {"/api/v1/items", "/queue", "/queue/log", "/readers", "/readers/<account>", "/api/v1/accounts/<account>"}
# every field has a default
WITHOUT_NEED = {"ReactionForm"}
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


def _moderator(kind: str) -> Callable[[Session, Site], Account]:
    def make(session: Session, site: Site) -> Account:
        moderator = factories.staff(session, MODERATOR, at=site)
        factories.sanction(session, moderator, kind, at=site)
        return moderator

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
    Kind("suspended moderator", _moderator(SUSPENSION), standing=(403, "suspended")),
    Kind("warned moderator", _moderator(WARNING), standing=(403, "warning_unacknowledged")),
]


@dataclass
class World:
    """What the addresses of routes are filled with."""

    site: Site
    story: Story
    foreign: Comment

    def path(self, declared: Endpoint, own: Comment) -> str:
        comment = own if declared.action in OWN else self.foreign
        story = self.story.key if declared.audience is Audience.API else str(self.story.id)
        values = {"story": story, "comment": str(comment.id), "account": str(comment.account_id), "site": self.site.key}
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: values.get(part[1], str(self.foreign.id)), declared.path)


@dataclass
class Matter:
    """What staff routes of a newspaper name: a banned reader who subscribes, what they wrote and what was decided."""

    site: Site
    account: Account
    values: dict[str, str]

    @classmethod
    def of(cls, session: Session, house: HouseRules, site: Site) -> "Matter":
        story, reader = factories.story(session, site, f"story-{new_id()}"), factories.subscriber(session)
        first, second = factories.comment(session, story, reader), factories.comment(session, story, reader)
        item = moderating.ask(session, house, first)
        intent = Intent(item.id, item.revision, "ban", "threat", "A threat.")
        decision = decisions.decide(session, house, moderating.moderator(session), intent)
        until = clock.now() + timedelta(days=3)
        grant = grants.give(session, factories.staff(session, EDITOR).id, reader.id, site.id, "A guest.", until)
        values = {"item": moderating.ask(session, house, second).id, "decision": decision.id, "grant": grant.id}
        values |= {"account": reader.id, "comment": second.id, "story": story.id}
        named = {name: str(value) for name, value in values.items()}
        return cls(site, reader, {**named, "site": site.key, "key": story.key, "section": "sport"})

    def path(self, declared: Endpoint) -> str:
        named = {**self.values, "story": self.values["key"]} if "/api/v1/stories" in declared.path else self.values
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: named[part[1]], declared.path)
        return f"{path}?site={self.site.key}&account={self.account.id}&name=Nobody" if "?" not in path else path

    def example(self, session: Session, declared: Endpoint) -> dict[str, Any] | None:
        if declared.takes is None:
            return None
        bought = session.scalars(select(Subscription.id).where(Subscription.account_id == self.account.id)).one()
        until = (clock.now() + timedelta(days=2)).isoformat()
        known = {"site": self.site.key, "account": self.values["account"], "until": until, "subscription": bought}
        wanted = msgspec.structs.fields(declared.takes)
        found = {**known, **EXAMPLES_OF_STAFF[declared.takes.__name__], "site": self.site.key}
        return {field.name: found[field.name] for field in wanted if field.name in found}


@pytest.fixture
def world(database: Database) -> World:
    with database.transaction() as session:
        site = factories.site(session, "paper")
        story = factories.story(session, site, "a-story")
        return World(site, story, factories.comment(session, story, factories.subscriber(session)))


@pytest.fixture
def ask(app: Flask, bearer: Callable[[Account], Headers]) -> Callable[..., tuple[int, str]]:
    """Call a route as somebody, or with a cookie alone; its status and, if it is a problem, its code."""

    def call(
        declared: Endpoint,
        path: str,
        caller: Account | None,
        body: dict[str, Any] | None = None,
        cookie: dict[str, object] | None = None,
    ) -> tuple[int, str]:
        example = body or (EXAMPLES.get(declared.takes.__name__, {}) if declared.takes else {})
        browser = Browser(app.test_client())
        with browser.client.session_transaction() as session:
            session.update(cookie or {})
        if declared.audience is Audience.API:
            headers = bearer(caller) if caller else {}
            answer = browser.client.open(path, method=declared.method, json=example or None, headers=headers)
            body = answer.get_json(silent=True)
            return answer.status_code, body.get("code", "") if isinstance(body, dict) else ""
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
    assert all(issubclass(e.takes, Body) for e in ENDPOINTS if e.takes and e.audience is Audience.API)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "who",
    [
        "nobody",
        "a reader whose sessions ended",
        "an administrator whose sessions ended",
        "a reader who signed out",
        "an administrator who signed out",
    ],
)
def test_nobody_gets_the_tables_answer_on_every_route(
    database: Database, world: World, ask: Callable[..., Any], who: str
) -> None:
    """Whoever has copied the cookie or the token of a session that its owner ended is nobody."""
    caller, cookie = None, None
    if who != "nobody":
        with database.transaction() as session:
            reader = who.startswith("a reader")
            known = factories.subscriber(session) if reader else factories.staff(session, ADMINISTRATOR)
        with database.transaction() as session:
            if who.endswith("sessions ended"):
                caller = known
                resets.end_sessions(session, known.id)
            else:
                cookie = cookie_of(known)
                identity.end(session, str(cookie["session_id"]))
    wrong = []
    for declared in ENDPOINTS:
        status, code = ask(declared, world.path(declared, world.foreign), caller, cookie=cookie)
        needed = PERMISSIONS[declared.action]
        expected = 404 if needed.staff else 401 if needed is not Who.EVERYONE else None
        if status >= 500 and code not in NOT_HERE:
            wrong.append((declared.method, declared.path, status, code))
        if (expected is None and status == 401 and declared.action != PROVING) or (
            expected is not None and status != expected
        ):
            wrong.append((declared.method, declared.path, status, code))
    assert not wrong


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_readers_get_the_tables_answer_on_every_route(
    database: Database, world: World, ask: Callable[..., Any], kind: Kind
) -> None:
    wrong = []
    for declared in ENDPOINTS:
        own = world.foreign
        with database.transaction() as session:  # afresh for each: some routes erase or sign out
            reader = kind.make(session, world.site)
            if declared.action in OWN:
                own = factories.comment(session, session.get_one(Story, world.story.id), reader)
        status, code = ask(declared, world.path(declared, own), reader)
        for complaint in _complaints(declared, kind, status, code):
            wrong.append((declared.method, declared.path, status, code, complaint))
    assert not wrong


def staff_routes() -> list[Endpoint]:
    return [e for e in ENDPOINTS if PERMISSIONS[e.action].staff]


def test_staff_of_a_site_may_use_what_staff_of_other_sites_do_not_find(
    database: Database, house: HouseRules, ask: Callable[..., Any]
) -> None:
    with database.transaction() as session:
        site = factories.site(session, "paper")
        editor = factories.staff(session, EDITOR, at=site)
        stranger = factories.staff(session, ADMINISTRATOR, at=factories.site(session))
    wrong = []
    for declared in staff_routes():
        with database.transaction() as session:  # afresh for each: what was decided is decided
            matter = Matter.of(session, house, site)
            example = matter.example(session, declared)
        path = matter.path(declared)
        refused, done = (ask(declared, path, caller, example)[0] for caller in (stranger, editor))
        if refused not in ((200, 303) if declared.path in OF_NO_SITE else (404,)) or done not in (200, 201, 204, 303):
            wrong.append((declared.method, declared.path, refused, done))
    assert not wrong


def test_moderators_do_not_find_what_takes_an_editor(database: Database, world: World, ask: Callable[..., Any]) -> None:
    with database.transaction() as session:
        moderator = factories.staff(session, MODERATOR)
    editors = [e for e in ENDPOINTS if PERMISSIONS[e.action] in (Who.EDITOR, Who.ADMINISTRATOR)]
    assert {ask(declared, world.path(declared, world.foreign), moderator)[0] for declared in editors} <= {404}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", [BAN, SUSPENSION, WARNING])
@pytest.mark.parametrize("role", ROLES)
def test_roles_sleep_while_their_bearer_is_not_in_good_standing(
    database: Database, world: World, ask: Callable[..., Any], role: str, kind: str
) -> None:
    with database.transaction() as session:
        staff = factories.staff(session, role)
        factories.sanction(session, staff, kind, at=world.site)
    assert {ask(declared, world.path(declared, world.foreign), staff)[0] for declared in staff_routes()} == {404}


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
    elif declared.action == PROVING or (declared.path, code) == ("/subscription/subscribe", "unverified"):
        return  # who could not write must not pay first
    elif status in (401, 402) or (status == 403 and code in STANDING_CODES):
        yield "should not be refused"
