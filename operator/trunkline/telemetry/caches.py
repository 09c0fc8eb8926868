"""Prometheus gauges of caches. A figure that is not known has no series; the series of an object that is gone go.

Implements `trunkline.handlers.health.Gauges`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Gauge

from trunkline.handlers.health import Figures
from trunkline.handlers.port import Key

_LABELS = ("namespace", "name")


@dataclass(frozen=True, slots=True)
class _Series:
    name: str
    help: str
    value: Callable[[Figures], float | None]


def _ratio(percent: int | None) -> float | None:
    return None if percent is None else percent / 100


_SERIES = (
    _Series("hit_ratio", "Lookups that found something, 0 to 1.", lambda it: _ratio(it.hit_ratio_percent)),
    _Series("memory_used_ratio", "Memory in use, of the fullest node.", lambda it: _ratio(it.memory_used_percent)),
    _Series("evictions_per_minute", "Items thrown out for want of memory.", lambda it: it.evictions_per_minute),
    _Series("connections", "Connections of clients.", lambda it: it.connections),
    _Series("operations_per_second", "Commands.", lambda it: it.ops_per_second),
    _Series("replication_lag_seconds", "How far the slowest replica is behind.", lambda it: it.lag_seconds),
)


class CacheGauges:
    """Gauges `trunkline_cache_...` by namespace and name of the CacheLayer."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._gauges = {
            series: Gauge(f"trunkline_cache_{series.name}", series.help, _LABELS, registry=registry)
            for series in _SERIES
        }
        self._healthy = Gauge("trunkline_cache_healthy", "1 healthy, 0 not.", _LABELS, registry=registry)
        self._shown: dict[Gauge, set[Key]] = {}

    def show(self, key: Key, figures: Figures, *, healthy: bool | None) -> None:
        """As the port says."""
        for series, gauge in self._gauges.items():
            self._set(gauge, key, series.value(figures))
        self._set(self._healthy, key, None if healthy is None else float(healthy))

    def forget(self, key: Key) -> None:
        """As the port says."""
        self.show(key, Figures(), healthy=None)

    def _set(self, gauge: Gauge, key: Key, value: float | None) -> None:
        shown = self._shown.setdefault(gauge, set())
        if value is not None:
            gauge.labels(key.namespace, key.name).set(value)
            shown.add(key)
        elif key in shown:
            gauge.remove(key.namespace, key.name)
            shown.discard(key)
