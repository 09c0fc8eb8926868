"""What lookups need: environments of functions, capacity units of tables and indexes, shards, nodes, consumers. Pure.

Lookups follow arrivals. A use says what one call asks of one resource; `need` makes it an amount for a rate of calls.
Sources: AWS Lambda developer guide, "Understanding Lambda function scaling"; Amazon DynamoDB developer guide, "Capacity
unit consumption" and "Understanding DynamoDB warm throughput"; Amazon ElastiCache user guide, "Managing reserved memory";
Amazon Kinesis Data Streams developer guide, "Quotas and limits".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Protocol

from trunkline.capacity.headroom import Headroom
from trunkline.capacity.layers import Need, amount
from trunkline.capacity.limits import Layer
from trunkline.capacity.staircase import TOLERANCE
from trunkline.capacity.workload import Traffic

KIB = 1024
REQUESTS_PER_ENVIRONMENT = 10.0  # a second, of one execution environment of a synchronous function
READ_BYTES, WRITE_BYTES = 4 * KIB, KIB
EVENTUAL, STRONG, TRANSACTIONAL = 0.5, 1.0, 2.0  # read units of 4 KB; a transactional write counts twice as well
NODE_MEMORY_SHARE = 0.75  # a quarter of a node's memory is reserved for backups and failover
SHARD_BYTES, SHARD_RECORDS, SHARD_READ_BYTES = 1_000_000, 1_000, 2_000_000  # a second
CONNECTIONS = 65_000  # of a node
THROTTLED = 1e-6
"""Share of the time in which a function's own reservation may be full. Above what is provisioned a call starts cold; above
what is reserved it is refused.
"""


class Use(Protocol):
    """What calls ask of a resource."""

    @property
    def name(self) -> str:
        """Of the resource."""

    @property
    def layer(self) -> Layer:
        """That it is of."""

    def value(self, rate: float, headroom: Headroom) -> float:
        """The amount alone, for years of slots and for levers; else as `at`."""

    def at(self, rate: float, headroom: Headroom) -> Need:
        """For so many calls a second. With a utilization pass the expected rate, else the forecast's quantile."""


def need(use: Use, traffic: Traffic, headroom: Headroom) -> Need:
    """The need of a resource, at the rate that its headroom is made for."""
    return use.at(headroom.rate(traffic), headroom)


def units(use: Use, headroom: Headroom) -> Callable[[float], float]:
    """Calls a second as units of a lever."""
    return lambda rate: use.value(rate, headroom)


@dataclass(frozen=True, slots=True)
class FunctionUse:
    """A function that each call asks so many times, for so many seconds each."""

    name: str
    requests_per_call: float
    seconds: float
    layer: Layer = Layer.PROVISIONED

    def value(self, rate: float, headroom: Headroom) -> float:
        """Environments."""
        requests = rate * self.requests_per_call
        return max(headroom.servers(requests * self.seconds), ceil(requests / REQUESTS_PER_ENVIRONMENT - TOLERANCE))

    def at(self, rate: float, headroom: Headroom) -> Need:
        """Environments: busy ones with their headroom, or a tenth of the requests a second where those are very short."""
        requests = rate * self.requests_per_call
        busy = requests * self.seconds
        by_time = headroom.servers(busy)
        by_rate = ceil(requests / REQUESTS_PER_ENVIRONMENT - TOLERANCE)
        formula = f"{amount(requests)} requests/s × {amount(self.seconds)} s = {amount(busy)} busy; {headroom.text()}: {by_time:,}"
        if by_rate > by_time:
            formula = (
                f"{amount(requests)} requests/s ÷ {amount(REQUESTS_PER_ENVIRONMENT)}/s of an environment = {by_rate:,}"
            )
        binds = "requests a second" if by_rate > by_time else "duration"
        return Need(self.layer, max(by_time, by_rate), "environments", formula, binds, self.name)


@dataclass(frozen=True, slots=True)
class TableUse:
    """Reads or writes of one table or index per call, of items of so many bytes.

    layer: READS, WRITES, or their warm throughput on demand. consistency: EVENTUAL, STRONG or TRANSACTIONAL; a write is
    STRONG or TRANSACTIONAL. cached_share: of reads that never reach the table. An index is a resource of its own: each
    write of the table that changes it is a write of the index as well.
    """

    name: str
    layer: Layer
    requests_per_call: float
    item_bytes: float
    consistency: float = STRONG
    cached_share: float = 0.0

    def value(self, rate: float, headroom: Headroom) -> float:
        """Capacity units."""
        missed, each = self._missed_and_each()
        return ceil(headroom.servers(rate * self.requests_per_call * missed) * each - TOLERANCE)

    def at(self, rate: float, headroom: Headroom) -> Need:
        """Capacity units: a second's requests with their headroom, times the units of one."""
        missed, each = self._missed_and_each()
        requests = rate * self.requests_per_call * missed
        count, value, unit = headroom.servers(requests), self.value(rate, headroom), _UNITS[self.layer]
        through = f" × {amount(missed)} not cached" if missed < 1.0 else ""
        formula = (
            f"{amount(rate)} calls/s × {amount(self.requests_per_call)}{through} = {amount(requests)}/s; "
            f"{headroom.text()}: {count:,}/s × {amount(each)} units = {amount(value)}"
        )
        return Need(self.layer, value, unit, formula, "item size" if each > STRONG else "requests a second", self.name)

    def _missed_and_each(self) -> tuple[float, float]:
        """The share of requests that reach the table, and the units of one."""
        if self.layer in (Layer.READS, Layer.WARM_READS):
            return 1.0 - self.cached_share, max(1, ceil(self.item_bytes / READ_BYTES)) * self.consistency
        return 1.0, max(1, ceil(self.item_bytes / WRITE_BYTES)) * self.consistency


@dataclass(frozen=True, slots=True)
class CacheUse:
    """Keys and operations of a cache, and what one node of it takes. node_operations: a second. live_keys: whatever the
    calls are; beside them each call has one, for so many seconds. node_bytes: None counts no memory.
    """

    name: str
    operations_per_call: float
    live_keys: float
    item_bytes: float
    node_bytes: float | None
    node_operations: float
    key_seconds: float = 0.0

    @property
    def layer(self) -> Layer:
        """Shards."""
        return Layer.CACHE_SHARDS

    def value(self, rate: float, headroom: Headroom) -> float:
        """Shards."""
        return max(1, self._by_memory(rate), self._by_operations(rate, headroom))

    def _bytes(self, rate: float) -> float:
        return (self.live_keys + rate * self.key_seconds) * self.item_bytes

    def _by_memory(self, rate: float) -> int:
        if self.node_bytes is None:
            return 0
        return ceil(self._bytes(rate) / (NODE_MEMORY_SHARE * self.node_bytes) - TOLERANCE)

    def _by_operations(self, rate: float, headroom: Headroom) -> int:
        return ceil(headroom.servers(rate * self.operations_per_call) / self.node_operations - TOLERANCE)

    def at(self, rate: float, headroom: Headroom) -> Need:
        """Shards: by memory, or by operations with their headroom."""
        by_memory, by_operations = self._by_memory(rate), self._by_operations(rate, headroom)
        asked = headroom.servers(rate * self.operations_per_call)
        memory = "memory not known"
        if self.node_bytes is not None:
            data, node = self._bytes(rate) / 2**20, self.node_bytes / 2**20
            memory = f"{amount(data)} MiB ÷ ({NODE_MEMORY_SHARE:g} × {amount(node)} MiB) = {by_memory}"
        formula = f"max({memory}, {asked:,} operations/s ÷ {amount(self.node_operations)} = {by_operations}, 1)"
        binds = "operations a second" if by_operations > by_memory else "memory"
        return Need(self.layer, max(1, by_memory, by_operations), "shards", formula, binds, self.name)


def cache_connections(name: str, environments: float, each: float = 1.0) -> Need:
    """Connections to a node: each environment of the functions that use it keeps some."""
    value = environments * each
    formula = f"{amount(environments)} environments × {amount(each)} = {amount(value)}"
    return Need(Layer.CACHE_CONNECTIONS, value, "connections of a node", formula, "environments", name)


@dataclass(frozen=True, slots=True)
class StreamUse:
    """Records that each call puts into a stream, read by so many consumers that share its egress."""

    name: str
    records_per_call: float
    record_bytes: float
    consumers: float = 1.0
    other_records: float = 0.0  # a second, that do not come from calls: agent heartbeats every 120 s

    @property
    def layer(self) -> Layer:
        """Shards."""
        return Layer.SHARDS

    def value(self, rate: float, headroom: Headroom) -> float:
        """Shards."""
        records = headroom.servers(rate * self.records_per_call + self.other_records)
        return max(1, ceil(max(self._parts(records).values()) - TOLERANCE))

    def _parts(self, records: float) -> dict[str, float]:
        size = records * self.record_bytes
        return {
            "bytes in": size / SHARD_BYTES,
            "records in": records / SHARD_RECORDS,
            "bytes out": size * self.consumers / SHARD_READ_BYTES,
        }

    def at(self, rate: float, headroom: Headroom) -> Need:
        """Shards: bytes in, records in or bytes out, whichever asks for most."""
        records = headroom.servers(rate * self.records_per_call + self.other_records)
        parts = self._parts(records)
        binds = max(parts, key=lambda name: parts[name])
        formula = f"{headroom.text()}: {records:,} records/s; " + ", ".join(
            f"{k} {amount(v)}" for k, v in parts.items()
        )
        return Need(self.layer, self.value(rate, headroom), "shards", formula, binds, self.name)


@dataclass(frozen=True, slots=True)
class ConsumerUse:
    """Messages that each call sends to a queue whose consumer takes so many at once, for so many seconds."""

    name: str
    messages_per_call: float
    seconds: float
    batch: int = 1

    @property
    def layer(self) -> Layer:
        """Consumers."""
        return Layer.CONSUMERS

    def value(self, rate: float, headroom: Headroom) -> float:
        """Concurrent consumers."""
        return headroom.servers(rate * self.messages_per_call * self.seconds / self.batch)

    def at(self, rate: float, headroom: Headroom) -> Need:
        """Concurrent consumers."""
        messages = rate * self.messages_per_call
        busy = messages * self.seconds / self.batch
        value = headroom.servers(busy)
        formula = (
            f"{amount(messages)} messages/s × {amount(self.seconds)} s ÷ {self.batch} = {amount(busy)} busy; "
            f"{headroom.text()}: {value:,}"
        )
        return Need(self.layer, value, "concurrent consumers", formula, "duration", self.name)


_UNITS = {
    Layer.READS: "RCU",
    Layer.WRITES: "WCU",
    Layer.WARM_READS: "read units a second",
    Layer.WARM_WRITES: "write units a second",
}
