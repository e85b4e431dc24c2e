"""The newspaper as it is installed, and the simulated Stripe beside it, each in real processes that can be killed."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import requests

from app.simulator.store import Store
from config.settings import Settings
from tests.support.processes import free_port, wait_until_ready
from tests.support.repository import REPOSITORY
from tests.support.stoppable import Stoppable
from tests.support.stripe_world import eventually

WEB, WORKER, STRIPE = "web", "worker", "stripe"


@dataclass
class Installation:
    """A web process and a worker of ours, and Stripe's."""

    settings: Settings
    folder: Path
    commands: dict[str, list[str]]
    # settings beyond those that `settings` stands for, as they are written in an environment
    further: Mapping[str, str] = field(default_factory=dict)
    running: dict[str, Stoppable] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """What is true at Stripe, read past the process that serves it."""
        return Store(self.folder / "stripe.db")

    def start(self, name: str) -> None:
        """Each leads a group of its own, so that it is killed with all that it started."""
        command = [sys.executable, "-m", *self.commands[name]]
        log = self.folder / f"{name}.log"
        self.running[name] = Stoppable(command, log, env=self._environment(), cwd=REPOSITORY)

    def command(self, *words: str) -> str:
        """What one of our commands says: that it fails or finds something to complain of is for the caller to see."""
        run = [sys.executable, "-m", "app.cli.main", *words]
        return subprocess.run(run, env=self._environment(), cwd=REPOSITORY, capture_output=True, text=True).stdout

    def kill(self, name: str) -> None:
        """kill -9: nothing is tidied up."""
        self.running.pop(name).kill()

    def wait_until_ready(self) -> None:
        """Until our web answers, and Stripe does."""
        wait_until_ready(self.settings.public_url)
        eventually(self._stripe_answers)

    def at_stripe(self, path: str, **form: object) -> Any:
        """Have something happen at Stripe; its answer, or None where there is none or Stripe refused."""
        key = {"Authorization": "Bearer sk_test_simulated"}
        url = f"{self.settings.stripe_api_base}/{path}"
        answer = requests.post(url, data=form, headers=key, allow_redirects=False, timeout=30)
        assert answer.status_code < 500, answer.text
        return answer.json() if answer.status_code < 300 else None

    def _stripe_answers(self) -> bool:
        try:
            return requests.get(f"{self.settings.stripe_api_base}/_sim", timeout=5).ok
        except requests.ConnectionError:
            return False

    def _environment(self) -> dict[str, str]:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("BTL_", "STRIPE_"))}
        return inherited | {
            "BTL_ENVIRONMENT": "test",
            "BTL_DATABASE_URL": self.settings.database_url,
            "BTL_VAR": str(self.folder / "var"),
            "BTL_SECRET_KEY": self.settings.secret_key,
            "BTL_DIGEST_KEY": self.settings.digest_key,
            "BTL_PUBLIC_URL": self.settings.public_url,
            "BTL_MAIL": "file",
            "STRIPE_API_BASE": self.settings.stripe_api_base,
            "STRIPE_WEBHOOK_SECRETS": ",".join(self.settings.stripe_webhook_secrets),
            **self.further,
        }


@contextmanager
def installed(settings: Settings, folder: Path, *, btl: str = "app.cli.main", **further: str) -> Iterator[Installation]:
    """All three run inside the block. `btl`: the module that is run as our command."""
    here, there = free_port(), free_port()
    settings = replace(settings, public_url=f"http://127.0.0.1:{here}", stripe_api_base=f"http://127.0.0.1:{there}")
    webhook = f"{settings.public_url}/stripe/webhook"
    (secret,) = settings.stripe_webhook_secrets
    made = Installation(
        settings,
        folder,
        {
            WEB: [btl, "serve", "--port", str(here)],
            WORKER: [btl, "worker"],
            STRIPE: ["tests.support.simulated_stripe", str(there), str(folder / "stripe.db"), webhook, secret],
        },
        further,
    )
    try:
        for name in (STRIPE, WEB, WORKER):
            made.start(name)
        made.wait_until_ready()
        yield made
    finally:
        for name in list(made.running):
            made.kill(name)
