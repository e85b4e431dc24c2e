"""Somebody new comes from the paper with an address that is known here: what comes of it, as docs/sso.md has it.

In the table each meeting is a row; here it is played in several spellings of the address, so that some sixty accounts
collide in one newspaper.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app import clock
from app.accounts import emails, erasure, selves, standing
from app.db import Database
from app.models import Account, Item, Login, PaymentCase, Role, Site
from app.models.payment_case import ALLOWED
from app.models.role import MODERATOR
from app.models.sanction import BAN, SUSPENSION
from app.payers import identities
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, sso
from tests.support.repository import REPOSITORY

# one mailbox each, in the spelling of who was there before, and in that of who comes
SPELLINGS = [
    ("ada.lovelace@gmail.com", "AdaLovelace+paper@googlemail.com"),
    ("ada@example.org", "ADA@Example.ORG"),
    ("ada-l@yahoo.com", "ada@yahoo.com"),
    ("ada@bücher.example", "ada@xn--bcher-kva.example"),
]
CONFIRMED, UNCONFIRMED, OF_SUB, BANNED, SUSPENDED, ERASED, OF_STAFF = (
    "that of a reader with a password, confirmed",
    "that of a reader with a password, not confirmed",
    "that of another `sub`",
    "that of somebody banned",
    "that of somebody suspended",
    "that of somebody banned who erased their account",
    "that of staff",
)
NOBODYS, NO_ADDRESS = "nobody's", "no address"
MEETINGS = [CONFIRMED, UNCONFIRMED, OF_SUB, BANNED, SUSPENDED, ERASED, OF_STAFF]
_numbers = count(1)

Arrive = Callable[..., dict[str, Any]]


@pytest.fixture(params=[False, True], ids=["mailboxes not verified", "mailboxes verified"])
def verified(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def site(database: Database, verified: bool) -> Site:
    with database.transaction() as session:
        made = factories.site(session, "gazette")
        made.policy = {"sso": {"mailboxes_verified": verified}, "entitlement": {"paper_entitles": True}}
        return made


@pytest.fixture
def arrive(client: FlaskClient, settings: Settings, database: Database, site: Site) -> Arrive:
    """Come from the paper, with the right to write and the rules accepted; who one is then."""

    def come(email: str | None, subject: str | None = None, **said: Any) -> dict[str, Any]:
        subject = subject or f"sub-{next(_numbers)}"
        until = int((clock.now() + timedelta(days=9)).timestamp())
        said = {"sub": subject, "email": email, "entitled_until": until, **said}
        first = sso.exchange(client, sso.token(settings, "gazette", **said))
        assert first.status_code == 200, first.text
        with database.transaction() as session:
            mine = update(Account).where(Account.id == int(first.get_json()["me"]["id"]))
            session.execute(mine.values(rules_version=factories.RULES_VERSION))
        me: dict[str, Any] = sso.exchange(client, sso.token(settings, "gazette", **said)).get_json()["me"]
        return me

    return come


def before(session: Session, settings: Settings, site: Site, meeting: str, email: str) -> int:
    """Who was there first, but for those who came from the paper themselves."""
    known = factories.account(
        session, email=email, settings=settings, verified=meeting != UNCONFIRMED, password=factories.PASSWORD
    )
    if meeting in (BANNED, SUSPENDED, ERASED):
        factories.sanction(session, known, SUSPENSION if meeting == SUSPENDED else BAN, at=site)
    if meeting == ERASED:
        erasure.erase(session, known.id)
    if meeting == OF_STAFF:
        factories.give_role(session, known, MODERATOR)
    return known.id


def questions(session: Session, account_id: int) -> int:
    """How many open questions to the moderators there are whether the account is somebody's return."""
    asked = select(func.count(PaymentCase.id)).where(
        PaymentCase.account_id == account_id, PaymentCase.kind == "possible_return", PaymentCase.outcome == "open"
    )
    return session.scalar(asked) or 0


# whether they write, why not, whether both are one person, whether the account has the mailbox, questions
NEVER_VERIFIED = {
    CONFIRMED: (True, "by_paper", False, False, 0),
    UNCONFIRMED: (True, "by_paper", False, False, 0),
    OF_SUB: (True, "by_paper", False, False, 0),
    BANNED: (False, "identity_review", False, False, 1),
    SUSPENDED: (True, "by_paper", False, False, 1),
    ERASED: (False, "identity_review", False, False, 1),
    OF_STAFF: (True, "by_paper", False, False, 0),
}
VERIFIED = {
    CONFIRMED: (True, "by_paper", True, True, 0),
    UNCONFIRMED: (True, "by_paper", False, True, 0),
    OF_SUB: (True, "by_paper", True, True, 0),
    BANNED: (False, "banned", True, True, 0),
    SUSPENDED: (False, "suspended", True, True, 0),
    ERASED: (False, "banned", True, True, 0),
    OF_STAFF: (True, "by_paper", False, False, 0),
}


def test_the_page_has_a_row_for_each_meeting() -> None:
    page = (REPOSITORY / "docs/sso.md").read_text().partition("## What comes of a meeting")[2]
    rows = [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("|")][2:]
    assert sorted(rows) == sorted([NOBODYS, NO_ADDRESS, *MEETINGS])


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_mailbox_in_any_spelling_ends_as_the_page_says(
    database: Database, settings: Settings, site: Site, arrive: Arrive, verified: bool
) -> None:
    for number, meeting in enumerate(MEETINGS):
        for theirs, mine in SPELLINGS:
            first, second = (f"{number}{email}" for email in (theirs, mine))
            if meeting == OF_SUB:
                older = int(arrive(first)["id"])
            else:
                with database.transaction() as session:
                    older = before(session, settings, site, meeting, first)
            me = arrive(second)
            account_id = int(me["id"])
            with database.reading() as session:
                account = session.get_one(Account, account_id)
                one_person = older in selves.own(session, account_id)
                known = (
                    me["may_write"],
                    me["code"],
                    one_person,
                    account.email is not None,
                    questions(session, account_id),
                )
                assert (meeting, mine, known) == (meeting, mine, (VERIFIED if verified else NEVER_VERIFIED)[meeting])
                assert (account_id == older, me["roles"]) == (False, [])
                mailbox = emails.token(settings, emails.check(first))
                went_by = [] if meeting == ERASED and not verified else [account_id if meeting == ERASED else older]
                if meeting == OF_SUB and not verified:
                    went_by = []
                assert list(session.scalars(select(Account.id).where(Account.email_token == mailbox))) == went_by
    with database.reading() as session:
        assert session.scalar(select(func.count(Account.id))) == 2 * len(MEETINGS) * len(SPELLINGS) == 56
        assert session.scalar(select(func.count(Role.id))) == len(SPELLINGS)


def test_an_address_that_nobody_has_and_none_at_all(
    database: Database, settings: Settings, arrive: Arrive, verified: bool
) -> None:
    with_address, without, broken = arrive("new@example.org"), arrive(None), arrive("no address at all")
    with database.reading() as session:
        found = [session.get_one(Account, int(me["id"])) for me in (with_address, without, broken)]
        mailbox = ("new@example.org", emails.token(settings, "new@example.org")) if verified else (None, None)
        assert [(each.email, each.email_token) for each in found] == [mailbox, (None, None), (None, None)]
        assert all(each.verified_at for each in found)


def test_an_address_that_no_letter_reaches_is_no_mailbox_and_is_compared(
    database: Database, settings: Settings, house: HouseRules, site: Site, arrive: Arrive
) -> None:
    me = arrive("jörg@example.org", "jörg")
    with database.transaction() as session:
        account = session.get_one(Account, int(me["id"]))
        assert (account.email, account.email_token, me["may_write"]) == (None, None, True)
        factories.sanction(session, account, BAN, at=site)
    assert arrive("JÖRG@example.org", "somebody else")["code"] == "identity_review"


def test_a_ban_of_who_comes_reaches_only_their_own_person(
    database: Database, settings: Settings, house: HouseRules, site: Site, arrive: Arrive, verified: bool
) -> None:
    """Else anybody could have a reader banned by registering at the paper with their address."""
    with database.transaction() as session:
        victim = before(session, settings, site, CONFIRMED, "ada@example.org")
    attacker = int(arrive("ada@example.org")["id"])
    with database.transaction() as session:
        factories.sanction(session, session.get_one(Account, attacker), BAN, at=site)
        identities.seek_returns(session, house, [attacker])
    with database.reading() as session:
        assert (standing.read(session, victim).good, questions(session, victim)) == (not verified, 0)


def test_nobody_who_is_restricted_accuses_another_with_an_address(
    database: Database, house: HouseRules, site: Site, arrive: Arrive, verified: bool
) -> None:
    banned = arrive("mallory@example.org", "mallory")
    victim = arrive("ada@example.org", "ada")
    with database.transaction() as session:
        factories.sanction(session, session.get_one(Account, int(banned["id"])), BAN, at=site)
    arrive("ada@example.org", "mallory")
    again = arrive("ada@example.org", "ada")
    with database.reading() as session:
        assert questions(session, int(victim["id"])) == 0
    assert again["may_write"] is not verified  # who has confirmed one mailbox twice is one person


def test_a_ban_that_comes_later_reaches_who_came_before(
    database: Database, settings: Settings, house: HouseRules, site: Site, arrive: Arrive, verified: bool
) -> None:
    with database.transaction() as session:
        older = before(session, settings, site, CONFIRMED, "ada@example.org")
    arrive("ada@example.org", "ada")
    with database.transaction() as session:
        factories.sanction(session, session.get_one(Account, older), BAN, at=site)
        identities.seek_returns(session, house, [older])
    me = arrive("ada@example.org", "ada")
    assert (me["may_write"], me["code"]) == (False, "banned" if verified else "identity_review")


def test_another_sub_with_the_mailbox_of_who_was_banned_does_not_write(
    database: Database, house: HouseRules, site: Site, arrive: Arrive, verified: bool
) -> None:
    first = arrive("ada@example.org", "ada")
    with database.transaction() as session:
        factories.sanction(session, session.get_one(Account, int(first["id"])), BAN, at=site)
    me = arrive("ada@example.org", "ada again")
    assert (me["may_write"], me["code"]) == (False, "banned" if verified else "identity_review")


def test_another_sub_with_the_customer_of_who_was_banned_does_not_write(
    database: Database, house: HouseRules, site: Site, arrive: Arrive
) -> None:
    """Whatever the paper says of a right to write; and whether the ban or the log-in came first."""
    first = arrive(None, "ada", stripe_customer="cus_ada")
    early = arrive(None, "early", stripe_customer="cus_ada")
    assert (first["may_write"], early["may_write"]) == (True, True)
    with database.transaction() as session:
        factories.sanction(session, session.get_one(Account, int(first["id"])), BAN, at=site)
        identities.seek_returns(session, house, [int(first["id"])])
    late = arrive(None, "late", stripe_customer="cus_ada")
    assert (late["may_write"], late["code"]) == (False, "identity_review")
    assert arrive(None, "early", stripe_customer="cus_ada")["code"] == "identity_review"
    assert arrive(None, "ada", stripe_customer="cus_ada")["code"] == "banned"
    assert arrive(None, "other", stripe_customer="cus_other")["may_write"]


def test_the_customer_of_who_linked_it_here_is_known_again_too(
    database: Database, house: HouseRules, site: Site, arrive: Arrive
) -> None:
    with database.transaction() as session:
        owner = factories.subscriber(session)
        factories.sanction(session, owner, BAN, at=site)
    me = arrive(None, stripe_customer=f"cus_{owner.id}")
    assert (me["may_write"], me["code"]) == (False, "identity_review")


def test_a_customer_that_somebody_has_is_not_taken_over(database: Database, site: Site, arrive: Arrive) -> None:
    with database.transaction() as session:
        owner = factories.subscriber(session)
    me = arrive(None, stripe_customer=f"cus_{owner.id}", entitled_until=None)
    assert (me["may_write"], me["code"]) == (False, "no_subscription")
    with database.reading() as session:
        asked = session.scalars(select(PaymentCase.kind).where(PaymentCase.account_id == int(me["id"]))).all()
        assert asked == ["claimed_twice"]
        assert session.scalar(select(Item.kind).where(Item.account_id == int(me["id"]))) == "payment"


def test_a_moderator_who_tells_two_apart_lets_them_write(
    database: Database, house: HouseRules, settings: Settings, site: Site, arrive: Arrive, verified: bool
) -> None:
    if verified:
        return  # there the mailbox is known to be theirs
    with database.transaction() as session:
        before(session, settings, site, BANNED, "ada@example.org")
    assert arrive("ada@example.org", "ada")["code"] == "identity_review"
    with database.transaction() as session:
        session.execute(update(PaymentCase).values(outcome=ALLOWED))
    assert arrive("ada@example.org", "ada")["may_write"]


def test_what_the_paper_no_longer_says_is_over(database: Database, site: Site, arrive: Arrive) -> None:
    until = int((clock.now() + timedelta(days=40)).timestamp())
    assert arrive(None, "ada", entitled_until=until)["entitlement"]["reason"] == "by_paper"
    assert arrive(None, "ada", entitled_until=None)["code"] == "no_subscription"
    assert arrive(None, "ada", entitled_until=until)["may_write"]
    # for good, as some papers say it
    for far in (9_999_999_999, 253_402_300_799):
        entitled = arrive(None, "ada", entitled_until=far)["entitlement"]
        assert (entitled["reason"], entitled["until"]) == ("by_paper", "2099-12-31T23:59:59Z")
    with database.transaction() as session:
        session.get_one(Site, site.id).policy = {}
    assert arrive(None, "ada", entitled_until=until)["code"] == "no_subscription"


def test_the_older_account_keeps_its_log_in(
    client: FlaskClient, database: Database, settings: Settings, site: Site, arrive: Arrive
) -> None:
    with database.transaction() as session:
        older = before(session, settings, site, CONFIRMED, "ada@example.org")
    me = arrive("ada@example.org")
    answer = client.post("/api/v1/tokens", json={"email": "ada@example.org", "password": factories.PASSWORD})
    own = {"Authorization": f"Bearer {answer.get_json()['token']}"}
    assert client.get("/api/v1/me", headers=own).get_json()["id"] == str(older) != me["id"]
    with database.reading() as session:
        ways = session.execute(select(Login.account_id, Login.provider).order_by(Login.provider)).all()
        assert [tuple(way) for way in ways] == [(older, "local"), (int(me["id"]), "sso")]
