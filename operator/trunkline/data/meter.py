"""What calls cost: asks DynamoDB for it with every call, and adds up what it says.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ConsumedCapacity.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trunkline.data.functions import AwsClient, Deadline


class Meter:
    """A client of the functions that notes what its calls consume. units: capacity units since `reset`, of table and
    indexes; None if DynamoDB did not say.
    """

    def __init__(self, client: AwsClient) -> None:
        self._client = client
        self.units: float | None = None

    def reset(self) -> None:
        """Begin anew."""
        self.units = None

    def call_json(self, target: str, params: Mapping[str, Any], deadline: Deadline) -> dict[str, Any]:
        """As AwsClient's."""
        answer = self._client.call_json(target, {**params, "ReturnConsumedCapacity": "TOTAL"}, deadline)
        said = answer.get("ConsumedCapacity")
        for part in said if isinstance(said, list) else [said]:  # a batch says it for each table
            if isinstance(part, Mapping) and "CapacityUnits" in part:
                self.units = (self.units or 0.0) + float(part["CapacityUnits"])
        return answer
