"""The owner's side of the supervisor: a scratch directory and processes that vanish with us, however we end.

`Supervised` starts the supervisor (see `supervisor`) and talks to it. Also of use to whoever else has processes to hold
(the demo: the operator and the offline AWS).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from .errors import SupervisorError
from .scratch import Scratch

_SUPERVISOR = Path(__file__).with_name("supervisor.py")
_END_SECONDS = 20.0
_LOG_LINES = 15


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """How a process is: its id, and its return code once it ended (negative: the signal that ended it)."""

    pid: int
    returncode: int | None

    @property
    def running(self) -> bool:
        return self.returncode is None


class Supervised:
    """A scratch directory and named processes whose lives are bound to ours. A context manager; thread-safe.

    Attributes:
        directory: private to this user, removed at the end.
        pid: the supervisor's process id.
    """

    def __init__(self, prefix: str, keep_fds: Iterable[int] = ()) -> None:
        """Make the directory, named after `prefix`, and start the supervisor.

        Args:
            prefix: what the directory's name begins with; what is left over from killed supervisors under the same
                prefix is removed first.
            keep_fds: file descriptors that the supervisor holds open until the end (a reserved port).
        """
        self._requests = threading.Lock()
        with Scratch.create(prefix) as scratch:
            self.directory = scratch.directory
            self._process = subprocess.Popen(
                # -I -S: nothing of the user's environment, and a start in some 20 ms.
                [sys.executable, "-I", "-S", str(_SUPERVISOR), str(os.getpid()), str(self.directory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
                pass_fds=(scratch.lock, *keep_fds),
            )
        self.pid = self._process.pid

    def start(self, name: str, command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None) -> int:
        """Start a process under `name`; return its id. Its output is appended to `log(name)`.

        Raises:
            SupervisorError: one of that name runs already, the program cannot be executed, or the supervisor is gone.
        """
        process = {
            "name": name,
            "command": [str(part) for part in command],
            "log": str(self.log(name)),
            "environment": None if environment is None else dict(environment),
        }
        return int(self._ask({"operation": "start", "process": process})["pid"])

    def signal(self, name: str, number: signal.Signals) -> bool:
        """Send a signal to the process and its children; whether it still ran."""
        return bool(self._ask({"operation": "signal", "name": name, "signal": int(number)})["sent"])

    def status(self) -> dict[str, ProcessStatus]:
        """How each process is, by name."""
        return {name: ProcessStatus(**status) for name, status in self._ask({"operation": "status"}).items()}

    def wait(self, name: str, seconds: float) -> int:
        """Wait until the process has ended; return its return code.

        Raises:
            SupervisorError: it still runs after `seconds`.
        """
        deadline = time.monotonic() + seconds
        while (returncode := self.status()[name].returncode) is None:
            if time.monotonic() > deadline:
                raise SupervisorError(f"{name} did not end within {seconds:g} s")
            time.sleep(0.02)  # the supervisor never waits for a process, lest it miss the owner's end
        return returncode

    def log(self, name: str) -> Path:
        """The file that takes the output of the process."""
        return self.directory / f"{name}.log"

    def last_words(self, name: str) -> str:
        """The last lines of the process's output, for error messages."""
        try:
            return "\n".join(self.log(name).read_text(errors="replace").splitlines()[-_LOG_LINES:])
        except FileNotFoundError:
            return ""

    def end(self) -> None:
        """End all processes and remove the directory. Harmless to repeat."""
        with self._requests:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            with contextlib.suppress(BrokenPipeError, ValueError):
                self._process.stdin.write(b'{"operation": "end"}\n')
                self._process.stdin.flush()
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
            try:
                self._process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()  # and the kernel kills what it held
                self._process.wait()
            self._process.stdout.close()
            shutil.rmtree(self.directory, ignore_errors=True)  # in case the supervisor was killed

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        with self._requests:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            try:
                self._process.stdin.write(json.dumps(request).encode() + b"\n")
                self._process.stdin.flush()
                line = self._process.stdout.readline()
            except (OSError, ValueError):
                line = b""
        if not line:
            raise SupervisorError("the supervisor is gone, and with it every process that it held")
        answer: dict[str, Any] = json.loads(line)
        if isinstance(problem := answer.get("error"), str):
            raise SupervisorError(problem)
        return answer
