"""What is wanted of a cache in AWS: what blueprints write and the drivers of ElastiCache and Secrets Manager read. Pure.

None is *not managed*: left as it is, neither compared nor sent; what a new resource then gets is AWS's default.
"""

from __future__ import annotations

from dataclasses import dataclass

from trunkline.engine.resource import Placeholder, Ref

TOKEN_WORD = "token"  # noqa: S105  # in the record: fingerprint of the token that was last sent and taken
SETTLED_WORD = "settled"  # in the record of a group: fingerprint of the only token that it takes

# Attributes of a cache that references, and the status, ask for.
ENDPOINT, PORT = "endpoint", "port"  # host name and port of what clients connect to
TLS = "tls"  # disabled | preferred | required
CLUSTER_MODE = "cluster_mode"  # disabled | compatible | enabled
MEMBERS = "members"  # ids of the nodes, comma between


@dataclass(frozen=True, slots=True)
class AuthToken:
    """A token: what stands for it in params, and by what it is recognized."""

    token: Placeholder
    fingerprint: str


@dataclass(frozen=True, slots=True)
class LogTarget:
    """type: slow-log | engine-log. format: json | text. One of log_group and delivery_stream, by name."""

    type: str
    format: str
    log_group: str | None = None
    delivery_stream: str | None = None


@dataclass(frozen=True, slots=True)
class SnapshotSettings:
    """retention_days: 0 makes none. window: "03:00-05:00", UTC. final: one more before a delete. restore_from: at creation."""

    retention_days: int | None = None
    window: str | None = None
    final: bool = False
    restore_from: str | None = None


@dataclass(frozen=True, slots=True)
class ReplicationGroupDesired:
    """A group of nodes. id: in small letters.

    auth_token: at creation as it is; a changed one is ROTATEd (both are taken then) and, once `token_published`, SET.
    token_published: everybody who reads the token has been told, so the older one may be taken away.
    apply: Immediately | MaintenanceWindow. subnet_group, parameter_group: names.
    """

    id: str
    description: str
    engine: str
    node_type: str
    engine_version: str | None = None
    shards: int = 1
    replicas_per_shard: int = 0
    multi_az: bool = False
    cluster_mode: str = "disabled"
    port: int = 6379
    subnet_group: str | Ref | None = None
    security_group_ids: tuple[str, ...] | None = None
    at_rest_encryption: bool = True
    in_transit: str = "required"
    kms_key_arn: str | None = None
    auth_token: AuthToken | None = None
    token_published: bool = False
    user_group_ids: tuple[str, ...] | None = None
    apply: str = "MaintenanceWindow"
    maintenance_window: str | None = None
    auto_minor_version_upgrade: bool | None = None
    snapshots: SnapshotSettings | None = None
    parameter_group: str | Ref | None = None
    log_delivery: tuple[LogTarget, ...] | None = None
    notification_topic_arn: str | None = None


@dataclass(frozen=True, slots=True)
class ServerlessCacheDesired:
    """A serverless cache. name: in small letters. major_version: "8"."""

    name: str
    description: str
    engine: str
    major_version: str | None = None
    max_data_gb: int | None = None
    min_data_gb: int | None = None
    max_ecpu_per_second: int | None = None
    subnet_ids: tuple[str, ...] | None = None
    security_group_ids: tuple[str, ...] | None = None
    kms_key_arn: str | None = None
    user_group_id: str | None = None
    snapshots: SnapshotSettings | None = None


@dataclass(frozen=True, slots=True)
class CacheSubnetGroupDesired:
    """Subnets of one VPC. name: in small letters; its id."""

    name: str
    description: str
    subnet_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class CacheParameterGroupDesired:
    """Parameters by name, as text. name: in small letters; its id. family: valkey8, redis7, redis6.x.

    What is not listed goes back to the family's default.
    """

    name: str
    description: str
    family: str
    parameters: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SecretDesired:
    """A secret for functions, JSON: {"hashKey": 64 hex digits, "password"?, "userSecretArn"?}.

    The hash key is made once and kept through every later version. token: becomes `password`; a changed fingerprint is a
    new version.
    """

    name: str
    description: str
    token: AuthToken | None = None
    user_secret_arn: str | None = None
    kms_key_arn: str | None = None
