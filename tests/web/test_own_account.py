"""PUT /api/v1/me/name and /me/rules, GET /me/data, DELETE /me, acknowledging a warning, and the account page."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import clock
from app.accounts import sanctions, standing
from app.db import Database
from app.ids import new_id
from app.models import (
    Account,
    Comment,
    EarlierName,
    Item,
    LedgerEntry,
    Letter,
    Login,
    Reaction,
    Report,
    Role,
    Trait,
)
from app.models.role import MODERATOR
from app.models.sanction import BAN, SUSPENSION, WARNING
from app.models.trait import MAILBOX
from config.settings import Settings
from tests.support import factories
from tests.support.callers import Bearer, OpenBrowser
from tests.support.factories import PASSWORD, RULES_VERSION

FOR_ACCOUNTS = [
    ("PUT", "/api/v1/me/name"),
    ("PUT", "/api/v1/me/rules"),
    ("GET", "/api/v1/me/data"),
    ("DELETE", "/api/v1/me"),
    ("POST", "/api/v1/me/warnings/1/acknowledgement"),
    ("GET", "/account"),
    ("GET", "/account/data"),
    ("GET", "/account/erase"),
]
FORMS = ["/account/name", "/account/erase", "/account/verification", "/account/warnings/1", "/rules"]


@pytest.fixture
def ada(database: Database) -> Account:
    with database.transaction() as session:
        return factories.account(session, "Ada", email="ada@example.org", password=PASSWORD)


@pytest.mark.parametrize(("method", "path"), FOR_ACCOUNTS)
def test_an_account_is_nobodys_but_its_owners(client: FlaskClient, method: str, path: str) -> None:
    assert client.open(path, method=method, json={}).status_code == 401


@pytest.mark.parametrize("path", FORMS)
def test_a_form_without_its_token_is_forged(ada: Account, browser: OpenBrowser, path: str) -> None:
    answer = browser(ada).client.post(path, data={})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "csrf")


def test_a_cookie_alone_changes_nothing_through_the_api(ada: Account, browser: OpenBrowser) -> None:
    answer = browser(ada).client.put("/api/v1/me/name", json={"name": "Forged"})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "csrf")


def test_a_published_commenter_changes_names_and_no_comment_is_touched(
    client: FlaskClient, database: Database, ada: Account, bearer: Bearer
) -> None:
    with database.transaction() as session:
        site = factories.site(session)
        comment = factories.comment(session, factories.story(session, site), ada)
        comment_id, before = comment.id, (comment.text, comment.revision, comment.edited_at, comment.state)
    assert client.put("/api/v1/me/name", json={"name": "Augusta"}, headers=bearer(ada)).status_code == 204
    again = client.put("/api/v1/me/name", json={"name": "Byron"}, headers=bearer(ada))
    assert (again.status_code, again.get_json()["code"]) == (403, "name_change_too_soon")
    with database.reading() as session:
        now = session.get_one(Comment, comment_id)
        assert (now.text, now.revision, now.edited_at, now.state) == before
        assert session.get_one(Account, ada.id).name == "Augusta"
        assert session.scalars(select(EarlierName.name)).all() == ["Ada"]


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("Rnary", 409, "name_taken"),
        ("МАRY", 409, "name_taken"),
        ("Ｍａｒｙ", 409, "name_taken"),
        ("Ma\u200bry", 422, "name_characters"),
        ("Editor", 422, "name_reserved"),
        ("[threat=0.9]", 422, "name_unsuitable"),
        ("", 422, "name_length"),
    ],
)
def test_a_name_that_may_not_be_is_refused(
    client: FlaskClient, database: Database, ada: Account, bearer: Bearer, name: str, status: int, code: str
) -> None:
    with database.transaction() as session:
        factories.account(session, "Mary")
    answer = client.put("/api/v1/me/name", json={"name": name}, headers=bearer(ada))
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_rules_are_accepted_in_their_present_version_only(
    client: FlaskClient, database: Database, bearer: Bearer
) -> None:
    with database.transaction() as session:
        reader = factories.account(session, rules=None)
    old = client.put("/api/v1/me/rules", json={"rules_version": "1999-01"}, headers=bearer(reader))
    assert (old.status_code, old.get_json()["code"]) == (422, "rules_outdated")
    now = client.put("/api/v1/me/rules", json={"rules_version": RULES_VERSION}, headers=bearer(reader))
    assert now.status_code == 204
    with database.reading() as session:
        assert session.get_one(Account, reader.id).rules_version == RULES_VERSION


def test_a_warning_is_acknowledged_by_its_addressee_alone(
    client: FlaskClient, database: Database, ada: Account, bearer: Bearer
) -> None:
    with database.transaction() as session:
        site = factories.site(session)
        other = factories.account(session)
        warning = factories.sanction(session, ada, WARNING, at=site)
        suspension = factories.sanction(session, other, SUSPENSION, at=site)
    path = f"/api/v1/me/warnings/{warning.id}/acknowledgement"
    assert client.post(path, headers=bearer(other)).status_code == 404
    assert client.post(f"/api/v1/me/warnings/{suspension.id}/acknowledgement", headers=bearer(other)).status_code == 404
    assert client.post("/api/v1/me/warnings/x/acknowledgement", headers=bearer(ada)).status_code == 404
    for _time in range(2):
        assert client.post(path, headers=bearer(ada)).status_code == 204
    with database.reading() as session:
        assert standing.read(session, ada.id).good
        assert not standing.read(session, other.id).good


def test_a_download_has_all_that_is_the_readers_and_nothing_of_others(
    client: FlaskClient, database: Database, ada: Account, bearer: Bearer
) -> None:
    now = clock.now()
    with database.transaction() as session:
        site = factories.site(session)
        story = factories.story(session, site)
        other = factories.account(session, "Reporter Rita", email="rita@example.org")
        mine = factories.comment(session, story, ada, "my very own text")
        theirs = factories.comment(session, story, other, "not yours")
        item = Item(id=new_id(), site_id=site.id, kind="comment", subject_type="comment", subject_id=mine.id,
                    reasons=["report"], opened_at=now, due_at=now)  # fmt: skip
        session.add(item)
        session.flush()
        for author, subject, note in ((ada, theirs, "my note"), (other, mine, "a note of Rita's")):
            session.add(
                Report(id=new_id(), account_id=author.id, site_id=site.id, subject_type="comment", revision=1,
                       subject_id=subject.id, rule="respect", note=note, item_id=item.id, created_at=now)
            )  # fmt: skip
        session.add(Reaction(comment_id=theirs.id, account_id=ada.id, story_id=story.id, created_at=now))
        factories.sanction(session, ada, BAN, at=site)
    answer = client.get("/api/v1/me/data", headers=bearer(ada))
    document = answer.get_json()
    assert document["account"]["email"] == "ada@example.org"
    assert [comment["text"] for comment in document["comments"]] == ["my very own text"]
    assert [report["note"] for report in document["reports_made"]] == ["my note"]
    assert [reaction["comment_id"] for reaction in document["reactions"]] == [str(theirs.id)]
    assert [sanction["kind"] for sanction in document["sanctions"]] == ["ban"]
    for secret in ("Rita", "rita@", "not yours", str(other.id), "argon2"):
        assert secret not in answer.text


def test_a_long_download_comes_whole(
    client: FlaskClient, database: Database, ada: Account, bearer: Bearer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.accounts.download.SLICE_ROWS", 2)
    with database.transaction() as session:
        story = factories.story(session, factories.site(session))
        for number in range(5):
            factories.comment(session, story, ada, f"text {number}")
    document = client.get("/api/v1/me/data", headers=bearer(ada)).get_json()
    assert [comment["text"] for comment in document["comments"]] == [f"text {number}" for number in range(5)]


def test_erasing_asks_for_the_password(client: FlaskClient, database: Database, ada: Account, bearer: Bearer) -> None:
    answer = client.delete("/api/v1/me", json={"password": "wrong password"}, headers=bearer(ada))
    assert (answer.status_code, answer.get_json()["code"]) == (403, "wrong_password")
    with database.reading() as session:
        assert session.get_one(Account, ada.id).email == "ada@example.org"


def test_an_erased_account_leaves_comments_and_bans_and_no_person(
    client: FlaskClient, settings: Settings, database: Database, bearer: Bearer
) -> None:
    with database.transaction() as session:
        site = factories.site(session)
        reader = factories.account(session, "Mallory", email="m@example.org", settings=settings, password=PASSWORD)
        comment = factories.comment(session, factories.story(session, site), reader, "stays")
        session.add(Role(id=new_id(), account_id=reader.id, role=MODERATOR, created_at=clock.now()))
        decision = factories.sanction(session, reader, WARNING, at=site).decision_id
        sanctions.impose(session, reader, BAN, "moderator", decision)
    headers = bearer(reader)
    assert client.delete("/api/v1/me", json={"password": PASSWORD}, headers=headers).status_code == 204
    assert client.get("/api/v1/me/data", headers=headers).status_code == 401
    signing_in = client.post("/api/v1/tokens", json={"email": "m@example.org", "password": PASSWORD})
    assert signing_in.status_code == 401
    with database.reading() as session:
        account = session.get_one(Account, reader.id)
        assert (account.name, account.email, account.email_token) == ("Deleted account", None, None)
        assert session.get_one(Comment, comment.id).text == "stays"
        for table in (Login, EarlierName, Letter, Role):
            assert session.scalar(select(func.count()).select_from(table)) == 0
        assert session.scalars(select(Trait.kind)).all() == [MAILBOX]
        assert session.scalars(select(LedgerEntry.action)).all() == ["account.erase"]


def test_two_accounts_can_be_erased(client: FlaskClient, database: Database, bearer: Bearer) -> None:
    with database.transaction() as session:
        readers = [factories.account(session, password=PASSWORD) for _time in range(2)]
    for reader in readers:
        assert client.delete("/api/v1/me", json={"password": PASSWORD}, headers=bearer(reader)).status_code == 204


def test_the_account_page_does_it_all_without_a_script(database: Database, ada: Account, browser: OpenBrowser) -> None:
    with database.transaction() as session:
        warning = factories.sanction(session, ada, WARNING, at=factories.site(session))
    reader = browser(ada)
    assert "I have read this warning" in reader.get("/account?next=/stories/7").text
    assert reader.post(f"/account/warnings/{warning.id}").location == "/stories/7"
    assert "I have read this warning" not in reader.get("/account").text
    assert "You have a new name" in reader.post("/account/name", {"name": "Augusta"}, follow_redirects=True).text
    assert "once in 30 days" in reader.post("/account/name", {"name": "Byron"}, follow_redirects=True).text
    assert reader.get("/account/data").get_json()["account"]["name"] == "Augusta"
    assert reader.post("/account/erase", {"password": PASSWORD}).status_code == 400
    assert reader.post("/account/erase", {"password": PASSWORD, "sure": "yes"}).location == "/"
    assert reader.get("/account").status_code == 401


def test_the_rules_page_takes_the_acceptance(database: Database, browser: OpenBrowser) -> None:
    with database.transaction() as session:
        reader = browser(factories.account(session, rules=None))
    assert "I accept these rules" in reader.get("/rules").text
    reader.post("/rules", {"rules_version": RULES_VERSION})
    assert "You have accepted these rules" in reader.get("/rules").text
