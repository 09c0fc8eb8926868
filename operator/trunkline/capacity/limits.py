"""What AWS and the center allow, who says so, and how long it takes to get more. Pure values.

The numbers of `DEFAULTS` are what a new account has; an account's own values are read by the operator and go first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

HOUR = 3600.0
DAY = 24 * HOUR


class Layer(StrEnum):
    """What a call needs a part of. Several resources may be of one layer: see `Need.resource`."""

    CALLS = "concurrent-calls"
    TRUNKS = "trunk-lines"
    AGENTS = "agents"
    USERS = "users"
    LAMBDA = "lambda-concurrency"
    PROVISIONED = "provisioned-concurrency"
    RESERVED = "reserved-concurrency"
    READS = "read-capacity"
    WRITES = "write-capacity"
    WARM_READS = "warm-read-throughput"
    WARM_WRITES = "warm-write-throughput"
    CACHE_SHARDS = "cache-shards"
    CACHE_CONNECTIONS = "cache-connections"
    SHARDS = "stream-shards"
    CONSUMERS = "queue-consumers"


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that a layer gives. lead_seconds: from asking for more to having it. adjustable: whether AWS raises it."""

    layer: Layer
    value: float
    unit: str
    source: str
    lead_seconds: float
    adjustable: bool
    resource: str = ""

    def at(self, value: float, source: str, resource: str = "") -> Limit:
        """The same limit as an account, table or center has it."""
        return replace(self, value=value, source=source, resource=resource or self.resource)


HIRING_SECONDS = 28 * DAY  # to find and to train somebody: weeks, by every center's own experience

_CONNECT = "Amazon Connect administrator guide, service limits"
_LAMBDA = "AWS Lambda developer guide, quotas"
_DYNAMODB = "Amazon DynamoDB developer guide, quotas"
_CACHE = "Amazon ElastiCache user guide, quotas"
_KINESIS = "Amazon Kinesis Data Streams developer guide, quotas"
_SQS = "AWS Lambda developer guide, scaling of Amazon SQS event sources"

DEFAULTS: Mapping[Layer, Limit] = {
    limit.layer: limit
    for limit in (
        # AWS states hours to three weeks, months where it is a lot: plan with three weeks.
        Limit(Layer.CALLS, 10, "concurrent calls", _CONNECT, 21 * DAY, adjustable=True),
        Limit(Layer.USERS, 500, "users", _CONNECT, 21 * DAY, adjustable=True),
        # An account has 1,000, of which 100 must stay unreserved for other functions.
        Limit(Layer.LAMBDA, 900, "environments", _LAMBDA, 3 * DAY, adjustable=True),
        Limit(Layer.READS, 40_000, "RCU", _DYNAMODB, 3 * DAY, adjustable=True),
        Limit(Layer.WRITES, 40_000, "WCU", _DYNAMODB, 3 * DAY, adjustable=True),
        # What a new on-demand table takes at once.
        Limit(Layer.WARM_READS, 12_000, "read units a second", _DYNAMODB, HOUR, adjustable=True),
        Limit(Layer.WARM_WRITES, 4_000, "write units a second", _DYNAMODB, HOUR, adjustable=True),
        Limit(Layer.CACHE_SHARDS, 90, "shards", _CACHE, 3 * DAY, adjustable=True),
        Limit(Layer.CACHE_CONNECTIONS, 65_000, "connections of a node", _CACHE, 0.0, adjustable=False),
        Limit(Layer.SHARDS, 200, "shards", _KINESIS, 3 * DAY, adjustable=True),
        Limit(Layer.CONSUMERS, 1_000, "concurrent consumers", _SQS, 0.0, adjustable=False),
    )
}
"""By layer. Trunk lines have none: a carrier gives what its contract says; nor has one function: the account has; nor have
agents: there are as many as there are."""
