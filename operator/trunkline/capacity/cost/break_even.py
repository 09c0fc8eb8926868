"""From which use on capacity that is paid for in advance is cheaper than what is paid for by use. Pure."""

from __future__ import annotations

from typing import Literal

from trunkline.capacity.cost.prices import PriceList
from trunkline.capacity.cost.usage import DYNAMODB, HOUR, LAMBDA


def capacity_units(prices: PriceList, region: str, kind: Literal["read", "write"]) -> float:
    """The mean utilization, 0 to 1, above which provisioned DynamoDB capacity is cheaper than on-demand."""
    word = "Read" if kind == "read" else "Write"
    hour = prices.find(DYNAMODB, f"{word}CapacityUnit-Hrs", region).usd(1.0)
    return hour / (HOUR * prices.find(DYNAMODB, f"{word}RequestUnits", region).usd(1.0))


def provisioned_concurrency(prices: PriceList, region: str, *, arm64: bool = False) -> float:
    """The share of time in use, 0 to 1, above which provisioned concurrency costs less than on-demand duration."""
    suffix = "-ARM" if arm64 else ""
    configured = prices.find(LAMBDA, f"Lambda-Provisioned-Concurrency{suffix}", region).usd(1.0)
    running = prices.find(LAMBDA, f"Lambda-Provisioned-GB-Second{suffix}", region).usd(1.0)
    return configured / (prices.find(LAMBDA, f"Lambda-GB-Second{suffix}", region).usd(1.0) - running)
