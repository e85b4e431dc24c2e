"""`btl billing adopt` as a process that can be killed, and what there is in the end."""

import os
import signal
import subprocess
import sys
from typing import Any

from sqlalchemy import select

from app.models import Customer, Subscription
from config.settings import REPOSITORY
from tests.paper import Paper


def known(paper: Paper) -> set[tuple[str, str]]:
    """Each subscription that was taken in, as the ids of its customer and its own."""
    with paper.database.reading() as session:
        rows = session.execute(select(Customer.id, Subscription.id).where(Subscription.customer_id == Customer.id))
        return {(customer, subscription) for customer, subscription in rows}


def kill_after(paper: Paper, seconds: float) -> bool:
    """Run `btl billing adopt` and kill it after so long; False if it was done by then."""
    process = subprocess.Popen([sys.executable, "-m", "app.cli", "billing", "adopt"], **at(paper))
    try:
        assert process.wait(seconds) == 0
        return False
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True


def at(paper: Paper) -> dict[str, Any]:
    environment = {
        "BTL_ENVIRONMENT": "test",
        "BTL_DATABASE_URL": paper.settings.database_url,
        "BTL_VAR": str(paper.settings.var),
        "BTL_SECRET_KEY": paper.settings.secret_key,
        "BTL_DIGEST_KEY": paper.settings.digest_key,
        "STRIPE_API_BASE": paper.settings.stripe_api_base,
    }
    return {
        "env": os.environ | environment,
        "cwd": REPOSITORY,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
    }
