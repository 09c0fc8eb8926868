"""A ContactCenter to its graph. Pure: what was read by name comes in, the blueprint goes out.

An entry that cannot be built becomes a node (or several, for what would have been made of it) that says why: it blocks
what stands on it, is never swept, and the rest of the center goes on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from trunkline.api.center import ContactCenterSpec
from trunkline.api.entry import Entry
from trunkline.api.parse import ParsedCenter
from trunkline.blueprints.claims import NO_CLAIMS, Claims
from trunkline.blueprints.entries import broken_node
from trunkline.blueprints.flows import Contents, Linking, content_of, flow_node, module_node, names_used, parsed_flow
from trunkline.blueprints.functions import FunctionPlace, PublishedCache, connect_nodes, function_nodes
from trunkline.blueprints.hours import hours_node
from trunkline.blueprints.instance import instance_nodes
from trunkline.blueprints.queues import queue_node
from trunkline.blueprints.roles import ROLE_RULES, RoleRules
from trunkline.blueprints.routing_profiles import routing_profile_node
from trunkline.blueprints.tables import table_node
from trunkline.drivers.lookups import LookupDesired
from trunkline.engine.resource import Blueprint, Management, Node
from trunkline.flows import Kind, module_cycles

# What an entry of a section is made of; a broken entry breaks all of it.
SECTION_KINDS: Mapping[str, tuple[str, ...]] = {
    "hoursOfOperation": ("hours",),
    "queues": ("queue",),
    "routingProfiles": ("routing-profile",),
    "flows": ("flow",),
    "flowModules": ("module",),
    "functions": ("role", "log-group", "function", "function-permission", "lambda-association"),
    "tables": ("table",),
}
# Only what lives in an instance can be Exclusive, and only where one listing shows all of it.
EXCLUSIVE_KINDS: Mapping[str, str] = {
    "hours": "hoursOfOperation",
    "queue": "queues",
    "routing-profile": "routingProfiles",
    "flow": "flows",
    "module": "flowModules",
    "approved-origin": "approvedOrigins",
}
NAMED_BY_FLOWS: Mapping[str, str] = {
    "queue": "queues",
    "hours": "hoursOfOperation",
    "flow": "flows",
    "module": "flowModules",
    "function": "functions",
}
LOOKED_UP = ("prompt", "quick-connect", "view")
MANAGED_SECTIONS = (*SECTION_KINDS, "instance", "storage", "approvedOrigins")

EntryT = TypeVar("EntryT", bound=Entry)


@dataclass(frozen=True, slots=True)
class Sources:
    """What the blueprint needs besides the spec. contents: of ConfigMap keys, by (name, key). builtins: the base64
    SHA-256 of each builtin function's archive. shared_instance: of the center that `centerRef` names. instance_writer: another
    center that names the same instance and writes what an instance has only one of. cache: what the CacheLayer that
    `cacheRef` names publishes; None if there is none yet. claims: fields that policies own. roles: how those of functions
    are made.
    """

    center: str
    account: str
    partition: str = "aws"
    contents: Mapping[tuple[str, str], Contents] = field(default_factory=dict)
    builtins: Mapping[str, str] = field(default_factory=dict)
    shared_instance: str | None = None
    instance_writer: str | None = None
    cache: PublishedCache | None = None
    claims: Claims = NO_CLAIMS
    roles: RoleRules = ROLE_RULES


def config_keys(spec: ContactCenterSpec) -> frozenset[tuple[str, str]]:
    """The ConfigMap keys that a spec names: (name, key)."""
    contents = [flow.content for flow in spec.flows if flow.external is None]
    contents += [module.content for module in spec.flow_modules if module.external is None]
    references = (content.config_map_key_ref for content in contents if content is not None)
    return frozenset((reference.name, reference.key) for reference in references if reference is not None)


def build_blueprint(parsed: ParsedCenter, spec: ContactCenterSpec, sources: Sources) -> Blueprint:
    """The graph of a center. Never raises: what cannot be built is told by the nodes themselves."""
    broken = _broken(parsed)
    builder = _Builder(spec, sources, broken)
    nodes = [*builder.nodes(), *(node for nodes in broken.values() for node in nodes)]
    management = {section: Management(spec.management.of(section).value) for section in MANAGED_SECTIONS}
    management |= dict.fromkeys(parsed.unreadable, Management.OBSERVE)  # what it once held is unknown
    return Blueprint(
        nodes=tuple(nodes),
        management=management,
        default_management=Management(spec.management.default.value),
        exclusive={
            kind: section
            for kind, section in EXCLUSIVE_KINDS.items()
            if management[section] is Management.EXCLUSIVE and _written(spec, section)
        },
    )


def _written(spec: ContactCenterSpec, section: str) -> bool:
    """An absent section is never Exclusive's empty list."""
    if section == "approvedOrigins":
        return spec.instance.approved_origins is not None
    return spec.given(section)


def _broken(parsed: ParsedCenter) -> dict[tuple[str, str], list[Node]]:
    nodes: dict[tuple[str, str], list[Node]] = {}
    for entry in parsed.broken:
        if not entry.name:
            continue
        reason = " | ".join(f"{problem.message}; {problem.remedy}".rstrip("; ") for problem in entry.problems[:5])
        kinds = SECTION_KINDS.get(entry.section, ())
        nodes[entry.section, entry.name] = [broken_node(kind, entry.section, entry.name, reason) for kind in kinds]
    return nodes


class _Builder:
    """Builds section by section. One object per blueprint."""

    def __init__(self, spec: ContactCenterSpec, sources: Sources, broken: Mapping[tuple[str, str], list[Node]]) -> None:
        self._spec = spec
        self._sources = sources
        self._broken = broken
        self._tags: dict[str, str] = dict(spec.tags or {})
        self._contents = {
            **{(Kind.FLOW, flow.name): content_of(flow, sources.contents) for flow in spec.flows},
            **{(Kind.MODULE, module.name): content_of(module, sources.contents) for module in spec.flow_modules},
        }
        handles = {kind: self._handles(section) for kind, section in NAMED_BY_FLOWS.items()}
        self._used = {
            (kind, name): names_used(content, kind, handles) for (kind, name), content in self._contents.items()
        }
        # What exists in the instance and is only named: any name will do, the lookup tells.
        looked_up = {
            kind: frozenset(ref.name for refs in self._used.values() for ref in refs if ref.kind == kind)
            for kind in LOOKED_UP
        }
        settings = {module.name: module.settings for module in spec.flow_modules if module.settings is not None}
        self._linking = Linking(
            names={**handles, **looked_up},
            contracts={name: json.dumps(value, sort_keys=True) for name, value in settings.items()},
        )

    def nodes(self) -> Iterable[Node]:
        """All nodes of entries that are not broken."""
        spec, tags = self._spec, self._tags
        yield from instance_nodes(
            spec.instance, tags, self._sources.shared_instance, other_writer=self._sources.instance_writer
        )
        yield from (hours_node(entry, tags) for entry in self._sound("hoursOfOperation", spec.hours_of_operation))
        claims, center = self._sources.claims, self._sources.center
        yield from (table_node(entry, center, tags, claims) for entry in self._sound("tables", spec.tables))
        yield from self._function_nodes()
        yield from self._lookups()
        yield from self._flow_nodes()
        yield from (queue_node(entry, tags) for entry in self._sound("queues", spec.queues))
        yield from (
            routing_profile_node(entry, tags) for entry in self._sound("routingProfiles", spec.routing_profiles)
        )

    def _handles(self, section: str) -> frozenset[str]:
        broken = {name for of, name in self._broken if of == section}
        return frozenset(entry.name for entry in self._spec.section(section)) | broken

    def _sound(self, section: str, entries: tuple[EntryT, ...]) -> tuple[EntryT, ...]:
        return tuple(entry for entry in entries if (section, entry.name) not in self._broken)

    def _called(self) -> frozenset[str]:
        """The functions that flows and modules call."""
        return frozenset(ref.name for refs in self._used.values() for ref in refs if ref.kind == "function")

    def _function_nodes(self) -> Iterable[Node]:
        spec, sources = self._spec, self._sources
        called = self._called()
        place = FunctionPlace(
            sources.center,
            sources.account,
            sources.partition,
            spec.region,
            sources.builtins,
            sources.cache,
            sources.claims,
            sources.roles,
        )
        tables = {table.name: table for table in spec.tables}
        for entry in self._sound("functions", spec.functions):
            yield from function_nodes(entry, place, tables, self._tags)
            if entry.name in called:
                yield from connect_nodes(entry, place)

    def _lookups(self) -> Iterable[Node]:
        """What exists in the instance and is only named: prompts and views by flows, quick connects by queues too."""
        named = {(ref.kind, ref.name) for refs in self._used.values() for ref in refs if ref.kind in LOOKED_UP}
        named |= {("quick-connect", name) for queue in self._spec.queues for name in queue.quick_connects or ()}
        for kind, name in sorted(named):
            yield Node(
                key=f"{kind}/{name}",
                kind=kind,
                section="lookups",
                name=name,
                path=f"{kind} {name!r}",
                aws_name=name,
                desired=LookupDesired(name),
                external=True,
            )

    def _flow_nodes(self) -> Iterable[Node]:
        linking = self._linking
        cycles = self._module_cycles()
        for module in self._sound("flowModules", self._spec.flow_modules):
            if module.name in cycles:
                reason = f"modules call each other in a circle: {cycles[module.name]}; take one call out"
                yield broken_node("module", "flowModules", module.name, reason)
            else:
                content = self._contents[Kind.MODULE, module.name]
                yield module_node(module, content, linking, self._tags, self._stands_on(Kind.MODULE, module.name))
        for flow in self._sound("flows", self._spec.flows):
            content = self._contents[Kind.FLOW, flow.name]
            yield flow_node(flow, content, linking, self._tags, self._stands_on(Kind.FLOW, flow.name))

    def _stands_on(self, kind: Kind, name: str) -> frozenset[str]:
        """A flow can be published once Connect knows, and may call, the functions that it calls."""
        known = self._handles("functions")
        called = {ref.name for ref in self._used[kind, name] if ref.kind == "function"} & known
        return frozenset(f"{kind}/{name}" for name in called for kind in ("lambda-association", "function-permission"))

    def _module_cycles(self) -> dict[str, str]:
        """By module, the circle of calls that it stands in."""
        readable = {
            name: flow
            for (kind, name), content in self._contents.items()
            if kind is Kind.MODULE and (flow := parsed_flow(content, kind)) is not None
        }
        return {name: " -> ".join(path) for path in module_cycles(readable) for name in path}
