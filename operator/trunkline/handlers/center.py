"""The ContactCenter handler: frozen inputs to blueprint, blueprint through the engine, and a status value out.

No I/O of its own: AWS behind the gate's port, Kubernetes behind the runtime's. What is the same for every kind is in
`convergence.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from trunkline.api.center import ContactCenter, ContactCenterSpec
from trunkline.api.parse import ParsedCenter, parse_center
from trunkline.blueprints.center import Sources, build_blueprint, config_keys
from trunkline.blueprints.flows import Contents
from trunkline.blueprints.roles import ROLE_RULES, PublishedCache, RoleRules
from trunkline.drivers.registry import DRIVERS
from trunkline.engine.clock import Clock
from trunkline.engine.converge import Preview
from trunkline.engine.driver import INSTANCE_KEY, Driver
from trunkline.engine.gate import Gate, Place
from trunkline.engine.outcome import CallRefusedError, PassEndedError
from trunkline.engine.resource import Blueprint
from trunkline.handlers.convergence import Convergence
from trunkline.handlers.environment import Environment
from trunkline.handlers.farewell import Farewells
from trunkline.handlers.passes import Meaning, Pass
from trunkline.handlers.port import Inputs, Key, Named, Reconciled, Snapshot, Source
from trunkline.handlers.publishing import published_cache
from trunkline.handlers.remembered import Remembered
from trunkline.handlers.scaling_claims import Held, held, own_of_center
from trunkline.handlers.statement import instance_status, stated

CACHE_KIND = "CacheLayer"


class ContactCenterHandler:
    """See the module. One instance for all objects; passes of different objects interleave, of one object never."""

    kind = ContactCenter.kind
    plural = ContactCenter.plural

    def __init__(
        self,
        gate: Gate,
        clock: Clock,
        *,
        installation: str,
        builtins: Mapping[str, str],
        drivers: Mapping[str, Driver] = DRIVERS,
        roles: RoleRules = ROLE_RULES,
    ) -> None:
        world = Environment(gate, clock, installation, builtins, drivers)
        self.builtins = builtins
        self._roles = roles
        self._convergence = Convergence(world)
        self._farewells = Farewells(world)

    def overtake(self, key: Key) -> None:
        """As the port says."""
        self._convergence.overtake(key)

    def forget(self, key: Key, uid: str) -> None:
        """The object is gone."""
        self._convergence.forget(key, uid)

    async def reconcile(self, inputs: Inputs) -> Reconciled:
        """One pass. Whatever is wrong with the object becomes a condition; nothing in AWS is touched for it."""
        snapshot = inputs.snapshot
        known = self._convergence.remember(snapshot)
        if snapshot.deleting:
            return await self._farewells.dismantle(inputs, known)
        parsed = _parsed(snapshot)
        if parsed.center is None:
            return self._convergence.refused(snapshot, known, parsed.problems)
        try:
            owned = held(inputs, own_of_center(parsed.center.spec))
            return await self._converge(await self._pass(inputs, known, parsed, parsed.center, owned), owned)
        except CallRefusedError as error:
            return self._convergence.unreachable(inputs, known, error)
        except PassEndedError:
            return Reconciled(None, check_after=0.5, finalizer=None)

    async def plan(self, inputs: Inputs) -> tuple[Preview, Blueprint, ParsedCenter]:
        """What a pass would do, without a mutating call: `trunkline plan`. Raises CallRefusedError, ValueError."""
        known = self._convergence.remember(inputs.snapshot)
        parsed = _parsed(inputs.snapshot)
        if parsed.center is None:
            raise ValueError("\n".join(str(problem) for problem in parsed.problems))
        owned = held(inputs, own_of_center(parsed.center.spec))
        this = await self._pass(inputs, known, parsed, parsed.center, owned)
        return await self._convergence.preview(this), this.built.blueprint, parsed

    async def _pass(
        self, inputs: Inputs, known: Remembered, parsed: ParsedCenter, center: ContactCenter, owned: Held
    ) -> Pass:
        spec = center.spec
        named = [Named(Source.CONFIG_MAP, *pair) for pair in sorted(config_keys(spec))]
        read = await asyncio.gather(*(inputs.content(item) for item in named))
        contents = dict(zip(named, read, strict=True))
        shared, other = self._shared_instance(inputs, spec)
        cache, layer = _cache(inputs, spec)
        where = await self._convergence.locate(inputs, known, spec)
        place = where[1]
        sources = Sources(
            center=inputs.snapshot.key.name,
            contents={
                (item.name, item.key): Contents(content.value, content.problem) for item, content in contents.items()
            },
            builtins=self.builtins,
            shared_instance=shared,
            instance_writer=self._other_writer(inputs.snapshot.key, known, spec, place),
            cache=cache,
            claims=owned.claims,
            account=place.account,
            partition=place.partition,
            roles=self._roles,
        )
        meaning = Meaning(
            spec=spec,
            build=lambda: build_blueprint(parsed, spec, sources),
            problems=tuple(str(problem) for problem in parsed.problems),
            contents=contents,
            others=(shared, sources.instance_writer, None if cache is None else asdict(cache), owned.claims.words()),
            depends_on=other | layer,
        )
        return self._convergence.begin(inputs, known, meaning, where)

    def _other_writer(self, key: Key, known: Remembered, spec: ContactCenterSpec, place: Place) -> str | None:
        """Who else writes attributes, storage and origins of the instance that this object names, if somebody does."""
        fleet = self._convergence.fleet
        entry = known.record.entries.get(INSTANCE_KEY)
        instance = spec.instance
        id_ = instance.id or (entry.id if entry is not None else None)
        maker = instance.id is None
        writes = maker or instance.attributes is not None or instance.storage or instance.approved_origins is not None
        if id_ is None or instance.center_ref is not None or not writes:
            fleet.renounce(key)
            return None
        writer = fleet.writer(place.account, spec.region, id_, key, maker=maker)
        return None if writer == key else f"{writer.namespace}/{writer.name}"

    def _shared_instance(self, inputs: Inputs, spec: ContactCenterSpec) -> tuple[str | None, frozenset[Key]]:
        if spec.instance.center_ref is None:
            return None, frozenset()
        other = Key(self.kind, inputs.snapshot.key.namespace, spec.instance.center_ref.name)
        status = inputs.status_of(other) or {}
        return (status.get("instance") or {}).get("id"), frozenset({other})

    async def _converge(self, this: Pass, owned: Held) -> Reconciled:
        passed = await self._convergence.run(this)
        own: dict[str, Any] = {"instance": instance_status(this.known, passed.result.instance)}
        if owned.lines:
            own["claims"] = [dict(line) for line in owned.lines]
        status, told = stated(passed.statement(own))
        this.known.states = {node.key: node.state for node in passed.result.nodes}
        return Reconciled(
            status=status,
            notes=told,
            check_after=passed.check_after,
            resync=passed.resync,
            finalizer=passed.finalizer,
            watches=frozenset(this.meaning.contents),
            depends_on=this.meaning.depends_on,
        )


def _cache(inputs: Inputs, spec: ContactCenterSpec) -> tuple[PublishedCache | None, frozenset[Key]]:
    """What the CacheLayer that the center names publishes; a change of it makes another pass."""
    if spec.cache_ref is None:
        return None, frozenset()
    layer = Key(CACHE_KIND, inputs.snapshot.key.namespace, spec.cache_ref.name)
    return published_cache(inputs.status_of(layer)), frozenset({layer})


def _parsed(snapshot: Snapshot) -> ParsedCenter:
    metadata = {"name": snapshot.key.name, "namespace": snapshot.key.namespace}
    return parse_center({"metadata": metadata, "spec": snapshot.spec})
