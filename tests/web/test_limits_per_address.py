"""A limit per address holds one caller, however they spell themselves and however many addresses they were given."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.db import Database
from app.web import limits
from config.policy import HouseRules
from config.settings import Settings
from tests.support.applications import application
from tests.support.assembled import assembled

pytestmark = pytest.mark.usefixtures("no_window_ends")

PER_MINUTE = 3


def log_in(client: FlaskClient, number: int, **sent: Any) -> int:
    """What a wrong log-in is answered, each for another account."""
    wrong = {"email": f"nobody{number}@example.org", "password": "wrong horse battery"}
    return client.post("/api/v1/tokens", json=wrong, **sent).status_code


def statuses(client: FlaskClient, addresses: Iterable[str]) -> list[int]:
    """What a log-in from each address is answered."""
    return [
        log_in(client, number, environ_overrides={"REMOTE_ADDR": address}) for number, address in enumerate(addresses)
    ]


@pytest.fixture
def house(house: HouseRules) -> HouseRules:
    return HouseRules(house.at({"limits": {"log_ins_per_minute": PER_MINUTE}}))


@pytest.mark.parametrize(
    "spelt",
    [
        lambda n: f"2001:db8:1:2::{n:x}",
        lambda n: f"2001:0DB8:0001:2:{n:x}::1",
        lambda n: ["192.0.2.7", "::ffff:192.0.2.7", f"192.0.2.7:{n + 1}", "::ffff:c000:207"][n % 4],
        lambda n: f"no address {n}",
    ],
    ids=["of one network", "spelt otherwise", "one of the old kind", "made up"],
)
def test_one_caller_is_counted_once(client: FlaskClient, spelt: Callable[[int], str]) -> None:
    answers = statuses(client, map(spelt, range(PER_MINUTE + 2)))
    assert answers == [401] * PER_MINUTE + [429] * 2


def test_many_networks_of_one_customer_share_a_wider_count(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CALLERS_OF_A_NEIGHBOURHOOD", 2)
    networks = [f"2001:db8:1:{n:x}::1" for n in range(2 * PER_MINUTE + 1)]
    assert statuses(client, networks) == [401] * 2 * PER_MINUTE + [429]
    assert statuses(client, ["2001:db8:2::1", "192.0.2.7"]) == [401, 401]


def test_who_is_refused_does_not_use_up_what_the_neighbours_have(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CALLERS_OF_A_NEIGHBOURHOOD", 2)
    statuses(client, ["2001:db8:1:1::1"] * 3 * PER_MINUTE)
    assert statuses(client, ["2001:db8:1:2::1"] * PER_MINUTE) == [401] * PER_MINUTE


@pytest.fixture
def behind_a_proxy(settings: Settings, house: HouseRules, database: Database) -> Flask:
    return application(assembled(replace(settings, proxies=1), house, database), "behind a proxy")


@pytest.mark.parametrize("address", ["198.51.100.4:{n}", "[2001:db8:1:2::{n}]:443", "2001:db8:1:2::{n}", "unknown{n}"])
def test_what_a_proxy_says_is_read_in_every_spelling(behind_a_proxy: Flask, address: str) -> None:
    client = behind_a_proxy.test_client()
    answers = [
        log_in(client, n, headers={"X-Forwarded-For": f"203.0.113.{n}, {address.format(n=n + 1)}"})
        for n in range(PER_MINUTE + 1)
    ]
    assert answers == [401] * PER_MINUTE + [429]
