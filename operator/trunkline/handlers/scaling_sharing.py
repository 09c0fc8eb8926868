"""What a policy gets of limits of the account that several policies share: Lambda concurrency, capacity of tables.

Reads only. What the account has and others use is read; what cannot be read cuts nobody, for AWS itself refuses what does
not fit. A policy that only recommends asks for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from trunkline.api.scaling_levers import LeverField, Through
from trunkline.capacity.allocation import Allocation, Ask, Grant
from trunkline.drivers.scaling_limits import READ_QUOTA, WRITE_QUOTA, table_quota, table_use
from trunkline.drivers.scaling_reads import MetricQuery, concurrency, latest
from trunkline.engine.driver import Reader
from trunkline.engine.outcome import CallRefusedError
from trunkline.handlers.port import Key
from trunkline.handlers.scaling_decision import Decided
from trunkline.handlers.scaling_memory import PolicyMemory
from trunkline.handlers.scaling_shared import (
    LAMBDA_CONCURRENCY,
    TABLE_READS,
    TABLE_WRITES,
    UNRESERVED,
    Account,
    Shared,
    policy_name,
    split,
)

LIMITS_AGAIN = timedelta(minutes=5)
CLAIMED = MetricQuery("AWS/Lambda", "ClaimedAccountConcurrency", (), "Maximum", 60)
CLAIMED_BACK_SECONDS = 600.0
SHARE_STEPS = 100
_FIELDS: Mapping[str, tuple[LeverField, ...]] = {
    LAMBDA_CONCURRENCY: (LeverField.PROVISIONED_CONCURRENCY, LeverField.RESERVED_CONCURRENCY),
    TABLE_READS: (LeverField.READ_CAPACITY_UNITS,),
    TABLE_WRITES: (LeverField.WRITE_CAPACITY_UNITS,),
}
_QUOTAS = {LAMBDA_CONCURRENCY: "Concurrent executions", TABLE_READS: READ_QUOTA, TABLE_WRITES: WRITE_QUOTA}


@dataclass(frozen=True, slots=True)
class Share:
    """Of one limit. granted: the most of each field, by its name, where the policy was cut."""

    limit: str
    allocation: Allocation
    grant: Grant
    granted: Mapping[str, int]

    @property
    def message(self) -> str:
        """Who was cut, and what to request; empty if nobody was."""
        kept_back = UNRESERVED if self.limit == LAMBDA_CONCURRENCY else 0
        return self.allocation.message(_QUOTAS[self.limit], kept_back)


@dataclass(frozen=True, slots=True)
class Sharer:
    """A policy that shares. place: account and Region."""

    key: Key
    priority: int
    aws: Reader
    memory: PolicyMemory
    shared: Shared
    place: tuple[str, str]
    now: datetime

    @property
    def name(self) -> str:
        return policy_name(self.key)


@dataclass(frozen=True, slots=True)
class _Part:
    """What draws once on a limit: a function or the capacity of a table, with the fields that move it."""

    name: str
    fields: tuple[Decided, ...]

    @property
    def minimum(self) -> int:
        return max(one.minimum for one in self.fields)

    @property
    def in_use(self) -> int:
        return max(one.standing or 0 for one in self.fields)

    @property
    def reserved(self) -> int:
        """What of it AWS counts as a reservation."""
        fields = (one for one in self.fields if one.moved.field is LeverField.RESERVED_CONCURRENCY)
        return max((one.standing or 0 for one in fields), default=0)

    @property
    def taken(self) -> int:
        return max(_taken(one) for one in self.fields)


def _taken(one: Decided) -> int:
    """What a field wants, or stands at while AWS itself holds it there: that cannot be promised to others."""
    held = one.standing or 0 if one.moved.through is Through.APPLICATION_AUTO_SCALING else 0
    return max(one.decision.wanted, min(held, one.moved.span.max))


async def shares(of: Sharer, decided: Sequence[Decided]) -> tuple[Share, ...]:
    """Of every limit that the policy draws on. Raises PassEndedError."""
    found = []
    for limit, fields in _FIELDS.items():
        parts = _parts(
            one for one in decided if one.moved.field in fields and not one.moved.problem and not one.moved.own
        )
        if not parts:
            of.shared.forget(of.key, limit)
            continue
        of.shared.ask(of.place, limit, _ask(of, parts), sum(part.reserved for part in parts))
        account = await (_functions(of) if limit == LAMBDA_CONCURRENCY else _tables(of, limit))
        if account is None:
            continue
        step = max(1, account.limit // SHARE_STEPS)  # what others use moves by the minute: grants need not
        others = -(-max(0, account.others) // step) * step
        allocation = of.shared.allocate(of.place, limit, account.limit, others)
        grant = allocation.of(of.name)
        found.append(Share(limit, allocation, grant, _granted(grant, parts)))
    return tuple(found)


def _parts(fields: Iterable[Decided]) -> tuple[_Part, ...]:
    found: dict[str, list[Decided]] = {}
    for one in fields:
        found.setdefault(one.moved.function or one.moved.name, []).append(one)
    return tuple(_Part(name, tuple(group)) for name, group in found.items())


def _ask(of: Sharer, parts: Sequence[_Part]) -> Ask:
    return Ask(
        of.name,
        of.priority,
        sum(part.minimum for part in parts),
        sum(part.in_use for part in parts),
        sum(part.taken for part in parts),
    )


def _granted(grant: Grant, parts: Sequence[_Part]) -> dict[str, int]:
    if grant.cut <= 0:
        return {}
    wanted = {part.name: max(part.taken, part.minimum) for part in parts}
    kept = {part.name: min(part.in_use, wanted[part.name]) for part in parts}
    given = split(grant.granted, wanted, kept)
    return {one.moved.name: given[part.name] for part in parts for one in part.fields}


async def _functions(of: Sharer) -> Account | None:
    """Concurrency of an account, without what it keeps for functions without a reservation."""
    memory, limit = of.memory, LAMBDA_CONCURRENCY
    try:
        if memory.concurrency is None or not timedelta(0) <= of.now - memory.concurrency[0] < LIMITS_AGAIN:
            memory.concurrency = (of.now, await concurrency(of.aws))
        claimed = await latest(of.aws, CLAIMED, of.now, CLAIMED_BACK_SECONDS)
    except CallRefusedError:
        if memory.concurrency is None:
            return None
        claimed = None
    account = memory.concurrency[1]
    others = account.limit - account.unreserved - of.shared.reserved(of.place, limit)
    if claimed is not None:
        others = max(others, round(claimed.value) - of.shared.in_use(of.place, limit))
    return Account(max(0, account.limit - UNRESERVED), others)


async def _tables(of: Sharer, limit: str) -> Account | None:
    """Capacity units of an account: read for reads and writes at once, and for all policies."""
    known = of.shared.account(of.place, limit, of.now, LIMITS_AGAIN)
    if known is not None:
        return known
    ours = {name: of.shared.in_use(of.place, name) for name in (TABLE_READS, TABLE_WRITES)}
    try:
        quota, used = await table_quota(of.aws), await table_use(of.aws, of.now)
    except CallRefusedError:
        return of.shared.account(of.place, limit, of.now, None)
    if used is None:
        return None
    of.shared.learn(of.place, TABLE_READS, of.now, Account(quota.read, used.read - ours[TABLE_READS]))
    of.shared.learn(of.place, TABLE_WRITES, of.now, Account(quota.write, used.write - ours[TABLE_WRITES]))
    return of.shared.account(of.place, limit, of.now, None)
