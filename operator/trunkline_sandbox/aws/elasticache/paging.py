"""Pages of ElastiCache: `MaxRecords` of 20 to 100 and an opaque `Marker`."""

from __future__ import annotations

from typing import Any

from trunkline_sandbox.aws.elasticache import faults

LEAST, MOST = 20, 100


def page(member: str, found: list[dict[str, Any]], params: dict[str, Any], *, most: int = MOST) -> dict[str, Any]:
    """One page. Raises InvalidParameterValue for a size out of range or a marker that is none."""
    size = params.get("MaxRecords", most)
    if not LEAST <= size <= most:
        raise faults.value(f"Invalid value {size} for MaxRecords. Must be between {LEAST} and {most}")
    marker = params.get("Marker", "")
    if marker and not marker.isdecimal():
        raise faults.value("Invalid marker.")
    start = int(marker or 0)
    following = start + size
    return {member: found[start:following]} | ({"Marker": str(following)} if following < len(found) else {})
