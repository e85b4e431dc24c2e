"""Which lane a request goes by: desk, webhook, Google's clients, operation and liveness each have their own."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.serving import lanes
from app.web.endpoint import ENDPOINTS, Audience, Endpoint
from app.web.forms import LARGEST_BODY_BYTES

# what a request goes by, by its method and path
Lane = Callable[[str, str], str]


@pytest.fixture
def lane(app: Flask) -> Lane:
    made = lanes(app, threads=8)
    return lambda method, path: next(one.name for one in made if one.asked.fullmatch(f"{method} {path}"))


def meant(endpoint: Endpoint) -> str:
    if endpoint.path == "/healthz":
        return "liveness"
    if endpoint.path == "/batch":
        return "batches"
    others = {Audience.OPERATION: "operation", Audience.WEBHOOK: "webhook", Audience.GOOGLE: "google"}
    return others.get(endpoint.audience, "desk" if endpoint.name.startswith("desk.") else "readers")


def test_every_route_goes_by_the_lane_of_those_whom_it_serves(lane: Lane) -> None:
    wrong = {}
    for endpoint in ENDPOINTS:
        parts = endpoint.path.split("<")
        address = parts[0] + "".join(f"12345{part.partition('>')[2]}" for part in parts[1:])
        if (found := lane(endpoint.method, address)) != meant(endpoint):
            wrong[f"{endpoint.method} {endpoint.path}"] = found
    assert wrong == {}
    assert len(ENDPOINTS) > 90


def test_what_is_nobodys_goes_with_the_readers(lane: Lane) -> None:
    assert lane("GET", "/static/house.css") == "readers"
    assert lane("BREW", "/no\nwhere") == "readers"
    assert lane("POST", "/healthz") == "readers"


def test_only_liveness_is_apart_from_what_asks_the_database(lane: Lane) -> None:
    assert [lane("GET", path) for path in ("/healthz", "/readyz", "/metrics")] == ["liveness", "operation", "operation"]


def test_no_body_is_kept_beyond_what_its_route_may_take(app: Flask) -> None:
    largest = {lane.name: lane.largest for lane in lanes(app, threads=8)}
    assert largest == {
        "liveness": 0,
        "operation": 0,
        "webhook": 256 * 1024,
        "batches": 4 * 1024 * 1024,
        "google": 1024 * 1024,
        "desk": LARGEST_BODY_BYTES,
        "readers": LARGEST_BODY_BYTES,
    }


def test_googles_clients_share_their_lane_by_key_as_the_application_reads_it(app: Flask) -> None:
    google, batches = [each for each in lanes(app, threads=8) if each.name in ("google", "batches")][::-1]
    asked = {
        ("key=a", ""): "a",
        ("alt=json&key=%61&key=b", "c"): "a",
        ("key=", "c"): "c",
        ("", "c"): "c",
        ("", ""): "",
    }
    for (query, header), key in asked.items():
        environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/", "QUERY_STRING": query, "HTTP_X_GOOG_API_KEY": header}
        assert google.caller(environ) == batches.caller(environ) == key
