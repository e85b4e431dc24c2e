"""A name that we gave is no breach, and the next one that its bearer chooses is another."""

import re
from collections.abc import Iterator

import pytest

from app import clock, language
from app.accounts import erasure, names
from app.moderation import casefile, initiative, ladder, previews, strikes, undo
from tests.support import factories, moderating
from tests.support.moderating import Desk, refused


def points(desk: Desk) -> int:
    return ladder.points_in_force(strikes.of(desk.session, desk.author.id), clock.now())


def rename(desk: Desk, name: str) -> None:
    desk.author.name_changed_at = None
    desk.session.flush()
    names.change(desk.session, desk.house, desk.author.id, name, [])


def reset_name(desk: Desk) -> int:
    return initiative.reset_name(desk.session, desk.house, desk.moderator, desk.author.id, "topic", "Because.").id


def test_the_neutral_name_is_not_taken_away_again(desk: Desk) -> None:
    rename(desk, "Rude Name")
    reset_name(desk)
    assert points(desk) == 1
    with refused("neutral_name"):
        reset_name(desk)
    item = moderating.ask_about_name(desk.session, desk.house, desk.author, desk.story.site_id)
    assert "reset_name" not in previews.actions(casefile.read(desk.session, desk.moderator, item.id))
    with refused("neutral_name"):
        desk.decide(item, "reset_name", "topic")
    desk.decide(item, "dismiss", None)
    assert points(desk) == 1


def test_the_name_of_who_confirmed_too_late_for_their_own_is_not_taken_away(desk: Desk) -> None:
    factories.account(desk.session, "Mary Ann")
    desk.author = factories.account(desk.session, "Marie Anne")
    desk.author.name, desk.author.name_skeleton = "Mary Ann", names.wished(desk.author.id)
    names.settle(desk.session, desk.author)
    with refused("neutral_name"):
        reset_name(desk)
    rename(desk, "Rude Name")
    reset_name(desk)


@pytest.mark.parametrize(
    "text", ["Reader 12345678", " Reader 00000000 ", "Reader \uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18"]
)
def test_nobody_chooses_a_name_such_as_we_give(desk: Desk, text: str) -> None:
    with refused("name_reserved"):
        rename(desk, text)
    rename(desk, "Reader 1234")


def test_who_bears_a_neutral_name_may_keep_it(desk: Desk) -> None:
    reset_name(desk)
    rename(desk, desk.author.name)
    assert names.is_ours(desk.author.name)


def test_the_next_name_that_its_bearer_chooses_is_another_act(desk: Desk) -> None:
    rename(desk, "Rude Name")
    reset_name(desk)
    rename(desk, "Ruder Name")
    reset_name(desk)
    assert points(desk) == 2


def test_a_name_that_was_given_back_can_be_taken_away_again(desk: Desk) -> None:
    rename(desk, "Rude Name")
    undo.undo(desk.session, desk.house, desk.moderator, reset_name(desk), "A mistake.")
    reset_name(desk)
    assert points(desk) == 1


def test_a_name_is_decided_on_after_its_bearer_left_and_then_no_more(desk: Desk) -> None:
    rename(desk, "Rude Name")
    item = moderating.ask_about_name(desk.session, desk.house, desk.author, desk.story.site_id)
    erasure.erase(desk.session, desk.author.id)
    desk.decide(item, "reset_name", "topic")
    assert points(desk) == 1
    with refused("not_found"):
        reset_name(desk)


class TestWhereTheHouseSpeaksGerman:
    @pytest.fixture(autouse=True)
    def german(self) -> Iterator[None]:
        with language.use("de"):
            yield

    def test_the_neutral_name_is_german_and_nobody_chooses_one_of_any_language(self, desk: Desk) -> None:
        reset_name(desk)
        assert re.fullmatch(r"Profil \d{8}", desk.author.name)
        assert names.is_ours(desk.author.name)
        for text in ("Reader 12345678", "Profil 12345678"):
            with refused("name_reserved"):
                rename(desk, text)

    @pytest.mark.parametrize(
        "text", ["Redaktion", "Die Redaktion", "Chefredakteurin", "Gelöschtes Konto", "Moderatorin"]
    )
    def test_nobody_passes_for_the_staff_of_a_german_paper(self, desk: Desk, text: str) -> None:
        with refused("name_reserved"):
            rename(desk, text)
