"""Figures of the calls to AWS: how many, with which answer, how long; and of the budget in front of them.

Labels are bounded: operations are those that the code knows, codes are AWS's words, and beyond MOST_CODES of them all
others are one. Accounts are no label: of a bucket the fullest of all accounts is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from trunkline.engine.budget import Bucket, Level, Priority

MOST_CODES = 200
OTHER = "other"
_SECONDS = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
_WAITED = (0.01, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300)


class Call(Protocol):
    """What is asked of `trunkline.aws.calls.Call`."""

    @property
    def service(self) -> str: ...
    @property
    def operation(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def seconds(self) -> float: ...


class CallFigures:
    """Implements `trunkline.aws.calls.GateObserver`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._calls = Counter(
            "trunkline_aws_calls_total",
            "Calls to AWS by answer; an empty code is success.",
            ("service", "operation", "code"),
            registry=registry,
        )
        self._seconds = Histogram(
            "trunkline_aws_call_seconds",
            "How long AWS took to answer, waiting for a token not included.",
            ("service",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._codes: set[str] = set()

    def called(self, call: Call) -> None:
        """As the protocol says."""
        if call.code not in self._codes and len(self._codes) < MOST_CODES:
            self._codes.add(call.code)
        code = call.code if call.code in self._codes else OTHER
        self._calls.labels(call.service, call.operation, code).inc()
        self._seconds.labels(call.service).observe(call.seconds)


class BudgetFigures:
    """Implements `trunkline.engine.budget.BudgetObserver`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._waited = Histogram(
            "trunkline_aws_budget_wait_seconds",
            "How long calls waited for a token of the account's rate.",
            ("priority",),
            buckets=_WAITED,
            registry=registry,
        )
        self._slowed = Counter(
            "trunkline_aws_throttles_total",
            "Throttles that cut the rate of a bucket: others use the account too.",
            ("bucket",),
            registry=registry,
        )

    def waited(self, bucket: Bucket, priority: Priority, seconds: float) -> None:  # noqa: ARG002  # of the protocol
        """As the protocol says."""
        self._waited.labels(priority.name.lower()).observe(seconds)

    def slowed(self, bucket: Bucket, factor: float) -> None:  # noqa: ARG002  # of the protocol
        """As the protocol says."""
        self._slowed.labels(bucket.name).inc()


class Levels(Protocol):
    """Whoever has buckets."""

    def levels(self) -> Iterator[Level]:
        """Every bucket in use. To be called in the loop."""
        ...


class BudgetLevels(Collector):
    """The buckets as they stand at the moment of a scrape."""

    def __init__(self, registry: CollectorRegistry, budget: Levels) -> None:
        self._budget = budget
        registry.register(self)

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """So that registering reads no bucket, which only the loop may."""
        return self._families()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Of every bucket name the fullest."""
        families = saturation, factor, waiting = self._families()
        full: dict[str, float] = {}
        slowest: dict[str, float] = {}
        queued: dict[tuple[str, str], int] = {}
        for level in self._budget.levels():
            name = level.bucket.name
            full[name] = max(full.get(name, 0.0), 1 - max(0.0, level.tokens) / level.bucket.burst)
            slowest[name] = min(slowest.get(name, 1.0), level.factor)
            for priority, count in level.waiting.items():
                key = (name, priority.name.lower())
                queued[key] = queued.get(key, 0) + count
        for name, value in full.items():
            saturation.add_metric([name], value)
        for name, value in slowest.items():
            factor.add_metric([name], value)
        for (name, priority_name), count in queued.items():
            waiting.add_metric([name, priority_name], count)
        return families

    def _families(self) -> tuple[GaugeMetricFamily, GaugeMetricFamily, GaugeMetricFamily]:
        return (
            GaugeMetricFamily(
                "trunkline_aws_budget_saturation_ratio",
                "How empty the fullest used bucket of this name is: 0 untouched, 1 nothing left.",
                labels=("bucket",),
            ),
            GaugeMetricFamily(
                "trunkline_aws_budget_rate_ratio",
                "The part of the documented rate that is used after throttles, of the slowest account.",
                labels=("bucket",),
            ),
            GaugeMetricFamily(
                "trunkline_aws_budget_waiting",
                "Calls that wait for a token, of all accounts.",
                labels=("bucket", "priority"),
            ),
        )
