"""Where rights hold: ARNs of one partition, account and Region, for names or patterns. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from trunkline.blueprints.roles import VPC_POLICY
from trunkline.engine import session_tags as known
from trunkline.rights.authorization import Action
from trunkline.rights.uses import ANY, Uses

__all__ = ["Place", "known"]

_BY_TYPE = {
    "replicationgroup": "replication-group",
    "cluster": "replication-group",
    "parametergroup": "cache-parameter-group",
    "subnetgroup": "cache-subnet-group",
    "serverlesscache": "serverless-cache",
}
"""ElastiCache's resource types, and the kind whose names they have."""
_NAMED = {
    "dynamodb": ("table/{}", "table"),
    "logs": ("log-group:{}", "log-group"),
    "secretsmanager": ("secret:{}-??????", "cache-secret"),
}
"""How a resource is named after a node, and the kind of that node."""
_COPIES = ("snapshot", "serverlesscachesnapshot")  # of a deletion they are named after the cache
_BESIDE = {"parametergroup": "default.*", "subnetgroup": "default"}  # AWS's own, which a group may use


@dataclass(frozen=True, slots=True)
class Place:
    """account, region, installation: `*` or empty for any. path: of roles, "/trunkline/"."""

    partition: str = "aws"
    account: str = ANY
    region: str = ANY
    installation: str = ""
    path: str = "/trunkline/"

    def arn(self, service: str, resource: str) -> str:
        """An ARN; one that is given is taken as it is."""
        if resource.startswith("arn:"):
            return resource
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def role(self, name: str, path: str = "") -> str:
        """A role's ARN, below the path of roles unless another is given."""
        return f"arn:{self.partition}:iam::{self.account}:role{path or self.path}{name}"

    def linked_role(self, service: str) -> str:
        """The service-linked role of a service."""
        return self.role("*", f"/aws-service-role/{service}/")

    def policy(self, name: str) -> str:
        """A managed policy of the account by its name; an ARN is taken as it is."""
        return name if name.startswith("arn:") else f"arn:{self.partition}:iam::{self.account}:policy/{name}"

    @property
    def vpc_policy(self) -> str:
        """AWS's own policy that a function in a VPC needs."""
        return f"arn:{self.partition}:iam::aws:policy/{VPC_POLICY}"

    def resources(self, kind: str, action: Action, uses: Uses) -> tuple[str, ...]:
        """What an action is granted on: ("*",) where AWS knows nothing narrower."""
        found = sorted(set(self._resources(kind, action, uses)))
        return ("*",) if not found or "*" in found else tuple(found)

    def _resources(self, kind: str, action: Action, uses: Uses) -> Iterable[str]:
        service = action.service
        if service == "connect":
            return self._instances(action, uses)
        if not action.types:
            return ()
        if service in ("kms", "kinesis", "firehose", "s3"):
            return self._given(action, uses)
        if service == "elasticache":
            return self._caches(kind, action, uses)
        if service == "lambda":
            return self._functions(kind, action, uses)
        if service in _NAMED:
            return (self.arn(service, one) for one in self._names(kind, service, uses))
        return (self.arn(service, one) for one in self._fixed(service, action))

    @staticmethod
    def _names(kind: str, service: str, uses: Uses) -> Iterable[str]:
        pattern, of = _NAMED[service]
        if kind == "instance":  # Amazon Connect makes it
            return ("log-group:/aws/connect/*",)
        if kind == "levers":  # what all tables of the account have together counts
            return ("table/*",)
        return _shaped(pattern, uses.names.get(of, (ANY,)), service)

    @staticmethod
    def _fixed(service: str, action: Action) -> tuple[str, ...]:
        if service == "cloudwatch":  # AWS asks for all alarms where a read names none
            return ("alarm:TargetTracking-*",) if action.changes else ("alarm:*",)
        return {
            "application-autoscaling": ("scalable-target/*",),
            "ds": ("directory/*",),
            "servicequotas": ("connect/*",) if action.changes else ("connect/*", "dynamodb/*", "lambda/*"),
        }[service]

    def _instances(self, action: Action, uses: Uses) -> Iterator[str]:
        if action.operation in ("CreateInstance", "ListInstances"):
            return  # before there is an instance
        for instance in uses.instances or {ANY}:
            yield self.arn("connect", f"instance/{instance}")
            if instance != ANY:
                yield self.arn("connect", f"instance/{instance}/*")

    def _given(self, action: Action, uses: Uses) -> Iterator[str]:
        service = action.service
        if service == "s3":
            of, whole = ("bucket", "*") if action.operation.startswith("GetBucket") else ("code", "*/*")
            yield from (f"arn:{self.partition}:s3:::{one}" for one in uses.arns.get(of, (whole,)))
            return
        every = {"kms": "key/*", "kinesis": "stream/*", "firehose": "deliverystream/*"}[service]
        yield from (
            one if one.startswith("arn:") else self.arn(service, every) for one in uses.arns.get(service, (every,))
        )

    def _caches(self, kind: str, action: Action, uses: Uses) -> Iterator[str]:
        tags = len(action.types) > 1 and "Tags" in action.operation
        for one in action.types:
            of = _BY_TYPE.get(one.name, kind if one.name in _COPIES else "")
            # Neither of the two is ever used: other Regions, EC2-Classic.
            if (tags and of != kind) or one.name in ("globalreplicationgroup", "securitygroup"):
                continue
            names = uses.names.get(of, frozenset()) or {ANY}
            suffix = "-*" if one.name in ("cluster", *_COPIES) else ""
            restored = (
                one.name in _COPIES and action.operation.startswith("Create") and "Snapshot" not in action.operation
            )
            # Of a group with many nodes all clusters are listed: a call for each would take longer than their status holds.
            listed = action.operation == "DescribeCacheClusters"
            for name in {ANY} if restored or listed else names:
                yield self.arn("elasticache", f"{one.name}:{name}{suffix if name != ANY else ''}")
            if one.name in _BESIDE and of != kind and ANY not in names:
                yield self.arn("elasticache", f"{one.name}:{_BESIDE[one.name]}")

    def _functions(self, kind: str, action: Action, uses: Uses) -> Iterator[str]:
        if action.operation == "GetLayerVersion":
            yield from uses.arns.get("layers", (self.arn("lambda", "layer:*"),))
            return
        of = (
            {"function-permission", "lambda-association"}
            if kind in ("function-permission", "lambda-association")
            else ()
        )
        names = {_unqualified(name) for each in ("function", *of) for name in uses.names.get(each, ())}
        for name in names or {ANY}:
            yield self.arn("lambda", name if name.startswith("arn:") else f"function:{name}")
            if not name.endswith(ANY):
                yield f"{self.arn('lambda', name if name.startswith('arn:') else f'function:{name}')}:*"


def _unqualified(name: str) -> str:
    """A function's name or ARN without its alias."""
    if name.startswith("arn:"):
        return ":".join(name.split(":")[:7])
    return name.partition(":")[0]


def _shaped(pattern: str, names: Iterable[str], service: str) -> Iterator[str]:
    for name in names:
        yield name if name.startswith("arn:") else pattern.format(name)
        if service == "logs" and not name.endswith(ANY):
            yield f"{pattern.format(name)}:*"  # as some of its actions have it
