"""Drivers and engine together: a center with circles, made, drifted, edited, confirmed and taken down, offline.

Nothing between the engine and the offline AWS but botocore; the gate, the budget and the handler have tests of their own.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.drivers.offline import ACCOUNT, REGION, SWITCHES, OfflineCaller
from tests.drivers.plans import OWNER
from trunkline.drivers.flow_state import FlowDesired
from trunkline.drivers.hours import HoursDesired
from trunkline.drivers.hours_overrides import OpenHours, Override
from trunkline.drivers.instance import InstanceDesired
from trunkline.drivers.module import ModuleDesired
from trunkline.drivers.queue_state import OutboundDesired, QueueDesired
from trunkline.drivers.registry import DRIVERS
from trunkline.drivers.routing_profile_queues import QueueConfig
from trunkline.drivers.routing_profile_state import Media, RoutingProfileDesired
from trunkline.drivers.storage_config import S3, StorageConfigDesired
from trunkline.engine.converge import Consent, Farewell, converge, dismantle
from trunkline.engine.driver import Scope
from trunkline.engine.graph import build
from trunkline.engine.match import Identity
from trunkline.engine.memory import Memory
from trunkline.engine.record import Entry, Record
from trunkline.engine.removal import Where, bequest
from trunkline.engine.resource import Blueprint, DeletionPolicy, Json, Node, Ref
from trunkline.engine.result import Result, State
from trunkline.engine.survey import Request
from trunkline_sandbox.aws.clock import ManualClock
from trunkline_sandbox.aws.cloud import OfflineAws

READS = ("Describe", "List", "Search")


def _flow(kind: str, *steps: tuple[str, Mapping[str, object], list[str]], ending: str, settings: object = None) -> Json:
    """A flow of actions one after the other, each with its error branches, to its end."""
    names = [f"step-{index}" for index in range(len(steps))] + ["end"]
    actions: list[dict[str, object]] = [
        {
            "Identifier": names[index],
            "Type": type_,
            "Parameters": parameters,
            "Transitions": {
                "NextAction": names[index + 1],
                "Errors": [{"NextAction": "end", "ErrorType": error} for error in errors],
            },
        }
        for index, (type_, parameters, errors) in enumerate(steps)
    ]
    actions.append({"Identifier": "end", "Type": ending, "Parameters": {}, "Transitions": {}})
    content: dict[str, object] = {"Version": "2019-10-30", "StartAction": names[0], "Metadata": {}, "Actions": actions}
    return Json({**content, "Settings": settings} if settings is not None else content)


def _says(text: str) -> tuple[str, Mapping[str, object], list[str]]:
    return ("MessageParticipant", {"Text": text}, ["NoMatchingError"])


def _hands_on(flow: str) -> tuple[str, Mapping[str, object], list[str]]:
    return ("TransferToFlow", {"ContactFlowId": Ref(f"flow/{flow}", "arn")}, ["NoMatchingError"])


def _inbound(text: str = "Welcome.") -> Json:
    queue = ("UpdateContactTargetQueue", {"QueueId": Ref("queue/sales", "arn")}, ["NoMatchingError"])
    module = ("InvokeFlowModule", {"FlowModuleId": Ref("module/auth", "arn")}, ["NoMatchingError"])
    return _flow("flow", _says(text), module, queue, _hands_on("after-hours"), ending="DisconnectParticipant")


SETTINGS: dict[str, object] = {"InputParameters": [], "OutputParameters": [], "Transitions": []}
DESIRED: dict[str, Any] = {
    "instance/instance": InstanceDesired("acme", None, "SAML", None, {"CONTACTFLOW_LOGS": True, "CONTACT_LENS": False}),
    "storage-config/CALL_RECORDINGS": StorageConfigDesired("CALL_RECORDINGS", S3, bucket="acme", prefix="calls"),
    "hours/business": HoursDesired(
        "business",
        "America/New_York",
        (OpenHours("MONDAY", "09:00", "18:00"),),
        overrides=(Override("christmas", "CLOSED", "2026-12-25", "2026-12-25"),),
    ),
    "module/auth": ModuleDesired(
        "auth", _flow("module", _says("Who?"), ending="EndFlowModuleExecution", settings=SETTINGS)
    ),
    "flow/whisper": FlowDesired(
        "whisper",
        "OUTBOUND_WHISPER",
        _flow("flow", _says("A call from Acme."), ending="EndFlowExecution"),
    ),
    "flow/inbound": FlowDesired("inbound", "CONTACT_FLOW", _inbound()),
    "flow/after-hours": FlowDesired(
        "after-hours",
        "CONTACT_FLOW",
        _flow("flow", _says("We are closed."), _hands_on("inbound"), ending="DisconnectParticipant"),
    ),
    "queue/sales": QueueDesired(
        "sales",
        Ref("hours/business"),
        max_contacts=100,
        outbound=OutboundDesired("Acme", flow=Ref("flow/whisper")),
    ),
    "queue/support": QueueDesired("support", Ref("hours/business"), max_contacts=150),
    "routing-profile/agent": RoutingProfileDesired(
        "agent",
        "agent",
        Ref("queue/sales"),
        (Media("VOICE", 1),),
        (QueueConfig(Ref("queue/sales"), "VOICE"), QueueConfig(Ref("queue/support"), "VOICE", 2)),
    ),
}


@dataclass
class Center:
    """One object and its passes."""

    cloud: OfflineAws
    clock: ManualClock
    aws: OfflineCaller
    desired: dict[str, Any] = field(default_factory=lambda: dict(DESIRED))
    record: Record = field(default_factory=Record)
    generation: int = 1
    consent: Consent = field(default_factory=Consent)
    memory: Memory = field(default_factory=lambda: Memory(started=0.0))
    tags: dict[str, str] = field(default_factory=lambda: {"environment": "test"})

    @property
    def _scope(self) -> Scope:
        return Scope(ACCOUNT, REGION, OWNER, "uid-1")

    def _request(self, *, progress: bool) -> Request:
        nodes = tuple(
            Node(
                key,
                key.split("/")[0],
                f"{key.split('/')[0]}s",
                key.split("/")[1],
                f"spec.{key}",
                getattr(desired, "alias", None) or getattr(desired, "name", None) or key.split("/")[1],
                desired,
                tags=self.tags,
            )
            for key, desired in self.desired.items()
        )
        blueprint = Blueprint(nodes)
        if not progress:
            self.memory.forget_progress()
        graph = build(blueprint, lambda node: DRIVERS[node.kind].deferrable(node.desired))
        return Request(
            blueprint=blueprint,
            graph=graph,
            record=self.record,
            drivers=DRIVERS,
            scope=self._scope,
            identity=Identity(OWNER),
            memory=self.memory,
            now=self.clock.now(),
            progress=progress,
        )

    def once(self, *, progress: bool = False) -> Result:
        async def note(entry: Entry) -> None:
            self.record = replace(self.record, entries={**self.record.entries, entry.key: entry})

        async def fresh(_creates: bool) -> None:
            await asyncio.sleep(0)

        request = self._request(progress=progress)
        result = asyncio.run(converge(request, self.aws, self.generation, self.consent, note=note, fresh=fresh))
        self.record = result.record
        return result

    def settle(self) -> Result:
        """Passes until nothing is pending, time going on between them; then everything must be ready or held."""
        result = self.once()
        for _ in range(40):
            if not result.of(State.CHANGING, State.WAITING, State.REMOVING):
                break
            self.clock.advance(max(1.0, result.check_after or 1.0))
            result = self.once(progress=True)
        others = [node for node in result.nodes if node.state not in (State.READY, State.HELD)]
        assert not others, "\n".join(f"{node.key}: {node.state} {node.reason} {node.message}" for node in others)
        return result

    def dismantle(self) -> Farewell:
        """One pass of the deleted object."""
        items = bequest(self.record, DeletionPolicy.DELETE, DRIVERS)
        where = Where(DRIVERS, self._scope, self.memory, self.clock.now())
        return asyncio.run(dismantle(where, self.aws, self.record, items, abandon=False))

    def edit(self, key: str, **changes: Any) -> None:
        self.desired[key] = replace(self.desired[key], **changes)
        self.generation += 1

    def writes(self) -> list[str]:
        return [name for name in self.aws.names if not name.startswith(READS)]


@pytest.fixture(params=[0.0, 7.0], ids=["no lag", "Search lags"])
def center(request: pytest.FixtureRequest) -> Iterator[Center]:
    clock = ManualClock()
    switches = replace(SWITCHES, instance_creation_seconds=60.0, search_lag_seconds=request.param)
    cloud = OfflineAws(clock=clock, switches=switches)
    yield Center(cloud, clock, OfflineCaller(cloud))
    assert not cloud.failures


def test_a_center_with_circles_is_made_with_the_fewest_calls_and_stays_still(center: Center) -> None:
    center.settle()
    made = Counter(center.writes())
    assert sum(made.values()) == 14, made
    assert made["UpdateContactFlowContent"] == 1, "one flow of the circle is linked afterwards, no more"
    assert made["UpdateInstanceAttribute"] == 2
    assert made["CreateQueue"] == 2
    assert set(center.record.entries) == set(DESIRED)
    center.clock.advance(600.0)
    for _ in range(3):
        center.aws.forget()
        center.settle()
        assert center.writes() == [], "a converged pass writes nothing"
        center.clock.advance(600.0)


def test_a_restart_while_the_instance_is_being_made_waits_for_it(center: Center) -> None:
    """What lies inside cannot even be read before the instance is active; that refuses nothing for good."""
    center.once()
    center.memory = Memory(started=center.clock.now())
    center.clock.advance(5.0)
    result = center.once()
    assert {node.state for node in result.nodes} == {State.CHANGING, State.WAITING}, result.nodes
    center.settle()
    assert center.writes().count("CreateInstance") == 1
    assert set(center.record.entries) == set(DESIRED)


def test_what_is_changed_by_hand_is_repaired(center: Center) -> None:
    center.settle()
    center.clock.advance(600.0)
    base = {"InstanceId": center.record.entries["instance/instance"].id}
    queue, flow = (center.record.entries[key].id for key in ("queue/sales", "flow/inbound"))
    mangled = json.dumps({**json.loads(str(_flow("flow", _says("Hacked."), ending="DisconnectParticipant")))})

    async def tamper() -> None:
        await center.aws.mutate("connect", "UpdateQueueMaxContacts", {**base, "QueueId": queue, "MaxContacts": 1})
        params = {**base, "ContactFlowId": flow, "Content": mangled}
        await center.aws.mutate("connect", "UpdateContactFlowContent", params)

    asyncio.run(tamper())
    center.clock.advance(600.0)
    center.aws.forget()
    center.settle()
    assert Counter(center.writes()) == {"UpdateQueueMaxContacts": 1, "UpdateContactFlowContent": 1}


def test_a_lost_record_is_rebuilt_without_a_write(center: Center) -> None:
    center.settle()
    center.clock.advance(600.0)
    before = {key: entry.id for key, entry in center.record.entries.items()}
    center.record, center.memory = Record(), Memory(started=center.clock.now())
    center.aws.forget()
    center.settle()
    assert center.writes() == []
    assert {key: entry.id for key, entry in center.record.entries.items()} == before


def test_disabling_a_queue_waits_for_a_confirmation_and_the_rest_goes_on(center: Center) -> None:
    center.settle()
    center.clock.advance(600.0)
    center.edit("queue/sales", status="DISABLED", max_contacts=120)
    center.edit("queue/support", max_contacts=170)
    center.aws.forget()
    result = center.settle()
    assert Counter(center.writes()) == {"UpdateQueueMaxContacts": 2}
    assert [node.key for node in result.of(State.HELD)] == ["queue/sales"]
    center.consent = Consent(confirmed=result.confirmation.id)
    center.settle()
    assert "UpdateQueueStatus" in center.writes()


def test_what_left_the_spec_goes_in_an_order_that_aws_accepts(center: Center) -> None:
    center.settle()
    center.clock.advance(600.0)
    for key in ("routing-profile/agent", "queue/support", "flow/whisper"):
        del center.desired[key]
    center.edit("queue/sales", outbound=OutboundDesired("Acme"))
    center.aws.forget()
    center.settle()
    deletes = [name for name in center.writes() if name.startswith("Delete")]
    assert deletes == ["DeleteRoutingProfile", "DeleteQueue", "DeleteContactFlow"]
    assert "UpdateQueueOutboundCallerConfig" in center.writes(), "the whisper is let go before it is deleted"
    assert set(center.record.entries) == set(center.desired)


def test_a_deleted_object_takes_all_with_it_that_it_should(center: Center) -> None:
    center.settle()
    center.clock.advance(600.0)
    center.aws.forget()
    instance = center.record.entries["instance/instance"]
    farewell = center.dismantle()
    for _ in range(30):
        if farewell.finished:
            break
        center.record = farewell.record
        center.clock.advance(10.0)
        farewell = center.dismantle()
    assert farewell.finished, [f"{node.key}: {node.message}" for node in farewell.nodes]
    assert [entry.key for entry in farewell.retained] == ["instance/instance"], (
        "an instance goes by its own policy only"
    )
    left = center.cloud.inspect()["services"]["connect"]
    assert instance.id in json.dumps(left)
    assert center.writes().count("DeleteContactFlow") == 3
