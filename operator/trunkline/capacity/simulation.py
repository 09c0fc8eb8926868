"""Queues simulated call by call: several lines, agents who answer some of them, callers who hang up. Pure; no clock.

For what no formula covers (agents who share some queues and not others), and to hold the formulas against something that
was made without them. Randomness is passed in, so that a seed gives the same calls each time. Routing is Connect's: an
agent who gets free takes the oldest call of the most urgent queues of his routing profile, a call goes to the agent who
has been idle longest. Source: Amazon Connect administrator guide, "How routing works".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf, log, sqrt
from random import Random
from statistics import fmean, stdev

from trunkline.capacity.breach import student_t
from trunkline.capacity.offered_load import Stage


@dataclass(frozen=True, slots=True)
class Line:
    """Calls of one queue: how many a second, how long an agent has each, how long callers wait (`inf`: for ever)."""

    name: str
    calls_per_second: float
    handle_seconds: float
    patience_seconds: float = inf


@dataclass(frozen=True, slots=True)
class Crew:
    """Agents with one routing profile. queues: names by urgency; those in one tuple are equal."""

    agents: int
    queues: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Met:
    """What the callers of a line met; shares are of all its calls, seconds the mean of all its calls."""

    calls: int
    answered_in_time: float
    abandoned: float
    mean_wait_seconds: float


def simulate(
    lines: Sequence[Line],
    crews: Sequence[Crew],
    answer_seconds: float,
    calls: int,
    random: Random,
    *,
    warm_share: float = 0.2,
) -> Mapping[str, Met]:
    """So many calls of all lines together, from agents about as busy as they will be; the first ones are not counted.

    Raises ValueError where a line has no crew: its calls would wait for nobody.
    """
    orphans = [line.name for line in lines if not any(line.name in group for crew in crews for group in crew.queues)]
    if orphans:
        raise ValueError(f"no agents answer {', '.join(orphans)}: name each queue in a crew")
    floor = _Floor(lines, crews, answer_seconds, random)
    floor.fill()
    floor.run(calls, counted_from=int(warm_share * calls))
    return {line.name: tally.met() for line, tally in zip(lines, floor.tallies, strict=True)}


def simulate_stages(
    rates: Sequence[float], slot_seconds: float, stages: Sequence[Stage], random: Random
) -> tuple[tuple[int, ...], ...]:
    """Calls in each stage at the end of each slot, of one day of random calls for whom there is always an agent."""
    found = [[0] * len(rates) for _ in stages]
    way, draw = tuple(zip(stages, found, strict=True)), random.random
    for slot, rate in enumerate(rates):
        at = slot * slot_seconds + random.expovariate(rate) if rate > 0.0 else inf
        while at < (slot + 1) * slot_seconds:
            _follow(at, way, 1.0 / slot_seconds, draw)
            at -= log(1.0 - draw()) / rate
    return tuple(map(tuple, found))


def interval(values: Sequence[float], confidence: float = 0.99) -> tuple[float, float]:
    """The confidence interval of the mean of independent runs. Raises ValueError for fewer than two."""
    if len(values) < 2:
        raise ValueError("one run says nothing about its own chance")
    half = student_t(0.5 + 0.5 * confidence, len(values) - 1) * stdev(values) / sqrt(len(values))
    return fmean(values) - half, fmean(values) + half


@dataclass(slots=True)
class _Tally:
    calls: int = 0
    in_time: int = 0
    abandoned: int = 0
    waited: float = 0.0

    def met(self) -> Met:
        count = max(1, self.calls)
        return Met(self.calls, self.in_time / count, self.abandoned / count, self.waited / count)


@dataclass(slots=True)
class _Floor:
    """All agents and waiting calls at one moment."""

    lines: Sequence[Line]
    crews: Sequence[Crew]
    answer_seconds: float
    random: Random
    now: float = 0.0
    tallies: list[_Tally] = field(init=False)
    _waiting: list[deque[tuple[float, float, bool]]] = field(init=False)  # arrival, hangs up at, counted
    _idle: list[deque[float]] = field(init=False)  # by crew: since when each idle agent is
    _busy: list[tuple[float, int]] = field(default_factory=list)  # heap of: free at, crew
    _answers: list[tuple[int, ...]] = field(init=False)  # by line: its crews
    _urgency: list[tuple[tuple[int, ...], ...]] = field(init=False)  # by crew: its lines by urgency

    def __post_init__(self) -> None:
        number = {line.name: index for index, line in enumerate(self.lines)}
        self.tallies = [_Tally() for _ in self.lines]
        self._waiting = [deque() for _ in self.lines]
        self._idle = [deque([0.0] * crew.agents) for crew in self.crews]
        self._urgency = [
            tuple(tuple(number[name] for name in group if name in number) for group in crew.queues)
            for crew in self.crews
        ]
        self._answers = [
            tuple(index for index, groups in enumerate(self._urgency) if any(line in group for group in groups))
            for line in range(len(self.lines))
        ]

    def fill(self) -> None:
        """Agents are given the calls that they would have if nobody waited."""
        for line, spec in enumerate(self.lines):
            for _ in range(int(spec.calls_per_second * spec.handle_seconds)):
                if not self._to_idle(line):
                    break

    def run(self, calls: int, counted_from: int) -> None:
        """So many arrivals, and whoever still waits after the last of them."""
        random, busy = self.random, self._busy
        weights = [line.calls_per_second for line in self.lines]
        rate, chosen = sum(weights), self._chooser(weights)
        arrival = random.expovariate(rate)
        for number in range(calls):
            while busy and busy[0][0] <= arrival:
                self._free()
            self.now = arrival
            self._arrive(chosen(), number >= counted_from)
            arrival += random.expovariate(rate)
        while busy and any(self._waiting):
            self._free()

    def _chooser(self, weights: Sequence[float]) -> Callable[[], int]:
        if len(weights) == 1:
            return lambda: 0
        names, random = range(len(weights)), self.random
        return lambda: random.choices(names, weights)[0]

    def _arrive(self, line: int, counted: bool) -> None:
        if counted:
            self.tallies[line].calls += 1
        if self._to_idle(line):
            if counted:
                self.tallies[line].in_time += 1
            return
        patience = self.lines[line].patience_seconds
        leaves = inf if patience == inf else self.now + self.random.expovariate(1.0 / patience)
        self._waiting[line].append((self.now, leaves, counted))

    def _to_idle(self, line: int) -> bool:
        crew = min(
            (crew for crew in self._answers[line] if self._idle[crew]), key=lambda crew: self._idle[crew][0], default=-1
        )
        if crew < 0:
            return False
        self._idle[crew].popleft()
        self._talk(line, crew)
        return True

    def _talk(self, line: int, crew: int) -> None:
        heappush(self._busy, (self.now + self.random.expovariate(1.0 / self.lines[line].handle_seconds), crew))

    def _free(self) -> None:
        self.now, crew = heappop(self._busy)
        for group in self._urgency[crew]:
            line = self._oldest(group)
            if line is not None:
                arrived, _, counted = self._waiting[line].popleft()
                if counted:
                    tally = self.tallies[line]
                    tally.waited += self.now - arrived
                    tally.in_time += self.now - arrived <= self.answer_seconds
                self._talk(line, crew)
                return
        self._idle[crew].append(self.now)

    def _oldest(self, group: Sequence[int]) -> int | None:
        found, since = None, inf
        for line in group:
            waiting = self._waiting[line]
            while waiting and waiting[0][1] <= self.now:
                arrived, left, counted = waiting.popleft()
                if counted:
                    self.tallies[line].abandoned += 1
                    self.tallies[line].waited += left - arrived
            if waiting and waiting[0][0] < since:
                found, since = line, waiting[0][0]
        return found


def _follow(at: float, stages: Sequence[tuple[Stage, list[int]]], by_slot: float, draw: Callable[[], float]) -> None:
    """One call through its stages: it counts at the end of each slot that it is in one. by_slot: slots of a second."""
    for stage, found in stages:
        if stage.share < 1.0 and draw() >= stage.share:
            return
        until = at - stage.seconds * log(1.0 - draw()) if stage.exponential else at + stage.seconds
        slot, last = int(at * by_slot), int(until * by_slot)
        while slot < last and slot < len(found):
            found[slot] += 1
            slot += 1
        at = until
