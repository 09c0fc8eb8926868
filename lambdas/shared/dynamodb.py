"""DynamoDB's items as functions read and write them: attribute values in DynamoDB's own JSON, {"S": "text"}.

Batches are cut to AWS's limits, and what AWS leaves undone is asked again until the deadline. Every method raises
UnavailableError, DefectError, DeadlineExceededError, beside what it says.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from shared.aws import RefusedError, defect
from shared.backoff import Backoff
from shared.deadline import Deadline, DeadlineExceededError
from shared.failure import (
    ConditionFailedError,
    PartialBatchError,
    TransactionCanceledError,
    UnavailableError,
)
from shared.typed import Any, NamedTuple, Protocol

_TARGET = "DynamoDB_20120810."
GET_AT_ONCE = 100  # keys of a BatchGetItem
WRITE_AT_ONCE = 25  # requests of a BatchWriteItem
FIRST_PAUSE_SECONDS = 0.025

Item = Mapping[str, Mapping[str, Any]]
# Of the reasons why a transaction is canceled, those that another try may not meet; a conflict is another transaction
# at the same items.
_PASSING = frozenset({"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})


class Page(NamedTuple):
    """Some of the items that were asked for. next: where the next page starts, None after the last."""

    items: Sequence[Item]
    next: Item | None = None


class Client(Protocol):
    """The part of `shared.aws.AwsClient` that is used here."""

    def call_json(self, target: str, params: Mapping[str, Any], deadline: Deadline) -> dict[str, Any]:
        """Raises RefusedError, UnavailableError, DefectError, DeadlineExceededError."""


class DynamoDB:
    """The operations."""

    def __init__(self, client: Client, backoff: Backoff) -> None:
        self._client = client
        self._backoff = backoff

    def get_item(
        self,
        table: str,
        key: Item,
        deadline: Deadline,
        *,
        consistent: bool = False,
        projection: str = "",
        names: Mapping[str, str] | None = None,
    ) -> Item | None:
        """The item with this key."""
        params: dict[str, Any] = {"TableName": table, "Key": key}
        if consistent:
            params["ConsistentRead"] = True
        _express(params, projection=projection, names=names)
        found = self._call("GetItem", params, deadline).get("Item")
        return None if found is None else _item(found)

    def query(
        self,
        table: str,
        deadline: Deadline,
        *,
        condition: str,
        values: Item,
        index: str = "",
        names: Mapping[str, str] | None = None,
        projection: str = "",
        filter: str = "",  # noqa: A002  # DynamoDB's word
        limit: int = 0,
        forward: bool = True,
        consistent: bool = False,
        start: Item | None = None,
    ) -> Page:
        """A page of a query."""
        params: dict[str, Any] = {"TableName": table, "KeyConditionExpression": condition}
        if index:
            params["IndexName"] = index
        if not forward:
            params["ScanIndexForward"] = False
        if consistent:
            params["ConsistentRead"] = True
        _page(params, limit, start)
        _express(params, projection=projection, names=names, values=values, filter=filter)
        return _paged(self._call("Query", params, deadline))

    def scan(
        self,
        table: str,
        deadline: Deadline,
        *,
        limit: int = 0,
        start: Item | None = None,
        projection: str = "",
        names: Mapping[str, str] | None = None,
        filter: str = "",  # noqa: A002  # DynamoDB's word
        values: Item | None = None,
        segment: int | None = None,
        segments: int | None = None,
    ) -> Page:
        """A page of a whole table, or of one of so many segments of it."""
        params: dict[str, Any] = {"TableName": table}
        if segments is not None:
            params["Segment"], params["TotalSegments"] = segment or 0, segments
        _page(params, limit, start)
        _express(params, projection=projection, names=names, values=values, filter=filter)
        return _paged(self._call("Scan", params, deadline))

    def put_item(
        self,
        table: str,
        item: Item,
        deadline: Deadline,
        *,
        condition: str = "",
        names: Mapping[str, str] | None = None,
        values: Item | None = None,
    ) -> None:
        """Write an item, in the place of what is there. Raises ConditionFailedError with that, if the condition fails."""
        params: dict[str, Any] = {"TableName": table, "Item": item}
        _express(params, condition=condition, names=names, values=values)
        self._call("PutItem", params, deadline)

    def update_item(
        self,
        table: str,
        key: Item,
        deadline: Deadline,
        *,
        update: str,
        values: Item | None = None,
        condition: str = "",
        names: Mapping[str, str] | None = None,
        returns: str = "NONE",
    ) -> Item:
        """Change an item; answers what `returns` asks for ("ALL_NEW"), else nothing. Raises ConditionFailedError."""
        params: dict[str, Any] = {"TableName": table, "Key": key, "UpdateExpression": update}
        if returns != "NONE":
            params["ReturnValues"] = returns
        _express(params, condition=condition, names=names, values=values)
        return _item(self._call("UpdateItem", params, deadline).get("Attributes") or {})

    def delete_item(
        self,
        table: str,
        key: Item,
        deadline: Deadline,
        *,
        condition: str = "",
        names: Mapping[str, str] | None = None,
        values: Item | None = None,
    ) -> None:
        """Delete an item; it need not be there. Raises ConditionFailedError."""
        params: dict[str, Any] = {"TableName": table, "Key": key}
        _express(params, condition=condition, names=names, values=values)
        self._call("DeleteItem", params, deadline)

    def transact_write(self, actions: Sequence[Mapping[str, Any]], deadline: Deadline, *, token: str = "") -> None:
        """All of up to 100 actions, as TransactWriteItems has them, or none. token: makes a repetition harmless for ten
        minutes; 36 characters at most. Raises TransactionCanceledError.
        """
        params: dict[str, Any] = {"TransactItems": actions}
        if token:
            params["ClientRequestToken"] = token
        self._call("TransactWriteItems", params, deadline)

    def batch_get(
        self,
        table: str,
        keys: Sequence[Item],
        deadline: Deadline,
        *,
        projection: str = "",
        names: Mapping[str, str] | None = None,
        consistent: bool = False,
    ) -> list[Item]:
        """The items with these keys, in no order; what is not there is missing. Keys may repeat.

        Raises PartialBatchError with the keys that were not read by the deadline.
        """
        request: dict[str, Any] = {"ConsistentRead": True} if consistent else {}
        _express(request, projection=projection, names=names)
        items: list[Item] = []

        def ask(some: Sequence[Item]) -> Sequence[Item]:
            body = self._call("BatchGetItem", {"RequestItems": {table: {**request, "Keys": some}}}, deadline)
            items.extend(_items((body.get("Responses") or {}).get(table) or []))
            left: Sequence[Item] = ((body.get("UnprocessedKeys") or {}).get(table) or {}).get("Keys") or ()
            return left

        self._in_batches(_once_each(keys), GET_AT_ONCE, ask, deadline)
        return items

    def batch_write(self, table: str, puts: Sequence[Item], deletes: Sequence[Item], deadline: Deadline) -> None:
        """Write items and delete keys, in no order; each key at most once among all of them.

        Raises PartialBatchError with the requests ({"PutRequest": ...}) that were not done by the deadline.
        """
        requests = [{"PutRequest": {"Item": item}} for item in puts] + [
            {"DeleteRequest": {"Key": key}} for key in deletes
        ]

        def ask(some: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
            body = self._call("BatchWriteItem", {"RequestItems": {table: some}}, deadline)
            left: Sequence[Mapping[str, Any]] = (body.get("UnprocessedItems") or {}).get(table) or ()
            return left

        self._in_batches(requests, WRITE_AT_ONCE, ask, deadline)

    def _in_batches(
        self, wanted: Sequence[Any], at_once: int, ask: Callable[[Sequence[Any]], Sequence[Any]], deadline: Deadline
    ) -> None:
        waiting, idle, reason = list(wanted), 0, "timeout"
        while waiting:
            some, rest = waiting[:at_once], waiting[at_once:]
            try:
                left = ask(some)
                # Only what AWS refuses slows us down; a part that was done is progress.
                idle = 0 if not left else idle + 1
                waiting = [*rest, *left]
                if left:
                    reason = "throttle"
                    self._backoff.pause(FIRST_PAUSE_SECONDS, idle - 1, deadline)
            except DeadlineExceededError:
                raise PartialBatchError(waiting, reason) from None
            except UnavailableError as error:
                idle, reason = idle + 1, error.reason
                try:
                    self._backoff.pause(FIRST_PAUSE_SECONDS, idle - 1, deadline)
                except DeadlineExceededError:
                    raise PartialBatchError(waiting, reason) from None

    def _call(self, operation: str, params: Mapping[str, Any], deadline: Deadline) -> dict[str, Any]:
        try:
            return self._client.call_json(_TARGET + operation, params, deadline)
        except RefusedError as error:
            raise _raised(error) from None


def _raised(error: RefusedError) -> Exception:
    if error.code == "ConditionalCheckFailedException":
        return ConditionFailedError(error.body.get("Item"))
    if error.code == "TransactionCanceledException":
        reasons = [str(reason.get("Code") or "None") for reason in error.body.get("CancellationReasons") or ()]
        if reasons and all(reason in _PASSING for reason in reasons):
            return UnavailableError("throttle")
        return TransactionCanceledError(reasons)
    if error.code == "TransactionConflictException":
        return UnavailableError("throttle")
    return defect(error)


def _express(
    params: dict[str, Any],
    *,
    projection: str = "",
    names: Mapping[str, str] | None = None,
    values: Item | None = None,
    condition: str = "",
    filter: str = "",  # noqa: A002  # DynamoDB's word
) -> None:
    if projection:
        params["ProjectionExpression"] = projection
    if filter:
        params["FilterExpression"] = filter
    if condition:
        params["ConditionExpression"] = condition
        params["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    if names:
        params["ExpressionAttributeNames"] = names
    if values:
        params["ExpressionAttributeValues"] = values


def _page(params: dict[str, Any], limit: int, start: Item | None) -> None:
    if limit:
        params["Limit"] = limit
    if start is not None:
        params["ExclusiveStartKey"] = start


def _paged(body: Mapping[str, Any]) -> Page:
    after = body.get("LastEvaluatedKey")
    return Page(_items(body.get("Items") or []), None if after is None else _item(after))


def _items(found: Any) -> list[Item]:
    """Raises UnavailableError "corrupt" if it is no list of items."""
    if type(found) is not list:
        raise UnavailableError("corrupt")
    return [_item(one) for one in found]


def _item(found: Any) -> Item:
    """Raises UnavailableError "corrupt" if it is no item: readers of attributes rely on it."""
    if type(found) is not dict:
        raise UnavailableError("corrupt")
    for value in found.values():
        if type(value) is not dict:
            raise UnavailableError("corrupt")
    item: Item = found
    return item


def _once_each(keys: Sequence[Item]) -> list[Item]:
    return list({json.dumps(key, sort_keys=True): key for key in keys}.values())
