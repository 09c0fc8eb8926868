"""How much more than the average a layer needs: one headroom for each layer, never two on top of each other. Pure.

Either the load's own fluctuation decides: the forecast's quantile is served so that the Poisson chance that everything is
busy stays small. Or the user names a utilization, which then stands for all of it and is applied to the expected load.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import ceil, exp, inf, lgamma, log, log1p, sqrt
from statistics import NormalDist

from trunkline.capacity.erlang import log_blocking
from trunkline.capacity.series import series
from trunkline.capacity.staircase import TOLERANCE, Staircase
from trunkline.capacity.workload import Traffic

MANY = 100_000.0
"""From this mean on a Poisson number is so nearly normal that its quantile is the same; summing its terms would take long."""
ALL_BUSY = 0.001  # share of the time in which everything may be busy, where nothing else is said


@dataclass(frozen=True, slots=True)
class Chance:
    """At most this share of arrivals finds everything busy, at the forecast's quantile."""

    share: float = ALL_BUSY

    def __post_init__(self) -> None:
        if not 0.0 < self.share < 1.0:
            raise ValueError(f"the chance that all are busy must be above 0 and below 1, not {self.share}")

    def rate(self, traffic: Traffic) -> float:
        """The calls a second to plan for."""
        return traffic.high

    def servers(self, mean: float) -> int:
        """The fewest so that a Poisson number with this mean reaches them with no more than the chance."""
        return _poisson_stairs(self.share).fewest(mean) if mean <= MANY else _of_many(self.share, mean)

    def lines(self, erlangs: float) -> int:
        """The fewest lines by Erlang B."""
        return _line_stairs(self.share).fewest(erlangs)

    def text(self) -> str:
        """For formulas."""
        return f"all busy at most {100 * self.share:g} % of the time"


@dataclass(frozen=True, slots=True)
class Utilization:
    """The expected load fills at most this share: what the user gives instead of any other headroom."""

    share: float

    def __post_init__(self) -> None:
        if not 0.0 < self.share <= 1.0:
            raise ValueError(f"utilization must be above 0 and at most 1, not {self.share}")

    def rate(self, traffic: Traffic) -> float:
        """The calls a second to plan for."""
        return traffic.expected

    def servers(self, mean: float) -> int:
        """The fewest of which the mean fills no more than the share."""
        return ceil(mean / self.share - TOLERANCE)

    def lines(self, erlangs: float) -> int:
        """Lines are servers like any other."""
        return self.servers(erlangs)

    def text(self) -> str:
        """For formulas."""
        return f"{100 * self.share:g} % utilization"


Headroom = Chance | Utilization


def log_reaches(servers: int, mean: float) -> float:
    """The natural logarithm of the chance that a Poisson number with this mean is at least so large."""
    if servers <= 0:
        return 0.0
    if mean <= 0.0:
        return -inf
    if servers <= mean:
        # The other tail is the small one or near half: 1 - P(X < n).
        below = _log_tail(servers - 1, mean, lambda k: (servers - k) / mean, servers - 1)
        return log1p(-min(exp(below), 1.0 - 1e-16))
    return _log_tail(servers, mean, lambda k: mean / (servers + k), None)


def _log_tail(first: int, mean: float, ratio: Callable[[int], float], last: int | None) -> float:
    return _log_poisson(first, mean) + series(last, ratio).log_total


def _log_poisson(count: int, mean: float) -> float:
    return count * log(mean) - mean - lgamma(count + 1.0)


def _of_many(share: float, mean: float) -> int:
    """The quantile of a Poisson number with a large mean, by the first terms of Cornish and Fisher's expansion."""
    z = NormalDist().inv_cdf(1.0 - share)
    return ceil(mean + z * sqrt(mean) + (z * z - 1.0) / 6.0 + 0.5)


@cache
def _poisson_stairs(share: float) -> Staircase:
    return Staircase(lambda servers, mean: log(share) - log_reaches(servers, mean))


@cache
def _line_stairs(share: float) -> Staircase:
    return Staircase(lambda lines, erlangs: log(share) - log_blocking(lines, erlangs))
