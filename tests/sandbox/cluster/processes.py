"""Watching processes from outside: are they gone, and a script of ours as a process that can be killed."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def running(pid: int) -> bool:
    """Whether the process exists; a zombie (an orphan whose new parent has not looked yet) does not count."""
    state = subprocess.run(["ps", "-o", "state=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return state.stdout.strip()[:1] not in ("", "Z")


def still_running(pids: Iterable[int], seconds: float = 20.0) -> list[int]:
    """Wait until all are gone; return those that are not when the time is up."""
    left = list(pids)
    eventually(lambda: not any(running(pid) for pid in left), seconds)
    return [pid for pid in left if running(pid)]


def eventually(true: Callable[[], bool], seconds: float = 60.0) -> bool:
    """Wait until `true()`; whether it became so in time."""
    deadline = time.monotonic() + seconds
    while not (now := true()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return now


def gone(path: Path) -> bool:
    """Wait until `path` does not exist."""
    return eventually(lambda: not path.exists(), 20.0)


class Owner:
    """A Python process that runs `code` and reports by `print(json.dumps(…), flush=True)`."""

    def __init__(self, code: str, *, environment: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        return self.process.pid

    def report(self, seconds: float = 100.0) -> Any:
        """The next line that it printed."""
        assert self.process.stdout is not None
        readable, _, _ = select.select([self.process.stdout], [], [], seconds)
        assert readable, f"the process said nothing for {seconds} s"
        line = self.process.stdout.readline()
        assert line, f"the process ended with {self.process.wait()} before it reported"
        return json.loads(line)

    def close(self) -> None:
        """Make sure that it is gone."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()
