"""What a lever should stand at now: the forecast over its lead, what is there live, the bounds, and the pace. Pure.

Forecast and live demand each ask for as much as they need; the larger counts. A forecast alone never takes anything away,
and a source that is silent or lies low never does: what lowers a lever is a live measure that has been low for a while.
A budget limits what the forecast adds, never what live calls need.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from trunkline.capacity.behavior import Behavior, Change, Wanted, paced, stabilize
from trunkline.capacity.decreases import DecreaseRule, Decreases, counted, most, next_decrease
from trunkline.capacity.forecast.outlook import Outlook

DAY_SECONDS = 86_400.0
LOOK_SECONDS = 300.0  # between the instants of the lead that are looked at


class Why(StrEnum):
    """What a desired value follows from."""

    FORECAST = "Forecast"
    LIVE = "Live"
    FLOOR = "Floor"  # another source of demand, a tier, or the fallback
    MINIMUM = "Minimum"
    MAXIMUM = "Maximum"
    BUDGET = "Budget"
    NO_LIVE_MEASURE = "NoLiveMeasure"  # less would do by the forecast, which alone takes nothing away
    STABILIZING = "Stabilizing"
    PACE = "Pace"
    DECREASES_USED = "DecreasesUsed"
    PAUSED = "Paused"


@dataclass(frozen=True, slots=True)
class Lever:
    """units: from calls per second to units of the lever, at the quantile. lead_seconds: how long before a need it has to
    be asked for. cap: most that the forecast may ask for, where a budget says so.
    """

    minimum: int
    maximum: int
    units: Callable[[float], int]
    lead_seconds: float = 600.0
    cover: float = 0.99
    behavior: Behavior = field(default_factory=Behavior)
    decreases: DecreaseRule | None = None
    cap: int | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """What a lever did, and what was wanted when, as far back as any rule looks."""

    changes: tuple[Change, ...] = ()
    wanted: tuple[Wanted, ...] = ()


@dataclass(frozen=True, slots=True)
class Live:
    """A live measure, fresh. rate: calls per second; slope: their change per second, 0 if that is not known."""

    rate: float
    slope: float = 0.0


@dataclass(frozen=True, slots=True)
class Decision:
    """desired: what to set. wanted: what the calls ask for, bounded; more than desired says that something held it.

    at: from when on desired is allowed, if it is not yet. past: with this recommendation; add the change once made.
    """

    desired: int
    wanted: int
    why: Why
    held: Why | None
    past: Past
    at: datetime | None = None


def decide(
    lever: Lever,
    current: int,
    now: datetime,
    *,
    outlook: Outlook | None,
    live: Live | None,
    past: Past,
    floor: float = 0.0,
    made: Decreases | None = None,
) -> Decision:
    """The decision. floor: calls per second that other sources of demand ask for, never to be fallen below. made: the
    decreases that AWS counted, those of others and of a process before this one among them.
    """
    asked, why = _asked(lever, now, outlook, live, floor)
    wanted = max(lever.minimum, min(lever.maximum, asked))
    if wanted > asked:
        why = Why.MINIMUM
    held = Why.MAXIMUM if wanted < asked else None
    known = _remembered(past, lever.behavior, now, current, wanted)
    settled = stabilize(current, wanted, known.wanted, lever.behavior, now)
    if settled > wanted:
        held = Why.STABILIZING
    if settled < current and live is None:
        # Out of bounds is out of bounds: a maximum that was lowered by hand holds without a measure too.
        settled, held = max(settled, min(current, lever.maximum)), Why.NO_LIVE_MEASURE
    desired = paced(current, settled, known.changes, lever.behavior, now)
    if desired != settled and abs(settled - current) > _tolerated(lever, settled, current):
        held = Why.PACE
    at = None
    if desired < current and lever.decreases is not None:
        at = next_decrease(lever.decreases, most(counted(known.changes, now), made or Decreases()), now)
        if at > now:
            desired, held = current, Why.DECREASES_USED
        else:
            at = None
    return Decision(desired, wanted, why, held, known, at)


def made(decision: Decision, current: int, now: datetime) -> Past:
    """The past once the decision was carried out."""
    if decision.desired == current:
        return decision.past
    change = Change(now, current, decision.desired)
    return Past((*decision.past.changes, change), decision.past.wanted)


def _asked(lever: Lever, now: datetime, outlook: Outlook | None, live: Live | None, floor: float) -> tuple[int, Why]:
    """Units that are needed until a change made after this one could work, and for whom."""
    needs = [(lever.units(floor), Why.FLOOR)] if floor > 0.0 else []
    if live is not None:
        needs.append((lever.units(max(live.rate, live.rate + live.slope * lever.lead_seconds)), Why.LIVE))
    if outlook is not None:
        needs.append(_foreseen(lever, now, outlook))
    return max(needs, key=lambda need: need[0], default=(0, Why.MINIMUM))


def _foreseen(lever: Lever, now: datetime, outlook: Outlook) -> tuple[int, Why]:
    steps = max(1, round(lever.lead_seconds / LOOK_SECONDS))
    instants = [now + timedelta(seconds=lever.lead_seconds * step / steps) for step in range(steps + 1)]
    units = lever.units(max(outlook.high(instant, lever.cover) for instant in instants))
    if lever.cap is not None and units > lever.cap:
        return lever.cap, Why.BUDGET
    return units, Why.FORECAST


def _remembered(past: Past, behavior: Behavior, now: datetime, current: int, wanted: int) -> Past:
    """With this recommendation, and without what no rule looks at any more; changes of a day are kept for AWS's rules.

    Who remembers nothing takes what there is for wanted, as HorizontalPodAutoscaler does: a start is no reason to go down.
    """
    # What lies ahead was noted by a clock that has been put back since: nobody knows when it was.
    before = tuple(one for one in past.wanted if one.at <= now) or (Wanted(now, current),)
    looked = now - timedelta(seconds=behavior.memory_seconds)
    counts = now - timedelta(seconds=max(behavior.period_seconds, DAY_SECONDS))
    return Past(
        tuple(change for change in past.changes if change.at >= counts),
        (*(one for one in before if one.at >= looked), Wanted(now, wanted)),
    )


def _tolerated(lever: Lever, wanted: int, current: int) -> float:
    side = lever.behavior.up if wanted > current else lever.behavior.down
    return side.tolerance_share * current
