"""Usage of a month in the units that AWS bills, from calls and from capacity. Pure; knows no dollar.

A month has 730 hours, as in AWS's calculator. Capacity costs while it is configured, so its amount is unit-hours (or
environment-seconds), of which the forecast gives low, expected and high; what follows calls grows with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trunkline.capacity.cost.money import Range

HOURS = 730.0
HOUR = 3600.0
DAYS = HOURS / 24.0

CONNECT = "Amazon Connect"
LAMBDA = "AWS Lambda"
DYNAMODB = "Amazon DynamoDB"
ELASTICACHE = "Amazon ElastiCache"
KINESIS = "Amazon Kinesis Data Streams"
S3 = "Amazon S3"
TRANSFER = "AWS Data Transfer"

Plan = Literal["legacy", "customer"]
Number = Literal["did", "tollfree"]


@dataclass(frozen=True, slots=True)
class Usage:
    """So much of a usage type in a month. lever: the lever that moves it, if one does. grows: with the calls."""

    service: str
    sku: str
    what: str
    amount: Range
    lever: str = ""
    grows: bool = False


def voice(calls: Range, seconds: float, *, plan: Plan = "customer", number: Number = "did") -> list[Usage]:
    """Calls of a month that hold a line so long on average: self-service, queue and talk. The service and the telephony."""
    minutes = calls.times(seconds / 60.0)
    service = "ai-end-customer-mins" if plan == "customer" else "end-customer-mins"
    return [
        Usage(CONNECT, service, "minutes of callers", minutes, grows=True),
        Usage(CONNECT, f"{number}-inbound-mins", "minutes of telephony", minutes, grows=True),
    ]


def numbers(count: float, number: Number = "did") -> list[Usage]:
    """Claimed phone numbers."""
    return [Usage(CONNECT, f"{number}-numbers", "phone numbers", Range.of(count * DAYS))]


@dataclass(frozen=True, slots=True)
class Function:
    """What of a function costs: memory, how long it runs, whether it is of arm64."""

    name: str
    memory_gb: float
    seconds: float
    arm64: bool = False

    def _sku(self, sku: str) -> str:
        return f"{sku}-ARM" if self.arm64 else sku

    def invocations(self, count: Range, *, provisioned_share: float = 0.0) -> list[Usage]:
        """Requests and duration; of the duration a share runs on provisioned environments, where it is cheaper."""
        duration = count.times(self.seconds * self.memory_gb)
        found = [Usage(LAMBDA, "Request", f"requests of {self.name}", count, grows=True)]
        for sku, share in (
            ("Lambda-GB-Second", 1.0 - provisioned_share),
            ("Lambda-Provisioned-GB-Second", provisioned_share),
        ):
            if share > 0.0:
                found.append(
                    Usage(LAMBDA, self._sku(sku), f"duration of {self.name}", duration.times(share), grows=True)
                )
        return found

    def provisioned(self, environment_seconds: Range, *, lever: str = "") -> Usage:
        """Provisioned concurrency, from environment-seconds of a month."""
        amount = environment_seconds.times(self.memory_gb)
        sku = self._sku("Lambda-Provisioned-Concurrency")
        return Usage(LAMBDA, sku, f"provisioned concurrency of {self.name}", amount, lever)


def table_capacity(name: str, unit_hours: Range, kind: Literal["read", "write"], *, lever: str = "") -> Usage:
    """Provisioned capacity of a table or index."""
    sku = "ReadCapacityUnit-Hrs" if kind == "read" else "WriteCapacityUnit-Hrs"
    return Usage(DYNAMODB, sku, f"{kind} capacity of {name}", unit_hours, lever)


def table_requests(name: str, units: Range, kind: Literal["read", "write"]) -> Usage:
    """Request units of a table on demand: an eventually consistent read of up to 4 KB is half of one."""
    sku = "ReadRequestUnits" if kind == "read" else "WriteRequestUnits"
    return Usage(DYNAMODB, sku, f"{kind}s of {name}", units, grows=True)


def table_storage(name: str, gigabytes: Range) -> Usage:
    """What a table holds."""
    return Usage(DYNAMODB, "TimedStorage-ByteHrs", f"storage of {name}", gigabytes)


def cache_nodes(name: str, node_type: str, engine: str, node_hours: Range, *, lever: str = "") -> Usage:
    """Nodes of a replication group; engine: redis or valkey."""
    return Usage(ELASTICACHE, f"NodeUsage:{node_type}:{engine}", f"nodes of {name}", node_hours, lever)


def stream(name: str, shard_hours: Range, payload_units: Range) -> list[Usage]:
    """Shards of a stream, and what is put into it in units of 25 KB."""
    return [
        Usage(KINESIS, "Storage-ShardHour", f"shards of {name}", shard_hours),
        Usage(KINESIS, "PutRequestPayloadUnits", f"records of {name}", payload_units, grows=True),
    ]


def storage(gigabytes: Range) -> Usage:
    """Recordings and reports in S3."""
    return Usage(S3, "TimedStorage-ByteHrs", "storage", gigabytes)


def transfer(gigabytes: Range) -> Usage:
    """What leaves AWS for the internet."""
    return Usage(TRANSFER, "DataTransfer-Out-Bytes", "data out", gigabytes, grows=True)
