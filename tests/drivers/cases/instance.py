"""Instances: slow to make, made once by a token."""

from dataclasses import replace

from tests.drivers.conformance import Case
from tests.drivers.offline import World
from trunkline.drivers.instance import InstanceDesired

DESIRED = InstanceDesired(
    "acme", identity_management="CONNECT_MANAGED", attributes={"OUTBOUND_CALLS": False, "CONTACTFLOW_LOGS": True}
)


async def _tamper(world: World, id_: str) -> None:
    params = {"InstanceId": id_, "AttributeType": "CONTACTFLOW_LOGS", "Value": "false"}
    await world.aws.mutate("connect", "UpdateInstanceAttribute", params)


CASES = [
    Case(
        kind="instance",
        name="instance",
        aws_name="acme",
        desired=DESIRED,
        create="CreateInstance",
        tamper=_tamper,
        path="attributes.contactflowLogs",
        edited=replace(DESIRED, attributes={"OUTBOUND_CALLS": True, "EARLY_MEDIA": False}),
        slow={"instance_creation_seconds": 90.0},
    )
]
