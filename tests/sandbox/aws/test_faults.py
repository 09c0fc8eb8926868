"""Injected faults: which call they strike, what the caller sees, whether the call took effect."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from tests.sandbox.aws.offline import Offline, refused
from trunkline_sandbox.aws.calls import Call
from trunkline_sandbox.aws.faults import Fault
from trunkline_sandbox.aws.messages import NoAnswer, ProcessKilled


def _groups(aws: Offline) -> list[str]:
    return [group["logGroupName"] for group in aws.client("logs").describe_log_groups()["logGroups"]]


@pytest.mark.parametrize(
    ("fault", "raised", "effect"),
    [
        pytest.param(Fault("throttle", "logs", "CreateLogGroup"), ClientError, False, id="throttle"),
        pytest.param(Fault("error", "logs", "CreateLogGroup"), ClientError, False, id="server-error"),
        pytest.param(Fault("drop_before", "logs", "CreateLogGroup"), ConnectionClosedError, False, id="drop-before"),
        pytest.param(Fault("drop_after", "logs", "CreateLogGroup"), ConnectionClosedError, True, id="drop-after"),
        pytest.param(Fault("timeout_before", "logs", "Create*", seconds=60), ReadTimeoutError, False, id="timeout-before"),
        pytest.param(Fault("timeout_after", "logs", "Create*", seconds=60), ReadTimeoutError, True, id="timeout-after"),
        pytest.param(Fault("kill_before", "logs", "CreateLogGroup"), ProcessKilled, False, id="kill-before"),
        pytest.param(Fault("kill_after", "logs", "CreateLogGroup"), ProcessKilled, True, id="kill-after"),
    ],
)  # fmt: skip
def test_a_fault_strikes_once_with_or_without_effect(
    aws: Offline,
    fault: Fault,
    raised: type[BaseException],
    effect: bool,
) -> None:
    aws.cloud.faults.add(fault)
    client = aws.client("logs")
    with pytest.raises(raised):
        client.create_log_group(logGroupName="first")
    assert _groups(aws) == (["first"] if effect else [])
    client.create_log_group(logGroupName="second")
    assert "second" in _groups(aws)


def test_a_timeout_takes_its_time_on_a_virtual_clock(aws: Offline) -> None:
    aws.cloud.faults.add(Fault("timeout_before", "logs", seconds=60))
    before = aws.clock.now()
    with pytest.raises(ReadTimeoutError):
        _groups(aws)
    assert aws.clock.now() - before == 60


def test_a_delay_only_delays(aws: Offline) -> None:
    aws.cloud.faults.add(Fault("delay", "logs", seconds=7))
    before = aws.clock.now()
    assert _groups(aws) == []
    assert aws.clock.now() - before == 7


def _failures(aws: Offline, calls: int) -> list[int]:
    failed: list[int] = []
    for number in range(1, calls + 1):
        try:
            _groups(aws)
        except ClientError:
            failed.append(number)
    return failed


@pytest.mark.parametrize(
    ("rule", "struck"),
    [
        pytest.param({"nth": 1}, [1], id="the-first"),
        pytest.param({"nth": 3}, [3], id="the-third"),
        pytest.param({"nth": 2, "times": 2}, [2, 3], id="two-from-the-second"),
        pytest.param({"nth": 3, "times": 0}, [3, 4, 5], id="forever-from-the-third"),
        pytest.param({"service": "connect"}, [], id="another-service"),
        pytest.param({"operation": "Put*"}, [], id="another-operation"),
        pytest.param({"account": "222222222222"}, [], id="another-account"),
        pytest.param({"mutating_only": True}, [], id="only-what-changes"),
    ],
)
def test_a_rule_counts_the_calls_that_match_it(aws: Offline, rule: dict[str, Any], struck: list[int]) -> None:
    aws.cloud.faults.add(Fault("error", **rule))
    assert _failures(aws, 5) == struck


def test_an_error_can_have_any_code_and_status(aws: Offline) -> None:
    aws.cloud.faults.add(Fault("error", "connect", code="ResourceConflictException", message="busy", status=409))
    assert refused("ResourceConflictException", aws.client("connect").list_instances) == "busy"


def test_hooks_see_every_call_before_and_after_its_effect(aws: Offline) -> None:
    seen: list[tuple[str, str]] = []

    def hook(call: Call, moment: str) -> None:
        seen.append((call.operation, moment))
        if moment == "after" and call.operation == "CreateLogGroup":
            raise NoAnswer(effect=True)

    aws.cloud.hooks.append(hook)
    with pytest.raises(ConnectionClosedError):
        aws.client("logs").create_log_group(logGroupName="first")
    aws.cloud.hooks.clear()
    assert seen == [("CreateLogGroup", "before"), ("CreateLogGroup", "after")]
    assert _groups(aws) == ["first"]


def test_the_log_tells_what_came_of_each_call(aws: Offline) -> None:
    aws.cloud.faults.add(Fault("drop_after", "logs", "CreateLogGroup"))
    client = aws.client("logs")
    with pytest.raises(ConnectionClosedError):
        client.create_log_group(logGroupName="a")
    refused("ResourceAlreadyExistsException", client.create_log_group, logGroupName="a")
    client.describe_log_groups()
    told = [(call.operation, call.outcome, call.effect, call.mutating) for call in aws.cloud.calls.since()]
    assert told == [
        ("CreateLogGroup", "no answer", True, True),
        ("CreateLogGroup", "ResourceAlreadyExistsException", False, True),
        ("DescribeLogGroups", "ok", True, False),
    ]
    first, second, _ = aws.cloud.calls.since()
    assert first.digest == second.digest != ""
    assert aws.cloud.calls.counts()["logs:CreateLogGroup"] == {"ResourceAlreadyExistsException": 1, "no answer": 1}


@pytest.mark.parametrize(
    ("value", "says"),
    [
        pytest.param({"kind": "explode"}, "kind: expected one of", id="kind"),
        pytest.param({"kind": "delay", "operatoin": "x"}, "operatoin: a fault has no such field", id="field"),
        pytest.param({"kind": "delay", "nth": "2"}, "nth: expected int", id="type"),
        pytest.param({"kind": "kill_after", "pid": -1}, "pid: expected one process", id="process-group"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(value: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Fault.of(value)
