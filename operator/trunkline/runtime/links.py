"""Who is to be called again when something else changes: ConfigMaps and Secrets by name, objects by key. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

from trunkline.handlers.port import Key, Source

T = TypeVar("T", bound=Hashable)
SourceName = tuple[Source, str, str]  # source, namespace, name


class ReverseMap(Generic[T]):
    """Each key stands on some things; each thing has those that stand on it."""

    def __init__(self) -> None:
        self._things: dict[Key, frozenset[T]] = {}
        self._keys: dict[T, set[Key]] = {}

    def put(self, key: Key, things: Iterable[T]) -> None:
        """All that the key stands on from now on."""
        new = frozenset(things)
        old = self._things.get(key, frozenset())
        for thing in old - new:
            keys = self._keys[thing]
            keys.discard(key)
            if not keys:
                del self._keys[thing]
        for thing in new - old:
            self._keys.setdefault(thing, set()).add(key)
        if new:
            self._things[key] = new
        else:
            self._things.pop(key, None)

    def on(self, thing: T) -> frozenset[Key]:
        """Who stands on it."""
        return frozenset(self._keys.get(thing, ()))
