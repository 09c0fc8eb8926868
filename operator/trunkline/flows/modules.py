"""Flow modules: what calls what, and the contract between a module and those who call it.

The contract is the module's `Settings` as a resource (CreateContactFlowModule's parameter): JSON Schema of its input
and of its result data, and the names of the results that it may end with. It is not the `Settings` inside the content,
which the service demands and does not use.

https://docs.aws.amazon.com/connect/latest/adminguide/contact-flow-modules.html
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.flows.document import Flow
from trunkline.flows.references import references

CONTENT_SETTINGS: Mapping[str, Any] = {
    "InputParameters": [],
    "OutputParameters": [],
    "Transitions": [
        {"DisplayName": "Success", "ReferenceName": "Success", "Description": ""},
        {"DisplayName": "Error", "ReferenceName": "Error", "Description": ""},
    ],
}
"""What the console writes into the content of every module, whatever its contract is."""


@dataclass(frozen=True, slots=True)
class Contract:
    """What a module takes and gives back. inputs, data: JSON Schema by property, None if it declares none at all.

    results: the names of its own branches, beside the end that every module has.
    """

    inputs: Mapping[str, Any] | None = None
    data: Mapping[str, Any] | None = None
    results: frozenset[str] = frozenset()


def contract(settings: Mapping[str, Any] | None) -> Contract:
    """The contract in a module's settings (`input.schema`, `resultData.schema`, `transitions.results`)."""
    settings = settings or {}
    results = _inner(settings, "transitions").get("results")
    return Contract(
        inputs=_properties(settings.get("input")),
        data=_properties(settings.get("resultData")),
        results=frozenset(
            str(result["name"])
            for result in (results if isinstance(results, list) else ())
            if isinstance(result, Mapping) and "name" in result
        ),
    )


def module_cycles(modules: Mapping[str, Flow]) -> tuple[tuple[str, ...], ...]:
    """Cycles of modules that call each other, each by its shortest path back: `("a", "b", "a")`.

    modules: parsed content by handle. Every module that stands in a cycle is in at least one of the paths; a module
    that only calls one is in none. In order of names.
    """
    calls = {
        name: sorted({ref.name for ref in references(flow) if ref.kind == "module"} & modules.keys())
        for name, flow in modules.items()
    }
    found: list[tuple[str, ...]] = []
    told: set[str] = set()
    for name in sorted(calls):
        if name not in told and (path := _way_back(name, calls)):
            found.append(path)
            told.update(path)
    return tuple(found)


def _way_back(start: str, calls: Mapping[str, list[str]]) -> tuple[str, ...] | None:
    """The shortest way from a module to itself."""
    came_from: dict[str, str] = {}
    queue = deque([start])
    while queue:
        name = queue.popleft()
        for called in calls[name]:
            if called == start:
                return _path(start, name, came_from)
            if called not in came_from:
                came_from[called] = name
                queue.append(called)
    return None


def _path(start: str, last: str, came_from: Mapping[str, str]) -> tuple[str, ...]:
    path = [start]
    while last != start:
        path.append(last)
        last = came_from[last]
    return (start, *reversed(path[1:]), start)


def _properties(part: Any) -> Mapping[str, Any] | None:
    schema = part.get("schema") if isinstance(part, Mapping) else None
    return _inner(schema, "properties") if isinstance(schema, Mapping) else None


def _inner(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inner = value.get(key)
    return inner if isinstance(inner, Mapping) else {}
