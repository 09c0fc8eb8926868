"""One lever through one day, minute by minute: who was short, what it cost, how often it was changed. Pure.

A lookup is short if all provisioned environments are busy when it comes; of Poisson arrivals the expected share. A change
takes effect after the time that AWS takes to allocate. Nobody here sees a rate before it was measured.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from math import exp
from typing import Protocol

from trunkline.capacity.headroom import log_reaches

STEP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Truth:
    """The true rates of calls per second of a day's minutes, from `begins` on."""

    begins: datetime
    rates: tuple[float, ...]

    def at(self, minute: int) -> datetime:
        """The instant at which a minute begins."""
        return self.begins + timedelta(seconds=STEP_SECONDS * minute)


@dataclass(frozen=True, slots=True)
class Terms:
    """servers_per_rate: servers busy for each call per second. allocate: minutes until a change works. delay: minutes from
    the beginning of a minute until its measure is there; CloudWatch shows it about a minute after its end.
    """

    servers_per_rate: float
    allocate: int = 2
    delay: int = 2


class Policy(Protocol):
    """What sets the lever. Made anew for each day."""

    def first(self) -> int:
        """What stands when the day begins."""
        ...

    def at(self, minute: int, seen: Sequence[float], current: int, provisioned: int) -> int:
        """What to set at the beginning of a minute. seen: rates of the minutes that are measured, from the first on;
        it grows from minute to minute, so copy what you keep.
        current: what was asked for last; provisioned: what works.
        """
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """lookups: expected calls on the lever. short: of them. seconds: server-seconds provisioned."""

    arrivals: float = 0.0
    short: float = 0.0
    seconds: float = 0.0
    changes: int = 0
    levels: tuple[int, ...] = field(default=(), repr=False)

    @property
    def short_ppm(self) -> float:
        """Of a million."""
        return 1e6 * self.short / self.arrivals if self.arrivals else 0.0


def run(policy: Policy, truth: Truth, terms: Terms) -> Outcome:
    """The day under this policy."""
    asked = policy.first()
    lately = deque([asked] * (terms.allocate + 1), maxlen=terms.allocate + 1)
    arrivals = short = seconds = 0.0
    changes, levels = 0, []
    seen: list[float] = []
    provisioned = asked
    for minute, rate in enumerate(truth.rates):
        seen.extend(truth.rates[len(seen) : max(0, minute - terms.delay + 1)])
        wanted = policy.at(minute, seen, asked, provisioned)
        changes += wanted != asked
        lately.append(wanted)
        asked = wanted
        provisioned = min(lately)  # less works at once, more after it is allocated
        mean = rate * terms.servers_per_rate
        arrivals += rate * STEP_SECONDS
        short += (
            rate * STEP_SECONDS * all_busy(provisioned, float(f"{mean:.4g}"))
        )  # so that minutes share what is known
        seconds += provisioned * STEP_SECONDS
        levels.append(provisioned)
    return Outcome(arrivals, short, seconds, changes, tuple(levels))


@lru_cache(maxsize=1 << 17)
def all_busy(servers: int, mean: float) -> float:
    """The chance that an arrival finds all servers busy: a Poisson number with this mean reaches them."""
    return exp(log_reaches(servers, mean))


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """Of several days."""
    return Outcome(
        sum(one.arrivals for one in outcomes),
        sum(one.short for one in outcomes),
        sum(one.seconds for one in outcomes),
        sum(one.changes for one in outcomes),
    )


Units = Callable[[float], int]
"""From calls per second to servers."""
