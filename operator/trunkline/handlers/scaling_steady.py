"""What of a pass is worth writing: figures that only tremble stay as they were written, for a while. Pure.

Calls are a Poisson number, and every figure follows them; a status that did too would be written every minute for ever.
What was decided, and what somebody has to know, is written at once.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta

from trunkline.capacity.decision import Why
from trunkline.handlers.scaling_decision import Decided
from trunkline.handlers.scaling_status import Report

TREMBLES = 0.05
"""Share of a rate that is no change: at a thousand calls a standard deviation is 3 percent."""
FOR = timedelta(minutes=15)
_TOLD = (Why.MAXIMUM, Why.BUDGET, Why.PAUSED, Why.DECREASES_USED, Why.NO_LIVE_MEASURE)


@dataclass(frozen=True, slots=True)
class Shown:
    """The report that status is made from, since when, and what must not differ from it."""

    report: Report
    at: datetime
    same: Hashable


def steadied(before: Shown | None, report: Report, generation: int, now: datetime) -> Shown:
    """What to show: what is shown already, where the new one says the same."""
    fresh = Shown(report, now, _same(report, generation))
    if before is None or before.same != fresh.same or not timedelta(0) <= now - before.at < FOR:
        return fresh
    shown = before.report.now.rate
    return before if abs(report.now.rate - shown) <= TREMBLES * shown else fresh


def _same(report: Report, generation: int) -> Hashable:
    """The age of a number that has failed is none of it: it changes by the clock."""
    return (
        generation,
        tuple((source.name, source.state) for source in report.now.sources),
        tuple(_of(one) for one in report.decided),
        tuple((one.limit, one.grant.granted, one.grant.sharing, one.grant.cut > 0) for one in report.shares),
        tuple(report.tiers),
        report.breaches,
        report.warnings,
        report.problems,
        repr(report.score),
    )


def _of(one: Decided) -> Hashable:
    held = one.decision.held if one.decision.held in _TOLD else None
    step = one.minimums.next_change(one.desired) if one.minimums is not None else None
    return (one.moved.name, one.moved.problem, one.desired, one.standing, one.maximum, held, step)
