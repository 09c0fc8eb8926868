"""Pages of Lambda's List operations: Marker in, NextMarker out."""

from __future__ import annotations

from typing import Any

from trunkline_sandbox.aws.lambda_ import faults

PAGE = 50


def page(member: str, found: list[dict[str, Any]], params: dict[str, Any]) -> dict[str, Any]:
    """One page of a listing; the marker is an offset."""
    marker = params.get("Marker", "") or "0"
    if not marker.isdecimal():
        raise faults.invalid("The Marker is not valid")
    start, end = int(marker), int(marker) + min(params.get("MaxItems", PAGE), PAGE)
    answer: dict[str, Any] = {member: found[start:end]}
    if end < len(found):
        answer["NextMarker"] = str(end)
    return answer
