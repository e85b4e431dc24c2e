"""Whatever stands in a token that the paper has signed: it is good, or it is refused by a code of ours."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st
from joserfc.jwk import OctKey

from app.db import Database
from app.errors import Malformed
from app.installation import Installation
from app.sign_in import paper_tokens
from app.sign_in.paper_tokens import PaperToken
from config.policy import HouseRules
from tests.support import factories, sso
from tests.support.assembled import assembled
from tests.support.databases import SQLITE, Databases
from tests.support.settings import settings_for

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
CLAIMS = (
    "aud",
    "sub",
    "jti",
    "iat",
    "exp",
    "nbf",
    "email",
    "name",
    "locale",
    "stripe_customer",
    "entitled_until",
    "role",
)
HEADERS = ("alg", "kid", "typ", "crit", "b64", "jwk", "jku", "x5c", "cty", "zip", "enc", "iss")


@pytest.fixture
def it(databases: Databases, house: HouseRules, tmp_path: Path) -> Any:
    with databases.empty(SQLITE) as database:
        yield _with_site(database, house, tmp_path)


def _with_site(database: Database, house: HouseRules, folder: Path) -> Installation:
    with database.transaction() as session:
        factories.site(session, "gazette")
    return assembled(settings_for(database, folder), house, database)


def read(it: Installation, text: str) -> PaperToken | str:
    """The token, or the code of its refusal."""
    try:
        return paper_tokens.read(it, text)
    except Malformed as refusal:
        return refusal.code


@given(said=st.dictionaries(st.sampled_from(CLAIMS) | st.text(max_size=8), json_values, max_size=6))
@tries(max_examples=400)
def test_whatever_it_says(it: Installation, said: dict[str, Any]) -> None:
    claims = {**sso.claims(it.settings, "gazette"), **said}
    token = read(it, sso.by_hand(claims, it.settings.sso_secret.encode()))
    if isinstance(token, str):
        assert token.startswith("sso_")
        return
    assert claims["aud"] == paper_tokens.audience(it.settings, token.site.key)
    assert 0 < claims["exp"] - claims["iat"] <= paper_tokens.LONGEST_LIFE_SECONDS
    assert (token.log_in.subject, token.number) == (claims["sub"], claims["jti"])


@given(header=st.dictionaries(st.sampled_from(HEADERS) | st.text(max_size=8), json_values, max_size=4))
@tries(max_examples=400)
def test_whatever_its_header_says(it: Installation, header: dict[str, Any]) -> None:
    secret = it.settings.sso_secret.encode()
    token = read(it, sso.by_hand(sso.claims(it.settings, "gazette"), secret, **header))
    if isinstance(token, str):
        assert token == "sso_invalid"
        return
    assert header.get("alg", "HS256") == "HS256"
    assert token.log_in.subject == "reader-1"


@given(text=st.text(max_size=200) | st.from_regex(r"[\w-]{0,40}\.[\w-]{0,40}\.[\w-]{0,40}"))
@tries(max_examples=400)
def test_whatever_is_no_token(it: Installation, text: str) -> None:
    with pytest.raises(Malformed, match="sso_invalid"):
        paper_tokens.read(it, text)


@given(place=st.integers(0, 400), letter=st.sampled_from("Aab0_-."))
@tries(max_examples=400)
def test_a_single_letter_makes_it_another(it: Installation, place: int, letter: str) -> None:
    real = sso.signed(sso.claims(it.settings, "gazette"), OctKey.import_key(it.settings.sso_secret))
    place %= len(real) - 1  # the last one has bits that count for nothing
    if real[place] == letter:
        return
    with pytest.raises(Malformed):
        paper_tokens.read(it, real[:place] + letter + real[place + 1 :])
