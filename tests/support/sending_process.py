"""A process that sends to webhooks as `btl worker` does, but may reach this machine, where receivers of tests are."""

import threading

from app import installation
from app.outgoing import Client
from app.webhooks.sending import Sender
from config.settings import Settings

if __name__ == "__main__":
    Sender(installation.of(Settings.from_env()), Client(permits=lambda _address: True)).run_until(threading.Event())
