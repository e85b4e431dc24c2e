"""Whoever watches hears of every answer that the front gives by itself, by its method and status, and of no other."""

from collections import Counter
from pathlib import Path

from tests.support.echo import LARGEST, PLACES, REFUSED, THREADS, echoing
from tests.support.raw_http import ask, connected, half_sent, reply, request
from tests.support.stripe_world import eventually


def test_its_own_answers_are_counted_and_those_of_the_application_are_not(tmp_path: Path) -> None:
    def counted() -> Counter[str]:
        path = tmp_path / REFUSED
        return Counter(path.read_text().splitlines() if path.exists() else [])

    with echoing("front", tmp_path) as (port, _):
        assert ask(port, request("GET", "/")).status == 200
        assert ask(port, request("POST", "/", body=b"x" * (LARGEST + 1))).status == 200
        assert counted() == Counter()
        # two hosts, an accident, a coding that nobody undoes, trailers
        assert ask(port, request("GET", "/", "Host: another")).status == 400
        assert ask(port, request("PUT", "/raise")).status == 500
        assert ask(port, request("GET", "/", "Transfer-Encoding: gzip, chunked")).status == 400
        assert counted() == {"GET 400": 2, "PUT 500": 1}
        # too many, of whom nobody else has as many; and they are too slow
        slow = [connected(port, half_sent()) for _ in range(PLACES)]
        assert ask(port, request("DELETE", "/")).status == 503
        assert [reply(each).status for each in slow] == [408] * PLACES
        assert counted() == {"GET 400": 2, "PUT 500": 1, "DELETE 503": 1, "POST 408": PLACES}
        # who leaves, from a body or from the line
        for leaving in [half_sent(), *(request("GET", f"/wait?{number}") for number in range(THREADS + 1))]:
            connected(port, leaving).close()
        eventually(lambda: counted()["POST 400"] == 1 and counted()["GET 503"] == 1)
        for number in range(THREADS):
            (tmp_path / f"{number}.go").touch()
