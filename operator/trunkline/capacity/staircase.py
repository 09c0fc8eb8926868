"""The fewest whole servers for a load, fast for a year of loads: an exact table where steps matter, smooth above. Pure.

Whatever the rule is, N servers carry up to some load A(N) that grows with N. Few servers are looked up among the exact
A(N). For many, (N - A) / sqrt(A) hardly changes with A, which is the square-root rule of staffing; between points of a
grid it is interpolated. Garnett, Mandelbaum and Reiman, M&SOM 4 (2002), give the rule for queues with abandonment.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil, inf, isfinite, sqrt

EXACT = 64  # servers; up to here every step is computed
RATIO = 1.15  # of neighboring points above
TOLERANCE = 1e-6  # of a load
PATIENCE = 4  # steps of one end after which the middle is tried
MOST = 1e9  # Erlangs


@dataclass(slots=True)
class Staircase:
    """Answers `fewest(load)` for a rule given as `margin(servers, load)`: by how much they carry it, negative if not.

    The margin falls steadily as the load grows, and grows with servers; no load at all is always carried. Points are
    computed when first needed and kept: use one staircase for many loads.
    """

    margin: Callable[[int, float], float]
    _loads: list[float] = field(default_factory=list)  # what each point's servers carry
    _servers: list[int] = field(default_factory=list)
    _roots: list[float] = field(default_factory=list)  # of the loads
    _slacks: list[float] = field(default_factory=list)  # (servers - load) / root

    def fewest(self, load: float) -> int:
        """The fewest servers that carry the load: exact up to 64, within 1 above. 0 for no load."""
        if load <= 0.0:
            return 0
        while not self._loads or self._loads[-1] < load:
            self._extend()
        index = bisect_left(self._loads, load)
        if index == 0 or self._servers[index] - self._servers[index - 1] == 1:
            return self._servers[index]
        root, low, slack = sqrt(load), self._roots[index - 1], self._slacks[index - 1]
        part = (root - low) / (self._roots[index] - low)
        return ceil(load + (slack + part * (self._slacks[index] - slack)) * root - TOLERANCE)

    def _extend(self) -> None:
        last, load = (self._servers[-1], self._loads[-1]) if self._servers else (0, 0.0)
        servers = max(last + 1, int(last * RATIO)) if last >= EXACT else last + 1
        self._servers.append(servers)
        carried = max(most_load(self.margin, servers, load, load + servers - last), load)
        self._loads.append(carried)
        self._roots.append(sqrt(carried))
        self._slacks.append((servers - carried) / sqrt(carried) if carried > 0.0 else 0.0)


def most_load(margin: Callable[[int, float], float], servers: int, carried: float, guess: float) -> float:
    """The largest load that so many servers carry, to a millionth of it. carried: a load that they do carry.

    Raises OverflowError if they carry any load, since then the rule asks for nothing.
    """
    low, at_low = carried, max(margin(servers, carried), 0.0) if carried > 0.0 else inf
    high, step = max(guess, carried + 1e-6), 0.5 * sqrt(servers) + 1e-6
    at_high = margin(servers, high)
    while at_high >= 0.0:
        low, at_low, high, step = high, at_high, high + step, 2.0 * step
        if high > MOST:
            raise OverflowError("the rule asks for no servers, whatever the load")
        at_high = margin(servers, high)
    return _crossing(lambda load: margin(servers, load), (low, at_low), (high, at_high))


def _crossing(margin: Callable[[float], float], low: tuple[float, float], high: tuple[float, float]) -> float:
    """Where the margin crosses zero, from below: false position, halving the weight of an end that stays (Illinois)."""
    (left, at_left), (right, at_right), stayed = low, high, 0
    while right - left > TOLERANCE * max(1.0, left):
        if isfinite(at_left) and abs(stayed) < PATIENCE:
            point = right - at_right * (right - left) / (at_right - at_left)
        else:
            point, stayed = 0.5 * (left + right), 0
        point = min(max(point, left + 0.4 * TOLERANCE), right - 0.4 * TOLERANCE)
        value = margin(point)
        if value >= 0.0:
            at_right = 0.5 * at_right if stayed > 0 else at_right
            left, at_left, stayed = point, value, max(stayed, 0) + 1
        else:
            at_left = 0.5 * at_left if stayed < 0 else at_left
            right, at_right, stayed = point, value, min(stayed, 0) - 1
    return left
