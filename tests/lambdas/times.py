"""A clock that moves when it is told to, or when somebody waits."""

from __future__ import annotations

from shared.deadline import Deadline

NOW = 1_800_000_000.0


class Clock:
    """Seconds; also the wall clock of functions that need one."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now
        self.waited: list[float] = []

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        """As time.sleep, at once."""
        assert seconds >= 0
        self.waited.append(seconds)
        self.now += seconds

    def deadline(self, seconds: float = 3.0) -> Deadline:
        """As long from now."""
        return Deadline.after(seconds, self)
