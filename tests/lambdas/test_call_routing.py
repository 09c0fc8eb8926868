"""call-routing: which rule wins, what is answered without one, and what a wrong rule is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from call_routing.app import InvalidRulesError, choose, handler, parse_rules
from tests.lambdas.events import NUMBER, call

ARN = "arn:aws:connect:us-east-1:123456789012:instance/i/queue/"
QUEUES = {f"Queue_{name}": f"{ARN}{name}" for name in ("sales", "support", "vip", "front-desk")}
RULES = parse_rules(
    json.dumps(
        [
            {"when": {"IsVIP": "true"}, "queue": "vip", "reason": "vip"},
            {"when": {"Topic": ["returns", "repair"], "Language": "en-US"}, "queue": "support", "reason": "topic"},
            {"when": {"Topic": "legal"}, "queue": "lawyers"},
            {"when": {"Topic": "front"}, "queue": "front-desk"},
        ]
    )
)


@pytest.mark.parametrize(
    ("event", "queue", "reason"),
    [
        pytest.param(call(IsVIP="true", Topic="returns", Language="en-US", **QUEUES), "vip", "vip", id="first rule that holds wins"),
        pytest.param(call(Topic="repair", Language="en-US", **QUEUES), "support", "topic", id="one of several values, all conditions"),
        pytest.param(call(Topic="repair", Language="de-DE", **QUEUES), "sales", "default", id="one condition fails"),
        pytest.param(call(Topic="repair", **QUEUES), "sales", "default", id="a condition on what was not passed"),
        pytest.param(call(IsVIP=None, **QUEUES), "sales", "default", id="an attribute that the contact has not got is null"),
        pytest.param(call(Topic="legal", **QUEUES), "sales", "default", id="a rule for a queue that was not passed is skipped"),
        pytest.param(call(Topic="front", **QUEUES), "front-desk", "front-desk", id="a rule without reason gives its queue"),
        pytest.param(call(DefaultQueue="support", **QUEUES), "support", "default", id="the default that the flow names"),
        pytest.param(call(DefaultQueue="closed", **QUEUES), "sales", "default", id="a default that was not passed"),
    ],
)  # fmt: skip
def test_chooses_a_queue(event: Any, queue: str, reason: str) -> None:
    assert choose(event, RULES) == {"Queue": queue, "QueueArn": ARN + queue, "Reason": reason}


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(None, id="no event"),
        pytest.param({"Details": None}, id="no details"),
        pytest.param(call(IsVIP="true"), id="no queue passed"),
        pytest.param(call(Queue_sales=None), id="a queue that is null"),
    ],
)
def test_without_a_queue_nothing_is_chosen(event: Any) -> None:
    assert choose(event, RULES) == {"Queue": "", "QueueArn": "", "Reason": "no-queue-passed"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("[{", "RULES is not JSON", id="not JSON"),
        pytest.param('{"queue": "vip"}', "RULES is not a list", id="not a list"),
        pytest.param('[{"when": {}}]', r"RULES\[0\] names no queue", id="no queue"),
        pytest.param('[{"queue": "vip"}, {"queue": "vip", "when": []}]', r"RULES\[1\]\.when is not an object", id="when"),
        pytest.param('[{"queue": "vip", "when": {"IsVIP": true}}]', r"RULES\[0\]\.when\.IsVIP is neither", id="a boolean: flows pass strings"),
        pytest.param('[{"queue": "vip", "when": {"IsVIP": []}}]', r"RULES\[0\]\.when\.IsVIP is neither", id="no value"),
        pytest.param('[{"queue": "vip", "reason": 1}]', r"RULES\[0\]\.reason is not a string", id="reason"),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_named(text: str, says: str) -> None:
    with pytest.raises(InvalidRulesError, match=says):
        parse_rules(text)


def test_the_handler_logs_the_choice_and_nothing_of_the_caller(capsys: pytest.CaptureFixture[str]) -> None:
    answer = handler(call(Name="Ada", **QUEUES), None)

    out = capsys.readouterr().out
    assert json.loads(out) | {"durationMs": 0} == {
        "function": "call-routing",
        "contactId": "4a573372-1f28-4e26-b97b-000000000001",
        "durationMs": 0,
        "queue": answer["Queue"],
        "reason": "default",
    }
    assert NUMBER not in out
    assert "Ada" not in out
