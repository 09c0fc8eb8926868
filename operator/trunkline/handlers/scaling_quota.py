"""Asking AWS for a higher quota of concurrent calls, where the policy says so. Once a day at most, and never twice at once.

The quota should be the forecast's quantile over 0.8, so that one day above it is still served: Amazon Connect
administrator guide, "Amazon Connect service quotas"; increases take hours to weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, log10

from trunkline.api.scaling_policy import Mode, ScalingPolicySpec
from trunkline.capacity.limits import Layer
from trunkline.drivers.scaling_reads import CONCURRENT_CALLS_QUOTA
from trunkline.engine.driver import Caller
from trunkline.engine.outcome import CallRefusedError
from trunkline.handlers.port import Note, NoteType
from trunkline.handlers.resources import shortened
from trunkline.handlers.scaling_memory import PolicyMemory
from trunkline.handlers.scaling_status import Report

SHARE = 0.8
AGAIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom: the instance whose quota it is."""

    spec: ScalingPolicySpec
    instance_arn: str
    now: datetime


def wanted_quota(report: Report, today: str) -> float | None:
    """What to ask for; None where what there is will do. today: as ISO dates are compared."""
    for layer in report.day.layers if report.day is not None else ():
        standing = layer.standing
        if standing.need.layer is not Layer.CALLS or standing.limit is None:
            continue
        need, quota = standing.need.value, standing.limit.value
        due = any(
            one.limit == Layer.CALLS.value and one.request_by is not None and one.request_by <= today
            for one in report.breaches
        )
        if need > SHARE * quota or due:
            return _round_up(max(need, quota) / SHARE)
    return None


async def ask_for_more(aws: Caller, asked: Asked, report: Report, memory: PolicyMemory) -> tuple[Note, ...]:
    """The request, and an Event that tells of it. Raises PassEndedError."""
    spec, now = asked.spec, asked.now
    if not spec.request_quota_increases or spec.mode is not Mode.AUTO or spec.paused or not asked.instance_arn:
        return ()
    wanted = wanted_quota(report, now.date().isoformat())
    if wanted is None or (memory.asked_at is not None and timedelta(0) <= now - memory.asked_at < AGAIN):
        return ()
    memory.asked_at = now
    service, code = CONCURRENT_CALLS_QUOTA
    params = {"ServiceCode": service, "QuotaCode": code, "DesiredValue": wanted, "ContextId": asked.instance_arn}
    what = f"{wanted:,.0f} concurrent calls"
    try:
        await aws.mutate("service-quotas", "RequestServiceQuotaIncrease", params)
    except CallRefusedError as error:
        if error.duplicate:
            return ()  # a request is open already
        said = shortened(f"{what} could not be asked for: {error.refusal.message}", 1000)
        return (Note(NoteType.WARNING, "QuotaRequestRefused", said),)
    return (Note(NoteType.NORMAL, "QuotaRequested", f"asked AWS for {what}: status.layers has the formula"),)


def _round_up(value: float) -> float:
    """To two digits: nobody asks for 10,317."""
    step = 10 ** max(0, int(log10(value)) - 1) if value >= 1.0 else 1
    return float(ceil(value / step) * step)
