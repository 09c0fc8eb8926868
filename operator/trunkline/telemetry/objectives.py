"""Counters of what ScalingPolicies keep of their promise: lookups and calls that came, those that found no capacity, and
by how much the forecast was off. Made for recording rules: the share of a window is one increase over another.

Series begin with a policy's first measured step and go with the policy. Its mode, which no status says, is told before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from trunkline.handlers.port import Key
from trunkline.handlers.scaling_objective import OBJECTIVE, Kept

PREFIX = "trunkline_scaling_"

COUNTERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "measured_seconds": ("Seconds of which calls were measured: the others are in none of the next.", ()),
    "lookups": ("Lookups that came while a lever's function had what it had.", ("lever",)),
    "short_lookups": ("Of these the expected number that found no warm environment.", ("lever",)),
    "calls": ("Calls that came, of an instance whose quota is known.", ()),
    "short_calls": ("Of these the expected number that found the quota of concurrent calls used up.", ()),
    "forecast_measured_calls": ("Calls that came, of those that were foreseen.", ("horizon",)),
    "forecast_error_calls": ("Calls by which the forecast was off, up or down.", ("horizon",)),
    "forecast_exceeded_seconds": ("Seconds in which more came than the quantile that is planned for.", ("horizon",)),
}
"""By name without prefix and `_total`: meaning, and labels after namespace and name."""
GAUGES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "mode": ("1 for the mode that the policy has: Recommend, which moves nothing, or Auto.", ("mode",)),
    "objective_ratio": ("Share of lookups, and of calls, that shall find capacity.", ("of",)),
    "error_budget_burn_ratio": (
        "Share of the last measured step that found none, over what the objective allows: 1 uses the budget up just in time.",
        ("of",),
    ),
}
_Series = tuple[str, tuple[str, ...]]


@dataclass(slots=True)
class _Sums:
    counted: dict[_Series, float] = field(default_factory=dict)
    burning: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, value: float, *labels: str) -> None:
        self.counted[name, labels] = self.counted.get((name, labels), 0.0) + value


class ObjectiveFigures(Collector):
    """Implements `trunkline.handlers.scaling_objective.PolicyFigures`, and hears of policies that go."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._sums: dict[Key, _Sums] = {}
        self._modes: dict[Key, str] = {}
        registry.register(self)

    def mode(self, key: Key, mode: str) -> None:
        """As the protocol says."""
        self._modes[key] = mode

    def kept(self, key: Key, step: Kept) -> None:
        """As the protocol says."""
        sums = self._sums.setdefault(key, _Sums())
        sums.add("measured_seconds", step.seconds)
        for lever in [labels[0] for name, labels in sums.counted if name == "lookups"]:
            if lever not in step.lookups:  # it has left the spec, or cannot be read
                sums.counted.pop(("lookups", (lever,)))
                sums.counted.pop(("short_lookups", (lever,)))
        for lever, served in step.lookups.items():
            sums.add("lookups", served.arrivals, lever)
            sums.add("short_lookups", served.short, lever)
        if step.calls is not None:
            sums.add("calls", step.calls.arrivals)
            sums.add("short_calls", step.calls.short)
        for horizon, missed in step.missed.items():
            sums.add("forecast_measured_calls", step.arrivals, horizon)
            sums.add("forecast_error_calls", missed.calls, horizon)
            sums.add("forecast_exceeded_seconds", missed.exceeded_seconds, horizon)
        shares = [served.short / served.arrivals for served in step.lookups.values() if served.arrivals > 0.0]
        sums.burning = {"lookups": max(shares) / (1.0 - OBJECTIVE)} if shares else {}
        if step.calls is not None and step.calls.arrivals > 0.0:
            sums.burning["calls"] = step.calls.short / step.calls.arrivals / (1.0 - OBJECTIVE)

    def stated(self, key: Key, status: Mapping[str, Any]) -> None:
        """Status says nothing of it."""

    def gone(self, key: Key) -> None:
        """The object does not exist any more."""
        self._sums.pop(key, None)
        self._modes.pop(key, None)

    def describe(self) -> Iterable[Metric]:
        """So that registering asks nobody."""
        return self._families().values()

    def collect(self) -> Iterable[Metric]:
        """Everything as it stands."""
        families = self._families()
        for key, mode in self._modes.items():
            families["mode"].add_metric([key.namespace, key.name, mode], 1.0)
        for key, sums in self._sums.items():
            of = [key.namespace, key.name]
            for (name, labels), value in sums.counted.items():
                families[name].add_metric([*of, *labels], value)
            for what, burn in sums.burning.items():
                families["objective_ratio"].add_metric([*of, what], OBJECTIVE)
                families["error_budget_burn_ratio"].add_metric([*of, what], burn)
        return families.values()

    def _families(self) -> dict[str, CounterMetricFamily | GaugeMetricFamily]:
        found: dict[str, CounterMetricFamily | GaugeMetricFamily] = {
            name: CounterMetricFamily(f"{PREFIX}{name}", text, labels=("namespace", "name", *labels))
            for name, (text, labels) in COUNTERS.items()
        }
        for name, (text, labels) in GAUGES.items():
            found[name] = GaugeMetricFamily(f"{PREFIX}{name}", text, labels=("namespace", "name", *labels))
        return found
