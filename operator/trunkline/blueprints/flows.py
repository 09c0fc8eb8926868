"""Flows and modules: content parsed, linted and linked by name; entries of `spec.flows` and `spec.flowModules` to nodes.

Pure. Content that cannot be used makes a node that says why, with the path inside the flow. Parsing and linting are
cached by content: a drift pass over 500 flows parses none of them again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from trunkline.api.flows import Flow as FlowEntry
from trunkline.api.flows import FlowModule, FlowStatus
from trunkline.blueprints.entries import aws_name, broken_node, instance_entry_node
from trunkline.drivers.flow_state import FlowDesired
from trunkline.drivers.module import ModuleDesired
from trunkline.engine.resource import Json, Node
from trunkline.flows import (
    MODULE,
    Flow,
    FlowError,
    Kind,
    Names,
    Reference,
    Severity,
    contract,
    link,
    lint,
    parse,
    references,
)

FLOWS, MODULES = "flows", "flowModules"
CACHED = 512  # parsed flows; a converged fleet of thousands is parsed anew at its checks, a few milliseconds a flow
SHOWN = 5


Settings = tuple[tuple[str, str], ...]  # contracts of modules: handle, settings as JSON


@lru_cache(maxsize=CACHED)
def read_flow(content: str, kind: Kind) -> Flow:
    """Parses. Raises FlowError."""
    return parse(content, kind)


@lru_cache(maxsize=CACHED)
def errors_of(content: str, kind: Kind, type_: str, own: str, contracts: Settings) -> tuple[str, ...]:
    """What the service would refuse on publishing. own: the module's settings as JSON, empty of a flow."""
    known = {name: contract(json.loads(settings)) for name, settings in contracts}
    mine = contract(json.loads(own)) if own else None
    problems = lint(read_flow(content, kind), type_, own=mine, contracts=known)
    return tuple(str(item) for item in problems if item.severity is Severity.ERROR)


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


@dataclass(frozen=True, slots=True)
class Linking:
    """What linking an entry needs besides its content. names: what may be named. contracts: of the modules by handle."""

    names: Names
    contracts: Mapping[str, str]


def flow_node(
    entry: FlowEntry, content: Contents, linking: Linking, tags: Mapping[str, str], needs: frozenset[str]
) -> Node:
    """The node of one flow. A draft is not linted: AWS does not check it either."""
    if entry.external is not None:
        return instance_entry_node("flow", FLOWS, entry, None, tags)
    type_ = entry.type.value if entry.type is not None else "CONTACT_FLOW"

    def errors(text: str) -> tuple[str, ...]:
        draft = entry.status is FlowStatus.SAVED
        return () if draft else _errors(text, Kind.FLOW, type_, "", linking)

    linked = _linked(content, Kind.FLOW, linking, errors)
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
    entry: FlowModule, content: Contents, linking: Linking, tags: Mapping[str, str], needs: frozenset[str]
) -> Node:
    """The node of one flow module."""
    if entry.external is not None:
        return instance_entry_node("module", MODULES, entry, None, tags)
    own = linking.contracts.get(entry.name, "")
    linked = _linked(content, Kind.MODULE, linking, lambda text: _errors(text, Kind.MODULE, MODULE, own, linking))
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


def parsed_flow(content: Contents, kind: Kind) -> Flow | None:
    """The parsed content, None if it cannot be read."""
    if content.text is None:
        return None
    try:
        return read_flow(content.text, kind)
    except FlowError:
        return None


def names_used(content: Contents, kind: Kind, names: Names) -> tuple[Reference, ...]:
    """What a content refers to; nothing if it cannot be read. names: tell a name with an @ in it for what it is."""
    flow = parsed_flow(content, kind)
    return references(flow, names) if flow is not None else ()


def _errors(text: str, kind: Kind, type_: str, own: str, linking: Linking) -> tuple[str, ...]:
    flow = read_flow(text, kind)
    called = sorted({ref.name for ref in references(flow, linking.names) if ref.kind == "module"})
    contracts = tuple((name, linking.contracts[name]) for name in called if name in linking.contracts)
    return errors_of(text, kind, type_, own, contracts)


def _linked(content: Contents, kind: Kind, linking: Linking, errors: Callable[[str], tuple[str, ...]]) -> Json | str:
    """The content with references in place of names, or what is wrong with it."""
    if content.text is None:
        return content.problem
    try:
        flow = read_flow(content.text, kind)
        wrong = errors(content.text)
        return _few(wrong) if wrong else link(flow, linking.names)
    except FlowError as error:
        return str(error)


def _few(texts: tuple[str, ...]) -> str:
    more = len(texts) - SHOWN
    return " | ".join(texts[:SHOWN]) + (f" | and {more} more" if more > 0 else "")
