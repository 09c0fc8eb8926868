"""The dashboard of one ScalingPolicy: demand, levers, layers, limits, and what it keeps of its promise."""

from __future__ import annotations

from .grafana import JOB, Dashboard, Panel, Query, Row, Variable
from .words import conditions

OF = 'job="$job",namespace="$namespace",name="$name"'
RECORDED = 'namespace="$namespace",name="$name"'
OBJECT = f'{OF},kind="ScalingPolicy"'
NO_FORECAST = "only with a forecast"
NO_LIMIT = "only where a limit is known"


def _of(name: str, by: str = "", legend: str = "", empty: str = "") -> Query:
    return Query(f"max by ({by or 'name'}) (trunkline_scaling_{name}{{{OF}}})", legend or "{{name}}", empty)


def _burn(window: str) -> Query:
    return Query(f"trunkline:scaling_error_budget_burn:rate{window}{{{RECORDED}}}", f"{{{{of}}}} over {window}")


_DEMAND = Row(
    "Demand",
    (
        Panel(
            "Calls a second",
            "Now, and what the forecast says for when the slowest lever could have moved.",
            (
                _of("demand_calls_per_second", legend="now"),
                _of("forecast_calls_per_second", "quantile", "forecast {{quantile}}", NO_FORECAST),
                _of("forecast_peak_calls_per_second", legend="peak of 48 h", empty=NO_FORECAST),
            ),
            "cps",
            width=12,
        ),
        Panel(
            "Calls at the same time",
            "Beside the quota of the instance: at all of it callers hear a busy tone.",
            (
                _of("demand_concurrent_calls", legend="now"),
                _of("quota_limit", "limit", "quota", NO_LIMIT),
            ),
            width=12,
        ),
        Panel(
            "Sources",
            "Fresh, or failing and fallen back.",
            (_of("demand_source_fresh", "source", "{{source}}"),),
            kind="state-timeline",
            mappings=((0, "fails", "red"), (1, "fresh", "green")),
        ),
        conditions(OBJECT, 8),
        Panel(
            "Forecast off by",
            "Share of the calls that came, over a day: as foreseen half an hour and a day before.",
            (Query(f"trunkline:scaling_forecast_wape:rate1d{{{RECORDED}}}", "{{horizon}}", NO_FORECAST),),
            "percentunit",
        ),
        Panel(
            "Time above what is planned for",
            "Share of a day in which more came than the quantile that capacity is planned for: 0.01 of 99 percent.",
            (
                Query(
                    f"sum by (horizon) (increase(trunkline_scaling_forecast_exceeded_seconds_total{{{OF}}}[1d])) / on () group_left () sum(increase(trunkline_scaling_measured_seconds_total{{{OF}}}[1d]))",
                    "{{horizon}}",
                    NO_FORECAST,
                ),
            ),
            "percentunit",
            width=12,
        ),
        Panel(
            "Learned from",
            "Days of history; below two weeks a forecast knows little of weekdays.",
            (_of("forecast_history_days", legend="days", empty=NO_FORECAST),),
            "d",
            width=12,
        ),
    ),
)
_LEVERS = Row(
    "Levers and layers",
    (
        Panel(
            "Levers",
            "What AWS has, what it should be, and the most that it may be.",
            (
                _of("lever_current", "lever, field", "{{lever}} {{field}} current"),
                _of("lever_desired", "lever, field", "{{lever}} {{field}} desired"),
                _of("lever_limit", "lever, field", "{{lever}} {{field}} limit", NO_LIMIT),
                _of("lever_needed", "lever, field", "{{lever}} {{field}} needed", "only while a limit holds a lever down"),
            ),
            width=12,
        ),
        Panel(
            "Layers at the peak of 48 hours",
            "What calls need of each, what there is of it, and the most that there may be.",
            (
                _of("layer_need", "layer, resource", "{{layer}} {{resource}} need"),
                _of("layer_have", "layer, resource", "{{layer}} {{resource}} have"),
                _of("layer_limit", "layer, resource", "{{layer}} {{resource}} limit", NO_LIMIT),
            ),
            width=12,
        ),
        Panel(
            "Headroom",
            "The part of the limit that is left at that peak; below zero it is short.",
            (_of("layer_headroom_ratio", "layer, resource", "{{layer}} {{resource}}", NO_LIMIT),),
            "percentunit",
        ),
        Panel(
            "Until a limit is passed",
            "If calls grow as they do: the earliest day, and the day to request more by.",
            (_of("limit_breach_seconds", "limit, bound", "{{limit}} {{bound}}", "only where growth is foreseen to pass one"),),
            "s",
        ),
        Panel(
            "Shared with other policies",
            "What this one wants of a limit of the account, and gets.",
            (
                _of("shared_wanted", "limit", "{{limit}} wanted", "only where several policies need it"),
                _of("shared_granted", "limit", "{{limit}} granted", "only where several policies need it"),
            ),
        ),
    ),
)  # fmt: skip
_PROMISE = Row(
    "What is kept of the promise",
    (
        Panel(
            "Error budget burn",
            "Calls without capacity over what the objective allows: 1 uses the budget up just in time, 14 pages.",
            (
                *(_burn(window) for window in ("5m", "1h", "6h", "3d")),
                _of("error_budget_burn_ratio", "of", "{{of}}, last step"),
            ),
            "none",
            width=12,
        ),
        Panel(
            "Without capacity",
            "Share of the lookups, and of the calls, of five minutes.",
            (Query(f"trunkline:scaling_short:ratio_rate5m{{{RECORDED}}}", "{{of}}"),),
            "percentunit",
            width=12,
        ),
        Panel(
            "Short lookups of the last scored day",
            "In a million: by this policy, and by what stood there before.",
            (_of("short_calls_per_million", "of", "{{of}}", "not before a day was scored"),),
        ),
        Panel(
            "Cost",
            "US dollars a month: of the levers, and of all services.",
            (_of("cost_usd_per_month", "of", "{{of}}"),),
            "currencyUSD",
        ),
        Panel(
            "Changes of levers, and cost over foresight",
            "Of the last scored day.",
            (
                _of("lever_changes", legend="changes", empty="not before a day was scored"),
                _of("cost_over_foresight_ratio", "of", "cost over foresight, {{of}}", "not before a day was scored"),
            ),
        ),
    ),
)

DASHBOARD = Dashboard(
    "trunkline-capacity",
    "Trunkline / Capacity",
    "One ScalingPolicy: calls and their forecast, what was moved, what runs short, and how many callers it cost.",
    (
        JOB,
        Variable("namespace", "namespace", 'trunkline_condition{job="$job",kind="ScalingPolicy"}'),
        Variable("name", "name", 'trunkline_condition{job="$job",kind="ScalingPolicy",namespace="$namespace"}'),
    ),
    (_DEMAND, _LEVERS, _PROMISE),
)
