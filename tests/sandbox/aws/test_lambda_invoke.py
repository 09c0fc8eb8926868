"""Invoking functions: what a test lets them answer, how they fail, and what is refused before they run."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.aws.offline import ACCOUNT, REGION, Offline, refused, status_of
from tests.sandbox.aws.test_lambda_functions import create
from trunkline_sandbox.aws.lambda_.answers import Invocation

ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:lookup"


@pytest.fixture
def ready(aws: Offline) -> Offline:
    """The function `lookup` is Active, its version 1 is published and behind the alias `live`."""
    create(aws)
    aws.clock.advance(2)
    client = aws.client("lambda")
    client.publish_version(FunctionName="lookup")
    aws.clock.advance(2)
    client.create_alias(FunctionName="lookup", Name="live", FunctionVersion="1")
    return aws


def _invoke(aws: Offline, **params: Any) -> tuple[dict[str, Any], Any]:
    answer = aws.client("lambda").invoke(**({"FunctionName": "lookup"} | params))
    body = answer["Payload"].read()
    return answer, json.loads(body) if body else None


def test_a_function_without_an_answer_fails_as_lambda_reports_it(ready: Offline) -> None:
    answer, error = _invoke(ready)
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert "set an answer for lookup" in error["errorMessage"]


def test_a_function_answers_what_it_was_told(ready: Offline) -> None:
    ready.cloud.extra("lambda", "answer", function="lookup", payload={"Found": "true"})
    answer, body = _invoke(ready)
    assert (body, answer["ExecutedVersion"], "FunctionError" in answer) == ({"Found": "true"}, "$LATEST", False)


def test_an_error_can_be_the_answer(ready: Offline) -> None:
    error = {"errorMessage": "no", "errorType": "ValueError"}
    ready.cloud.extra("lambda", "answer", function="lookup", payload=error, error="Unhandled")
    answer, body = _invoke(ready)
    assert (answer["FunctionError"], body) == ("Unhandled", error)


def test_a_callable_gets_the_event_and_the_version_behind_the_alias(ready: Offline) -> None:
    def run(given: Invocation) -> dict[str, Any]:
        return {"event": given.event, "version": given.version, "arn": given.arn}

    ready.cloud.extra("lambda", "run", function="lookup", run=run)
    answer, body = _invoke(ready, Qualifier="live", Payload=b'{"cursor": null}')
    assert body == {"event": {"cursor": None}, "version": "1", "arn": f"{ARN}:live"}
    assert answer["ExecutedVersion"] == "1"


def test_what_a_callable_raises_is_an_unhandled_error(ready: Offline) -> None:
    def run(given: Invocation) -> None:
        raise KeyError(given.event["key"])

    ready.cloud.extra("lambda", "run", function="lookup", run=run)
    answer, body = _invoke(ready, Payload=b'{"key": "absent"}')
    assert (answer["FunctionError"], body["errorType"]) == ("Unhandled", "KeyError")
    assert ready.cloud.failures == [], "it is no failure of the sandbox"


def test_a_callable_may_call_the_offline_aws(ready: Offline) -> None:
    ready.client("dynamodb").create_table(
        TableName="customers",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    tables = ready.client("dynamodb").list_tables
    ready.cloud.extra("lambda", "run", function="lookup", run=lambda _: tables()["TableNames"])
    assert _invoke(ready)[1] == ["customers"]


def test_an_alias_can_answer_differently(ready: Offline) -> None:
    ready.cloud.extra("lambda", "answer", function="lookup", payload="any")
    ready.cloud.extra("lambda", "answer", function="lookup", payload="live", qualifier="live")
    assert [_invoke(ready)[1], _invoke(ready, Qualifier="live")[1]] == ["any", "live"]


def test_weights_of_an_alias_share_the_calls(ready: Offline) -> None:
    client = ready.client("lambda")
    client.update_function_configuration(FunctionName="lookup", MemorySize=512)
    ready.clock.advance(2)
    client.publish_version(FunctionName="lookup")
    ready.clock.advance(2)
    client.update_alias(FunctionName="lookup", Name="live", RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}})
    ready.cloud.extra("lambda", "answer", function="lookup", payload=None)
    versions = [_invoke(ready, Qualifier="live")[0]["ExecutedVersion"] for _ in range(100)]
    assert {versions.count("1") > 10, versions.count("2") > 10} == {True}


def test_invocations_are_kept_to_look_at(ready: Offline) -> None:
    _invoke(ready, Payload=b'{"page": 1}', InvocationType="RequestResponse")
    ready.client("lambda").invoke(FunctionName="lookup", Payload=b'{"page": 2}', InvocationType="Event")
    found = ready.cloud.extra("lambda", "invocations", function="lookup")
    assert [(item["event"]["page"], item["asynchronous"]) for item in found] == [(1, False), (2, True)]


def test_types_of_invocation_have_their_status(ready: Offline) -> None:
    invoke = ready.client("lambda").invoke
    kinds = ("RequestResponse", "Event", "DryRun")
    assert [invoke(FunctionName="lookup", InvocationType=kind)["StatusCode"] for kind in kinds] == [200, 202, 204]
    assert len(ready.cloud.extra("lambda", "invocations")) == 2, "a dry run runs nothing"


def test_the_end_of_the_log_comes_if_it_is_asked_for(ready: Offline) -> None:
    answer, _ = _invoke(ready, LogType="Tail")
    assert b"START RequestId" in base64.b64decode(answer["LogResult"])


def test_a_function_without_concurrency_is_throttled(ready: Offline) -> None:
    client = ready.client("lambda")
    client.put_function_concurrency(FunctionName="lookup", ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError) as caught:
        client.invoke(FunctionName="lookup")
    error = caught.value.response
    assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == ("TooManyRequestsException", 429)
    assert error["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"


def test_a_pending_function_cannot_be_invoked(aws: Offline) -> None:
    create(aws)
    assert "Pending" in refused("ResourceConflictException", aws.client("lambda").invoke, FunctionName="lookup")


@pytest.mark.parametrize(
    ("params", "code", "status"),
    [
        pytest.param({"FunctionName": "none"}, "ResourceNotFoundException", 404, id="no-function"),
        pytest.param({"FunctionName": "lookup", "Qualifier": "9"}, "ResourceNotFoundException", 404, id="no-version"),
        pytest.param(
            {"FunctionName": "lookup", "Payload": b"{"}, "InvalidRequestContentException", 400, id="payload-is-no-json"
        ),
        pytest.param(
            {"FunctionName": "lookup", "Payload": b'"' + b"x" * 6 * 1024 * 1024 + b'"'},
            "RequestTooLargeException", 413, id="payload-over-6-mb",
        ),
        pytest.param(
            {"FunctionName": "lookup", "Payload": b'"' + b"x" * 1024 * 1024 + b'"', "InvocationType": "Event"},
            "RequestTooLargeException", 413, id="asynchronous-payload-over-1-mb",
        ),
    ],
)  # fmt: skip
def test_what_is_refused(ready: Offline, params: dict[str, Any], code: str, status: int) -> None:
    invoke = ready.client("lambda").invoke
    refused(code, invoke, **params)
    assert status_of(invoke, **params) == status
    assert ready.cloud.extra("lambda", "invocations") == []


def test_an_answer_over_6_mb_is_an_error(ready: Offline) -> None:
    ready.cloud.extra("lambda", "answer", function="lookup", payload="x" * 6 * 1024 * 1024)
    answer, body = _invoke(ready)
    assert (answer["FunctionError"], body["errorType"]) == ("Unhandled", "Function.ResponseSizeTooLarge")


@pytest.mark.parametrize(
    ("resource", "qualifier", "allowed"),
    [
        pytest.param(ARN, "", True, id="function"),
        pytest.param(ARN, "live", False, id="alias-needs-its-own-arn"),
        pytest.param(f"{ARN}:*", "live", True, id="any-qualifier"),
        pytest.param(f"{ARN}:live", "", False, id="only-the-alias"),
    ],
)
def test_invoking_needs_lambda_invokefunction(ready: Offline, resource: str, qualifier: str, *, allowed: bool) -> None:
    statement = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": resource}
    ready.cloud.credentials.register(
        "AKIAINVOKER000000000", ACCOUNT, policies=({"Version": "2012-10-17", "Statement": [statement]},)
    )
    ready.switch(enforce_permissions=True)
    invoke = ready.client("lambda", access_key="AKIAINVOKER000000000").invoke
    named = {"FunctionName": "lookup"} | ({"Qualifier": qualifier} if qualifier else {})
    if allowed:
        assert invoke(**named)["StatusCode"] == 200
    else:
        refused("AccessDeniedException", invoke, **named)


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        pytest.param("wrong", {}, "there is answer, invocations, run", id="no-such-extra"),
        pytest.param("answer", {"function": "lookup"}, "payload", id="argument-missing"),
        pytest.param("answer", {"function": "lookup", "payload": 1, "error": "Bad"}, "Unhandled", id="no-such-error"),
        pytest.param("run", {"function": "lookup", "run": "code"}, "callable", id="not-a-callable"),
    ],
)
def test_what_makes_no_sense_is_said(ready: Offline, name: str, arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        ready.cloud.extra("lambda", name, **arguments)
