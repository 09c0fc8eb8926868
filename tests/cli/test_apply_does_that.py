"""Apply does exactly what the plan shows: the steps of the preview are the mutating calls of the passes that follow.

In the column on virtual time. A preview is taken, the center converges, and each call that took effect (operation and
params, as the engine handed them to the gate) is matched with a step of the preview, whose references are filled with
what the answers of earlier calls said. For a center that does not exist yet that is the whole convergence, over many
passes. Two things are left open, on purpose: the client token of what is made in an instance that has no id yet, and
steps that come after one that settles, which a second look may find done already by AWS.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.column.centers import flow, hours, says, small_center
from tests.column.world import INSTALLATION, Object, World, example
from trunkline.aws.port import GatePort
from trunkline.engine.budget import Priority
from trunkline.engine.converge import Preview
from trunkline.engine.driver import Caller
from trunkline.engine.gate import Access, Errand, Place
from trunkline.engine.plan import Answer, Step
from trunkline.engine.removal import Action
from trunkline.engine.resource import Blueprint, Ref, resolve
from trunkline.engine.survey import runnable
from trunkline.handlers.center import ContactCenterHandler
from trunkline.handlers.port import Snapshot


@dataclass(frozen=True)
class Made:
    """One mutating call that took effect."""

    shown: str
    answer: Answer


@dataclass
class _Noting:
    """A caller that notes what it is asked to change."""

    caller: Caller
    made: list[Made]

    async def read(self, service: str, operation: str, params: Mapping[str, Any]) -> Answer:
        return await self.caller.read(service, operation, params)

    async def mutate(self, service: str, operation: str, params: Mapping[str, Any]) -> Answer:
        answer = await self.caller.mutate(service, operation, params)
        self.made.append(Made(_shown(operation, params), answer))
        return answer


@dataclass
class _NotingGate:
    """The gate's port, with such callers."""

    gate: GatePort
    made: list[Made] = field(default_factory=list)

    async def place(self, access: Access, errand: Errand) -> Place:
        return await self.gate.place(access, errand)

    def caller(self, access: Access, place: Place, errand: Errand) -> Caller:
        return _Noting(self.gate.caller(access, place, errand), self.made)

    def overtake(self, owner: str) -> None:
        self.gate.overtake(owner)

    def fair_period(self, place: Place, region: str, calls: dict[tuple[str, str], float], floor: float) -> float:
        return self.gate.fair_period(place, region, calls, floor)


class Comparing:
    """A world whose operator can be asked for a preview, and whose changes are noted."""

    def __init__(self) -> None:
        self.world = World()
        self.gate = _NotingGate(GatePort(self.world.gate))
        self.world.handler = ContactCenterHandler(
            self.gate,
            self.world.clock,
            installation=INSTALLATION,
            builtins=self.world.handler.builtins,
        )

    def preview(self, center: Object) -> tuple[Preview, Blueprint]:
        """What `trunkline plan` is a view of."""
        snapshot = Snapshot(
            key=center.key,
            uid=center.uid,
            generation=center.generation,
            deleting=False,
            spec=copy.deepcopy(center.spec),
            annotations=dict(center.annotations),
            status=copy.deepcopy(center.status),
        )
        inputs = self.world.inputs(center, Priority.CHANGE, snapshot)
        number = self.world.cloud.calls.number
        preview, blueprint, _ = self.world.run(self.world.handler.plan(inputs))
        assert self.world.mutating(number) == [], "a preview changed something"
        return preview, blueprint

    def converge(self, center: Object) -> list[Made]:
        """What the passes that follow change, call by call."""
        self.gate.made.clear()
        self.world.run(self.world.settle(center))
        assert center.ready, center.status["conditions"]
        return list(self.gate.made)


def _shown(operation: str, params: Mapping[str, Any]) -> str:
    """A call as text; what has no id yet makes the client token of what lies in it another one."""
    told = {name: value for name, value in params.items() if name != "ClientToken"}
    return f"{operation} {json.dumps(told, sort_keys=True, default=str)}"


@dataclass(frozen=True)
class Foreseen:
    """One step of a preview. after_settling: another one of its resource settles first."""

    key: str
    step: Step
    after_settling: bool


def _foreseen(preview: Preview, blueprint: Blueprint) -> Iterator[Foreseen]:
    for key, plan in preview.survey.plans.items():
        settling = False
        for step in runnable(plan, blueprint):
            yield Foreseen(key, step, settling)
            settling = settling or step.settles


def compare(preview: Preview, blueprint: Blueprint, made: list[Made]) -> None:
    """Fails with what was made and not foreseen, or foreseen and not made."""
    known: dict[Ref, str] = dict(preview.survey.known)
    steps, left = list(_foreseen(preview, blueprint)), list(made)
    progress = True
    while progress:
        progress = False
        for item in list(steps):
            shown = _shown(item.step.operation, resolve(item.step.params, known.get))
            call = next((call for call in left if call.shown == shown), None)
            if call is None:
                continue
            progress = True
            steps.remove(item)
            left.remove(call)
            known |= {
                Ref(item.key, attribute): str(value)
                for attribute, path in item.step.provides
                if (value := call.answer.at(path)) is not None
            }
    removals = [item.entry.id for item in preview.leaving if item.action is Action.DELETE]
    for id_ in list(removals):
        call = next(
            (call for call in left if call.shown.startswith(("Delete", "Disassociate")) and id_ in call.shown), None
        )
        if call is not None:
            removals.remove(id_)
            left.remove(call)
    assert [call.shown for call in left] == [], "made, and not in the plan"
    assert [_shown(item.step.operation, item.step.params) for item in steps if not item.after_settling] == []
    assert removals == [], "in the plan, and not deleted"


@pytest.mark.parametrize(
    "center",
    [
        pytest.param(lambda: example("minimal"), id="minimal"),
        pytest.param(lambda: example("high-volume"), id="high-volume"),
        pytest.param(small_center, id="flows-in-a-circle"),
    ],
)
def test_of_a_center_that_does_not_exist(center: Callable[[], Object]) -> None:
    comparing = Comparing()
    wanted = comparing.world.add(center())
    preview, blueprint = comparing.preview(wanted)
    made = comparing.converge(wanted)
    compare(preview, blueprint, made)
    assert preview.counts.add == len(preview.survey.plans)


def _edit_queues_and_hours(_: World, center: Object) -> None:
    center.entry("queues", "sales")["maxContacts"] = 25
    center.entry("queues", "support")["description"] = "Second line"
    center.entry("hoursOfOperation", "office")["hours"][0]["end"] = "20:00"
    center.spec["hoursOfOperation"].append(hours("late", "20:00", "23:00"))


def _edit_flows(_: World, center: Object) -> None:
    center.entry("flows", "inbound")["content"]["inline"]["Actions"][0]["Parameters"]["Text"] = "Good evening."
    center.spec["flows"].append(flow("new", says("greet", "Hello.")))


def _edit_profile(_: World, center: Object) -> None:
    profile = center.entry("routingProfiles", "agent")
    profile["queues"] = [{"queue": "support", "channel": "VOICE", "priority": 5, "delaySeconds": 30}]
    profile["media"] = [{"channel": "VOICE", "concurrency": 1}, {"channel": "CHAT", "concurrency": 3}]


def _edit_function_and_table(_: World, center: Object) -> None:
    center.entry("functions", "lookup").update(memoryMiB=512, timeoutSeconds=5)
    center.entry("tables", "customers")["ttlAttribute"] = "ExpiresAt"


def _add_an_index(_: World, center: Object) -> None:
    keys = [{"name": "Email", "type": "String"}]
    index = {"name": "EmailIndex", "partitionKeys": keys, "projection": {"type": "ALL"}}
    table = center.entry("tables", "customers")
    table["indexes"] = [*table["indexes"], index]


def _drop_entries(_: World, center: Object) -> None:
    center.spec["flows"] = [flow("inbound", says("greet", "Welcome."))]
    center.spec["routingProfiles"][0]["queues"].pop()
    center.spec["queues"] = [entry for entry in center.spec["queues"] if entry["name"] != "support"]


def _drift(world: World, center: Object) -> None:
    connect, instance = world.client("connect"), center.status["instance"]["id"]
    queue = center.resource("queue", "sales")["id"]
    connect.update_queue_max_contacts(InstanceId=instance, QueueId=queue, MaxContacts=1)
    connect.update_queue_name(InstanceId=instance, QueueId=queue, Name="Renamed")
    connect.delete_contact_flow(InstanceId=instance, ContactFlowId=center.resource("flow", "after-hours")["id"])
    world.client("lambda").update_function_configuration(FunctionName="small-lookup", MemorySize=128)


def _adopt(world: World, center: Object) -> None:
    connect, instance = world.client("connect"), center.status["instance"]["id"]
    office = center.resource("hours", "office")["id"]
    connect.create_queue(InstanceId=instance, Name="by-hand", HoursOfOperationId=office, MaxContacts=3)
    center.spec["adoptionPolicy"] = "Adopt"
    center.spec["queues"].append({"name": "by-hand", "hours": "office", "maxContacts": 4})


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_edit_queues_and_hours, id="queues-and-hours"),
        pytest.param(_edit_flows, id="flows"),
        pytest.param(_edit_profile, id="routing-profile"),
        pytest.param(_edit_function_and_table, id="function-and-table"),
        pytest.param(_add_an_index, id="an-index"),
        pytest.param(_drop_entries, id="entries-that-leave"),
        pytest.param(_drift, id="drift"),
        pytest.param(_adopt, id="adopt"),
    ],
)
def test_of_a_center_that_exists(change: Callable[[World, Object], None]) -> None:
    comparing = Comparing()
    center = comparing.world.add(small_center())
    comparing.converge(center)
    comparing.world.clock.advance(60)  # Search lags
    change(comparing.world, center)
    comparing.world.clock.advance(60)
    center.edit()
    preview, blueprint = comparing.preview(center)
    made = comparing.converge(center)
    assert made, "the change changes nothing"
    compare(preview, blueprint, made)
