"""The ARN that a call is about, as AWS's service authorization reference names it. A call whose resource is not known here
is judged as if on "*". Pure but for roles, whose paths only IAM knows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.iam import find_role

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


def _scaling(params: dict[str, Any], account: str, region: str) -> str | None:
    """One that is there has its ARN from the service (`WithNamedResources`); what is made gets one."""
    if "ResourceARN" in params:
        return str(params["ResourceARN"])
    return f"arn:aws:application-autoscaling:{region}:{account}:scalable-target/new" if "ResourceId" in params else None


def _cloudwatch(params: dict[str, Any], account: str, region: str) -> str | None:
    if "MetricDataQueries" in params:
        return None
    return f"arn:aws:cloudwatch:{region}:{account}:alarm:*"


def _quotas(params: dict[str, Any], account: str, region: str) -> str | None:
    if "QuotaCode" not in params:
        return None
    return f"arn:aws:servicequotas:{region}:{account}:{params['ServiceCode']}/{params['QuotaCode']}"


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
    for name in ("PolicyArn", "PolicySourceArn"):
        if name in params:
            return str(params[name])
    return None


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
    "application-autoscaling": _scaling,
    "cloudwatch": _cloudwatch,
    "connect": _connect,
    "dynamodb": _dynamodb,
    "elasticache": _elasticache,
    "iam": _iam,
    "lambda": _lambda,
    "logs": _logs,
    "secretsmanager": _secretsmanager,
    "service-quotas": _quotas,
    "sts": _sts,
}


def resource_of(service: str, params: dict[str, Any], account: str, region: str) -> str:
    """The ARN that a call is about; "*" if it is about none, or not known here."""
    find = _RESOURCES.get(service)
    return (find(params, account, region) if find is not None else None) or "*"


def named_beside(service: str, params: dict[str, Any], account: str, region: str) -> list[str]:
    """What else of its own service a call names that its action is asked for: a cache's groups and snapshots."""
    if service != "elasticache" or "ResourceName" in params:
        return []
    found = [
        _elasticache({member: params[member]}, account, region) for member in _ELASTICACHE_NAMES if params.get(member)
    ]
    return [arn for arn in found[1:] if arn is not None]
