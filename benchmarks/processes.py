"""What processes use, from /proc: resident memory, and processor time of all that were started from here.

https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CALM_SECONDS = 15.0  # until a process that has done its work does nothing more
READINGS = 5
_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def resident_mib(pid: int) -> float:
    """Resident memory of a process."""
    lines = (_PROC / str(pid) / "status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) / 1024


def resident_when_calm(pid: int) -> list[float]:
    """Some readings of it, once nothing is left to do."""
    time.sleep(CALM_SECONDS)
    readings = []
    for _ in range(READINGS):
        readings.append(resident_mib(pid))
        time.sleep(1.0)
    return readings


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used, in user and kernel."""
    return _stat(pid).seconds


def keep_on_one_core(pid: int) -> None:
    """Lets a process and the threads that it will start run on one of our cores only."""
    core = {max(os.sched_getaffinity(0))}
    for thread in (_PROC / str(pid) / "task").iterdir():
        os.sched_setaffinity(int(thread.name), core)


def descendants(root: int) -> Mapping[int, str]:
    """Processes started by this one, or by those: the last words of their command lines by id."""
    parents = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = _stat(int(entry.name)).parent
            except (FileNotFoundError, ProcessLookupError):
                continue
    found: dict[int, str] = {}
    family = {root}
    while grown := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= grown
        found |= {pid: _command(pid) for pid in grown}
    return found


@dataclass(frozen=True, slots=True)
class _Stat:
    parent: int
    seconds: float


def _stat(pid: int) -> _Stat:
    # The name in brackets may hold anything.
    fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return _Stat(int(fields[1]), (int(fields[11]) + int(fields[12])) / _TICKS)


def _command(pid: int) -> str:
    try:
        words = (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return " ".join(Path(word).name for word in words[:4] if word)
