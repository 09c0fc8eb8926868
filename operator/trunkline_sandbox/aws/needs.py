"""What a call needs of its caller's policies: its own action, and what the service does on the caller's behalf.

Sources: Service Authorization Reference (dependent actions); API reference of Secrets Manager, CreateSecret ("Required
permissions"), of ElastiCache, DeleteReplicationGroup and DeleteServerlessCache; ElastiCache user guide, "Tagging your
resources" and AWS's managed policy AmazonElastiCacheFullAccess; Application Auto Scaling user guide, "Permissions for API
calls on target services and CloudWatch"; Lambda developer guide, "Identity-based policies" (VPC, layers, code in S3, tags);
DynamoDB developer guide and ElastiCache user guide, encryption at rest (grants of a customer's key, made via the service).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from trunkline_sandbox.aws.applicationautoscaling.dimensions import DIMENSIONS, parts
from trunkline_sandbox.aws.arns import named_beside, resource_of
from trunkline_sandbox.aws.iam import boundary_arn, find_role
from trunkline_sandbox.aws.reference import dependent, on_everything

_PREFIXES = {"resourcegroupstaggingapi": "tag", "service-quotas": "servicequotas", "elbv2": "elasticloadbalancing"}
# Where the action is not called like the operation.
_ACTIONS = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListObjects": "s3:ListBucket",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "dynamodb:TransactGetItems": "dynamodb:GetItem",
    "dynamodb:TransactWriteItems": "dynamodb:PutItem",
}
# By a member that a request has: the action that it needs besides, on the same resource.
_ALSO: dict[str, tuple[tuple[str, str], ...]] = {
    "elasticache:CreateReplicationGroup": (("Tags", "elasticache:AddTagsToResource"),),
    "elasticache:CreateServerlessCache": (("Tags", "elasticache:AddTagsToResource"),),
    "elasticache:CreateCacheSubnetGroup": (("Tags", "elasticache:AddTagsToResource"),),
    "elasticache:CreateCacheParameterGroup": (("Tags", "elasticache:AddTagsToResource"),),
    "elasticache:CreateSnapshot": (("Tags", "elasticache:AddTagsToResource"),),
    "application-autoscaling:RegisterScalableTarget": (("Tags", "application-autoscaling:TagResource"),),
    "sts:AssumeRole": (("Tags", "sts:TagSession"),),
    "secretsmanager:CreateSecret": (("Tags", "secretsmanager:TagResource"),),
    "lambda:CreateFunction": (("Tags", "lambda:TagResource"),),
    "logs:CreateLogGroup": (("tags", "logs:TagResource"),),
    "iam:CreateRole": (("Tags", "iam:TagRole"),),
    "dynamodb:CreateTable": (("Tags", "dynamodb:TagResource"),),
}
_LAST_COPY = {
    "DeleteReplicationGroup": ("FinalSnapshotIdentifier", "elasticache:CreateSnapshot", "snapshot"),
    "DeleteServerlessCache": ("FinalSnapshotName", "elasticache:CreateServerlessCacheSnapshot", "serverlesscachesnapshot"),
}  # fmt: skip
_TARGET_ACTIONS: dict[str, tuple[str, ...]] = {
    "dynamodb": ("dynamodb:DescribeTable", "dynamodb:UpdateTable"),
    "lambda": (
        *("lambda:GetProvisionedConcurrencyConfig", "lambda:PutProvisionedConcurrencyConfig"),
        "lambda:DeleteProvisionedConcurrencyConfig",
    ),
    "elasticache": (
        *("elasticache:DescribeReplicationGroups", "elasticache:ModifyReplicationGroupShardConfiguration"),
        *("elasticache:IncreaseReplicaCount", "elasticache:DecreaseReplicaCount"),
    ),
}
_ALARM_ACTIONS = {
    "PutScalingPolicy": ("cloudwatch:PutMetricAlarm", "cloudwatch:DescribeAlarms"),
    "DeleteScalingPolicy": ("cloudwatch:DeleteAlarms",),
    "DeregisterScalableTarget": ("cloudwatch:DeleteAlarms",),  # its policies go with it
    "DescribeScalingPolicies": ("cloudwatch:DescribeAlarms",),
}
_LISTING = {
    "DescribeCacheClusters": "cluster",
    "DescribeReplicationGroups": "replicationgroup",
    "DescribeServerlessCaches": "serverlesscache",
    "DescribeCacheSubnetGroups": "subnetgroup",
    "DescribeCacheParameterGroups": "parametergroup",
}
_SUBNETS = ("ec2:DescribeSubnets", "ec2:DescribeVpcs")
_GROUPS = ("ec2:DescribeSecurityGroups",)
_STORAGE_DEPENDENTS = {
    "s3": ("S3Config", "BucketName"),
    "kinesis": ("KinesisStreamConfig", "StreamArn"),
    "firehose": ("KinesisFirehoseConfig", "FirehoseArn"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One call, as permissions see it."""

    service: str
    operation: str
    params: dict[str, Any]
    account: str
    region: str

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


@dataclass(frozen=True, slots=True)
class Need:
    """An action on a resource. conditions: keys in lower case. soft: without it an answer is less, but not refused."""

    action: str
    resource: str
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    soft: bool = False


def action_of(service: str, operation: str) -> str:
    """The IAM action of an operation."""
    key = f"{service}:{operation}"
    return _ACTIONS.get(key) or f"{_PREFIXES.get(service, service)}:{operation}"


def needs(asked: Asked) -> Iterator[Need]:
    """Everything, the call's own action first."""
    action, params = action_of(asked.service, asked.operation), asked.params
    resource = "*" if on_everything(action) else resource_of(asked.service, params, asked.account, asked.region)
    if resource == "*" and asked.operation in _LISTING:
        resource = asked.arn(asked.service, f"{_LISTING[asked.operation]}:*")  # a read that names none is about all
    if action == "lambda:InvokeFunction" and "Qualifier" in params:
        # An alias or version is a resource of its own.
        resource = f"{resource}:{params['Qualifier']}"
    conditions = _of_request(asked)
    yield Need(action, resource, conditions)
    for arn in named_beside(asked.service, params, asked.account, asked.region):
        yield Need(action, arn, conditions)
    for member, needed in _ALSO.get(asked.name, ()):
        if params.get(member):
            yield Need(needed, resource, conditions)
    more = {
        "application-autoscaling": _of_scaling,
        "connect": _of_connect,
        "dynamodb": _of_tables,
        "elasticache": _of_caches,
        "lambda": _of_functions,
        "secretsmanager": _of_secrets,
    }.get(asked.service)
    if more is not None:
        yield from more(asked)


# --- condition keys


def _of_request(asked: Asked) -> dict[str, tuple[str, ...]]:
    params = asked.params
    found: dict[str, tuple[str, ...]] = {"aws:requestedregion": (asked.region,), **_of_tags(params)}
    for member, key in (
        ("ServiceNamespace", "application-autoscaling:service-namespace"),
        ("ServiceCode", "servicequotas:service"),
        ("ExternalId", "sts:externalid"),
        ("RoleSessionName", "sts:rolesessionname"),
        ("PolicyArn", "iam:policyarn"),
    ):
        if member in params:
            found[key] = (str(params[member]),)
    if asked.name in ("lambda:AddPermission", "lambda:RemovePermission") and "Principal" in params:
        found["lambda:principal"] = (str(params["Principal"]),)
    if asked.service == "iam" and "RoleName" in params:
        limit = params.get("PermissionsBoundary") or boundary_arn(find_role(asked.account, params["RoleName"]))
        if limit:
            found["iam:permissionsboundary"] = (str(limit),)
    return found


def _of_tags(params: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    tags = params.get("Tags", params.get("tags"))
    if isinstance(tags, dict):
        pairs = [(str(key), str(value)) for key, value in tags.items()]
    elif isinstance(tags, list):
        pairs = [(str(tag.get("Key")), str(tag.get("Value", ""))) for tag in tags if isinstance(tag, dict)]
    else:
        pairs = []
    found: dict[str, tuple[str, ...]] = {f"aws:requesttag/{key.lower()}": (value,) for key, value in pairs}
    if pairs:
        found["aws:tagkeys"] = tuple(key for key, _ in pairs)
    return found


# --- by service


def _linked(asked: Asked, service: str, name: str, *actions: str) -> Iterator[Need]:
    """A service-linked role, made with the first resource that needs it."""
    arn = f"arn:aws:iam::{asked.account}:role/aws-service-role/{service}/{name}"
    for action in actions:
        yield Need(action, arn, {"iam:awsservicename": (service,)} if action == "iam:CreateServiceLinkedRole" else {})


def _key(asked: Asked, service: str, key: str | None, *actions: str) -> Iterator[Need]:
    """What a service does with a customer's key as its caller."""
    via = {
        "kms:viaservice": (f"{service}.{asked.region}.amazonaws.com",),
        "kms:grantisforawsresource": ("true",),
    }
    for action in actions if key else ():
        yield Need(action, str(key) if str(key).startswith("arn:") else asked.arn("kms", f"key/{key}"), via)


def _of_connect(asked: Asked) -> Iterator[Need]:
    params = asked.params
    instance = resource_of("connect", {"InstanceId": params.get("InstanceId", "new")}, asked.account, asked.region)
    storage = params.get("StorageConfig") or {}
    for action in dependent(action_of(asked.service, asked.operation)):
        service = action.partition(":")[0]
        if service == "connect":
            yield Need(action, f"{instance}/any/*")
        elif service == "ds":
            yield Need(action, "*" if on_everything(action) else asked.arn("ds", "directory/d-0123456789"))
        elif service == "iam":
            yield from _linked(asked, "connect.amazonaws.com", "AWSServiceRoleForAmazonConnect_1", action)
        elif service == "logs":
            yield Need(action, asked.arn("logs", "log-group:/aws/connect/any"))
        elif service == "lambda":
            yield Need(action, str(params["FunctionArn"]), {"lambda:principal": ("connect.amazonaws.com",)})
        elif service in _STORAGE_DEPENDENTS:
            yield from _of_store(storage, action)
        elif service == "kms":
            for store in storage.values():
                key = store.get("EncryptionConfig", {}).get("KeyId") if isinstance(store, dict) else None
                yield from _key(asked, "connect", key, action)


def _of_store(storage: Mapping[str, Any], action: str) -> Iterator[Need]:
    service = action.partition(":")[0]
    member, name = _STORAGE_DEPENDENTS[service]
    given = storage.get(member)
    if given:
        yield Need(action, f"arn:aws:s3:::{given[name]}" if service == "s3" else given[name])


def _of_functions(asked: Asked) -> Iterator[Need]:
    params = asked.params
    if asked.operation in ("CreateFunction", "UpdateFunctionConfiguration"):
        if "Role" in params:
            yield Need("iam:PassRole", params["Role"], {"iam:passedtoservice": ("lambda.amazonaws.com",)})
        if (params.get("VpcConfig") or {}).get("SubnetIds"):
            yield from (Need(action, "*") for action in (*_GROUPS, *_SUBNETS))
        yield from (Need("lambda:GetLayerVersion", arn) for arn in params.get("Layers") or ())
    if asked.operation in ("CreateFunction", "UpdateFunctionCode"):
        code = params.get("Code", params)
        if code.get("S3Bucket"):
            action = "s3:GetObjectVersion" if code.get("S3ObjectVersion") else "s3:GetObject"
            yield Need(action, f"arn:aws:s3:::{code['S3Bucket']}/{code['S3Key']}")
    if asked.operation == "GetFunction":
        yield Need("lambda:ListTags", resource_of("lambda", params, asked.account, asked.region), soft=True)


def _of_tables(asked: Asked) -> Iterator[Need]:
    if asked.operation in ("CreateTable", "UpdateTable"):
        key = (asked.params.get("SSESpecification") or {}).get("KMSMasterKeyId")
        yield from _key(asked, "dynamodb", key, "kms:DescribeKey", "kms:CreateGrant")


def _of_secrets(asked: Asked) -> Iterator[Need]:
    if asked.operation in ("CreateSecret", "UpdateSecret"):
        actions = (
            "kms:GenerateDataKey",
            "kms:Decrypt",
            *(("kms:Encrypt",) if asked.operation == "UpdateSecret" else ()),
        )
        yield from _key(asked, "secretsmanager", asked.params.get("KmsKeyId"), *actions)


def _of_caches(asked: Asked) -> Iterator[Need]:
    params, operation = asked.params, asked.operation
    copied = _LAST_COPY.get(operation)
    if copied is not None and params.get(copied[0]):
        yield Need(copied[1], asked.arn("elasticache", f"{copied[2]}:{params[copied[0]]}"))
        yield Need(copied[1], resource_of("elasticache", params, asked.account, asked.region))
    if operation in ("CreateCacheSubnetGroup", "ModifyCacheSubnetGroup"):
        yield from (Need(action, "*") for action in _SUBNETS)
    if operation not in ("CreateReplicationGroup", "CreateServerlessCache"):
        return
    yield from (Need(action, "*") for action in (*_SUBNETS, *_GROUPS))
    if find_role(asked.account, "AWSServiceRoleForElastiCache") is None:
        name = "AWSServiceRoleForElastiCache"
        yield from _linked(asked, "elasticache.amazonaws.com", name, "iam:CreateServiceLinkedRole")
    yield from _key(asked, "elasticache", params.get("KmsKeyId"), "kms:DescribeKey", "kms:CreateGrant")
    if operation == "CreateServerlessCache":
        service = {"ec2:vpceservicename": (f"com.amazonaws.elasticache.serverless.{asked.region}",)}
        yield Need("ec2:CreateVpcEndpoint", asked.arn("ec2", "vpc-endpoint/vpce-1"), service)
        around = ("vpc/vpc-1", "subnet/subnet-1", "security-group/sg-1")
        yield from (Need("ec2:CreateVpcEndpoint", asked.arn("ec2", resource)) for resource in around)
        tag = {"aws:requesttag/amazonelasticachemanaged": ("true",), "ec2:createaction": ("CreateVpcEndpoint",)}
        yield Need("ec2:CreateTags", asked.arn("ec2", "vpc-endpoint/vpce-1"), tag)


def _of_scaling(asked: Asked) -> Iterator[Need]:
    alarms = asked.arn("cloudwatch", f"alarm:TargetTracking-{asked.params.get('ResourceId', '')}-AlarmHigh-0")
    for action in _ALARM_ACTIONS.get(asked.operation, ()):
        yield Need(action, alarms)
    dimension = DIMENSIONS.get(asked.params.get("ScalableDimension", ""))
    if asked.operation != "RegisterScalableTarget" or dimension is None:
        return
    names = parts(dimension, asked.params["ResourceId"])
    given = {
        "TableName": names.get("table"),
        "FunctionName": names.get("function"),
        "ReplicationGroupId": names.get("group"),
    }
    known = {name: value for name, value in given.items() if value is not None}
    resource = resource_of(dimension.namespace, known, asked.account, asked.region)
    if "qualifier" in names:
        resource = f"{resource}:{names['qualifier']}"
    if find_role(asked.account, dimension.role_name) is None:
        condition = {"iam:awsservicename": (dimension.role_service,)}
        yield Need("iam:CreateServiceLinkedRole", dimension.role(asked.account), condition)
    yield from (Need(action, resource) for action in _TARGET_ACTIONS[dimension.namespace])
