"""Figures of ScalingPolicies, and the page that lists all figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry

from tests.telemetry.test_operator import Call, of, read, result
from trunkline.handlers.port import Key, Reconciled
from trunkline.handlers.scaling_objective import Kept, Missed, Served
from trunkline.telemetry.calls import CallFigures
from trunkline.telemetry.objectives import COUNTERS, GAUGES, ObjectiveFigures
from trunkline.telemetry.passes import PassFigures
from trunkline.telemetry.reference import LABELS, described, generated
from trunkline.telemetry.scaling import ScalingFigures

ACME = Key("ScalingPolicy", "contact-centers", "acme")
NAMED = {"namespace": "contact-centers", "name": "acme"}
STATUS: dict[str, Any] = {
    "demand": {
        "callsPerHour": 36_000,
        "concurrentCalls": 3_000,
        "forecastCallsPerHour": 39_600,
        "coverCallsPerHour": 43_200,
        "sources": [
            {"name": "live", "state": "Fallback"},
            {"name": "forecast", "state": "Fresh"},
            {"name": "monday", "state": "Inactive"},
        ],
    },
    "levers": [{"name": "lookup", "field": "provisionedConcurrency", "current": 20, "desired": 34, "limit": 100}],
    "layers": [{"layer": "concurrent-calls", "need": 8_000, "have": 10_000, "limit": 10_000}],
    "breaches": [{"limit": "concurrent-calls", "earliest": "2026-12-01", "requestBy": "2026-11-20"}],
    "shared": [{"limit": "lambda-concurrency", "wanted": 300, "granted": 220}],
    "score": [{"date": "2026-11-20", "shortCallsPerMillion": 12, "standing": {"shortCallsPerMillion": 900}}],
    "cost": {"leversUSDPerMonth": 280, "expectedUSDPerMonth": 90_000},
}

MISSED = Missed(30.0, 0.0)


@dataclass(frozen=True)
class Clock:
    def wall(self) -> float:
        return 1_795_219_200.0 + 43_200  # noon of 2026-11-21


def shown(status: dict[str, Any]) -> CollectorRegistry:
    registry = CollectorRegistry()
    ScalingFigures(registry, Clock()).stated(ACME, status)
    return registry


def test_rates_are_per_second() -> None:
    registry = shown(STATUS)
    assert read(registry, "trunkline_scaling_demand_calls_per_second") == {of(**NAMED): 10.0}
    assert read(registry, "trunkline_scaling_forecast_calls_per_second") == {
        of(**NAMED, quantile="expected"): 11.0,
        of(**NAMED, quantile="cover"): 12.0,
    }


def test_a_source_that_has_fallen_back_is_not_fresh_and_one_outside_of_its_window_says_nothing() -> None:
    assert read(shown(STATUS), "trunkline_scaling_demand_source_fresh") == {
        of(**NAMED, source="live"): 0.0,
        of(**NAMED, source="forecast"): 1.0,
    }


def test_levers_layers_and_what_is_left_of_a_limit() -> None:
    registry = shown(STATUS)
    lever = of(**NAMED, lever="lookup", field="provisionedConcurrency")
    values = [read(registry, f"trunkline_scaling_lever_{name}")[lever] for name in ("current", "desired", "limit")]
    assert values == [20, 34, 100]
    layer = of(**NAMED, layer="concurrent-calls", resource="")
    assert round(read(registry, "trunkline_scaling_layer_headroom_ratio")[layer], 3) == 0.2


def test_what_counts_down_goes_below_zero() -> None:
    found = read(shown(STATUS), "trunkline_scaling_limit_breach_seconds")
    assert found == {
        of(**NAMED, limit="concurrent-calls", bound="earliest"): 10 * 86_400,
        of(**NAMED, limit="concurrent-calls", bound="request_by"): -86_400,
    }


def test_the_last_scored_day_and_what_stood_there() -> None:
    assert read(shown(STATUS), "trunkline_scaling_short_calls_per_million") == {
        of(**NAMED, of="policy"): 12,
        of(**NAMED, of="standing"): 900,
    }
    assert read(shown(STATUS), "trunkline_scaling_cost_usd_per_month")[of(**NAMED, of="expected")] == 90_000


def test_a_status_without_figures_shows_none() -> None:
    registry = shown({"conditions": []})
    names = [name for name in LABELS if name.startswith("trunkline_scaling_")]
    assert names
    assert not any(read(registry, name) for name in names)


def test_the_series_of_a_policy_come_with_its_passes_and_go_with_it() -> None:
    registry = CollectorRegistry()
    passes = PassFigures(registry, [ScalingFigures(registry, Clock())])
    passes.stated(ACME, Reconciled(status=STATUS, resync=60.0))
    passes.stated(ACME, Reconciled(status=None, resync=60.0))
    assert read(registry, "trunkline_scaling_demand_concurrent_calls") == {of(**NAMED): 3_000}
    passes.gone(ACME)
    assert read(registry, "trunkline_scaling_demand_concurrent_calls") == {}


def test_other_kinds_say_nothing_of_scaling() -> None:
    registry = CollectorRegistry()
    passes = PassFigures(registry, [ScalingFigures(registry, Clock())])
    passes.stated(Key("ContactCenter", "contact-centers", "acme"), result("Ready"))
    assert read(registry, "trunkline_scaling_demand_concurrent_calls") == {}


def test_what_is_kept_of_a_promise_adds_up_and_a_lever_that_left_the_spec_goes() -> None:
    registry = CollectorRegistry()
    kept = ObjectiveFigures(registry)
    kept.mode(ACME, "Recommend")
    kept.mode(ACME, "Auto")
    assert read(registry, "trunkline_scaling_mode") == {of(**NAMED, mode="Auto"): 1.0}
    for _ in range(2):
        kept.kept(ACME, Kept(60.0, 600.0, {"lookup": Served(3_000.0, 3.0)}, missed={"intraday": MISSED}))
    lever = of(**NAMED, lever="lookup")
    assert read(registry, "trunkline_scaling_lookups_total")[lever] == 6_000.0
    assert read(registry, "trunkline_scaling_short_lookups_total")[lever] == 6.0
    assert read(registry, "trunkline_scaling_forecast_error_calls_total")[of(**NAMED, horizon="intraday")] == 60.0
    burn = read(registry, "trunkline_scaling_error_budget_burn_ratio")
    assert {series: round(value, 6) for series, value in burn.items()} == {of(**NAMED, of="lookups"): 1.0}
    kept.kept(ACME, Kept(60.0, 600.0, {"warm": Served(3_000.0, 0.0)}))
    assert set(read(registry, "trunkline_scaling_lookups_total")) == {of(**NAMED, lever="warm")}
    kept.gone(ACME)
    assert not any(read(registry, f"trunkline_scaling_{name}_total") for name in COUNTERS)
    assert not any(read(registry, f"trunkline_scaling_{name}") for name in GAUGES)


def test_every_figure_has_a_line_on_the_page() -> None:
    page = generated()["docs/metrics.md"]
    names = {metric.name for metric in described()}
    assert {name for name in names if f"| `{name}` |" in page} == names
    unlisted = {name for name in names if name not in LABELS and not name.startswith("trunkline_cache_")}
    assert not unlisted, "say its labels in telemetry/reference.py"
    assert not set(LABELS) - names, "no longer there"


def test_the_labels_on_the_page_are_those_of_a_scrape() -> None:
    registry = CollectorRegistry()
    passes = PassFigures(registry, [ScalingFigures(registry, Clock())])
    passes.stated(ACME, Reconciled(status=STATUS, resync=60.0))
    passes.stated(ACME, result("Ready", drift=1))
    passes.stated(ACME, Reconciled(status={**STATUS, **(result("Ready").status or {})}, resync=60.0))
    CallFigures(registry).called(Call())
    kept = ObjectiveFigures(registry)
    kept.mode(ACME, "Auto")
    kept.kept(ACME, Kept(60.0, 600.0, {"lookup": Served(3_000.0, 3.0)}, Served(600.0, 0.0), {"intraday": MISSED}))
    checked = 0
    for metric in registry.collect():
        for sample in metric.samples:
            if not sample.name.endswith("_created"):
                labels = {name for name in sample.labels if name != "le"}
                assert labels == set(LABELS[metric.name].split(", ")), sample.name
                checked += 1
    assert checked > 20


def test_no_label_names_an_account_or_a_caller() -> None:
    assert not any(word in labels for labels in LABELS.values() for word in ("account", "region", "arn", "number"))
