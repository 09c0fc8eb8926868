"""Joins events, queue and handlers: what is seen becomes keys, keys become passes, results become writes and dates.

One pass in flight per object. What a handler returns is written in the order that loses nothing: the finalizer before
what needs it, status, and the finalizer's end last.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from typing import Any

from trunkline.api.names import CONFIRM, asked_check
from trunkline.engine.budget import Priority
from trunkline.engine.clock import Clock
from trunkline.engine.outcome import PassEndedError
from trunkline.handlers.port import Handler, Key, Note, NoteType, Reconciled, Snapshot, Source
from trunkline.runtime.cache import Cache, Seen, digest, unpack
from trunkline.runtime.config import FINALIZER, Observer
from trunkline.runtime.events import Emitter
from trunkline.runtime.inputs import PassInputs, Terms
from trunkline.runtime.kube import KubeError
from trunkline.runtime.links import ReverseMap, SourceName
from trunkline.runtime.objects import Objects
from trunkline.runtime.queue import Item, QueueClosedError, WorkQueue
from trunkline.runtime.status import ObjectGoneError, StatusRefusedError, Writer

FIRST_RESYNC = 600.0  # the period of an object that had no pass in this process yet
AGAIN = 1.0  # after a pass that was ended from outside
SOON = 5.0  # an appointment that came due a little early is not made again

logger = logging.getLogger(__name__)


class Controller:
    """See the module. Use it from one event loop."""

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        cache: Cache,
        queue: WorkQueue[Key],
        *,
        objects: Objects,
        emitter: Emitter,
        terms: Terms,
        clock: Clock,
        observer: Observer | None = None,
    ) -> None:
        self._handlers = handlers
        self._cache = cache
        self._queue = queue
        self._objects = objects
        self._emitter = emitter
        self._terms = terms
        self._clock = clock
        self._observer = observer
        self._writer = Writer(objects, cache, self.gone, lambda: terms.leads_for() > 0)
        self._sources: ReverseMap[SourceName] = ReverseMap()
        self._dependants: ReverseMap[Key] = ReverseMap()
        self._digests: dict[SourceName, bytes] = {}
        self._passed: dict[Key, str] = {}
        self._refused: dict[Key, str] = {}
        objects.seen = self.observe

    # What is seen

    def event(self, kind: str, type_: str | None, raw: Mapping[str, Any]) -> None:
        """An event of a watch; type None: it was listed."""
        key = Key(kind, raw["metadata"]["namespace"], raw["metadata"]["name"])
        if type_ == "DELETED":
            self.gone(key, raw["metadata"]["uid"], raw["metadata"].get("resourceVersion", ""))
        else:
            self.observe(key, raw)

    def observe(self, key: Key, raw: Mapping[str, Any]) -> None:
        """A body, wherever it comes from."""
        change = self._cache.observe(key, raw)
        if change.replaced:
            self._forget(key, change.replaced)
        if change.first:
            self._enqueue(key)
        elif change.wakes:
            self._queue.add(key)
        if change.published:
            self._wake_dependants(key)

    def gone(self, key: Key, uid: str, version: str = "") -> None:
        """The object does not exist any more. version: of its deletion, if the watch told it."""
        removed = self._cache.remove(key, uid, version)
        if removed is not None:
            self._queue.forget(key)
            self._forget(key, uid)
            self._wake_dependants(key)

    def source_event(self, source: Source, type_: str | None, raw: Mapping[str, Any]) -> None:
        """A labelled ConfigMap or Secret. What was only listed, or changed but its label, is no reason for a pass."""
        metadata = raw["metadata"]
        name = (source, metadata["namespace"], metadata["name"])
        old = self._digests.get(name)
        if type_ == "DELETED":
            self._digests.pop(name, None)
        else:
            new = digest([raw.get("data"), raw.get("binaryData")])
            if old == new:
                return
            self._digests[name] = new
        for key in self._sources.on(name):
            self._queue.add(key)
        if type_ is None:
            return
        for key in self._cache:
            if key.namespace == metadata["namespace"] and key not in self._passed:
                self._queue.add(key)  # it may stand on it: nobody knows before its first pass

    def _enqueue(self, key: Key) -> None:
        """At once what has something to do; what is converged keeps its rhythm."""
        seen = self._cache.get(key)
        if seen is None:
            return
        if (cause := _standing(seen)) is Priority.CHANGE:
            self._queue.add(key)
        elif cause is Priority.PROGRESS:
            self._queue.add(key, cause, event=False)
        else:
            self._queue.add_after(key, self._until_drift(seen.uid, FIRST_RESYNC), Priority.DRIFT)

    def _wake_dependants(self, key: Key) -> None:
        for dependant in self._dependants.on(key):
            self._queue.add(dependant)

    def _forget(self, key: Key, uid: str) -> None:
        self._passed.pop(key, None)
        self._refused.pop(key, None)
        self._sources.put(key, ())
        self._dependants.put(key, ())
        self._writer.forget(key)
        self._emitter.forget(uid)
        self._handlers[key.kind].forget(key, uid)
        if self._observer is not None:
            self._observer.gone(key)

    # Passes

    async def work(self) -> None:
        """One worker: pass after pass, until the queue is closed."""
        while True:
            try:
                item = await self._queue.get()
            except QueueClosedError:
                return
            try:
                await self._pass(item)
            finally:
                self._queue.done(item.key)

    async def _pass(self, item: Item[Key]) -> None:
        seen = self._cache.get(item.key)
        if seen is None or (seen.deleting and FINALIZER not in seen.finalizers):
            return  # without our finalizer there is nothing of ours to clean up
        if self._terms.leads_for() <= self._terms.call and not self._terms.stopping():
            self._queue.add_after(item.key, AGAIN, item.cause)  # it could change nothing, and would only read
            return
        loop = asyncio.get_running_loop()
        started = loop.time()
        inputs = PassInputs(
            seen.snapshot(item.key),
            item.cause,
            cache=self._cache,
            objects=self._objects,
            writer=self._writer,
            terms=self._terms,
        )
        outcome = "Failed"
        try:
            outcome = await self._try(item, inputs)
        except (ObjectGoneError, PassEndedError) as error:
            outcome = "Ended"
            logger.info("%s: the pass ended: %s", item.key, error)
            self._queue.add_after(item.key, AGAIN, item.cause)  # a key that is gone comes to nothing
        except KubeError as error:
            delay = self._queue.failed(item)
            logger.warning("%s: the API server refused; again in %.1f s: %s", item.key, delay, error)
        except StatusRefusedError as error:
            await self._tell_refused(item.key, inputs.snapshot.uid, str(error))
            self._queue.failed(item)
        except Exception:
            delay = self._queue.failed(item)
            logger.exception("%s: the pass failed, which is a bug; again in %.1f s", item.key, delay)
        finally:
            if self._observer is not None:
                self._observer.passed(item.key, item.cause, loop.time() - started, outcome)

    async def _try(self, item: Item[Key], inputs: PassInputs) -> str:
        key, uid = item.key, inputs.snapshot.uid
        try:
            result = await self._handlers[key.kind].reconcile(inputs)
        finally:
            await inputs.settle()
        self._link(key, uid, result)
        if self._observer is not None and self._cache.get(key) is not None:
            self._observer.stated(key, result)
        try:
            await self._write(inputs, result)
        finally:
            for note in result.notes:
                await self._emit(key, uid, note)
        if inputs.trouble is not None:
            delay = self._queue.failed(item)
            logger.warning("%s: the API server refused; again in %.1f s: %s", key, delay, inputs.trouble)
            return "Failed"
        for other in result.informs:
            if self._cache.get(other) is not None:
                self._queue.add(other)
        self._queue.succeeded(key)
        self._schedule(item, uid, result, released=inputs.snapshot.deleting and result.finalizer is False)
        return "Done" if result.status is not None else "Ended"

    def _link(self, key: Key, uid: str, result: Reconciled) -> None:
        seen = self._cache.get(key)
        if seen is None or seen.uid != uid:
            return
        self._passed[key] = uid
        if result.status is not None:  # a pass that was ended has not seen all that it stands on
            self._sources.put(key, ((named.source, key.namespace, named.name) for named in result.watches))
            self._dependants.put(key, result.depends_on)

    async def _write(self, inputs: PassInputs, result: Reconciled) -> None:
        key, uid = inputs.snapshot.key, inputs.snapshot.uid
        if result.status is not None:
            if result.finalizer:
                await self._keep_finalizer(inputs)
            await self._writer.status(key, uid, _handled(inputs.snapshot, result.status))
            self._refused.pop(key, None)
        if result.finalizer is False:
            await self._writer.remove_finalizer(key, uid)

    async def _keep_finalizer(self, inputs: PassInputs) -> None:
        """There is something to clean up: also of what was only adopted, for which no call was made."""
        if not inputs.snapshot.deleting:
            await self._writer.add_finalizer(inputs.snapshot.key, inputs.snapshot.uid)

    async def _emit(self, key: Key, uid: str, note: Note) -> None:
        seen = self._cache.get(key)
        await self._emitter.emit(key, uid, seen.version if seen is not None and seen.uid == uid else "", note)

    async def _tell_refused(self, key: Key, uid: str, message: str) -> None:
        if self._refused.get(key) != message:
            self._refused[key] = message
            logger.error("%s", message)
            await self._emit(key, uid, Note(NoteType.WARNING, "StatusRefused", message))

    def _schedule(self, item: Item[Key], uid: str, result: Reconciled, *, released: bool) -> None:
        seen = self._cache.get(item.key)
        if seen is None or seen.uid != uid or released:
            return
        if result.check_after is not None:
            self._queue.add_after(item.key, result.check_after, Priority.PROGRESS)
        looked = item.cause is Priority.CHANGE and result.status is not None and result.check_after is None
        wait = next_check(item.cause, self._until_drift(uid, result.resync), result.resync, looked=looked)
        self._queue.add_after(item.key, wait, Priority.DRIFT)

    def _until_drift(self, uid: str, period: float) -> float:
        """Seconds to the next check: a phase of its own within the period, by the wall clock, so a restart keeps it."""
        phase = int.from_bytes(hashlib.sha256(uid.encode()).digest()[:8]) % max(1, int(period * 1000)) / 1000
        return period - (self._clock.wall() - phase) % period


def next_check(cause: Priority, turn: float, period: float, *, looked: bool) -> float:
    """Seconds to the next check for drift, at most one period after a look at everything. turn: seconds to the object's
    turn. looked: a change made the pass look at everything, and nothing is pending.

    What was just looked at is not looked at again only because its turn comes; its check after that one is in turn again.
    """
    if cause is Priority.DRIFT:
        return turn + period if turn < min(SOON, period / 2) else turn
    return period if looked and turn < period / 2 else turn


def _handled(snapshot: Snapshot, status: Mapping[str, Any]) -> Mapping[str, Any]:
    """With the check that was asked for, if one was: who waits for it sees that it was made."""
    asked = asked_check(snapshot.annotations)
    return {**status, "lastHandledReconcile": asked} if asked else status


def _asks(seen: Seen, status: Mapping[str, Any]) -> bool:
    """Whether somebody asked for a check or confirmed what waits, and no pass has seen it: nobody may have led then."""
    asked, confirmed = asked_check(seen.annotations), seen.annotations.get(CONFIRM)
    if asked and asked != status.get("lastHandledReconcile"):
        return True
    return bool(confirmed) and confirmed == (status.get("lastPlan") or {}).get("id")


def _standing(seen: Seen) -> Priority:
    """What an object that had no pass in this process wants, by what it says of itself."""
    status = unpack(seen.status)
    conditions = {item.get("type"): item.get("status") for item in status.get("conditions") or ()}
    if seen.deleting or status.get("observedGeneration") != seen.generation or _asks(seen, status):
        return Priority.CHANGE
    if seen.vanished is not None:  # its status may not say so yet, and may be of before
        return Priority.PROGRESS
    if conditions.get("Reconciling") == "False" and "Ready" in conditions:
        return Priority.DRIFT
    return Priority.PROGRESS
