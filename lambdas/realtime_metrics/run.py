"""One run: inside its minute, a snapshot every ten seconds. Waits through what it is given and never past the deadline.

A round that fails leaves the snapshot before it with its time, and the next round tries again. A defect does not end
the run either, for what can be kept fresh must be; it is raised when the minute is over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from realtime_metrics.claim import Claim
from realtime_metrics.collection import GONE, Collection
from shared.failure import DefectError, PartialBatchError
from shared.queue_load import samples
from shared.snapshot import Snapshot
from shared.typed import TYPE_CHECKING, NamedTuple, Protocol
from shared.unavailable import UNAVAILABLE, reason_of

if TYPE_CHECKING:
    from shared.deadline import Deadline
    from shared.invocation import Invocation

ROUNDS = 6
ROUND_SECONDS = 10.0
LEAST_SECONDS = 2.0  # a round that has less does not begin


class Stream(Protocol):
    """Where samples of the load go."""

    def put(self, records: Sequence[tuple[bytes, str]], deadline: Deadline) -> None:
        """Put records, data and partition key, failed ones again. Raises PartialBatchError, DefectError, or as Center."""


class Tally(NamedTuple):
    """What became of a run's rounds."""

    rounds: int = 0
    written: int = 0
    stood_by: int = 0
    failed: int = 0


class Run:
    """What runs have in common. One per environment of Lambda. instance: ARN."""

    def __init__(
        self,
        instance: str,
        claim: Claim,
        collection: Collection,
        stream: Stream | None,
        *,
        wall: Callable[[], float],
        wait: Callable[[float], object],
    ) -> None:
        self._instance = instance
        self._claim = claim
        self._collection = collection
        self._stream = stream
        self._wall = wall
        self._wait = wait
        self._defects: list[DefectError] = []
        self._refused = False  # in the round before; a queue that was just deleted is refused once

    def minute(self, invocation: Invocation) -> Tally:
        """All rounds that the deadline has room for, six at most. Raises the first defect once they are done."""
        deadline = invocation.deadline
        whole = deadline.remaining()
        rounds = max(1, min(ROUNDS, int((whole - LEAST_SECONDS) // ROUND_SECONDS) + 1))
        outcomes: list[str] = []
        for number in range(rounds):
            early = number * ROUND_SECONDS - (whole - deadline.remaining())
            if early > 0:
                self._wait(early)
            if deadline.remaining() < LEAST_SECONDS:
                break
            last = number == rounds - 1
            outcomes.append(self._round(deadline.within(ROUND_SECONDS - 0.5), invocation, last=last))
        defects = [*self._defects, *self._collection.defects]
        self._defects.clear()
        self._collection.defects.clear()
        if defects:
            raise defects[0]
        return Tally(len(outcomes), *(outcomes.count(name) for name in ("written", "stood-by", "failed")))

    def _round(self, deadline: Deadline, invocation: Invocation, *, last: bool) -> str:
        try:
            standing = self._claim.held(self._wall(), deadline)
            if standing is None:
                invocation.count("StoodBy")
                return "stood-by"
            taken = self._collection.take(standing.snapshot, deadline, invocation.count)
            if not self._claim.write(taken, standing, self._wall(), deadline, last=last):
                invocation.count("StoodBy")
                return "stood-by"
        except UNAVAILABLE as error:
            invocation.count(f"Round.{reason_of(error)}")
            return "failed"
        except DefectError as error:
            invocation.count("Round.defect")
            if self._refused or error.code not in GONE:
                self._defects.append(error)
            self._refused = True
            return "failed"
        self._refused = False
        invocation.count("Written")
        invocation.count("Queues", len(taken.load))
        self._publish(taken, deadline, invocation)
        return "written"

    def _publish(self, taken: Snapshot, deadline: Deadline, invocation: Invocation) -> None:
        """The load into the stream; routing does not wait for it, so its failure is counted and fails nothing."""
        if self._stream is None or not taken.load:
            return
        records = samples(self._instance, taken)
        try:
            self._stream.put(records, deadline)
            invocation.count("Streamed", len(records))
        except PartialBatchError as error:
            invocation.count(f"Stream.{error.reason}")
            invocation.count("StreamLost", len(error.leftovers))
        except UNAVAILABLE as error:
            invocation.count(f"Stream.{reason_of(error)}")
            invocation.count("StreamLost", len(records))
        except DefectError as error:
            self._defects.append(error)
