"""Whose an address of the internet is: one caller counts as one however it is spelt, and some are nobody's out there.

Who has one IPv6 address has its whole /64, and can be a new one with each request; providers hand out up to a /48.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# every address that cannot be read is one caller, so that made-up ones are no way to be many
UNREADABLE = "unreadable"
LONGEST = 100

# what ipaddress, in one of our Pythons, takes for anybody's and is not: protocols' own (where Oracle's cloud has its
# metadata), relays of 6to4, Azure's own host, groups; and of IPv6 what carries an address of IPv4 or is for documents
_NOT_PUBLIC = tuple(
    map(
        ip_network,
        (
            *("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "224.0.0.0/4"),
            *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
        ),
    )
)
# all that has been given to anybody; what is mapped, translated (NAT64), local or a group lies elsewhere
_GLOBAL_UNICAST = ip_network("2000::/3")
_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]+)\](?::\d+)?|(?P<v4>[^:]+):\d+")


def whose(address: str) -> str:
    """One key for all addresses of one caller: an IPv4 address, an IPv6 /64, or UNREADABLE.

    Takes every spelling, with a port, brackets or a zone; an IPv4 address that is written as an IPv6 one is itself.
    """
    read = _read(address)
    if read is None:
        return UNREADABLE
    return str(read) if isinstance(read, IPv4Address) else _network(read, 64)


def neighbourhood(address: str) -> str | None:
    """The /48 of an IPv6 address: as much as one customer may have been given. None for every other address."""
    read = _read(address)
    return _network(read, 48) if isinstance(read, IPv6Address) else None


def is_public(address: str) -> bool:
    """Whether an address, as a resolver gives it, is one on the open internet: no network's own, no machine's own, none
    by which another one is reached that may be.
    """
    try:
        read = ip_address(address)
    except ValueError:
        return False
    if isinstance(read, IPv6Address) and (read.scope_id is not None or read not in _GLOBAL_UNICAST):
        return False
    return read.is_global and not any(read in network for network in _NOT_PUBLIC)


def _read(address: str) -> IPv4Address | IPv6Address | None:
    text = address[:LONGEST].strip()
    if found := _WITH_PORT.fullmatch(text):
        text = found["v6"] or found["v4"]
    try:
        read = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return read.ipv4_mapped or read if isinstance(read, IPv6Address) else read


def _network(address: IPv6Address, bits: int) -> str:
    return str(ip_network((address, bits), strict=False))
