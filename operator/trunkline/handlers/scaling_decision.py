"""What each field of a policy's levers should be now, and what AWS is told of the next two days. Pure.

Between what the capacity model says of calls and what a blueprint says to AWS; the model decides, this hands it its words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import ceil

from trunkline.api.scaling_levers import LeverField, Through
from trunkline.api.scaling_policy import Mode, ScalingPolicySpec
from trunkline.blueprints.scaling import Bounds
from trunkline.capacity.behavior import Wanted
from trunkline.capacity.decision import Decision, Lever, Live, Past, Why, decide, made
from trunkline.capacity.demand import Booked
from trunkline.capacity.forecast.outlook import Outlook
from trunkline.capacity.headroom import Chance, Headroom, Utilization
from trunkline.capacity.layers_data import THROTTLED, Use, units
from trunkline.capacity.schedule import Minimums, Rule, Step, minimums
from trunkline.capacity.tiers import Tier, holding, least
from trunkline.capacity.workload import Workload
from trunkline.handlers.scaling_behavior import behavior
from trunkline.handlers.scaling_center import calls_per_second, uses
from trunkline.handlers.scaling_levers import Moved
from trunkline.handlers.scaling_memory import Planned, PolicyMemory
from trunkline.handlers.scaling_standing import Standing

COVER = 0.99
EXPECTED = 0.5  # where the user's utilization is the only headroom
REPLAN = timedelta(hours=1)
UNSEEN_PASSES, UNSEEN_SECONDS = 3, 900
"""Who did not look for so many passes, and so long, does not know what was wanted meanwhile."""


@dataclass(frozen=True, slots=True)
class Seen:
    """All that is known of calls. before: the forecast as the days before today tell it; outlook: with the last hour.
    live: None if a metric has failed. floor: calls a second that somebody stated, or that a failed source is taken for.
    measured: whether the policy has metrics at all. hold: a source has failed, so nothing is lowered. blind: the past
    could not be read yet, so what was foreseen stays.
    """

    now: datetime
    rate: float
    calls: Workload
    outlook: Outlook | None = None
    before: Outlook | None = None
    live: Live | None = None
    floor: float = 0.0
    constant: float = 0.0
    booked: tuple[Booked, ...] = ()
    measured: bool = False
    hold: bool = False
    blind: bool = False

    def stated(self, instant: datetime) -> float:
        """Calls a second that somebody said will come at an instant."""
        return max([self.constant, *(one.rate for one in self.booked if one.holds(instant))])


@dataclass(frozen=True, slots=True)
class Decided:
    """One field. standing: what AWS has, None if unknown. maximum: of the spec, or of what is shared."""

    moved: Moved
    standing: int | None
    current: int
    decision: Decision
    minimum: int
    maximum: int
    minimums: Minimums | None

    @property
    def desired(self) -> int:
        return self.decision.desired


@dataclass(slots=True)
class Deciding:
    """Decides field by field. granted: the most that a shared limit leaves a field, by its name; caps: that a
    budget leaves its forecast."""

    spec: ScalingPolicySpec
    seen: Seen
    memory: PolicyMemory
    held: frozenset[str]
    tiers: tuple[Tier, ...]
    granted: Mapping[str, int] = field(default_factory=dict)
    caps: Mapping[str, int] = field(default_factory=dict)

    def field(self, moved: Moved, standing: Standing, told: int | None) -> Decided:
        """told: what it was told last, by the status. What was never told and cannot be read is left alone."""
        span, known = moved.span, self.memory.desired.get(moved.name, told)
        if known is None and standing.units is None and not moved.problem:
            moved = replace(moved, problem=standing.problem, waits=standing.waits)
        asked = max(span.min, least(self.tiers, self.held, moved.lever.name), standing.least)
        current = known if known is not None else standing.units or min(span.max, asked)
        current, past = self._before(moved, standing, current)
        maximum = max(1, self._maximum(moved, standing.units if standing.units is not None else current))
        minimum = min(maximum, asked)
        use = moved.use or uses(moved.lever, self.seen.calls).get(moved.field)
        headroom = headroom_of(moved)
        lever = Lever(
            minimum,
            maximum,
            _units(use, headroom),
            moved.lead_seconds,
            self._cover(headroom),
            behavior(self.spec.behavior),
            moved.decreases,
            self.caps.get(moved.name),
        )
        decision = decide(
            lever,
            current,
            self.seen.now,
            outlook=self.seen.outlook,
            live=self._live(moved),
            past=past,
            floor=self._floor(moved),
            made=standing.decreases,
        )
        if moved.only_rises:
            decision = replace(
                decision, desired=max(decision.desired, min(span.max, current, standing.units or current))
            )
        if self.seen.hold and decision.desired < min(current, maximum):
            decision = replace(decision, desired=min(current, maximum))
        if self.spec.paused:
            decision = replace(decision, desired=current, held=Why.PAUSED)
        return Decided(moved, standing.units, current, decision, minimum, maximum, self._minimums(moved, lever))

    def _before(self, moved: Moved, standing: Standing, current: int) -> tuple[int, Past]:
        """Where a decision starts from. Who begins to move a field, or has not looked at it for long, starts from what is
        there, and waits as if it had just been wanted.
        """
        now, past = self.seen.now, self.memory.past.get(moved.name) or Past()
        moves = self.spec.mode is Mode.AUTO and not self.spec.paused
        if moves and (self.memory.auto is False or not standing.begun):
            current = max(current, standing.units or 0)
            return current, Past(past.changes, (Wanted(now, current),))
        silent = timedelta(seconds=max(UNSEEN_SECONDS, UNSEEN_PASSES * self.spec.resync_seconds))
        if not past.wanted or now - past.wanted[-1].at > silent:
            return current, Past(past.changes, (Wanted(now, current),))
        return current, past

    def _maximum(self, moved: Moved, there: int) -> int:
        """The spec's, or what others leave: nothing that is in use is taken away for their sake."""
        most, granted = moved.span.max, self.granted.get(moved.name)
        return most if granted is None else min(most, max(granted, there))

    def note(self, decided: Decided) -> None:
        """The decision was carried out, or shall be thought of as if it had been."""
        name = decided.moved.name
        self.memory.past[name] = made(decided.decision, decided.current, self.seen.now)
        self.memory.desired[name] = decided.desired

    def _cover(self, headroom: Headroom) -> float:
        if isinstance(headroom, Utilization):
            return EXPECTED
        forecast = self.spec.demand.forecast
        return COVER if forecast is None else forecast.cover_percent / 100.0

    def _live(self, moved: Moved) -> Live | None:
        """Without a metric of its own a policy states its demand, or forecasts it. Stated demand is no guess, and the
        minimum of a field that AWS tracks takes nothing away: AWS itself does, by the use that it measures.
        """
        if self.seen.measured or self.seen.hold:
            return self.seen.live
        tracked = moved.through is Through.APPLICATION_AUTO_SCALING
        return Live(0.0) if tracked or self.spec.demand.forecast is None else None

    def _floor(self, moved: Moved) -> float:
        lead = timedelta(seconds=moved.lead_seconds)
        ahead = [one.rate for one in self.seen.booked if any(_meets(one, self.seen.now, lead))]
        return max([self.seen.floor, *ahead])

    def _minimums(self, moved: Moved, lever: Lever) -> Minimums | None:
        if moved.problem or moved.only_rises:
            return None
        planned = self.memory.planned.get(moved.name)
        now, words = self.seen.now, (self.spec, self.seen.blind)
        young = planned is not None and timedelta(0) <= now - planned.at < REPLAN
        if planned is None or not young or (planned.spec, planned.blind) != words:
            rule = Rule(lever.minimum, lever.maximum, lead_seconds=moved.lead_seconds)
            found = minimums(lambda instant: self._rate(instant, lever.cover), lever.units, now, rule)
            planned = self.memory.planned[moved.name] = Planned(found, now, *words)
        if lever.cap is None:
            return planned.minimums
        stated = max([self.seen.constant, *(one.rate for one in self.seen.booked)])
        return _capped(planned.minimums, max(lever.cap, lever.units(stated)))

    def _rate(self, instant: datetime, cover: float) -> float:
        foreseen = self.seen.before.high(instant, cover) if self.seen.before is not None else 0.0
        return max(self.seen.stated(instant), foreseen)


def _meets(booked: Booked, now: datetime, lead: timedelta) -> Iterable[bool]:
    return (span.begins <= now + lead and (span.ends is None or span.ends > now) for span in booked.spans)


def _capped(found: Minimums, most: int) -> Minimums:
    steps: list[Step] = []
    for step in found.steps:
        value = min(step.value, most)
        if not steps or steps[-1].value != value:
            steps.append(Step(step.at, value))
    return Minimums(min(found.now, most), tuple(steps))


def headroom_of(moved: Moved) -> Headroom:
    """One of the two: the user's utilization, or the load's own fluctuation."""
    percent = moved.span.utilization_percent
    if percent is not None:
        return Utilization(percent / 100.0)
    return Chance(THROTTLED) if moved.field is LeverField.RESERVED_CONCURRENCY else Chance()


def _units(use: Use | None, headroom: Headroom) -> Callable[[float], int]:
    """A field of which nobody knows how calls fill it is moved by its bounds and by tiers alone."""
    if use is None:
        return lambda _rate: 0
    count = units(use, headroom)
    return lambda rate: ceil(count(rate))


def tiers_of(spec: ScalingPolicySpec, calls: Workload) -> tuple[Tier, ...]:
    """The tiers in the model's words."""
    return tuple(
        Tier(
            tier.name,
            calls_per_second(tier.above, calls),
            tier.until_percent / 100.0,
            {
                action.lever: action.min
                for action in tier.actions
                if action.lever is not None and action.min is not None
            },
            tuple(action.task for action in tier.actions if action.task is not None),
        )
        for tier in spec.tiers or ()
    )


def tiers_held(tiers: tuple[Tier, ...], rate: float, before: frozenset[str]) -> frozenset[str]:
    """The names of those that hold."""
    return holding(tiers, rate, before)


def _there(one: Decided) -> int:
    """What AWS has, which a maximum below it would take away at once; all that may be, where that is not known."""
    return one.moved.span.max if one.standing is None else one.standing


def bounds(decided: Iterable[Decided], *, blind: bool = False) -> tuple[Bounds, ...]:
    """What AWS is told: the minimum of now, the maximum, and the minimums to come. blind: of those that it was told before
    none falls.
    """
    found = []
    for one in decided:
        moved = one.moved
        if moved.node is None or moved.through is not Through.APPLICATION_AUTO_SCALING:
            continue
        steps = one.minimums.steps if one.minimums is not None else ()
        found.append(
            Bounds(
                name=moved.name,
                node=moved.node,
                minimum=one.desired,
                maximum=max(one.desired, one.maximum, min(moved.span.max, _there(one))),
                scheduled=tuple((step.at.timestamp(), step.value) for step in steps),
                utilization_percent=moved.span.utilization_percent,
                standing=one.standing,
                broken=moved.problem or None,
                awaits=moved.waits,
                keeps=blind,
            )
        )
    return tuple(found)
