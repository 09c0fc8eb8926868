"""Writes status and finalizer of one object: never to another one of the same name, never over an edit meanwhile.

Status goes by server-side apply with our own field manager, so that others' conditions stay. A write is tied to the
resourceVersion of a body whose uid was checked, for the API server ignores a uid in a body for /status; a conflict
reads the object again and repeats it. What is unchanged is not written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from trunkline.engine.outcome import PassEndedError
from trunkline.handlers.port import Key
from trunkline.runtime.cache import Cache, canonical
from trunkline.runtime.config import FINALIZER
from trunkline.runtime.kube import KubeError
from trunkline.runtime.objects import Objects

TRIES = 8
# The whole object must stay below etcd's 1.5 MiB; the answers beyond are in these words, with these codes.
_TOO_LARGE = ("request is too large", "ResourceExhausted", "Request entity too large")
_SCHEMA = ("field not declared in schema", "failed to create typed patch", "duplicate entries for key")


class ObjectGoneError(Exception):
    """The object does not exist any more, or another one has its name."""


class StatusRefusedError(Exception):
    """The API server will never take this status as it is."""


@dataclass(frozen=True, slots=True)
class _Written:
    """Of a status that the API server keeps in other words: it may add defaults. Marks."""

    uid: str
    sent: int
    stands: int


class Writer:
    """Writes to objects that are in the cache. gone: told of an object that turns out not to exist.

    leads: a process that leads no more must not write, for another one writes what is newer.
    """

    def __init__(
        self, objects: Objects, cache: Cache, gone: Callable[[Key, str], None], leads: Callable[[], bool]
    ) -> None:
        self._objects = objects
        self._cache = cache
        self._gone = gone
        self._leads = leads
        self._written: dict[Key, _Written] = {}
        self._locks: dict[Key, asyncio.Lock] = {}

    def forget(self, key: Key) -> None:
        """The object is gone."""
        self._written.pop(key, None)
        self._locks.pop(key, None)

    async def status(self, key: Key, uid: str, status: Mapping[str, Any]) -> bool:
        """Write a status unless it stands there. Returns whether a request was needed.

        Raises ObjectGoneError, StatusRefusedError, PassEndedError, KubeError.
        """
        async with self._locks.setdefault(key, asyncio.Lock()):
            sent = hash(canonical(status))
            if self._stands(key, uid, sent):
                return False

            async def apply(version: str) -> None:
                await self._objects.apply_status(key, version, status)

            await self._guarded(key, uid, apply, HTTPStatus.CONFLICT)
            self._written.pop(key, None)
            if (seen := self._cache.get(key)) is not None and seen.uid == uid and seen.status_mark != sent:
                self._written[key] = _Written(uid, sent, seen.status_mark)
            return True

    async def add_finalizer(self, key: Key, uid: str) -> None:
        """Put our finalizer there. Raises ObjectGoneError (also if it is being deleted: it is too late then), KubeError."""
        await self._finalizer(key, uid, wanted=True)

    async def remove_finalizer(self, key: Key, uid: str) -> None:
        """Take our finalizer away; gone is as good. Raises KubeError."""
        try:
            await self._finalizer(key, uid, wanted=False)
        except ObjectGoneError:
            return

    async def _finalizer(self, key: Key, uid: str, *, wanted: bool) -> None:
        async with self._locks.setdefault(key, asyncio.Lock()):

            async def patch(version: str) -> None:
                seen = self._cache.get(key)
                if seen is None or (FINALIZER in seen.finalizers) is wanted:
                    return
                if wanted and seen.deleting:
                    raise ObjectGoneError(f"{key} is being deleted")
                others = [name for name in seen.finalizers if name != FINALIZER]
                await self._objects.set_finalizers(key, version, [*others, FINALIZER] if wanted else others)

            await self._guarded(key, uid, patch, HTTPStatus.UNPROCESSABLE_ENTITY)

    async def _guarded(self, key: Key, uid: str, write: Callable[[str], Awaitable[None]], outdated: HTTPStatus) -> None:
        """Run a write that is tied to a resourceVersion; read the object again where that is not its version any more.

        outdated: how the API server says that.
        """
        for tried in range(TRIES):
            seen = self._cache.get(key)
            if seen is None or seen.uid != uid or tried:
                await self._read(key, uid)
                seen = self._cache.get(key)
            if seen is None or seen.uid != uid:
                raise ObjectGoneError(f"{key} is gone")
            if not self._leads():
                raise PassEndedError("another process may lead now")
            try:
                await write(seen.version)
            except KubeError as error:
                if error.status != outdated or tried + 1 == TRIES:
                    raise self._judged(key, uid, error) from error
            else:
                return

    async def _read(self, key: Key, uid: str) -> None:
        try:
            await self._objects.get(key)
        except KubeError as error:
            if not error.absent:
                raise
            self._gone(key, uid)
            raise ObjectGoneError(f"{key} is gone") from error

    def _judged(self, key: Key, uid: str, error: KubeError) -> Exception:
        """What an error that is not worth another try means."""
        if error.absent:
            self._gone(key, uid)
            return ObjectGoneError(f"{key} is gone")
        if error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or any(word in error.message for word in _TOO_LARGE):
            return StatusRefusedError(
                f"the status of {key} does not fit into the object, which may have 1.5 MiB in all: "
                "divide the object, or move flow content into ConfigMaps"
            )
        if error.status == HTTPStatus.UNPROCESSABLE_ENTITY or any(word in error.message for word in _SCHEMA):
            return StatusRefusedError(
                f"the CRD that is installed refuses this status of {key}: {error.message}; update the CRDs"
            )
        return error

    def _stands(self, key: Key, uid: str, sent: int) -> bool:
        seen = self._cache.get(key)
        if seen is None or seen.uid != uid:
            return False
        if seen.status_mark == sent:
            return True
        return self._written.get(key) == _Written(uid, sent, seen.status_mark)
