"""The three forms of a cache: nodes, serverless, run by others; and what stands beside them: network, encryption.

Values and limits: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html,
API_ModifyReplicationGroup.html, API_CreateServerlessCache.html.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from trunkline.api.common import (
    ATOMIC,
    SET,
    Flag,
    KmsKeyArn,
    Model,
    Rule,
    absent,
    default,
    entries,
    example,
    fixed,
    integer,
    required,
    text,
    unmanaged,
)

DEFAULT_PORT = 6379

SubnetId = Annotated[str, text(24, pattern="^subnet-[0-9a-f]{8,17}$"), example("subnet-0a1b2c3d4e5f60718")]
SecurityGroupId = Annotated[str, text(20, pattern="^sg-[0-9a-f]{8,17}$"), example("sg-0a1b2c3d4e5f60718")]
Port = Annotated[int, integer(1, 65_535)]


class Engine(StrEnum):
    VALKEY = "valkey"
    REDIS = "redis"


class ClusterMode(StrEnum):
    DISABLED = "disabled"
    COMPATIBLE = "compatible"
    ENABLED = "enabled"


class InTransit(StrEnum):
    DISABLED = "disabled"
    PREFERRED = "preferred"
    REQUIRED = "required"


class Nodes(Model):
    """A replication group of nodes."""

    rules = (
        Rule(
            "!self.multiAZ || self.replicasPerShard >= 1",
            "multiAZ fails over to a replica: write replicasPerShard of 1 or more, or multiAZ: false",
            ".multiAZ",
            holds=lambda nodes: not nodes.multi_az or nodes.replicas_per_shard >= 1,
        ),
        Rule(
            "self.shards == 1 || self.clusterMode == 'enabled'",
            "more than one shard needs clusterMode: enabled",
            ".shards",
            holds=lambda nodes: nodes.shards == 1 or nodes.cluster_mode is ClusterMode.ENABLED,
        ),
        Rule(
            "self.clusterMode == oldSelf.clusterMode || (self.clusterMode == 'compatible' && oldSelf.clusterMode == 'disabled') || (oldSelf.clusterMode == 'compatible')",
            "clusterMode goes one step at a time, disabled, compatible, enabled, so that clients can follow; from enabled nothing leads back",
            ".clusterMode",
        ),
        Rule("self.port == oldSelf.port", "the port cannot change: make a second CacheLayer and move", ".port"),
    )

    type: Annotated[str, text(48, pattern="^cache\\.[a-z0-9-]+\\.[a-z0-9-]+$"), example("cache.r7g.large")] = required(
        "Node type."
    )
    shards: Annotated[int, integer(1, 500)] = default(
        1, "Shards; more than one needs clusterMode: enabled. AWS allows 90 unless it raised the quota."
    )
    replicas_per_shard: Annotated[int, integer(0, 5)] = default(1, "Replicas of each shard's primary.")
    multi_az: Flag = Field(
        default=True,
        alias="multiAZ",
        description="Replicas stand in other zones, and one takes over if the primary fails. Default: true.",
    )
    cluster_mode: ClusterMode = default(
        ClusterMode.DISABLED, "Whether keys are spread over shards. Goes one step at a time."
    )
    port: Port = default(DEFAULT_PORT, "Port of every node. Cannot change.")


class Serverless(Model):
    """A serverless cache; always encrypted, in cluster mode, and with users instead of a token."""

    rules = (
        Rule(
            "!has(self.minDataGB) || !has(self.maxDataGB) || self.minDataGB <= self.maxDataGB",
            "minDataGB must not be more than maxDataGB",
            ".minDataGB",
            holds=lambda it: it.min_data_gb is None or it.max_data_gb is None or it.min_data_gb <= it.max_data_gb,
        ),
    )

    max_data_gb: Annotated[int, integer(1, 5_000)] | None = Field(
        default=None, alias="maxDataGB", description="Most data, GB. Not managed if absent; a new one has no limit."
    )
    min_data_gb: Annotated[int, integer(1, 5_000)] | None = Field(
        default=None,
        alias="minDataGB",
        description="Least data that is kept ready and paid, GB. Not managed if absent; a new one has none.",
    )
    max_ecpu_per_second: Annotated[int, integer(1_000, 15_000_000)] | None = Field(
        default=None,
        alias="maxECPUPerSecond",
        description="Most ElastiCache processing units a second. Not managed if absent; a new one has no limit.",
    )


class ExternalCache(Model):
    """A cache that others run: probed and published, never changed."""

    host: Annotated[str, text(253, pattern="^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$"), example("valkey.acme.svc")] = (
        required("Host name or address.")
    )
    port: Port = default(DEFAULT_PORT, "Port.")
    in_transit: InTransit = default(InTransit.REQUIRED, "Whether it speaks TLS.")
    cluster_mode: ClusterMode = default(ClusterMode.DISABLED, "Whether its keys are spread over shards.")


class Network(Model):
    """Where the cache stands. Subnets cannot change."""

    rules = (
        Rule(
            "!(has(self.subnetIds) && has(self.subnetGroup))",
            "write subnetIds, for a group of our own, or the name of a subnetGroup, not both",
            ".subnetGroup",
            holds=lambda network: network.subnet_ids is None or network.subnet_group is None,
        ),
        fixed("subnetIds", "the subnets cannot change: make a second CacheLayer and move"),
        fixed("subnetGroup", "the subnet group cannot change: make a second CacheLayer and move"),
        Rule(
            "has(oldSelf.subnetIds) || has(oldSelf.subnetGroup) || !(has(self.subnetIds) || has(self.subnetGroup))",
            "the subnets cannot change: make a second CacheLayer and move",
        ),
    )

    subnet_ids: Annotated[tuple[SubnetId, ...], entries(20, least=1), SET] | None = absent(
        "Subnets of one VPC; a subnet group is made of them. Cannot change.",
        "those of subnetGroup, or of AWS's default group",
    )
    subnet_group: Annotated[str, text(255, pattern="^[A-Za-z0-9][A-Za-z0-9._ -]*$"), example("acme-private")] | None = (
        absent("Name of an existing subnet group. Cannot change.", "made of subnetIds, or AWS's default group")
    )
    security_group_ids: Annotated[tuple[SecurityGroupId, ...], entries(5, least=1), ATOMIC] | None = unmanaged(
        "Security groups.", "a new one gets the VPC's default group"
    )


class Encryption(Model):
    """At rest, which cannot change, and in transit, which goes one step at a time."""

    rules = (
        Rule(
            "self.atRest == oldSelf.atRest",
            "encryption at rest cannot change: make a second CacheLayer and move",
            ".atRest",
        ),
        fixed("kmsKeyArn", "the key cannot change: make a second CacheLayer and move"),
        Rule(
            "has(oldSelf.kmsKeyArn) || !has(self.kmsKeyArn)",
            "the key cannot change: make a second CacheLayer and move",
            ".kmsKeyArn",
        ),
        Rule(
            "!has(self.kmsKeyArn) || self.atRest",
            "kmsKeyArn needs atRest: true",
            ".kmsKeyArn",
            holds=lambda it: it.kms_key_arn is None or it.at_rest,
        ),
        Rule(
            "self.inTransit == oldSelf.inTransit || self.inTransit == 'preferred' || oldSelf.inTransit == 'preferred'",
            "inTransit goes one step at a time, disabled, preferred, required, so that clients can follow: write preferred first",
            ".inTransit",
        ),
    )

    at_rest: Flag = default(True, "Data on disk and in snapshots. Cannot change.")
    in_transit: InTransit = default(InTransit.REQUIRED, "TLS; preferred takes both. Goes one step at a time.")
    kms_key_arn: KmsKeyArn | None = absent(
        "Key of the data at rest, and of the secret that is made. Cannot change.", "AWS's own key"
    )
