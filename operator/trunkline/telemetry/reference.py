"""docs/metrics.md: every series of /metrics, written from the collectors themselves, and the recording rules of the chart.

Labels of counters and histograms stand here, for the library tells them to nobody; a test holds them to a scrape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from trunkline.engine.budget import Level
from trunkline.engine.clock import SystemClock
from trunkline.telemetry.caches import CacheGauges
from trunkline.telemetry.calls import BudgetFigures, BudgetLevels, CallFigures
from trunkline.telemetry.objectives import COUNTERS, GAUGES, ObjectiveFigures
from trunkline.telemetry.passes import PassFigures
from trunkline.telemetry.scaling import FAMILIES, ScalingFigures

PATH = "docs/metrics.md"
_OBJECT = "kind, namespace, name"

LABELS: Mapping[str, str] = {
    "trunkline_aws_calls": "service, operation, code",
    "trunkline_aws_call_seconds": "service",
    "trunkline_aws_budget_wait_seconds": "priority",
    "trunkline_aws_throttles": "bucket",
    "trunkline_aws_budget_saturation_ratio": "bucket",
    "trunkline_aws_budget_rate_ratio": "bucket",
    "trunkline_aws_budget_waiting": "bucket, priority",
    "trunkline_reconcile_seconds": "kind, cause",
    "trunkline_reconciles": "kind, cause, outcome",
    "trunkline_queue_objects": "state",
    "trunkline_queue_longest_wait_seconds": "",
    "trunkline_pass_longest_seconds": "",
    "trunkline_leader": "",
    "trunkline_start_time_seconds": "",
    "trunkline_objects": "kind",
    "trunkline_resources": f"{_OBJECT}, state",
    "trunkline_condition": f"{_OBJECT}, type, status",
    "trunkline_not_ready": f"{_OBJECT}, reason",
    "trunkline_drift_repairs": _OBJECT,
    **{
        f"trunkline_scaling_{name}": ", ".join(("namespace", "name", *family.labels))
        for name, family in FAMILIES.items()
    },
    **{
        f"trunkline_scaling_{name}": ", ".join(("namespace", "name", *labels))
        for name, (_, labels) in (*COUNTERS.items(), *GAUGES.items())
    },
}
"""By name, without the ending that Prometheus gives to counters. Caches have namespace and name."""

_INTRODUCTION = """# Metrics

<!-- Written by `make generate` from operator/trunkline/telemetry. -->

Served at `/metrics` of the address that `--metrics` or else `--probes` names. A figure that is not known has no
series, and the series of an object go with it. Labels are bounded: no account, no id of AWS, no caller. `priority` and
`cause` are `change` (a user's edit), `progress` (something pending) or `drift` (a regular check).

Counters end in `_total`, histograms in `_bucket`, `_sum` and `_count`.

| metric | type | labels | meaning |
|---|---|---|---|
"""


_RULES = """
## Recording rules

Counters of a ScalingPolicy are sums of expected values: over a window, one increase by another is a share. A burn of 1 uses
the error budget up just in time. Nothing is counted while no metric measures calls:
`trunkline_scaling_measured_seconds_total` stands still then. The chart's `prometheusRule.enabled` writes these rules, with
the [alerts](alerts.md) that stand on them.

```yaml
"""
RECORDING = Path(__file__).parents[3] / "helm" / "trunkline" / "files" / "rules" / "recording.yaml"
"""The rules of the chart, in a checkout: the page is written nowhere else."""


class _NoBuckets:
    def levels(self) -> Iterator[Level]:
        return iter(())


class _Listed(CollectorRegistry):
    """Remembers who registers."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[Collector] = []

    def register(self, collector: Collector) -> None:
        self.all.append(collector)
        super().register(collector)


def described() -> Iterable[Metric]:
    """What an operator shows, in the order of this page."""
    registry = _Listed()
    PassFigures(registry)
    CallFigures(registry)
    BudgetFigures(registry)
    BudgetLevels(registry, _NoBuckets())
    CacheGauges(registry)
    ScalingFigures(registry, SystemClock())
    ObjectiveFigures(registry)
    found: list[Metric] = []
    for collector in registry.all:
        describe: Callable[[], Iterable[Metric]] = getattr(collector, "describe")  # noqa: B009  # unknown to its type
        found.extend(describe())
    return found


def generated() -> Mapping[str, str]:
    """The page."""
    lines = [
        f"| `{metric.name}` | {metric.type} | {LABELS.get(metric.name, 'namespace, name')} | {metric.documentation} |\n"
        for metric in described()
    ]
    return {PATH: _INTRODUCTION + "".join(lines) + _RULES + RECORDING.read_text(encoding="utf-8") + "```\n"}
