"""One object's passes over the cloud of things: what the handler and the runtime do around the engine, in short."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.engine.things import ThingCloud, ThingDriver
from tests.virtual_time import run
from trunkline.engine.converge import Consent, Preview, converge, preview
from trunkline.engine.driver import Scope
from trunkline.engine.graph import build
from trunkline.engine.match import Identity
from trunkline.engine.memory import Memory
from trunkline.engine.record import Entry, Record
from trunkline.engine.resource import Blueprint, Node
from trunkline.engine.result import Result, State
from trunkline.engine.survey import Request

OWNER = "test/default/center"
DRIVERS = {
    "slow": ThingDriver("slow", slow=True),
    "vault": ThingDriver("vault", holds_data=True),
    "thing": ThingDriver("thing"),
}


@dataclass
class Object:
    """A custom resource as its passes see it: spec (nodes), record, memory, annotations."""

    cloud: ThingCloud
    nodes: Sequence[Node]
    record: Record = field(default_factory=Record)
    generation: int = 1
    consent: Consent = field(default_factory=Consent)
    identity: Identity = field(default_factory=lambda: Identity(OWNER))
    memory: Memory | None = None
    blueprint: dict[str, Any] = field(default_factory=dict)
    passes: int = 0

    def request(self, *, progress: bool = False) -> Request:
        blueprint = Blueprint(tuple(self.nodes), **self.blueprint)
        memory = self.memory = self.memory or Memory(started=self.cloud.now)
        if not progress:
            memory.forget_progress()
        return Request(
            blueprint=blueprint,
            graph=build(blueprint, lambda node: DRIVERS[node.kind].deferrable(node.desired)),
            record=self.record,
            drivers=DRIVERS,
            scope=Scope("123456789012", "us-east-1", OWNER, incarnation="uid"),
            identity=self.identity,
            memory=memory,
            now=self.cloud.now,
            progress=progress,
        )

    def preview(self) -> Preview:
        return run(preview(self.request(), self.cloud, self.generation, self.consent))

    def once(self, *, progress: bool = False) -> Result:
        """One pass; the record is kept as it comes, as the status writer does."""

        async def note(entry: Entry) -> None:
            self.record = Record({**self.record.entries, entry.key: entry}, self.record.account, self.record.generation)

        async def fresh(_creates: bool) -> None:
            await asyncio.sleep(0)

        self.passes += 1
        result = run(
            converge(self.request(progress=progress), self.cloud, self.generation, self.consent, note=note, fresh=fresh)
        )
        self.record = result.record
        return result

    def settle(self, limit: int = 20) -> Result:
        """Passes until nothing is pending, letting time go on between them."""
        result = self.once()
        for _ in range(limit):
            pending = result.of(State.CHANGING, State.WAITING, State.REMOVING)
            if not pending:
                return result
            self.cloud.now += max(1.0, result.check_after or 1.0)
            result = self.once(progress=True)
        raise AssertionError(f"still pending after {limit} passes: {result.nodes}")

    def edit(self, *nodes: Node) -> None:
        self.nodes = nodes
        self.generation += 1

    def restart(self) -> None:
        """The process is gone, and all that it only remembered."""
        self.memory = None
