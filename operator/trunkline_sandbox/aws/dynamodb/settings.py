"""What hangs on a table: time to live, point-in-time recovery, tags, resource policy, contributor insights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.dynamodb import faults, mirror, schema
from trunkline_sandbox.aws.dynamodb.state import Call, Table, must_be_active
from trunkline_sandbox.aws.service import ServiceFault

TIME_TO_LIVE_INTERVAL_SECONDS = 3600.0
RECOVERY_DAYS = 35
POLICY_BYTES = 20 * 1024


# --- time to live


def update_time_to_live(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    table = call.store.get(call.context, params["TableName"])
    must_be_active(table)
    wanted, state = params["TimeToLiveSpecification"], table.time_to_live
    if state.status in ("ENABLING", "DISABLING") or (
        state.changed_at is not None and call.now - state.changed_at < TIME_TO_LIVE_INTERVAL_SECONDS
    ):
        raise faults.validation("Time to live has been modified multiple times within a fixed interval")
    if wanted["Enabled"]:
        if state.status == "ENABLED" and state.attribute == wanted["AttributeName"]:
            raise faults.validation("TimeToLive is already enabled")
        if state.status == "ENABLED":
            text = "TimeToLive is active on a different AttributeName: current AttributeName is "
            raise faults.validation(text + state.attribute)
    elif state.status == "DISABLED":
        raise faults.validation("TimeToLive is already disabled")
    elif state.attribute != wanted["AttributeName"]:
        text = "TimeToLive is active on a different AttributeName: current AttributeName is "
        raise faults.validation(text + state.attribute)
    state.status = "ENABLING" if wanted["Enabled"] else "DISABLING"
    state.attribute, state.changed_at = wanted["AttributeName"], call.now

    def finish() -> None:
        state.status = "ENABLED" if wanted["Enabled"] else "DISABLED"
        if not wanted["Enabled"]:
            state.attribute = ""
        mirror.sync_time_to_live(table)

    table.later(call.now + call.context.switches.time_to_live_seconds, finish)
    return {"TimeToLiveSpecification": wanted}


def describe_time_to_live(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    state = call.store.get(call.context, params["TableName"]).time_to_live
    found = {"TimeToLiveStatus": state.status}
    return {"TimeToLiveDescription": found | ({"AttributeName": state.attribute} if state.attribute else {})}


# --- point-in-time recovery


def _backed_up(call: Call, params: dict[str, Any]) -> Table:
    table = call.store.find(call.context, params["TableName"])
    if table is None or table.status == "DELETING":
        raise faults.backups_table_not_found(params["TableName"])
    return table


def update_continuous_backups(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    table = _backed_up(call, params)
    if table.status != "ACTIVE":
        raise faults.backups_unavailable(table.name)
    wanted = params["PointInTimeRecoverySpecification"]
    if not wanted["PointInTimeRecoveryEnabled"]:
        if "RecoveryPeriodInDays" in wanted:
            text = "RecoveryPeriodInDays cannot be specified when PointInTimeRecoveryEnabled is false"
            raise faults.validation(text)
        table.recovery_days = 0
    else:
        if not table.recovery_days:
            table.recovery_since = call.now
        table.recovery_days = wanted.get("RecoveryPeriodInDays", table.recovery_days or RECOVERY_DAYS)
    return {"ContinuousBackupsDescription": _backups(call, table)}


def describe_continuous_backups(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    return {"ContinuousBackupsDescription": _backups(call, _backed_up(call, params))}


def _backups(call: Call, table: Table) -> dict[str, Any]:
    recovery: dict[str, Any] = {"PointInTimeRecoveryStatus": "ENABLED" if table.recovery_days else "DISABLED"}
    if table.recovery_days:
        earliest = max(table.recovery_since, call.now - table.recovery_days * 86_400)
        recovery["RecoveryPeriodInDays"] = table.recovery_days
        recovery["EarliestRestorableDateTime"] = earliest
        recovery["LatestRestorableDateTime"] = max(earliest, call.now - 300)
    return {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery}


# --- tags


def _tagged(call: Call, params: dict[str, Any]) -> Table:
    table = call.store.find(call.context, params["ResourceArn"])
    if table is None or not params["ResourceArn"].startswith("arn:"):
        raise faults.not_found(f"Requested resource not found: ResourcArn: {params['ResourceArn']} not found")
    return table


def _change_tags(table: Table, tags: dict[str, str]) -> None:
    if table.status in ("CREATING", "DELETING"):
        must_be_active(table)
    schema.check_tags(tags)
    table.tags = tags


def tag_resource(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    table = _tagged(call, params)
    _change_tags(table, table.tags | {tag["Key"]: tag["Value"] for tag in params["Tags"]})
    return {}


def untag_resource(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    table = _tagged(call, params)
    _change_tags(table, {key: value for key, value in table.tags.items() if key not in params["TagKeys"]})
    return {}


def list_tags_of_resource(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    table = _tagged(call, params)
    return {"Tags": [{"Key": key, "Value": value} for key, value in sorted(table.tags.items())]}


# --- resource policy


def _no_policy(table: Table) -> ServiceFault:
    return ServiceFault("PolicyNotFoundException", f"Resource-based policy not found for {table.arn}", 400)


def _check_policy_revision(table: Table, params: dict[str, Any]) -> None:
    expected = params.get("ExpectedRevisionId")
    if expected is None:
        return
    current = str(table.policy_revision) if table.policy else "NO_POLICY"
    if expected != current:
        raise _no_policy(table)


def put_resource_policy(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    table = _tagged(call, params)
    must_be_active(table)
    _check_policy_revision(table, params)
    if len(params["Policy"].encode()) > POLICY_BYTES:
        raise faults.limit(f"The resource-based policy exceeds {POLICY_BYTES} bytes")
    table.policy = params["Policy"]
    table.policy_revision += 1
    return {"RevisionId": str(table.policy_revision)}


def get_resource_policy(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    table = _tagged(call, params)
    if not table.policy:
        raise _no_policy(table)
    return {"Policy": table.policy, "RevisionId": str(table.policy_revision)}


def delete_resource_policy(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    table = _tagged(call, params)
    _check_policy_revision(table, params)
    if not table.policy:
        return {}
    table.policy = ""
    return {"RevisionId": str(table.policy_revision)}


# --- contributor insights


def _insights_key(table: Table, params: dict[str, Any]) -> str:
    name: str = params.get("IndexName", "")
    if name and name not in table.indexes:
        raise faults.not_found("Requested resource not found")
    return name


def update_contributor_insights(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    table = call.store.get(call.context, params["TableName"])
    key = _insights_key(table, params)
    enable = params["ContributorInsightsAction"] == "ENABLE"
    table.insights[key] = "ENABLED" if enable else "DISABLED"
    return {
        "TableName": table.name,
        **({"IndexName": key} if key else {}),
        "ContributorInsightsStatus": "ENABLING" if enable else "DISABLING",
    }


def describe_contributor_insights(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    table = call.store.get(call.context, params["TableName"])
    key = _insights_key(table, params)
    return {
        "TableName": table.name,
        **({"IndexName": key} if key else {}),
        "ContributorInsightsStatus": table.insights.get(key, "DISABLED"),
    }


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "DeleteResourcePolicy": delete_resource_policy,
    "DescribeContinuousBackups": describe_continuous_backups,
    "DescribeContributorInsights": describe_contributor_insights,
    "DescribeTimeToLive": describe_time_to_live,
    "GetResourcePolicy": get_resource_policy,
    "ListTagsOfResource": list_tags_of_resource,
    "PutResourcePolicy": put_resource_policy,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "UpdateContinuousBackups": update_continuous_backups,
    "UpdateContributorInsights": update_contributor_insights,
    "UpdateTimeToLive": update_time_to_live,
}
