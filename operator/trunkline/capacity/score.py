"""How a day went, or would have gone: what a policy set, what the calls then needed, what stood there. Pure.

Summed up step by step as calls are measured, so that a recommendation is judged by calls that it had not seen. Minutes of
which nothing was measured judge nobody. The same words as a backtest's: short, cost over foresight, changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from math import isfinite

from trunkline.capacity.backtest.day import all_busy

DAYS = 14  # that are remembered
LONGEST_SECONDS = 900.0  # between two measures, beyond which nothing is known of the time between


@dataclass(frozen=True, slots=True)
class Tally:
    """arrivals: expected calls on the lever; short: of them, who found all busy. seconds: server-seconds that stood there."""

    arrivals: float = 0.0
    short: float = 0.0
    seconds: float = 0.0
    changes: int = 0

    @property
    def short_ppm(self) -> float:
        """Of a million."""
        return 1e6 * self.short / self.arrivals if self.arrivals > 0.0 else 0.0

    def with_step(self, arrivals: float, servers: int, mean: float, seconds: float, *, changed: bool) -> Tally:
        """One step more, through which so many servers stood."""
        chance = all_busy(servers, float(f"{mean:.4g}")) if servers > 0 else 1.0
        return Tally(
            self.arrivals + arrivals,
            self.short + arrivals * chance,
            self.seconds + servers * seconds,
            self.changes + changed,
        )


@dataclass(frozen=True, slots=True)
class Step:
    """What was measured of so many seconds. mean: servers busy on average. set: by the policy, or what it would have set;
    best: the fewest that would have done; standing: what stood there, None if that is not known.
    """

    seconds: float
    arrivals: float
    mean: float
    set: int
    best: int
    standing: int | None = None
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """A local day. best_seconds: server-seconds of the fewest that would have done."""

    day: date
    ours: Tally = field(default_factory=Tally)
    standing: Tally | None = None
    best_seconds: float = 0.0
    known_seconds: float = 0.0

    def over_foresight(self, tally: Tally) -> float | None:
        """Its cost over that of the least that serves the day; None where nothing was needed."""
        return tally.seconds / self.best_seconds if self.best_seconds > 0.0 else None

    def with_step(self, step: Step) -> Score:
        """One step more. One that is too long, or no number, says nothing."""
        if not (0.0 < step.seconds <= LONGEST_SECONDS and isfinite(step.mean) and isfinite(step.arrivals)):
            return self
        mean, arrivals = max(0.0, step.mean), max(0.0, step.arrivals)
        standing = self.standing
        if step.standing is not None:
            standing = (standing or Tally()).with_step(arrivals, step.standing, mean, step.seconds, changed=False)
        return replace(
            self,
            ours=self.ours.with_step(arrivals, step.set, mean, step.seconds, changed=step.changed),
            standing=standing,
            best_seconds=self.best_seconds + step.best * step.seconds,
            known_seconds=self.known_seconds + step.seconds,
        )


def scored(days: Iterable[Score], day: date, step: Step) -> tuple[Score, ...]:
    """The last days with one step more of a day, oldest first."""
    known = {score.day: score for score in days}
    known[day] = known.get(day, Score(day)).with_step(step)
    return tuple(known[one] for one in sorted(known)[-DAYS:])
