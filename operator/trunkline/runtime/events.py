"""Kubernetes Events about an object. One that is refused (a namespace that ends) fails nothing.

Core v1 Events: `kubectl describe` and `kubectl events` show them. Handlers emit on transitions only, so nothing is
aggregated; an object that emits without end is cut off for a while.
https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
"""

from __future__ import annotations

import logging
import secrets
from datetime import UTC, datetime
from typing import Any

from trunkline.engine.clock import Clock
from trunkline.handlers.port import Key, Note
from trunkline.runtime.kube import KubeError
from trunkline.runtime.objects import API_VERSION, Objects

MESSAGE_BYTES = 1024
BURST = 50
REFILL_SECONDS = 30.0  # one more Event each

logger = logging.getLogger(__name__)


class Emitter:
    """instance: which process says it, for who reads the Event."""

    def __init__(self, objects: Objects, clock: Clock, instance: str) -> None:
        self._objects = objects
        self._clock = clock
        self._instance = instance[:128]
        self._spent: dict[str, tuple[float, float]] = {}

    def forget(self, uid: str) -> None:
        """The object is gone."""
        self._spent.pop(uid, None)

    async def emit(self, key: Key, uid: str, version: str, note: Note) -> None:
        """Raises nothing of the API server's."""
        if not self._may(uid):
            return
        try:
            await self._objects.post_event(key.namespace, self._event(key, uid, version, note))
        except KubeError as error:
            logger.info("%s: an Event was refused (%s): %s", key, note.reason, error)

    def _event(self, key: Key, uid: str, version: str, note: Note) -> dict[str, Any]:
        now = datetime.fromtimestamp(self._clock.wall(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": f"{key.name[:200]}.{secrets.token_hex(8)}", "namespace": key.namespace},
            "involvedObject": {
                "apiVersion": API_VERSION,
                "kind": key.kind,
                "namespace": key.namespace,
                "name": key.name,
                "uid": uid,
                "resourceVersion": version,
            },
            "type": note.type.value,
            "reason": note.reason[:128],
            "message": cut(note.message, MESSAGE_BYTES),
            "source": {"component": "trunkline"},
            "reportingComponent": "trunkline.dev/operator",
            "reportingInstance": self._instance,
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
        }

    def _may(self, uid: str) -> bool:
        now = self._clock.wall()
        spent, since = self._spent.get(uid, (0.0, now))
        spent = max(0.0, spent - max(0.0, now - since) / REFILL_SECONDS)
        if spent + 1 > BURST:
            return False
        self._spent[uid] = (spent + 1, now)
        return True


def cut(text: str, size: int) -> str:
    """At most so many bytes of UTF-8, with a mark where something is missing."""
    encoded = text.encode()
    if len(encoded) <= size:
        return text
    return encoded[: size - 3].decode(errors="ignore") + "…"
