"""localstripe: a Stripe that others wrote, as a process of its own on a free port of this machine.

Its shapes are those of 2017, it signs its webhooks itself and sends each once, a second later. What it lacks (prices,
Checkout, disputes, an event for a changed subscription) is tested against our own simulator.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from tests.support.processes import free_port

# its own command line listens on all interfaces and shares one file with every other run on the machine
PROGRAM = """
import sys
from aiohttp import web
from localstripe import resources, server
resources.Store.dump_to_disk = lambda self: None
web.run_app(server.app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""
KEY = "sk_test_12345"


@contextmanager
def running() -> Iterator[str]:
    """Its address, for as long as the block lasts."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address)
        yield address
    finally:
        process.kill()
        process.wait()


def register(address: str, name: str, url: str, secret: str) -> None:
    """Send every event to `url`, signed with `secret`; a second registration of a `name` replaces the first."""
    answer = requests.post(f"{address}/_config/webhooks/{name}", json={"url": url, "secret": secret}, timeout=10)
    answer.raise_for_status()


def _wait(address: str) -> None:
    for _ in range(200):
        try:
            requests.get(f"{address}/v1/customers", auth=(KEY, ""), timeout=5).raise_for_status()
            return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise RuntimeError("localstripe does not answer")
