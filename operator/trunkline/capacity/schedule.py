"""The least that a lever is, for the hours in which nobody may be there to decide: what AWS runs by its own clock. Pure.

A staircase over slots: up in time for what takes its time, down only where it stays down for a while and is worth it, and
no oftener than AWS allows. It is walked from a fixed hour, not from now, so that the next pass finds the same steps and
has nothing to write. After the last hour the highest of all holds, until somebody plans again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

HOURS = 48


@dataclass(frozen=True, slots=True)
class Step:
    """From an instant on, so many."""

    at: datetime
    value: int


@dataclass(frozen=True, slots=True)
class Rule:
    """least, most: bounds of every step. lead_seconds: how long before a need the step up is. keep_seconds: how long less
    has to do before a step down is made, and the least time between two of them. worth: the least share of a step down.
    """

    least: int
    most: int
    lead_seconds: float = 600.0
    keep_seconds: float = 3600.0
    worth: float = 0.1
    slot_seconds: int = 1800

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.most:
            raise ValueError(f"least must be at least 0 and at most {self.most}, not {self.least}")
        if self.slot_seconds <= 0 or 86_400 % self.slot_seconds:
            raise ValueError(f"a day has no whole number of slots of {self.slot_seconds} s")


@dataclass(frozen=True, slots=True)
class Minimums:
    """now: what holds already. steps: what comes, in order, each different from the one before it."""

    now: int
    steps: tuple[Step, ...]

    def value(self, instant: datetime) -> int:
        """What holds at an instant; before the first step what holds now."""
        return next((step.value for step in reversed(self.steps) if step.at <= instant), self.now)

    def next_change(self, current: int) -> Step | None:
        """The first step to something else than there is, if there is one before the plan ends."""
        return next((step for step in self.steps[:-1] if step.value != current), None)


def minimums(
    rate: Callable[[datetime], float], units: Callable[[float], int], now: datetime, rule: Rule, hours: int = HOURS
) -> Minimums:
    """The steps of the next hours.

    rate: calls a second to be ready for, as known a day before: the more it changes with each look, the more is written.
    units: of the lever for so many. Slots begin with the UTC day.
    """
    slot = timedelta(seconds=rule.slot_seconds)
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    end = (now + timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0)
    keep = timedelta(seconds=max(rule.keep_seconds, rule.lead_seconds))
    count = -((midnight - end - keep) // slot)
    starts = [midnight + number * slot for number in range(count)]
    needs = [_need(rate, units, start, slot, rule) for start in starts]
    lead = timedelta(seconds=rule.lead_seconds)
    walked = [Step(step.at - (lead if up else timedelta(0)), step.value) for step, up in _walk(starts, needs, rule)]
    begun = [step.value for step in walked if step.at <= now]
    held = max(*begun[-1:], needs[(now - midnight) // slot], rule.least)
    steps = [Step(now, held), *(step for step in walked if now < step.at < end)]
    highest = max(need for start, need in zip(starts, needs, strict=True) if start + slot > now)
    steps.append(Step(end, highest))
    return Minimums(held, tuple(later for before, later in pairwise(steps) if later.value != before.value))


def _walk(starts: Sequence[datetime], needs: Sequence[int], rule: Rule) -> list[tuple[Step, bool]]:
    """Each step, and whether it goes up. A step down goes to the most of the time in which it is kept."""
    kept = max(1, -int(-max(rule.keep_seconds, rule.lead_seconds) // rule.slot_seconds)) + 1
    steps = [(Step(starts[0], needs[0]), False)]
    lowered = starts[0]
    for number in range(1, len(starts)):
        value = steps[-1][0].value
        if needs[number] > value:
            steps.append((Step(starts[number], needs[number]), True))
            continue
        wanted = max(needs[number : number + kept])
        rested = (starts[number] - lowered).total_seconds() >= rule.keep_seconds
        if rested and value - wanted > rule.worth * value:
            steps.append((Step(starts[number], wanted), False))
            lowered = starts[number]
    return steps


def _need(
    rate: Callable[[datetime], float],
    units: Callable[[float], int],
    start: datetime,
    slot: timedelta,
    rule: Rule,
) -> int:
    """The most of a slot: rates go straight between the middles of slots, so its ends and its middle are enough."""
    instants = (start, start + slot / 2, start + slot - timedelta(seconds=1))
    return max(rule.least, min(rule.most, units(max(rate(instant) for instant in instants))))
