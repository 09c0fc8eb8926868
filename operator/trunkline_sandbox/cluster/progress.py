"""Progress of something that takes minutes, on a terminal or in a log.

May write to the stream that it was given, and nothing else.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

QUIET_SECONDS = 15.0


class Progress:
    """Says what is going on: whole lines by `say`, a line that keeps changing by `update`.

    On a terminal `update` rewrites its line in place; elsewhere (a CI log) it writes a line every 15 seconds at most.
    """

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._clock = clock
        self._open_line = False
        self._last = clock()

    def say(self, text: str) -> None:
        """Write a line that stays."""
        self._end_line()
        self._write(f"{text}\n")
        self._last = self._clock()

    def update(self, text: str) -> None:
        """Write what is true for the moment; the next `update` replaces it."""
        if self._stream.isatty():
            self._write(f"\r\x1b[K{text}")
            self._open_line = True
        elif self._clock() - self._last >= QUIET_SECONDS:
            self.say(text)

    def _end_line(self) -> None:
        if self._open_line:
            self._write("\n")
            self._open_line = False

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
