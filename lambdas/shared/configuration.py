"""Configurations in the operations table: versions, the one in force, pins, and who changed what.

A version is written once and never changed. A change puts version, pointer and audit entry into one transaction that
holds only if nobody else changed the configuration meanwhile; told twice, it is done once. Functions read through
`shared.configuration_copy`, which keeps what it read; operators write with `Configurations`.

The pointer carries `Version` (in force) and `Latest` (the highest ever given, so that a number is never given twice).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from shared import access_patterns, entities, keys
from shared.digest import blake2b
from shared.failure import TransactionCanceledError, UnavailableError
from shared.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from shared.deadline import Deadline
    from shared.dynamodb import DynamoDB
    from shared.entities import Item

MOST_CONTENT = 256 * 1024  # bytes; an item may have 400 KB
MOST_NAME = 64
_NAME_MARKS = "-_."


class InvalidConfigurationError(ValueError):
    """What was to be published is none. The message says what to write instead and quotes nothing of it."""


class ConfigurationConflictError(Exception):
    """Somebody else changed the configuration. version: what is in force now, 0 if nothing is."""

    def __init__(self, name: str, version: int) -> None:
        super().__init__(f"{name} was changed meanwhile: version {version} is in force; read it and publish again")
        self.version = version


class UnknownVersionError(Exception):
    """There is no such version of the configuration."""

    def __init__(self, name: str, version: int) -> None:
        super().__init__(f"{name} has no version {version}")


class Pointer(NamedTuple):
    """Which version is in force, and the highest there is; both 0 before the first."""

    version: int = 0
    latest: int = 0


class Version(NamedTuple):
    """One version. content: a JSON object as text."""

    number: int
    content: str
    author: str
    created_at: str


def is_name(text: str | None) -> bool:
    """Whether this can name a configuration, or who is held at a version: letters, digits, dash, underscore, dot."""
    return text is not None and 0 < len(text) <= MOST_NAME and text.isascii() and all(map(_is_name_character, text))


def _is_name_character(character: str) -> bool:
    return character.isalnum() or character in _NAME_MARKS


class Configurations:
    """All configurations of an operations table. Raises the failures of DynamoDB besides those named."""

    def __init__(self, dynamodb: DynamoDB, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def pointer(self, name: str, deadline: Deadline, *, consistent: bool = False) -> Pointer:
        """Which version is in force."""
        found = self._dynamodb.get_item(self._table, keys.config_pointer(name), deadline, consistent=consistent)
        return Pointer() if found is None else Pointer(_number(found, "Version"), _number(found, "Latest"))

    def pinned(self, name: str, who: str, deadline: Deadline) -> int | None:
        """The version that somebody is held at; read strongly, for who was just pinned must see it."""
        found = access_patterns.CONFIG_PIN.get(self._dynamodb, self._table, keys.config_pin(name, who), deadline)
        return None if found is None else _number(found, "Version")

    def version(self, name: str, number: int, deadline: Deadline) -> Version:
        """One version. Raises UnknownVersionError."""
        key = keys.config_version(name, number)
        found = access_patterns.CONFIG_VERSION.get(self._dynamodb, self._table, key, deadline)
        if found is None:  # the pointer came from a replica that is ahead of this one
            found = self._dynamodb.get_item(self._table, key, deadline, consistent=True)
        if found is None:
            raise UnknownVersionError(name, number)
        return Version(number, *(_text(found, name) for name in ("Content", "Author", "CreatedAt")))

    def publish(self, name: str, content: str, author: str, *, expected: int, at: str, deadline: Deadline) -> int:
        """Put new content in force: its version. expected: the version that is in force now, 0 for the first; at: ISO
        8601, UTC. The same once more is not another version. Raises ConfigurationConflictError, and
        InvalidConfigurationError if the content is no JSON object or a name is none.
        """
        _check(name, author)
        _check_content(content)
        held = self.pointer(name, deadline, consistent=True)
        number = held.latest + 1
        if held.version != expected:
            return self._published_already(
                name, held, content=content, author=author, expected=expected, deadline=deadline
            )
        version = entities.item(
            entities.CONFIG_VERSION,
            keys.config_version(name, number),
            {
                "Content": entities.text(content),
                "Author": entities.text(author),
                "CreatedAt": entities.text(at),
                "Follows": entities.number(expected),
            },
        )
        actions = [
            self._put_once(version),
            self._point(name, held, Pointer(number, number), at),
            self._audit(name, "publish", number, author, at=at),
        ]
        try:
            self._dynamodb.transact_write(actions, deadline, token=_token("publish", actions))
        except TransactionCanceledError as error:
            _raise_unless_condition(error)
            found = self.pointer(name, deadline, consistent=True)
            return self._published_already(
                name, found, content=content, author=author, expected=expected, deadline=deadline
            )
        return number

    def activate(self, name: str, number: int, author: str, *, expected: int, at: str, deadline: Deadline) -> None:
        """Put an earlier version in force again. Raises UnknownVersionError and ConfigurationConflictError."""
        _check(name, author)
        held = self.pointer(name, deadline, consistent=True)
        if held.version == number:
            return
        if held.version != expected:
            raise ConfigurationConflictError(name, held.version)
        actions = [
            self._exists(name, number),
            self._point(name, held, Pointer(number, held.latest), at),
            self._audit(name, "activate", number, author, at=at),
        ]
        try:
            self._dynamodb.transact_write(actions, deadline, token=_token("activate", actions))
        except TransactionCanceledError as error:
            _raise_unless_condition(error)
            if error.reasons[0] == "ConditionalCheckFailed":
                raise UnknownVersionError(name, number) from None
            found = self.pointer(name, deadline, consistent=True).version
            if found != number:
                raise ConfigurationConflictError(name, found) from None

    def pin(self, name: str, who: str, number: int | None, author: str, *, at: str, deadline: Deadline) -> None:
        """Hold somebody at a version whatever is in force, or with None let go. Raises UnknownVersionError."""
        _check(name, author, who)
        key = keys.config_pin(name, who)
        if number is None:
            changes: list[Mapping[str, Any]] = [{"Delete": {"TableName": self._table, "Key": dict(key)}}]
        else:
            pin = entities.item(entities.CONFIG_PIN, key, {"Version": entities.number(number)})
            changes = [self._exists(name, number), {"Put": {"TableName": self._table, "Item": pin}}]
        actions = [
            *changes,
            self._audit(name, "unpin" if number is None else "pin", number or 0, author, at=at, who=who),
        ]
        try:
            self._dynamodb.transact_write(actions, deadline, token=_token("pin", actions))
        except TransactionCanceledError as error:
            _raise_unless_condition(error)
            if number is not None and error.reasons[0] == "ConditionalCheckFailed":
                raise UnknownVersionError(name, number) from None
            found = self.pinned(name, who, deadline)  # the first attempt may have done it, and its answer was lost
            if found != number:
                raise ConfigurationConflictError(name, found or 0) from None

    def history(self, name: str, deadline: Deadline) -> list[Item]:
        """The audit entries, newest first; one page of them."""
        values = {":pk": keys.config(name), ":sk": keys.AUDIT}
        return list(access_patterns.CONFIG_HISTORY.query(self._dynamodb, self._table, values, deadline).items)

    def _published_already(
        self, name: str, found: Pointer, *, content: str, author: str, expected: int, deadline: Deadline
    ) -> int:
        """The version in force, if it is what was to be published: the answer of the first attempt was lost."""
        if found.version > expected:
            version = self.version(name, found.version, deadline)
            if (version.content, version.author) == (content, author):
                return found.version
        raise ConfigurationConflictError(name, found.version) from None

    def _put_once(self, item: Item) -> Mapping[str, Any]:
        return {
            "Put": {"TableName": self._table, "Item": item, "ConditionExpression": f"attribute_not_exists({keys.PK})"}
        }

    def _exists(self, name: str, number: int) -> Mapping[str, Any]:
        return {
            "ConditionCheck": {
                "TableName": self._table,
                "Key": dict(keys.config_version(name, number)),
                "ConditionExpression": f"attribute_exists({keys.PK})",
            }
        }

    def _point(self, name: str, held: Pointer, wanted: Pointer, at: str) -> Mapping[str, Any]:
        item = entities.item(
            entities.CONFIG_POINTER,
            keys.config_pointer(name),
            {
                "Version": entities.number(wanted.version),
                "Latest": entities.number(wanted.latest),
                "ChangedAt": entities.text(at),
            },
        )
        put: dict[str, Any] = {"TableName": self._table, "Item": item}
        if held.latest == 0:
            put["ConditionExpression"] = f"attribute_not_exists({keys.PK})"
        else:
            put["ConditionExpression"] = "Version = :version AND Latest = :latest"
            put["ExpressionAttributeValues"] = {
                ":version": entities.number(held.version),
                ":latest": entities.number(held.latest),
            }
        return {"Put": put}

    def _audit(self, name: str, action: str, number: int, author: str, *, at: str, who: str = "") -> Mapping[str, Any]:
        attributes = {
            "Action": entities.text(action),
            "Author": entities.text(author),
            "Version": entities.number(number),
        }
        if who:
            attributes["Who"] = entities.text(who)
        key = keys.config_audit(name, at, number, who)
        return self._put_once(entities.item(entities.CONFIG_AUDIT, key, attributes))


def _number(found: Item, name: str) -> int:
    """Raises UnavailableError "corrupt" if it is none: readers then go on with what they read before."""
    value = found.get(name, {}).get("N")
    if not isinstance(value, str) or not value.isdecimal():
        raise UnavailableError("corrupt")
    return int(value)


def _text(found: Item, name: str) -> str:
    """As `_number`."""
    value = found.get(name, {}).get("S")
    if not isinstance(value, str):
        raise UnavailableError("corrupt")
    return value


def _check(*names: str) -> None:
    for name in names:
        if not is_name(name):
            raise InvalidConfigurationError(
                f"a name is 1 to {MOST_NAME} letters, digits, dashes, underscores and dots: write one such as routing"
            )


def _check_content(content: str) -> None:
    try:
        value = json.loads(content)
    except ValueError:
        raise InvalidConfigurationError("the content is not JSON: write an object such as {}") from None
    if not isinstance(value, dict):
        raise InvalidConfigurationError("the content is not a JSON object: write one such as {}")
    if len(content.encode()) > MOST_CONTENT:
        raise InvalidConfigurationError(f"the content has more than {MOST_CONTENT // 1024} KiB: split it")


def _raise_unless_condition(error: TransactionCanceledError) -> None:
    """A canceled transaction means another change only if a condition failed."""
    if "ConditionalCheckFailed" not in error.reasons:
        raise error


def _token(*parts: object) -> str:
    """A client token of the transaction's content: the same once more is the same, at most 36 characters."""
    return blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=16).hexdigest()
