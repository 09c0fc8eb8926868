"""What /metrics answers: the registry as Prometheus reads it."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest


def exposition(registry: CollectorRegistry) -> tuple[str, bytes]:
    """Content type and text."""
    return CONTENT_TYPE_LATEST, generate_latest(registry)
