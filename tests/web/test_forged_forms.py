"""Which forms are taken for forged: by their token, and by where the browser says that they come from."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from app.db import Database
from app.models import Account
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.applications import application
from tests.support.assembled import assembled
from tests.support.factories import PASSWORD

PUBLIC = "https://comments.example"
# how the proxy calls us, by a name that is not the public one; the client gives the cookie back to https alone
INSIDE = "https://127.0.0.1:8000"
FORM = {"email": "ada@example.org", "password": PASSWORD}
SITE, ORIGIN, REFERER = "Sec-Fetch-Site", "Origin", "Referer"


@pytest.fixture
def client(settings: Settings, house: HouseRules, database: Database) -> FlaskClient:
    """A program that speaks to an installation behind a proxy as the proxy does."""
    secure = replace(settings, public_url=PUBLIC, proxies=1)
    made = application(assembled(secure, house, database), "behind a proxy").test_client()
    made.environ_base |= {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_FOR": "198.51.100.7"}
    return made


@pytest.fixture(autouse=True)
def ada(database: Database) -> Account:
    with database.transaction() as session:
        return factories.account(session, "Ada", email="ada@example.org", password=PASSWORD)


def token_of(client: FlaskClient) -> str:
    """The token of the form to sign in with; the test client keeps the cookie that goes with it."""
    answer = client.get("/sign-in", base_url=INSIDE)
    return answer.text.split('name="csrf_token" value="')[1].split('"')[0]


def signs_in(client: FlaskClient, headers: dict[str, str], token: str) -> tuple[int, str]:
    form = {"csrf_token": token, **FORM}
    answer = client.post("/sign-in", base_url=INSIDE, data=form, headers=headers)
    return answer.status_code, answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {ORIGIN: "null"},
        {ORIGIN: PUBLIC},
        {ORIGIN: "https://COMMENTS.example:443"},
        {REFERER: "https://elsewhere.example/"},
        {SITE: "same-origin"},
        {SITE: "none"},
        {SITE: "same-origin", ORIGIN: "null"},
        {SITE: "same-origin", ORIGIN: PUBLIC, REFERER: f"{PUBLIC}/sign-in"},
    ],
    ids=str,
)
def test_a_form_of_ours_is_taken_with_its_token_and_without_it_is_not(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    assert signs_in(client, headers, "")[0] == 403
    assert signs_in(client, headers, token_of(client))[0] == 303


@pytest.mark.parametrize(
    "headers",
    [
        {SITE: "cross-site"},
        {SITE: "same-site"},
        {SITE: "cross-site", ORIGIN: "null"},
        {SITE: "what is this"},
        {ORIGIN: "https://elsewhere.example"},
        {ORIGIN: "http://comments.example"},
        {ORIGIN: "https://comments.example:8443"},
        {ORIGIN: "https://comments.example.elsewhere.example"},
        {ORIGIN: "https://[no address"},
        {ORIGIN: "127.0.0.1:8000"},
        {ORIGIN: "http://127.0.0.1:8000"},
    ],
    ids=str,
)
def test_a_page_of_another_origin_is_refused_even_with_the_token_and_told_ours(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    status, said = signs_in(client, headers, token_of(client))
    assert status == 403
    assert f"go to {PUBLIC}" in said


def test_who_keeps_no_cookie_is_told_to_allow_it(client: FlaskClient) -> None:
    token = token_of(client)
    client.delete_cookie("__Host-btl", domain="127.0.0.1")
    status, said = signs_in(client, {SITE: "same-origin", "Accept": "text/html"}, token)
    assert status == 403
    assert f"keeps no cookies of {PUBLIC}" in said


@pytest.mark.parametrize(("headers", "status"), [({SITE: "cross-site"}, 403), ({SITE: "same-origin"}, 204)])
def test_the_api_by_cookie_is_held_to_the_same(
    client: FlaskClient, ada: Account, headers: dict[str, str], status: int
) -> None:
    signs_in(client, {}, token_of(client))
    page = client.get("/rules", base_url=INSIDE).text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    given = {"X-CSRFToken": token, **headers}
    answer = client.delete("/api/v1/tokens", base_url=INSIDE, headers=given)
    assert answer.status_code == status
