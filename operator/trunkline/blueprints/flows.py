"""Flows and modules: content parsed, linted and linked by name; entries of `spec.flows` and `spec.flowModules` to nodes.

Pure. Content that cannot be used makes a node that says why, with the path inside the flow. Parsing and linting are
cached by content: a drift pass over 500 flows parses none of them again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from trunkline.api.flows import Flow as FlowEntry
from trunkline.api.flows import FlowModule
from trunkline.blueprints.entries import aws_name, broken_node, instance_entry_node
from trunkline.drivers.flow import FlowDesired
from trunkline.drivers.module import ModuleDesired
from trunkline.engine.resource import Json, Node
from trunkline.flows import MODULE, Flow, FlowError, Kind, Names, Reference, Severity, link, lint, parse, references

FLOWS, MODULES = "flows", "flowModules"
CACHED = 4096
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Readable:
    """A flow's content that could be read: parsed, and what is wrong with it for its type."""

    flow: Flow
    errors: tuple[str, ...]


@lru_cache(maxsize=CACHED)
def read_flow(content: str, kind: Kind, type_: str) -> Readable:
    """Parses and lints. Raises FlowError."""
    flow = parse(content, kind)
    problems = lint(flow, type_)
    return Readable(flow, tuple(str(item) for item in problems if item.severity is Severity.ERROR))


@dataclass(frozen=True, slots=True)
class Contents:
    """Where the content of an entry came from: inline, or a ConfigMap key that was read for this pass."""

    text: str | None
    problem: str = ""


def content_of(entry: FlowEntry | FlowModule, read: Mapping[tuple[str, str], Contents]) -> Contents:
    """The content of an entry as JSON text."""
    if entry.content is None:
        return Contents(None, "it has no content")
    if entry.content.inline is not None:
        return Contents(json.dumps(entry.content.inline, ensure_ascii=False))
    key = entry.content.config_map_key_ref
    if key is None:
        return Contents(None, "it has no content")
    return read.get((key.name, key.key), Contents(None, f"ConfigMap {key.name} was not read"))


def flow_node(
    entry: FlowEntry, content: Contents, names: Names, tags: Mapping[str, str], needs: frozenset[str]
) -> Node:
    """The node of one flow."""
    if entry.external is not None:
        return instance_entry_node("flow", FLOWS, entry, None, tags)
    type_ = entry.type.value if entry.type is not None else "CONTACT_FLOW"
    linked = _linked(content, Kind.FLOW, type_, names)
    if isinstance(linked, str):
        return broken_node("flow", FLOWS, entry.name, linked)
    desired = FlowDesired(
        name=aws_name(entry),
        type=type_,
        content=linked,
        description=entry.description,
        status=entry.status.value,
        state=entry.state.value if entry.state is not None else None,
    )
    return instance_entry_node("flow", FLOWS, entry, desired, tags, needs=needs)


def module_node(
    entry: FlowModule, content: Contents, names: Names, tags: Mapping[str, str], needs: frozenset[str]
) -> Node:
    """The node of one flow module."""
    if entry.external is not None:
        return instance_entry_node("module", MODULES, entry, None, tags)
    linked = _linked(content, Kind.MODULE, MODULE, names)
    if isinstance(linked, str):
        return broken_node("module", MODULES, entry.name, linked)
    desired = ModuleDesired(
        name=aws_name(entry),
        content=linked,
        description=entry.description,
        state=entry.state.value if entry.state is not None else None,
        settings=Json(entry.settings) if entry.settings is not None else None,
        external_invocation=entry.external_invocation.enabled if entry.external_invocation is not None else None,
    )
    return instance_entry_node("module", MODULES, entry, desired, tags, needs=needs)


def parsed_flow(content: Contents, kind: Kind, type_: str = MODULE) -> Flow | None:
    """The parsed content, None if it cannot be read."""
    if content.text is None:
        return None
    try:
        return read_flow(content.text, kind, type_).flow
    except FlowError:
        return None


def names_used(content: Contents, kind: Kind, type_: str) -> tuple[Reference, ...]:
    """What a content refers to; nothing if it cannot be read."""
    flow = parsed_flow(content, kind, type_)
    return references(flow) if flow is not None else ()


def _linked(content: Contents, kind: Kind, type_: str, names: Names) -> Json | str:
    """The content with references in place of names, or what is wrong with it."""
    if content.text is None:
        return content.problem
    try:
        readable = read_flow(content.text, kind, type_)
        if readable.errors:
            return _few(readable.errors)
        return link(readable.flow, names)
    except FlowError as error:
        return str(error)


def _few(texts: tuple[str, ...]) -> str:
    more = len(texts) - SHOWN
    return " | ".join(texts[:SHOWN]) + (f" | and {more} more" if more > 0 else "")
