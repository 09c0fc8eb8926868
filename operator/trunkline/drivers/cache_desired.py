"""Wanted caches and what stands around them, in plain values. Pure data; what is None is not managed.

Node kinds: "cache-subnet-group", "cache-parameter-group", "replication-group", "serverless-cache", "cache-secret",
"cache-token". A token is rotated in this order: the group ROTATEs it in (both are accepted then), the secret tells
functions, and "cache-token" SETs it alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from trunkline.engine.resource import Placeholder, Ref

DISABLED, PREFERRED, COMPATIBLE, REQUIRED, ENABLED = "disabled", "preferred", "compatible", "required", "enabled"


@dataclass(frozen=True, slots=True)
class Token:
    """The AUTH token. placeholder: filled in the gate. fingerprint: equal for equal tokens, says nothing else of one."""

    placeholder: Placeholder
    fingerprint: str


@dataclass(frozen=True, slots=True)
class LogDelivery:
    """type: "slow-log" or "engine-log". format: "json" or "text". One of log_group and delivery_stream."""

    type: str
    format: str
    log_group: str | None = None
    delivery_stream: str | None = None


@dataclass(frozen=True, slots=True)
class CacheSubnetGroupDesired:
    """name: in small letters, as AWS keeps it."""

    name: str
    description: str
    subnet_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class CacheParameterGroupDesired:
    """family: "valkey8", "redis7"; cannot change. parameters: by name; what is not named has the family's default."""

    name: str
    family: str
    description: str
    parameters: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ReplicationGroupDesired:
    """A replication group of nodes, and how it is changed.

    engine: "valkey" or "redis". cluster_mode, in_transit: AWS's words. subnet_group, parameter_group: names, or the
    `id` of their nodes; None is AWS's own. token: cannot be with user_group_ids. immediately: what restarts nodes or
    fails over does not wait for the maintenance window. final_snapshot: one more before it is deleted. restore_from:
    name of a snapshot, at creation only. shards_owned, replicas_owned: somebody else moves them, so they are sent when the
    group is made, and then neither diffed nor sent.
    """

    id: str
    description: str
    engine: str
    node_type: str
    engine_version: str | None = None
    shards: int = 1
    replicas_per_shard: int = 1
    multi_az: bool = True
    cluster_mode: str = DISABLED
    port: int = 6379
    subnet_group: Ref | str | None = None
    security_group_ids: frozenset[str] | None = None
    at_rest: bool = True
    kms_key_arn: str | None = None
    in_transit: str = REQUIRED
    token: Token | None = None
    user_group_ids: frozenset[str] | None = None
    parameter_group: Ref | str | None = None
    immediately: bool = False
    maintenance_window: str | None = None
    auto_minor_version_upgrade: bool | None = None
    snapshot_retention_days: int | None = None
    snapshot_window: str | None = None
    final_snapshot: bool = False
    restore_from: str | None = None
    log_delivery: tuple[LogDelivery, ...] | None = None
    notification_topic_arn: str | None = None
    shards_owned: bool = False
    replicas_owned: bool = False


@dataclass(frozen=True, slots=True)
class ServerlessCacheDesired:
    """engine_version: the major one. Data in GB, units in ECPU a second; None leaves the limit alone."""

    name: str
    description: str
    engine: str
    engine_version: str | None = None
    max_data_gb: int | None = None
    min_data_gb: int | None = None
    max_ecpu_per_second: int | None = None
    kms_key_arn: str | None = None
    security_group_ids: frozenset[str] | None = None
    subnet_ids: frozenset[str] | None = None
    user_group_id: str | None = None
    snapshot_retention_days: int | None = None
    snapshot_window: str | None = None
    final_snapshot: bool = False
    restore_from: str | None = None


@dataclass(frozen=True, slots=True)
class CacheSecretDesired:
    """The secret that functions read: {"password", "userSecretArn", "hashKey"}, see lambdas/shared/cache_secret.py.

    token: its password. user_secret_arn: the secret with username and password, which AWS rotates. The key that hashes
    callers is made once, in the gate, and kept by every later write. after: what has to be known before the value
    changes: the group's attribute `token`, which equals the fingerprint once the group takes the token.
    """

    name: str
    description: str
    token: Token | None = None
    user_secret_arn: str | None = None
    kms_key_arn: str | None = None
    after: Ref | str | None = None


@dataclass(frozen=True, slots=True)
class CacheTokenDesired:
    """The end of a rotation: the token alone is accepted.

    retiring, rotated_at: the group's attributes of those names; an empty `retiring` means that nothing is left to end.
    secret: the secret's attribute `value`, which equals the fingerprint once functions are told. window: the group's
    attribute of that name: what would be brought forward.
    """

    group: str
    token: Token
    retiring: Ref | str
    rotated_at: Ref | str
    secret: Ref | str | None = None
    window: Ref | str | None = None
