"""A process of a part: started on a port of its own, disturbed, ended. It never outlives the thread that started it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

STOP_SECONDS = 5.0
POLL_SECONDS = 0.01


class NotStartedError(Exception):
    """A part ended, or did not become ready; the message has the end of its log."""


def free_port() -> int:
    """A port of the loopback that nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Process:
    """One running program. log: both of its outputs."""

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        # The kernel kills it with us, even where pytest ends without running finalizers (Linux).
        setpriv = shutil.which("setpriv")
        tied = [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*tied, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                cwd=cwd,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended; a paused one runs."""
        return self._process.poll() is None

    def wait_ready(self, ready: Callable[[], bool], seconds: float = 30.0) -> None:
        """Until `ready` says so; what it raises of OSError is no. Raises NotStartedError."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self.running:
                raise NotStartedError(f"ended with {self._process.returncode}: {self._last_said()}")
            with contextlib.suppress(OSError):
                if ready():
                    return
            time.sleep(POLL_SECONDS)  # of a condition outside this process, which tells nobody
        raise NotStartedError(f"not ready after {seconds:g} s: {self._last_said()}")

    def pause(self) -> None:
        """SIGSTOP: connections are taken by the kernel and never answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL to it and its children: what a crash looks like."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """SIGTERM, then SIGKILL. Harmless to repeat, and for one that is paused or has ended."""
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        self.kill()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _last_said(self) -> str:
        return self.log.read_text(errors="replace")[-2000:].strip()
