"""What ElastiCache keeps of each resource: plain data that settles on the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from trunkline_sandbox.aws.elasticache import names
from trunkline_sandbox.aws.elasticache.due import Due
from trunkline_sandbox.aws.elasticache.engines import Engine

NO_TOKEN = ""  # among the tokens of a group: connections without AUTH are accepted


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where clients connect to."""

    host: str
    port: int

    def shown(self) -> dict[str, Any]:
        return {"Address": self.host, "Port": self.port}


@dataclass(slots=True)
class Member:
    """A node of a replication group, which the API calls a cache cluster."""

    name: str
    zone: str
    created_at: float
    status: str = "creating"


@dataclass(slots=True)
class Shard:
    """A node group. Its first member is the primary."""

    name: str
    slots: str
    members: list[Member]

    @property
    def replicas(self) -> int:
        return len(self.members) - 1


@dataclass(frozen=True, slots=True)
class Pending:
    """A change that is requested and not yet done: what it does, and how the group and its members show it."""

    apply: Callable[[], None]
    group: dict[str, Any] = field(default_factory=dict)
    member: dict[str, Any] = field(default_factory=dict)
    # What is no longer so as soon as the change begins.
    begin: Callable[[], None] | None = None
    rolls_back: bool = False


@dataclass(slots=True)
class Group:
    """A replication group. `tokens` are the AUTH tokens that every node accepts now, the newest last."""

    name: str
    account: str
    region: str
    created_at: float
    description: str
    engine: Engine
    node_type: str
    parameter_group: str
    subnet_group: str
    shards: list[Shard] = field(default_factory=list)
    status: str = "creating"
    port: int = 6379
    automatic_failover: str = "disabled"
    multi_az: bool = False
    cluster_mode: str = "disabled"
    at_rest: bool = False
    kms_key: str = ""
    in_transit: str = "disabled"
    tokens: list[str] = field(default_factory=lambda: [NO_TOKEN])
    token_changed_at: float | None = None
    user_groups: list[str] = field(default_factory=list)
    security_groups: list[str] = field(default_factory=list)
    maintenance_window: str = ""
    snapshot_window: str = ""
    snapshot_retention: int = 0
    snapshotting_cluster: str = ""
    topic: str = ""
    topic_status: str = "active"
    auto_minor: bool = True
    log_delivery: list[dict[str, Any]] = field(default_factory=list)
    data_tiering: bool = False
    network_type: str = "ipv4"
    ip_discovery: str = "ipv4"
    tags: dict[str, str] = field(default_factory=dict)
    pending: dict[str, Pending] = field(default_factory=dict)
    resharding: tuple[float, float] | None = None  # from, until
    attached: Endpoint | None = None
    serial: int = 0  # of the last member made
    reboot_pending: set[str] = field(default_factory=set)  # nodes whose parameters wait for a reboot
    due: Due = field(default_factory=Due)

    @property
    def arn(self) -> str:
        return names.arn(self.account, self.region, "replicationgroup", self.name)

    @property
    def members(self) -> list[Member]:
        return [member for shard in self.shards for member in shard.members]

    @property
    def has_token(self) -> bool:
        return self.tokens != [NO_TOKEN]

    @property
    def cluster_enabled(self) -> bool:
        return self.cluster_mode == "enabled"

    @property
    def settled(self) -> bool:
        """Whether the group and each of its nodes is available."""
        return self.status == "available" and all(member.status == "available" for member in self.members)


@dataclass(slots=True)
class SubnetGroup:
    """Subnets by id with their zones."""

    name: str
    account: str
    region: str
    description: str
    vpc: str
    subnets: dict[str, str]
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return names.arn(self.account, self.region, "subnetgroup", self.name)


@dataclass(slots=True)
class ParameterGroup:
    """`values` are those that differ from the defaults of the family."""

    name: str
    account: str
    region: str
    family: str
    description: str
    values: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return names.arn(self.account, self.region, "parametergroup", self.name)


@dataclass(slots=True)
class Snapshot:
    """A backup of a replication group. `source` are the members of its description."""

    name: str
    account: str
    region: str
    group: str
    automatic: bool
    taken_at: float
    source: dict[str, Any]
    status: str = "creating"
    tags: dict[str, str] = field(default_factory=dict)
    due: Due = field(default_factory=Due)

    @property
    def arn(self) -> str:
        return names.arn(self.account, self.region, "snapshot", self.name)


@dataclass(slots=True)
class Serverless:
    """A serverless cache. `settings` are the members of its description that were sent or defaulted."""

    name: str
    account: str
    region: str
    created_at: float
    engine: str
    major_version: str
    settings: dict[str, Any]
    status: str = "creating"
    tags: dict[str, str] = field(default_factory=dict)
    attached: Endpoint | None = None
    due: Due = field(default_factory=Due)

    @property
    def arn(self) -> str:
        return names.arn(self.account, self.region, "serverlesscache", self.name)


@dataclass(slots=True)
class ServerlessSnapshot:
    """A backup of a serverless cache."""

    name: str
    account: str
    region: str
    cache: str
    engine: str
    major_version: str
    taken_at: float
    status: str = "creating"
    tags: dict[str, str] = field(default_factory=dict)
    due: Due = field(default_factory=Due)

    @property
    def arn(self) -> str:
        return names.arn(self.account, self.region, "serverlesscachesnapshot", self.name)


@dataclass(slots=True)
class User:
    """An RBAC user. Of its passwords only the number is ever shown."""

    name: str
    account: str
    region: str
    user_name: str
    engine: str
    access: str
    kind: str
    passwords: list[str] = field(default_factory=list)
    status: str = "active"
    tags: dict[str, str] = field(default_factory=dict)
    due: Due = field(default_factory=Due)

    @property
    def arn(self) -> str:
        return names.arn(self.account, self.region, "user", self.name)


@dataclass(slots=True)
class UserGroup:
    """Users that a cache lets in."""

    name: str
    account: str
    region: str
    engine: str
    users: list[str]
    status: str = "creating"
    tags: dict[str, str] = field(default_factory=dict)
    due: Due = field(default_factory=Due)

    @property
    def arn(self) -> str:
        return names.arn(self.account, self.region, "usergroup", self.name)
