import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts import names, standing
from app.accounts.lookalikes import is_reserved, skeleton
from app.db import Database
from app.errors import Conflict, Forbidden, Malformed
from app.models import Account, EarlierName, Item
from app.models.role import MODERATOR
from app.toxicity.scorer import Unavailable
from config.policy import HouseRules
from tests.support import factories
from tests.support.scorers import Marked

PAPER = ("The Harbour Gazette",)
FINE = Marked().score(["fine"], 1)

LOOKALIKES = [
    ("Alice", "alice", "case"),
    ("Alice", "ALICE", "case, where a capital I is an l"),
    ("Alice", "Аlісе", "Cyrillic"),
    ("Alice", "Ａｌｉｃｅ", "full-width"),
    ("Alice", "A1ice", "1 for l"),
    ("Alice", "AIice", "capital I for l"),
    ("Alice", "Ali ce", "a space"),
    ("Alice", "A.l-i_c'e", "punctuation"),
    ("Alice", "𝐀𝐥𝐢𝐜𝐞", "mathematical letters"),
    ("Olga", "0lga", "0 for O"),
    ("Mary", "Rnary", "rn for m"),
    ("Walter", "VValter", "vv for w"),
    ("Jose", "José", "an accent"),
]


@pytest.mark.parametrize(("bearer", "other", "why"), LOOKALIKES)
def test_a_name_that_looks_like_another_is_the_same(bearer: str, other: str, why: str) -> None:
    assert skeleton(bearer) == skeleton(other), why


@pytest.mark.parametrize(("one", "other"), [("Alice", "Alicia"), ("李雷", "李磊"), ("Иван", "Игорь"), ("कि", "का")])
def test_different_names_stay_different(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@pytest.mark.parametrize(
    "name",
    ["Moderator", "Anna (Mod)", "M0derator Anna", "ModeratorAnna", "Аdmin", "editor", "The Harbour Gazette",
     "HarbourGazette Online", "Tһе Нarbour Gazеttе", "Deleted  account", "Staff writer"],
)  # fmt: skip
def test_readers_cannot_pass_for_the_paper_or_its_staff(name: str) -> None:
    assert is_reserved(name, PAPER)


@pytest.mark.parametrize("name", ["The Sun", "S u n", "T h e S u n", "T.h.e.S.u.n", "Sun Newsroom", "The Sun Online"])
def test_nor_may_it_pass_for_a_paper_of_a_short_name(name: str) -> None:
    assert is_reserved(name, ("The Sun",))
    assert not is_reserved("Sunny", ("The Sun",))


@pytest.mark.parametrize("name", ["Anna Stafford", "Modesty", "Gazetteer Jones", "Harbour Master", "Edith"])
def test_names_that_only_share_letters_with_them_are_free(name: str) -> None:
    assert not is_reserved(name, PAPER)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("A", "name_length"),
        ("A" * 41, "name_length"),
        ("Ali\u200bce", "name_characters"),
        ("Ali\u202ece", "name_characters"),
        ("Ali\x00ce", "name_characters"),
        ("Ali\nce", "name_characters"),
        ("Ali\u3164ce", "name_characters"),
        ("Ali\ufe0fce", "name_characters"),
        ("Ali  ce", "name_characters"),
        ("...", "name_characters"),
        ("moderator", "name_reserved"),
        ("[insult=0.99] Bob", "name_unsuitable"),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_the_reason(
    database: Database, house: HouseRules, name: str, code: str
) -> None:
    with database.reading() as session, pytest.raises(Malformed) as refusal:
        names.check(session, house, name, Marked().score([name], 1))
    assert refusal.value.code == code


@given(st.text(max_size=60))
def test_no_name_breaks_the_skeleton(name: str) -> None:
    assert skeleton(name) == skeleton(name.upper().lower()) or not name.isascii()
    is_reserved(name, PAPER)


def test_a_reader_changes_a_name_once_in_thirty_days(database: Database, house: HouseRules) -> None:
    with database.transaction() as session:
        reader = factories.account(session, "Alice")
        names.change(session, house, reader.id, "Beatrice", FINE)
    with database.transaction() as session:
        with pytest.raises(Forbidden) as refusal:
            names.change(session, house, reader.id, "Clarice", FINE)
        assert refusal.value.code == "name_change_too_soon"
        assert session.query(EarlierName.name, EarlierName.reset_by).all() == [("Alice", None)]


def test_a_taken_name_is_refused_and_the_old_one_stays(database: Database, house: HouseRules) -> None:
    with database.transaction() as session:
        factories.account(session, "Mary")
        reader = factories.account(session, "Alice")
        with pytest.raises(Conflict):
            names.change(session, house, reader.id, "Rnary", FINE)
    with database.reading() as session:
        assert session.get_one(Account, reader.id).name == "Alice"


def test_staff_may_bear_a_name_that_says_so(database: Database, house: HouseRules) -> None:
    with database.transaction() as session:
        moderator = factories.staff(session, MODERATOR, "Anna")
        assert names.change(session, house, moderator.id, "Anna, Moderator", FINE).name == "Anna, Moderator"


def test_a_name_that_no_scorer_has_seen_goes_to_the_moderators(database: Database, house: HouseRules) -> None:
    with database.transaction() as session:
        factories.site(session)
        reader = factories.account(session, "Alice")
        names.change(session, house, reader.id, "Beatrice", Unavailable("deadline"))
        item = session.query(Item).one()
        assert (item.kind, item.subject_id, item.account_id, item.reasons) == (
            "account", reader.id, reader.id, ["unscored"],
        )  # fmt: skip


def test_a_moderator_takes_a_name_away_and_it_is_remembered_by_whom(database: Database, house: HouseRules) -> None:
    with database.transaction() as session:
        reader = standing.lock(session, factories.account(session, "Alice").id)
        neutral = names.reset_name(session, reader, actor_id=7)
    with database.transaction() as session:
        assert session.get_one(Account, reader.id).name == neutral != "Alice"
        assert session.query(EarlierName.name, EarlierName.reset_by).all() == [("Alice", 7)]
        with pytest.raises(Forbidden):
            names.change(session, house, reader.id, "Alice again", FINE)


def test_pages_with_comments_of_the_renamed_are_shown_anew_and_no_others(database: Database) -> None:
    with database.transaction() as session:
        site = factories.site(session)
        reader = factories.account(session)
        mine, other = factories.story(session, site), factories.story(session, site)
        comment = factories.comment(session, mine, reader)
        factories.comment(session, other, factories.account(session))
        session.refresh(mine)
        session.refresh(other)
        before = mine.revision, other.revision
    names.refresh_stories(database, {"account_id": str(reader.id)})
    with database.transaction() as session:
        session.add_all([mine, other, comment])
        for row in (mine, other, comment):
            session.refresh(row)
        assert (mine.revision, other.revision) == (before[0] + 1, before[1])
        assert comment.edited_at is None
