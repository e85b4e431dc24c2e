"""The way out to an address that is data: to the open internet, by https, once looked up, and never for long."""

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from app import addresses, clock, outgoing
from app.outgoing import Client, NotReached
from tests.support import key_server
from tests.support.key_server import KeyServer, saying

# in these tests a part of loopback stands for the open internet
PUBLIC, PRIVATE = "127.0.0.2", "127.0.0.1"


@pytest.fixture
def receiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyServer]:
    """It listens at all of loopback."""
    with key_server.serving(tmp_path, "0.0.0.0") as found:
        found.answer = saying(b"taken")
        monkeypatch.setenv("SSL_CERT_FILE", str(found.certificate))
        yield found


@pytest.fixture
def client() -> Client:
    return Client(permits=lambda address: address == PUBLIC)


@pytest.fixture
def leads_to(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """What the host leads to, at each question in turn; the last answer stays. The list is of who was asked for."""

    def lead(*answers: tuple[str, ...]) -> list[str]:
        asked: list[str] = []

        def resolve(host: str, port: int, **_kind: object) -> list[tuple[object, ...]]:
            asked.append(host)
            found = answers[min(len(asked), len(answers)) - 1]
            families = (socket.AF_INET6 if ":" in each else socket.AF_INET for each in found)
            return [
                (family, socket.SOCK_STREAM, 6, "", (each, port)) for family, each in zip(families, found, strict=True)
            ]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        return asked

    return lead


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has five seconds here."""
    monkeypatch.setattr(outgoing, "MOST_SECONDS", 0.5)


def family_of(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def code(client: Client, address: str) -> str:
    with pytest.raises(NotReached) as caught:
        client.ask("POST", address, {}, b"{}")
    return caught.value.code


@pytest.mark.parametrize(
    "address",
    [
        *("8.8.8.8", "1.1.1.1", "93.184.215.14", "100.63.255.255", "100.128.0.0", "172.32.0.1", "223.255.255.255"),
        *("2606:4700:4700::1111", "2a00:1450:4001:80f::200e", "2001:4860:4860::8888"),
    ],
)
def test_an_address_on_the_open_internet_is_public(address: str) -> None:
    assert addresses.is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        # this machine, this network, private ones, carriers' and link-local ones
        *("0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255"),
        *("192.168.0.1", "100.64.0.1", "100.127.255.255", "169.254.0.1", "::1", "::", "fe80::1", "fe80::1%eth0"),
        *("fec0::1", "fc00::1", "fd12:3456::1", "2606:4700:4700::1111%1"),
        # where clouds tell their machines secrets
        *("169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254"),
        # groups, broadcasts, what is reserved or for documents
        *("224.0.0.1", "239.255.255.250", "255.255.255.255", "240.0.0.1", "192.0.0.8", "192.0.2.1", "198.51.100.1"),
        *("203.0.113.1", "198.18.0.1", "192.88.99.1", "ff02::1", "ff0e::1", "2001:db8::1", "3fff::1", "100::1"),
        *("5f00::1", "4000::1", "2001:2::1", "2001:20::1"),
        # another address in this one: mapped, compatible, translated, by 6to4 and by Teredo
        *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1"),
        *("2002:7f00:1::", "2002:808:808::1", "2001:0:808:808::1"),
        *("", "localhost", "8.8.8.8:443", "[2606:4700:4700::1111]", "0177.0.0.1", "2130706433"),
    ],
)
def test_no_other_address_is_public(address: str) -> None:
    assert not addresses.is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "http://paper.example/",
            "ftp://paper.example/",
            "file:///etc/passwd",
            "//paper.example/",
            "paper.example",
            "",
        ),
        *("https://", "https:///path", "https://me@paper.example/", "https://me:secret@paper.example/"),
        *(
            "https://paper.example:0/",
            "https://p.example:99999/",
        ),
        *("https://paper.example/ x", "https://paper.example/\r\nHost: evil", "https://paper.example/\0"),
        *("https://paper.example\\@10.0.0.1/", "https://paper.example#@10.0.0.1/", "https://päper.example/"),
    ],
)
def test_what_is_no_address_of_https_is_asked_nothing(client: Client, address: str) -> None:
    assert not outgoing.is_address(address)
    assert code(client, address) == "bad_address"


def test_nobody_gives_us_the_port_of_another_service_or_an_address_without_end() -> None:
    given = "https://paper.example:{}/hooks"
    assert [port for port in (22, 25, 80, 443, 1023, 1024, 8443, 65535) if outgoing.is_address(given.format(port))] == [
        *(443, 1024, 8443, 65535)
    ]
    assert not outgoing.is_address(given.format(443) + "x" * 2000)


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0", "[::1]", "[::ffff:127.0.0.1]"],
)
def test_this_machine_is_never_reached_however_it_is_spelt(receiver: KeyServer, host: str) -> None:
    address = receiver.address.replace("localhost", host)
    assert code(Client(), address) in ("not_public", "bad_address", "unknown_host")
    assert (receiver.connected, receiver.asked) == (0, 0)


def test_a_name_is_looked_up_once_and_the_connection_goes_where_it_led(
    receiver: KeyServer, client: Client, leads_to: Callable[..., list[str]]
) -> None:
    asked = leads_to((PUBLIC,), (PRIVATE,))
    assert client.ask("POST", receiver.address, {}, b"{}").body == b"taken"
    assert (asked, receiver.reached) == (["localhost"], [PUBLIC])
    assert code(client, receiver.address) == "not_public"
    assert receiver.connected == 1


@pytest.mark.parametrize("found", [(PUBLIC, PRIVATE), (PRIVATE, PUBLIC), ("::1", PUBLIC), (PUBLIC, "::ffff:127.0.0.1")])
def test_a_name_that_leads_anywhere_else_as_well_leads_nowhere(
    receiver: KeyServer, client: Client, leads_to: Callable[..., list[str]], found: tuple[str, ...]
) -> None:
    leads_to(found)
    assert code(client, receiver.address) == "not_public"
    assert receiver.connected == 0


def test_of_several_addresses_the_first_that_takes_a_connection_is_asked(
    receiver: KeyServer, leads_to: Callable[..., list[str]]
) -> None:
    leads_to(("::1", PUBLIC))  # nothing listens at the first
    assert Client(permits=lambda _address: True).ask("GET", receiver.address, {}).status == 200
    assert receiver.reached == [PUBLIC]


def test_what_is_sent_arrives_as_it_is(receiver: KeyServer, client: Client, leads_to: Callable[..., list[str]]) -> None:
    leads_to((PUBLIC,))
    took: list[tuple[str, str, bytes, str | None]] = []

    def take(handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        took.append((handler.command, handler.path, body, handler.headers["webhook-id"]))
        saying(b"", 503, Retry_After="17")(handler)

    receiver.answer = take
    answer = client.ask("POST", receiver.address + "?a=1&b=%20", {"webhook-id": "7"}, "ü".encode())
    assert took == [("POST", "/keys.json?a=1&b=%20", "ü".encode(), "7")]
    assert (answer.status, answer.retry_after) == (503, 17)


def test_when_to_come_again_is_said_in_seconds_or_as_a_date(
    receiver: KeyServer, client: Client, leads_to: Callable[..., list[str]]
) -> None:
    leads_to((PUBLIC,))
    at, past = datetime(2050, 1, 1, tzinfo=UTC), datetime(1994, 11, 6, tzinfo=UTC)
    for date in (at, past):
        for said in (format_datetime(date, usegmt=True), f"{date:%A, %d-%b-%y %H:%M:%S GMT}"):
            receiver.answer = saying(b"", 503, Retry_After=said)
            before = clock.now()
            found = client.ask("POST", receiver.address, {}).retry_after
            assert found is not None
            latest, earliest = ((date - moment).total_seconds() + 1 for moment in (before, clock.now()))
            assert (found == 0) if date == past else earliest - 1 <= found <= latest, said
    years = [f"Sun, 06 Nov {'9' * digits} 08:49:37 GMT" for digits in (5, 20)]
    for said in ("soon", "-3", "1.5", "Sun, 99 Nov 1994 08:49:37 GMT", *years):
        receiver.answer = saying(b"", 503, Retry_After=said)
        assert client.ask("POST", receiver.address, {}).retry_after is None, said


def test_nobody_is_followed_elsewhere(receiver: KeyServer, client: Client, leads_to: Callable[..., list[str]]) -> None:
    leads_to((PUBLIC,))
    for status in (301, 302, 303, 307, 308):
        receiver.answer = saying(b"", status, Location=receiver.address)
        assert client.ask("POST", receiver.address, {}, b"{}").status == status
    assert receiver.asked == 5


def dripping(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
    while True:
        handler.wfile.write(b" ")
        threading.Event().wait(0.05)


def without_end(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        handler.wfile.write(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")


def going_on(handler: BaseHTTPRequestHandler) -> None:
    while True:
        handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (dripping, "slow"),
        (lambda _handler: threading.Event().wait(2), "slow"),
        (going_on, "slow"),
        (without_end, "too_large"),
        (saying(b"x" * 70_000), "too_large"),
        (saying(b"cut", Content_Length="500"), "cut_short"),
        (saying(b"5\r\nab", Transfer_Encoding="chunked"), "broken"),
        (lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH\r\n"), "broken"),
        (lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200), "broken"),
        (lambda handler: handler.connection.close(), "broken"),
    ],
)
@pytest.mark.usefixtures("soon")
def test_what_comes_too_slowly_too_large_or_not_whole_is_no_answer(
    receiver: KeyServer, client: Client, leads_to: Callable[..., list[str]], answer: key_server.Answer, expected: str
) -> None:
    leads_to((PUBLIC,))
    receiver.answer = answer
    assert code(client, receiver.address) == expected


@pytest.mark.usefixtures("soon")
def test_who_is_slow_to_look_up_to_take_a_connection_or_to_shake_hands_is_left(
    client: Client, leads_to: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server((PUBLIC, 0), backlog=1) as silent:
        address = f"https://localhost:{silent.getsockname()[1]}/"
        leads_to((PUBLIC,))
        assert code(client, address) == "slow"  # it says nothing
        dripped = threading.Thread(target=drip_a_handshake, args=(silent,), daemon=True)
        dripped.start()
        assert code(client, address) == "slow"
        dripped.join()
        still = threading.Event()
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_given, **_named: still.wait(30) and [])
        assert code(client, address) == "slow"
        still.set()


def drip_a_handshake(silent: socket.socket) -> None:
    """A byte at a time, each within the patience of a socket, until the other side has gone."""
    silent.accept()[0].close()  # who came before
    peer, _from = silent.accept()
    with peer:
        try:
            for byte in b"\x16\x03\x03\x40\x00" + b"\0" * 1000:
                peer.sendall(bytes([byte]))
                threading.Event().wait(0.05)
        except OSError:
            return
    raise AssertionError("nobody left")


def test_a_certificate_that_is_another_hosts_or_nobodys_is_not_believed(
    receiver: KeyServer, client: Client, leads_to: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_to((PUBLIC,))
    assert code(client, receiver.address.replace("localhost", "other.example")) == "certificate"
    monkeypatch.delenv("SSL_CERT_FILE")
    assert code(client, receiver.address) == "certificate"
    assert receiver.asked == 0


def test_what_speaks_no_tls_is_told_nothing(client: Client, leads_to: Callable[..., list[str]]) -> None:
    leads_to((PUBLIC,))
    with socket.create_server((PUBLIC, 0)) as plain:
        heard = threading.Thread(target=answer_plainly, args=(plain,))
        heard.start()
        assert code(client, f"https://localhost:{plain.getsockname()[1]}/secret-path") == "broken"
        heard.join()


def answer_plainly(plain: socket.socket) -> None:
    peer, _from = plain.accept()
    with peer:
        assert b"secret-path" not in peer.recv(4096)
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


def test_who_listens_at_no_port_is_not_reached(
    client: Client, leads_to: Callable[..., list[str]], tmp_path: Path
) -> None:
    leads_to((PUBLIC,))
    with socket.create_server((PUBLIC, 0)) as gone:
        address = f"https://localhost:{gone.getsockname()[1]}/"
    assert code(client, address) == "broken"
    assert code(Client(), "https://nobody.invalid/") in ("not_public", "unknown_host")
