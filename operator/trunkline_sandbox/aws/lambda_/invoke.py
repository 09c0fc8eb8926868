"""Invoke. No code runs here: a test says what a function answers, or gives a Python callable that answers.

Source: API reference, Invoke, and developer guide, "Errors": a function that fails answers HTTP 200 with
`X-Amz-Function-Error` and an object of errorMessage and errorType. What nobody answered for fails that way. Reserved
concurrency of 0 is refused with HTTP 429, a function or version that is Pending with 409.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.lambda_ import faults
from trunkline_sandbox.aws.lambda_.answers import Answer, Failure, Invocation
from trunkline_sandbox.aws.lambda_.state import Call, Function, Version
from trunkline_sandbox.aws.service import NotImplementedOperation, Outside

SYNC_BYTES = 6 * 1024 * 1024
ASYNC_BYTES = 1024 * 1024
_NOT_HERE = ("DurableExecutionName", "TenantId")


def invoke(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    for member in _NOT_HERE:
        if member in params:
            raise NotImplementedOperation(f"{member} of Invoke is not offered.")
    function, qualifier = call.function(params)
    version = _chosen(call, function, qualifier)
    kind = params.get("InvocationType", "RequestResponse")
    event = _event(params.get("Payload", b""), ASYNC_BYTES if kind == "Event" else SYNC_BYTES)
    _check_state(call, function, version)
    if kind == "DryRun":
        return {"StatusCode": 204}
    invocation = Invocation(
        function=function.name,
        arn=function.qualified(qualifier),
        version=version.number,
        event=event,
        request_id=call.context.request_id,
        asynchronous=kind == "Event",
    )
    answer = call.store.answers.take(qualifier, invocation)
    if kind == "Event":
        return _outside(answer, invocation, lambda _: {"StatusCode": 202})
    tail = params.get("LogType") == "Tail"
    return _outside(answer, invocation, lambda given: _response(given, version, invocation, tail=tail))


def _outside(
    answer: Callable[[Invocation], Answer], invocation: Invocation, finish: Callable[[Answer], dict[str, Any]]
) -> dict[str, Any]:
    """A callable may call the offline AWS itself, over HTTP too, so it runs while nothing is held."""
    raise Outside(lambda: finish(answer(invocation)))


def _chosen(call: Call, function: Function, qualifier: str | None) -> Version:
    """The version that runs: that of an alias with weights is drawn from the request's id."""
    alias = function.aliases.get(qualifier or "")
    if alias is None or not alias.weights:
        return function.resolve(qualifier)
    point = int.from_bytes(call.context.request_id.encode()[-4:], "big") % 1000 / 1000
    for number, weight in alias.weights.items():
        if point < weight:
            return function.resolve(number)
        point -= weight
    return function.resolve(qualifier)


def _event(payload: bytes, limit: int) -> Any:
    if len(payload) > limit:
        raise faults.payload_too_large(len(payload), limit)
    try:
        return json.loads(payload or b"{}")
    except ValueError as error:
        raise faults.content(
            f"Could not parse request body into json: Could not parse payload into json: {error}"
        ) from None


def _check_state(call: Call, function: Function, version: Version) -> None:
    if function.reserved == 0:
        raise faults.reserved_concurrency()
    if call.now < version.active_at:
        text = (
            "The operation cannot be performed at this time. The function is currently in the following state: Pending"
        )
        raise faults.conflict(text)


def _response(answer: Answer, version: Version, invocation: Invocation, *, tail: bool) -> dict[str, Any]:
    payload, failure = answer.payload, answer.error
    body = json.dumps(payload).encode()
    if len(body) > SYNC_BYTES:
        text = f"Response payload size exceeded maximum allowed payload size ({SYNC_BYTES} bytes)."
        failure = "Unhandled"
        body = json.dumps(Failure(text, "Function.ResponseSizeTooLarge").shown(invocation.request_id)).encode()
    found: dict[str, Any] = {"StatusCode": 200, "Payload": body, "ExecutedVersion": version.number}
    if failure:
        found["FunctionError"] = failure
    if tail:
        id_ = invocation.request_id
        text = f"START RequestId: {id_} Version: {version.number}\nEND RequestId: {id_}\n"
        found["LogResult"] = base64.b64encode(text.encode()).decode()
    return found


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {"Invoke": invoke}
