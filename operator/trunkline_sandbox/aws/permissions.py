"""Whether the calling principal's policies allow a call. Off unless `Switches.enforce_permissions`.

Identity policies of a role or user made in IAM here, its permissions boundary, session policies, or policies registered
with the access key. Resources are those of AWS's service authorization reference as far as `_RESOURCES` names them; a
call whose resource is not known here is judged as if on "*". Resource-based policies and condition keys other than
request tags are not read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws import policies
from trunkline_sandbox.aws.applicationautoscaling.dimensions import DIMENSIONS, parts
from trunkline_sandbox.aws.credentials import Credential
from trunkline_sandbox.aws.iam import boundary, find_role, find_user, identity_policies

_PREFIXES = {
    "resourcegroupstaggingapi": "tag",
    "service-quotas": "servicequotas",
    "cloudwatch": "cloudwatch",
    "events": "events",
    "elbv2": "elasticloadbalancing",
}
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
_CONNECT_IDS = {
    "QueueId": "queue",
    "RoutingProfileId": "routing-profile",
    "HoursOfOperationId": "operating-hours",
    "ContactFlowId": "contact-flow",
    "ContactFlowModuleId": "flow-module",
    "PromptId": "prompt",
    "QuickConnectId": "transfer-destination",
    "UserId": "agent",
    "SecurityProfileId": "security-profile",
    "AgentStatusId": "agent-state",
}
_PASSES_ROLE = {"lambda:CreateFunction": "Role", "lambda:UpdateFunctionConfiguration": "Role"}
# What else a call needs permission for if it has a member. Sources: API reference, CreateSecret ("Required permissions"),
# DeleteReplicationGroup and DeleteServerlessCache; ElastiCache user guide, "Tagging your resources".
_ALSO: dict[str, tuple[tuple[str, str], ...]] = {
    "elasticache:CreateReplicationGroup": (("Tags", "elasticache:AddTagsToResource"),),
    "elasticache:CreateServerlessCache": (("Tags", "elasticache:AddTagsToResource"),),
    "elasticache:CreateCacheSubnetGroup": (("Tags", "elasticache:AddTagsToResource"),),
    "elasticache:CreateCacheParameterGroup": (("Tags", "elasticache:AddTagsToResource"),),
    "elasticache:CreateSnapshot": (("Tags", "elasticache:AddTagsToResource"),),
    "elasticache:DeleteReplicationGroup": (("FinalSnapshotIdentifier", "elasticache:CreateSnapshot"),),
    "elasticache:DeleteServerlessCache": (("FinalSnapshotName", "elasticache:CreateServerlessCacheSnapshot"),),
    "application-autoscaling:RegisterScalableTarget": (("Tags", "application-autoscaling:TagResource"),),
    "secretsmanager:CreateSecret": (("Tags", "secretsmanager:TagResource"),),
}

# What Application Auto Scaling does on behalf of its caller. Source: its user guide, "Application Auto Scaling permissions
# for API calls on target services and CloudWatch".
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
    "DescribeScalingPolicies": ("cloudwatch:DescribeAlarms",),
}


def _scaling_needs(operation: str, params: dict[str, Any], account: str, region: str) -> list[tuple[str, str]]:
    """Further actions with their resources."""
    alarms = f"arn:aws:cloudwatch:{region}:{account}:alarm:TargetTracking-{params.get('ResourceId', '')}-AlarmHigh-0"
    found = [(action, alarms) for action in _ALARM_ACTIONS.get(operation, ())]
    dimension = DIMENSIONS.get(params.get("ScalableDimension", ""))
    if operation != "RegisterScalableTarget" or dimension is None:
        return found
    names = parts(dimension, params["ResourceId"])
    given = {
        "TableName": names.get("table"),
        "FunctionName": names.get("function"),
        "ReplicationGroupId": names.get("group"),
    }
    known = {name: value for name, value in given.items() if value is not None}
    resource = resource_of(dimension.namespace, known, account, region)
    if "qualifier" in names:
        resource = f"{resource}:{names['qualifier']}"
    if find_role(account, dimension.role_name) is None:
        found.append(("iam:CreateServiceLinkedRole", dimension.role(account)))
    return found + [(action, resource) for action in _TARGET_ACTIONS[dimension.namespace]]


def action_of(service: str, operation: str) -> str:
    """The IAM action of an operation."""
    key = f"{service}:{operation}"
    return _ACTIONS.get(key) or f"{_PREFIXES.get(service, service)}:{operation}"


def refusal(credential: Credential, service: str, operation: str, params: dict[str, Any], region: str) -> str | None:
    """Why the principal may not do this; None if it may."""
    if credential.policies is None or action_of(service, operation) == "sts:GetCallerIdentity":
        return None
    action = action_of(service, operation)
    resource = resource_of(service, params, credential.account, region)
    if action == "lambda:InvokeFunction" and "Qualifier" in params:
        # An alias or version is a resource of its own.
        resource = f"{resource}:{params['Qualifier']}"
    refused = _refused(credential, action, resource, _conditions(params))
    for member, needed in _ALSO.get(f"{service}:{operation}", ()):
        if refused is None and params.get(member):
            refused = _refused(credential, needed, resource, _conditions(params))
    if service == "application-autoscaling":
        for needed, what in _scaling_needs(operation, params, credential.account, region):
            refused = refused or _refused(credential, needed, what, {})
    passed = params.get(_PASSES_ROLE.get(f"{service}:{operation}", ""))
    if refused is None and passed is not None:
        passing = {"iam:passedtoservice": (f"{service}.amazonaws.com",)}
        refused = _refused(credential, "iam:PassRole", passed, passing)
    return refused


def _refused(credential: Credential, action: str, resource: str, conditions: policies.Conditions) -> str | None:
    told = f"User: {credential.principal} is not authorized to perform: {action} on resource: {resource}"
    for name, documents in _layers(credential):
        verdict = policies.evaluate(documents, action, resource, conditions)
        if verdict == "deny":
            return f"{told} with an explicit deny in {name}"
        if verdict == "none":
            return f"{told} because no {name} allows the {action} action"
    return None


def _layers(credential: Credential) -> list[tuple[str, list[policies.Document]]]:
    """What must each allow: identity policies, the boundary, the session's policies."""
    layers: list[tuple[str, list[policies.Document]]] = []
    identity = _identity(credential)
    own = list(credential.policies or ())
    if identity is None:
        # A session outlives its role, and then may do nothing.
        layers.append(("identity-based policy", [] if credential.role is not None else own))
        return layers
    layers.append(("identity-based policy", identity_policies(identity)))
    limit = boundary(credential.account, identity)
    if limit is not None:
        layers.append(("permissions boundary", [limit]))
    if own:
        layers.append(("session policy", own))
    return layers


def _identity(credential: Credential) -> Any | None:
    if credential.role is not None:
        return find_role(credential.account, credential.role)
    return None if credential.policies else find_user(credential.account, credential.principal.rpartition("/")[2])


def _conditions(params: dict[str, Any]) -> policies.Conditions:
    tags = params.get("Tags", params.get("tags"))
    if isinstance(tags, dict):
        pairs = [(str(key), str(value)) for key, value in tags.items()]
    elif isinstance(tags, list):
        pairs = [(str(tag.get("Key")), str(tag.get("Value", ""))) for tag in tags if isinstance(tag, dict)]
    else:
        pairs = []
    found = {f"aws:requesttag/{key.lower()}": (value,) for key, value in pairs}
    return found | {"aws:tagkeys": tuple(key for key, _ in pairs)} if pairs else found


# --- resources


def _connect(params: dict[str, Any], account: str, region: str) -> str | None:
    for name in ("resourceArn", "ResourceArn"):
        if name in params:
            return str(params[name])
    if "InstanceId" not in params:
        return None
    given = str(params["InstanceId"])
    instance = given if given.startswith("arn:") else f"arn:aws:connect:{region}:{account}:instance/{given}"
    for member, word in _CONNECT_IDS.items():
        if member in params:
            found = str(params[member])
            return found if found.startswith("arn:") else f"{instance}/{word}/{found.partition(':')[0]}"
    return instance


def _dynamodb(params: dict[str, Any], account: str, region: str) -> str | None:
    name = params.get("TableName") or params.get("ResourceArn")
    if name is None:
        return None
    return str(name) if str(name).startswith("arn:") else f"arn:aws:dynamodb:{region}:{account}:table/{name}"


def _lambda(params: dict[str, Any], account: str, region: str) -> str | None:
    name = params.get("FunctionName") or params.get("Resource")
    if name is None:
        return None
    return str(name) if str(name).startswith("arn:") else f"arn:aws:lambda:{region}:{account}:function:{name}"


def _iam(params: dict[str, Any], account: str, region: str) -> str | None:
    del region
    if "RoleName" in params:
        role = find_role(account, params["RoleName"])
        path = params.get("Path", "/")
        return role.arn if role is not None else f"arn:aws:iam::{account}:role{path}{params['RoleName']}"
    return str(params["PolicyArn"]) if "PolicyArn" in params else None


def _logs(params: dict[str, Any], account: str, region: str) -> str | None:
    name = params.get("logGroupName")
    if name is None:
        return str(params["resourceArn"]) if "resourceArn" in params else None
    return f"arn:aws:logs:{region}:{account}:log-group:{name}"


def _sts(params: dict[str, Any], account: str, region: str) -> str | None:
    del account, region
    return params.get("RoleArn")


_ELASTICACHE_NAMES = {
    "ReplicationGroupId": "replicationgroup",
    "ServerlessCacheName": "serverlesscache",
    "SnapshotName": "snapshot",
    "ServerlessCacheSnapshotName": "serverlesscachesnapshot",
    "CacheSubnetGroupName": "subnetgroup",
    "CacheParameterGroupName": "parametergroup",
    "CacheClusterId": "cluster",
    "UserGroupId": "usergroup",
    "UserId": "user",
}


def _elasticache(params: dict[str, Any], account: str, region: str) -> str | None:
    """The first that a request names is what it is about; CreateReplicationGroup names a subnet group too."""
    if "ResourceName" in params:
        return str(params["ResourceName"])
    for member, kind in _ELASTICACHE_NAMES.items():
        if member in params:
            return f"arn:aws:elasticache:{region}:{account}:{kind}:{str(params[member]).lower()}"
    return None


def _secretsmanager(params: dict[str, Any], account: str, region: str) -> str | None:
    """What a secret that is not there yet would be called: six characters are added to its name."""
    name = params.get("SecretId") or params.get("Name")
    if name is None:
        return None
    return (
        str(name) if str(name).startswith("arn:") else f"arn:aws:secretsmanager:{region}:{account}:secret:{name}-AbCdEf"
    )


_RESOURCES: dict[str, Callable[[dict[str, Any], str, str], str | None]] = {
    "connect": _connect,
    "dynamodb": _dynamodb,
    "elasticache": _elasticache,
    "iam": _iam,
    "lambda": _lambda,
    "logs": _logs,
    "secretsmanager": _secretsmanager,
    "sts": _sts,
}


def resource_of(service: str, params: dict[str, Any], account: str, region: str) -> str:
    """The ARN that a call is about; "*" if it is about none, or not known here."""
    find = _RESOURCES.get(service)
    return (find(params, account, region) if find is not None else None) or "*"
