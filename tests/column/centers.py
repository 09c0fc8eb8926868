"""Small centers for proofs over the whole column: as little as shows every kind of call, as specs of plain values."""

from __future__ import annotations

import copy
from typing import Any

from tests.column.world import REGION, Object

Value = dict[str, Any]

WEEK = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


def action(
    name: str,
    type_: str,
    parameters: Value | None = None,
    then: str = "",
    *,
    errors: tuple[str, ...] = ("NoMatchingError",),
    on_error: str = "end",
) -> Value:
    """One action; all its errors lead to `on_error`."""
    transitions: Value = {
        "NextAction": then,
        "Errors": [{"ErrorType": error, "NextAction": on_error} for error in errors],
    }
    return {
        "Identifier": name,
        "Type": type_,
        "Parameters": parameters or {},
        "Transitions": transitions if then else {},
    }


def says(name: str, text: str, then: str = "end") -> Value:
    return action(name, "MessageParticipant", {"Text": text}, then)


def content(*actions: Value, end: str = "DisconnectParticipant", **more: Any) -> Value:
    """Flow language that starts with its first action and ends with one named `end`."""
    return {
        "Version": "2019-10-30",
        "StartAction": actions[0]["Identifier"] if actions else "end",
        **more,
        "Actions": [*actions, action("end", end)],
    }


def module_content(*actions: Value) -> Value:
    settings: Value = {"InputParameters": [], "OutputParameters": [], "Transitions": []}
    return content(*actions, end="EndFlowModuleExecution", Settings=settings)


def calls(name: str, kind: str, target: str, then: str = "end") -> Value:
    """An action that hands on to a flow, runs a module, sets a queue or invokes a function."""
    reference = f"trunkline:{kind}/{target}"
    if kind == "flow":
        return action(name, "TransferToFlow", {"ContactFlowId": reference}, then)
    if kind == "module":
        return action(name, "InvokeFlowModule", {"FlowModuleId": reference}, then, errors=("NoMatchingError",))
    if kind == "queue":
        return action(name, "UpdateContactTargetQueue", {"QueueId": reference}, then)
    parameters = {
        "LambdaFunctionARN": reference,
        "InvocationTimeLimitSeconds": "3",
        "InvocationType": "SYNCHRONOUS",
        "ResponseValidation": {"ResponseType": "JSON"},
    }
    return action(name, "InvokeLambdaFunction", parameters, then)


def flow(name: str, *actions: Value, type_: str = "CONTACT_FLOW", **more: Any) -> Value:
    return {"name": name, "type": type_, "content": {"inline": content(*actions)}, **more}


def module(name: str, *actions: Value, **more: Any) -> Value:
    return {"name": name, "content": {"inline": module_content(*actions)}, **more}


def hours(name: str, start: str = "09:00", end: str = "17:00", **more: Any) -> Value:
    return {
        "name": name,
        "timeZone": "Europe/Berlin",
        "hours": [{"days": list(WEEK), "start": start, "end": end}],
        **more,
    }


def queue(name: str, hours: str = "office", **more: Any) -> Value:
    return {"name": name, "hours": hours, **more}


def profile(name: str, *queues: str, **more: Any) -> Value:
    return {
        "name": name,
        "defaultOutboundQueue": queues[0],
        "media": [{"channel": "VOICE", "concurrency": 1}],
        "queues": [
            {"queue": queue, "channel": "VOICE", "priority": number, "delaySeconds": 0}
            for number, queue in enumerate(queues, 1)
        ],
        **more,
    }


def instance(alias: str = "small-center") -> Value:
    attributes = {"inboundCalls": True, "outboundCalls": True, "contactflowLogs": True}
    return {"alias": alias, "identityManagement": "CONNECT_MANAGED", "attributes": attributes}


CHRISTMAS: Value = {"name": "christmas", "type": "CLOSED", "effectiveFrom": "2026-12-25", "effectiveTill": "2026-12-25"}
LOOKUP: Value = {
    "name": "lookup",
    "code": {"builtin": "customer-lookup"},
    "memoryMiB": 256,
    "timeoutSeconds": 3,
    "architecture": "arm64",
    "environment": [{"name": "TABLE", "valueFrom": {"table": "customers"}}],
    "logRetentionDays": 30,
    "alias": "live",
}
CUSTOMERS: Value = {
    "name": "customers",
    "partitionKey": {"name": "CustomerId", "type": "String"},
    "sortKey": {"name": "SK", "type": "String"},
    "billing": {"mode": "PAY_PER_REQUEST"},
    "indexes": [
        {
            "name": "PhoneNumberIndex",
            "partitionKeys": [{"name": "PhoneNumber", "type": "String"}],
            "projection": {"type": "ALL"},
        }
    ],
}


def connect_spec() -> Value:
    """Instance, hours with an override, two queues, a profile, two flows that call each other, a module."""
    return {
        "region": REGION,
        "instance": instance(),
        "hoursOfOperation": [hours("office", overrides=[CHRISTMAS])],
        "queues": [queue("sales", maxContacts=10), queue("support")],
        "routingProfiles": [profile("agent", "sales", "support")],
        "flows": [
            flow(
                "inbound",
                says("greet", "Welcome.", "identify"),
                calls("identify", "module", "identify", "choose"),
                calls("choose", "queue", "sales", "after-hours"),
                calls("after-hours", "flow", "after-hours"),
            ),
            flow("after-hours", says("closed", "We are closed.", "again"), calls("again", "flow", "inbound")),
        ],
        "flowModules": [module("identify", says("ask", "Who is calling?"))],
    }


def small_spec() -> Value:
    """The same with a function that the module calls, and the table that the function reads."""
    spec = connect_spec()
    asks = says("ask", "Who is calling?", "lookup")
    return {
        **spec,
        "flowModules": [module("identify", asks, calls("lookup", "function", "lookup"))],
        "functions": [copy.deepcopy(LOOKUP)],  # a test may edit it in place
        "tables": [copy.deepcopy(CUSTOMERS)],
    }


def connect_center(name: str = "small", **changes: Any) -> Object:
    return Object(name, {**connect_spec(), **changes})


def small_center(name: str = "small", **changes: Any) -> Object:
    return Object(name, {**small_spec(), **changes})
