"""DynamoDB tables: keys, indexes, throughput, settings.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
"""

from __future__ import annotations

from trunkline.drivers.table_desired import (
    Billing,
    GlobalIndex,
    Key,
    LocalIndex,
    PointInTimeRecovery,
    Projection,
    TableDesired,
    Units,
)

__all__ = [
    "Billing",
    "GlobalIndex",
    "Key",
    "LocalIndex",
    "PointInTimeRecovery",
    "Projection",
    "TableDesired",
    "Units",
]
