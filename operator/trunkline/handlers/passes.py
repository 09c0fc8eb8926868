"""One pass as values: what an object wants, the pass and on whose behalf it calls, and what came of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trunkline.api.managed import ManagedSpec
from trunkline.engine.gate import Access, Errand, Place
from trunkline.engine.resource import Blueprint
from trunkline.engine.result import Result
from trunkline.handlers.port import Content, Inputs, Key, Named, Snapshot, Source
from trunkline.handlers.remembered import Built, Remembered
from trunkline.handlers.statement import Statement


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an object wants, as its kind's handler has read it.

    build: makes the blueprint; asked for only where an input has changed. problems: what is wrong, in words. contents:
    what was read by name. others: what else the blueprint is made from, as JSON has it; a change of it makes everything
    worth looking at. depends_on: objects of which the status was asked for. secrets: values that stand for Secrets in
    the place of what is read, by "<name>/<key>".
    """

    spec: ManagedSpec
    build: Callable[[], Blueprint]
    problems: tuple[str, ...] = ()
    contents: Mapping[Named, Content] = field(default_factory=dict)
    others: tuple[Any, ...] = ()
    depends_on: frozenset[Key] = frozenset()
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass of one object: everything that its steps need."""

    inputs: Inputs
    known: Remembered
    meaning: Meaning
    built: Built
    access: Access
    place: Place

    @property
    def snapshot(self) -> Snapshot:
        return self.inputs.snapshot

    @property
    def spec(self) -> ManagedSpec:
        return self.meaning.spec


@dataclass(frozen=True, slots=True)
class Passed:
    """What a pass came to. resync: seconds until the next check for drift. drift: it mended what was there before.

    finalizer: see `Reconciled`.
    """

    this: Pass
    result: Result
    resync: float
    drift: bool
    finalizer: bool | None
    now: float

    def statement(self, own: Mapping[str, Any]) -> Statement:
        """What a status is made from. own: what only this kind says."""
        meaning = self.this.meaning
        return Statement(
            snapshot=self.this.snapshot,
            known=self.this.known,
            result=self.result,
            problems=meaning.problems,
            paused=meaning.spec.paused,
            contents={
                named: digest(content)
                for named, content in meaning.contents.items()
                if named.source is Source.CONFIG_MAP
            },
            resync=self.resync,
            now=self.now,
            drift=self.drift,
            own=own,
        )

    @property
    def check_after(self) -> float | None:
        """Seconds until something pending may have moved."""
        return 0.5 if self.result.ended else self.result.check_after


def errand(inputs: Inputs, secrets: Mapping[str, str] | None = None) -> Errand:
    """On whose behalf a pass calls; Secrets that placeholders name are those that the pass reads, or as `secrets` says."""
    given = secrets or {}

    async def secret(name: str) -> str:
        """A Secret's key by "<name>/<key>". Raises KeyError if it is not there."""
        if name in given:
            return given[name]
        of, _, key = name.partition("/")
        content = await inputs.content(Named(Source.SECRET, of, key))
        if content.value is None:
            raise KeyError(name)
        return content.value

    return Errand(inputs.cause, str(inputs.snapshot.key), inputs.guard, secret, inputs.snapshot.generation)


def access_of(key: Key, spec: ManagedSpec) -> Access:
    """As whom this object reaches AWS."""
    credentials = spec.credentials
    return Access(
        spec.region,
        credentials.role_arn if credentials is not None else "",
        (credentials.external_id or "") if credentials is not None else "",
        f"{key.namespace}/{key.name}",
    )


def digest(content: Content) -> str:
    """SHA-256 of what was read by name, in hex; of a Secret for comparison in memory only."""
    return hashlib.sha256((content.value or "").encode()).hexdigest()
