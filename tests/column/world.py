"""The whole column in one process on virtual time: handler, engine, drivers, gate, budget, botocore and the offline AWS.

Only the API server is a stand-in: an object that keeps spec, status and finalizer, and counts. Nothing waits.
"""

from __future__ import annotations

import asyncio
import copy
import json
import marshal
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry

from tests.virtual_time import VirtualClock, run
from trunkline.api.manifest import read
from trunkline.aws.archives import Archive, archives_root, builtin_archives
from trunkline.aws.calls import Call
from trunkline.aws.clients import Clients
from trunkline.aws.gate import Gate
from trunkline.aws.port import GatePort
from trunkline.blueprints.roles import ROLE_RULES
from trunkline.capacity.cost.prices import shipped
from trunkline.engine.budget import Budget, BudgetObserver, Priority
from trunkline.engine.outcome import PassEndedError
from trunkline.engine.vanished import Vanished
from trunkline.handlers.cache import CacheLayerHandler
from trunkline.handlers.cache_token import fingerprint
from trunkline.handlers.center import ContactCenterHandler
from trunkline.handlers.health import Counters, ProbeFailedError, Target
from trunkline.handlers.port import (
    Content,
    Handler,
    Key,
    Named,
    Note,
    Publication,
    Reconciled,
    Snapshot,
    Source,
)
from trunkline.handlers.queries import Number, QueryFailedError, Question, Span
from trunkline.handlers.scaling import ScalingPolicyHandler
from trunkline.telemetry.caches import CacheGauges
from trunkline.telemetry.objectives import ObjectiveFigures
from trunkline_sandbox.aws.cloud import OfflineAws
from trunkline_sandbox.aws.switches import Switches
from trunkline_sandbox.aws.transport import connected_session

recognized = cache(fingerprint)
"""A hash that is slow on purpose, of the same few tokens in all tests."""

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
REGION = "us-east-1"
INSTALLATION = "test"
PUBLISHED_SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:acme-cache-a1b2c3"

PATIENT = Switches(
    search_lag_seconds=5.0,
    instance_creation_seconds=10.0,
    table_seconds=10.0,
    index_seconds=30.0,
    function_seconds=3.0,
    role_assumable_seconds=8.0,
    lambda_vpc_must_exist=False,  # the example's subnets are somebody's
)
"""An AWS that takes its time, as the real one does."""


@dataclass
class Object:
    """A ContactCenter or CacheLayer as the API server keeps it. config_maps, secrets: what stands beside it. vanished: what
    its managedFields name and its spec has no more.
    """

    name: str
    spec: dict[str, Any]
    namespace: str = "contact-centers"
    uid: str = "11111111-2222-4333-8444-555555555555"
    generation: int = 1
    deleting: bool = False
    annotations: dict[str, str] = field(default_factory=dict)
    status: dict[str, Any] = field(default_factory=dict)
    finalizer: bool = False
    gone: bool = False
    config_maps: dict[str, dict[str, str]] = field(default_factory=dict)
    beside: tuple[Object, ...] = ()  # what others handle and this one reads the status of
    notes: list[Note] = field(default_factory=list)
    status_writes: int = 0
    kind: str = "ContactCenter"
    created: str = "2026-09-21T00:00:00Z"
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)
    vanished: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        return Key(self.kind, self.namespace, self.name)

    def edit(self, **changes: Any) -> None:
        """A new generation with other top-level fields of the spec."""
        self.spec = {**copy.deepcopy(self.spec), **changes}
        self.generation += 1

    def entry(self, section: str, name: str) -> dict[str, Any]:
        """An entry of the spec, to be changed in place before `edit`."""
        return next(item for item in self.spec[section] if item["name"] == name)

    def condition(self, type_: str) -> dict[str, Any]:
        return next((item for item in self.status.get("conditions", ()) if item["type"] == type_), {})

    @property
    def ready(self) -> bool:
        return self.condition("Ready").get("status") == "True"

    def resource(self, kind: str, name: str) -> dict[str, Any]:
        """The line of `status.resources` of one resource."""
        return next(
            (item for item in self.status.get("resources", ()) if (item["kind"], item["name"]) == (kind, name)), {}
        )


@dataclass
class Published:
    """A ConfigMap or Secret of the namespace, and whose it is. owned: it goes with its owner."""

    owner: str
    data: dict[str, str]
    owned: bool = True


class Caches:
    """The caches that a probe can reach, by host: what they say of themselves, or how they fail."""

    def __init__(self) -> None:
        self.answers: dict[str, Counters | ProbeFailedError] = {}
        self.asked: list[Target] = []

    async def ask(self, target: Target) -> Counters:
        self.asked.append(target)
        answer = self.answers.get(target.endpoint.host)
        if answer is None:
            raise ProbeFailedError(f"{target.endpoint.address} cannot be reached: no route")
        if isinstance(answer, ProbeFailedError):
            raise answer
        return answer


class Queries:
    """A Prometheus: what it answers to a query, or how it fails."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[float, float] | str] = {}  # value and time, or what went wrong

    async def number(self, question: Question) -> Number | None:
        answer = self.answers.get(question.query)
        if isinstance(answer, str):
            raise QueryFailedError(answer)
        return None if answer is None else Number(*answer)

    async def series(self, question: Question, span: Span) -> list[Number]:
        answer = self.answers.get(question.query)
        if isinstance(answer, str):
            raise QueryFailedError(answer)
        steps = range(round((span.end - span.start) / span.step) + 1)
        times = [span.start + number * span.step for number in steps]
        return [] if answer is None else [Number(answer[0], at) for at in times]


@dataclass
class ObjectInputs:
    """The port of one pass over such an object."""

    object: Object
    cause: Priority
    snapshot: Snapshot
    others: Mapping[Key, Object] = field(default_factory=dict)
    guarded: Callable[[], None] = lambda: None
    reporting: Callable[[], bool] = lambda: True
    published: dict[tuple[Source, str], Published] = field(default_factory=dict)

    async def content(self, named: Named) -> Content:
        of = self.object.secrets if named.source is Source.SECRET else self.object.config_maps
        data = of.get(named.name)
        if data is None:
            return Content(None, f"{named.source.value} {named.name} not found in namespace {self.object.namespace}")
        if named.key not in data:
            return Content(None, f"{named.source.value} {named.name} has no key {named.key}")
        return Content(data[named.key])

    async def publish(self, publication: Publication) -> str:
        await self.guard()
        there = self.published.get((publication.source, publication.name))
        if there is not None and there.owner != str(self.object.key):
            return f"{publication.source.value} {publication.name} exists and is not ours"
        written = Published(str(self.object.key), dict(publication.data))
        self.published[publication.source, publication.name] = written
        return ""

    async def withdraw(self, source: Source, name: str) -> None:
        await self.guard()
        there = self.published.get((source, name))
        if there is not None and there.owner == str(self.object.key):
            del self.published[source, name]

    async def release(self, source: Source, name: str) -> None:
        await self.guard()
        if (there := self.published.get((source, name))) is not None:
            there.owned = False

    def status_of(self, key: Key) -> Mapping[str, Any] | None:
        return self.others[key].status if key in self.others else None

    def neighbor(self, key: Key) -> Snapshot | None:
        return snapshot_of(self.others[key]) if key in self.others else None

    def neighbors(self, kind: str) -> tuple[Snapshot, ...]:
        found = sorted((key for key in self.others if key.kind == kind), key=str)
        return tuple(snapshot_of(self.others[key]) for key in found)

    async def guard(self) -> None:
        self.guarded()
        if self.object.deleting and not self.snapshot.deleting:
            raise PassEndedError("the object is deleted")

    async def refresh(self, *, claim: bool = False) -> Vanished | None:
        if self.object.generation != self.snapshot.generation or self.object.deleting != self.snapshot.deleting:
            raise PassEndedError("the object was changed meanwhile")
        self.object.finalizer |= claim
        return Vanished(self.object.vanished) if self.object.vanished else None

    async def ensure_finalizer(self) -> None:
        self.object.finalizer = True

    async def report(self, status: Callable[[], Mapping[str, Any]]) -> None:
        if self.reporting():
            write(self.object, status())


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    """As it comes to the API server: plain values."""
    return dict(json.loads(json.dumps(value)))


def _copied(value: dict[str, Any]) -> dict[str, Any]:
    """As it comes from the API server: nobody else's. Plain values are; copy.deepcopy takes ten times as long."""
    try:
        return dict(marshal.loads(marshal.dumps(value)))
    except ValueError:
        return _plain(value)


def snapshot_of(object_: Object) -> Snapshot:
    """The object as a pass gets it."""
    return Snapshot(
        key=object_.key,
        uid=object_.uid,
        generation=object_.generation,
        deleting=object_.deleting,
        spec=_copied(object_.spec),
        annotations=dict(object_.annotations),
        status=_copied(object_.status),
        created=object_.created,
        vanished=Vanished(object_.vanished) if object_.vanished else None,
    )


def write(object_: Object, status: Mapping[str, Any] | None) -> None:
    """What the status writer does: only what differs."""
    if status is not None and dict(status) != object_.status:
        object_.status = _plain(status)
        object_.status_writes += 1


class Made:
    """Every call that the gate made, and for which object."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def called(self, call: Call) -> None:
        self.calls.append(call)

    def first(self, key: Key, since: float) -> Call:
        """The first call for an object after a time (seconds since the epoch)."""
        return next(call for call in self.calls if call.owner == str(key) and call.at >= since)


class World:
    """One AWS account, and one operator process over it that can be killed and started again.

    reports: whether status is also written while a pass goes on, which the runtime may skip and a dead process cannot.
    waits: makes who is told how long calls wait for their token.
    """

    def __init__(
        self,
        switches: Switches = PATIENT,
        clock: VirtualClock | None = None,
        waits: Callable[[CollectorRegistry], BudgetObserver] | None = None,
    ) -> None:
        self._waits = waits
        self.clock = clock or VirtualClock()
        self.cloud = OfflineAws(clock=self.clock, switches=switches)
        self.objects: dict[Key, Object] = {}
        self.session = connected_session(self.cloud, region=REGION)
        self.operator = self.session  # whose rights the operator has
        self.roles = ROLE_RULES
        self.made = Made()
        self.caches = Caches()
        self.prometheus = Queries()
        self.published: dict[tuple[Source, str], Published] = {}
        self.start()

    def start(self, archives: Mapping[str, Archive] | None = None) -> None:
        """A new operator process: nothing remembered. archives: those of another version of it."""
        self.reports = True
        self.registry = CollectorRegistry()
        self.budget = Budget(self._waits(self.registry) if self._waits is not None else None)
        archives = archives or builtin_archives(archives_root())
        self.gate = Gate(
            Clients(self.operator), self.budget, clock=self.clock, archives=archives.values(), observer=self.made
        )
        self.handler = ContactCenterHandler(
            GatePort(self.gate),
            self.clock,
            installation=INSTALLATION,
            builtins={name: archive.sha256_base64 for name, archive in archives.items()},
            roles=self.roles,
        )
        self.layers = CacheLayerHandler(
            GatePort(self.gate),
            self.clock,
            installation=INSTALLATION,
            probe=self.caches,
            gauges=CacheGauges(self.registry),
            recognized=recognized,
        )
        self.kept = ObjectiveFigures(self.registry)
        self.policies = ScalingPolicyHandler(
            GatePort(self.gate),
            self.clock,
            installation=INSTALLATION,
            prometheus=self.prometheus,
            prices=shipped(),
            figures=self.kept,
        )

    def add(self, object_: Object) -> Object:
        self.objects[object_.key] = object_
        self.objects |= {other.key: other for other in object_.beside}
        return object_

    def client(self, service: str) -> Any:
        """Somebody else's SDK client of the same account."""
        return self.session.create_client(service, region_name=REGION)

    async def once(self, object_: Object, cause: Priority = Priority.CHANGE) -> Reconciled:
        """One pass, and what the runtime does with its result."""
        handlers: dict[str, Handler] = {handler.kind: handler for handler in (self.handler, self.layers, self.policies)}
        handler = handlers[object_.kind]
        result = await handler.reconcile(self.inputs(object_, cause, snapshot_of(object_)))
        write(object_, result.status)
        object_.notes.extend(result.notes)
        object_.finalizer = object_.finalizer and result.finalizer is not False
        if object_.deleting and result.finalizer is False:
            object_.gone = True
            self.objects.pop(object_.key, None)
            handler.forget(object_.key, object_.uid)
        return result

    def inputs(self, object_: Object, cause: Priority, snapshot: Snapshot) -> ObjectInputs:
        """The port of one pass."""
        return ObjectInputs(
            object_, cause, snapshot, self.objects, reporting=lambda: self.reports, published=self.published
        )

    async def settle(self, object_: Object, cause: Priority = Priority.CHANGE, limit: int = 200) -> Reconciled:
        """Passes until nothing is pending, or only what others have to mend; time goes on between them.

        Raises AssertionError if that never comes.
        """
        result, blocked = await self.once(object_, cause), 0
        for _ in range(limit):
            blocked = blocked + 1 if object_.condition("Reconciling").get("reason") == "Blocked" else 0
            if object_.gone or result.check_after is None or result.check_after > 200 or blocked > 10:
                return result
            if object_.kind == "CacheLayer" and self.rests(object_):
                return result
            await asyncio.sleep(max(0.1, result.check_after))
            result = await self.once(object_, Priority.PROGRESS)
        raise AssertionError(f"still pending after {limit} passes: {object_.condition('Ready')}")

    @staticmethod
    def rests(layer: Object) -> bool:
        """A cache is looked at for ever; it rests when nothing of it is on its way."""
        filled = layer.status.get("warmed", {}).get("state") != "Running"
        return filled and layer.condition("Reconciling").get("status") == "False" and not layer.deleting

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine on this world's clock."""
        return run(work, self.clock)

    def make(self, object_: Object) -> Object:
        """Converges an object from nothing."""
        self.add(object_)
        self.run(self.settle(object_))
        return object_

    def calls(self, since: int = 0, service: str = "") -> list[str]:
        """Operations that AWS was asked for, in order."""
        return [call.operation for call in self.cloud.calls.since(since) if not service or call.service == service]

    def mutating(self, since: int = 0) -> list[str]:
        """Those that change something."""
        reads = ("Describe", "List", "Search", "Get", "BatchGet", "AssumeRole")
        return [operation for operation in self.calls(since) if not operation.startswith(reads)]


def example(path: str) -> Object:
    """The center of an example, with its ConfigMaps; beside it the CacheLayer that it names, as one that is ready."""
    documents = [
        document
        for file in sorted((ROOT / "examples" / path).glob("*.yaml"))
        for document in read(file.read_text(), file.name)
    ]
    center = next(document for document in documents if document.kind == "ContactCenter")
    metadata = center.body["metadata"]
    object_ = Object(metadata["name"], copy.deepcopy(dict(center.body["spec"])), metadata.get("namespace", "default"))
    for document in documents:
        if document.kind == "CacheLayer":
            layer = Object(document.name, dict(document.body["spec"]), object_.namespace, kind="CacheLayer")
            layer.status = {"url": f"rediss://{document.name}.cache.example:6379", "secretArn": PUBLISHED_SECRET}
            object_.beside = (*object_.beside, layer)
        if document.kind == "ConfigMap":
            object_.config_maps[document.name] = dict(document.body["data"])
    return object_


def quick(switches: Switches = PATIENT, **changes: Any) -> Switches:
    """Switches with some of them otherwise."""
    return replace(switches, **changes)
