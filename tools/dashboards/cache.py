"""The dashboard of one cache."""

from __future__ import annotations

from .grafana import JOB, Dashboard, Panel, Query, Row, Variable
from .words import CONDITION_COLORS, conditions, resources

OF = 'job="$job",namespace="$namespace",name="$name"'
OBJECT = f'{OF},kind="CacheLayer"'


def _figure(title: str, meaning: str, name: str, unit: str = "short", empty: str = "") -> Panel:
    query = Query(f"max by (name) (trunkline_cache_{name}{{{OF}}})", "{{name}}", empty)
    return Panel(title, meaning, (query,), unit)


_STATE = Row(
    "Is it well",
    (
        Panel(
            "Healthy",
            "It answers the operator, or CloudWatch measures it, and no replica is far behind.",
            (Query(f"max(trunkline_cache_healthy{{{OF}}})"),),
            kind="stat",
            width=4,
            mappings=CONDITION_COLORS,
        ),
        Panel(
            "Warmed",
            "Filled before functions were given its address.",
            (
                Query(
                    f'max(trunkline_condition{{{OBJECT},type="Warmed",status="True"}})',
                    "",
                    "only of a cache that is to be warmed",
                ),
            ),
            kind="stat",
            width=4,
            mappings=CONDITION_COLORS,
        ),
        conditions(OBJECT, 16),
    ),
)
_FIGURES = Row(
    "What it does",
    (
        _figure("Hit ratio", "Lookups that found something.", "hit_ratio", "percentunit"),
        _figure("Memory in use", "Of the fullest node; when it is full items are thrown out.", "memory_used_ratio", "percentunit"),
        _figure("Evictions a minute", "Items thrown out for want of memory.", "evictions_per_minute"),
        _figure("Commands a second", "All clients.", "operations_per_second", "ops"),
        _figure("Connections", "Of clients.", "connections"),
        _figure("Replication lag", "How far the slowest replica is behind.", "replication_lag_seconds", "s", "only with replicas"),
    ),
)  # fmt: skip
_AWS = Row(
    "In AWS",
    (
        resources(OBJECT, 12, "nothing of a cache that others run"),
        Panel(
            "Repaired drift in an hour",
            "Passes that put back what somebody else had changed.",
            (Query(f"sum(increase(trunkline_drift_repairs_total{{{OBJECT}}}[1h]))", "repairs"),),
            width=12,
        ),
    ),
)

DASHBOARD = Dashboard(
    "trunkline-cache",
    "Trunkline / Caches",
    "One CacheLayer: whether it is well, what it does, and what it consists of.",
    (
        JOB,
        Variable("namespace", "namespace", 'trunkline_condition{job="$job",kind="CacheLayer"}'),
        Variable("name", "name", 'trunkline_condition{job="$job",kind="CacheLayer",namespace="$namespace"}'),
    ),
    (_STATE, _FIGURES, _AWS),
)
