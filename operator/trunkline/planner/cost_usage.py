"""What a month of calls uses of AWS, by what the policy, its center and its cache say: quantities without prices. Pure.

A lever is what the forecast asks of it, half hour by half hour within its bounds: low of few calls, high of many calls
with each day's most kept all day. What no lever moves stands as the center's file has it. Lookups are divided evenly among
the functions that levers move, else all of the center, as in `status.cost`; reads and writes are paid by the request where no capacity is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from math import ceil
from statistics import fmean

from trunkline.api.cache import CacheLayer
from trunkline.api.center import ContactCenter
from trunkline.api.scaling_levers import Lever, LeverField
from trunkline.api.scaling_levers import Range as Span
from trunkline.api.scaling_policy import ScalingPolicySpec
from trunkline.api.tables import BillingMode
from trunkline.capacity.cost.money import Range
from trunkline.capacity.cost.usage import (
    HOUR,
    HOURS,
    Number,
    Plan,
    Usage,
    cache_nodes,
    numbers,
    table_capacity,
    table_requests,
    voice,
)
from trunkline.capacity.headroom import Chance, Headroom, Utilization
from trunkline.capacity.layers_data import EVENTUAL, READ_BYTES, STRONG, WRITE_BYTES, Use
from trunkline.capacity.workload import Traffic, Workload
from trunkline.handlers.scaling_center import uses, workload
from trunkline.handlers.scaling_functions import lookups, priced, taken
from trunkline.planner.cost_month import Month


@dataclass(frozen=True, slots=True)
class Billed:
    """center, cache: None if they are in no file. memory_mib: of functions, whatever a file says."""

    spec: ScalingPolicySpec
    month: Month
    center: ContactCenter | None = None
    cache: CacheLayer | None = None
    plan: Plan = "customer"
    number: Number = "did"
    numbers: int = 0
    memory_mib: int | None = None

    @property
    def calls(self) -> Workload:
        """What a call is made of."""
        return workload(self.spec.workload)

    @property
    def levers(self) -> Sequence[Lever]:
        """What the policy moves."""
        return self.spec.levers or ()

    def moves(self, field: LeverField, name: str, index: str | None = None) -> bool:
        """Whether a lever moves this field of this resource."""
        return any(
            (lever.function or lever.table) == name
            and (lever.index or "") == (index or "")
            and any(each is field for each, _ in lever.fields)
            for lever in self.levers
        )


def usages(billed: Billed) -> Iterator[Usage]:
    """Everything that has an amount."""
    yield from voice(billed.month.calls, billed.calls.line_seconds, plan=billed.plan, number=billed.number)
    if billed.numbers:
        yield from numbers(billed.numbers, billed.number)
    yield from _functions(billed)
    yield from _levers(billed)
    yield from _standing(billed)
    yield from _requests(billed)


def gaps(billed: Billed) -> Iterator[str]:
    """What has a price in AWS and none in these figures."""
    if billed.center is None:
        yield "the ContactCenter is in no file: its own tables and environments are not in the figures"
    elif billed.center.spec.cache_ref is not None and billed.cache is None:
        yield f"CacheLayer {billed.center.spec.cache_ref.name} is in no file: not in the figures"
    if billed.cache is not None and billed.cache.spec.serverless is not None:
        yield f"CacheLayer {billed.cache.name} is serverless: not in the figures"
    for lever in billed.levers:
        if lever.cache_ref is not None and (billed.cache is None or billed.cache.name != lever.cache_ref.name):
            yield f"lever {lever.name}: CacheLayer {lever.cache_ref.name} is in no file: not in the figures"
    if any(action.lever is not None for tier in billed.spec.tiers or () for action in tier.actions):
        yield "what tiers ask of levers is not in the figures"
    yield from taken(lookups(_moved(billed), billed.center).names, billed.center, billed.memory_mib)
    yield "neither in the figures: waiting, outbound calls and chats, Contact Lens, logs, recordings, stored data, taxes, discounts"


def _functions(billed: Billed) -> Iterator[Usage]:
    """Lookups, on environments that a lever keeps where one does."""
    asked = lookups(_moved(billed), billed.center)
    yield from asked.usages(billed.month.calls, billed.calls, billed.center, billed.memory_mib)


def _moved(billed: Billed) -> Iterator[str]:
    return (
        str(lever.function)
        for lever in billed.levers
        if lever.function is not None and lever.provisioned_concurrency is not None
    )


def _levers(billed: Billed) -> Iterator[Usage]:
    for lever in billed.levers:
        found = uses(lever, billed.calls)
        for field, span in lever.fields:
            if field in found and field in _BILLED:
                yield _of_lever(billed, lever, field, _mean(found[field], span, billed.month))
    yield from _cache(billed)


_BILLED = (LeverField.PROVISIONED_CONCURRENCY, LeverField.READ_CAPACITY_UNITS, LeverField.WRITE_CAPACITY_UNITS)
"""By what they are; a reservation costs nothing."""


def _of_lever(billed: Billed, lever: Lever, field: LeverField, mean: Range) -> Usage:
    """It follows calls, so it grows with them."""
    if field is LeverField.PROVISIONED_CONCURRENCY:
        function = priced(str(lever.function), billed.center, billed.memory_mib)
        usage = function.provisioned(mean.times(HOURS * HOUR), lever=lever.name)
    else:
        name = f"{lever.table}/{lever.index}" if lever.index else str(lever.table)
        reads = field is LeverField.READ_CAPACITY_UNITS
        usage = table_capacity(name, mean.times(HOURS), "read" if reads else "write", lever=lever.name)
    return replace(usage, grows=True)


def _mean(use: Use, span: Span, month: Month) -> Range:
    """Units on average."""
    headroom: Headroom = Chance()
    if span.utilization_percent is not None:
        headroom = Utilization(span.utilization_percent / 100.0)
    low, high = month.spread()
    few, expected, many = (
        [[_units(use, span, headroom, one, factor) for one in day] for day in month.days] for factor in (low, 1.0, high)
    )
    return Range(
        fmean(chain.from_iterable(few)),
        fmean(chain.from_iterable(expected)),
        max(fmean(chain.from_iterable(expected)), fmean(max(day) for day in many)),
    )


def _units(use: Use, span: Span, headroom: Headroom, traffic: Traffic, factor: float) -> int:
    needed = ceil(use.value(headroom.rate(traffic) * factor, headroom))
    return max(span.min, min(span.max, needed))


def _standing(billed: Billed) -> Iterator[Usage]:
    """What the center's file keeps and no lever moves."""
    spec = billed.center.spec if billed.center is not None else None
    for function in spec.functions or () if spec is not None else ():
        name, count = str(function.name), function.provisioned_concurrency
        if count is not None and not billed.moves(LeverField.PROVISIONED_CONCURRENCY, name):
            found = priced(name, billed.center, billed.memory_mib)
            yield found.provisioned(Range.of(count * HOURS * HOUR))
    for name, index, read, write in _capacities(billed):
        what = f"{name}/{index}" if index else name
        if not billed.moves(LeverField.READ_CAPACITY_UNITS, name, index):
            yield table_capacity(what, Range.of(read * HOURS), "read")
        if not billed.moves(LeverField.WRITE_CAPACITY_UNITS, name, index):
            yield table_capacity(what, Range.of(write * HOURS), "write")


def _capacities(billed: Billed) -> Iterator[tuple[str, str, int, int]]:
    """Table, index, read and write units of what is not paid by the request."""
    tables = billed.center.spec.tables or () if billed.center is not None else ()
    for table in tables:
        billing = table.billing
        if billing is None or billing.mode is not BillingMode.PROVISIONED:
            continue
        name, read, write = str(table.name), billing.read_capacity_units or 0, billing.write_capacity_units or 0
        yield name, "", read, write
        for index in table.indexes or ():
            own = index.capacity
            yield (
                name,
                str(index.name),
                own.read_capacity_units if own is not None else read,
                own.write_capacity_units if own is not None else write,
            )


def _requests(billed: Billed) -> Iterator[Usage]:
    """Reads and writes for which nobody keeps capacity. Reads are at most strongly consistent, at least eventually."""
    calls, kept = billed.calls, any(_capacities(billed))
    fields = {field for lever in billed.levers for field, _ in lever.fields}
    if not kept and LeverField.READ_CAPACITY_UNITS not in fields:
        reads = calls.lookups_per_call * calls.reads_per_lookup * (1.0 - calls.cache_hit_share)
        each = max(1, ceil(calls.item_bytes / READ_BYTES)) * reads
        yield table_requests(
            "tables", billed.month.calls.times(Range(EVENTUAL * each, STRONG * each, STRONG * each)), "read"
        )
    if not kept and LeverField.WRITE_CAPACITY_UNITS not in fields:
        each = max(1, ceil(calls.item_bytes / WRITE_BYTES)) * calls.writes_per_call
        yield table_requests("tables", billed.month.calls.times(each), "write")


def _cache(billed: Billed) -> Iterator[Usage]:
    """Nodes as they stand; a lever may take them to either of its ends."""
    layer = billed.cache
    if layer is None or layer.spec.nodes is None:
        return
    nodes = layer.spec.nodes
    lever = next((one for one in billed.levers if one.cache_ref is not None and one.cache_ref.name == layer.name), None)
    shards = _around(nodes.shards, lever.shards if lever is not None else None)
    replicas = _around(nodes.replicas_per_shard, lever.replicas_per_shard if lever is not None else None)
    count = shards.times(Range.of(1.0).plus(replicas))
    name = lever.name if lever is not None else ""
    yield cache_nodes(layer.name, nodes.type, layer.spec.engine.value, count.times(HOURS), lever=name)


def _around(standing: int, span: Span | None) -> Range:
    if span is None:
        return Range.of(float(standing))
    return Range(float(span.min), float(max(span.min, min(span.max, standing))), float(span.max))
