"""Names to addresses within a deadline.

The system's resolver cannot be told how long it may take, so it runs in a thread that is waited for no longer than the
deadline; a late answer is kept for the next call. While a name cannot be resolved, the last addresses known are used.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Sequence

from shared.deadline import Deadline, DeadlineExceededError
from shared.failure import UnavailableError
from shared.typed import NamedTuple

KEPT_SECONDS = 30.0  # ElastiCache moves a name to another node within about this time


class Address(NamedTuple):
    """Where to connect: family as the socket module has it, and the numeric address."""

    family: int
    host: str


Lookup = Callable[[str], Sequence[Address]]


def system_lookup(host: str) -> Sequence[Address]:
    """What getaddrinfo answers; raises OSError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [Address(int(family), str(sockaddr[0])) for family, _, _, _, sockaddr in found]


def _start_thread(run: Callable[[], None]) -> None:
    threading.Thread(target=run, daemon=True).start()


class _Pending:
    """A lookup under way; one for all who wait for the same name."""

    __slots__ = ("done",)

    def __init__(self) -> None:
        self.done = threading.Event()


class Resolver:
    """Addresses of names, kept for a while. `lookup` may take as long as it likes; `clock` gives seconds, monotonic;
    `start_thread` may raise RuntimeError, as threads do.
    """

    def __init__(
        self,
        lookup: Lookup = system_lookup,
        clock: Callable[[], float] = time.monotonic,
        start_thread: Callable[[Callable[[], None]], None] = _start_thread,
    ) -> None:
        self._lookup = lookup
        self._clock = clock
        self._start_thread = start_thread
        self._known: dict[str, tuple[float, Sequence[Address]]] = {}
        self._pending: dict[str, _Pending] = {}
        self._lock = threading.Lock()

    def resolve(self, host: str, deadline: Deadline) -> Sequence[Address]:
        """The addresses of a name, at least one. Raises UnavailableError, DeadlineExceededError."""
        if (literal := _literal(host)) is not None:
            return (literal,)
        known = self._known.get(host)
        if known is not None and self._clock() - known[0] < KEPT_SECONDS:
            return known[1]
        pending = self._start(host)
        answered = pending.done.wait(max(0.0, deadline.remaining()))
        fresh = self._known.get(host)
        if fresh is not None and (answered or fresh is not known):
            return fresh[1]
        if known is not None:
            return known[1]
        if not answered:
            raise DeadlineExceededError("the name could not be resolved in time")
        raise UnavailableError("connection")

    def forget(self, host: str) -> None:
        """Ask for this name anew the next time; what was known serves only if that fails."""
        known = self._known.get(host)
        if known is not None:
            self._known[host] = (float("-inf"), known[1])

    def reset(self) -> None:
        """Know nothing: another environment's answers."""
        self._known.clear()

    def _start(self, host: str) -> _Pending:
        with self._lock:
            pending = self._pending.get(host)
            if pending is None:
                pending = _Pending()
                try:
                    self._start_thread(lambda: self._look_up(host, pending))
                except RuntimeError:  # the environment may have no more threads
                    pending.done.set()
                else:
                    self._pending[host] = pending
            return pending

    def _look_up(self, host: str, pending: _Pending) -> None:
        try:
            addresses = self._lookup(host)
            if addresses:
                self._known[host] = (self._clock(), addresses)
        except (OSError, ValueError):  # a name that cannot be encoded is the latter
            return
        finally:
            with self._lock:
                self._pending.pop(host, None)
            pending.done.set()


def _literal(host: str) -> Address | None:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except (OSError, ValueError):
            continue
        return Address(int(family), host)
    return None
