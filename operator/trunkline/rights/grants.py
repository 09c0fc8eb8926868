"""Actions to grants: on which resources, under which conditions, as far as AWS's data allows. Pure.

What has a name of ours is scoped by its ARN. What gets its id from AWS (all of Amazon Connect) is scoped by the instance,
and by the owner tag: in the request where something is made, on the resource where it is deleted. Changes carry no tag
condition: whoever lost a tag by hand gets it back by a change. Sources of what the data does not say stand beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from trunkline.drivers.registry import DRIVERS
from trunkline.engine.driver import OWNER_TAG
from trunkline.rights.authorization import Action, authorization
from trunkline.rights.declared import DISCOVERY, WARMING, WATCHING, scaling
from trunkline.rights.places import Place, known
from trunkline.rights.uses import ANY, Feature, Uses

Condition = tuple[tuple[str, str, tuple[str, ...]], ...]  # operator, key, values
"""As IAM has it, hashable."""

LEVERS, WATCH, WARM = "levers", "watch", "warm"  # what no driver does: a ScalingPolicy's reads, a CacheLayer's own
_CACHES = frozenset({"replication-group", "serverless-cache"})
DELETION = "deletion"
PRINCIPAL = "connect.amazonaws.com"
LAMBDA = "lambda.amazonaws.com"
_NO_OWNER = frozenset({"cloudwatch", "ds", "ec2"})  # what AWS makes there for us carries no tag of ours
_BOUND = frozenset({"CreateRole", "PutRolePolicy", "DeleteRolePolicy", "PutRolePermissionsBoundary"})
_PARTS = frozenset(
    {"DeleteFunctionConcurrency", "DeleteRetentionPolicy", "DeleteRolePolicy"}
)  # what they take is a setting
_BESIDE = frozenset({"snapshot", "serverlesscachesnapshot"})  # made with a deletion, without a tag
_ATTACHING = frozenset({"AttachRolePolicy", "DetachRolePolicy"})
_LINKED = {
    "instance": (PRINCIPAL,),
    "storage-config": (PRINCIPAL,),
    "replication-group": ("elasticache.amazonaws.com",),
    "serverless-cache": ("elasticache.amazonaws.com",),
}
_VIA = {
    "table": "dynamodb",
    "cache-secret": "secretsmanager",
    "replication-group": "elasticache",
    "serverless-cache": "elasticache",
}
_GATES: Mapping[tuple[str, str], frozenset[Feature]] = {
    **{("function", f"ec2:{name}"): frozenset({Feature.VPC}) for name in
       ("DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcs")},
    **{("queue", f"connect:{name}"): frozenset({Feature.EMAIL}) for name in
       ("AssociateQueueEmailAddresses", "DisassociateQueueEmailAddresses", "ListQueueEmailAddresses",
        "UpdateQueueOutboundEmailConfig")},
    ("routing-profile", "connect:ListRoutingProfileManualAssignmentQueues"): frozenset({Feature.MANUAL_QUEUES}),
    # Every target that a policy makes tracks, and goes with all that it has.
    ("scalable-target", "application-autoscaling:DeleteScalingPolicy"): frozenset(),
    ("scalable-target", "application-autoscaling:UntagResource"): frozenset(),  # a policy has no tags that could leave it
    ("function", "lambda:GetLayerVersion"): frozenset({Feature.LAYERS}),
    ("function", "s3:GetObject"): frozenset({Feature.S3_CODE}),
    ("function", "s3:GetObjectVersion"): frozenset({Feature.S3_CODE}),
    **{("role", f"iam:{name}"): frozenset({Feature.VPC}) for name in _ATTACHING},
    **{("table", f"kms:{name}"): frozenset({Feature.TABLE_KEY}) for name in ("DescribeKey", "CreateGrant")},
    **{(kind, f"kms:{name}"): frozenset({Feature.CACHE_KEY}) for name in ("DescribeKey", "CreateGrant")
       for kind in ("replication-group", "serverless-cache")},
    **{("cache-secret", f"kms:{name}"): frozenset({Feature.SECRET_KEY}) for name in
       ("Decrypt", "Encrypt", "GenerateDataKey")},
    **{("storage-config", f"kms:{name}"): frozenset({Feature.STORAGE_KEY}) for name in ("DescribeKey", "CreateGrant")},
    **{("storage-config", f"s3:{name}"): frozenset({Feature.S3_STORAGE}) for name in
       ("GetBucketAcl", "GetBucketLocation")},
    ("storage-config", "kinesis:DescribeStream"): frozenset({Feature.KINESIS}),
    ("storage-config", "firehose:DescribeDeliveryStream"): frozenset({Feature.FIREHOSE}),
    **{("instance", action): frozenset({Feature.NEW_INSTANCE}) for action in
       ("connect:CreateInstance", "connect:DeleteInstance", "ds:AuthorizeApplication", "ds:CheckAlias",
        "ds:CreateAlias", "ds:CreateDirectory", "ds:CreateIdentityPoolDirectory", "ds:DeleteDirectory",
        "ds:UnauthorizeApplication")},
    **{("scalable-target", f"dynamodb:{name}"): frozenset({Feature.TABLE_LEVER}) for name in
       ("DescribeTable", "UpdateTable")},
    **{("scalable-target", f"lambda:{name}ProvisionedConcurrencyConfig"): frozenset({Feature.FUNCTION_LEVER})
       for name in ("Get", "Put", "Delete")},
    **{("scalable-target", f"elasticache:{name}"): frozenset({Feature.CACHE_LEVER}) for name in
       ("DescribeReplicationGroups", "IncreaseReplicaCount", "DecreaseReplicaCount",
        "ModifyReplicationGroupShardConfiguration")},
    (LEVERS, "kinesis:DescribeStream"): frozenset({Feature.KINESIS}),  # the center's own, which writes to it
    (LEVERS, "elasticache:DescribeReplicationGroups"): frozenset({Feature.CACHE_LEVER}),
    ("replication-group", "elasticache:CreateSnapshot"): frozenset({Feature.FINAL_SNAPSHOT}),
    ("serverless-cache", "elasticache:CreateServerlessCacheSnapshot"): frozenset({Feature.FINAL_SNAPSHOT}),
    (LEVERS, "servicequotas:RequestServiceQuotaIncrease"): frozenset({Feature.QUOTA}),
    **{(LEVERS, f"dynamodb:{name}"): frozenset({Feature.TABLE_LEVER}) for name in
       ("DescribeTable", "DescribeLimits", "ListTables")},
    **{(LEVERS, f"lambda:{name}"): frozenset({Feature.FUNCTION_LEVER}) for name in
       ("GetAccountSettings", "GetFunction", "GetProvisionedConcurrencyConfig")},
}  # fmt: skip
"""What an action is needed for, where not for everything of its kind."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One action on resources, under conditions that must all hold. kind: what asks for it."""

    kind: str
    action: str
    resources: tuple[str, ...]
    condition: Condition = ()


@dataclass(frozen=True)
class Granting:
    """From uses to grants. boundary: ARN of the policy that limits the roles that are made; path: where they lie."""

    uses: Uses
    place: Place
    boundary: str = ""

    def grants(self) -> Iterator[Grant]:
        """Every grant, in the order of kinds. Raises ValueError for roles that are to be made without a boundary."""
        for kind, declared in self._asking():
            for action in sorted(declared):
                if self._wanted(kind, action):
                    yield from self._granted(kind, action)
        if self.uses.assumed:
            yield Grant("credentials", "sts:AssumeRole", tuple(sorted(self.uses.assumed)), self._session())
            yield Grant("credentials", "sts:TagSession", tuple(sorted(self.uses.assumed)), self._session())

    def _asking(self) -> Iterator[tuple[str, frozenset[str]]]:
        """What asks for something, and what it declares."""
        kinds = self.uses.kinds
        yield from ((kind, DRIVERS[kind].permissions) for kind in sorted(kinds))
        if "scalable-target" in kinds:
            yield LEVERS, scaling()
        if _CACHES & kinds:
            yield WATCH, WATCHING
        if Feature.WARM in self.uses.features:
            yield WARM, WARMING
        if kinds:
            yield DELETION, DISCOVERY

    def _wanted(self, kind: str, action: str) -> bool:
        features = _GATES.get((kind, action))
        return features is None or bool(features & self.uses.features)

    def _granted(self, kind: str, name: str) -> Iterator[Grant]:
        action = authorization().action(name)
        if action.service == "iam":
            yield from self._on_roles(kind, action)
        elif action.service == "ec2" and action.changes:
            yield from self._endpoint(kind, action)
        else:
            yield from self._plain(kind, action)

    def _plain(self, kind: str, action: Action) -> Iterator[Grant]:
        beside = frozenset(one.name for one in action.types) & _BESIDE
        condition = self._condition(kind, action)
        tagged = any(key.startswith("aws:ResourceTag/") for _, key, _ in condition)
        if not (beside and tagged):
            yield Grant(kind, action.name, self.place.resources(kind, action, self.uses), condition)
            return
        for types, holds in ((action.types_but(beside), condition), (action.types_of(beside), ())):
            yield Grant(kind, action.name, self.place.resources(kind, replace(action, types=types), self.uses), holds)

    # --- conditions

    @cached_property
    def _owners(self) -> tuple[str, ...]:
        return tuple(sorted(f"{self.place.installation or ANY}/{owner}" for owner in self.uses.owners))

    def _condition(self, kind: str, action: Action) -> Condition:
        found = [*self._owner(kind, action), *self._by_service(kind, action)]
        return tuple(sorted(found))

    def _owner(self, kind: str, action: Action) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        if action.service in _NO_OWNER or not action.changes or (action.service == "logs" and kind != "log-group"):
            return
        if action.operation.endswith("Snapshot"):  # what a deletion leaves carries no tag
            return
        if action.operation.startswith("Create") and "aws:RequestTag/${TagKey}" in action.conditions:
            yield "StringLike", f"aws:RequestTag/{OWNER_TAG}", self._owners
        elif action.operation.startswith(("Delete", "Deregister")) and self._is_ours(kind, action):
            yield "StringLike", f"aws:ResourceTag/{OWNER_TAG}", self._owners

    def _is_ours(self, kind: str, action: Action) -> bool:
        """Whether what is deleted always carries our tag, and AWS looks at it."""
        whole = {one.name for one in action.types} - _BESIDE
        sure = action.operation not in _PARTS and kind not in self.uses.exclusive
        return sure and len(whole) == 1 and action.knows("aws:ResourceTag/${TagKey}")

    def _by_service(self, kind: str, action: Action) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        via = _VIA.get(kind)
        if action.service == "kms" and via:
            yield "StringLike", "kms:ViaService", (f"{via}.{self.place.region or ANY}.amazonaws.com",)
        if action.name == "kms:CreateGrant":
            yield "Bool", "kms:GrantIsForAWSResource", ("true",)
        if action.name == "lambda:AddPermission":
            yield "StringEquals", "lambda:Principal", (PRINCIPAL,)
        if "application-autoscaling:service-namespace" in action.conditions:
            yield "StringEquals", "application-autoscaling:service-namespace", tuple(sorted(self._scaled()))

    def _scaled(self) -> set[str]:
        named = {Feature.TABLE_LEVER: "dynamodb", Feature.FUNCTION_LEVER: "lambda", Feature.CACHE_LEVER: "elasticache"}
        return {service for feature, service in named.items() if feature in self.uses.features}

    def _session(self) -> Condition:
        """Sessions that say for which namespace they are: what the operator always says."""
        namespaces = tuple(sorted({owner.partition("/")[0] for owner in self.uses.owners}))
        return (("StringLike", f"aws:RequestTag/{known.NAMESPACE_TAG}", namespaces),)

    # --- roles

    def _on_roles(self, kind: str, action: Action) -> Iterator[Grant]:
        operation = action.operation
        if operation == "PassRole":
            passing = (("StringEquals", "iam:PassedToService", (LAMBDA,)),)
            yield Grant(kind, action.name, self._passed(), passing)
        elif operation == "CreateServiceLinkedRole":
            services = self._linked(kind)
            resources = tuple(self.place.linked_role(service) for service in services)
            yield Grant(kind, action.name, resources, (("StringEquals", "iam:AWSServiceName", services),))
        elif kind != "role":  # Amazon Connect writes the policies of its own service-linked role
            yield Grant(kind, action.name, tuple(self.place.linked_role(one) for one in _LINKED[kind]))
        else:
            yield Grant(kind, action.name, self._made(operation), self._bound(action))

    def _made(self, operation: str) -> tuple[str, ...]:
        names = sorted(self.uses.names.get("role", ()))
        found = [self.place.role(name) for name in names]
        # Of a role that does not exist IAM knows no path, so a read before its creation asks for this.
        return tuple(found + ([self.place.role(name, "/") for name in names] if operation == "GetRole" else []))

    def _bound(self, action: Action) -> Condition:
        found = list(self._owner("role", action))
        if action.operation in _BOUND or action.operation in _ATTACHING:
            if not self.boundary:
                raise ValueError(
                    "functions get roles of their own: name the policy that limits them with --permissions-boundary, "
                    "or give each function a roleArn"
                )
            found.append(("StringEquals", "iam:PermissionsBoundary", (self.boundary,)))
        if action.operation in _ATTACHING:
            attached = self.uses.arns.get("managed") or {self.place.vpc_policy}
            found.append(("ArnEquals", "iam:PolicyARN", tuple(sorted(attached))))
        return tuple(sorted(found))

    def _passed(self) -> tuple[str, ...]:
        made = [self.place.role(name) for name in sorted(self.uses.names.get("role", ()))]
        return (*made, *sorted(self.uses.roles))

    def _linked(self, kind: str) -> tuple[str, ...]:
        if kind in _LINKED:
            return _LINKED[kind]
        return tuple(f"{service}.application-autoscaling.amazonaws.com" for service in sorted(self._scaled()))

    # --- endpoints of serverless caches, as in AWS's managed policy AmazonElastiCacheFullAccess

    def _endpoint(self, kind: str, action: Action) -> Iterator[Grant]:
        endpoint = (self.place.arn("ec2", "vpc-endpoint/*"),)
        if action.operation == "CreateTags":
            tagging = (
                ("StringEquals", "aws:RequestTag/AmazonElastiCacheManaged", ("true",)),
                ("StringEquals", "ec2:CreateAction", ("CreateVpcEndpoint",)),
            )
            yield Grant(kind, action.name, endpoint, tagging)
            return
        service = (("StringLike", "ec2:VpceServiceName", ("com.amazonaws.elasticache.serverless.*",)),)
        yield Grant(kind, action.name, endpoint, service)
        around = ("vpc/*", "subnet/*", "security-group/*")
        yield Grant(kind, action.name, tuple(self.place.arn("ec2", resource) for resource in around))


def actions(grants: Iterable[Grant]) -> dict[str, frozenset[str]]:
    """The actions by what asks for them."""
    found: dict[str, frozenset[str]] = {}
    for grant in grants:
        found[grant.kind] = found.get(grant.kind, frozenset()) | {grant.action}
    return found
