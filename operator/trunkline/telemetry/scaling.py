"""Figures of ScalingPolicies, as their status says them: demand, levers, layers, limits, short calls, cost.

What status does not say has no series; the series of a policy that is gone go with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from trunkline.engine.clock import Clock
from trunkline.handlers.port import Key

KIND = "ScalingPolicy"
CALLS = "concurrent-calls"
_DAY_SECONDS = 86_400.0
_HOUR_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class _Family:
    help: str
    labels: tuple[str, ...] = ()


FAMILIES: Mapping[str, _Family] = {
    "demand_calls_per_second": _Family("Calls that begin, now."),
    "demand_concurrent_calls": _Family("Calls at the same time, now."),
    "demand_source_fresh": _Family(
        "1 if this source of demand is fresh, 0 if it fails or has fallen back.", ("source",)
    ),
    "forecast_calls_per_second": _Family(
        "Calls that will begin when the slowest lever could have moved: expected, and the quantile that is planned for.",
        ("quantile",),
    ),
    "forecast_peak_calls_per_second": _Family("The highest quantile of the next 48 hours."),
    "forecast_history_days": _Family("Days that the forecast has learned from."),
    "lever_current": _Family("What AWS has.", ("lever", "field")),
    "lever_desired": _Family("What it should be now.", ("lever", "field")),
    "lever_needed": _Family("What calls need, where a limit keeps it from being desired.", ("lever", "field")),
    "lever_limit": _Family("The most that it may be.", ("lever", "field")),
    "layer_need": _Family("What a layer needs at the peak of the next 48 hours.", ("layer", "resource")),
    "layer_have": _Family("What there is of it.", ("layer", "resource")),
    "layer_limit": _Family("The most that there may be of it.", ("layer", "resource")),
    "layer_headroom_ratio": _Family(
        "The part of the limit that the need leaves; negative if it is short.", ("layer", "resource")
    ),
    "quota_used": _Family("What is used of a quota of the instance, now.", ("limit",)),
    "quota_limit": _Family("The quota.", ("limit",)),
    "limit_breach_seconds": _Family(
        "Until growth passes a limit that nobody can move at once; negative once it has.", ("limit", "bound")
    ),
    "shared_wanted": _Family("What this policy wants of a limit of the account.", ("limit",)),
    "shared_granted": _Family("What it gets of it.", ("limit",)),
    "short_calls_per_million": _Family(
        "Lookups of the last scored day that found nothing warm: by this policy, and by what stood there.", ("of",)
    ),
    "cost_over_foresight_ratio": _Family("Cost of that day over the least that serves it.", ("of",)),
    "lever_changes": _Family("Changes of levers on that day."),
    "cost_usd_per_month": _Family("US dollars a month: of the levers, and of all services.", ("of",)),
}
"""By name without `trunkline_scaling_`. Every series has the policy's namespace and name first."""

_BREACHES = (("earliest", "earliest"), ("expected", "expected"), ("latest", "latest"), ("requestBy", "request_by"))
_COSTS = (("levers", "levers"), ("low", "low"), ("expected", "expected"), ("high", "high"))

Sample = tuple[str, tuple[str, ...], float]


class ScalingFigures(Collector):
    """Reads the clock for what counts down."""

    def __init__(self, registry: CollectorRegistry, clock: Clock) -> None:
        self._clock = clock
        self._said: dict[Key, Mapping[str, Any]] = {}
        registry.register(self)

    def stated(self, key: Key, status: Mapping[str, Any]) -> None:
        """The status of an object; of other kinds it is nothing."""
        if key.kind == KIND:
            self._said[key] = status

    def gone(self, key: Key) -> None:
        """The object does not exist any more."""
        self._said.pop(key, None)

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """So that registering asks nobody."""
        return self._families().values()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Everything as it stands."""
        families = self._families()
        today = datetime.fromtimestamp(self._clock.wall(), UTC).date()
        for key, status in self._said.items():
            for name, labels, value in _samples(status, today):
                families[name].add_metric([key.namespace, key.name, *labels], value)
        return families.values()

    def _families(self) -> dict[str, GaugeMetricFamily]:
        return {
            name: GaugeMetricFamily(f"trunkline_scaling_{name}", one.help, labels=("namespace", "name", *one.labels))
            for name, one in FAMILIES.items()
        }


def _samples(status: Mapping[str, Any], today: date) -> Iterator[Sample]:
    demand = status.get("demand") or {}
    yield from _demand(demand)
    for lever in _list(status, "levers"):
        labels = (str(lever.get("name")), str(lever.get("field")))
        yield from _known(lever, labels, ("current", "desired", "needed", "limit"), "lever_")
    for layer in _list(status, "layers"):
        yield from _layer(layer, demand)
    for breach in _list(status, "breaches"):
        for said, bound in _BREACHES:
            day = _day(breach.get(said))
            if day is not None:
                yield "limit_breach_seconds", (str(breach.get("limit")), bound), (day - today).days * _DAY_SECONDS
    for shared in _list(status, "shared"):
        yield from _known(shared, (str(shared.get("limit")),), ("wanted", "granted"), "shared_")
    yield from _score(next(iter(_list(status, "score")), {}))
    cost = status.get("cost") or {}
    for of, name in _COSTS:
        if cost.get(f"{of}USDPerMonth") is not None:
            yield "cost_usd_per_month", (name,), float(cost[f"{of}USDPerMonth"])


def _layer(layer: Mapping[str, Any], demand: Mapping[str, Any]) -> Iterator[Sample]:
    labels = (str(layer.get("layer")), str(layer.get("resource") or ""))
    yield from _known(layer, labels, ("need", "have", "limit"), "layer_")
    if layer.get("layer") == CALLS and layer.get("limit") is not None:
        yield "quota_limit", (CALLS,), float(layer["limit"])
        if demand.get("concurrentCalls") is not None:
            yield "quota_used", (CALLS,), float(demand["concurrentCalls"])
    if layer.get("limit"):
        yield "layer_headroom_ratio", labels, 1.0 - float(layer.get("need") or 0) / float(layer["limit"])


def _demand(demand: Mapping[str, Any]) -> Iterator[Sample]:
    hourly: tuple[tuple[str, str, tuple[str, ...]], ...] = (
        ("callsPerHour", "demand_calls_per_second", ()),
        ("forecastCallsPerHour", "forecast_calls_per_second", ("expected",)),
        ("coverCallsPerHour", "forecast_calls_per_second", ("cover",)),
        ("peakCallsPerHour", "forecast_peak_calls_per_second", ()),
    )
    for said, name, labels in hourly:
        if demand.get(said) is not None:
            yield name, labels, float(demand[said]) / _HOUR_SECONDS
    for said, name in (("concurrentCalls", "demand_concurrent_calls"), ("historyDays", "forecast_history_days")):
        if demand.get(said) is not None:
            yield name, (), float(demand[said])
    for source in _list(demand, "sources"):
        if source.get("state") != "Inactive":
            yield "demand_source_fresh", (str(source.get("name")),), float(source.get("state") == "Fresh")


def _score(score: Mapping[str, Any]) -> Iterator[Sample]:
    for of, said in (("policy", score), ("standing", score.get("standing") or {})):
        if said.get("shortCallsPerMillion") is not None:
            yield "short_calls_per_million", (of,), float(said["shortCallsPerMillion"])
        if said.get("costPercentOfForesight") is not None:
            yield "cost_over_foresight_ratio", (of,), float(said["costPercentOfForesight"]) / 100.0
    if score.get("changes") is not None:
        yield "lever_changes", (), float(score["changes"])


def _known(said: Mapping[str, Any], labels: tuple[str, ...], names: Sequence[str], prefix: str) -> Iterator[Sample]:
    for name in names:
        if said.get(name) is not None:
            yield f"{prefix}{name}", labels, float(said[name])


def _list(said: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = said.get(name) or ()
    return found


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None
