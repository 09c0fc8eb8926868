"""Flows that name queues, and flows that name each other, themselves included."""

import json
from dataclasses import replace

from tests.drivers.conformance import Case
from tests.drivers.offline import World
from trunkline.drivers.flow_state import FlowDesired
from trunkline.engine.resource import Json, Ref

QUEUE, OTHER, SELF = Ref("queue/sales", "arn"), Ref("flow/other", "arn"), Ref("flow/thing", "arn")


def content(text: str, target: Ref | str | None = None) -> dict[str, object]:
    """Says something and hangs up, or hands on to another flow."""
    end = {"Identifier": "end", "Type": "DisconnectParticipant", "Parameters": {}, "Transitions": {}}
    hand_on = {
        "Identifier": "hand-on",
        "Type": "TransferToFlow",
        "Parameters": {"ContactFlowId": target},
        "Transitions": {"NextAction": "end", "Errors": [{"NextAction": "end", "ErrorType": "NoMatchingError"}]},
    }
    greet = {
        "Identifier": "greet",
        "Type": "MessageParticipant",
        "Parameters": {"Text": text},
        "Transitions": {
            "NextAction": "end" if target is None else "hand-on",
            "Errors": [{"NextAction": "end", "ErrorType": "NoMatchingError"}],
        },
    }
    actions = [greet, end] if target is None else [greet, hand_on, end]
    return {"Version": "2019-10-30", "StartAction": "greet", "Metadata": {"x": 1}, "Actions": actions}


async def prepare(world: World) -> None:
    params = {
        "InstanceId": world.scope.instance_id,
        "Name": "other",
        "Type": "CONTACT_FLOW",
        "Content": json.dumps(content("Other.")),
    }
    world.known[OTHER] = str((await world.aws.mutate("connect", "CreateContactFlow", params)).at("ContactFlowArn"))


async def _tamper(world: World, id_: str) -> None:
    params = {"InstanceId": world.scope.instance_id, "ContactFlowId": id_, "Content": json.dumps(content("By hand."))}
    await world.aws.mutate("connect", "UpdateContactFlowContent", params)


async def _archive(world: World, id_: str) -> None:
    params = {"InstanceId": world.scope.instance_id, "ContactFlowId": id_, "ContactFlowState": "ARCHIVED"}
    await world.aws.mutate("connect", "UpdateContactFlowMetadata", params)


UNDOCUMENTED: dict[str, dict[str, object]] = {
    "hidden-by-search": {"search_returns_flow_content": False},
    "reformatted": {"flow_content_reformatted": True},
    "named-per-type": {"duplicate_flow_name_scope": "type"},
    "lagging": {"list_lag_seconds": 3.0, "describe_lag_seconds": 2.0, "search_lag_seconds": 5.0},
}

PLAIN = FlowDesired("inbound", "CONTACT_FLOW", Json(content("Welcome.", OTHER)), description="Front door")
CIRCLE = FlowDesired("inbound", "CONTACT_FLOW", Json(content("Again.", SELF)), state="ACTIVE")
DRAFT = FlowDesired("inbound", "CONTACT_FLOW", Json(content("Not yet.", OTHER)), status="SAVED")


def _case(id_: str, desired: FlowDesired, **more: object) -> Case:
    return Case(
        kind="flow",
        id=id_,
        aws_name="inbound",
        desired=desired,
        create="CreateContactFlow",
        prepare=prepare,
        lags=True,
        **more,  # type: ignore[arg-type]
    )


CASES = [
    _case(
        "flow",
        PLAIN,
        tamper=_tamper,
        path="greet",
        edited=replace(PLAIN, name="Inbound", description=None, content=json.dumps(content("Hello."))),
    ),
    _case("flow-circle", CIRCLE, tamper=_archive, path="state", edited=replace(CIRCLE, state="ARCHIVED")),
    _case("flow-deferred", PLAIN, deferred=frozenset({OTHER})),
    *(
        _case(
            f"flow-{name}",
            PLAIN,
            tamper=_tamper,
            path="greet",
            edited=replace(PLAIN, content=json.dumps(content("Hello."))),
            switches=switches,
        )
        for name, switches in UNDOCUMENTED.items()
    ),
    _case("flow-draft", DRAFT, edited=replace(DRAFT, status="PUBLISHED")),
]
