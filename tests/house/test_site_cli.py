"""`btl site` and `btl moderator`: added, listed, shown, changed and removed."""

from functools import partial

from sqlalchemy import select

from app import clock
from app.db import Database
from app.models import Account, Site
from config.settings import Settings
from tests.support import factories
from tests.support.commands import btl

ADDED = ("add", "paper", "--name", "The Paper", "--origin", "HTTPS://Paper.example:443/")


def test_a_site_is_shown_as_it_was_added_and_changed(settings: Settings, database: Database) -> None:
    site = partial(btl, settings, "site")
    assert site(*ADDED).returncode == 0
    assert (site(*ADDED).returncode, site(*ADDED).stderr) == (2, "Error: paper: There is a site of this key already.\n")
    assert site("list").stdout == f"  {'paper':<24}The Paper\n"
    assert "origins     https://paper.example\n" in site("show", "paper").stdout
    changed = site("set", "paper", "--name", "The Evening Paper", "--product", "prod_1", "--product", "prod_2")
    assert changed.returncode == 0
    assert site("show", "paper").stdout.splitlines() == [
        "  name        The Evening Paper",
        "  origins     https://paper.example",
        "  products    prod_1, prod_2",
    ]


def test_a_site_says_of_its_own_log_in(settings: Settings, database: Database) -> None:
    site = partial(btl, settings, "site")
    site(*ADDED)
    changed = site("set", "paper", "--log-in", "https://paper.example/login", "--mailboxes-verified", "yes")
    assert changed.returncode == 0
    assert site("set", "paper", "--paper-entitles", "yes", "--mailboxes-verified", "no").returncode == 0
    assert site("show", "paper").stdout.splitlines()[3:] == [
        "  sso.log_in = https://paper.example/login",
        "  sso.mailboxes_verified = false",
        "  entitlement.paper_entitles = true",
    ]
    assert "  common_ground.enabled = true\n" in site("set", "paper", "--common-ground", "yes").stdout
    assert "  common_ground.enabled = false\n" in site("set", "paper", "--common-ground", "no").stdout
    for wrong in (("--log-in", "javascript:alert(1)"), ("--mailboxes-verified", "perhaps"), ()):
        assert site("set", "paper", *wrong).returncode == 2


def test_a_site_is_removed_only_while_nothing_belongs_to_it(settings: Settings, database: Database) -> None:
    site = partial(btl, settings, "site")
    site(*ADDED)
    assert site("remove", "paper").returncode == 0
    assert site("list").stdout == ""
    with database.transaction() as session:
        factories.story(session, factories.site(session, "used"))
        factories.site(session, "staffed")
        factories.account(session, email="mod@example.org", settings=settings)
    assert btl(settings, "moderator", "add", "mod@example.org", "--site", "staffed").returncode == 0
    for key in ("used", "staffed"):
        assert (site("remove", key).returncode, "It stays." in site("remove", key).stderr) == (2, True)
    assert site("list").stdout.count("\n") == 2


def test_staff_is_listed_and_removed(settings: Settings, database: Database) -> None:
    moderator = partial(btl, settings, "moderator")
    with database.transaction() as session:
        factories.site(session, "paper")
        account = factories.account(session, email="mod@example.org", settings=settings, verified=False)
    slept = moderator("add", "mod@example.org", "--site", "paper")
    assert slept.stdout.endswith("The role sleeps until the address is confirmed.\n")
    with database.transaction() as session:
        session.get_one(Account, account.id).verified_at = clock.now()
    assert moderator("add", "mod@example.org", "--role", "editor").stdout.count("\n") == 1
    with database.transaction() as session:
        factories.sanction(session, session.get_one(Account, account.id), at=session.scalars(select(Site)).one())
    slept = moderator("add", "mod@example.org", "--role", "editor")
    assert slept.stdout.endswith("The role sleeps until the suspension is over.\n")
    assert [line.split()[-3:] for line in moderator("list").stdout.replace("all sites", "all").splitlines()] == [
        ["editor", "all", "mod@example.org"],
        ["moderator", "paper", "mod@example.org"],
    ]
    assert moderator("remove", "mod@example.org", "--site", "paper").returncode == 0
    assert moderator("remove", "mod@example.org", "--site", "paper").returncode == 2
    assert account.name in moderator("list").stdout
    assert moderator("remove", "mod@example.org").returncode == 0
    assert moderator("list").stdout == ""
