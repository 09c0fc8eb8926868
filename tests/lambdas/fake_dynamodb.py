"""A DynamoDB in memory, with the methods of `shared.dynamodb.DynamoDB` that the functions use.

Knows the expressions that they write (conditions with AND, OR and comparisons, updates with SET and ADD) and refuses
all others. `before` and `after` are called with the name of each operation; what they raise is raised before or after
it had its effect, so `after` loses answers.
"""

from __future__ import annotations

import copy
import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from shared.failure import ConditionFailedError, DefectError, TransactionCanceledError

Attributes = dict[str, dict[str, Any]]
RESERVED = {"TYPE", "NAME", "STATUS", "DATE", "COUNT", "SUM", "HOURS", "HOLD", "LANGUAGE", "CONTENT", "VALUE"} - {
    "CONTENT"
}
_TOKEN = re.compile(r"\s*(attribute_not_exists|attribute_exists|AND|OR|<=|>=|<>|[<>=(),]|:[A-Za-z]+|#?[A-Za-z]+)")


class Page(NamedTuple):
    """As the client's."""

    items: list[Attributes]
    next: Attributes | None = None


def nothing(_operation: str) -> None:
    """Fails nothing."""


class FakeDynamoDB:
    """One table or several; each found by its name, made when it is first written."""

    def __init__(self, pk: str = "PK", sk: str = "SK") -> None:
        self.tables: dict[str, dict[tuple[str, str], Attributes]] = {}
        self.calls: list[str] = []
        self.before: Callable[[str], None] = nothing
        self.after: Callable[[str], None] = nothing
        self.consistent: list[bool] = []
        self._pk, self._sk = pk, sk
        self._tokens: dict[str, str] = {}
        self._lock = threading.RLock()

    def items(self, table: str, type_: str = "") -> list[Attributes]:
        """What a table holds, of one type or all."""
        found = [item for _, item in sorted(self.tables.get(table, {}).items())]
        return [item for item in found if not type_ or item["Type"]["S"] == type_]

    def get_item(
        self, table: str, key: Any, deadline: Any, *, consistent: bool = False, projection: str = "", names: Any = None
    ) -> Any:
        del projection, names
        with self._call("GetItem", deadline):
            self.consistent.append(consistent)
            found = copy.deepcopy(self._table(table).get(self._key(key)))
        self.after("GetItem")
        return found

    def query(
        self, table: str, deadline: Any, *, condition: str, values: Any, forward: bool = True, limit: int = 0, **_: Any
    ) -> Page:
        with self._call("Query", deadline):
            pk = values[":pk"]["S"]
            found = [item for (key, _), item in sorted(self._table(table).items()) if key == pk]
            if "begins_with(SK, :sk)" in condition:
                found = [item for item in found if item["SK"]["S"].startswith(values[":sk"]["S"])]
            found = found if forward else found[::-1]
        return Page(copy.deepcopy(found[: limit or None]))

    def put_item(
        self, table: str, item: Any, deadline: Any, *, condition: str = "", names: Any = None, values: Any = None
    ) -> None:
        with self._call("PutItem", deadline):
            held = self._table(table).get(self._key(item))
            if not _holds(condition, held, names, values):
                raise ConditionFailedError(copy.deepcopy(held))
            self._table(table)[self._key(item)] = copy.deepcopy(dict(item))
        self.after("PutItem")

    def transact_write(self, actions: Sequence[Mapping[str, Any]], deadline: Any, *, token: str = "") -> None:
        with self._call("TransactWriteItems", deadline):
            self._transact(actions, token)
        self.after("TransactWriteItems")

    def _transact(self, actions: Sequence[Mapping[str, Any]], token: str) -> None:
        if not 0 < len(actions) <= 100 or len(token) > 36:
            raise DefectError("ValidationException")
        asked = json.dumps(actions, sort_keys=True)
        if token and token in self._tokens:
            if self._tokens[token] != asked:
                raise DefectError("IdempotentParameterMismatchException")
            return
        planned = [self._planned(action) for action in actions]
        if len({place for place, _, _ in planned}) < len(planned):
            raise DefectError("ValidationException")  # two actions on one item
        reasons = tuple("None" if holds else "ConditionalCheckFailed" for _, holds, _ in planned)
        if any(reason != "None" for reason in reasons):
            raise TransactionCanceledError(reasons)
        for (table, key), _, item in planned:
            if item is None:
                self._table(table).pop(key, None)
            else:
                self._table(table)[key] = item
        if token:
            self._tokens[token] = asked

    def _planned(self, action: Mapping[str, Any]) -> tuple[tuple[str, tuple[str, str]], bool, Attributes | None]:
        ((kind, part),) = action.items()
        key = self._key(part["Item"] if kind == "Put" else part["Key"])
        held = self._table(part["TableName"]).get(key)
        names, values = part.get("ExpressionAttributeNames"), part.get("ExpressionAttributeValues")
        holds = _holds(part.get("ConditionExpression", ""), held, names, values)
        after: Attributes | None = held
        if kind == "Put":
            after = copy.deepcopy(dict(part["Item"]))
        elif kind == "Delete":
            after = None
        elif kind == "Update":
            after = _updated(part["UpdateExpression"], held or copy.deepcopy(dict(part["Key"])), names, values)
        return (part["TableName"], key), holds, after

    def _table(self, name: str) -> dict[tuple[str, str], Attributes]:
        return self.tables.setdefault(name, {})

    def _key(self, item: Mapping[str, Mapping[str, Any]]) -> tuple[str, str]:
        return item[self._pk]["S"], item[self._sk]["S"]

    def _call(self, operation: str, deadline: Any) -> Any:
        self.calls.append(operation)
        if deadline is not None:
            deadline.require()
        self.before(operation)
        return self._lock


def _value(name: str, held: Mapping[str, Any] | None, names: Any, values: Any) -> Any:
    attribute: Any = values[name] if name.startswith(":") else (held or {}).get(_name(name, names))
    if attribute is None:
        return None
    return int(attribute["N"]) if "N" in attribute else attribute["S"]


def _name(name: str, names: Any) -> str:
    if name.startswith("#"):
        return str(names[name])
    if name.upper() in RESERVED:
        raise DefectError("ValidationException")  # as the service does: alias it
    return name


def _holds(condition: str, held: Attributes | None, names: Any, values: Any) -> bool:
    if not condition:
        return True
    tokens = _TOKEN.findall(condition)
    if "".join(tokens) != condition.replace(" ", ""):
        raise DefectError("ValidationException")
    return _Condition(tokens, held, names, values).disjunction()


class _Condition:
    def __init__(self, tokens: list[str], held: Attributes | None, names: Any, values: Any) -> None:
        self._tokens, self._held, self._names, self._values = tokens, held, names, values

    def disjunction(self) -> bool:
        result = self._conjunction()
        while self._tokens and self._tokens[0] == "OR":
            self._tokens.pop(0)
            result = self._conjunction() or result
        return result

    def _conjunction(self) -> bool:
        result = self._term()
        while self._tokens and self._tokens[0] == "AND":
            self._tokens.pop(0)
            result = self._term() and result
        return result

    def _term(self) -> bool:
        token = self._tokens.pop(0)
        if token == "(":
            result = self.disjunction()
            assert self._tokens.pop(0) == ")"
            return result
        if token.startswith("attribute_"):
            _, name, _ = (self._tokens.pop(0) for _ in range(3))
            exists = _name(name, self._names) in (self._held or {})
            return exists == (token == "attribute_exists")
        operator, other = self._tokens.pop(0), self._tokens.pop(0)
        left, right = (_value(name, self._held, self._names, self._values) for name in (token, other))
        if left is None or type(left) is not type(right):
            return operator == "<>"
        return bool({"=": left == right, "<>": left != right, "<": left < right, ">": left > right}[operator])


def _updated(expression: str, held: Attributes, names: Any, values: Any) -> Attributes:
    item = copy.deepcopy(held)
    for clause in re.split(r"\s+(?=ADD )", expression):
        kind, _, rest = clause.partition(" ")
        for part in rest.split(","):
            name, value = part.split(" = ") if kind == "SET" else part.split()
            attribute, given = _name(name.strip(), names), values[value.strip()]
            if kind == "ADD":
                given = {"N": str(int(item.get(attribute, {"N": "0"})["N"]) + int(given["N"]))}
            item[attribute] = given
    return item
