"""Who held the Lease when, as a third party saw it, and which writes were made without the right to."""

from __future__ import annotations

import contextlib
import threading
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from trunkline_sandbox.cluster import ApiError, Cluster

LOOK_SECONDS = 0.2
SEEN_LATE = 1.0  # a renewal may be seen so much after it was made, on a machine that is busy


@dataclass(frozen=True, slots=True)
class Entry:
    """The Lease at a time, in seconds since the epoch. holder: the host of the process, "" for nobody."""

    at: float
    holder: str
    duration: float
    version: str


@dataclass(frozen=True, slots=True)
class Write:
    """A call that changed something. what: operation and digest of its parameters."""

    at: float
    sender: str
    what: str
    operation: str


class Ledger:
    """Looks at the Lease all the time, in a thread. A context manager."""

    def __init__(self, cluster: Cluster, path: str) -> None:
        self._cluster = cluster
        self._path = path
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._by_hand: set[str] = set()
        self._seen: list[Entry] = []

    @property
    def entries(self) -> list[Entry]:
        """What processes wrote; an edit that names somebody as holder makes nobody one."""
        return [entry for entry in list(self._seen) if entry.version not in self._by_hand]

    def edited(self, version: str) -> None:
        """This resourceVersion was written by hand."""
        self._by_hand.add(version)

    def __enter__(self) -> Ledger:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    @property
    def holder(self) -> str:
        """Who holds it now; empty also where the last holder's time is over."""
        entries = self.entries
        if not entries:
            return ""
        last = entries[-1]
        return last.holder if time.time() < last.at + last.duration else ""

    def _look(self) -> None:
        while not self._end.wait(LOOK_SECONDS):
            with contextlib.suppress(ApiError, OSError):
                self._note(self._cluster.api.request("GET", self._path))

    def _note(self, lease: Mapping[str, Any]) -> None:
        spec, version = lease.get("spec") or {}, lease["metadata"]["resourceVersion"]
        if self._seen and self._seen[-1].version == version:
            return
        holder = str(spec.get("holderIdentity") or "").partition("_")[0]
        self._seen.append(Entry(time.time(), holder, float(spec.get("leaseDurationSeconds") or 0), version))


def without_right(entries: Iterable[Entry], writes: Iterable[Write], senders: Iterable[str], lasts: float) -> list[str]:
    """The writes that were sent after their sender's lease had run out, each in one sentence.

    It runs out when it was not renewed for `lasts` seconds, or when another of the senders holds it; a name that
    somebody wrote into it by hand is nobody's.
    """
    known, seen = set(senders), sorted(entries, key=lambda entry: entry.at)
    found = []
    for write in writes:
        end = bisect_right(seen, write.at + SEEN_LATE, key=lambda entry: entry.at)
        mine = next((number for number in range(end - 1, -1, -1) if seen[number].holder == write.sender), None)
        if mine is None:
            found.append(f"{write.sender} never held it: {write.operation} at {write.at:.3f}")
            continue
        renewed = seen[mine].at
        others = [entry for entry in seen[mine + 1 : end] if entry.at <= write.at and entry.holder in known]
        if others:
            found.append(f"{others[0].holder} held it for {write.at - others[0].at:.3f} s: {write}")
        elif write.at > renewed + lasts:
            found.append(f"{write.sender} renewed {write.at - renewed:.3f} s before: {write}")
    return found


def made_twice(writes: Iterable[Write]) -> list[str]:
    """What was created twice: same operation, same parameters, both with effect. Names are never used again here."""
    counts = Counter(write.what for write in writes if write.operation.startswith("Create"))
    return [what for what, number in counts.items() if number > 1]
