"""Leadership: how long nobody works after a leader was killed, and whether anybody ever wrote without the right to.

Real operators, real kube-apiserver, the offline AWS over HTTP, which notes when each write came and from whom. Each
process has its own ways to both, so one can be cut off alone. A write counts if it was sent after its sender's lease ran
out, or made a thing twice (`tests.leadership.ledger`).
"""

from __future__ import annotations

import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.e2e.world import Account, install_crds, until
from tests.leadership.field import DURATION, Candidate, Field

from benchmarks.figure import Figure
from trunkline_sandbox.cluster import ControlPlane, Supervised

KILLS = 5
DISTURBANCES = 200
FIELDS = 4  # at the same time, each with a Lease of its own
PLAIN_SECONDS = 30.0
PATIENCE = 90.0
SEED = 6


def takeover() -> Iterator[Figure]:
    """From SIGKILL, and from SIGTERM, to the standby's first call to AWS; the longest of some."""
    with _field(1) as fields:
        took = [_ended(fields[0], signal.SIGKILL) for _ in range(KILLS)]
        handed = [_ended(fields[0], signal.SIGTERM) for _ in range(KILLS)]
        for what, each in (("takeovers", took), ("hand-overs", handed)):
            _tell(f"{what}: " + ", ".join(f"{seconds:.1f} s" for seconds in each))
    yield Figure("leader.takeover_s", max(took), "s")
    yield Figure("leader.handover_s", max(handed), "s")


def _ended(field: Field, how: signal.Signals) -> float:
    leader = until("somebody writes", field.writer, patience=PATIENCE)
    next_ = field.standby(leader)
    time.sleep(random.uniform(0, 2))  # anywhere between two renewals
    killed = time.time()
    leader.signal(how)

    def first() -> list[float]:
        return [call["time"] for call in field.calls() if call["principal"].endswith(f"/{next_.host}")]

    until("the standby calls AWS", first, next_.words, patience=PATIENCE)
    return min(first()) - killed


def doubles() -> Iterator[Figure]:
    """Writes without the right, over disturbances at random instants. Takes some twenty minutes."""
    counts: Counter[str] = Counter()
    with _field(FIELDS) as fields:
        random_ = random.Random(SEED)
        threads = [
            threading.Thread(target=_disturb, args=(field, random.Random(random_.random()), counts), daemon=True)
            for field in fields
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = [double for field in fields for double in field.doubles()]
        writes = sum(len(field.writes()) for field in fields)
        _tell(f"{counts.total()} disturbances ({dict(counts)}), {writes} writes, {len(found)} of them double")
        for double in found[:20]:
            _tell(double)
    yield Figure("leader.disturbances", counts.total(), "")
    yield Figure("leader.double_writes", len(found), "")


def plain() -> Iterator[Figure]:
    """The same of two candidates with the elector of the `kubernetes` package, over six disturbances."""
    with _field(1, plain=True) as fields:
        field = fields[0]
        for name in ("cut off silently", "cut off by refusal", "frozen") * 2:
            leader = until("somebody writes", field.writer, lambda: field.candidates[0].words()[-2000:], PATIENCE)
            getattr(leader.kube, {"cut off silently": "silence", "cut off by refusal": "refuse"}.get(name, "heal"))()
            if name == "frozen":
                leader.signal(signal.SIGSTOP)
            time.sleep(PLAIN_SECONDS)
            leader.signal(signal.SIGCONT)
            leader.kube.heal()
            time.sleep(2.0)
            _tell(f"{name}: {len(field.doubles())} double writes so far")
            leader.signal(signal.SIGKILL)  # or it would never end
        yield Figure("leader.plain_double_writes", len(field.doubles()), "")


def _disturb(field: Field, random_: random.Random, counts: Counter[str]) -> None:
    """One after the other, each while somebody writes, until there are enough."""
    while counts.total() < DISTURBANCES:
        leader = until("somebody writes", field.writer, lambda: field.candidates[0].words()[-2000:], PATIENCE)
        time.sleep(random_.uniform(0, 3))
        name = random_.choice(list(ALL))
        counts[name] += 1
        ALL[name](_Instant(field, leader, random_))
        if counts.total() % 10 == 0:
            _tell(f"{counts.total()} of {DISTURBANCES} disturbances")


@dataclass(frozen=True, slots=True)
class _Instant:
    """While this leader writes."""

    field: Field
    leader: Candidate
    random: random.Random

    def kill(self) -> None:
        self.leader.signal(signal.SIGKILL)

    def term(self) -> None:
        self.leader.signal(signal.SIGTERM)

    def freeze(self) -> None:
        self.leader.signal(signal.SIGSTOP)
        time.sleep(
            self.random.choice([self.random.uniform(0.5, DURATION), self.random.uniform(DURATION - 3, DURATION + 8)])
        )
        self.leader.signal(signal.SIGCONT)

    def freeze_cut_off(self) -> None:
        """Wakes up without a way to learn that another one leads."""
        self.leader.kube.silence()
        self.freeze()
        time.sleep(self.random.uniform(0, 5))
        self.leader.kube.heal()

    def silent(self) -> None:
        self.leader.kube.silence()
        time.sleep(self.random.uniform(3, DURATION + 8))
        self.leader.kube.heal()

    def refused(self) -> None:
        self.leader.kube.refuse()
        time.sleep(self.random.uniform(3, DURATION + 8))
        self.leader.kube.heal()

    def half_open(self) -> None:
        self.leader.kube.half_open()

    def slow(self) -> None:
        self.leader.kube.delay = self.random.uniform(0.1, 2.5)
        time.sleep(self.random.uniform(3, DURATION))
        self.leader.kube.heal()

    def delete(self) -> None:
        self.field.delete_lease()

    def delete_from_one_cut_off(self) -> None:
        """It leads on for a while and cannot put it back; and a newcomer starts that never saw it."""
        self.leader.kube.silence()
        self.field.delete_lease()
        for candidate in self.field.candidates:
            if candidate is not self.leader:
                candidate.signal(signal.SIGKILL)
        time.sleep(self.random.uniform(DURATION, DURATION + 8))
        self.leader.kube.heal()

    def edit(self) -> None:
        standby = next(candidate for candidate in self.field.candidates if candidate is not self.leader)
        self.field.edit_lease(
            self.random.choice(
                [
                    {"holderIdentity": "nobody"},
                    {"holderIdentity": ""},
                    {"holderIdentity": standby.identity},
                    {"leaseDurationSeconds": 1},
                    {"renewTime": "1999-01-01T00:00:00.000000Z"},
                    {"holderIdentity": standby.identity, "leaseDurationSeconds": 1},
                ]
            )
        )


ALL: Mapping[str, Callable[[_Instant], None]] = {
    "killed": _Instant.kill,
    "told to stop": _Instant.term,
    "frozen": _Instant.freeze,
    "frozen and cut off": _Instant.freeze_cut_off,
    "cut off silently": _Instant.silent,
    "cut off by refusal": _Instant.refused,
    "half open": _Instant.half_open,
    "slow": _Instant.slow,
    "Lease deleted": _Instant.delete,
    "Lease deleted from one cut off": _Instant.delete_from_one_cut_off,
    "Lease edited": _Instant.edit,
}
"""Processes that are started again get a wall clock that is right, an hour fast or an hour slow, in turn."""


@contextmanager
def _field(number: int, *, plain: bool = False) -> Iterator[list[Field]]:
    with ExitStack() as stack:
        plane = stack.enter_context(ControlPlane.start())
        install_crds(plane)
        processes = stack.enter_context(Supervised("trunkline-leader-aws-"))
        aws = Account(processes)
        aws.sandbox.throttle(enabled=False)
        aws.sandbox.switch(instance_creation_seconds=0.0, connect_quotas={"Amazon Connect instance count": 100})
        yield [stack.enter_context(Field(plane, plane.create_namespace(), aws, plain=plain)) for _ in range(number)]


def _tell(text: str) -> None:
    print(f"  {text}", file=sys.stderr)
