"""The ContactCenter kind: its spec, and the rules that tie the sections together.

Limits and meaning of each section are in the section's own file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from trunkline.api.common import (
    Model,
    ObjectReference,
    Rule,
    absent,
    default,
    list_map,
    required,
)
from trunkline.api.entry import (
    MAX_FLOW_MODULES,
    MAX_FLOWS,
    MAX_FUNCTIONS,
    MAX_HOURS,
    MAX_QUEUES,
    MAX_ROUTING_PROFILES,
    MAX_TABLES,
    Entry,
)
from trunkline.api.flows import Flow, FlowModule
from trunkline.api.functions import Function
from trunkline.api.hours import HoursOfOperation
from trunkline.api.instance import Instance
from trunkline.api.managed import (
    NAME_RULE,
    ManagedSpec,
    Metadata,
    managed_rules,
)
from trunkline.api.policies import DeletionPolicy, SectionManagement
from trunkline.api.queues import Queue
from trunkline.api.routing_profiles import RoutingProfile
from trunkline.api.status import ContactCenterStatus
from trunkline.api.tables import Table

SECTIONS: tuple[str, ...] = (
    "hoursOfOperation",
    "queues",
    "routingProfiles",
    "flows",
    "flowModules",
    "functions",
    "tables",
)
"""The sections that are lists of entries, as YAML spells them."""


def _names(section: str) -> str:
    """CEL: the names of a section as a map. `x in list.map(...)` would pass here and fail at run time when large."""
    return f"(has(self.{section}) ? self.{section}.transformMapEntry(i, e, {{e.name: true}}) : {{}})"


def _known(section: str, holder: str, condition: str, what: str) -> Rule:
    """Every reference of `holder` to `section` names an entry that is there. In the condition: x the entry, m the names."""
    return Rule(
        f"!has(self.{holder}) || [{_names(section)}].all(m, self.{holder}.all(x, {condition}))",
        f"{what} must name an entry of {section}: add it there, with external: {{}} if it exists already, or correct the name",
        f".{holder}",
    )


def _own_aws_names(section: str, unnamed: str = "e.name") -> Rule:
    """On a section: no two entries have one name in AWS. A map refuses the second key, and the API server shows it."""
    return Rule(
        f"size(self.transformMapEntry(i, e, {{(has(e.awsName) ? e.awsName : {unnamed}): true}})) >= 0",
        f"two entries of {section} have the same name in AWS: write another name or awsName in one of them",
    )


_CENTERS = "' ' + e.name"
"""What an entry without awsName is called that is named after its center: like no awsName, which has no space."""


def _section(most: int, description: str) -> Any:
    return Field(
        default=(),
        description=f"{description} Absent: none are wanted; what was made leaves, but what nobody listed stays.",
        max_length=most,
    )


class ContactCenterSpec(ManagedSpec):
    """The wanted state of one contact center."""

    rules = (
        *managed_rules("ContactCenter"),
        _known("hoursOfOperation", "queues", "!has(x.hours) || x.hours in m", "hours"),
        _known("hoursOfOperation", "hoursOfOperation", "!has(x.parents) || x.parents.all(p, p in m)", "parents"),
        _known("flows", "queues", "!has(x.outbound) || !has(x.outbound.flow) || x.outbound.flow in m", "outbound.flow"),
        _known(
            "queues",
            "routingProfiles",
            "!has(x.defaultOutboundQueue) || x.defaultOutboundQueue in m",
            "defaultOutboundQueue",
        ),
        _known("queues", "routingProfiles", "!has(x.queues) || x.queues.all(q, q.queue in m)", "queues"),
        _known(
            "queues",
            "routingProfiles",
            "!has(x.manualAssignmentQueues) || x.manualAssignmentQueues.all(q, q.queue in m)",
            "manualAssignmentQueues",
        ),
        _known("tables", "functions", "!has(x.access) || x.access.all(a, a.table in m)", "access"),
        _known(
            "tables",
            "functions",
            "!has(x.environment) || x.environment.all(v, !has(v.valueFrom) || !has(v.valueFrom.table) || v.valueFrom.table in m)",
            "environment",
        ),
        Rule(
            "!has(self.functions) || has(self.cacheRef) || self.functions.all(f, !has(f.environment) || f.environment.all(v, !has(v.valueFrom) || !has(v.valueFrom.cache)))",
            "valueFrom.cache needs cacheRef: name the CacheLayer there",
            ".functions",
        ),
    )

    deletion_policy: DeletionPolicy = default(
        DeletionPolicy.RETAIN,
        "What becomes of what was made when the object is deleted: Retain calls nothing, Delete removes it. Instance, tables and phone numbers go only by Delete of their own.",
    )
    management: SectionManagement = Field(
        default_factory=SectionManagement,
        description="How far each section is managed. Default: Listed.",
        json_schema_extra={"default": {}},
    )
    instance: Instance = required(
        "The Amazon Connect instance: made (alias), existing (id), or another center's (centerRef)."
    )
    hours_of_operation: Annotated[
        tuple[HoursOfOperation, ...], list_map("name"), _own_aws_names("hoursOfOperation")
    ] = _section(MAX_HOURS, "Hours of operation.")
    queues: Annotated[tuple[Queue, ...], list_map("name"), _own_aws_names("queues")] = _section(MAX_QUEUES, "Queues.")
    routing_profiles: Annotated[tuple[RoutingProfile, ...], list_map("name"), _own_aws_names("routingProfiles")] = (
        _section(MAX_ROUTING_PROFILES, "Routing profiles.")
    )
    flows: Annotated[tuple[Flow, ...], list_map("name"), _own_aws_names("flows")] = _section(MAX_FLOWS, "Flows.")
    flow_modules: Annotated[tuple[FlowModule, ...], list_map("name"), _own_aws_names("flowModules")] = _section(
        MAX_FLOW_MODULES, "Flow modules."
    )
    functions: Annotated[tuple[Function, ...], list_map("name"), _own_aws_names("functions", _CENTERS)] = _section(
        MAX_FUNCTIONS, "Lambda functions."
    )
    tables: Annotated[tuple[Table, ...], list_map("name"), _own_aws_names("tables", _CENTERS)] = _section(
        MAX_TABLES, "DynamoDB tables."
    )
    cache_ref: ObjectReference | None = absent("CacheLayer of this namespace whose endpoint functions get.", "no cache")

    def section(self, section: str) -> tuple[Entry, ...]:
        """The entries of a section, by its name in YAML."""
        entries_of: tuple[Entry, ...] = getattr(self, SECTION_ATTRIBUTES[section])
        return entries_of

    def given(self, section: str) -> bool:
        """Whether the section was written at all; one that was not is never Exclusive's empty list."""
        return SECTION_ATTRIBUTES[section] in self.model_fields_set


SECTION_ATTRIBUTES = {
    str(info.alias): name for name, info in ContactCenterSpec.model_fields.items() if info.alias in SECTIONS
}


SECTION_MODELS: Mapping[str, type[Entry]] = {
    "hoursOfOperation": HoursOfOperation,
    "queues": Queue,
    "routingProfiles": RoutingProfile,
    "flows": Flow,
    "flowModules": FlowModule,
    "functions": Function,
    "tables": Table,
}


class ContactCenter(Model):
    """A contact center on Amazon Connect with its functions and tables."""

    kind: ClassVar[str] = "ContactCenter"
    plural: ClassVar[str] = "contactcenters"
    rules = (
        NAME_RULE,
        Rule(
            "!has(self.spec.functions) || self.spec.functions.all(f, has(f.awsName) || has(f.external) || (size(self.metadata.name) + 1 + size(f.name) <= 64 && f.name.matches('^[A-Za-z0-9_-]+$')))",
            "the name in AWS is <center>-<name>, at most 64 letters, digits, - and _: write a shorter name, or awsName",
            ".spec.functions",
        ),
        Rule(
            "!has(self.spec.tables) || self.spec.tables.all(t, has(t.awsName) || has(t.external) || t.name.matches('^[A-Za-z0-9_.-]+$'))",
            "the name in AWS is <center>-<name>, of letters, digits, _, . and -: write another name, or awsName",
            ".spec.tables",
        ),
    )

    metadata: Metadata = Field(default_factory=Metadata)
    spec: ContactCenterSpec = required("The wanted state.")
    status: ContactCenterStatus = Field(default_factory=ContactCenterStatus, description="The observed state.")

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def namespace(self) -> str:
        return self.metadata.namespace
