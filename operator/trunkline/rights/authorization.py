"""What AWS's service authorization data says of an action: its resource types with their ARN formats, and condition keys.

Reads one file beside this module, which `python -m tools.authorization` writes from AWS's Service Authorization Reference.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class ResourceType:
    """name: as AWS's reference has it ("queue"). arn: its format, with `${Variables}`. conditions: keys that hold for it."""

    name: str
    arn: str
    conditions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Action:
    """types: empty where only "*" can stand. conditions: keys that the action knows. changes: it is more than a read."""

    name: str
    types: tuple[ResourceType, ...]
    conditions: frozenset[str]
    changes: bool

    @property
    def service(self) -> str:
        return self.name.partition(":")[0]

    @property
    def operation(self) -> str:
        return self.name.partition(":")[2]

    def types_of(self, names: frozenset[str]) -> tuple[ResourceType, ...]:
        """Those of its types that are named."""
        return tuple(one for one in self.types if one.name in names)

    def types_but(self, names: frozenset[str]) -> tuple[ResourceType, ...]:
        """The others."""
        return tuple(one for one in self.types if one.name not in names)

    def knows(self, key: str) -> bool:
        """Whether a condition key always stands in a request: the action has it, or each of its resources."""
        return key in self.conditions or (bool(self.types) and all(key in one.conditions for one in self.types))


@dataclass(frozen=True, slots=True)
class Authorization:
    """The data. source, taken: where it is from, and the day. unknown: actions of ours that it does not have."""

    source: str
    taken: str
    unknown: frozenset[str]
    actions: Mapping[str, Action]

    def action(self, name: str) -> Action:
        """An action; one that AWS's data does not have (yet) knows no resources and no keys. Raises KeyError for one
        that is neither.
        """
        return Action(name, (), frozenset(), changes=True) if name in self.unknown else self.actions[name]


@cache
def authorization() -> Authorization:
    """As it is shipped."""
    data = json.loads((files("trunkline.rights") / "service-authorization.json").read_text(encoding="utf-8"))
    types = {
        name: ResourceType(name.partition(":")[2], given["arn"], frozenset(given["conditions"]))
        for name, given in data["types"].items()
    }
    actions = {
        name: Action(
            name,
            tuple(types[f"{name.partition(':')[0]}:{kind}"] for kind in given["resources"]),
            frozenset(given["conditions"]),
            given["access"] not in ("Read", "List"),
        )
        for name, given in data["actions"].items()
    }
    return Authorization(data["source"], data["taken"], frozenset(data["unknown"]), actions)
