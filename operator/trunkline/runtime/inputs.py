"""One pass's inputs: the handlers' port `Inputs`, over cache, writer and leadership.

Frozen: content is read once, and the snapshot does not change while the pass runs. What happens meanwhile is asked of
the cache by `guard`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.engine.budget import Priority
from trunkline.engine.outcome import PassEndedError
from trunkline.engine.vanished import Vanished
from trunkline.handlers.port import Content, Key, Named, Publication, Snapshot, Source
from trunkline.runtime.cache import Cache, unpack
from trunkline.runtime.config import FINALIZER
from trunkline.runtime.kube import KubeError
from trunkline.runtime.objects import Objects
from trunkline.runtime.status import ObjectGoneError, StatusRefusedError, Writer
from trunkline.runtime.vanished import vanished

REPORT_ANYHOW_SECONDS = 5.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which passes run. leads_for: seconds that we surely still lead. stopping: whether we are about to end.

    call: seconds of the longest mutating call. newer_spec_after: so long a pass may go on with a spec that is not the
    newest, or a stream of edits would starve it. report_interval: least seconds between two reports of a pass. crowded:
    whether requests to the API server wait for others.
    """

    leads_for: Callable[[], float]
    stopping: Callable[[], bool]
    call: float
    newer_spec_after: float
    report_interval: float
    crowded: Callable[[], bool]


class PassInputs:
    """See the module. `trouble`: what the API server refused, after which another pass is for the backoff to time."""

    def __init__(
        self, snapshot: Snapshot, cause: Priority, *, cache: Cache, objects: Objects, writer: Writer, terms: Terms
    ) -> None:
        self.snapshot = snapshot
        self.cause = cause
        self.trouble: KubeError | None = None
        self._cache = cache
        self._objects = objects
        self._writer = writer
        self._terms = terms
        self._started = asyncio.get_running_loop().time()
        self._paused = snapshot.spec.get("paused") is True
        self._contents: dict[Named, asyncio.Task[Content]] = {}
        self._report: Callable[[], Mapping[str, Any]] | None = None
        self._reporting: asyncio.Task[None] | None = None
        self._reported = self._started  # a report is due an interval later: most passes are over before
        self._appointed: asyncio.TimerHandle | None = None
        self._over = False

    async def content(self, named: Named) -> Content:
        """As the port says. Raises KubeError where the API server does not answer: the pass is tried again."""
        task = self._contents.get(named)
        if task is None:
            namespace = self.snapshot.key.namespace
            task = self._contents[named] = asyncio.ensure_future(self._objects.content(namespace, named))
        return await asyncio.shield(task)

    def status_of(self, key: Key) -> Mapping[str, Any] | None:
        """As the port says."""
        seen = self._cache.get(key) if key.namespace == self.snapshot.key.namespace else None
        return unpack(seen.status) if seen is not None else None

    def neighbor(self, key: Key) -> Snapshot | None:
        """As the port says."""
        seen = self._cache.get(key) if key.namespace == self.snapshot.key.namespace else None
        return seen.snapshot(key) if seen is not None else None

    def neighbors(self, kind: str) -> tuple[Snapshot, ...]:
        """As the port says."""
        keys = self._cache.of(kind, self.snapshot.key.namespace)
        return tuple(found for key in keys if (found := self.neighbor(key)) is not None)

    async def guard(self) -> None:
        """As the port says."""
        if self._terms.stopping():
            raise PassEndedError("the operator stops")
        if self._terms.leads_for() <= self._terms.call:
            raise PassEndedError("leadership may end before the call does")
        self._compare(patience=self._terms.newer_spec_after)

    async def refresh(self, *, claim: bool = False) -> Vanished | None:
        """As the port says. The answer to the claim is the object as it is: nothing else need be read."""
        before = self._cache.get(self.snapshot.key)
        if claim and before is not None and FINALIZER not in before.finalizers:
            await self.ensure_finalizer()
            after = self._cache.get(self.snapshot.key)
            if after is not None and after.version != before.version:
                self._compare(patience=0.0)
                return after.vanished
        try:
            raw = await self._objects.get(self.snapshot.key)
        except KubeError as error:
            if not error.absent:
                self.trouble = error
                raise PassEndedError(f"the object cannot be read: {error}") from error
            raise PassEndedError("the object is gone") from error
        self._compare(patience=0.0)
        return vanished(raw)

    async def ensure_finalizer(self) -> None:
        """As the port says."""
        snapshot = self.snapshot
        seen = self._cache.get(snapshot.key)
        if snapshot.deleting or (seen is not None and seen.uid == snapshot.uid and FINALIZER in seen.finalizers):
            return
        try:
            await self._writer.add_finalizer(snapshot.key, snapshot.uid)
        except ObjectGoneError as error:
            raise PassEndedError(str(error)) from error
        except KubeError as error:
            self.trouble = error
            raise PassEndedError(f"the finalizer cannot be put there: {error}") from error

    async def publish(self, publication: Publication) -> str:
        """As the port says. Raises KubeError where the API server does not answer: the pass is tried again."""
        await self.guard()
        return await self._objects.publications.publish(self.snapshot.key, self.snapshot.uid, publication)

    async def withdraw(self, source: Source, name: str) -> None:
        """As the port says. Raises KubeError."""
        await self.guard()
        await self._objects.publications.withdraw(self.snapshot.key, source, name)

    async def release(self, source: Source, name: str) -> None:
        """As the port says. Raises KubeError."""
        await self.guard()
        await self._objects.publications.release(self.snapshot.key, self.snapshot.uid, source, name)

    async def report(self, status: Callable[[], Mapping[str, Any]]) -> None:
        """As the port says: a little later, with what came until then. A pass that is over sooner writes its result, and
        while requests wait for others it is reported seldom, or reports would keep passes from their end.
        """
        if self._over:
            return  # the result says more, and may stand already
        self._report = status
        if self._appointed is None and (self._reporting is None or self._reporting.done()):
            self._appoint_report(self._reported)

    async def settle(self) -> None:
        """The pass is over: a report under way ends, one that waits is dropped, for the result is written now."""
        self._over = True
        if self._appointed is not None:
            self._appointed.cancel()
        if self._reporting is not None:
            await self._reporting
        for task in self._contents.values():
            task.cancel()

    def _appoint_report(self, last: float) -> None:
        loop = asyncio.get_running_loop()
        self._appointed = loop.call_at(max(last + self._terms.report_interval, loop.time()), self._begin_report)

    def _begin_report(self) -> None:
        self._appointed = None
        now = asyncio.get_running_loop().time()
        if self._terms.crowded() and now - self._reported < REPORT_ANYHOW_SECONDS:
            self._appoint_report(now)
        elif self._report is not None:
            status, self._report = self._report, None
            self._reporting = asyncio.ensure_future(self._write_report(status))

    async def _write_report(self, status: Callable[[], Mapping[str, Any]]) -> None:
        try:
            await self._writer.status(self.snapshot.key, self.snapshot.uid, status())
        except (ObjectGoneError, StatusRefusedError, PassEndedError, KubeError) as error:
            logger.warning("%s: the record could not be written under way: %s", self.snapshot.key, error)
        self._reported = asyncio.get_running_loop().time()
        if self._report is not None and not self._over:
            self._appoint_report(self._reported)

    def _compare(self, patience: float) -> None:
        snapshot = self.snapshot
        seen = self._cache.get(snapshot.key)
        if seen is None or seen.uid != snapshot.uid:
            raise PassEndedError("the object is gone")
        if seen.deleting and not snapshot.deleting:
            raise PassEndedError("the object is being deleted")
        if seen.paused and not self._paused and not snapshot.deleting:
            raise PassEndedError("the object is paused")
        age = asyncio.get_running_loop().time() - self._started
        if seen.generation != snapshot.generation and age >= patience:
            raise PassEndedError("there is a newer spec")
