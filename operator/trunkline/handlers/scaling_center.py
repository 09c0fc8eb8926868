"""A ScalingPolicy's spec as the capacity model's center: percent become shares, hours seconds, levers uses. Pure.

What the spec leaves open and nobody has measured is the default that its description names. Reads of a table are counted
as strongly consistent, which is the most that they cost; an index has eventually consistent ones only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from trunkline.api.scaling_demand import Amount
from trunkline.api.scaling_levers import Lever, LeverField, Range
from trunkline.api.scaling_policy import Handling, PoolStaffing, ScalingPolicySpec
from trunkline.api.scaling_policy import Objectives as ObjectivesSpec
from trunkline.api.scaling_policy import Workload as WorkloadSpec
from trunkline.capacity.center import Center, Target
from trunkline.capacity.headroom import Chance, Headroom, Utilization
from trunkline.capacity.layers_data import EVENTUAL, STRONG, THROTTLED, FunctionUse, TableUse, Use
from trunkline.capacity.limits import DEFAULTS, Layer, Limit
from trunkline.capacity.workload import Chats, Objectives, Pool, Workload

ALL = "all"
FUNCTIONS = "functions"
"""What the functions are called that no lever names."""
OTHERS = "other queues"
"""No pool of a policy can be called so: a name has no spaces."""

SECONDS_OF_HOUR = 3600.0
LEAD_SECONDS = 600.0


def center(spec: ScalingPolicySpec, measured: Workload | None = None) -> Center:
    """The center of a policy. measured: what is taken for fields that the spec leaves open."""
    calls = workload(spec.workload, measured)
    uses, limits, headrooms = _levers(spec, calls)
    return Center(
        pools(spec, calls),
        calls,
        objectives(spec.objectives),
        spec.shrinkage_percent / 100.0,
        uses,
        headrooms,
        limits,
    )


def workload(spec: WorkloadSpec | None, measured: Workload | None = None) -> Workload:
    """What a call is made of: as written, else as measured, else by default."""
    known = measured or Workload()
    if spec is None:
        return known
    return replace(
        _handling(spec, known),
        self_service_seconds=_or(spec.self_service_seconds, known.self_service_seconds),
        contained_share=_share(spec.contained_percent, known.contained_share),
        lookups_per_call=_or(spec.lookups_per_call, known.lookups_per_call),
        lookup_seconds=_or(spec.lookup_milliseconds, 1000.0 * known.lookup_seconds) / 1000.0,
        item_bytes=_or(spec.item_bytes, known.item_bytes),
        cache_hit_share=_share(spec.cache_hit_percent, known.cache_hit_share),
        reads_per_lookup=_or(spec.reads_per_lookup, known.reads_per_lookup),
        writes_per_call=_or(spec.writes_per_call, known.writes_per_call),
    )


def pools(spec: ScalingPolicySpec, calls: Workload) -> tuple[Pool, ...]:
    """The pools; a share that is not written is an equal part of what the others leave.

    Where all are written and leave something, those calls go to queues that the policy does not name: they hold the
    quota as others do, so they are a pool of their own.
    """
    written = spec.staffing or ()
    if not written:
        return (Pool(ALL, (), 1.0, calls),)
    silent = sum(pool.share_percent is None for pool in written)
    left = max(0.0, 100.0 - sum(pool.share_percent or 0 for pool in written)) / 100.0
    named = tuple(_pool(pool, calls, left / silent if silent else 0.0) for pool in written)
    return named if silent or left <= 0.0 else (*named, Pool(OTHERS, (), left, calls))


def objectives(spec: ObjectivesSpec | None) -> Objectives:
    """The promises; a service level of 80 % is the default only where nothing else is promised."""
    if spec is None:
        return Objectives()
    others = spec.max_occupancy_percent is not None or spec.max_abandoned_percent is not None
    level = spec.service_level_percent
    lookup = spec.lookup_p99_milliseconds
    return Objectives(
        service_level_share=level / 100.0 if level is not None else None if others else 0.8,
        answer_seconds=float(spec.answer_seconds),
        max_occupancy_share=_share(spec.max_occupancy_percent, 0.85),
        max_abandoned_share=_share(spec.max_abandoned_percent, 0.05),
        lookup_p99_seconds=None if lookup is None else lookup / 1000.0,
    )


def calls_per_second(amount: Amount, calls: Workload) -> float:
    """The rate of an amount; that of concurrent calls by Little's law, with nobody waiting."""
    if amount.calls_per_hour is not None:
        return amount.calls_per_hour / SECONDS_OF_HOUR
    held = calls.line_seconds
    if not amount.concurrent_calls or held <= 0.0:
        return 0.0
    return amount.concurrent_calls / held


def uses(lever: Lever, calls: Workload) -> Mapping[LeverField, Use]:
    """What calls ask of each field that a lever moves; none for caches, whose nodes the policy does not know.

    A function is asked at each lookup: which of several takes which part is not known, so each is sized for all.
    """
    found: dict[LeverField, Use] = {}
    if lever.function is not None:
        found[LeverField.PROVISIONED_CONCURRENCY] = FunctionUse(
            lever.function, calls.lookups_per_call, calls.lookup_seconds
        )
        found[LeverField.RESERVED_CONCURRENCY] = FunctionUse(
            lever.function, calls.lookups_per_call, calls.lookup_seconds, Layer.RESERVED
        )
    if lever.table is not None:
        name = f"{lever.table}/{lever.index}" if lever.index else lever.table
        reads = calls.lookups_per_call * calls.reads_per_lookup
        consistency = EVENTUAL if lever.index else STRONG
        read = TableUse(name, Layer.READS, reads, calls.item_bytes, consistency, calls.cache_hit_share)
        found[LeverField.READ_CAPACITY_UNITS] = read
        written = TableUse(name, Layer.WRITES, calls.writes_per_call, calls.item_bytes)
        found[LeverField.WRITE_CAPACITY_UNITS] = written
        found[LeverField.WARM_READ_UNITS] = replace(read, layer=Layer.WARM_READS)
        found[LeverField.WARM_WRITE_UNITS] = replace(written, layer=Layer.WARM_WRITES)
    moved = {field for field, _ in lever.fields}
    return {field: use for field, use in found.items() if field in moved}


def _levers(
    spec: ScalingPolicySpec, calls: Workload
) -> tuple[tuple[Use, ...], Mapping[Target, Limit], Mapping[Target, Headroom]]:
    found: list[Use] = []
    limits: dict[Target, Limit] = {}
    headrooms: dict[Target, Headroom] = {}
    for lever in spec.levers or ():
        spans = dict(lever.fields)
        for field, use in uses(lever, calls).items():
            target = Target(use.layer, use.name)
            found.append(use)
            limits[target] = _limit(lever, field, spans[field], target)
            if (percent := spans[field].utilization_percent) is not None:
                headrooms[target] = Utilization(percent / 100.0)
            elif use.layer is Layer.RESERVED:
                headrooms[target] = Chance(THROTTLED)
    if not any(use.layer is Layer.PROVISIONED for use in found) and calls.lookups_per_call > 0.0:
        found.append(FunctionUse(FUNCTIONS, calls.lookups_per_call, calls.lookup_seconds))
    return tuple(found), limits, headrooms


def _limit(lever: Lever, field: LeverField, span: Range, target: Target) -> Limit:
    lead = LEAD_SECONDS if lever.lead_seconds is None else float(lever.lead_seconds)
    source = f"spec.levers[name={lever.name}].{field}.max"
    default = DEFAULTS.get(target.layer)
    unit = default.unit if default is not None else "environments"
    return Limit(target.layer, float(span.max), unit, source, lead, adjustable=True, resource=target.resource)


def _pool(spec: PoolStaffing, calls: Workload, share: float) -> Pool:
    chats = Chats()
    if spec.chats is not None:
        chats = Chats(spec.chats.per_hundred_calls / 100.0, float(spec.chats.seconds), spec.chats.per_agent)
    part = share if spec.share_percent is None else spec.share_percent / 100.0
    return Pool(spec.name, tuple(sorted(_names(spec.queues))), part, _handling(spec, calls), spec.agents, chats)


def _handling(spec: Handling, calls: Workload) -> Workload:
    return replace(
        calls,
        talk_seconds=_or(spec.talk_seconds, calls.talk_seconds),
        after_contact_seconds=_or(spec.after_contact_seconds, calls.after_contact_seconds),
        patience_seconds=_or(spec.patience_seconds, calls.patience_seconds),
        redial_share=_share(spec.redial_percent, calls.redial_share),
        callback_share=_share(spec.callback_percent, calls.callback_share),
    )


def _names(names: Iterable[object]) -> Iterable[str]:
    return (str(name) for name in names)


def _or(written: int | None, known: float) -> float:
    return known if written is None else float(written)


def _share(percent: int | None, known: float) -> float:
    return known if percent is None else percent / 100.0
