"""The recorded life of an object: every document that a reader of the API server could have seen, chapter by chapter.

The objects are played by the whole column on virtual time (`tests/column`), so the statuses are those that the operator
writes, each one of them, also those that stand for a second only. Between them stand what a user does: an edit counts
from its first instant, when the status still speaks of the generation before.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.column.world import Object, World

API_VERSION = "trunkline.dev/v1alpha1"
UNWRITTEN: dict[str, Any] = {"observedGeneration": -1}  # what the CRD's default makes of a status that nobody wrote

Value = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """One document as it stood, and how many calls AWS had been asked by then."""

    chapter: str
    document: Value
    calls: int

    def condition(self, type_: str) -> Value:
        conditions = self.document["status"].get("conditions", ())
        return next((item for item in conditions if item["type"] == type_), {})


class Life(Object):
    """An object that keeps what it was at each instant."""

    moments: list[Moment]
    chapter: str
    world: World
    turned: dict[str, int]  # by chapter, how many calls AWS had been asked when it began

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in ("status", "generation", "deleting", "annotations") and "moments" in self.__dict__:
            self._keep()

    def begin(self, world: World, chapter: str) -> None:
        """The object is applied; from here on all is kept."""
        self.__dict__.update(moments=[], world=world, chapter=chapter, turned={chapter: 0})
        self._keep()

    def turn(self, chapter: str) -> None:
        """What follows is another story."""
        self.__dict__["chapter"] = chapter
        self.turned[chapter] = self.world.cloud.calls.number

    def annotate(self, name: str, value: str) -> None:
        self.annotations = {**self.annotations, name: value}

    @property
    def document(self) -> Value:
        """As the API server would show it."""
        metadata: Value = {
            "name": self.name,
            "namespace": self.namespace,
            "uid": self.uid,
            "generation": self.generation,
            "creationTimestamp": self.created,
        }
        if self.annotations:
            metadata["annotations"] = dict(self.annotations)
        if self.finalizer:
            metadata["finalizers"] = ["trunkline.dev/cleanup"]
        if self.deleting:
            metadata["deletionTimestamp"] = "2026-09-22T00:00:00Z"
        found = {"apiVersion": API_VERSION, "kind": self.kind, "metadata": metadata, "spec": self.spec}
        return copy.deepcopy({**found, "status": self.status or UNWRITTEN})

    def _keep(self) -> None:
        moment = Moment(self.chapter, self.document, self.world.cloud.calls.number)
        if not self.moments or self.moments[-1].document != moment.document:
            self.moments.append(moment)

    def chapters(self) -> Iterator[tuple[str, list[Moment]]]:
        """In order; a chapter ends where the next begins."""
        for name in dict.fromkeys(moment.chapter for moment in self.moments):
            yield name, [moment for moment in self.moments if moment.chapter == name]

    def last_change(self, moments: Iterable[Moment]) -> int:
        """The number of the last call within these moments' chapter that changed something in AWS; 0 if none did."""
        kept = list(moments)
        ends = dict(zip(self.turned, [*list(self.turned.values())[1:], self.world.cloud.calls.number], strict=True))
        end = ends[kept[0].chapter]
        numbers = [
            call.number
            for call in self.world.cloud.calls.since(kept[0].calls)
            if call.number <= end and call.mutating and call.effect
        ]
        return max(numbers, default=0)


def alive(given: Object) -> Life:
    """The same object, its life kept from `begin` on."""
    fields = {name: getattr(given, name) for name in given.__dataclass_fields__}
    return Life(**fields)
