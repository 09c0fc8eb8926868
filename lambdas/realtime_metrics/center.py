"""One instance of Amazon Connect as the snapshot needs it: every page of every answer, in our words. Implements
`realtime_metrics.collection.Center` on `shared.connect_api`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from realtime_metrics.collection import LocalHours
from realtime_metrics.opening import Slot
from shared.connect_api import ConnectApi, QueueMetrics, instance_id_of
from shared.failure import UnavailableError
from shared.snapshot import Load, Queue
from shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.deadline import Deadline

MOST_PAGES = 100  # an index that always has another page must not hold the run
# Grouped by queue, the age is in seconds as its unit says; ungrouped it would be in milliseconds.
METRICS = {
    "CONTACTS_IN_QUEUE": "COUNT",
    "OLDEST_CONTACT_AGE": "SECONDS",
    "AGENTS_STAFFED": "COUNT",
    "AGENTS_AVAILABLE": "COUNT",
}


class ConnectCenter:
    """The instance with this ARN."""

    def __init__(self, connect: ConnectApi, instance: str) -> None:
        self._connect = connect
        self._id = instance_id_of(instance)

    def queues(self, deadline: Deadline, before_call: Callable[[], None]) -> Mapping[str, Queue]:
        """See Center."""
        found: dict[str, Queue] = {}
        token = ""
        for _ in range(MOST_PAGES):
            before_call()
            page = self._connect.search_queues(self._id, deadline, token=token)
            found.update({queue.id: Queue(queue.hours_id, queue.enabled) for queue in page.queues if queue.id})
            token = page.next
            if not token:
                return found
        raise UnavailableError("corrupt")

    def load(
        self, queue_ids: tuple[str, ...], deadline: Deadline, before_call: Callable[[], None]
    ) -> Mapping[str, Load]:
        """See Center."""
        found: dict[str, Load] = {}
        token = ""
        for _ in range(MOST_PAGES):
            before_call()
            page = self._connect.current_metric_data(self._id, queue_ids, METRICS, deadline, token=token)
            found.update(_loads(page.metrics, frozenset(queue_ids)))
            token = page.next
            if not token:
                return found
        raise UnavailableError("corrupt")

    def hours(self, hours_id: str, first: date, last: date, deadline: Deadline) -> LocalHours:
        """See Center."""
        found = self._connect.effective_hours(self._id, hours_id, first.isoformat(), last.isoformat(), deadline)
        try:
            slots = tuple(Slot(date.fromisoformat(slot.date), slot.start, slot.end) for slot in found.slots)
        except ValueError:
            raise UnavailableError("corrupt") from None
        return LocalHours(found.time_zone, slots)


def _loads(metrics: Iterable[QueueMetrics], asked: frozenset[str]) -> Mapping[str, Load]:
    """By queue; a queue without a value for a metric has none waiting, or nobody staffed."""
    return {
        found.queue_id: Load(*(max(0, round(found.values.get(name, 0))) for name in METRICS))
        for found in metrics
        if found.queue_id in asked
    }
