"""POST /account/join: whoever had an account before the paper signed them in goes on with that one."""

from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock
from app.accounts import selves, standing
from app.db import Database
from app.models import Account, Customer, Follow, Login, Mute, PaperEntitlement, Reaction, Site, Subscription
from app.models.follow import FOLLOWED
from app.models.role import MODERATOR
from app.models.sanction import BAN
from config.settings import Settings
from tests.support import factories, sso
from tests.support.callers import Browser, OpenBrowser

EMAIL = "ada@example.org"
RIGHT = {"email": EMAIL, "password": factories.PASSWORD}


@pytest.fixture
def site(database: Database) -> Site:
    with database.transaction() as session:
        return factories.site(session, "gazette")


@pytest.fixture
def older(database: Database, settings: Settings, site: Site) -> Account:
    with database.transaction() as session:
        return factories.account(session, "Ada", email=EMAIL, settings=settings, password=factories.PASSWORD)


@pytest.fixture
def reader(browser: OpenBrowser, settings: Settings, site: Site) -> Browser:
    opened = browser(None)
    opened.post("/sso/continue", {"token": sso.page_token(settings, "gazette", name="Countess")})
    return opened


def newer(database: Database) -> Account:
    with database.reading() as session:
        return session.scalars(select(Account).where(Account.name == "Countess")).one()


def test_the_paper_signs_them_in_to_the_older_account(
    client: FlaskClient, database: Database, settings: Settings, older: Account, reader: Browser
) -> None:
    assert "Did you have an account here before?" in reader.get("/account").text
    with reader.client.session_transaction() as held:
        before, newer_id = dict(held), newer(database).id
    assert reader.post("/account/join", RIGHT).status_code == 303
    page = reader.get("/account").text
    assert ("<dd>Ada" in page, "Did you have an account" in page) == (True, False)
    me = sso.exchange(client, sso.token(settings, "gazette", name="Countess")).get_json()["me"]
    assert (me["id"], me["name"]) == (str(older.id), "Ada")
    with database.reading() as session:
        assert selves.own(session, older.id) == {older.id, newer_id}
        assert set(session.scalars(select(Login.account_id))) == {older.id}
    with reader.client.session_transaction() as held:
        held.clear()
        held.update(before)
    assert reader.get("/account").status_code in (302, 303, 401)  # the newer one's sessions are over


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"email": EMAIL, "password": "a wrong password"}, "wrong_credentials"),
        ({"email": "nobody@example.org", "password": factories.PASSWORD}, "wrong_credentials"),
        ({}, "wrong_credentials"),
    ],
    ids=str,
)
def test_only_who_knows_the_password_joins(
    database: Database, older: Account, reader: Browser, wrong: dict[str, str], code: str
) -> None:
    answer = reader.post("/account/join", wrong)
    assert (answer.status_code, f'data-problem="{code}"' in answer.text) == (401, True)
    with database.reading() as session:
        assert selves.own(session, older.id) == {older.id}


def test_only_who_was_signed_in_by_the_paper_lately_joins(
    browser: OpenBrowser, database: Database, older: Account, reader: Browser
) -> None:
    csrf = reader.csrf()
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        assert reader.post("/account/join", {**RIGHT, "csrf_token": csrf}).status_code == 403
    assert browser(newer(database)).post("/account/join", RIGHT).status_code == 403
    with database.reading() as session:
        assert selves.own(session, older.id) == {older.id}


def test_nobody_is_joined_with_staff_or_with_themselves(
    browser: OpenBrowser, database: Database, settings: Settings, older: Account, reader: Browser
) -> None:
    assert reader.post("/account/join", RIGHT).status_code == 303
    assert reader.post("/account/join", RIGHT).status_code == 409
    with database.transaction() as session:
        factories.give_role(session, session.get_one(Account, older.id), MODERATOR)
    other = browser(None)
    other.post("/sso/continue", {"token": sso.page_token(settings, "gazette", sub="reader-2")})
    answer = other.post("/account/join", RIGHT)
    assert (answer.status_code, 'data-problem="staff"' in answer.text) == (403, True)
    with database.reading() as session:
        assert session.scalars(select(Login.account_id).where(Login.subject == "reader-2")).one() != older.id


@pytest.mark.parametrize("banned", ["older", "newer"])
def test_a_ban_of_either_is_a_ban_of_both(
    database: Database, site: Site, older: Account, reader: Browser, banned: str
) -> None:
    ids = {"older": older.id, "newer": newer(database).id}
    with database.transaction() as session:
        factories.sanction(session, session.get_one(Account, ids[banned]), BAN, at=site)
    assert reader.post("/account/join", RIGHT).status_code == 303
    with database.reading() as session:
        assert {standing.read(session, each).kind for each in ids.values()} == {BAN}


def test_what_both_have_they_have_once(database: Database, site: Site, older: Account, reader: Browser) -> None:
    with database.transaction() as session:
        former, author, deaf = newer(database), factories.account(session), factories.account(session)
        story = factories.story(session, site)
        comments = [factories.comment(session, story, author) for _ in range(2)]
        for each in (former, older):
            session.add(Follow(account_id=each.id, story_id=story.id, state=FOLLOWED, created_at=clock.now()))
        for each, comment in ((former, comments[0]), (older, comments[0]), (former, comments[1])):
            about = {"comment_id": comment.id, "story_id": story.id, "created_at": clock.now()}
            session.add(Reaction(account_id=each.id, **about))
        for each, muted in ((former, author), (older, author), (deaf, former), (deaf, older), (former, older)):
            session.add(Mute(account_id=each.id, muted_id=muted.id, created_at=clock.now()))
    assert reader.post("/account/join", RIGHT).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(Follow.account_id)).all() == [older.id]
        assert session.scalars(select(Mute.muted_id).where(Mute.account_id.in_((former.id, older.id)))).all() == [
            author.id
        ]
        liked = select(Reaction.comment_id).where(Reaction.account_id == older.id).order_by(Reaction.comment_id)
        assert list(session.scalars(liked)) == [comment.id for comment in comments]
        # a respect is also a number, which stays
        assert len(session.scalars(select(Reaction)).all()) == 3


def test_what_they_pay_for_comes_along(
    browser: OpenBrowser, database: Database, settings: Settings, site: Site, older: Account
) -> None:
    opened, until = browser(None), int(clock.now().timestamp()) + 3600
    with database.transaction() as session:
        session.get_one(Site, site.id).policy = {"entitlement": {"paper_entitles": True}}
    said = {"stripe_customer": "cus_ada", "entitled_until": until}
    opened.post("/sso/continue", {"token": sso.page_token(settings, "gazette", name="Countess", **said)})
    with database.transaction() as session:
        row = {"customer_id": "cus_ada", "account_id": newer(database).id, "status": "active", "products": []}
        session.add(Subscription(id="sub_ada", fetched_at=clock.now(), **row))
    assert opened.post("/account/join", RIGHT).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(Customer.account_id)).all() == [older.id]
        assert session.scalars(select(Subscription.account_id)).all() == [None]  # until Stripe was asked with what
        assert session.scalars(select(PaperEntitlement.account_id)).all() == [older.id]
    again = sso.page_token(settings, "gazette", stripe_customer="cus_ada")
    assert browser(None).post("/sso/continue", {"token": again}).status_code == 303
