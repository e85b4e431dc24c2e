"""What /metrics counts of this process."""

from prometheus_client import REGISTRY


def measured(name: str, **labels: str) -> float:
    """A sample of the registry; 0 before its first time."""
    return REGISTRY.get_sample_value(name, labels) or 0.0
