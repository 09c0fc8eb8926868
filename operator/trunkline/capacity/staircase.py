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
from threading import Lock

EXACT = 64  # servers; up to here every step is computed
RATIO = 1.15  # of neighboring points above
TOLERANCE = 1e-6  # of a load
PATIENCE = 4  # steps of one end after which the middle is tried
MOST = 1e9  # Erlangs, beyond which nobody counts single servers


@dataclass(slots=True)
class Staircase:
    """Answers `fewest(load)` for a rule given as `margin(servers, load)`: by how much they carry it, negative if not.

    The margin falls steadily as the load grows, and grows with servers; no load at all is always carried. Points are
    computed when first needed and kept: a few for one load, all of them for a year.
    """

    margin: Callable[[int, float], float]
    _lock: Lock = field(default_factory=Lock)  # a plan is made in a thread, beside decisions of the same rule
    _grid: list[int] = field(default_factory=list)  # servers of all points, known or not
    _places: list[int] = field(default_factory=list)  # of the known points in the grid, rising
    _loads: list[float] = field(default_factory=list)  # what each known point's servers carry
    _roots: list[float] = field(default_factory=list)  # of the loads
    _slacks: list[float] = field(default_factory=list)  # (servers - load) / root

    def fewest(self, load: float) -> int:
        """The fewest servers that carry the load: exact up to 64, within 1 above. 0 for no load."""
        if load <= 0.0:
            return 0
        if load > MOST:
            return ceil(load)
        with self._lock:
            return self._fewest(load)

    def _fewest(self, load: float) -> int:
        index = bisect_left(self._loads, load)
        while not self._between_neighbors(index):
            self._add(self._place(index, load))
            index = bisect_left(self._loads, load)
        place = self._places[index]
        servers = self._grid[place]
        if place == 0 or servers - self._grid[place - 1] == 1:
            return servers
        root, low, slack = sqrt(load), self._roots[index - 1], self._slacks[index - 1]
        part = (root - low) / (self._roots[index] - low)
        return ceil(load + (slack + part * (self._slacks[index] - slack)) * root - TOLERANCE)

    def _between_neighbors(self, index: int) -> bool:
        """Whether the known points on both sides have no other between them."""
        if index == len(self._places):
            return False
        return self._places[index] == (self._places[index - 1] + 1 if index else 0)

    def _place(self, index: int, load: float) -> int:
        """The next point to look at: where the slack of a neighbor says, between those that are known."""
        near = min(index, len(self._slacks) - 1)
        servers = load + (self._slacks[near] * sqrt(load) if near >= 0 else 0.0)
        while not self._grid or self._grid[-1] < servers:
            self._grow()
        least = self._places[index - 1] + 1 if index else 0
        most = self._places[index] - 1 if index < len(self._places) else max(least, len(self._grid))
        place = min(max(bisect_left(self._grid, servers), least), most)
        while place >= len(self._grid):
            self._grow()
        return place

    def _grow(self) -> None:
        last = self._grid[-1] if self._grid else 0
        self._grid.append(max(last + 1, int(last * RATIO)) if last >= EXACT else last + 1)

    def _add(self, place: int) -> None:
        servers, index = self._grid[place], bisect_left(self._places, place)
        near = min(index, len(self._slacks) - 1)
        carried = most_load(self.margin, servers, servers - (self._slacks[near] * sqrt(servers) if near >= 0 else 0.0))
        if index:
            carried = max(carried, self._loads[index - 1])
        if index < len(self._loads):
            carried = min(carried, self._loads[index])
        self._places.insert(index, place)
        self._loads.insert(index, carried)
        self._roots.insert(index, sqrt(carried))
        self._slacks.insert(index, (servers - carried) / sqrt(carried) if carried > 0.0 else 0.0)


def most_load(margin: Callable[[int, float], float], servers: int, guess: float) -> float:
    """The largest load that so many servers carry, to a millionth of it.

    Raises OverflowError if they carry any load, since then the rule asks for nothing.
    """
    point, step = max(guess, TOLERANCE), 0.5 * sqrt(servers) + TOLERANCE
    low, high, value = (0.0, inf), None, margin(servers, point)
    while value < 0.0:
        high, point = (point, value), point - step
        if point <= 0.0:
            return _crossing(lambda load: margin(servers, load), low, high)
        value, step = margin(servers, point), 2.0 * step
    low = (point, value)
    while high is None:
        point, step = point + step, 2.0 * step
        if point > 1e3 * MOST:
            raise OverflowError("the rule asks for no servers, whatever the load")
        value = margin(servers, point)
        low, high = (low, (point, value)) if value < 0.0 else ((point, value), None)
    return _crossing(lambda load: margin(servers, load), low, high)


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
