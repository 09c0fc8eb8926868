"""The port between runtime and handlers: frozen inputs of one pass in, one result out.

The runtime implements `Inputs` and calls `Handler.reconcile`, one pass in flight per object. Values here are plain; no
Kubernetes client and no AWS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from trunkline.engine.budget import Priority
from trunkline.engine.vanished import Vanished


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """One object: kind ("ContactCenter"), namespace, name."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.namespace}/{self.name}"


class Source(StrEnum):
    CONFIG_MAP = "ConfigMap"
    SECRET = "Secret"  # noqa: S105  # the kind, not one


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """A key of a ConfigMap or Secret in the object's namespace."""

    source: Source
    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Content:
    """What stands there. value None: it does not, and `problem` says what is missing ("ConfigMap acme-flows not found").

    The value of a Secret is never part of a status, an event, a log line or an exception.
    """

    value: str | None = field(repr=False)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """A ConfigMap or Secret of the namespace that tells where something is. The values of a Secret are never shown."""

    source: Source
    name: str
    data: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The object as one pass sees it. status is what was last written (or read at the start of the process). created: when
    the API server took it, as it writes times; empty if it never did. vanished: what left the spec although nobody
    removed it, None if nothing did.
    """

    key: Key
    uid: str
    generation: int
    deleting: bool
    spec: Mapping[str, Any]
    annotations: Mapping[str, str] = field(default_factory=dict)
    status: Mapping[str, Any] = field(default_factory=dict)
    created: str = ""
    vanished: Vanished | None = None


class Inputs(Protocol):
    """One pass's inputs. `cause` is why it runs: a user's change or deletion, progress of something pending, drift."""

    snapshot: Snapshot
    cause: Priority

    async def content(self, named: Named) -> Content:
        """Reads a ConfigMap or Secret key; once per pass, the same answer for the rest of it."""
        ...

    def status_of(self, key: Key) -> Mapping[str, Any] | None:
        """The status of another object of the same namespace as last seen; None if there is no such object."""
        ...

    def neighbor(self, key: Key) -> Snapshot | None:
        """Another object of the same namespace as last seen; None if there is no such object."""
        ...

    def neighbors(self, kind: str) -> tuple[Snapshot, ...]:
        """All objects of a kind in the same namespace as last seen, by name."""
        ...

    async def guard(self) -> None:
        """Asked before each mutating call. Raises PassEndedError if we may not lead for longer than the call takes, the
        object is deleted or paused meanwhile, a newer spec is there (after the first seconds of a pass), or we stop.
        """
        ...

    async def refresh(self, *, claim: bool = False) -> Vanished | None:
        """Reads the object again from the API server. claim: with our finalizer on it, for something is about to be made;
        one request does both. Answers what left its spec although nobody removed it, if anything
        did. Raises PassEndedError if it is another one, newer, or deleted.
        """
        ...

    async def ensure_finalizer(self) -> None:
        """Puts our finalizer on the object. To be called before the first create. Raises PassEndedError."""
        ...

    async def publish(self, publication: Publication) -> str:
        """Writes it if it differs from what stands there. Answers why it was not written (it exists and is not ours, we
        may not); empty if it was. Raises PassEndedError as `guard` does.
        """
        ...

    async def withdraw(self, source: Source, name: str) -> None:
        """Deletes what was published under that name; what is gone or not ours is left alone. Raises PassEndedError."""
        ...

    async def release(self, source: Source, name: str) -> None:
        """Lets what was published under that name outlive the object. Raises PassEndedError as `guard` does."""
        ...

    async def report(self, status: Callable[[], Mapping[str, Any]]) -> None:
        """Writes status while the pass goes on, so that the record survives a crash: the status as it is then. May be
        skipped if one was just written, or the pass has just begun.
        """
        ...


class NoteType(StrEnum):
    NORMAL = "Normal"
    WARNING = "Warning"


@dataclass(frozen=True, slots=True)
class Note:
    """A Kubernetes Event: on transitions only. reason in CamelCase; message without secrets, at most 1,024 bytes."""

    type: NoteType
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a pass came to. The runtime writes status if it differs from what was last written, emits the notes, and
    calls again.

    check_after: seconds until something pending may have moved (cause PROGRESS); None if nothing is pending.
    resync: seconds of this object's drift period; its phase within is a hash of the uid. finalizer: whether there is
    something to clean up; False lets it go (also on a live object), None leaves it as it is: nobody knows. watches: what was read by name, so that a change
    of a labelled one requeues the object. depends_on: other objects whose status was asked for: a change of theirs
    requeues this one. informs: other objects that have to take up what this status says now: they are requeued.
    """

    status: Mapping[str, Any] | None
    notes: tuple[Note, ...] = ()
    check_after: float | None = None
    resync: float = 600.0
    finalizer: bool | None = True
    watches: frozenset[Named] = frozenset()
    depends_on: frozenset[Key] = frozenset()
    informs: frozenset[Key] = frozenset()


class Handler(Protocol):
    """One kind's handler. Errors that escape `reconcile` are bugs: logged, counted, tried again with backoff."""

    kind: str
    plural: str

    async def reconcile(self, inputs: Inputs) -> Reconciled: ...

    def overtake(self, key: Key) -> None:
        """A change of the object waits for the less urgent pass that is in flight: let that one end."""
        ...

    def forget(self, key: Key, uid: str) -> None:
        """The object is gone: what was remembered of it may go."""
        ...
