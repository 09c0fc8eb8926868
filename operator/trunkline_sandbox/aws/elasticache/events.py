"""DescribeEvents: what happened to caches; the last hour unless asked otherwise.

Source: API reference, DescribeEvents. Events are kept for 14 days.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.elasticache import faults
from trunkline_sandbox.aws.elasticache.paging import page
from trunkline_sandbox.aws.elasticache.store import Call

DEFAULT_MINUTES = 60
KEPT_MINUTES = 14 * 24 * 60


def describe(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    if "SourceIdentifier" in params and "SourceType" not in params:
        raise faults.combination("SourceType is required with SourceIdentifier.")
    if "Duration" in params and ("StartTime" in params or "EndTime" in params):
        raise faults.combination("Duration cannot be used with StartTime or EndTime.")
    minutes = params.get("Duration", DEFAULT_MINUTES)
    if not 0 < minutes <= KEPT_MINUTES:
        raise faults.value(f"Duration must be between 1 and {KEPT_MINUTES} minutes.")
    end = params["EndTime"].timestamp() if "EndTime" in params else call.now
    start = params["StartTime"].timestamp() if "StartTime" in params else end - minutes * 60
    found = [
        {"SourceIdentifier": event.source, "SourceType": event.kind, "Message": event.text, "Date": event.at}
        for event in call.store.events
        if (event.account, event.region) == call.place
        and start <= event.at <= end
        and params.get("SourceType", event.kind) == event.kind
        and params.get("SourceIdentifier", event.source).lower() == event.source
    ]
    return page("Events", found, params)


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {"DescribeEvents": describe}
