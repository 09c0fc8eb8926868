"""How many calls are in each stage at each time, from the rates at which they arrive. Pure.

The half hour by itself, rate times duration, is wrong wherever the rate changes: calls that began in one half hour are
still talking in the next. Here each stage is an infinite-server queue whose departures arrive at the next one; what is
busy is the *modified offered load*, the Erlangs to put into a formula for waiting. Sources: Jennings, Mandelbaum, Massey
and Whitt, "Server Staffing to Meet Time-Varying Demand", Management Science 42 (1996); Eick, Massey and Whitt, "The
Physics of the M_t/G/infinity Queue", Operations Research 41 (1993).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from math import ceil, exp

STEPS = 240  # of a slot, in which the response to one slot of calls is followed
REST = 1e-6  # share of calls whose stay is cut off


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a call's way: how long on average, whether at random (exponential) or always the same, and who enters.

    share: of those who were in the stage before (of arrivals for the first) that enter; the others are gone.
    """

    seconds: float
    exponential: bool = True
    share: float = 1.0

    def __post_init__(self) -> None:
        if not self.seconds >= 0.0 or not 0.0 <= self.share <= 1.0:
            raise ValueError(f"a stage needs seconds >= 0 and a share from 0 to 1, not {self.seconds} and {self.share}")


@dataclass(frozen=True, slots=True)
class Busy:
    """Calls in a stage, per slot: on average over the slot, and at its end."""

    mean: tuple[float, ...]
    end: tuple[float, ...]

    @property
    def highest(self) -> tuple[float, ...]:
        """The most of each slot: within a slot of one rate a stage nears its level from one side."""
        starts = (0.0, *self.end[:-1])
        return tuple(map(max, starts, self.end, self.mean))


@dataclass(frozen=True, slots=True)
class Response:
    """What one slot of one call a second leaves in a stage in that slot and later: the kernel that loads are made of."""

    mean: tuple[float, ...]
    end: tuple[float, ...]

    def to(self, rates: Sequence[float], cyclic: bool = False) -> Busy:
        """Calls in the stage for rates in calls a second, one per slot. cyclic: the last slot is before the first."""
        return Busy(_convolved(rates, self.mean, cyclic), _convolved(rates, self.end, cyclic))


def busy(
    rates: Sequence[float], slot_seconds: float, stages: Sequence[Stage], cyclic: bool = False
) -> tuple[Busy, ...]:
    """Each stage's calls, for rates in calls a second that hold for a slot each."""
    return tuple(response.to(rates, cyclic) for response in responses(slot_seconds, stages))


def responses(slot_seconds: float, stages: Sequence[Stage]) -> tuple[Response, ...]:
    """The kernels of stages that calls go through one after the other. Raises ValueError unless slot_seconds > 0."""
    if not slot_seconds > 0.0:
        raise ValueError(f"a slot must be a number of seconds > 0, not {slot_seconds}")
    return _responses(slot_seconds, tuple(stages))


@lru_cache(maxsize=256)  # they do not depend on the calls: a plan asks for the same few again and again
def _responses(slot_seconds: float, stages: tuple[Stage, ...]) -> tuple[Response, ...]:
    step = slot_seconds / STEPS
    slots = _slots(slot_seconds, stages)
    entered = [min(index, STEPS) * step for index in range(slots * STEPS + 1)]  # by then, of one call a second
    found: list[Response] = []
    for stage in stages:
        entered = [stage.share * count for count in entered]
        left = _left(entered, stage, step)
        found.append(_response([a - b for a, b in zip(entered, left, strict=True)]))
        entered = left
    return tuple(found)


def attempts(rate: float, abandoned_share: float, redial_share: float) -> float:
    """Calls a second that ring where `rate` people call a second and so many of those who hang up call again.

    For a rate of people, never for counted calls: history counts attempts already. Raises ValueError where all
    hang up and all call again, which no line survives.
    """
    again = abandoned_share * redial_share
    if not 0.0 <= again < 1.0:
        raise ValueError("everybody hangs up and calls again: the calls grow without end")
    return rate / (1.0 - again)


def _slots(slot_seconds: float, stages: Sequence[Stage]) -> int:
    """Until so few are left in any stage that they do not matter."""
    tail = sum(stage.seconds * (15.0 if stage.exponential else 1.0) for stage in stages)
    return 2 + ceil(tail / slot_seconds)


def _left(entered: Sequence[float], stage: Stage, step: float) -> list[float]:
    """How many have left by each step."""
    if stage.seconds == 0.0:
        return list(entered)
    if not stage.exponential:
        return [_at(entered, index - stage.seconds / step) for index in range(len(entered))]
    # Exact for a rate that holds within a step: e^(-step / mean) of those inside stay.
    stays = exp(-step / stage.seconds)
    enters = stage.seconds / step * (1.0 - stays)
    inside, left = 0.0, [0.0]
    for index in range(1, len(entered)):
        inside = inside * stays + (entered[index] - entered[index - 1]) * enters
        left.append(entered[index] - inside)
    return left


def _at(counts: Sequence[float], index: float) -> float:
    if index <= 0.0:
        return 0.0
    below = int(index)
    return counts[below] + (index - below) * (counts[min(below + 1, len(counts) - 1)] - counts[below])


def _response(inside: Sequence[float]) -> Response:
    sums = list(accumulate(0.5 * (a + b) for a, b in pairwise(inside)))
    totals = [sums[end - 1] for end in range(STEPS, len(inside), STEPS)]
    mean = [(total - before) / STEPS for total, before in zip(totals, [0.0, *totals], strict=False)]
    end = list(inside[STEPS::STEPS])
    level = sum(mean)
    while len(mean) > 1 and mean[-1] <= REST * level:
        mean.pop()
        end.pop()
    # What is cut off is given back: in a day of one rate the load must be rate times duration.
    whole = level / sum(mean) if level else 1.0
    return Response(tuple(value * whole for value in mean), tuple(end))


def _convolved(rates: Sequence[float], kernel: Sequence[float], cyclic: bool) -> tuple[float, ...]:
    width = len(kernel)
    before = (
        [rates[-back % len(rates)] for back in range(width - 1, 0, -1)] if cyclic and rates else [0.0] * (width - 1)
    )
    padded = [*before, *rates]
    found = [0.0] * len(rates)
    for lag, weight in enumerate(kernel):
        first = width - 1 - lag
        found = [value + weight * rate for value, rate in zip(found, padded[first : first + len(rates)], strict=True)]
    return tuple(found)
