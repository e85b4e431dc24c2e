"""The simulated Stripe on a port of its own, within a test or as a process of its own:

python -m tests.support.simulated_stripe PORT STATE WEBHOOK_URL SECRET
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from werkzeug.serving import run_simple

from app.simulator import create_simulator
from app.simulator.application import begin, build
from tests.support.loopback import Loopback, serving

# served by nobody now: building the routes takes longer than most tests
_idle: list[Flask] = []


@contextmanager
def simulated_stripe(folder: Path, webhook_url: str, secret: str) -> Iterator[tuple[Loopback, Flask]]:
    """Served inside the block, with its state in `folder`."""
    with serving() as server:
        application = _idle.pop() if _idle else build()
        simulator = begin(folder / "stripe.db", webhook_url, secret, server.url)
        application.extensions["simulator"] = simulator
        server.application = application
        yield server, application
        simulator.courier.stop()
    _idle.append(application)


if __name__ == "__main__":
    port, state, webhook_url, secret = sys.argv[1:]
    simulator = create_simulator(Path(state), webhook_url, secret, f"http://127.0.0.1:{port}")
    run_simple("127.0.0.1", int(port), simulator, threaded=True)
