"""CloudWatch Logs, over moto's: the retention periods that there are, which the service model does not list.

Source: CloudWatch Logs API reference, PutRetentionPolicy.
"""

from __future__ import annotations

from typing import Any

from trunkline_sandbox.aws.service import CallContext, ServiceFault

RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


class LogsOverlay:
    """Checks around moto's CloudWatch Logs."""

    name = "logs"

    def before(self, context: CallContext, operation: str, params: dict[str, Any]) -> None:
        del context
        if operation == "PutRetentionPolicy" and params["retentionInDays"] not in RETENTION_DAYS:
            days = ", ".join(map(str, RETENTION_DAYS))
            text = (
                f"1 validation error detected: Value '{params['retentionInDays']}' at 'retentionInDays' failed to satisfy "
                f"constraint: Member must satisfy enum value set: [{days}]"
            )
            raise ServiceFault("InvalidParameterException", text, 400)

    def after(self, context: CallContext, operation: str, params: dict[str, Any], status: int) -> None:
        """Nothing to remember."""

    def reset(self) -> None:
        """Nothing to forget."""
