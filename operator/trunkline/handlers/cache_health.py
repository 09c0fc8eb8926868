"""How a cache is: asked itself, or else of CloudWatch, no more often than that is worth; and the condition `Healthy`.

A single failure says nothing: the second in a row does. What is shown in status moves when a reader would say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from trunkline.api.cache_status import ProbeSource
from trunkline.engine.driver import Reader
from trunkline.engine.outcome import CallRefusedError
from trunkline.handlers.cache_watch import Watched, query, read
from trunkline.handlers.conditions import Condition
from trunkline.handlers.health import Counters, Figures, Probe, ProbeFailedError, Target, figures, steady

PROBE_SECONDS = 60.0
WATCH_SECONDS = 300.0  # of CloudWatch: figures come in periods of so many
EARLY_SECONDS = 5.0  # a pass that comes a little early looks all the same
FAILURES = 2
MOST_LAG_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom to look at. target: None if it cannot be asked, and `why_not` says why. watched: None if AWS does not run it.

    settling: its password is being changed, so that a refused one says nothing.
    """

    target: Target | None
    why_not: str = ""
    watched: Watched | None = None
    settling: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """What is known. exact: for Prometheus; shown: for status. condition: Healthy."""

    source: ProbeSource
    message: str
    exact: Figures
    shown: Figures
    condition: Condition

    @property
    def healthy(self) -> bool | None:
        """True, False, or nobody knows."""
        return {"True": True, "False": False}.get(self.condition.status)


@dataclass(slots=True)
class Look:
    """What was last heard of one cache; lost at a restart. Times in seconds since the epoch.

    counters, counted_at: of the last answer, for rates. failures: in a row. watched_at: when CloudWatch was asked.
    """

    asked_at: float = 0.0
    counters: Counters | None = None
    counted_at: float = 0.0
    failures: int = 0
    watched_at: float = 0.0
    health: Health | None = None


def due(look: Look, now: float) -> bool:
    """Whether it is time to look."""
    return now - look.asked_at >= PROBE_SECONDS - EARLY_SECONDS


async def examine(subject: Subject, look: Look, probe: Probe, aws: Reader, now: float) -> None:
    """Looks, and remembers what it saw in `look`; where nothing new is known, what was said stands."""
    look.asked_at = now
    failed: ProbeFailedError | None = None
    if subject.target is not None:
        try:
            counters = await probe.ask(subject.target)
        except ProbeFailedError as error:
            failed = error
        else:
            exact = figures(look.counters, counters, now - look.counted_at)
            look.counters, look.counted_at, look.failures = counters, now, 0
            look.health = _answered(exact, look.health)
            return
    if failed is not None and (failed.busy or (subject.settling and failed.reachable)):
        return
    look.failures += 1
    answered = look.health is not None and look.health.source is ProbeSource.REDIS
    if failed is None or look.failures >= FAILURES or not answered:
        await _watch(subject, look, failed, aws, now)


def _answered(exact: Figures, before: Health | None) -> Health:
    lag = exact.lag_seconds or 0.0
    if lag >= MOST_LAG_SECONDS:
        text = f"a replica is more than {MOST_LAG_SECONDS:.0f} s behind: what fails over to it is old"
        condition = Condition("Healthy", "False", "ReplicationLags", text)
    else:
        condition = Condition("Healthy", "True", "Answers", "the cache answers")
    return Health(ProbeSource.REDIS, "", exact, _steady(before, exact), condition)


async def _watch(subject: Subject, look: Look, failed: ProbeFailedError | None, aws: Reader, now: float) -> None:
    """CloudWatch's word. That we cannot reach a cache is no fault of the cache: the operator seldom is in its network."""
    why = str(failed) if failed is not None else subject.why_not
    refused = failed is not None and failed.reachable
    if subject.watched is None:
        reason = "NotAsked" if failed is None else "ProbeFailed"
        condition = Condition("Healthy", "False" if refused else "Unknown", reason, why)
        look.health = Health(ProbeSource.NONE, why, Figures(), Figures(), condition)
        return
    if (
        look.health is not None
        and look.health.source is not ProbeSource.REDIS
        and now - look.watched_at < WATCH_SECONDS
    ):
        return
    look.watched_at = now
    try:
        answer = await aws.read("cloudwatch", "GetMetricData", query(subject.watched, now))
        exact = read(answer.body.get("MetricDataResults") or ())
    except CallRefusedError as error:
        exact, why = None, f"{why}; CloudWatch: {error.refusal.code}"
    if refused:
        condition = Condition("Healthy", "False", "ProbeFailed", why)
    elif exact is None:
        condition = Condition("Healthy", "Unknown", "NotMeasured", f"{why}; CloudWatch has no figures of it")
    else:
        condition = Condition("Healthy", "True", "Measured", "CloudWatch measures it; it was not asked itself")
    source = ProbeSource.NONE if exact is None else ProbeSource.CLOUDWATCH
    exact = exact or Figures()
    look.health = Health(source, why, exact, _steady(look.health, exact), condition)


def _steady(before: Health | None, exact: Figures) -> Figures:
    shown = before.shown if before is not None else Figures()
    return replace(steady(shown, exact), lag_seconds=None)


def recalled(status: Mapping[str, Any]) -> Health | None:
    """What status says was found last, by another process perhaps; Prometheus gets its figures from the next look."""
    probe = status.get("probe")
    conditions = (item for item in status.get("conditions") or () if isinstance(item, Mapping))
    said = next((item for item in conditions if item.get("type") == "Healthy"), None)
    if said is None or not isinstance(probe, Mapping) or probe.get("source") not in set(ProbeSource):
        return None
    condition = Condition("Healthy", *(str(said.get(name) or "") for name in ("status", "reason", "message")))
    shown = Figures(**{name: status.get(field) for name, field in _SHOWN.items()})
    return Health(ProbeSource(probe["source"]), str(probe.get("message") or ""), Figures(), shown, condition)


_SHOWN = {
    "hit_ratio_percent": "hitRatioPercent",
    "memory_used_percent": "memoryUsedPercent",
    "evictions_per_minute": "evictionsPerMinute",
    "connections": "connections",
    "ops_per_second": "opsPerSecond",
}
