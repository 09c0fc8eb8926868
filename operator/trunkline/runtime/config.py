"""What the runtime is told at its start. Values only; flags and the environment are read in the command line."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from trunkline.engine.budget import Priority
from trunkline.engine.clock import SystemClock
from trunkline.handlers.port import Key, Reconciled, Source
from trunkline.runtime.health import Health
from trunkline.tenure.connection import LEAST_RESERVE
from trunkline.tenure.right import Tenure

GROUP = "trunkline.dev"
VERSION = "v1alpha1"
FIELD_MANAGER = "trunkline"
FINALIZER = f"{GROUP}/cleanup"
WATCH_LABEL = f"{GROUP}/watch"
WATCH_SELECTOR = f"{WATCH_LABEL}=Enabled"
ANNOTATION_PREFIX = f"{GROUP}/"
WAKING_ANNOTATIONS = tuple(f"{GROUP}/{name}" for name in ("reconcile", "confirm", "take-over", "abandon"))


def default_identity() -> str:
    """Who we are in the Lease: the host (in a pod its name), and a part that a restarted process does not share."""
    return f"{os.environ.get('HOSTNAME') or socket.gethostname()}_{uuid.uuid4()}"


class RuntimeFailedError(Exception):
    """The operator cannot start or go on; one sentence for whoever runs it. The process is to exit with code 1."""


@dataclass(frozen=True, slots=True)
class LeaseConfig:
    """The Lease by which one process leads. All times in seconds.

    duration: how long a lease lasts without renewal (a whole number, as the API has it): short, for so long nobody works
    after a leader was killed. retry: how often it is renewed; each request's timeout is below it. margin: so much before
    the lease ends we no longer lead. look: how often who does not lead looks at it.
    """

    namespace: str
    name: str = "trunkline"
    identity: str = field(default_factory=default_identity)
    duration: int = 16
    retry: float = 1.5
    margin: float = 2.0
    look: float = 1.0

    def __post_init__(self) -> None:
        if not self.retry * 2 + self.margin < self.duration:
            raise ValueError(
                f"a lease of {self.duration} s leaves no second try: its duration must be longer than twice the retry "
                f"period ({self.retry:g} s) and the margin ({self.margin:g} s)"
            )


class Observer(Protocol):
    """Told what passes do, for metrics."""

    def passed(self, key: Key, cause: Priority, seconds: float, outcome: str) -> None:
        """A pass ended: "Done", "Failed" or "Ended"."""
        ...

    def stated(self, key: Key, result: Reconciled) -> None:
        """What a pass found."""
        ...

    def gone(self, key: Key) -> None:
        """The object does not exist any more."""
        ...

    def queue(self, depth: Callable[[], tuple[int, int, float, float]]) -> None:
        """Who knows how many keys wait for a pass, how many are in one, for how many seconds the one has waited that
        waits longest, and for how many the pass has gone on that has for longest. Told once, at the start; asked in the
        loop.
        """
        ...

    def leadership(self, leads: Callable[[], bool]) -> None:
        """Who knows whether this process leads. Told once, at the start."""
        ...


def nothing() -> None:
    """The hook that does nothing."""


@dataclass(frozen=True, slots=True)
class RuntimeConfig:
    """See `operator.run`. All times in seconds.

    namespaces: none is the whole cluster. kubeconfig: None is in-cluster, else KUBECONFIG or ~/.kube/config. passes: at
    most so many at once, for each holds its object unpacked while it waits (measured: 1,000 of them 110 MiB, before what
    the handler makes of it); progress_passes, drift_passes: at most so many of these causes, so that a user's change
    finds room. watched: of which sources labelled objects are watched (needs the right to list and watch
    them). lease: None leads at once, for a process that is alone. health: told how we are, for the kubelet.
    tenure: where it is said until when we lead, for who sends changes elsewhere. call: how long one mutating call to AWS
    may take: it is not begun if the lease does not surely last so long. grace: how long passes may take to end at a stop. leading: called
    when leadership begins; stopping: called when no new call may start. worked: when the last call to AWS ended, of the
    loop's time.
    """

    namespaces: tuple[str, ...] = ()
    kubeconfig: Path | None = None
    context: str | None = None
    passes: int = 300
    progress_passes: int = 250
    drift_passes: int = 100
    watched: tuple[Source, ...] = (Source.CONFIG_MAP, Source.SECRET)
    lease: LeaseConfig | None = None
    health: Health = field(default_factory=lambda: Health(SystemClock()))
    tenure: Tenure = field(default_factory=Tenure)
    call: float = 11.0
    grace: float = 20.0
    request: float = 10.0
    list_request: float = 60.0
    report_interval: float = 1.0
    newer_spec_after: float = 5.0
    sentinel_interval: float = 300.0
    sentinel_tolerance: float = 60.0
    signals: bool = True
    leading: Callable[[], None] = nothing
    stopping: Callable[[], None] = nothing
    observer: Observer | None = None
    worked: Callable[[], float] = float

    def __post_init__(self) -> None:
        lease, needed = self.lease, max(self.call, LEAST_RESERVE)
        if lease is not None and not needed + lease.retry + lease.margin < lease.duration:
            raise ValueError(
                f"a lease of {lease.duration} s is too short to change anything in it: it must be longer than a call "
                f"({needed:g} s), the retry period ({lease.retry:g} s) and the margin ({lease.margin:g} s)"
            )
