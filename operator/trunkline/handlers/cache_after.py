"""What follows a pass through the engine: how the cache is, filling it, telling others, and one status of it all.

Also on its own, between such passes: `again` looks and fills by what the last one found, and reads nothing else of AWS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from trunkline.api.cache import CacheLayer, CacheLayerSpec
from trunkline.api.center import ContactCenter
from trunkline.blueprints.cache import HANDLE, SECRET, cache_key
from trunkline.blueprints.roles import PublishedCache
from trunkline.drivers.replication_group_state import NO_WINDOW
from trunkline.engine.driver import Caller
from trunkline.engine.resource import Ref
from trunkline.engine.result import NodeResult, State
from trunkline.handlers import cache_warm as warming
from trunkline.handlers.cache_address import MADE_AT, address, watched
from trunkline.handlers.cache_health import PROBE_SECONDS as LOOK_SECONDS
from trunkline.handlers.cache_health import Subject, due, examine, recalled
from trunkline.handlers.cache_memory import CacheMemory
from trunkline.handlers.cache_publication import Outcome, digest, publications, publish
from trunkline.handlers.cache_report import Report, own_conditions, own_status, transitions
from trunkline.handlers.cache_token import Rotation, TokenRead
from trunkline.handlers.environment import Environment
from trunkline.handlers.health import Figures, Gauges, Probe, Target
from trunkline.handlers.passes import Passed, errand
from trunkline.handlers.port import Inputs, Key, Publication, Reconciled, Source
from trunkline.handlers.publishing import Endpoint, published_cache
from trunkline.handlers.statement import stated

SOON_SECONDS = 0.5
_STANDING = frozenset({State.READY, State.DIFFERS, State.HELD})
FILLING = NodeResult(
    f"warm/{HANDLE}",
    "warm",
    HANDLE,
    State.CHANGING,
    "Filling",
    "spec.warm: the cache is filled before functions are switched to it",
)
SHOWN_SECONDS = 10.0  # between two writes of how far filling came; so much is filled twice after a crash


@dataclass(frozen=True, slots=True)
class _Now:
    """One look: all that its parts need."""

    inputs: Inputs
    layer: CacheLayer
    token: TokenRead
    memory: CacheMemory
    passed: Passed
    caller: Caller
    at: float

    @property
    def spec(self) -> CacheLayerSpec:
        return self.layer.spec

    @property
    def status(self) -> Mapping[str, Any]:
        return self.inputs.snapshot.status


class Afterwards:
    """See the module."""

    def __init__(self, world: Environment, probe: Probe, gauges: Gauges) -> None:
        self._world = world
        self._probe = probe
        self._gauges = gauges

    async def first(
        self, inputs: Inputs, layer: CacheLayer, token: TokenRead, memory: CacheMemory, passed: Passed
    ) -> Reconciled:
        """After a pass through the engine. Raises PassEndedError."""
        memory.told.clear()  # somebody may have changed what stands there
        memory.watches = token.watches
        result = await self._conclude(self._now(inputs, layer, token, memory, passed), passed.check_after)
        done = replace(passed.result, done=(), released=(), removed=(), ended=False)
        memory.passed = replace(passed, result=done, drift=False)
        return result

    async def again(self, inputs: Inputs, layer: CacheLayer, token: TokenRead, memory: CacheMemory) -> Reconciled:
        """Without one. Raises PassEndedError."""
        passed = memory.passed
        if passed is None:
            raise ValueError("there was no pass to go by")
        passed = replace(passed, now=self._world.clock.wall(), finalizer=None)
        return await self._conclude(self._now(inputs, layer, token, memory, passed), None)

    def token_is_told(self, spec: CacheLayerSpec, token: TokenRead, memory: CacheMemory) -> bool:
        """Whether who reads the token in the namespace has been told of this one, or nobody does."""
        name = spec.publish.secret_name if spec.publish is not None else None
        if name is None or token.value is None:
            return True
        item = Publication(Source.SECRET, name, {"token": token.value})
        return memory.told.get((Source.SECRET, name)) == digest(item)

    def _now(self, inputs: Inputs, layer: CacheLayer, token: TokenRead, memory: CacheMemory, passed: Passed) -> _Now:
        this = passed.this
        caller = self._world.gate.caller(this.access, this.place, errand(inputs))
        return _Now(inputs, layer, token, memory, passed, caller, self._world.clock.wall())

    async def _conclude(self, now: _Now, check_after: float | None) -> Reconciled:
        memory, spec = now.memory, now.spec
        endpoint = address(spec, now.passed.result.known, now.status)
        if endpoint is not None:
            await self._look(now, endpoint)
        offered = _offered(now, endpoint)
        open_, depends_on = await self._fill(now, endpoint, offered)
        published = offered if open_ else _meanwhile(published_cache(now.status), offered if _ready(now) else None)
        outcome = Outcome(())
        if not spec.paused:
            outcome = await publish(now.inputs, spec.publish, self._items(now, endpoint, published), memory.told)
        self._want_engine(now)
        memory.depends_on = depends_on
        waits = () if open_ or offered is None or not _ready(now) else (FILLING,)
        report = Report(endpoint, published, memory.look.health, self._shown(now), outcome.written)
        return self._said(now, report, (*outcome.troubles, *waits), check_after)

    def _said(self, now: _Now, report: Report, extra: tuple[NodeResult, ...], check_after: float | None) -> Reconciled:
        memory, passed = now.memory, now.passed
        known = passed.this.known
        result = replace(passed.result, nodes=(*passed.result.nodes, *extra))
        told = own_conditions(report, memory.pace, wanted=now.spec.warm is not None)
        statement = replace(
            replace(passed, result=result).statement(own_status(report)),
            snapshot=now.inputs.snapshot,
            told=told,
            now=now.at,
        )
        status, notes = stated(statement)
        known.states = {node.key: node.state for node in result.nodes}
        health = memory.look.health
        self._gauges.show(
            now.inputs.snapshot.key,
            health.exact if health is not None else Figures(),
            healthy=health.healthy if health is not None else None,
        )
        return Reconciled(
            status=status,
            notes=(*notes, *transitions(now.status, told)),
            check_after=self._next(now, extra, check_after),
            resync=passed.resync,
            finalizer=True if report.written else passed.finalizer,
            watches=memory.watches,
            depends_on=memory.depends_on,
        )

    def _next(self, now: _Now, extra: tuple[NodeResult, ...], check_after: float | None) -> float:
        memory = now.memory
        looked = memory.look.asked_at or now.at  # what has no address yet is not looked at
        waits = [max(1.0, looked + LOOK_SECONDS - now.at)]
        waits += [node.check_after for node in extra if node.check_after is not None]
        if check_after is not None:
            waits.append(check_after)
        if memory.warmed is not None and not memory.warmed.over and not now.spec.paused:
            waits.append(max(0.1, memory.pace.next_page - now.at))
        if memory.engine_wanted:
            waits.append(SOON_SECONDS)
        return min(waits)

    # How it is

    async def _look(self, now: _Now, endpoint: Endpoint) -> None:
        look = now.memory.look
        if look.health is None:
            look.health = recalled(now.status)
        if not due(look, now.at):
            return
        spec, users = now.spec, now.spec.auth is not None and now.spec.auth.users is not None
        target = None if users else Target(endpoint, password=now.token.value or "")
        why_not = "its users' password is in AWS alone, so it is not asked itself" if users else ""
        settling = now.token.fingerprint is not None and not _takes_token(now)
        subject = Subject(target, why_not, watched(spec, now.layer.aws_name, now.passed.result.known), settling)
        await examine(subject, look, self._probe, now.caller, now.at)

    # Filling

    async def _fill(
        self, now: _Now, endpoint: Endpoint | None, offered: PublishedCache | None
    ) -> tuple[bool, frozenset[Key]]:
        """Whether functions may be given what is offered, and what that depends on."""
        warm, memory = now.spec.warm, now.memory
        if warm is None:
            memory.warmed = None
            return offered is not None and _ready(now), frozenset()
        center = Key(ContactCenter.kind, now.inputs.snapshot.key.namespace, warm.source.center_ref.name)
        depends_on = frozenset({center})
        if endpoint is None or offered is None or not _ready(now) or now.spec.paused:
            return False, depends_on
        before = published_cache(now.status)
        known = memory.warmed or warming.Warmed.read(now.status)
        made_at = now.passed.result.known.get(Ref(cache_key(now.spec) or "", MADE_AT), "")
        memory.warmed = warming.begun(endpoint, known, now.at, made_at)
        if memory.warmed is not known:
            memory.pace = warming.Pace()  # the patience with this one begins now
        account = now.passed.this.place.account
        warmer = warming.warmer_of(warm, now.inputs.status_of(center), account, now.spec.region)
        filling = warming.Filling(warm, warmer, endpoint, offered.secret_arn)
        memory.warmed = await warming.advance(filling, memory.warmed, memory.pace, now.caller, now.at)
        in_use = before is not None and before.url == offered.url
        return memory.warmed.over or in_use, depends_on

    def _shown(self, now: _Now) -> warming.Warmed | None:
        """How far filling came, as status says it: not every page is worth a write."""
        memory = now.memory
        stands = warming.Warmed.read(now.status)
        latest = memory.warmed
        if latest is None or latest == stands:
            return latest
        moved = stands is None or stands.endpoint != latest.endpoint or stands.state is not latest.state
        if not moved and stands is not None and now.at - memory.shown_at < SHOWN_SECONDS:
            return stands
        memory.shown_at = now.at
        return latest

    # Telling others

    def _items(self, now: _Now, endpoint: Endpoint | None, published: PublishedCache | None) -> tuple[Publication, ...]:
        same = endpoint is not None and published is not None and endpoint.url == published.url
        token = now.token.value if _takes_token(now) else None
        return publications(now.spec.publish, endpoint if same else None, token)

    def _want_engine(self, now: _Now) -> None:
        """A rotation waits for the Secret of the namespace, and the next token for this one's end: they can go on now."""
        rotation = Rotation.of(now.passed.this.known.record)
        told_before = now.passed.this.meaning.others[1]
        if rotation.under_way and not told_before and self.token_is_told(now.spec, now.token, now.memory):
            now.memory.engine_wanted = True
        if now.passed.this.meaning.others[2] != rotation.words or (now.token.superseded and not rotation.under_way):
            now.memory.engine_wanted = True


def _ready(now: _Now) -> bool:
    """The cache and its secret stand. What waits for a person, or for the maintenance window, is no reason not to use it."""
    cache = cache_key(now.spec)
    keys = {cache, f"{SECRET}/{HANDLE}"}
    waits = now.passed.result.known.get(Ref(cache or "", "window"), NO_WINDOW) != NO_WINDOW
    return all(
        node.state in _STANDING or (node.key == cache and waits and node.state is State.CHANGING)
        for node in now.passed.result.nodes
        if node.key in keys
    )


def _offered(now: _Now, endpoint: Endpoint | None) -> PublishedCache | None:
    if endpoint is None:
        return None
    spec, known = now.spec, now.passed.result.known
    if spec.publish is not None and spec.publish.aws_secret_name is not None:
        arn = known.get(Ref(f"{SECRET}/{HANDLE}", "arn")) or now.status.get("secretArn")
        kms = spec.encryption.kms_key_arn if spec.encryption is not None else None
        return PublishedCache(endpoint.url, arn, kms) if arn else None
    users = spec.auth.users if spec.auth is not None else None
    return PublishedCache(endpoint.url, users.secret_arn if users is not None else None)


def _meanwhile(before: PublishedCache | None, offered: PublishedCache | None) -> PublishedCache | None:
    """Until functions are switched: the address that they have, if any; of a new cache its secret, which filling needs."""
    if offered is None or (before is not None and before.url):
        return before
    return replace(offered, url=None) if offered.secret_arn else None


def _takes_token(now: _Now) -> bool:
    """Whether the cache takes the token that is to be told; what others run has to."""
    if now.token.fingerprint is None:
        return False
    if now.spec.nodes is None:
        return True
    rotation = Rotation.of(now.passed.this.known.record)
    return rotation.taken and rotation.token == now.token.fingerprint
