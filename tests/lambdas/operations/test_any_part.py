"""Any part of a flow's event may be null, or be what a caller typed: the answer is one that a flow can read."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lambdas.customer_lookup import world as customers
from tests.lambdas.events import call
from tests.lambdas.operations.test_handlers import FUNCTIONS, Function, World

ARN = "arn:aws:connect:us-east-1:123456789012:instance/i/queue/sales"
EVENT = call(
    "+12065550100",
    Queue_sales=ARN,
    DefaultQueue="sales",
    Brand="Acme",
    Disposition="sold",
    Name="ivr",
    Who="desk",
    Keys="greeting",
    CustomerId="C1",
    LookupBy="CustomerId",
)
OF_FLOWS = tuple(function for function in FUNCTIONS if function.name not in ("stream-processor", "event-processor"))
ODD: dict[str, Any] = {
    "null": None,
    "empty": "",
    "list": ["+12065550100"],
    "object": {"S": "C1"},
    "number": 7,
    "true": True,
    "long": "9" * 10_240,
    "longer-than-an-answer": "a" * 40_000,
    "half-a-character": "\ud83d",
    "nul": "a\0b",
    "other-digits": "+\u0661\u0662\u0660\u0666\u0665\u0665\u0665\u0660\u0661\u0660\u0660",
    "sip": "sip:+12065550100@example.com",
}


def places(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every member of an event, at any depth."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield (*path, name)
            yield from places(member, (*path, name))


def changed(path: tuple[str, ...], odd: Any) -> Any:
    event = copy.deepcopy(EVENT)
    at = event
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = odd
    return event


@pytest.mark.parametrize("function", OF_FLOWS, ids=lambda function: function.name)
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_a_flow_can_read_the_answer_to_an_event_with_any_part_odd(function: Function, odd: Any) -> None:
    world = World(function)
    for path in places(EVENT):
        answer = world.handler(changed(path, odd))
        where = ".".join(path)
        assert all(type(name) is type(value) is str for name, value in answer.items()), where
        assert len(json.dumps(answer, ensure_ascii=False).encode()) <= 32 * 1024, where
    assert all(json.loads(line)["Failed"] == 0 for line in world.lines)


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_a_caller_can_be_looked_up_with_any_part_odd(odd: Any) -> None:
    world = customers.World()
    for path in places(EVENT):
        answer = world.ask(changed(path, odd))
        json.dumps(answer, ensure_ascii=False).encode()
        assert answer["Degraded"] == "false", ".".join(path)


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_a_queue_by_any_name_is_answered_so_that_a_flow_can_read_it(odd: Any) -> None:
    name = f"Queue_{odd if isinstance(odd, str) else ''}"
    answer = World(OF_FLOWS[0]).handler(call(**{name: ARN}))

    assert len(json.dumps(answer, ensure_ascii=False).encode()) <= 32 * 1024
    assert bool(answer["Queue"]) == bool(answer["QueueArn"]), "both or neither"
