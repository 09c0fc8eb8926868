"""A made-up cloud with things in it, and drivers for them: small enough to see through, unkind enough to be useful.

Names are unique (a second create is refused), the bulk list lags, answers can be lost, the process can be killed before
or after a call, a thing of a slow kind is busy for a while, and everything is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from trunkline.engine.driver import Context, Creation, Found, Reader, Scope, Wanted
from trunkline.engine.outcome import CallRefusedError, Outcome, Refusal
from trunkline.engine.plan import NOTHING, Answer, CannotPlanError, Change, Plan, Step, Waiting
from trunkline.engine.record import Entry
from trunkline.engine.resource import DeletionPolicy, Node, Ref

BUSY_SECONDS = 30.0


class Killed(BaseException):
    """The process died here."""


@dataclass
class Thing:
    id: str
    kind: str
    name: str
    size: int
    links: tuple[str, ...]
    tags: dict[str, str]
    made: float
    busy_until: float = 0.0
    builtin: bool = False


@dataclass
class ThingCloud:
    """now: seconds. lag: how long the bulk list does not show a write. at: called before (`"before"`) and after
    (`"after"`) each mutating call with its running number; raises to inject.
    """

    now: float = 1000.0
    lag: float = 0.0
    things: dict[str, Thing] = field(default_factory=dict)
    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    at: Callable[[str, int], None] = lambda when, number: None
    refuse: dict[str, Refusal] = field(default_factory=dict)
    _made: int = 0
    _mutations: int = 0

    def add(
        self, kind: str, name: str, *, tags: Mapping[str, str] | None = None, size: int = 1, builtin: bool = False
    ) -> Thing:
        self._made += 1
        thing = Thing(
            f"{kind}-{self._made}", kind, name, size, (), dict(tags or {}), self.now - 9999.0, builtin=builtin
        )
        self.things[thing.id] = thing
        return thing

    def named(self, name: str) -> list[Thing]:
        return [thing for thing in self.things.values() if thing.name == name]

    def mutating(self) -> list[str]:
        return [operation for operation, _ in self.calls if not operation.startswith(("List", "Describe"))]

    async def read(self, service: str, operation: str, params: Mapping[str, Any]) -> Answer:
        self.calls.append((operation, params))
        things = [thing for thing in self.things.values() if thing.kind == params["kind"]]
        if operation == "ListThings":
            things = [thing for thing in things if thing.made + self.lag <= self.now]
        elif params.get("id"):
            things = [thing for thing in things if thing.id == params["id"]]
        else:
            things = [thing for thing in things if thing.name == params["name"]]
        return Answer({"things": tuple(replace(thing, tags=dict(thing.tags)) for thing in things)})

    async def mutate(self, service: str, operation: str, params: Mapping[str, Any]) -> Answer:
        self._mutations += 1
        number = self._mutations
        self.at("before", number)
        self.calls.append((operation, params))
        if (refusal := self.refuse.get(str(params.get("name", params.get("id"))))) is not None:
            raise CallRefusedError(refusal)
        answer = getattr(self, f"_{operation}")(dict(params))
        self.at("after", number)
        return Answer(answer)

    def _CreateThing(self, params: dict[str, Any]) -> dict[str, Any]:
        if any(thing.kind == params["kind"] for thing in self.named(params["name"])):
            raise refused("CreateThing", "Duplicate", Outcome.BLOCKED, duplicate=True)
        thing = self.add(params["kind"], params["name"], tags=params["tags"], size=params["size"])
        thing.links, thing.made = tuple(params["links"]), self.now
        if params["slow"]:
            thing.busy_until = self.now + BUSY_SECONDS
        return {"Id": thing.id}

    def _ResizeThing(self, params: dict[str, Any]) -> dict[str, Any]:
        self._get(params).size = params["size"]
        return {}

    def _LinkThing(self, params: dict[str, Any]) -> dict[str, Any]:
        self._get(params).links = tuple(params["links"])
        return {}

    def _TagThing(self, params: dict[str, Any]) -> dict[str, Any]:
        self._get(params).tags.update(params["tags"])
        return {}

    def _DeleteThing(self, params: dict[str, Any]) -> dict[str, Any]:
        thing = self._get(params)
        if any(thing.id in other.links for other in self.things.values()):
            raise refused("DeleteThing", "InUse", Outcome.RETRY, in_use=True)
        del self.things[thing.id]
        return {}

    def _get(self, params: dict[str, Any]) -> Thing:
        if params["id"] not in self.things:
            raise refused("Thing", "NotFound", Outcome.BLOCKED, absent=True)
        return self.things[params["id"]]


def refused(operation: str, code: str, outcome: Outcome, **flags: bool) -> CallRefusedError:
    return CallRefusedError(Refusal(outcome, "things", operation, code, "in the test"), **flags)


@dataclass(frozen=True, slots=True)
class ThingDesired:
    size: int = 1
    links: tuple[Ref | str, ...] = ()
    later: tuple[Ref | str, ...] = ()  # links that can be set after the create


@dataclass(frozen=True, slots=True)
class ThingDriver:
    """permanent: sizes cannot be changed. slow: a new thing is busy for a while and blocks what stands on it."""

    kind: str = "thing"
    in_instance: bool = False
    holds_data: bool = False
    slow: bool = False
    creation: Creation = Creation.NAME
    permissions: frozenset[str] = frozenset()

    async def observe(self, aws: Reader, scope: Scope, wanted: Sequence[Wanted], *, exact: bool) -> list[Found[Thing]]:
        if not exact:
            answers = [await aws.read("things", "ListThings", {"kind": self.kind})]
        else:
            answers = [
                await aws.read("things", "DescribeThing", {"kind": self.kind, "id": want.id, "name": want.aws_name})
                for want in wanted
            ]
        return [
            Found(thing.id, f"arn:{thing.id}", thing.name, thing, tags=thing.tags, builtin=thing.builtin)
            for answer in answers
            for thing in answer.body["things"]
        ]

    def deferrable(self, desired: Any) -> frozenset[Ref]:
        return (
            frozenset(link for link in desired.later if isinstance(link, Ref)) if desired is not None else frozenset()
        )

    def plan(self, desired: Any, found: Found[Any] | None, entry: Entry | None, context: Context) -> Plan:
        if desired is None:
            return NOTHING if found is None else Plan((self._step("DeleteThing", {"id": found.id}, deletes=True),))
        if found is None:
            return self._create(desired, context)
        thing: Thing = found.state
        if thing.busy_until > context.now:
            return Plan(waiting=Waiting("busy", thing.busy_until - context.now))
        if desired.size < 0:
            raise CannotPlanError("a size cannot be negative")
        return Plan(tuple(self._changes(desired, found, thing, context)))

    def _changes(self, desired: ThingDesired, found: Found[Any], thing: Thing, context: Context) -> list[Step]:
        steps = []
        if missing := {key: value for key, value in context.tags.items() if thing.tags.get(key) != value}:
            steps.append(self._step("TagThing", {"id": found.id, "tags": missing}))
        if thing.size != desired.size:
            shrinks = "shrinking loses what is in it" if desired.size < thing.size else None
            change = (Change("size", thing.size, desired.size),)
            steps.append(
                self._step("ResizeThing", {"id": found.id, "size": desired.size}, changes=change, interrupts=shrinks)
            )
        links = (*desired.links, *desired.later)
        if set(thing.links) != set(links):
            steps.append(self._step("LinkThing", {"id": found.id, "links": links}))
        return steps

    def _create(self, desired: ThingDesired, context: Context) -> Plan:
        now = tuple(link for link in desired.later if link not in context.deferred)
        name = context.key.split("/", 1)[1]
        params = {
            "kind": self.kind,
            "name": name,
            "size": desired.size,
            "links": (*desired.links, *now),
            "tags": dict(context.tags),
            "slow": self.slow,
        }
        steps = [self._step("CreateThing", params, provides=(("id", "Id"),), creates=True, settles=self.slow)]
        if len(now) < len(desired.later):
            steps.append(self._step("LinkThing", {"id": context.own(), "links": (*desired.links, *desired.later)}))
        return Plan(tuple(steps))

    def _step(self, operation: str, params: Mapping[str, Any], **more: Any) -> Step:
        return Step("things", operation, params, operation, **more)


def thing(
    name: str,
    *,
    kind: str = "thing",
    section: str = "things",
    size: int = 1,
    links: Sequence[str] = (),
    later: Sequence[str] = (),
    needs: Sequence[str] = (),
    external: bool = False,
    policy: DeletionPolicy | None = None,
    broken: str | None = None,
) -> Node:
    """A node that wants a thing; links name the nodes it refers to."""
    desired = ThingDesired(size, tuple(Ref(link) for link in links), tuple(Ref(link) for link in later))
    return Node(
        key=f"{kind}/{name}",
        kind=kind,
        section=section,
        name=name,
        path=f"spec.{section}[name={name}]",
        aws_name=name,
        desired=desired,
        needs=frozenset(needs),
        external=external,
        deletion_policy=policy,
        broken=broken,
    )
