"""The dashboard of one contact center, with what stands beside it in its namespace."""

from __future__ import annotations

from .grafana import JOB, Dashboard, Panel, Query, Row, Variable
from .words import CONDITION_COLORS, conditions, resources

OF = 'job="$job",kind="ContactCenter",namespace="$namespace",name="$name"'
NEAR = 'job="$job",namespace="$namespace"'

NO_POLICY = "only with a ScalingPolicy that measures calls"
NO_CACHE = "only with a CacheLayer whose figures are known"

_ITSELF = Row(
    "The center",
    (
        Panel(
            "Ready",
            "All is in AWS as the spec says.",
            (Query(f'max(trunkline_condition{{{OF},type="Ready",status="True"}})', "", "it may not be Ready"),),
            kind="stat",
            width=4,
            mappings=CONDITION_COLORS,
        ),
        Panel(
            "Resources",
            "In AWS, made or adopted.",
            (Query(f"sum(max by (state) (trunkline_resources{{{OF}}}))"),),
            kind="stat",
            width=4,
        ),
        Panel(
            "Waits for you",
            "Resources that a person has to confirm, unblock or correct.",
            (
                Query(
                    f'sum(max by (state) (trunkline_resources{{{OF},state=~"ConfirmationRequired|Blocked|Rejected"}}))',
                    "",
                    "usually nothing does",
                ),
            ),
            kind="stat",
            width=4,
        ),
        conditions(OF, 12),
        resources(OF, 12),
        Panel(
            "Repaired drift in an hour",
            "Passes that put back what somebody else had changed; again and again is another writer.",
            (Query(f"sum(increase(trunkline_drift_repairs_total{{{OF}}}[1h]))", "repairs"),),
            width=12,
        ),
    ),
)
_NEAR = Row(
    "Beside it, in the namespace",
    (
        Panel(
            "Calls at the same time",
            "As each ScalingPolicy sees them.",
            (Query(f"max by (name) (trunkline_scaling_demand_concurrent_calls{{{NEAR}}})", "{{name}}", NO_POLICY),),
        ),
        Panel(
            "Lookups and calls without capacity",
            "The share of the last five minutes.",
            (
                Query(
                    'max by (name, of) (trunkline:scaling_short:ratio_rate5m{namespace="$namespace"})',
                    "{{name}} {{of}}",
                    NO_POLICY,
                ),
            ),
            "percentunit",
        ),
        Panel(
            "Hit ratio of caches",
            "Lookups that need no read of a table.",
            (Query(f"max by (name) (trunkline_cache_hit_ratio{{{NEAR}}})", "{{name}}", NO_CACHE),),
            "percentunit",
        ),
    ),
)

DASHBOARD = Dashboard(
    "trunkline-center",
    "Trunkline / Contact center",
    "One ContactCenter: its conditions, its resources, who else changes it, and what its callers meet.",
    (
        JOB,
        Variable("namespace", "namespace", 'trunkline_condition{job="$job",kind="ContactCenter"}'),
        Variable("name", "name", 'trunkline_condition{job="$job",kind="ContactCenter",namespace="$namespace"}'),
    ),
    (_ITSELF, _NEAR),
)
