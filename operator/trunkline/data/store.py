"""What these commands need of DynamoDB: the part of the functions' own client, bound to one table, with a deadline for
each call and patience for throttles. Performs the calls it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from trunkline.data.functions import (
    Deadline,
    DeadlineExceededError,
    DynamoDB,
    Item,
    Page,
    PartialBatchError,
    Pattern,
    UnavailableError,
    keys,
)

CALL_SECONDS = 10.0
MOST_TRIES = 8
FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 5.0

Result = TypeVar("Result")


class StoreUnavailableError(Exception):
    """The table did not answer, however often it was asked; the message says why."""


class Store:
    """One table through the functions' client.

    Every method raises DefectError (it can never work as set up) and StoreUnavailableError (throttled or out of reach
    for too long). clock: monotonic seconds; jitter: from 0 to 1.
    """

    def __init__(
        self,
        client: DynamoDB,
        table: str,
        clock: Callable[[], float],
        wait: Callable[[float], None],
        jitter: Callable[[], float],
    ) -> None:
        self._client = client
        self.table = table
        self._clock = clock
        self._wait = wait
        self._jitter = jitter

    def get(self, pattern: Pattern, key: keys.Key) -> Item | None:
        """The item that a pattern's key names."""
        return self._patiently(lambda deadline: pattern.get(self._client, self.table, key, deadline))

    def query(self, pattern: Pattern, values: dict[str, str], limit: int = 0) -> Page:
        """A page of what a pattern's condition holds for."""
        return self._patiently(lambda deadline: pattern.query(self._client, self.table, values, deadline, limit=limit))

    def scanned(self, pattern: Pattern, values: dict[str, str], limit: int) -> Page:
        """A page of the items that a pattern's filter holds for, of the first `limit` of the table."""
        typed = {name: {"S": value} for name, value in values.items()}
        return self._patiently(
            lambda deadline: pattern.scan(self._client, self.table, deadline, limit=limit, values=typed)
        )

    def find(self, key: keys.Key) -> Item | None:
        """An item, strongly consistent."""
        return self._patiently(lambda deadline: self._client.get_item(self.table, key, deadline, consistent=True))

    def begins(self, name: str, pk: str, prefix: str) -> bool:
        """Whether a partition has an item whose sort key begins so, strongly consistent. name: of the partition key."""
        page = self._patiently(
            lambda deadline: self._client.query(
                self.table,
                deadline,
                condition="#pk = :pk AND begins_with(SK, :sk)",
                names={"#pk": name},
                values={":pk": {"S": pk}, ":sk": {"S": prefix}},
                limit=1,
                consistent=True,
            )
        )
        return bool(page.items)

    def page(
        self,
        *,
        limit: int = 0,
        start: Item | None = None,
        type_: str = "",
        segment: int | None = None,
        segments: int | None = None,
    ) -> Page:
        """A page of the whole table; of one kind of item only with `type_`: it may be empty then and not be the last."""
        return self._patiently(
            lambda deadline: self._client.scan(
                self.table,
                deadline,
                limit=limit,
                start=start,
                filter="#type = :type" if type_ else "",
                names={"#type": "Type"} if type_ else None,
                values={":type": {"S": type_}} if type_ else None,
                segment=segment,
                segments=segments,
            )
        )

    def pages(self, *, limit: int = 0, segment: int | None = None, segments: int | None = None) -> Iterator[Page]:
        """All of them, one after the other."""
        start: Item | None = None
        while True:
            page = self.page(limit=limit, start=start, segment=segment, segments=segments)
            yield page
            if not page.next:
                return
            start = page.next

    def many(self, wanted: Sequence[keys.Key], projection: str) -> list[Item]:
        """Those of the items that there are."""
        return self._patiently(
            lambda deadline: list(self._client.batch_get(self.table, wanted, deadline, projection=projection))
        )

    def put(self, items: Sequence[Item]) -> None:
        """Write these; each is there whole or not at all, and writing it again changes nothing."""
        self._patiently(lambda deadline: self._client.batch_write(self.table, items, (), deadline))

    def _patiently(self, call: Callable[[Deadline], Result]) -> Result:
        """The call, again after a growing wait with full jitter while DynamoDB says that it cannot just now.

        All of these may be repeated: they read, or put whole items.
        """
        tried = 0
        while True:
            try:
                return call(Deadline.after(CALL_SECONDS, self._clock))
            except (UnavailableError, PartialBatchError, DeadlineExceededError) as error:
                tried += 1
                if tried == MOST_TRIES:
                    reason = getattr(error, "reason", "timeout")
                    raise StoreUnavailableError(f"{self.table} does not answer: {reason}") from None
            self._wait(min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2**tried) * self._jitter())
