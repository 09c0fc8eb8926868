"""The CacheLayer handler: the cache through the engine, then how it is, filling it, and telling others where it is.

No I/O of its own: AWS behind the gate's port, Kubernetes behind the runtime's, the cache behind the probe's. Between
passes through the engine it comes back to look and to fill, and reads nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from trunkline.api.cache import CacheLayer
from trunkline.api.cache_parse import parse_cache_layer
from trunkline.blueprints.cache import CacheSources, build_cache
from trunkline.drivers.registry import DRIVERS
from trunkline.engine.budget import Priority
from trunkline.engine.clock import Clock
from trunkline.engine.converge import Preview
from trunkline.engine.driver import Driver
from trunkline.engine.gate import Gate
from trunkline.engine.outcome import CallRefusedError, PassEndedError
from trunkline.engine.record import Origin
from trunkline.engine.resource import Blueprint, DeletionPolicy
from trunkline.handlers.cache_after import Afterwards
from trunkline.handlers.cache_memory import CacheMemory
from trunkline.handlers.cache_publication import release, withdraw
from trunkline.handlers.cache_token import Rotation, TokenRead, fingerprint, read_token
from trunkline.handlers.convergence import Convergence
from trunkline.handlers.environment import Environment
from trunkline.handlers.farewell import Farewells, deletion_policy
from trunkline.handlers.health import Gauges, NoGauges, NoProbe, Probe
from trunkline.handlers.passes import Meaning, Pass
from trunkline.handlers.port import Content, Inputs, Key, Named, Reconciled, Snapshot
from trunkline.handlers.remembered import Remembered
from trunkline.handlers.scaling_claims import Held, held, own_of_cache, silent, told_cache


class CacheLayerHandler:
    """See the module. One instance for all objects; passes of different objects interleave, of one object never.

    recognized: a token and its salt, by what the record recognizes it.
    """

    kind = CacheLayer.kind
    plural = CacheLayer.plural

    def __init__(
        self,
        gate: Gate,
        clock: Clock,
        *,
        installation: str,
        probe: Probe | None = None,
        gauges: Gauges | None = None,
        drivers: Mapping[str, Driver] = DRIVERS,
        recognized: Callable[[str, str], str] = fingerprint,
    ) -> None:
        world = Environment(gate, clock, installation, {}, drivers)
        self._convergence = Convergence(world)
        self._farewells = Farewells(world)
        self._gauges = gauges or NoGauges()
        self._recognized = recognized
        self._after = Afterwards(world, probe or NoProbe(), self._gauges)
        self._memories: dict[Key, CacheMemory] = {}

    def overtake(self, key: Key) -> None:
        """As the port says."""
        self._convergence.overtake(key)

    def forget(self, key: Key, uid: str) -> None:
        """The object is gone, and its series with it."""
        self._convergence.forget(key, uid)
        memory = self._memories.get(key)
        if memory is not None and memory.uid == uid:
            del self._memories[key]
            self._gauges.forget(key)

    async def reconcile(self, inputs: Inputs) -> Reconciled:
        """One pass. Whatever is wrong with the object becomes a condition; nothing in AWS is touched for it."""
        snapshot = inputs.snapshot
        known = self._convergence.remember(snapshot)
        if snapshot.deleting:
            return await self._dismantle(inputs, known)
        memory = self._memory(snapshot)
        layer, problems = _parsed(snapshot)
        if layer is None:
            self._gauges.forget(snapshot.key)  # nobody looks any more, and old figures would look like new ones
            return self._convergence.refused(snapshot, known, problems)
        owned = held(inputs, own_of_cache(layer))
        layer = told_cache(layer, owned.claims)
        try:
            token = await self._token(inputs, layer, known, memory)
            if token.problem:
                self._gauges.forget(snapshot.key)
                refused = self._convergence.refused(snapshot, known, [token.problem])
                return replace(refused, watches=token.watches)
            if self._only_looks(inputs, known, memory, token):
                return _with_claims(await self._after.again(inputs, layer, token, memory), owned)
            memory.owned = silent(owned.claims, layer.name)
            this = await self._pass(inputs, known, memory, layer, token)
            passed = await self._convergence.run(this)
            return _with_claims(await self._after.first(inputs, layer, token, memory, passed), owned)
        except CallRefusedError as error:
            self._gauges.forget(snapshot.key)
            unreachable = self._convergence.unreachable(inputs, known, error)
            return replace(unreachable, watches=memory.watches, depends_on=memory.depends_on)
        except PassEndedError:
            return Reconciled(None, check_after=0.5, finalizer=None)

    async def plan(self, inputs: Inputs) -> tuple[Preview, Blueprint, tuple[str, ...]]:
        """What a pass would do, without a mutating call: `trunkline plan`. Raises CallRefusedError, ValueError."""
        snapshot = inputs.snapshot
        known = self._convergence.remember(snapshot)
        memory = self._memory(snapshot)
        layer, problems = _parsed(snapshot)
        if layer is None:
            raise ValueError("\n".join(problems))
        token = await self._token(inputs, layer, known, memory)
        if token.problem:
            raise ValueError(token.problem)
        owned = held(inputs, own_of_cache(layer))
        layer = told_cache(layer, owned.claims)
        memory.owned = silent(owned.claims, layer.name)
        this = await self._pass(inputs, known, memory, layer, token)
        return await self._convergence.preview(this), this.built.blueprint, problems

    def _memory(self, snapshot: Snapshot) -> CacheMemory:
        memory = self._memories.get(snapshot.key)
        if memory is None or memory.uid != snapshot.uid:
            memory = self._memories[snapshot.key] = CacheMemory(snapshot.uid)
        return memory

    async def _token(self, inputs: Inputs, layer: CacheLayer, known: Remembered, memory: CacheMemory) -> TokenRead:
        owner = self._convergence.owner(inputs.snapshot.key)
        rotation = Rotation.of(known.record)
        return await read_token(inputs, layer.spec, memory, owner, rotation, recognized=self._recognized)

    def _only_looks(self, inputs: Inputs, known: Remembered, memory: CacheMemory, token: TokenRead) -> bool:
        """Nothing is on its way in AWS, and no input has changed: the pass is there to look and to fill."""
        passed = memory.passed
        return (
            passed is not None
            and inputs.cause is Priority.PROGRESS
            and not known.pending
            and not memory.engine_wanted
            and token.fingerprint == memory.engine_token
            and passed.this.snapshot.generation == inputs.snapshot.generation
        )

    async def _pass(
        self, inputs: Inputs, known: Remembered, memory: CacheMemory, layer: CacheLayer, token: TokenRead
    ) -> Pass:
        where = await self._convergence.locate(inputs, known, layer.spec)
        told = self._after.token_is_told(layer.spec, token, memory)
        memory.engine_wanted, memory.engine_token = False, token.fingerprint
        rotation = Rotation.of(known.record)
        created = frozenset(key for key, entry in known.record.entries.items() if entry.origin is Origin.CREATED)
        sources = CacheSources(inputs.snapshot.key.namespace, token.fingerprint, told, created, memory.owned)
        contents: dict[Named, Content] = dict(token.contents)
        meaning = Meaning(
            spec=layer.spec,
            build=lambda: build_cache(layer, sources),
            contents=contents,
            # The words too: a node that was at rest has to hear that a rotation went on.
            others=(token.fingerprint, told, rotation.words, sorted(created), _size(layer), sorted(memory.owned)),
            secrets={token.placeholder: token.value} if token.value is not None else {},
        )
        return self._convergence.begin(inputs, known, meaning, where)

    async def _dismantle(self, inputs: Inputs, known: Remembered) -> Reconciled:
        result = await self._farewells.dismantle(inputs, known)
        if result.finalizer is not False:
            return result
        try:
            if deletion_policy(inputs.snapshot.spec) is DeletionPolicy.DELETE:
                await withdraw(inputs)
            else:
                await release(inputs)
        except PassEndedError:
            return Reconciled(None, check_after=0.5, finalizer=None)
        return result


def _parsed(snapshot: Snapshot) -> tuple[CacheLayer | None, tuple[str, ...]]:
    metadata = {"name": snapshot.key.name, "namespace": snapshot.key.namespace}
    parsed = parse_cache_layer({"metadata": metadata, "spec": snapshot.spec})
    return parsed.layer, tuple(str(problem) for problem in parsed.problems)


def _with_claims(result: Reconciled, owned: Held) -> Reconciled:
    if result.status is None or not owned.lines:
        return result
    return replace(result, status={**result.status, "claims": [dict(line) for line in owned.lines]})


def _size(layer: CacheLayer) -> list[int]:
    """What policies may have told it."""
    nodes = layer.spec.nodes
    return [] if nodes is None else [nodes.shards, nodes.replicas_per_shard]
