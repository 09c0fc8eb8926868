"""A bar on a terminal: how far, how fast, how long yet. Says nothing where nobody looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

WIDTH = 28
EVERY_SECONDS = 0.1


class Progress:
    """One bar, redrawn in its line. total: how many there will be; 0 if nobody knows. Use as a context."""

    def __init__(self, what: str, total: int, out: TextIO, clock: Callable[[], float], unit: str = "items") -> None:
        self._what = what
        self._total = total
        self._out = out
        self._clock = clock
        self._unit = unit
        self._shown = out.isatty()
        self._began = clock()
        self._drawn = float("-inf")
        self._done = 0
        self._width = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the line as it is last, and begin a new one."""
        if self._shown and self._done:
            self._draw()
            self._out.write("\n")
            self._out.flush()

    def advance(self, n: int) -> None:
        """So many more are done."""
        self._done += n
        if self._shown and self._clock() - self._drawn >= EVERY_SECONDS:
            self._draw()

    def _draw(self) -> None:
        now = self._clock()
        self._drawn = now
        line = self._line(now - self._began)
        self._out.write(f"\r{line:<{self._width}}")
        self._out.flush()
        self._width = len(line)

    def _line(self, seconds: float) -> str:
        rate = self._done / seconds if seconds > 0 else 0.0
        if not self._total:
            return f"{self._what} {self._done:,} {self._unit}, {rate:,.0f}/s"
        share = min(1.0, self._done / self._total)
        bar = "#" * round(share * WIDTH)
        left = (self._total - self._done) / rate if rate and self._done < self._total else 0.0
        counted = f"{self._done:,}/{self._total:,} {self._unit}"
        return f"{self._what} [{bar:.<{WIDTH}}] {share:4.0%} {counted}, {rate:,.0f}/s, {_duration(left)} left"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
