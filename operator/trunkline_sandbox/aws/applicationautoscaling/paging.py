"""Pages of Describe operations: at most 50 items, and a token for the next ones."""

from __future__ import annotations

from typing import Any

from trunkline_sandbox.aws.applicationautoscaling import faults

PAGE = 50


def page(member: str, items: list[Any], params: dict[str, Any]) -> dict[str, Any]:
    """Raises InvalidNextTokenException, and ValidationException for MaxResults that are out of range."""
    size = params.get("MaxResults", PAGE)
    if not 1 <= size <= PAGE:
        raise faults.validation(f"MaxResults must be between 1 and {PAGE}")
    token = params.get("NextToken", "0")
    if not token.isdecimal() or int(token) > len(items):
        raise faults.invalid_token()
    start = int(token)
    found: dict[str, Any] = {member: items[start : start + size]}
    return found | ({"NextToken": str(start + size)} if start + size < len(items) else {})
