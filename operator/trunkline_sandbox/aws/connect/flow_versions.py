"""Versions of flows and flow modules, and the aliases that point to them. Both kinds work alike.

A version is an immutable copy of what is published, numbered from 1. A digest that is sent along must be that of what
is published, or nothing is made.
"""

from dataclasses import dataclass, replace

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler
from trunkline_sandbox.aws.connect.entity import Entity, Kind, timestamp
from trunkline_sandbox.aws.connect.flows import digest, qualified
from trunkline_sandbox.aws.connect.paging import page
from trunkline_sandbox.aws.connect.store import Instance


@dataclass(frozen=True, slots=True)
class Version:
    """A copy of content, and of the settings of a module."""

    number: int
    content: str
    settings: str | None
    description: str
    made: float

    def members(self) -> Answer:
        """What Describe says of it."""
        return {"Version": self.number} | ({"VersionDescription": self.description} if self.description else {})


@dataclass(frozen=True, slots=True)
class Alias:
    """A name for a version."""

    id: str
    name: str
    description: str
    version: int
    modified: float


@dataclass(frozen=True, slots=True)
class Family:
    """How the operations of a kind spell their members."""

    kind: Kind
    resource: str  # ContactFlow or ContactFlowModule
    digest: str

    @property
    def identifier(self) -> str:
        """The member with the id."""
        return f"{self.resource}Id"

    @property
    def version(self) -> str:
        """The member with a version number."""
        return f"{self.resource}Version"

    def named(self, call: Call, instance: Instance) -> Entity:
        """The flow or module of the call."""
        return call.require(instance, self.kind, qualified(call.params[self.identifier]).value)

    # -- versions ----------------------------------------------------------------------------------------------------

    def create_version(self, call: Call) -> Answer:
        """Create…Version of what is published."""
        entity = self.named(call, call.instance())
        content = entity.links["published"]
        if content is None:
            raise faults.invalid_request("The flow has not been published.")
        if call.params.get(self.digest, digest(content)) != digest(content):
            raise faults.invalid_request(f"{self.digest} is not that of the published content.")
        versions: tuple[Version, ...] = entity.links["versions"]
        number = entity.links.get("last_version", 0) + 1
        made = Version(
            number, content, entity.fields.get("Settings"), str(call.params.get("Description", "")), call.now
        )
        entity.write(call.now, links={"versions": (*versions, made), "last_version": number})
        return {"ContactFlowArn" if self.kind is Kind.FLOW else "ContactFlowModuleArn": entity.arn, "Version": number}

    def list_versions(self, call: Call) -> Answer:
        """List…Versions."""
        instance = call.instance()
        entity, state = call.described(instance, self.kind, qualified(call.params[self.identifier]).value)
        shown, token = page(call, state.links["versions"], lambda version: version.number, 1000)
        summaries = [{"Arn": f"{entity.arn}:{version.number}", **version.members()} for version in shown]
        return {f"{self.resource}VersionSummaryList": summaries, **token}

    def delete_version(self, call: Call) -> Answer:
        """Delete…Version. Refused while an alias points to it."""
        entity = self.named(call, call.instance())
        number = int(call.params[self.version])
        if any(alias.version == number for alias in entity.links["aliases"]):
            raise faults.invalid_request(f"Version {number} is the target of an alias.")
        remaining = tuple(version for version in entity.links["versions"] if version.number != number)
        if len(remaining) == len(entity.links["versions"]):
            raise faults.not_found()
        entity.write(call.now, links={"versions": remaining})
        return {}

    # -- aliases -----------------------------------------------------------------------------------------------------

    def create_alias(self, call: Call) -> Answer:
        """Create…Alias for a version that exists."""
        entity = self.named(call, call.instance())
        name, number = str(call.params["AliasName"]), int(call.params[self.version])
        self._check_alias(entity, name, number, None)
        identifier = call.store.identifier(call.store.next_sequence())
        alias = Alias(identifier, name, str(call.params.get("Description", "")), number, call.now)
        entity.write(call.now, links={"aliases": (*entity.links["aliases"], alias)})
        return {f"{self.resource}Arn": entity.arn, "Id": identifier}

    def describe_alias(self, call: Call) -> Answer:
        """Describe…Alias."""
        instance = call.instance()
        entity, state = call.described(instance, self.kind, qualified(call.params[self.identifier]).value)
        alias = next((a for a in state.links["aliases"] if a.id == call.params["AliasId"]), None)
        if alias is None:
            raise faults.not_found()
        info = {
            self.identifier: entity.id,
            f"{self.resource}Arn": entity.arn,
            "AliasId": alias.id,
            "Version": alias.version,
            "Name": alias.name,
            "LastModifiedTime": timestamp(alias.modified),
            "LastModifiedRegion": entity.region,
        }
        return {f"{self.resource}Alias": info | ({"Description": alias.description} if alias.description else {})}

    def list_aliases(self, call: Call) -> Answer:
        """List…Aliases."""
        instance = call.instance()
        entity, state = call.described(instance, self.kind, qualified(call.params[self.identifier]).value)
        shown, token = page(call, state.links["aliases"], lambda alias: alias.name, 1000)
        summaries = []
        for alias in shown:
            summary = {
                "Arn": f"{entity.arn}:{alias.name}",
                "AliasId": alias.id,
                "Version": alias.version,
                "AliasName": alias.name,
                "LastModifiedTime": timestamp(alias.modified),
            }
            summaries.append(summary | ({"AliasDescription": alias.description} if alias.description else {}))
        return {f"{self.resource}AliasSummaryList": summaries, **token}

    def update_alias(self, call: Call) -> Answer:
        """Update…Alias: name, description, version; what is absent stays."""
        entity = self.named(call, call.instance())
        old = self._alias(entity, call.params["AliasId"])
        new = replace(
            old,
            name=str(call.params.get("Name", old.name)),
            description=str(call.params.get("Description", old.description)),
            version=int(call.params.get(self.version, old.version)),
            modified=call.now,
        )
        self._check_alias(entity, new.name, new.version, old)
        entity.write(call.now, links={"aliases": tuple(new if a is old else a for a in entity.links["aliases"])})
        return {}

    def delete_alias(self, call: Call) -> Answer:
        """Delete…Alias. The version stays."""
        entity = self.named(call, call.instance())
        gone = self._alias(entity, call.params["AliasId"])
        entity.write(call.now, links={"aliases": tuple(a for a in entity.links["aliases"] if a is not gone)})
        return {}

    def _alias(self, entity: Entity, identifier: str) -> Alias:
        aliases: tuple[Alias, ...] = entity.links["aliases"]
        alias = next((a for a in aliases if a.id == identifier), None)
        if alias is None:
            raise faults.not_found()
        return alias

    def _check_alias(self, entity: Entity, name: str, number: int, besides: Alias | None) -> None:
        if any(alias.name == name for alias in entity.links["aliases"] if alias is not besides):
            raise faults.duplicate(f"An alias with the name {name!r} already exists.")
        if all(version.number != number for version in entity.links["versions"]):
            raise faults.not_found(f"Version {number} was not found.")

    def operations(self) -> dict[str, Handler]:
        """The operations of this kind by name."""
        return {
            f"Create{self.resource}Version": self.create_version,
            f"List{self.resource}Versions": self.list_versions,
            f"Delete{self.resource}Version": self.delete_version,
            f"Create{self.resource}Alias": self.create_alias,
            f"Describe{self.resource}Alias": self.describe_alias,
            f"List{self.resource}Aliases": self.list_aliases,
            f"Update{self.resource}Alias": self.update_alias,
            f"Delete{self.resource}Alias": self.delete_alias,
        }


OPERATIONS: dict[str, Handler] = {
    **Family(Kind.FLOW, "ContactFlow", "FlowContentSha256").operations(),
    **Family(Kind.FLOW_MODULE, "ContactFlowModule", "FlowModuleContentSha256").operations(),
}
