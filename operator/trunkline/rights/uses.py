"""What objects use of AWS, read off their blueprints: kinds of resources, their names, and what else is named. Pure.

Without manifests, sections are named instead: then every name is possible, and everything that a section can ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from trunkline.blueprints.center import LOOKED_UP, SECTION_KINDS
from trunkline.drivers.cache_desired import (
    CacheSecretDesired,
    ReplicationGroupDesired,
    ServerlessCacheDesired,
)
from trunkline.drivers.function_desired import FunctionDesired, S3Code
from trunkline.drivers.instance import InstanceDesired
from trunkline.drivers.queue_state import QueueDesired
from trunkline.drivers.role import RoleDesired
from trunkline.drivers.routing_profile_state import RoutingProfileDesired
from trunkline.drivers.storage_config import StorageConfigDesired
from trunkline.drivers.table_desired import TableDesired
from trunkline.engine.resource import Blueprint, Node

ANY = "*"


class Feature(StrEnum):
    """What an entry may ask for beyond what all of its kind do."""

    NEW_INSTANCE = "an instance that is made here"
    VPC = "a function in a VPC"
    EMAIL = "a queue with e-mail addresses"
    MANUAL_QUEUES = "a routing profile with queues to pick from by hand"
    LAYERS = "layers of a function"
    S3_CODE = "code of a function in a bucket"
    S3_STORAGE = "recordings in a bucket"
    KINESIS = "records to a stream"
    FIREHOSE = "records to a delivery stream"
    TABLE_KEY = "a table under a key of yours"
    CACHE_KEY = "a cache under a key of yours"
    SECRET_KEY = "a secret under a key of yours"  # noqa: S105  # a name
    FINAL_SNAPSHOT = "a cache that is copied before it is deleted"
    STORAGE_KEY = "recordings under a key of yours"
    WARM = "a cache that is filled by a function"
    TABLE_LEVER = "a policy that scales a table"
    FUNCTION_LEVER = "a policy that scales a function"
    CACHE_LEVER = "a policy that lets AWS scale a cache"
    QUOTA = "a policy that asks for a higher quota"


@dataclass(frozen=True, slots=True)
class Uses:
    """kinds: of drivers. names: in AWS, by kind of driver; patterns are allowed. arns: named by the spec, by service.

    exclusive: kinds whose unlisted resources go, so that what carries no tag of ours is deleted too. instances: ids; `*`
    while they are yet to be made. owners: patterns of the owner tag, without the installation. roles: that functions are
    given. assumed: that objects name in `credentials.roleArn`.
    """

    kinds: frozenset[str] = frozenset()
    names: Mapping[str, frozenset[str]] = field(default_factory=dict)
    features: frozenset[Feature] = frozenset()
    arns: Mapping[str, frozenset[str]] = field(default_factory=dict)
    exclusive: frozenset[str] = frozenset()
    instances: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    assumed: frozenset[str] = frozenset()

    def __or__(self, other: Uses) -> Uses:
        return Uses(
            self.kinds | other.kinds,
            _merged(self.names, other.names),
            self.features | other.features,
            _merged(self.arns, other.arns),
            self.exclusive | other.exclusive,
            self.instances | other.instances,
            self.owners | other.owners,
            self.roles | other.roles,
            self.assumed | other.assumed,
        )


_INSTANCE = ("instance",)
_CACHE = ("cache-subnet-group", "cache-parameter-group", "cache-secret", "cache-token")
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "instance": _INSTANCE,
    "storage": (*_INSTANCE, "storage-config"),
    "approvedOrigins": (*_INSTANCE, "approved-origin"),
    **{
        section: (*_INSTANCE, *kinds, *(("quick-connect",) if section == "queues" else ()))
        for section, kinds in SECTION_KINDS.items()
        if section not in ("flows", "flowModules", "tables")
    },
    "flows": (*_INSTANCE, *SECTION_KINDS["flows"], *LOOKED_UP),
    "flowModules": (*_INSTANCE, *SECTION_KINDS["flowModules"], *LOOKED_UP),
    "tables": SECTION_KINDS["tables"],
    "nodes": (*_CACHE, "replication-group"),
    "serverless": (*_CACHE, "serverless-cache"),
    "levers": ("scalable-target",),
}
"""Every section by its name, and what it is made of: those of a ContactCenter, the two kinds of cache, and a policy's levers."""
_OWN_NAMES = {"role": "trunkline-*", "log-group": "/aws/lambda/*"}
_OF_SECTION: Mapping[str, frozenset[Feature]] = {
    "instance": frozenset({Feature.NEW_INSTANCE}),
    "queues": frozenset({Feature.EMAIL}),
    "routingProfiles": frozenset({Feature.MANUAL_QUEUES}),
    "storage": frozenset({Feature.S3_STORAGE, Feature.KINESIS, Feature.FIREHOSE, Feature.STORAGE_KEY}),
    "functions": frozenset({Feature.VPC, Feature.LAYERS, Feature.S3_CODE}),
    "tables": frozenset({Feature.TABLE_KEY}),
    "nodes": frozenset({Feature.CACHE_KEY, Feature.SECRET_KEY, Feature.FINAL_SNAPSHOT, Feature.WARM}),
    "serverless": frozenset({Feature.CACHE_KEY, Feature.SECRET_KEY, Feature.FINAL_SNAPSHOT, Feature.WARM}),
    "levers": frozenset({Feature.TABLE_LEVER, Feature.FUNCTION_LEVER, Feature.CACHE_LEVER, Feature.QUOTA}),
}


def of_sections(sections: Iterable[str], namespace: str = "") -> Uses:
    """Everything that sections may ask for. Raises KeyError for one that does not exist."""
    kinds = frozenset(kind for section in sections for kind in SECTIONS[section])
    features = frozenset(feature for section in sections for feature in _OF_SECTION.get(section, frozenset()))
    return Uses(
        kinds,
        {kind: frozenset({_OWN_NAMES.get(kind, ANY)}) for kind in kinds},
        features,
        instances=frozenset({ANY}),
        owners=frozenset({f"{namespace or ANY}/{ANY}"}),
    )


def of_blueprint(blueprint: Blueprint, center: str, namespace: str) -> Uses:
    """What the nodes of one object ask for. center: functions and tables are named after it unless they say otherwise."""
    found = Uses(owners=frozenset({f"{namespace or ANY}/{ANY}"}), exclusive=frozenset(blueprint.exclusive))
    for node in blueprint.nodes:
        found = found | Uses(
            kinds=frozenset({node.kind}), names={node.kind: frozenset(_names(node, center))}, **_asked(node)
        )
    return found


def _names(node: Node, center: str) -> Iterable[str]:
    """What stands under the object's own prefix is granted by the prefix: the next entry needs no new policy."""
    name = node.external_arn or node.aws_name or f"{center}-{node.name}"
    for prefix in (f"{center}-", f"trunkline-{center}-", f"/aws/lambda/{center}-"):
        if name.startswith(prefix) and node.kind not in ("instance", "storage-config"):
            return (f"{prefix}{ANY}",)
    return (name,)


def _asked(node: Node) -> dict[str, Any]:
    desired = node.desired
    if isinstance(desired, InstanceDesired):
        given = node.given_id or desired.id
        features = frozenset() if given else frozenset({Feature.NEW_INSTANCE})
        return {"instances": frozenset({given or ANY}), "features": features}
    read = _BY_DESIRED.get(type(desired))
    return read(desired) if read is not None else {}


def _by_queue(desired: QueueDesired) -> dict[str, Any]:
    mail = desired.email_addresses is not None or desired.outbound_email is not None
    return {"features": frozenset({Feature.EMAIL} if mail else ())}


def _by_profile(desired: RoutingProfileDesired) -> dict[str, Any]:
    return {"features": frozenset({Feature.MANUAL_QUEUES} if desired.manual_queues is not None else ())}


def _by_cache(desired: ReplicationGroupDesired | ServerlessCacheDesired) -> dict[str, Any]:
    asked = _under(desired.kms_key_arn, Feature.CACHE_KEY)
    copied = frozenset({Feature.FINAL_SNAPSHOT} if desired.final_snapshot else ())
    return {**asked, "features": asked.get("features", frozenset()) | copied}


def _by_role(desired: RoleDesired) -> dict[str, Any]:
    return {"arns": {"managed": frozenset(desired.managed)}} if desired.managed else {}


def _under(key: str | None, feature: Feature) -> dict[str, Any]:
    return {"features": frozenset({feature}), "arns": {"kms": frozenset({key})}} if key else {}


def _by_function(desired: FunctionDesired) -> dict[str, Any]:
    features, arns = set(), {}
    if desired.subnet_ids:
        features.add(Feature.VPC)
    if desired.layers:
        features.add(Feature.LAYERS)
        arns["layers"] = frozenset(desired.layers)
    if isinstance(desired.code, S3Code):
        features.add(Feature.S3_CODE)
        arns["code"] = frozenset({f"{desired.code.bucket}/{desired.code.key}"})
    given = desired.role if isinstance(desired.role, str) else ""
    return {"features": frozenset(features), "arns": arns, "roles": frozenset({given} if given else ())}


def _by_storage(desired: StorageConfigDesired) -> dict[str, Any]:
    features, arns = set(), {}
    if desired.bucket:
        features.add(Feature.S3_STORAGE)
        arns["bucket"] = frozenset({desired.bucket})
    stream = desired.stream if isinstance(desired.stream, str) else ""
    if stream:
        kind = stream.split(":")[2]
        features.add(Feature.KINESIS if kind == "kinesis" else Feature.FIREHOSE)
        arns[kind] = frozenset({stream})
    if desired.kms_key:
        features.add(Feature.STORAGE_KEY)
        arns["kms"] = frozenset({desired.kms_key})
    return {"features": frozenset(features), "arns": arns}


_BY_DESIRED: Mapping[type, Callable[[Any], dict[str, Any]]] = {
    QueueDesired: _by_queue,
    RoutingProfileDesired: _by_profile,
    FunctionDesired: _by_function,
    TableDesired: lambda desired: _under(desired.kms_key_arn, Feature.TABLE_KEY),
    ReplicationGroupDesired: _by_cache,
    ServerlessCacheDesired: _by_cache,
    CacheSecretDesired: lambda desired: _under(desired.kms_key_arn, Feature.SECRET_KEY),
    StorageConfigDesired: _by_storage,
    RoleDesired: _by_role,
}


def _merged(one: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    return {key: one.get(key, frozenset()) | other.get(key, frozenset()) for key in {**one, **other}}
