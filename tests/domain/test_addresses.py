"""One caller is one key, however their address is spelt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.addresses import LONGEST, UNREADABLE, neighbourhood, whose


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7 ", "192.0.2.7"),
        ("192.0.2.7:50123", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::FFFF:c000:0207", "192.0.2.7"),
        ("[::ffff:192.0.2.7]:443", "192.0.2.7"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff:0:0:1", "2001:db8:1:2::/64"),
        ("2001:0db8:0001:0002:0000:0000:0000:0009", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::3]", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::3]:8000", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("", UNREADABLE),
        ("-", UNREADABLE),
        ("unknown", UNREADABLE),
        ("192.0.2.07", UNREADABLE),
        ("192.0.2.7, 198.51.100.1", UNREADABLE),
        ("a" * 10_000, UNREADABLE),
    ],
)
def test_every_spelling_of_a_caller_is_one_key(address: str, key: str) -> None:
    assert whose(address) == key


def test_networks_of_one_customer_are_one_neighbourhood() -> None:
    assert neighbourhood("2001:db8:1:2::1") == neighbourhood("[2001:db8:1:ffff::9]:1") == "2001:db8:1::/48"
    assert neighbourhood("2001:db8:2::1") == "2001:db8:2::/48"
    assert neighbourhood("192.0.2.7") is neighbourhood("::ffff:192.0.2.7") is neighbourhood("nonsense") is None


@given(st.ip_addresses())
def test_whose_of_a_written_address_is_stable(address: object) -> None:
    assert whose(str(address)) == whose(f"[{address}]") == whose(f"[{address}]:1")


@given(st.text())
def test_whatever_is_sent_is_a_short_key(address: str) -> None:
    assert len(whose(address)) <= LONGEST
