"""What AWS is asked to know what a call is made of: two questions of metrics, and the sizes of tables. Reads only.

Functions are those that calls ask, tables and indexes those that levers move, the cache is the one that the center names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from trunkline.api.cache import CacheLayer
from trunkline.api.cache_parse import parse_cache_layer
from trunkline.api.center import ContactCenter
from trunkline.api.scaling_policy import ScalingPolicySpec
from trunkline.drivers.scaling_measures import Hours, Stored, by_hour, contacts_by_queue, stored
from trunkline.drivers.scaling_reads import MetricQuery
from trunkline.engine.driver import Reader
from trunkline.engine.outcome import CallRefusedError, Outcome
from trunkline.handlers.cache_address import watched
from trunkline.handlers.cache_watch import Watched
from trunkline.handlers.port import Inputs, Key, Snapshot
from trunkline.handlers.scaling_counted import Counted, Part, Units
from trunkline.handlers.scaling_functions import lookups
from trunkline.handlers.scaling_levers import moved
from trunkline.handlers.scaling_target import body_of

WINDOW = timedelta(days=7)
HOUR = 3600
_CONTACTS = (Part.TALK, Part.AFTER_CONTACT, Part.PATIENCE, Part.SELF_SERVICE, Part.CONTAINED)
_A_CALL = (Part.CONTAINED, Part.LOOKUPS, Part.READS, Part.WRITES)
_FUNCTIONS = (Part.LOOKUPS, Part.LOOKUP_TIME)


@dataclass(frozen=True, slots=True)
class Measurer:
    """Whom to ask, and by which policy. queue_ids: of the center."""

    aws: Reader
    inputs: Inputs
    spec: ScalingPolicySpec
    center: ContactCenter
    instance_arn: str
    queue_ids: tuple[str, ...]
    now: datetime

    @property
    def layer(self) -> Snapshot | None:
        """The CacheLayer that the center names, if it is there."""
        named = self.center.spec.cache_ref
        if named is None:
            return None
        return self.inputs.neighbor(Key(CacheLayer.kind, self.inputs.snapshot.key.namespace, str(named.name)))

    def cache(self) -> tuple[str, Watched | None]:
        """Its name, and what CloudWatch measures of it."""
        layer = self.layer
        parsed = parse_cache_layer(body_of(layer)) if layer is not None else None
        if parsed is None or parsed.layer is None:
            return "", None
        return parsed.layer.aws_name, watched(parsed.layer.spec, parsed.layer.aws_name, {})


@dataclass(slots=True)
class Asking:
    """One round of questions. failed: parts that could not be asked, and why. again: that may go by itself."""

    of: Measurer
    wanted: tuple[Part, ...]
    failed: dict[Part, str] = field(default_factory=dict)
    again: bool = False

    @property
    def until(self) -> datetime:
        """The last full hour."""
        return datetime.fromtimestamp(self.of.now.timestamp() // HOUR * HOUR, UTC)

    def any(self, parts: Sequence[Part]) -> bool:
        """Whether one of these is wanted."""
        return any(part in self.wanted for part in parts)

    async def ask(self) -> Counted:
        """Everything that is wanted, in as few questions as AWS takes. Raises PassEndedError."""
        counted = await self._contacts(Counted())
        counted = await self._metrics(counted)
        return await self._tables(counted)

    async def _contacts(self, counted: Counted) -> Counted:
        of = self.of
        if not self.any(_CONTACTS) and of.spec.staffing is not None:
            return counted
        try:
            found = await contacts_by_queue(of.aws, of.instance_arn, of.queue_ids, self.until - WINDOW, self.until)
        except CallRefusedError as error:
            self._refused(error, _CONTACTS)
            return counted
        return replace(counted, contacts=found)

    async def _metrics(self, counted: Counted) -> Counted:
        queries = _Queries(self)
        if not queries.all:
            return counted
        try:
            found = await by_hour(self.of.aws, queries.all, self.until - WINDOW, self.until)
        except CallRefusedError as error:
            self._refused(error, (*_A_CALL, *_FUNCTIONS, Part.CACHE_HITS))
            return counted
        return queries.counted(counted, found)

    async def _tables(self, counted: Counted) -> Counted:
        if Part.ITEM not in self.wanted:
            return counted
        known: dict[str, Mapping[str, Stored]] = {}
        found = []
        for table, index in _tables(self.of):
            try:
                if table not in known:
                    known[table] = await stored(self.of.aws, table)
            except CallRefusedError as error:
                self._refused(error, (Part.ITEM,))
                return counted
            units = next((one for one in counted.tables if one.name == _name(table, index)), None)
            units = units or Units(_name(table, index), bool(index), {}, {})
            found.append(replace(units, stored=known[table].get(index)))
        return replace(counted, tables=tuple(found))

    def _refused(self, error: CallRefusedError, parts: Sequence[Part]) -> None:
        said = f"cannot be read: {error.refusal.message or error.refusal}"
        self.failed |= {part: said for part in parts if part in self.wanted}
        self.again = self.again or error.refusal.outcome is Outcome.RETRY


class _Queries:
    """The metrics that are wanted of CloudWatch, all in one question."""

    def __init__(self, asking: Asking) -> None:
        of, wanted = asking.of, asking.any
        voice = (("InstanceId", of.instance_arn.rpartition("/")[2]), ("MetricGroup", "VoiceCalls"))
        self.calls = [_sum("AWS/Connect", "CallsPerInterval", voice)] if wanted(_A_CALL) else []
        self.functions = _functions(of) if wanted(_FUNCTIONS) else {}
        self._lambda = {
            metric: [_sum("AWS/Lambda", metric, dimensions) for dimensions in self.functions.values()]
            for metric in ("Invocations", "Duration")
        }
        self.asks_functions = wanted(_FUNCTIONS)
        self.asks_cache = Part.CACHE_HITS in asking.wanted
        name, watched_nodes = of.cache() if self.asks_cache else ("", None)
        self.cache = name if watched_nodes is not None else ""
        nodes = watched_nodes.dimensions if watched_nodes is not None else ()
        self._cache = {
            metric: [_sum("AWS/ElastiCache", metric, (node,)) for node in nodes]
            for metric in ("CacheHits", "CacheMisses")
        }
        self._tables = {
            one: tuple(
                _sum("AWS/DynamoDB", f"Consumed{way}CapacityUnits", _dimensions(*one)) for way in ("Read", "Write")
            )
            for one in (_tables(of) if wanted((Part.READS, Part.WRITES)) else ())
        }

    @property
    def all(self) -> list[MetricQuery]:
        """Each once."""
        found = [*self.calls]
        for named in (self._lambda, self._cache):
            found += [query for queries in named.values() for query in queries]
        return [*found, *(query for queries in self._tables.values() for query in queries)]

    def counted(self, before: Counted, found: Mapping[MetricQuery, Hours]) -> Counted:
        """The answers, by what they are of."""
        invocations, milliseconds = (_together(found, self._lambda[name]) for name in ("Invocations", "Duration"))
        hits, misses = (_together(found, self._cache[name]) for name in ("CacheHits", "CacheMisses"))
        return replace(
            before,
            calls=_together(found, self.calls) if self.calls else None,
            functions=tuple(self.functions),
            invocations=invocations if self.asks_functions else None,
            milliseconds=milliseconds if self.asks_functions else None,
            cache=self.cache,
            hits=hits if self.asks_cache else None,
            misses=misses if self.asks_cache else None,
            tables=tuple(
                Units(_name(table, index), bool(index), found[read], found[write])
                for (table, index), (read, write) in self._tables.items()
            ),
        )


def _sum(namespace: str, metric: str, dimensions: tuple[tuple[str, str], ...]) -> MetricQuery:
    return MetricQuery(namespace, metric, dimensions, "Sum", HOUR)


def _together(found: Mapping[MetricQuery, Hours], queries: Sequence[MetricQuery]) -> Hours:
    whole: dict[datetime, float] = {}
    for query in queries:
        for at, value in found[query].items():
            whole[at] = whole.get(at, 0.0) + value
    return whole


def _functions(of: Measurer) -> dict[str, tuple[tuple[str, str], ...]]:
    """Those that calls ask, with the dimensions of the alias that flows call. One of others has an alias of theirs."""
    levers = (str(one.function) for one in of.spec.levers or () if one.function is not None)
    names = lookups(levers, of.center).names
    entries = [one for one in of.center.spec.functions or () if one.name in names and one.external is None]
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for entry in entries:
        name = entry.effective_aws_name(of.center.name)
        found[str(entry.name)] = (("FunctionName", name), ("Resource", f"{name}:{entry.alias}"))
    return found


def _tables(of: Measurer) -> tuple[tuple[str, str], ...]:
    """Tables and indexes that levers move: names in AWS."""
    there = (one for one in moved(of.spec, of.center) if one.table and not one.problem)
    return tuple(dict.fromkeys((one.table, one.index) for one in there))


def _dimensions(table: str, index: str) -> tuple[tuple[str, str], ...]:
    return (("TableName", table), *((("GlobalSecondaryIndexName", index),) if index else ()))


def _name(table: str, index: str) -> str:
    return f"{table}/{index}" if index else table
