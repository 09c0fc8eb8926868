"""Each function's zip at the emulator: it starts, answers, holds its deadline and raises what it must."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.lambdas.emulator.conftest import PACKAGES, Deploy
from tests.lambdas.events import NUMBER, call
from tests.lambdas.stream_processor.streams import event as stream_event
from tests.lambdas.stream_processor.streams import record as stream_record
from tests.parts.dynamodb import DynamoDBServer

SQS = {
    "Records": [
        {
            "messageId": "m1",
            "body": json.dumps({"id": "e1", "timestamp": "2026-11-21T10:00:00Z", "detail": {"n": 1}}),
            "attributes": {},
            "eventSource": "aws:sqs",
        },
        {"messageId": "m2", "body": "no event", "attributes": {}, "eventSource": "aws:sqs"},
    ]
}

# Event, a part of the answer, variables. What the answers mean is tested beside each function.
ANSWERS = [
    pytest.param("customer-lookup", call(), {"Found": "false", "Source": "table", "Degraded": "false"}, {}, id="customer-lookup"),
    pytest.param("call-routing", call(Queue_sales="arn:sales"), {"Queue": "sales", "QueueArn": "arn:sales", "Degraded": "true"}, {}, id="call-routing"),
    pytest.param("call-disposition", call(Disposition="Resolved"), {"Recorded": "true", "Reason": "first"}, {}, id="call-disposition"),
    pytest.param("config-fetcher", call(Name="greeting"), {"Found": "false", "Degraded": "false"}, {}, id="config-fetcher"),
    pytest.param("event-processor", SQS, {"batchItemFailures": [{"itemIdentifier": "m2"}]}, {}, id="event-processor"),
    pytest.param("stream-processor", stream_event([stream_record(0), stream_record(1)]), {"batchItemFailures": []}, {}, id="stream-processor"),
    pytest.param("cache-warmer", {}, {"done": "true", "cursor": "", "items": "0"}, {"CACHE": "redis://127.0.0.1:1"}, id="cache-warmer"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "event", "expected", "variables"), ANSWERS)
def test_cold_and_warm_answers(
    deploy: Deploy, name: str, event: Any, expected: dict[str, Any], variables: dict[str, str]
) -> None:
    function = deploy(name, **variables)
    cold, warm = function.invoke(event), function.invoke(event)
    for answer in (cold, warm):
        assert answer.succeeded, f"{answer}\n{function.log}"
    assert {key: cold.payload[key] for key in expected} == expected
    assert len(function.init_seconds) == 1
    assert [record["ColdStart"] for record in function.records(2)] == [1, 0]
    assert {record["Function"] for record in function.records(2)} == {name}


def test_every_function_is_here() -> None:
    """realtime-metrics runs for a minute and has a test of its own below."""
    assert {parameter.values[0] for parameter in ANSWERS} | {"realtime-metrics"} == set(PACKAGES)


def test_realtime_metrics_ends_before_its_timeout_when_connect_is_away(deploy: Deploy) -> None:
    function = deploy("realtime-metrics", timeout=2)
    answer = function.invoke({"source": "aws.events"})
    assert not answer.timed_out, function.log
    assert answer.status == 200
    assert len(function.records(1)) == 1


@pytest.mark.parametrize("name", ["customer-lookup", "call-disposition", "config-fetcher", "call-routing"])
def test_hung_table_is_answered_within_the_timeout(deploy: Deploy, dynamodb_local: DynamoDBServer, name: str) -> None:
    """A caller hears a neutral greeting, never Lambda's timeout."""
    event = {
        "customer-lookup": call(),
        "call-disposition": call(Disposition="Resolved"),
        "config-fetcher": call(Name="greeting"),
        "call-routing": call(Queue_sales="arn:sales"),
    }[name]
    function = deploy(name, timeout=1)
    dynamodb_local.hang()
    try:
        started = time.monotonic()
        first, second = function.invoke(event), function.invoke(event)
        seconds = time.monotonic() - started
    finally:
        dynamodb_local.resume()
    for answer in (first, second):
        assert answer.succeeded, f"{answer}\n{function.log}"
        assert answer.payload["Degraded"] == "true"
    assert seconds < 5, "two calls of at most a second each, and one INIT"
    assert len(function.init_seconds) == 1, "nothing was ended and started anew"


@pytest.mark.parametrize("name", sorted(set(PACKAGES) - {"realtime-metrics"}))
def test_missing_variable_is_raised_by_name_at_the_first_call(deploy: Deploy, name: str) -> None:
    function = deploy(name, TABLE="", CACHE="redis://127.0.0.1:1")
    answer = function.invoke(call())
    assert answer.error_type.endswith("MissingVariableError"), f"{answer}\n{function.log}"
    assert "TABLE" in answer.error
    assert len(function.init_seconds) == 1, "INIT itself did not fail"


def test_missing_table_is_raised_without_the_caller(deploy: Deploy) -> None:
    """It can never work as it is set up; and a log is no place for a number."""
    function = deploy("customer-lookup", TABLE="no-such-table")
    answer = function.invoke(call())
    assert answer.error_type.endswith("DefectError"), answer
    assert "ResourceNotFoundException" in answer.error
    function.records(1)
    for text in (answer.error, function.log):
        assert NUMBER.lstrip("+") not in text


def test_secrets_and_cache_that_hang_do_not_hold_up_init(deploy: Deploy) -> None:
    """192.0.2.1 is in a block for documentation (RFC 5737): nothing answers there."""
    function = deploy(
        "customer-lookup",
        CACHE="rediss://192.0.2.1:6379?cluster=true",
        CACHE_SECRET="arn:aws:secretsmanager:eu-central-1:123456789012:secret:cache-AbCdEf",
        AWS_ENDPOINT_URL_SECRETS_MANAGER="http://192.0.2.1",
    )
    answer = function.invoke(call())
    assert answer.succeeded, f"{answer}\n{function.log}"
    assert answer.payload["Source"] == "table"
    (seconds,) = function.init_seconds
    assert seconds < 0.5 + 0.5, "half a second of waiting, and what importing takes on a busy machine"
