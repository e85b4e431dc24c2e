"""A stand-in for Stripe: the real SDK calls it, and it calls our webhook back.

It is a development tool, for demonstrations and tests, and no part of a newspaper that takes money: its own small WSGI
application with its own small state file. It knows nothing of us, and refuses to exist where the mode is live.
"""

from app.simulator.application import SimulatorRefused, create_simulator

__all__ = ["SimulatorRefused", "create_simulator"]
