"""The fewest whole servers for a load, fast for a year of loads: an exact table where steps matter, smooth above. Pure.

Whatever the rule is, N servers carry up to some load A(N) that grows with N. Few servers are looked up among the exact
A(N). For many, (N - A) / sqrt(A) hardly changes with A, which is the square-root rule of staffing; between points of a
grid it is interpolated. Garnett, Mandelbaum and Reiman, M&SOM 4 (2002), give the rule for queues with abandonment.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil, sqrt

EXACT = 64  # servers; up to here every step is computed
RATIO = 1.15  # of neighboring points above
TOLERANCE = 1e-6  # of a server, by which a load may lie above what the servers carry


@dataclass(slots=True)
class Staircase:
    """Answers `fewest(load)` for a rule given as `carries`: whether so many servers carry a load.

    `carries(servers, load)` must turn from true to false once as the load grows, and stay true as servers are added;
    a load of 0 is carried by one server. Points are computed when first needed and kept: use one staircase for many loads.
    """

    carries: Callable[[int, float], bool]
    _loads: list[float] = field(default_factory=list)  # what each point's servers carry
    _servers: list[int] = field(default_factory=list)

    def fewest(self, load: float) -> int:
        """The fewest servers that carry the load: exact up to 64, within 1 above. 0 for no load."""
        if load <= 0.0:
            return 0
        while not self._loads or self._loads[-1] < load:
            self._extend()
        index = bisect_left(self._loads, load)
        if index == 0 or self._servers[index] - self._servers[index - 1] == 1:
            return self._servers[index]
        low, high = self._loads[index - 1], self._loads[index]
        slack_low, slack_high = self._slack(index - 1), self._slack(index)
        part = (sqrt(load) - sqrt(low)) / (sqrt(high) - sqrt(low))
        return ceil(load + (slack_low + part * (slack_high - slack_low)) * sqrt(load) - TOLERANCE)

    def _slack(self, index: int) -> float:
        return (self._servers[index] - self._loads[index]) / sqrt(self._loads[index])

    def _extend(self) -> None:
        servers = 1 if not self._servers else max(self._servers[-1] + 1, int(self._servers[-1] * self._ratio()))
        below = self._loads[-1] if self._loads else 0.0
        self._servers.append(servers)
        self._loads.append(max(most_load(self.carries, servers, below), below))

    def _ratio(self) -> float:
        return RATIO if self._servers[-1] >= EXACT else 1.0


def most_load(carries: Callable[[int, float], bool], servers: int, below: float = 0.0) -> float:
    """The largest load that so many servers carry, to a millionth of a server; `below` is one that they carry."""
    step = max(1e-3, 0.25 * sqrt(servers))
    low, high = below, below + step
    # From the neighbor's load upwards first: the answer is near a server's worth above it.
    while carries(servers, high):
        low, high, step = high, high + 2.0 * step, 2.0 * step
    while high - low > TOLERANCE * max(1.0, 1e-3 * servers):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if carries(servers, middle) else (low, middle)
    return low
