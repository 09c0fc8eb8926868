"""The policy itself, as the operator runs it: the same forecast and the same decision, asked every minute. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from trunkline.capacity.backtest.day import STEP_SECONDS, Truth
from trunkline.capacity.decision import Lever, Live, Past, decide, made
from trunkline.capacity.forecast.outlook import Outlook, expected_calls, updated

Floor = Callable[[datetime], float]
"""Calls a second that somebody said will come at an instant: constants and schedules."""

HOUR_MINUTES = 60
SLOPE_MINUTES = 5


def nobody(instant: datetime) -> float:  # noqa: ARG001  # a floor
    """No demand was stated."""
    return 0.0


@dataclass(slots=True)
class Sight:
    """What each minute of a day tells of the next hours: the same for all levers that are played through it.

    truth gives the clock alone.
    """

    outlook: Outlook
    truth: Truth
    _steps: list[tuple[float, float]] = field(default_factory=list)  # expected and seen, by minute
    _known: dict[int, Outlook] = field(default_factory=dict)  # by how many minutes were seen

    def after(self, seen: Sequence[float]) -> Outlook:
        """Once these minutes were measured."""
        found = self._known.get(len(seen))
        if found is None:
            for minute in range(len(self._steps), len(seen)):
                wanted = expected_calls(self.outlook, self.truth.at(minute), STEP_SECONDS)
                self._steps.append((wanted, seen[minute] * STEP_SECONDS))
            found = updated(self.outlook, self._steps[-HOUR_MINUTES:], self.truth.at(len(seen)))
            self._known[len(seen)] = found
        return found


@dataclass(slots=True)
class Ours:
    """lever, outlook: as for the operator. truth gives the clock alone. every: minutes between decisions.

    live: without, nothing of the day is measured, as of a policy without metrics. floor: calls a second that somebody said
    will come. sight: of the day, if several levers share it.
    """

    lever: Lever
    outlook: Outlook
    truth: Truth
    every: int = 1
    live: bool = True
    sight: Sight | None = None
    floor: Floor = nobody
    _past: Past = field(default_factory=Past)

    def first(self) -> int:
        """What the schedule of the day before has left for the opening."""
        now = self.truth.begins - timedelta(seconds=STEP_SECONDS)
        floor = self._floor(now)
        return decide(
            self.lever, self.lever.minimum, now, outlook=self.outlook, live=None, past=Past(), floor=floor
        ).desired

    def at(self, minute: int, seen: Sequence[float], current: int, provisioned: int) -> int:  # noqa: ARG002  # of the protocol
        """As the protocol says."""
        if minute % self.every:
            return current
        now = self.truth.at(minute)
        outlook = self._sight.after(seen) if self.live else self.outlook
        # Where nothing is measured the operator takes stated demand and the forecast for all there is.
        live = live_of(seen) if self.live else Live(0.0)
        floor = self._floor(now)
        decision = decide(self.lever, current, now, outlook=outlook, live=live, past=self._past, floor=floor)
        self._past = made(decision, current, now)
        return decision.desired

    def _floor(self, now: datetime) -> float:
        return max(self.floor(now), self.floor(now + timedelta(seconds=self.lever.lead_seconds)))

    @property
    def _sight(self) -> Sight:
        if self.sight is None:
            self.sight = Sight(self.outlook, self.truth)
        return self.sight


def live_of(seen: Sequence[float]) -> Live | None:
    """The last measured rate, and how it has been changing."""
    if not seen:
        return None
    before = seen[max(0, len(seen) - 1 - SLOPE_MINUTES)]
    minutes = min(SLOPE_MINUTES, len(seen) - 1)
    return Live(seen[-1], (seen[-1] - before) / (minutes * STEP_SECONDS) if minutes else 0.0)
