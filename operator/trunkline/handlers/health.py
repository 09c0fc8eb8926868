"""How a cache is: what it said of itself, what follows from two such answers, and what a reader is shown of it. Pure.

The one who asks implements `Probe`; what Prometheus shows is behind `Gauges`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Protocol

from trunkline.handlers.port import Key
from trunkline.handlers.publishing import Endpoint

STEADY = 0.1  # a figure that moved by less than a tenth is not worth a write
LEAST_MOVE = 2


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to ask, and how to sign in."""

    endpoint: Endpoint
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Counters:
    """What a cache says of itself, all nodes that could be asked together; None: it does not tell.

    hits, misses, evictions: since each node's start. run: other after a node was started anew or replaced. lag_seconds:
    of the replica that is furthest behind; memory_used_percent: of the fullest node.
    """

    hits: int | None = None
    misses: int | None = None
    evictions: int | None = None
    connections: int | None = None
    ops_per_second: int | None = None
    memory_used_percent: int | None = None
    lag_seconds: float | None = None
    run: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is shown: rates, not totals; None: not known."""

    hit_ratio_percent: int | None = None
    memory_used_percent: int | None = None
    evictions_per_minute: int | None = None
    connections: int | None = None
    ops_per_second: int | None = None
    lag_seconds: float | None = None


class ProbeFailedError(Exception):
    """The cache was not asked, or did not answer as it should. The message is for people and holds no secret.

    reachable: something answered at its address, so it is the cache that has a problem, or who signs in. busy: nobody
    was free to ask, which says nothing of the cache.
    """

    def __init__(self, message: str, *, reachable: bool = False, busy: bool = False) -> None:
        super().__init__(message)
        self.reachable = reachable
        self.busy = busy


class Probe(Protocol):
    """Asks a cache itself."""

    async def ask(self, target: Target) -> Counters:
        """Within its deadline, whatever the cache does. Raises ProbeFailedError."""
        ...


class Gauges(Protocol):
    """Figures for Prometheus."""

    def show(self, key: Key, figures: Figures, *, healthy: bool | None) -> None:
        """The figures of one cache as they are now; what is None is not shown."""
        ...

    def forget(self, key: Key) -> None:
        """The object is gone, and its series with it."""
        ...


class NoGauges:
    """Nobody looks."""

    def show(self, key: Key, figures: Figures, *, healthy: bool | None) -> None:
        """As the port says."""

    def forget(self, key: Key) -> None:
        """As the port says."""


class NoProbe:
    """The operator asks no cache: `trunkline plan`."""

    async def ask(self, target: Target) -> Counters:  # noqa: ARG002  # the port's
        """Raises ProbeFailedError."""
        raise ProbeFailedError("caches are not asked here")


def figures(before: Counters | None, now: Counters, seconds: float) -> Figures:
    """Rates from two answers that lie so many seconds apart. After a restart totals begin anew, and so do rates."""
    same = before if before is not None and before.run == now.run and seconds > 0 else None
    hits, misses = _gained(same, now, "hits"), _gained(same, now, "misses")
    evictions = _gained(same, now, "evictions") if same is not None else None
    return Figures(
        hit_ratio_percent=_percent(hits, misses),
        memory_used_percent=now.memory_used_percent,
        evictions_per_minute=None if evictions is None else round(evictions * 60 / seconds),
        connections=now.connections,
        ops_per_second=now.ops_per_second,
        lag_seconds=now.lag_seconds,
    )


def _gained(before: Counters | None, now: Counters, name: str) -> int | None:
    value = getattr(now, name)
    if value is None:
        return None
    start = getattr(before, name) if before is not None else 0
    return int(value) - (start or 0) if value >= (start or 0) else int(value)


def _percent(hits: int | None, misses: int | None) -> int | None:
    if hits is None or misses is None or hits + misses <= 0:
        return None
    return 100 * hits // (hits + misses)


def steady(shown: Figures, now: Figures) -> Figures:
    """The figures for status: those that are shown already, where they did not move enough for a reader."""
    kept = {
        item.name: getattr(shown, item.name)
        for item in fields(Figures)
        if _near(getattr(shown, item.name), getattr(now, item.name))
    }
    return replace(now, **kept)


def _near(shown: float | None, now: float | None) -> bool:
    if shown is None or now is None:
        return False
    return abs(now - shown) <= max(LEAST_MOVE, STEADY * abs(shown)) and (now == 0) == (shown == 0)
