"""No process and no directory is left, whatever ends the owner: with `sleep` in the place of etcd, so in no time."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from trunkline_sandbox.cluster.errors import SupervisorError
from trunkline_sandbox.cluster.supervised import Supervised

from .processes import Owner, gone, running, still_running

OWNER = """
import json, os, signal, sys, threading, time
from trunkline_sandbox.cluster.supervised import Supervised
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
{hold}
pids = [held.start(f"sleep{{n}}", ["sleep", "1000"]) for n in range(2)]
{after}
print(json.dumps({{"pids": pids + [held.pid], "directory": str(held.directory)}}), flush=True)
{then}
time.sleep(1000)
"""


def owner(*, hold: str = 'held = Supervised("trunkline-test-")', after: str = "", then: str = "") -> Owner:
    return Owner(OWNER.format(hold=hold, after=after, then=then))


@pytest.fixture
def supervised() -> Iterator[Supervised]:
    with Supervised("trunkline-test-") as held:
        yield held


FORK = """
if os.fork() == 0:
    time.sleep(60)
    os._exit(0)
"""
START_IN_A_THREAD_THAT_ENDS = """
made = []
thread = threading.Thread(target=lambda: made.append(Supervised("trunkline-test-")))
thread.start()
thread.join()
held = made[0]
"""


@pytest.mark.parametrize(
    "number", [pytest.param(number, id=number.name) for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)]
)
def test_a_killed_owner_leaves_nothing(number: signal.Signals) -> None:
    process = owner()
    try:
        left = process.report()
        assert all(running(pid) for pid in left["pids"])
        os.kill(process.pid, number)
        assert still_running(left["pids"]) == []
        assert gone(Path(left["directory"]))
    finally:
        process.close()


@pytest.mark.parametrize(
    "script",
    [
        pytest.param({"then": "sys.exit(3)"}, id="it ends without saying goodbye"),
        pytest.param({"then": "raise RuntimeError"}, id="it crashes"),
        pytest.param({"then": "os.abort()"}, id="it aborts"),
        pytest.param({"after": FORK, "then": "os.kill(os.getpid(), 9)"}, id="a forked child still holds the pipe"),
        pytest.param(
            {"after": "held.signal('sleep0', signal.SIGSTOP)", "then": "os.kill(os.getpid(), 9)"},
            id="one of the processes is stopped",
        ),
        pytest.param(
            {"after": "os.kill(held.pid, signal.SIGINT); os.kill(held.pid, signal.SIGHUP)", "then": "os._exit(1)"},
            id="the supervisor was interrupted and went on",
        ),
    ],
)
def test_an_owner_that_ends_by_itself_leaves_nothing(script: dict[str, str]) -> None:
    process = owner(**script)
    try:
        left = process.report()
        assert still_running(left["pids"]) == []
        assert gone(Path(left["directory"]))
    finally:
        process.close()


def test_processes_outlive_the_thread_that_started_them() -> None:
    process = owner(hold=START_IN_A_THREAD_THAT_ENDS)
    try:
        left = process.report()
        assert all(running(pid) for pid in left["pids"]), "the end of a thread was taken for the end of the owner"
        os.kill(process.pid, signal.SIGKILL)
        assert still_running(left["pids"]) == []
    finally:
        process.close()


def test_a_killed_process_group_leaves_nothing() -> None:
    process = owner()
    try:
        left = process.report()
        os.killpg(process.pid, signal.SIGKILL)
        assert still_running(left["pids"]) == []
        assert gone(Path(left["directory"]))
    finally:
        process.close()


def test_a_supervisor_told_to_terminate_takes_all_with_it(supervised: Supervised) -> None:
    pid = supervised.start("sleep", ["sleep", "1000"])
    os.kill(supervised.pid, signal.SIGTERM)
    assert still_running([pid]) == []
    assert gone(supervised.directory)
    with pytest.raises(SupervisorError, match="the supervisor is gone"):
        supervised.status()


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_a_killed_supervisor_takes_its_processes_with_it(supervised: Supervised) -> None:
    pids = [supervised.start(name, ["sleep", "1000"]) for name in ("a", "b")]
    os.kill(supervised.pid, signal.SIGKILL)
    assert still_running(pids) == []
    supervised.end()
    assert not supervised.directory.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_what_is_left_when_owner_and_supervisor_are_killed_is_removed_by_the_next() -> None:
    prefix = f"trunkline-{os.getpid()}-test-"  # else a test of another worker, or of another run, would be the next
    process = owner(hold=f"held = Supervised({prefix!r})", then="os.kill(held.pid, 9); os.kill(os.getpid(), 9)")
    try:
        left = process.report()
        assert still_running(left["pids"]) == []
    finally:
        process.close()
    directory = Path(left["directory"])
    assert directory.exists()
    with Supervised(prefix) as first:
        assert not directory.exists()
        with Supervised(prefix):
            assert first.directory.exists(), "a directory in use was taken for a left-over"


def test_the_directory_is_private(supervised: Supervised) -> None:
    assert supervised.directory.stat().st_mode & 0o777 == 0o700


def test_a_process_is_started_signalled_and_waited_for(supervised: Supervised) -> None:
    pid = supervised.start("said", ["sh", "-c", "echo $WORD; exec sleep 1000"], environment={"WORD": "hello"})
    assert supervised.status()["said"].pid == pid
    assert supervised.status()["said"].running
    assert supervised.signal("said", signal.SIGTERM)
    assert supervised.wait("said", 10) == -signal.SIGTERM
    assert not supervised.signal("said", signal.SIGTERM)
    assert supervised.last_words("said") in ("hello", "")  # ended before or after it spoke
    assert supervised.start("said", ["sleep", "1000"]) != pid


@pytest.mark.parametrize(
    ("command", "message"),
    [
        pytest.param(["/nonexistent"], "No such file", id="no such program"),
        pytest.param(["/etc/passwd"], "Permission denied", id="not executable"),
    ],
)
def test_what_cannot_be_executed_is_said(supervised: Supervised, command: list[str], message: str) -> None:
    with pytest.raises(SupervisorError, match=message):
        supervised.start("x", command)


def test_a_name_runs_once(supervised: Supervised) -> None:
    supervised.start("x", ["sleep", "1000"])
    with pytest.raises(SupervisorError, match="x is running already"):
        supervised.start("x", ["sleep", "1000"])


def test_a_process_that_does_not_end_is_said(supervised: Supervised) -> None:
    supervised.start("x", ["sleep", "1000"])
    with pytest.raises(SupervisorError, match=r"x did not end within 0\.05 s"):
        supervised.wait("x", 0.05)


def test_ending_twice_is_harmless() -> None:
    held = Supervised("trunkline-test-")
    pid = held.start("x", ["sleep", "1000"])
    held.end()
    held.end()
    assert still_running([pid]) == []
    assert not held.directory.exists()
