"""A stand-in for Stripe, for demonstrations and tests: the real SDK calls it, and it calls our webhook back.

It is its own small WSGI application with its own small state file. It knows nothing of us, takes no money, and
refuses to exist where the mode is live.
"""

from app.simulator.application import SimulatorRefused, create_simulator

__all__ = ["SimulatorRefused", "create_simulator"]
