"""Granian opens its port itself; `btl serve` gives it one that is open, by two private methods that it may rename."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from granian.server.common import AbstractServer
from granian.server.mp import MPServer

from app.cli import serving

WHY = "app/cli/serving.py overrides it: see What is pinned, and why, in docs/development.md"
OURS = sorted(name for name in vars(serving._Server) if name.startswith("_") and not name.startswith("__"))


def test_these_are_what_we_override() -> None:
    assert OURS == ["_drop_shared_socket", "_init_shared_socket"]


@pytest.mark.parametrize("name", OURS)
def test_granian_has_what_we_override(name: str) -> None:
    assert hasattr(MPServer, name), f"granian has no {name} any more. {WHY}"
    arguments = list(inspect.signature(getattr(MPServer, name)).parameters)
    assert arguments == ["self"], f"granian gives {name} other arguments. {WHY}"


@pytest.mark.parametrize(
    ("caller", "used"),
    [
        (AbstractServer.startup, "_init_shared_socket"),
        (AbstractServer.shutdown, "_drop_shared_socket"),
        # where the processes get it from
        (MPServer._spawn_worker, "_shd"),
        (MPServer._spawn_worker, "_sso"),
    ],
)
def test_granian_asks_there_for_its_socket(caller: Callable[..., Any], used: str) -> None:
    assert used in caller.__code__.co_names, f"granian's {caller.__qualname__} does without {used}. {WHY}"


def test_granian_takes_the_socket_that_is_open() -> None:
    with serving.listen("127.0.0.1", 0) as listener:
        server: Any = serving._Server(listener, 1)
        server._init_shared_socket()
        assert server._shd.get_fd() == listener.fileno(), f"granian listens elsewhere. {WHY}"
