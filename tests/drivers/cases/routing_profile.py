"""Routing profiles with more queues than one call takes."""

from dataclasses import replace

from tests.drivers.conformance import Case
from tests.drivers.offline import World
from trunkline.drivers.routing_profile_queues import QueueConfig
from trunkline.drivers.routing_profile_state import Media, RoutingProfileDesired
from trunkline.engine.resource import Ref

QUEUES = tuple(Ref(f"queue/q{index:02}", "id") for index in range(13))
CONFIGS = (
    *(QueueConfig(queue, "VOICE", 1 + index) for index, queue in enumerate(QUEUES)),
    QueueConfig(QUEUES[0], "CHAT", 5, 30),
)
DESIRED = RoutingProfileDesired(
    "agent",
    "Agents",
    QUEUES[0],
    media=(Media("VOICE", 1), Media("CHAT", 2, "ROUTE_ANY_CHANNEL")),
    queues=CONFIGS,
    manual_queues=((QUEUES[1], "CHAT"),),
    agent_availability_timer="TIME_SINCE_LAST_INBOUND",
)


async def _prepare(world: World) -> None:
    base = {"InstanceId": world.scope.instance_id}
    hours = await world.aws.mutate(
        "connect", "CreateHoursOfOperation", {**base, "Name": "business", "TimeZone": "UTC", "Config": []}
    )
    for ref in QUEUES:
        params = {**base, "Name": ref.node, "HoursOfOperationId": hours.at("HoursOfOperationId")}
        world.known[ref] = str((await world.aws.mutate("connect", "CreateQueue", params)).at("QueueId"))


async def _tamper(world: World, id_: str) -> None:
    reference = {"QueueId": world.known[QUEUES[3]], "Channel": "VOICE"}
    config = {"QueueReference": reference, "Priority": 99, "Delay": 1}
    params = {"InstanceId": world.scope.instance_id, "RoutingProfileId": id_, "QueueConfigs": [config]}
    await world.aws.mutate("connect", "UpdateRoutingProfileQueues", params)


async def _tamper_behavior(world: World, id_: str) -> None:
    media = [{"Channel": "VOICE", "Concurrency": 1}, {"Channel": "CHAT", "Concurrency": 2}]
    params = {"InstanceId": world.scope.instance_id, "RoutingProfileId": id_, "MediaConcurrencies": media}
    await world.aws.mutate("connect", "UpdateRoutingProfileConcurrency", params)


CASES = [
    Case(
        kind="routing-profile",
        aws_name="agent",
        desired=DESIRED,
        create="CreateRoutingProfile",
        prepare=_prepare,
        tamper=_tamper,
        path="queues[",
        edited=replace(DESIRED, name="Agent", queues=CONFIGS[6:], manual_queues=(), default_outbound_queue=QUEUES[7]),
        lags=True,
    ),
    Case(
        kind="routing-profile",
        id="routing-profile-behavior",
        aws_name="agent",
        desired=DESIRED,
        create="CreateRoutingProfile",
        prepare=_prepare,
        tamper=_tamper_behavior,
        path="media",
        edited=replace(
            DESIRED,
            media=(Media("VOICE", 1),),
            queues=CONFIGS[:2],
            manual_queues=(),
            agent_availability_timer=None,
        ),
        lags=True,
    ),
]
