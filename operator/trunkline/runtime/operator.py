"""Puts the runtime together: `run` starts it, leads, and ends it in the order that loses nothing.

Warm standby: everything is listed and watched from the start; passes begin when we lead and have read what changed at
last, so that they see the records that the last leader wrote. At the end no pass starts any more, the gate's guard refuses, calls in flight
end and are recorded, the Lease is released, the watch ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random, SystemRandom
from typing import Any

from trunkline.api.counted import counted
from trunkline.engine.budget import Priority
from trunkline.engine.clock import Clock, SystemClock
from trunkline.handlers.port import Handler, Key
from trunkline.runtime.cache import Cache
from trunkline.runtime.config import RuntimeConfig, RuntimeFailedError, default_identity
from trunkline.runtime.controller import Controller
from trunkline.runtime.events import Emitter
from trunkline.runtime.informer import Informer
from trunkline.runtime.inputs import Terms
from trunkline.runtime.kube import ApiServer, Credentials, KubeError, patiently
from trunkline.runtime.lease import Elector
from trunkline.runtime.listing import Listing
from trunkline.runtime.objects import Objects
from trunkline.runtime.queue import WorkQueue, backoff
from trunkline.runtime.sentinel import Progress, Sentinel
from trunkline.runtime.stopping import StoppedError, signals, unless

KUBE_THREADS = 8
LEASE_THREADS = 4  # a request may hang on for longer than it is waited for
NEGLECTED_SECONDS = 60.0
LOST_SECONDS = 2.0
CANCELLED_SECONDS = 2.0  # for what was cancelled
STILL_SECONDS = 1800.0  # a large center's pass takes minutes, but it makes calls
NAMED_SECONDS = 600.0  # between two looks at passes that have gone on for as long as that

logger = logging.getLogger(__name__)


async def run(
    config: RuntimeConfig,
    handlers: Sequence[Handler],
    *,
    stop: asyncio.Event | None = None,
    clock: Clock | None = None,
) -> None:
    """Run until SIGTERM, SIGINT or `stop`. Raises RuntimeFailedError if it cannot start or go on: exit with code 1."""
    stop = stop or asyncio.Event()
    with signals(stop) if config.signals else contextlib.nullcontext():
        credentials = Credentials(config.kubeconfig, config.context)
        credentials.in_its_own_name()
        kube = ApiServer(credentials, threads=KUBE_THREADS, timeout=config.request, tenure=config.tenure)
        lease_kube = ApiServer(credentials, threads=LEASE_THREADS, timeout=config.request, name="lease")
        try:
            await _Operator(config, handlers, _Edges(credentials, kube, lease_kube, clock or SystemClock()), stop).run()
        finally:
            kube.close()
            lease_kube.close()


@dataclass(frozen=True, slots=True)
class _Edges:
    """The world outside. lease: threads of its own, so that nothing else delays a renewal."""

    credentials: Credentials
    kube: ApiServer
    lease: ApiServer
    clock: Clock


class _Operator:
    """One run."""

    def __init__(
        self,
        config: RuntimeConfig,
        handlers: Sequence[Handler],
        edges: _Edges,
        stop: asyncio.Event,
    ) -> None:
        random: Random = SystemRandom()
        by_kind: Mapping[str, Handler] = {handler.kind: handler for handler in handlers}
        kinds = {handler.kind: handler.plural for handler in handlers}
        self._config = config
        self._stop = stop
        self._random = random
        self._stopping = False
        self._listed = asyncio.Event()
        self._objects = Objects(edges.kube, kinds, config.namespaces, list_seconds=config.list_request)
        self._cache = Cache()
        self._queue: WorkQueue[Key] = WorkQueue(
            random,
            {Priority.PROGRESS: config.progress_passes, Priority.DRIFT: config.drift_passes},
            overtake=lambda key: by_kind[key.kind].overtake(key),
        )
        self._elector = (
            Elector(edges.lease, config.lease, edges.clock, random, config.tenure) if config.lease is not None else None
        )
        identity = config.lease.identity if config.lease is not None else default_identity()
        terms = Terms(
            leads_for=config.tenure.left,
            stopping=lambda: self._stopping,
            call=config.call,
            newer_spec_after=config.newer_spec_after,
            report_interval=config.report_interval,
            crowded=edges.kube.crowded,
        )
        emitter = Emitter(self._objects, edges.clock, identity)
        self._controller = Controller(
            by_kind,
            self._cache,
            self._queue,
            objects=self._objects,
            emitter=emitter,
            terms=terms,
            clock=edges.clock,
            observer=config.observer,
        )
        self._listing = Listing(self._objects, self._cache, self._controller)
        if config.observer is not None:
            queue = self._queue
            config.observer.queue(lambda: (len(queue), queue.processing, queue.longest, queue.slowest))
            config.observer.leadership(lambda: self._listed.is_set() and config.tenure.left() > 0)
        self._progress = Progress()
        self._informer = Informer(
            edges.credentials,
            kinds,
            namespaces=config.namespaces,
            watched=config.watched,
            objects=self._event,
            sources=self._controller.source_event,
        )
        self._sentinel = Sentinel(
            self._objects,
            self._cache,
            progress=self._progress,
            watches=self._informer,
            gone=self._controller.gone,
            random=random,
            interval=config.sentinel_interval,
            tolerance=config.sentinel_tolerance,
        )

    async def run(self) -> None:
        self._tell_health()
        if not await self._served():
            return
        watch: asyncio.Future[Any] = self._informer.start()
        tasks: list[asyncio.Task[Any]] = [
            asyncio.create_task(self._stop.wait(), name="stop"),
            asyncio.create_task(self._work(), name="work"),
            asyncio.create_task(self._compare(), name="sentinel"),
            asyncio.create_task(self._name_lasting(), name="lasting"),
        ]
        if self._elector is not None:
            tasks.append(asyncio.create_task(self._elector.run(), name="lease"))
        try:
            done, _ = await asyncio.wait({watch, *tasks}, return_when=asyncio.FIRST_COMPLETED)
            failure = self._failure(done, watch)
        finally:
            await self._end(tasks, watch)
        if failure is not None:
            raise failure

    async def _served(self) -> bool:
        """Whether our kinds are there, or we are asked to stop before the API server is. Raises RuntimeFailedError."""
        try:
            await unless(self._stop, patiently(self._objects.check_served))
        except StoppedError:
            return False
        return True

    def _tell_health(self) -> None:
        health = self._config.health
        health.watch("watch", self._informer.trouble)
        health.watch("workers", self._workers_trouble)
        health.readiness(self._not_ready, self._leader)

    def _workers_trouble(self) -> str:
        if (neglected := self._queue.neglected(self._config.passes)) > NEGLECTED_SECONDS:
            return f"an object waits for a pass for {neglected:.0f} s, and no worker takes it"
        still = asyncio.get_running_loop().time() - max(self._queue.moved, self._config.worked())
        if self._queue.processing and still > STILL_SECONDS:
            under_way = counted(self._queue.processing, "pass is", "passes are")
            return f"{under_way} under way, and nothing came of it for {still:.0f} s"
        return ""

    def _not_ready(self) -> str:
        if self._stopping:
            return "stopping"
        if not self._listed.is_set():
            return "the objects are not listed yet"
        return "" if self._informer.watchers() >= self._informer.expected_watchers() else "not all watches are up"

    def _leader(self) -> str:
        if self._config.tenure.left():
            return "this process leads"
        return f"{self._elector.leader} leads" if self._elector is not None and self._elector.leader else ""

    def _event(self, kind: str, type_: str | None, raw: Mapping[str, Any]) -> None:
        if type_ is None:
            self._sentinel.listed()
        self._controller.event(kind, type_, raw)
        self._progress.saw(kind, str(raw["metadata"].get("resourceVersion") or ""))

    async def _compare(self) -> None:
        """Look after the watch once everything was listed. A task of its own: its end must not cancel passes."""
        await self._listed.wait()
        await self._sentinel.run()

    async def _name_lasting(self) -> None:
        """Say whose passes do not end: nothing else does before somebody misses one of the objects."""
        while True:
            await asyncio.sleep(NAMED_SECONDS)
            for key, seconds in self._queue.lasting(STILL_SECONDS).items():
                logger.warning("%s: its pass has gone on for %.0f s", key, seconds)

    async def _work(self) -> None:
        """Warm up, lead, then work until cancelled. Raises RuntimeFailedError."""
        await self._persist(self._listing.relist)
        logger.info("%d objects listed", len(self._cache))
        self._listed.set()
        if self._elector is not None:
            await self._elector.leading()
            await self._persist(self._listing.catch_up)
        self._config.leading()
        async with asyncio.TaskGroup() as group:
            for number in range(self._config.passes):
                group.create_task(self._controller.work(), name=f"worker {number}")
            self._queue.open()

    async def _persist(self, read: Callable[[], Awaitable[None]]) -> None:
        """No pass begins before all is read. The API server may be restarting: then again."""
        attempt = 0
        while True:
            try:
                await read()
            except KubeError as error:
                wait = backoff(attempt, self._random)
                logger.warning("the objects cannot be listed; again in %.1f s: %s", wait, error)
                await asyncio.sleep(wait)
                attempt = min(attempt + 1, 3)
            else:
                return

    def _failure(self, done: set[Any], watch: asyncio.Future[Any]) -> RuntimeFailedError | None:
        """Why the first of all to end has ended; None if we were asked to."""
        if self._stop.is_set():
            return None
        for task in done:
            error = task.exception()
            while isinstance(error, BaseExceptionGroup):
                error = error.exceptions[0]
            if isinstance(error, RuntimeFailedError):
                return error
            if error is not None:
                logger.error("the runtime failed", exc_info=error)
                return RuntimeFailedError(f"{'the watch' if task is watch else task.get_name()} failed: {error!r}")
            if task is watch:
                return RuntimeFailedError("the watch ended by itself")
        return RuntimeFailedError("leadership is lost: another process may lead now")

    async def _end(self, tasks: list[asyncio.Task[Any]], watch: asyncio.Future[Any]) -> None:
        logger.info("stopping; %d passes in flight", self._queue.processing)
        self._stopping = True
        self._config.stopping()
        self._queue.close()
        # Who leads no more can write nothing of what passes still find out: the next one is to start soon.
        grace = self._config.grace if self._config.tenure.left() else LOST_SECONDS
        try:
            async with asyncio.timeout(grace):
                await self._queue.idle()
        except TimeoutError:
            logger.warning("%d passes did not end in %g s", self._queue.processing, grace)
        for task in tasks:
            task.cancel()
        ended, lasting = await asyncio.wait(tasks, timeout=CANCELLED_SECONDS)
        for task in ended:
            if not task.cancelled():
                task.exception()  # told already, or of no use any more
        if lasting:  # the Lease must not be held for it
            logger.error("%s did not end when cancelled", ", ".join(sorted(task.get_name() for task in lasting)))
        if self._elector is not None:
            await self._elector.release()
        self._informer.stop()
        await asyncio.wait([watch], timeout=grace / 4)
