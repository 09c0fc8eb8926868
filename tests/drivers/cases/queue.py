"""Queues with limits, a caller name, a status and quick connects."""

from dataclasses import replace

from tests.drivers.conformance import Case
from tests.drivers.offline import World
from trunkline.drivers.queue_state import OutboundDesired, QueueDesired
from trunkline.engine.resource import Ref

HOURS = Ref("hours/business", "arn")
QUICK = tuple(Ref(f"quick-connect/qc{index:02}", "id") for index in range(3))
DESIRED = QueueDesired(
    "sales",
    HOURS,
    description="Sales",
    max_contacts=100,
    outbound=OutboundDesired("Sales Team"),
    quick_connects=QUICK,
)


async def prepare(world: World) -> None:
    base = {"InstanceId": world.scope.instance_id}
    hours = await world.aws.mutate(
        "connect", "CreateHoursOfOperation", {**base, "Name": "business", "TimeZone": "UTC", "Config": []}
    )
    world.known[HOURS] = str(hours.at("HoursOfOperationArn"))
    for ref in QUICK:
        number = {"QuickConnectType": "PHONE_NUMBER", "PhoneConfig": {"PhoneNumber": "+12065550100"}}
        params = {**base, "Name": ref.node, "QuickConnectConfig": number}
        world.known[ref] = str((await world.aws.mutate("connect", "CreateQuickConnect", params)).at("QuickConnectId"))


async def _tamper(world: World, id_: str) -> None:
    params = {"InstanceId": world.scope.instance_id, "QueueId": id_, "MaxContacts": 7}
    await world.aws.mutate("connect", "UpdateQueueMaxContacts", params)


async def _tamper_links(world: World, id_: str) -> None:
    ids = [world.known[QUICK[0]]]
    params = {"InstanceId": world.scope.instance_id, "QueueId": id_, "QuickConnectIds": ids}
    await world.aws.mutate("connect", "DisassociateQueueQuickConnects", params)


CASES = [
    Case(
        kind="queue",
        aws_name="sales",
        desired=DESIRED,
        create="CreateQueue",
        prepare=prepare,
        tamper=_tamper,
        path="maxContacts",
        edited=replace(
            DESIRED, name="Sales", max_contacts=None, status="DISABLED", outbound=OutboundDesired(), quick_connects=()
        ),
        lags=True,
    ),
    Case(
        kind="queue",
        id="queue-deferred",
        aws_name="sales",
        desired=replace(DESIRED, status="DISABLED"),
        create="CreateQueue",
        prepare=prepare,
        tamper=_tamper_links,
        path="quickConnects",
        edited=replace(DESIRED, status="ENABLED", quick_connects=QUICK[1:]),
        deferred=frozenset(QUICK),
        lags=True,
    ),
]
