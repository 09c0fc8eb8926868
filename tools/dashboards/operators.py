"""The dashboard of the operator itself: who leads, how passes go, and what AWS answers."""

from __future__ import annotations

from .grafana import JOB, Dashboard, Panel, Query, Row

OF = 'job="$job"'
NONE_FAILED = "passes do not fail"
NOTHING_WAITS = "usually no call waits"

_WHO = Row(
    "Who works, on what",
    (
        Panel(
            "Leaders",
            "1, but for seconds of a takeover.",
            (Query(f"sum(trunkline_leader{{{OF}}})"),),
            kind="stat",
            width=4,
        ),
        Panel(
            "Objects",
            "Objects that the leader has had a pass of; after a takeover they come as their turn does.",
            (Query(f"sum by (kind) (trunkline_objects{{{OF}}})", "{{kind}}"),),
            kind="stat",
            width=10,
        ),
        Panel(
            "Not Ready",
            "Objects whose condition Ready is not True.",
            (
                Query(
                    f'count by (kind) (max by (kind, namespace, name) (trunkline_condition{{{OF},type="Ready",status!="True"}}))',
                    "{{kind}}",
                    "usually all are Ready",
                ),
            ),
            kind="stat",
            width=10,
        ),
        Panel(
            "Every object",
            "The status of its condition Ready.",
            (
                Query(
                    f'max by (kind, namespace, name, status) (trunkline_condition{{{OF},type="Ready"}})',
                ),
            ),
            kind="table",
            width=12,
        ),
        Panel(
            "Resources in AWS by state",
            "All but Ready want a look if they stay.",
            (Query(f"sum by (state) (trunkline_resources{{{OF}}})", "{{state}}"),),
            stacked=True,
            width=12,
        ),
    ),
)
_PASSES = Row(
    "Passes",
    (
        Panel(
            "Passes a second",
            "By what they were for (a user's change, progress, a check) and how they ended.",
            (
                Query(
                    f"sum by (cause, outcome) (rate(trunkline_reconciles_total{{{OF}}}[$__rate_interval]))",
                    "{{cause}} {{outcome}}",
                ),
            ),
            "ops",
        ),
        Panel(
            "Failed passes a second",
            "The API server refuses, or a bug. What AWS refuses is no failure.",
            (
                Query(
                    f'sum by (kind) (rate(trunkline_reconciles_total{{{OF},outcome="Failed"}}[$__rate_interval]))',
                    "{{kind}}",
                    NONE_FAILED,
                ),
            ),
            "ops",
        ),
        Panel(
            "How long passes take",
            "Nine of ten are faster, waiting for the account's rate included.",
            (
                Query(
                    f"histogram_quantile(0.9, sum by (le, cause) (rate(trunkline_reconcile_seconds_bucket{{{OF}}}[$__rate_interval])))",
                    "{{cause}}",
                ),
            ),
            "s",
        ),
        Panel(
            "Objects that wait, and in a pass",
            "Of the leader; with a standby they only pile up.",
            (
                Query(
                    f"sum by (state) (trunkline_queue_objects{{{OF}}} and on (job, instance) trunkline_leader{{{OF}}} == 1)",
                    "{{state}}",
                ),
            ),
            width=8,
        ),
        Panel(
            "Longest wait for a pass, and longest pass",
            "Of the leader, of what waits and goes on now.",
            (
                Query(
                    f"max by (job) (trunkline_queue_longest_wait_seconds{{{OF}}} and on (job, instance) trunkline_leader{{{OF}}} == 1)",
                    "waits",
                ),
                Query(
                    f"max by (job) (trunkline_pass_longest_seconds{{{OF}}} and on (job, instance) trunkline_leader{{{OF}}} == 1)",
                    "goes on",
                ),
            ),
            "s",
        ),
        Panel(
            "Repaired drift in an hour",
            "Passes that put back what somebody else had changed.",
            (
                Query(
                    f"sum by (kind, namespace, name) (increase(trunkline_drift_repairs_total{{{OF}}}[1h])) > 0",
                    "{{kind}} {{namespace}}/{{name}}",
                    "usually nobody else writes",
                ),
            ),
            width=8,
        ),
    ),
)
_AWS = Row(
    "AWS",
    (
        Panel(
            "Calls a second",
            "By service.",
            (Query(f"sum by (service) (rate(trunkline_aws_calls_total{{{OF}}}[$__rate_interval]))", "{{service}}"),),
            "ops",
        ),
        Panel(
            "Refused calls a second",
            "By AWS's code. NotFound codes are answers to looking for something.",
            (
                Query(
                    f'sum by (service, code) (rate(trunkline_aws_calls_total{{{OF},code!=""}}[$__rate_interval])) > 0',
                    "{{service}} {{code}}",
                    "AWS may refuse nothing",
                ),
            ),
            "ops",
        ),
        Panel(
            "How long AWS takes",
            "Nine of ten calls are faster, waiting for the rate not included.",
            (
                Query(
                    f"histogram_quantile(0.9, sum by (le, service) (rate(trunkline_aws_call_seconds_bucket{{{OF}}}[$__rate_interval]))) >= 0",
                    "{{service}}",
                ),
            ),
            "s",
        ),
        Panel(
            "Fullest buckets",
            "How much of a burst is gone, of the ten that are emptiest: at 1, calls wait.",
            (
                Query(
                    f"topk(10, max by (bucket) (trunkline_aws_budget_saturation_ratio{{{OF}}}))",
                    "{{bucket}}",
                ),
            ),
            "percentunit",
        ),
        Panel(
            "Calls that wait",
            "For a token, by operation and by what for.",
            (
                Query(
                    f"sum by (bucket, priority) (trunkline_aws_budget_waiting{{{OF}}}) > 0",
                    "{{bucket}} {{priority}}",
                    NOTHING_WAITS,
                ),
            ),
        ),
        Panel(
            "How long calls wait",
            "Nine of ten wait less for a token.",
            (
                Query(
                    f"histogram_quantile(0.9, sum by (le, priority) (rate(trunkline_aws_budget_wait_seconds_bucket{{{OF}}}[$__rate_interval]))) >= 0",
                    "{{priority}}",
                ),
            ),
            "s",
        ),
        Panel(
            "Throttles in an hour",
            "Others in the account use the rate too.",
            (
                Query(
                    f"sum by (bucket) (increase(trunkline_aws_throttles_total{{{OF}}}[1h])) > 0",
                    "{{bucket}}",
                    "usually there are none",
                ),
            ),
            width=12,
        ),
        Panel(
            "Rate that is used after throttles",
            "1 is all of the documented rate; of the ten slowest.",
            (
                Query(
                    f"bottomk(10, min by (bucket) (trunkline_aws_budget_rate_ratio{{{OF}}}))",
                    "{{bucket}}",
                ),
            ),
            "percentunit",
            width=12,
        ),
    ),
)

DASHBOARD = Dashboard(
    "trunkline-operator",
    "Trunkline / Operator",
    "Whether the operator works: leadership, passes, and what AWS lets through.",
    (JOB,),
    (_WHO, _PASSES, _AWS),
)
