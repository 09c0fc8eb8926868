"""The process that holds the control plane's processes, so that none outlives whoever started them.

Run as a script of its own (`python -I -S supervisor.py OWNER_PID DIRECTORY`), with nothing but the standard
library, in a session of its own: a Ctrl-C in the owner's terminal does not reach what it runs. It reads requests as
JSON lines from its standard input and answers each with one line; it starts processes, signals them and says how they
are, and never waits for one, so it always listens.

Everything ends when the owner says so, when the pipe closes, when the owner is no longer its parent (a forked child of
the owner may still hold the pipe), or on SIGTERM: then all processes are killed with SIGKILL, which also ends a stopped
one, and DIRECTORY is removed. Should the supervisor itself be killed with SIGKILL, the kernel kills its processes
(PR_SET_PDEATHSIG, Linux only). That signal is sent when the *thread* that forked ends, which is why this is a process
with one thread and not a thread of the owner. It inherits a locked file of DIRECTORY and just holds it open: whoever can
lock that file knows that the directory is left over and may remove it.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_OWNER_CHECK_SECONDS = 1.0


class Supervisor:
    """The processes by name, and the requests about them."""

    def __init__(self) -> None:
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
        self._pid = os.getpid()

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what one request asks; `{"error": …}` says why not."""
        try:
            match request["operation"]:
                case "start":
                    return {"pid": self._start(**request["process"])}
                case "signal":
                    return {"sent": self._signal(request["name"], request["signal"])}
                case "status":
                    return {name: {"pid": p.pid, "returncode": p.poll()} for name, p in self._processes.items()}
                case unknown:
                    return {"error": f"unknown operation {unknown!r}"}
        except (OSError, KeyError, TypeError) as error:
            return {"error": f"{type(error).__name__}: {error}"}

    def _start(self, name: str, command: list[str], log: str, environment: dict[str, str] | None) -> int:
        running = self._processes.get(name)
        if running is not None and running.poll() is None:
            raise OSError(f"{name} is running already")
        with Path(log).open("ab") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                process_group=0,
                # Safe here: what makes preexec_fn unsafe is threads, and this process has one.
                preexec_fn=self._die_with_us,  # noqa: PLW1509
            )
        self._processes[name] = process
        return process.pid

    def _die_with_us(self) -> None:
        if self._prctl is not None:
            self._prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != self._pid:  # we died before the request to be told
                os._exit(1)

    def _signal(self, name: str, number: int) -> bool:
        """Signal the process and its children, if it still runs."""
        process = self._processes[name]
        if process.poll() is not None:
            return False
        os.killpg(process.pid, number)
        return True

    def end(self) -> None:
        """Kill everything and wait until it is gone."""
        for name in self._processes:
            with contextlib.suppress(ProcessLookupError):
                self._signal(name, signal.SIGKILL)
        for process in self._processes.values():
            process.wait()


def serve(supervisor: Supervisor, owner: int) -> None:
    """Answer requests until the owner ends them or is gone."""
    pending = b""
    while True:
        readable, _, _ = select.select([0], [], [], _OWNER_CHECK_SECONDS)
        if os.getppid() != owner:
            return
        if not readable:
            continue
        received = os.read(0, 1 << 16)
        if not received:
            return
        *lines, pending = (pending + received).split(b"\n")
        for line in lines:
            request = json.loads(line)
            if request["operation"] == "end":
                return
            with contextlib.suppress(BrokenPipeError):  # nobody listens any more; the next read says so
                os.write(1, json.dumps(supervisor.answer(request)).encode() + b"\n")


def _stop(_number: int, _frame: object) -> None:
    raise SystemExit(0)


def main(owner: int, directory: Path) -> None:
    """Hold processes for `owner` until it is time to end them, then remove `directory`."""
    signal.signal(signal.SIGTERM, _stop)
    for number in (signal.SIGINT, signal.SIGHUP):
        # Not SIG_IGN, which what we start would inherit.
        signal.signal(number, lambda _number, _frame: None)
    supervisor = Supervisor()
    try:
        serve(supervisor, owner)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        supervisor.end()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
