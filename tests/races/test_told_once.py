"""Readers answer and name each other by the thousand, workers are killed while they tell them: each reader gets what
they asked for, once."""

import random

import pytest

from app.db import Database
from app.models.letter_choice import DAILY, FOLLOW, NEVER
from config.policy import HouseRules
from config.settings import Settings
from tests.support.assembled import assembled
from tests.support.telling_crowd import Crowd, crowd


def told_once(crowd: Crowd, draw: random.Random, *, replies: int, deaths: int, longest: float) -> None:
    crowd.write(draw, replies)
    crowd.kill_workers(draw, deaths, longest)
    crowd.finish()
    told = crowd.told()
    assert len(told) == len(set(told))
    assert set(told) == crowd.expected
    assert crowd.written_of() == crowd.to_be_written_of()
    # all but their own, of what was written after they began to follow
    own = crowd.written()
    new = {reader.id: own.total() - own[reader.id] for reader in crowd.followers}
    assert crowd.unread_of_followed() == new
    # a letter of the day tells of all; one that is written at once of as many as there were by then
    letters = crowd.written_of_followed()
    assert {account: len(counts) for account, counts in letters.items()} == {
        reader.id: 1 for reader in crowd.followers if crowd.wants(reader, FOLLOW) != NEVER
    }
    daily = [reader.id for reader in crowd.followers if crowd.wants(reader, FOLLOW) == DAILY]
    assert {account: letters[account] for account in daily} == {account: [new[account]] for account in daily}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sixty_replies_and_two_dead_workers(database: Database, settings: Settings, house: HouseRules) -> None:
    draw = random.Random(20261129)
    told_once(crowd(assembled(settings, house, database), draw, 12), draw, replies=60, deaths=1, longest=0.2)


@pytest.mark.long
def test_ten_thousand_replies_by_five_hundred_readers(
    database: Database, settings: Settings, house: HouseRules
) -> None:
    draw = random.Random(20261130)
    told_once(crowd(assembled(settings, house, database), draw, 500), draw, replies=10_000, deaths=12, longest=8)
