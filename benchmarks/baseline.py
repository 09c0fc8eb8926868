"""What the figures are compared with: plain SDK clients at the same offline AWS, doing the same without our engine.

Clients make one attempt a call, as ours do; time is the virtual clock's, and is let pass here.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.column.centers import content, says
from tests.column.world import REGION, World

from benchmarks.center import ALIAS, FLOWS, HOURS, INSTANCE_SECONDS, QUEUES

PACE_SECONDS = 0.5  # between reads: one bucket's rate, so that none is refused
ROUND_TRIP_SECONDS = 0.05
LONGEST_BACKOFF_SECONDS = 20.0


def _client(world: World) -> Any:
    config = Config(retries={"total_max_attempts": 1, "mode": "standard"})
    return world.session.create_client("connect", region_name=REGION, config=config)


@dataclass(frozen=True, slots=True)
class _Family:
    """How one family is listed and described."""

    list: str
    listed: str
    describe: str
    id_param: str


_FAMILIES: Mapping[str, _Family] = {
    "hours": _Family(
        "ListHoursOfOperations", "HoursOfOperationSummaryList", "DescribeHoursOfOperation", "HoursOfOperationId"
    ),
    "queue": _Family("ListQueues", "QueueSummaryList", "DescribeQueue", "QueueId"),
    "profile": _Family(
        "ListRoutingProfiles", "RoutingProfileSummaryList", "DescribeRoutingProfile", "RoutingProfileId"
    ),
    "flow": _Family("ListContactFlows", "ContactFlowSummaryList", "DescribeContactFlow", "ContactFlowId"),
}


class ListAndDescribe:
    """Observes a center of known names as most tools do: List of each family, Describe of each resource, paced."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._client = _client(world)

    def calls(self, instance_id: str, names: Mapping[str, tuple[str, ...]]) -> int:
        """Makes the calls; answers how many. names: by family (hours, queue, profile, flow)."""
        before = self._world.cloud.calls.number
        self._call("DescribeInstance", InstanceId=instance_id)
        list(self._pages("ListInstanceAttributes", "Attributes", InstanceId=instance_id, MaxResults=7))
        for kind, family in _FAMILIES.items():
            for item in list(self._pages(family.list, family.listed, InstanceId=instance_id, MaxResults=1000)):
                if item.get("Name") in names[kind]:
                    self._describe(kind, family, instance_id, item["Id"])
        return self._world.cloud.calls.number - before

    def _describe(self, kind: str, family: _Family, instance_id: str, id_: str) -> None:
        which = {"InstanceId": instance_id, family.id_param: id_}
        self._call(family.describe, **which)
        if kind == "profile":
            list(self._pages("ListRoutingProfileQueues", "RoutingProfileQueueConfigSummaryList", **which))

    def _pages(self, operation: str, member: str, **params: Any) -> Iterator[Any]:
        while True:
            answer = self._call(operation, **params)
            yield from answer[member]
            if not answer.get("NextToken"):
                return
            params["NextToken"] = answer["NextToken"]

    def _call(self, operation: str, **params: Any) -> Any:
        self._world.clock.advance(PACE_SECONDS)
        return getattr(self._client, xform_name(operation))(**params)


class SendAndBackOff:
    """Makes the hours, queues and flows one after the other, each again after a backoff as long as it is throttled.

    Backoff as the SDKs' standard mode: random, up to 2^n seconds, at most 20
    (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html). No budget is kept.
    """

    def __init__(self, world: World) -> None:
        self._clock = world.clock
        self._client = _client(world)
        self._random = random.Random(1)
        self.throttles = 0

    def create(self) -> None:
        """Makes the center, all but its profiles."""
        client = self._client
        instance = client.create_instance(
            IdentityManagementType="CONNECT_MANAGED",
            InstanceAlias=ALIAS,
            InboundCallsEnabled=True,
            OutboundCallsEnabled=True,
        )["Id"]
        self._clock.advance(INSTANCE_SECONDS)
        open_ = {"Hours": 9, "Minutes": 0}
        config = [{"Day": "MONDAY", "StartTime": open_, "EndTime": {"Hours": 17, "Minutes": 0}}]
        made = [
            self._send(
                client.create_hours_of_operation,
                InstanceId=instance,
                Name=name,
                TimeZone="Europe/Berlin",
                Config=config,
            )["HoursOfOperationId"]
            for name in HOURS
        ]
        for name in QUEUES:
            self._send(client.create_queue, InstanceId=instance, Name=name, HoursOfOperationId=made[0])
        text = json.dumps(content(says("greet", "Welcome.")))
        for name in FLOWS:
            self._send(client.create_contact_flow, InstanceId=instance, Name=name, Type="CONTACT_FLOW", Content=text)

    def _send(self, operation: Callable[..., Any], **params: Any) -> Any:
        attempt = 0
        while True:
            self._clock.advance(ROUND_TRIP_SECONDS)
            try:
                return operation(**params)
            except ClientError as error:
                if error.response["Error"]["Code"] not in ("ThrottlingException", "TooManyRequestsException"):
                    raise
            self.throttles += 1
            self._clock.advance(self._random.uniform(0, min(LONGEST_BACKOFF_SECONDS, 2.0**attempt)))
            attempt += 1
