"""The CacheLayer kind: its spec, and the rules that tie its parts together.

What AWS cannot change in place, or would refuse after minutes, is refused here with what to write instead.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from trunkline.api.cache_forms import Encryption, Engine, ExternalCache, InTransit, Network, Nodes, Serverless
from trunkline.api.cache_settings import Apply, Auth, LogDelivery, Parameter, Publish, Snapshots, Warm, WeeklyWindow
from trunkline.api.cache_status import CacheLayerStatus
from trunkline.api.common import (
    Arn,
    Flag,
    Model,
    Rule,
    absent,
    default,
    entries,
    example,
    fixed,
    list_map,
    only_one_of,
    required,
    text,
    unmanaged,
)
from trunkline.api.managed import NAME_RULE, ManagedSpec, Metadata, managed_rules
from trunkline.api.policies import DeletionPolicy

MAX_AWS_NAME = 40
_MOVE = "make a second CacheLayer and point cacheRef there"
_OF_NODES = "a cache of nodes"


def _version(of: str) -> str:
    """CEL: a version as one number, in which major goes before minor before patch."""
    part = "(size({of}.engineVersion.split('.')) > {n} ? int({of}.engineVersion.split('.')[{n}]) : 0)"
    major, minor, patch = (part.format(of=of, n=n) for n in range(3))
    return f"({major} * 1000000 + {minor} * 1000 + {patch})"


def _only_for_nodes(name: str) -> Rule:
    attribute = {"maintenanceWindow": "maintenance_window", "logDelivery": "log_delivery"}.get(name, name)
    return Rule(
        f"has(self.nodes) || !has(self.{name})",
        f"{name} is for {_OF_NODES}: leave it out",
        f".{name}",
        holds=lambda spec: spec.nodes is not None or getattr(spec, attribute) is None,
    )


class CacheLayerSpec(ManagedSpec):
    """The wanted state of one cache."""

    rules = (
        *managed_rules("CacheLayer"),
        only_one_of("nodes", "serverless", "external"),
        Rule(
            "has(self.nodes) == has(oldSelf.nodes) && has(self.serverless) == has(oldSelf.serverless)",
            f"the form (nodes, serverless, external) cannot change: {_MOVE}",
        ),
        Rule(
            "!(oldSelf.engine == 'valkey' && self.engine == 'redis')",
            f"valkey cannot become redis, AWS has no way back: write engine: valkey, or {_MOVE}",
            ".engine",
        ),
        Rule(
            "self.engine == oldSelf.engine || has(self.engineVersion)",
            'write the engineVersion that valkey is to have, "8.0" for instance',
            ".engine",
        ),
        Rule(
            "!has(self.engineVersion) || !has(oldSelf.engineVersion) || self.engine != oldSelf.engine || "
            f"{_version('self')} >= {_version('oldSelf')}",
            f"an engine cannot be set back to an earlier version: write the present one or a later one, or {_MOVE}",
            ".engineVersion",
        ),
        Rule(
            "!has(self.auth) || (has(self.external) ? self.external.inTransit : has(self.encryption) ? self.encryption.inTransit : 'required') != 'disabled'",
            "a token or user would cross the network readable: write inTransit: required (or preferred), or leave auth out",
            ".auth",
            holds=lambda spec: spec.auth is None or spec.in_transit is not InTransit.DISABLED,
        ),
        Rule(
            "!has(self.serverless) || !has(self.auth) || !has(self.auth.token)",
            "a serverless cache knows no token: write auth.users",
            ".auth",
            holds=lambda spec: spec.serverless is None or spec.auth is None or spec.auth.token is None,
        ),
        Rule(
            "has(self.external) || !has(self.auth) || !has(self.auth.users) || has(self.auth.users.groupIds)",
            "auth.users needs groupIds: write the user group's id",
            ".auth",
            holds=lambda spec: (
                spec.external is not None
                or spec.auth is None
                or spec.auth.users is None
                or spec.auth.users.group_ids is not None
            ),
        ),
        Rule(
            "has(self.external) || !has(oldSelf.auth) || !has(oldSelf.auth.token) || has(self.auth)",
            "AWS takes a token away only for users: keep it, or write auth.users",
            ".auth",
        ),
        Rule(
            "!has(self.serverless) || !has(self.encryption) || (self.encryption.atRest && self.encryption.inTransit == 'required')",
            "a serverless cache is always encrypted: write atRest: true and inTransit: required, or leave them out",
            ".encryption",
            holds=lambda spec: (
                spec.serverless is None
                or spec.encryption is None
                or (spec.encryption.at_rest and spec.encryption.in_transit is InTransit.REQUIRED)
            ),
        ),
        Rule(
            "has(self.encryption) == has(oldSelf.encryption) || "
            "(has(self.encryption) ? self.encryption.atRest && !has(self.encryption.kmsKeyArn) && self.encryption.inTransit != 'disabled' "
            ": oldSelf.encryption.atRest && !has(oldSelf.encryption.kmsKeyArn) && oldSelf.encryption.inTransit != 'disabled')",
            f"without encryption it is at rest with AWS's own key, and required in transit; at rest cannot change, in transit goes one step at a time: write encryption as it is, or {_MOVE}",
            ".encryption",
        ),
        Rule(
            "has(self.network) == has(oldSelf.network) || "
            "!(has(self.network) ? has(self.network.subnetIds) || has(self.network.subnetGroup) : has(oldSelf.network.subnetIds) || has(oldSelf.network.subnetGroup))",
            f"the subnets cannot change: {_MOVE}",
            ".network",
        ),
        Rule(
            "!has(self.nodes) || (has(self.encryption) && self.encryption.inTransit == 'disabled') || (has(self.network) && (has(self.network.subnetIds) || has(self.network.subnetGroup)))",
            "AWS encrypts in transit only in a subnet group: write network.subnetIds, or the name of a network.subnetGroup",
            ".network",
            holds=lambda spec: (
                spec.nodes is None
                or spec.in_transit is InTransit.DISABLED
                or (spec.network is not None and bool(spec.network.subnet_ids or spec.network.subnet_group))
            ),
        ),
        Rule(
            "!has(self.serverless) || !has(self.network) || !has(self.network.subnetGroup)",
            "a serverless cache takes subnetIds, no subnetGroup",
            ".network",
            holds=lambda spec: spec.serverless is None or spec.network is None or spec.network.subnet_group is None,
        ),
        Rule(
            "!has(self.external) || !(has(self.network) || has(self.encryption) || has(self.snapshots) || has(self.awsName))",
            "of a cache that is external nothing is managed: leave network, encryption, snapshots and awsName out",
            ".external",
            holds=lambda spec: (
                spec.external is None or not (spec.network or spec.encryption or spec.snapshots or spec.aws_name)
            ),
        ),
        Rule(
            "!has(self.publish) || !has(self.publish.secretName) || !has(self.auth) || !has(self.auth.token) || self.publish.secretName != self.auth.token.secretKeyRef.name",
            "publish.secretName is the Secret that the token is read from: write another name, or leave it out",
            ".publish",
            holds=lambda spec: (
                spec.publish is None
                or spec.auth is None
                or spec.auth.token is None
                or spec.publish.secret_name != spec.auth.token.secret_key_ref.name
            ),
        ),
        Rule(
            "!has(oldSelf.publish) || !has(oldSelf.publish.awsSecretName) || !has(self.publish) || !has(self.publish.awsSecretName) || self.publish.awsSecretName == oldSelf.publish.awsSecretName",
            "awsSecretName cannot change: the key in it would be lost, and with it all that is cached; leave it out first if that is meant",
            ".publish",
        ),
        fixed("awsName", f"the name in AWS cannot change: {_MOVE}"),
        Rule("has(oldSelf.awsName) || !has(self.awsName)", f"the name in AWS cannot change: {_MOVE}", ".awsName"),
        *(_only_for_nodes(name) for name in ("parameters", "logDelivery", "maintenanceWindow")),
        Rule(
            "!has(self.parameters) || has(self.engineVersion)",
            "parameters are of an engine version: write engineVersion too",
            ".parameters",
            holds=lambda spec: spec.parameters is None or spec.engine_version is not None,
        ),
        Rule(
            "!has(self.publish) || !has(self.publish.secretName) || (has(self.auth) && has(self.auth.token))",
            "publish.secretName is for the token, and there is none: write auth.token, or leave it out",
            ".publish",
            holds=lambda spec: (
                spec.publish is None
                or spec.publish.secret_name is None
                or (spec.auth is not None and spec.auth.token is not None)
            ),
        ),
        Rule(
            "!has(self.parameters) || !self.parameters.exists(p, p.name == 'cluster-enabled')",
            "cluster-enabled is what nodes.clusterMode says: leave the parameter out",
            ".parameters",
            holds=lambda spec: all(parameter.name != "cluster-enabled" for parameter in spec.parameters or ()),
        ),
    )

    deletion_policy: DeletionPolicy = default(
        DeletionPolicy.RETAIN,
        "What becomes of what was made when the object is deleted: Retain calls nothing, Delete removes it, after a last snapshot if snapshots.final says so.",
    )
    aws_name: (
        Annotated[str, text(MAX_AWS_NAME, pattern="^[A-Za-z]([A-Za-z0-9]|-[A-Za-z0-9])*$"), example("acme-cache")]
        | None
    ) = absent(f"Name in AWS, at most {MAX_AWS_NAME} characters. Cannot change.", "the object's name")
    engine: Engine = default(Engine.VALKEY, "redis to valkey is an upgrade; nothing leads back.")
    engine_version: (
        Annotated[str, text(16, pattern="^[0-9]{1,3}(\\.[0-9]{1,3}){0,2}$"), example('"8.0", in quotes')] | None
    ) = unmanaged("Version of the engine; only rises. Serverless has its first number.", "a new one gets AWS's newest")
    nodes: Nodes | None = absent("A cache of nodes.", "another form is written")
    serverless: Serverless | None = absent("A serverless cache.", "another form is written")
    external: ExternalCache | None = absent(
        "A cache that others run, a Valkey in the cluster for instance: probed, published, never changed.",
        "another form is written",
    )
    network: Network | None = absent("Where the cache stands.", "AWS's default subnets and security group")
    encryption: Encryption | None = absent(
        "Encryption of a cache of nodes.", "at rest with AWS's own key, and required in transit"
    )
    auth: Auth | None = absent("How clients sign in.", "they do not")
    apply: Apply = default(
        Apply.MAINTENANCE_WINDOW,
        "When what restarts nodes or fails over is done: in the maintenance window, or at once.",
    )
    maintenance_window: WeeklyWindow | None = unmanaged(
        "When AWS may maintain it, UTC, at least an hour.", "AWS chooses"
    )
    auto_minor_version_upgrade: Flag | None = unmanaged("AWS installs minor versions by itself.", "a new one gets them")
    snapshots: Snapshots | None = absent("Daily copies.", "not managed; a new one makes none")
    parameters: Annotated[tuple[Parameter, ...], entries(100), list_map("name")] | None = absent(
        "Parameters of the engine; a parameter group is made of them.", "AWS's default parameter group"
    )
    log_delivery: Annotated[tuple[LogDelivery, ...], entries(2), list_map("type")] | None = unmanaged(
        "Where the engine's logs go.", "a new one writes none"
    )
    notification_topic_arn: Arn | None = unmanaged("SNS topic that ElastiCache tells its events.", "a new one has none")
    publish: Publish | None = absent("What others find the cache by.", "nothing is published but in status")
    warm: Warm | None = absent("Fills a new cache before functions are switched to it.", "it fills as it is used")

    @property
    def in_transit(self) -> InTransit:
        """Whether the wanted cache speaks TLS."""
        if self.external is not None:
            return self.external.in_transit
        return self.encryption.in_transit if self.encryption is not None else InTransit.REQUIRED


class CacheLayer(Model):
    """A cache on Amazon ElastiCache, or one that others run: made, probed, and published to contact centers."""

    kind: ClassVar[str] = "CacheLayer"
    plural: ClassVar[str] = "cachelayers"
    rules = (
        NAME_RULE,
        Rule(
            "has(self.spec.awsName) || has(self.spec.external) || self.metadata.name.matches('^[a-z]([a-z0-9]|-[a-z0-9]){0,39}$') && size(self.metadata.name) <= 40",
            "the name in AWS is the object's, at most 40 letters, digits and single -, a letter first: write another name, or awsName",
            ".spec",
        ),
    )

    metadata: Metadata = Field(default_factory=Metadata)
    spec: CacheLayerSpec = required("The wanted state.")
    status: CacheLayerStatus = Field(default_factory=CacheLayerStatus, description="The observed state.")

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def aws_name(self) -> str:
        """Its name in AWS, which keeps it in small letters."""
        return (self.spec.aws_name or self.name).lower()
