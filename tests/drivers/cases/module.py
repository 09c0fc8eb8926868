"""Flow modules with a contract."""

import json
from dataclasses import replace
from typing import Any

from tests.drivers.conformance import Case
from tests.drivers.offline import World
from trunkline.drivers.module import ModuleDesired
from trunkline.engine.resource import Json, Ref

OTHER = Ref("module/other", "arn")


def content(text: str) -> str:
    """Says something and returns."""
    return json.dumps(_content(text))


def _content(text: str, calls: Ref | None = None) -> dict[str, Any]:
    greet = {
        "Identifier": "greet",
        "Type": "MessageParticipant",
        "Parameters": {"Text": text},
        "Transitions": {"NextAction": "end", "Errors": [{"NextAction": "end", "ErrorType": "NoMatchingError"}]},
    }
    end = {"Identifier": "end", "Type": "EndFlowModuleExecution", "Parameters": {}, "Transitions": {}}
    settings: dict[str, Any] = {"InputParameters": [], "OutputParameters": [], "Transitions": []}
    errors = [{"NextAction": "end", "ErrorType": "NoMatchingError"}]
    invoke = {
        "Identifier": "invoke",
        "Type": "InvokeFlowModule",
        "Parameters": {"FlowModuleId": calls},
        "Transitions": {"NextAction": "end", "Errors": errors},
    }
    if calls is not None:
        greet["Transitions"] = {"NextAction": "invoke", "Errors": errors}
    actions = [greet, end] if calls is None else [greet, invoke, end]
    return {
        "Version": "2019-10-30",
        "StartAction": "greet",
        "Metadata": {},
        "Actions": actions,
        "Settings": settings,
    }


async def _prepare(world: World) -> None:
    params = {"InstanceId": world.scope.instance_id, "Name": "other", "Content": content("Other.")}
    world.known[OTHER] = str((await world.aws.mutate("connect", "CreateContactFlowModule", params)).at("Arn"))


async def _tamper(world: World, id_: str) -> None:
    params = {"InstanceId": world.scope.instance_id, "ContactFlowModuleId": id_, "Content": content("By hand.")}
    await world.aws.mutate("connect", "UpdateContactFlowModuleContent", params)


DESIRED = ModuleDesired("authentication", content("Who is there?"), description="Asks who is there")

HIDDEN = Case(
    kind="module",
    id="module-hidden-by-search",
    aws_name="authentication",
    desired=DESIRED,
    create="CreateContactFlowModule",
    tamper=_tamper,
    path="greet",
    lags=True,
    switches={"search_returns_flow_content": False, "flow_content_reformatted": True},
)

CASES = [
    HIDDEN,
    Case(
        kind="module",
        aws_name="authentication",
        desired=DESIRED,
        create="CreateContactFlowModule",
        tamper=_tamper,
        path="greet",
        edited=replace(DESIRED, name="Authentication", description=None, state="ARCHIVED", content=content("Who?")),
        lags=True,
    ),
    Case(
        kind="module",
        id="module-deferred",
        aws_name="authentication",
        desired=replace(DESIRED, content=Json(_content("Who is there?", OTHER)), state="ARCHIVED"),
        create="CreateContactFlowModule",
        prepare=_prepare,
        deferred=frozenset({OTHER}),
        lags=True,
    ),
]
