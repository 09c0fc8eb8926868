"""Figures of the passes and of what they found: durations, the queue, conditions, resources by state, drift.

Of each object only what its last status says is kept, and forgotten with it. A scrape takes about 5 µs a series in the
loop: some five series an object.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from trunkline.engine.budget import Priority
from trunkline.handlers.port import Key, Reconciled

_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)
_OBJECT = ("kind", "namespace", "name")
DRIFT = "DriftRepaired"
MOST_SHARED = 1000


@dataclass(frozen=True, slots=True)
class _Said:
    """What the status of an object says, counted."""

    states: tuple[tuple[str, int], ...] = ()
    conditions: tuple[tuple[str, str], ...] = ()
    unready: str = ""


class StatusReader(Protocol):
    """Who makes figures of what objects say of themselves."""

    def stated(self, key: Key, status: Mapping[str, Any]) -> None:
        """A new status."""
        ...

    def gone(self, key: Key) -> None:
        """The object does not exist any more."""
        ...


class PassFigures(Collector):
    """readers: told of every status. started: when the process did, in seconds since the epoch; None is not shown.
    Implements `trunkline.runtime.config.Observer`.
    """

    def __init__(
        self, registry: CollectorRegistry, readers: Sequence[StatusReader] = (), started: float | None = None
    ) -> None:
        self._readers = tuple(readers)
        self._started = started
        self._seconds = Histogram(
            "trunkline_reconcile_seconds",
            "How long passes took, with all the waiting for tokens in them.",
            ("kind", "cause"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._passes = Counter(
            "trunkline_reconciles_total", "Passes by how they ended.", ("kind", "cause", "outcome"), registry=registry
        )
        self._queue: Callable[[], tuple[int, int, float, float]] | None = None
        self._leads: Callable[[], bool] | None = None
        self._said: dict[Key, _Said] = {}
        self._saids: dict[_Said, _Said] = {}  # thousands of objects say the same
        self._drift: Tally[Key] = Tally()
        registry.register(self)

    def passed(self, key: Key, cause: Priority, seconds: float, outcome: str) -> None:
        """As the protocol says."""
        self._seconds.labels(key.kind, cause.name.lower()).observe(seconds)
        self._passes.labels(key.kind, cause.name.lower(), outcome).inc()

    def stated(self, key: Key, result: Reconciled) -> None:
        """As the protocol says."""
        self._drift[key] += sum(note.reason == DRIFT for note in result.notes)
        if result.status is not None:
            said = _said(result.status)
            self._said[key] = self._saids.setdefault(said, said) if len(self._saids) < MOST_SHARED else said
            for reader in self._readers:
                reader.stated(key, result.status)

    def gone(self, key: Key) -> None:
        """As the protocol says."""
        self._said.pop(key, None)
        self._drift.pop(key, None)
        for reader in self._readers:
            reader.gone(key)

    def queue(self, depth: Callable[[], tuple[int, int, float, float]]) -> None:
        """As the protocol says."""
        self._queue = depth

    def leadership(self, leads: Callable[[], bool]) -> None:
        """As the protocol says."""
        self._leads = leads

    def describe(self) -> Iterable[Metric]:
        """So that registering asks nobody."""
        return self._families().values()

    def collect(self) -> Iterable[Metric]:
        """Everything as it stands."""
        families = self._families()
        if self._queue is not None:
            waiting, running, longest, slowest = self._queue()
            families["queue"].add_metric(["waiting"], waiting)
            families["queue"].add_metric(["running"], running)
            families["longest"].add_metric([], longest)
            families["slowest"].add_metric([], slowest)
        if self._leads is not None:
            families["leader"].add_metric([], float(self._leads()))
        if self._started is not None:
            families["started"].add_metric([], self._started)
        kinds = Tally(key.kind for key in self._said)
        for kind, number in kinds.items():
            families["objects"].add_metric([kind], number)
        for key, said in self._said.items():
            of = [key.kind, key.namespace, key.name]
            for state, count in said.states:
                families["resources"].add_metric([*of, state], count)
            for type_, status in said.conditions:
                families["conditions"].add_metric([*of, type_, status], 1)
            if said.unready:
                families["unready"].add_metric([*of, said.unready], 1)
            families["drift"].add_metric(of, self._drift[key])
        return families.values()

    def _families(self) -> dict[str, GaugeMetricFamily | CounterMetricFamily]:
        return {
            "queue": GaugeMetricFamily(
                "trunkline_queue_objects", "Objects that wait for a pass, and that are in one.", labels=("state",)
            ),
            "longest": GaugeMetricFamily(
                "trunkline_queue_longest_wait_seconds", "For how long the object has waited that waits longest."
            ),
            "slowest": GaugeMetricFamily(
                "trunkline_pass_longest_seconds", "For how long the pass has gone on that has gone on longest."
            ),
            "leader": GaugeMetricFamily(
                "trunkline_leader", "1 if this process leads, 0 if it stands by: over all pods the sum is 1."
            ),
            "started": GaugeMetricFamily(
                "trunkline_start_time_seconds",
                "When this process started, in seconds since the epoch: it changes with each restart.",
            ),
            "objects": GaugeMetricFamily("trunkline_objects", "Objects that had a pass.", labels=("kind",)),
            "resources": GaugeMetricFamily(
                "trunkline_resources", "Resources in AWS by state, as status has them.", labels=(*_OBJECT, "state")
            ),
            "conditions": GaugeMetricFamily(
                "trunkline_condition", "1 for the status that a condition has.", labels=(*_OBJECT, "type", "status")
            ),
            "unready": GaugeMetricFamily(
                "trunkline_not_ready",
                "1 for the reason why an object is not Ready: one of ours, or the code with which AWS cannot be asked.",
                labels=(*_OBJECT, "reason"),
            ),
            "drift": CounterMetricFamily(
                "trunkline_drift_repairs", "Passes that put back what somebody else had changed.", labels=_OBJECT
            ),
        }


def _said(status: Mapping[str, Any]) -> _Said:
    states = Tally(str(item.get("state") or "Unknown") for item in status.get("resources") or ())
    conditions = {str(item.get("type")): str(item.get("status")) for item in status.get("conditions") or ()}
    unready = next(
        (
            str(item.get("reason") or "Unknown")
            for item in status.get("conditions") or ()
            if item.get("type") == "Ready" and item.get("status") == "False"
        ),
        "",
    )
    return _Said(tuple(sorted(states.items())), tuple(sorted(conditions.items())), unready)
