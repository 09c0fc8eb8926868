"""What only a ScalingPolicy's status says: demand, levers, layers, what is shared; and its conditions. Pure.

Figures are rounded so that they move when a reader would say so: status is no time series.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import floor, log10
from typing import Any

from trunkline.api.counted import counted
from trunkline.api.scaling_policy import Mode, ScalingPolicySpec
from trunkline.capacity.day import Day
from trunkline.capacity.decision import Why
from trunkline.capacity.demand import Judged, Now, State
from trunkline.capacity.layers import Standing
from trunkline.handlers import scaling_bill
from trunkline.handlers.conditions import Condition
from trunkline.handlers.resources import shortened
from trunkline.handlers.scaling_bill import Month
from trunkline.handlers.scaling_decision import Decided
from trunkline.handlers.scaling_figures import Breached, Outlined
from trunkline.handlers.scaling_sharing import Share

SENTENCE = 400
MOST_LAYERS = 32
_WORDS = {
    Why.FORECAST: "the forecast's quantile over its lead",
    Why.LIVE: "live calls and how they change",
    Why.FLOOR: "calls that were stated, or that a failed source is taken for",
    Why.MINIMUM: "its least",
    Why.MAXIMUM: "its most",
    Why.BUDGET: "the budget",
}


@dataclass(frozen=True, slots=True)
class Report:
    """All that the status of a pass is made from."""

    spec: ScalingPolicySpec
    now: Now
    line_seconds: float
    outlined: Outlined | None
    decided: tuple[Decided, ...]
    problems: tuple[str, ...]
    day: Day | None = None
    shares: tuple[Share, ...] = ()
    breaches: tuple[Breached, ...] = ()
    tiers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    place: Mapping[str, str] = field(default_factory=dict)
    month: Month | None = None
    score: tuple[Mapping[str, Any], ...] = ()
    measured: tuple[Mapping[str, Any], ...] = ()
    pools: tuple[Mapping[str, Any], ...] = ()


def own_status(report: Report) -> dict[str, Any]:
    """The fields of status, without those of every kind."""
    own: dict[str, Any] = {
        "demand": _demand(report),
        "levers": [_lever(one, report) for one in report.decided],
        "layers": _layers(report.day),
        "bindingLayer": _binding(report.day),
        "breaches": [_breach(one) for one in report.breaches],
        "shared": _shared(report),
        "tiers": [{"name": name, **({"tasks": list(tasks)} if tasks else {})} for name, tasks in report.tiers.items()],
        "warnings": [shortened(text, 1024) for text in report.warnings[:16]],
        "score": [dict(day) for day in report.score],
        "cost": scaling_bill.written(report.month) if report.month is not None else {},
        "measured": [dict(line) for line in report.measured],
        "pools": [dict(line) for line in report.pools],
        "place": dict(report.place),
    }
    return {name: value for name, value in own.items() if value not in (None, [], {})}


def _demand(report: Report) -> dict[str, Any]:
    rate = report.now.rate
    found: dict[str, Any] = {
        "callsPerHour": rounded(rate * 3600.0),
        "concurrentCalls": rounded(rate * report.line_seconds),
        "sources": [_source(source, report.line_seconds) for source in report.now.sources[:64]],
    }
    if (outlined := report.outlined) is not None:
        found |= {
            "forecastCallsPerHour": rounded(outlined.expected * 3600.0),
            "coverCallsPerHour": rounded(outlined.cover * 3600.0),
            "peakCallsPerHour": rounded(outlined.peak * 3600.0),
            "historyDays": outlined.history_days,
        }
        if outlined.peak_at is not None:
            found["peakAt"] = stamp(outlined.peak_at)
    return found


def _source(source: Judged, line_seconds: float) -> dict[str, Any]:
    found: dict[str, Any] = {"name": source.name, "state": source.state.value}
    if source.rate is not None and source.state is not State.INACTIVE:
        found["concurrentCalls"] = rounded(source.rate * line_seconds)
    if source.message:
        found["message"] = shortened(source.message, SENTENCE)
    return found


def _lever(one: Decided, report: Report) -> dict[str, Any]:
    moved, decision = one.moved, one.decision
    held = decision.held
    found: dict[str, Any] = {
        "name": moved.lever.name,
        "field": moved.field.value,
        "limit": one.maximum,
        "through": moved.through.value,
        "reason": (held or decision.why).value,
        "message": shortened(moved.problem or _why(one), SENTENCE),
    }
    if moved.problem:
        found["reason"] = "Problem"
    else:
        found["desired"] = one.desired
    if one.standing is not None:
        found["current"] = one.standing
    if decision.wanted > one.desired or held is Why.MAXIMUM:
        found["needed"] = decision.wanted
    step = one.minimums.next_change(one.desired) if one.minimums is not None else None
    if step is not None and report.spec.mode is Mode.AUTO:
        found["nextChange"] = {"at": stamp(step.at), "value": step.value}
    return found


def _why(one: Decided) -> str:
    decision = one.decision
    text = f"{decision.wanted} for {_WORDS.get(decision.why, decision.why.value)}"
    if decision.held is Why.MAXIMUM:
        return f"{text}; calls need more than its most of {one.maximum}"
    if decision.held is not None:
        return f"{text}; {one.desired} for now: {decision.held.value}"
    return text


def _layers(day: Day | None) -> list[dict[str, Any]]:
    if day is None:
        return []
    standings = sorted((layer.standing for layer in day.layers), key=lambda one: one.growth)
    return [_layer(standing) for standing in standings[:MOST_LAYERS]]


def _layer(standing: Standing) -> dict[str, Any]:
    need = standing.need
    found: dict[str, Any] = {
        "layer": need.layer.value,
        "need": rounded(need.value),
        "unit": need.unit,
        "formula": shortened(need.formula, SENTENCE),
    }
    if need.resource:
        found["resource"] = need.resource
    if standing.have is not None:
        found["have"] = rounded(standing.have)
    if standing.limit is not None:
        found["limit"] = rounded(standing.limit.value)
    return found


def _binding(day: Day | None) -> str | None:
    binding = day.binding if day is not None else None
    if binding is None:
        return None
    need = binding.standing.need
    return f"{need.layer.value}/{need.resource}" if need.resource else need.layer.value


def _breach(one: Breached) -> dict[str, Any]:
    dates = {
        "earliest": one.earliest,
        "expected": one.expected,
        "latest": one.latest,
        "requestBy": one.request_by,
    }
    return {"limit": one.limit, **{name: day for name, day in dates.items() if day}, "message": one.message}


def _shared(report: Report) -> list[dict[str, Any]]:
    return [_share(one) for one in report.shares if one.grant.sharing or one.grant.cut]


def _share(one: Share) -> dict[str, Any]:
    found: dict[str, Any] = {
        "limit": one.limit,
        "wanted": one.grant.wanted,
        "granted": one.grant.granted,
        "others": one.grant.others,
        "with": list(one.grant.sharing[:32]),
    }
    if one.message:
        found["message"] = shortened(one.message, SENTENCE)
    return found


# --- conditions


def own_conditions(report: Report) -> tuple[Condition, ...]:
    """AbleToScale, ScalingActive and ScalingLimited as HorizontalPodAutoscaler has them, and those of capacity."""
    budget = scaling_bill.condition(report.spec, report.month)
    return (_able(report), _active(report), _limited(report), _quota(report), _at_risk(report), budget)


def _able(report: Report) -> Condition:
    stuck = [one.moved for one in report.decided if one.moved.problem]
    problems = [*report.problems, *(f"{moved.name}: {moved.problem}" for moved in stuck)]
    if problems:
        # What goes by itself is no alarm: in a normal start the center's functions are still being made.
        waits = not report.problems and all(moved.waits for moved in stuck)
        text = shortened("; ".join(problems[:5]), 2048)
        return Condition("AbleToScale", "False", "Waiting" if waits else "Problem", text)
    if not report.decided:
        return Condition("AbleToScale", "True", "NoLevers", "there is nothing to move; needs and dates are reported")
    return Condition("AbleToScale", "True", "Ready", f"{counted(len(report.decided), 'field')} can be moved")


def _active(report: Report) -> Condition:
    failed = [source for source in report.now.sources if source.failed]
    if report.spec.paused:
        return Condition("ScalingActive", "False", "Paused", "spec.paused is true: AWS goes on with what it was told")
    if failed:
        said = "; ".join(f"{source.name}: {source.message}" for source in failed[:5])
        # Where only the forecast has failed, live calls are measured, and levers follow those.
        held = "nothing is lowered: " if report.now.hold else ""
        reason = "Fallback" if any(source.state is State.FALLBACK for source in failed) else "SourceFailing"
        return Condition("ScalingActive", "False", reason, shortened(f"{held}{said}", 2048))
    if report.spec.mode is Mode.RECOMMEND:
        return Condition("ScalingActive", "False", "Recommend", "spec.mode is Recommend: nothing is moved")
    sources = len(report.now.sources)
    told = "its source of demand is fresh" if sources == 1 else f"all {sources} sources of demand are fresh"
    return Condition("ScalingActive", "True", "Fresh", told)


def _limited(report: Report) -> Condition:
    short = [one for one in report.decided if one.decision.held is Why.MAXIMUM]
    cut = [share.message for share in report.shares if share.grant.cut]
    if short or cut:
        said = [f"{one.moved.name} needs more than {one.maximum}" for one in short[:5]]
        return Condition(
            "ScalingLimited",
            "True",
            "Maximum" if short else "Shared",
            shortened("; ".join([*said, *cut]), 2048),
        )
    return Condition("ScalingLimited", "False", "Within", "calls need no more than the levers may be")


def _quota(report: Report) -> Condition:
    over = [] if report.day is None else [layer.standing for layer in report.day.layers if _exceeded(layer.standing)]
    if over:
        said = "; ".join(
            f"{one.need.layer.value}{'/' + one.need.resource if one.need.resource else ''} needs {rounded(one.need.value)} of {rounded(one.ceiling or 0.0)}"
            for one in over[:5]
        )
        return Condition(
            "QuotaLimited", "True", "Exceeded", shortened(f"at the peak of the next 48 hours {said}", 2048)
        )
    if report.day is None:
        return Condition("QuotaLimited", "Unknown", "NotKnown", "needs could not be computed")
    return Condition("QuotaLimited", "False", "Within", "every layer fits in what it may have")


def _exceeded(standing: Standing) -> bool:
    return standing.limit is not None and standing.need.value > standing.limit.value


def _at_risk(report: Report) -> Condition:
    due = [one for one in report.breaches if one.request_by]
    if due:
        said = "; ".join(f"{one.limit}: {one.message}" for one in due[:5])
        return Condition("CapacityAtRisk", "True", "RequestBy", shortened(said, 2048))
    return Condition("CapacityAtRisk", "False", "None", "no limit is foreseen to be passed")


def rounded(value: float) -> int:
    """To three digits, so that it moves only when a reader would say that it did."""
    if value < 100.0:
        return round(value)
    step = 10 ** (floor(log10(value)) - 2)
    return int(round(value / step) * step)


def stamp(instant: datetime) -> str:
    """As the API server writes times."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
