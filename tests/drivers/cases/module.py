"""Flow modules with a contract."""

import json
from dataclasses import replace

from tests.drivers.conformance import Case
from tests.drivers.offline import World
from trunkline.drivers.module import ModuleDesired


def content(text: str) -> str:
    """Says something and returns."""
    greet = {
        "Identifier": "greet",
        "Type": "MessageParticipant",
        "Parameters": {"Text": text},
        "Transitions": {"NextAction": "end", "Errors": [{"NextAction": "end", "ErrorType": "NoMatchingError"}]},
    }
    end = {"Identifier": "end", "Type": "EndFlowModuleExecution", "Parameters": {}, "Transitions": {}}
    settings = {"InputParameters": [], "OutputParameters": [], "Transitions": []}
    return json.dumps(
        {"Version": "2019-10-30", "StartAction": "greet", "Metadata": {}, "Actions": [greet, end], "Settings": settings}
    )


async def _tamper(world: World, id_: str) -> None:
    params = {"InstanceId": world.scope.instance_id, "ContactFlowModuleId": id_, "Content": content("By hand.")}
    await world.aws.mutate("connect", "UpdateContactFlowModuleContent", params)


DESIRED = ModuleDesired("authentication", content("Who is there?"), description="Asks who is there")

CASES = [
    Case(
        kind="module",
        aws_name="authentication",
        desired=DESIRED,
        create="CreateContactFlowModule",
        tamper=_tamper,
        path="greet",
        edited=replace(DESIRED, name="Authentication", description=None, state="ARCHIVED", content=content("Who?")),
        lags=True,
    )
]
