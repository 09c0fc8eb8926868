"""What one object's passes remember between them: never needed for correctness, only to spare AWS calls.

Lost at a restart. Holds no observed state of AWS beyond the progress of the current generation.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trunkline.engine.outcome import Outcome, Refusal
from trunkline.engine.plan import Step
from trunkline.engine.resource import Json

YOUNG_SECONDS = 300.0  # API/eventual-consistency of Connect: usually seconds, sometimes minutes
FIRST_RETRY_SECONDS = 1.0
LONGEST_RETRY_SECONDS = 120.0
BLOCKED_RETRY_SECONDS = 300.0  # doubled up to an hour: a quota or a permission is mended by people
LONGEST_BLOCKED_SECONDS = 3600.0


_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Settled:
    """A node that was converged by an earlier pass of the same inputs: what references need, without asking again."""

    desired: Any
    id: str
    arn: str
    attributes: Mapping[str, str]


@dataclass(slots=True)
class Refused:
    """A refused call that is not repeated with the same parameters before `until` (seconds since the epoch)."""

    fingerprint: str
    refusal: Refusal
    until: float
    times: int = 1


@dataclass(slots=True)
class Memory:
    """Per object. settled: by node key. absent: nodes that are known not to exist yet. born: when a node was created.
    verified: nodes of which an exact read said what they are. approved: nodes whose steps a person has confirmed and that
    are still on their way. refused: by node key. started: when this process first saw the object; without a birth on record everything may be
    as young as that.
    """

    started: float
    settled: dict[str, Settled] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    born: dict[str, float] = field(default_factory=dict)
    verified: set[str] = field(default_factory=set)
    approved: set[str] = field(default_factory=set)
    refused: dict[str, Refused] = field(default_factory=dict)

    def forget_progress(self) -> None:
        """The inputs changed, or a full check is due: nothing counts as settled or known absent any more."""
        self.settled.clear()
        self.absent.clear()
        self.verified.clear()

    def rest(self) -> None:
        """Nothing is under way: the next pass looks at everything, so of what is settled only the id need be kept."""
        self.settled = {key: Settled(None, settled.id, "", _NOTHING) for key, settled in self.settled.items()}

    def pardon(self) -> None:
        """An input changed or a reconcile was asked for: every refused call may be tried again at once.

        What was confirmed was confirmed for other inputs.
        """
        self.refused.clear()
        self.approved.clear()

    def young(self, key: str, now: float) -> bool:
        """Whether AWS may not have caught up with this node yet."""
        return now < self.young_until(key)

    def young_until(self, key: str) -> float:
        """Until when AWS may not have caught up with this node, in seconds since the epoch; of a settled one it is over."""
        return self.born.get(key, self.started if key not in self.settled else -math.inf) + YOUNG_SECONDS

    def refuse(self, key: str, step: Step, refusal: Refusal, now: float) -> Refused:
        """Remembers a refused call; the time to its next try grows with each repetition."""
        fingerprint = _fingerprint(step)
        before = self.refused.get(key)
        times = before.times + 1 if before is not None and before.fingerprint == fingerprint else 1
        refused = Refused(fingerprint, refusal, now + _delay(refusal.outcome, times), times)
        self.refused[key] = refused
        return refused

    def still_refused(self, key: str, step: Step, now: float) -> Refused | None:
        """The refusal that stands for this very call, if its time is not over."""
        refused = self.refused.get(key)
        if refused is None or refused.until <= now or refused.fingerprint != _fingerprint(step):
            return None
        return refused


def _delay(outcome: Outcome, times: int) -> float:
    if outcome is Outcome.REJECTED:
        return math.inf
    if outcome is Outcome.BLOCKED:
        return min(LONGEST_BLOCKED_SECONDS, BLOCKED_RETRY_SECONDS * 2.0 ** (times - 1))
    return min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2.0 ** min(times - 1, 10))


def _fingerprint(step: Step) -> str:
    text = json.dumps([step.service, step.operation, str(Json(step.params))], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
