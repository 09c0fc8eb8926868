"""The harness sees what a Lambda does that no function of ours is meant to: raise, time out, die."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.parts.emulator import Emulator, Function

Start = Callable[[Function], Emulator]

SOURCE = """
import json, os, sys, time
print(json.dumps({"init": True}), flush=True)
calls = 0

def handler(event, context):
    global calls
    calls += 1
    if event == "raise":
        raise ValueError("no such thing")
    if event == "sleep":
        time.sleep(30)
    if event == "die":
        os._exit(3)
    print(json.dumps({"call": calls}), flush=True)
    return {"calls": calls, "python": sys.version.split()[0], "left": context.get_remaining_time_in_millis()}
"""


@pytest.fixture
def misbehaving(emulator: Start, tmp_path: Path) -> Emulator:
    """A function that does what its event says."""
    archive = tmp_path / "one.zip"
    with zipfile.ZipFile(archive, "w") as zip_:
        member = zipfile.ZipInfo("one.py")
        member.external_attr = 0o644 << 16
        zip_.writestr(member, SOURCE)
    return emulator(Function(archive, "one.handler", {}, timeout=1))


def test_environment_is_kept_between_calls(misbehaving: Emulator) -> None:
    answers = [misbehaving.invoke({}) for _ in range(3)]
    assert all(answer.succeeded for answer in answers), answers
    assert [answer.payload["calls"] for answer in answers] == [1, 2, 3]
    assert {answer.payload["python"] for answer in answers} == {"3.13.5"}
    assert all(0 < answer.payload["left"] <= 1000 for answer in answers), "the deadline is Lambda's"
    assert misbehaving.records(4) == [{"init": True}, {"call": 1}, {"call": 2}, {"call": 3}]
    assert len(misbehaving.init_seconds) == 1


def test_raised_error_is_told_by_type_and_message(misbehaving: Emulator) -> None:
    answer = misbehaving.invoke("raise")
    assert (answer.status, answer.error_type, answer.error) == (200, "ValueError", "no such thing")
    assert not answer.succeeded
    assert misbehaving.invoke({}).payload["calls"] == 2, "the environment lives on"


def test_timeout_ends_the_function_and_the_next_call_starts_anew(misbehaving: Emulator) -> None:
    started = time.monotonic()
    answer = misbehaving.invoke("sleep")
    assert answer.timed_out, answer
    assert 0.9 < time.monotonic() - started < 5
    assert misbehaving.invoke({}).payload["calls"] == 1


def test_dead_function_is_no_answer_and_the_next_call_starts_anew(misbehaving: Emulator) -> None:
    assert not misbehaving.invoke("die").succeeded
    assert misbehaving.invoke({}).payload["calls"] == 1


def test_code_cannot_be_changed_by_the_function(misbehaving: Emulator) -> None:
    misbehaving.invoke({})
    assert [path.name for path in misbehaving.code.rglob("*")] == ["one.py"], "no bytecode is left behind"
