"""What happens to asynchronous invocations: retries, age, destinations. Stored per qualifier.

Source: Lambda API reference (PutFunctionEventInvokeConfig replaces, UpdateFunctionEventInvokeConfig merges).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.lambda_ import faults
from trunkline_sandbox.aws.lambda_.names import LATEST
from trunkline_sandbox.aws.lambda_.paging import page
from trunkline_sandbox.aws.lambda_.state import Call, Function

_MEMBERS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")


def _target(call: Call, params: dict[str, Any]) -> tuple[Function, str]:
    function, qualifier = call.function(params)
    function.resolve(qualifier)
    return function, qualifier or LATEST


def _found(function: Function, key: str) -> dict[str, Any]:
    if key not in function.invoke_configs:
        text = f"The function {function.qualified(key)} doesn't have an EventInvokeConfig"
        raise faults.not_found(text)
    return function.invoke_configs[key]


def _shown(function: Function, key: str) -> dict[str, Any]:
    return {"FunctionArn": function.qualified(key)} | _found(function, key)


def put_function_event_invoke_config(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function, key = _target(call, params)
    kept = {member: params[member] for member in _MEMBERS if member in params}
    function.invoke_configs[key] = {"DestinationConfig": {"OnSuccess": {}, "OnFailure": {}}} | kept
    function.invoke_configs[key]["LastModified"] = call.now
    return _shown(function, key)


def update_function_event_invoke_config(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function, key = _target(call, params)
    changes = {member: params[member] for member in _MEMBERS if member in params}
    function.invoke_configs[key] = _found(function, key) | changes | {"LastModified": call.now}
    return _shown(function, key)


def get_function_event_invoke_config(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function, key = _target(call, params)
    return _shown(function, key)


def delete_function_event_invoke_config(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function, key = _target(call, params)
    _found(function, key)
    del function.invoke_configs[key]
    return {}


def list_function_event_invoke_configs(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function, _ = call.function(params)
    return page("FunctionEventInvokeConfigs", [_shown(function, key) for key in function.invoke_configs], params)


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "DeleteFunctionEventInvokeConfig": delete_function_event_invoke_config,
    "GetFunctionEventInvokeConfig": get_function_event_invoke_config,
    "ListFunctionEventInvokeConfigs": list_function_event_invoke_configs,
    "PutFunctionEventInvokeConfig": put_function_event_invoke_config,
    "UpdateFunctionEventInvokeConfig": update_function_event_invoke_config,
}
