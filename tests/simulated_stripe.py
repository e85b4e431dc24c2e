"""The simulated Stripe as a process of its own: python -m tests.simulated_stripe PORT STATE WEBHOOK_URL SECRET"""

import sys
from pathlib import Path

from werkzeug.serving import run_simple

from app.simulator import create_simulator

if __name__ == "__main__":
    port, state, webhook_url, secret = sys.argv[1:]
    simulator = create_simulator(Path(state), webhook_url, secret, f"http://127.0.0.1:{port}")
    run_simple("127.0.0.1", int(port), simulator, threaded=True)
