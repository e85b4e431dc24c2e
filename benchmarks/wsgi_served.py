"""The web without its front, as granian serves any WSGI application, to compare with.

Run: python -m benchmarks.wsgi_served PORT
"""

import os
import sys
from pathlib import Path
from typing import Any

from granian.constants import Interfaces
from granian.server.mp import MPServer


def _application() -> Any:
    # counting costs the same either way
    metrics = Path(os.environ["BTL_VAR"], "metrics")
    metrics.mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
    import wsgi

    return wsgi.app


if __name__ == "__main__":
    MPServer("wsgi:app", port=int(sys.argv[1]), interface=Interfaces.WSGI, blocking_threads=8, log_access=False).serve(
        target_loader=_application, wrap_loader=False
    )
