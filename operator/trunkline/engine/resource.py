"""Late-bound values and the nodes of a blueprint.

A desired value may hold references to what another node will be called once AWS has made it (`Ref`), also inside text
(`Join`, `Json`), and placeholders for bytes that no plan may print (`Placeholder`). This module finds and fills
references. It plans nothing and calls nothing.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from operator import is_
from typing import Any, cast


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """An attribute (`id`, `arn`, `alias_arn`, ...) of another node, known once that node exists in AWS."""

    node: str
    attribute: str = "id"

    def __str__(self) -> str:
        return f"<{self.node}.{self.attribute}>"


@dataclass(frozen=True, slots=True)
class Join:
    """Text with references in it; becomes a `str` when all of them are known."""

    parts: tuple[str | Ref, ...]

    def __str__(self) -> str:
        return "".join(str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Json:
    """A structure that AWS wants as JSON text (flow content, policies); becomes a compact `str` when all is known."""

    value: Any

    def __str__(self) -> str:
        return json.dumps(_plain(self.value), separators=(",", ":"), ensure_ascii=False)


class Filling(StrEnum):
    """What the gate puts in place of a `Placeholder`, right before the call is signed."""

    ARCHIVE = "archive"  # bytes of a function's zip, by its base64 SHA-256
    SECRET = "secret"  # noqa: S105  # the word, not one: a value of a Kubernetes Secret, "<name>/<key>"
    CACHE_SECRET = "cache secret"  # noqa: S105  # what functions read of a cache: JSON that says of what it is made


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Stands in params for bytes that plans, logs, status and exceptions never hold."""

    filling: Filling
    name: str

    def __str__(self) -> str:
        return f"<{self.filling.value} {self.name}>"


class DeletionPolicy(StrEnum):
    RETAIN = "Retain"
    DELETE = "Delete"


class Management(StrEnum):
    """How far a section is managed; the meaning of each is in the API reference."""

    OBSERVE = "Observe"
    LISTED = "Listed"
    EXCLUSIVE = "Exclusive"


@dataclass(frozen=True, slots=True)
class Node:
    """One wanted AWS resource of a blueprint.

    key: `<kind>/<name>`, unique in the graph and what `Ref.node` names. kind: the driver. section, name: where the user
    wrote it (`queues`, `sales`); path: the same as a field path for messages. aws_name: its name in AWS. desired: the
    driver's own frozen dataclass, with open references. needs: nodes that must be ready first although no reference
    names them. external: made elsewhere, only looked up. deletion_policy: the entry's own, if it has one.
    external_arn: of such a node, if the user gave it. given_id: the user named an existing resource by its id, to be
    managed as far as the spec speaks: taken as it is, not tagged, never deleted but by an entry's own policy. broken: why the node cannot be built; it then blocks what
    depends on it and is never swept. awaits: it is broken only until another object has done something, which is no
    fault of the spec. tags: what it shall carry beside the tags of ours.
    """

    key: str
    kind: str
    section: str
    name: str
    path: str
    aws_name: str
    desired: Any
    needs: frozenset[str] = frozenset()
    external: bool = False
    external_arn: str | None = None
    given_id: str | None = None
    deletion_policy: DeletionPolicy | None = None
    broken: str | None = None
    awaits: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Blueprint:
    """The graph of one object. `management` is per section; `default_management` for the sections it does not name.

    exclusive: the kinds whose unlisted resources go, by kind the section that says so.
    """

    nodes: tuple[Node, ...]
    management: Mapping[str, Management] = field(default_factory=dict)
    default_management: Management = Management.LISTED
    exclusive: Mapping[str, str] = field(default_factory=dict)

    def mode(self, section: str) -> Management:
        """The management of a section. `Exclusive` is never inherited from the default."""
        return self.management.get(section, self.default_management)


# Most of a flow's content by far; asked for first.
_LEAVES = (str, int, float, bool, type(None))
_LEAF_TYPES = frozenset(_LEAVES)

_FIELDS: dict[type[Any], tuple[str, ...]] = {}

Lookup = Callable[[Ref], str | None]


def references(value: Any) -> Iterator[Ref]:
    """Every open reference inside a value, in order of appearance, repeats included."""
    return iter(_found(value, []))


def _found(value: Any, into: list[Ref]) -> list[Ref]:
    """A list that is handed down, and types asked for by identity first: values are walked several times a pass."""
    kind = type(value)
    if kind is Ref:
        into.append(value)
    elif kind not in _LEAF_TYPES:
        for part in _parts(value, kind):
            if type(part) not in _LEAF_TYPES:
                _found(part, into)
    return into


def _parts(value: Any, kind: type[Any]) -> Iterable[Any]:
    if kind is dict:
        return chain.from_iterable(value.items())
    if kind is tuple or kind is list:
        return cast("Iterable[Any]", value)
    if fields := _fields(kind):  # also those of Join and Json
        return [getattr(value, name) for name in fields]
    if isinstance(value, Mapping):
        return (part for pair in value.items() for part in pair)
    if isinstance(value, tuple | list | frozenset):
        return value
    return ()


def resolve(value: Any, lookup: Lookup) -> Any:
    """The same value with every known reference filled; what is unknown stays, so a plan can be made beforehand.

    Text that is wholly known becomes `str`. Values without references come back as they are (the same object).
    """
    kind = type(value)
    if kind in _LEAF_TYPES:
        return value
    if kind is Ref:
        known = lookup(value)
        return value if known is None else known
    if kind is Join:
        return _joined(tuple(resolve(part, lookup) for part in value.parts))
    if kind is Json:
        inner = resolve(value.value, lookup)
        return Json(inner) if is_open(inner) else str(Json(inner))
    if kind is dict or isinstance(value, Mapping):
        return _resolved_pairs(value, lookup)
    if isinstance(value, tuple | list | frozenset):
        items = [item if type(item) in _LEAF_TYPES else resolve(item, lookup) for item in value]
        return value if all(map(is_, items, value)) else type(value)(items)
    return _resolved_fields(value, lookup)


def is_open(value: Any) -> bool:
    """Whether any reference in the value is still unknown."""
    return next(references(value), None) is not None


def _resolved_pairs(value: Mapping[Any, Any], lookup: Lookup) -> Mapping[Any, Any]:
    pairs = {
        key if type(key) is str else resolve(key, lookup): item if type(item) in _LEAF_TYPES else resolve(item, lookup)
        for key, item in value.items()
    }
    unchanged = all(map(is_, pairs, value)) and all(map(is_, pairs.values(), value.values()))
    return value if unchanged and len(pairs) == len(value) else pairs


def _resolved_fields(value: Any, lookup: Lookup) -> Any:
    changed = {}
    for name in _fields(type(value)):
        old = getattr(value, name)
        if type(old) not in _LEAF_TYPES and (new := resolve(old, lookup)) is not old:
            changed[name] = new
    return dataclasses.replace(value, **changed) if changed else value


def _fields(kind: type[Any]) -> tuple[str, ...]:
    """The names of a dataclass's fields, none for another class: asked for at each value, and slow to find."""
    names = _FIELDS.get(kind)
    if names is None:
        names = tuple(spec.name for spec in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()
        _FIELDS[kind] = names
    return names


def _joined(parts: tuple[str | Ref, ...]) -> str | Join:
    return "".join(map(str, parts)) if not any(isinstance(part, Ref) for part in parts) else Join(parts)


def _plain(value: Any) -> Any:
    if isinstance(value, _LEAVES):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, Ref | Join | Json | Placeholder):
        return str(value)
    return value
