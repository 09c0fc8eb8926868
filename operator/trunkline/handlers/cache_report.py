"""What only a CacheLayer's status says: address, figures, filling, what is published; its conditions and their Events.

Pure. Nothing here changes for the clock's sake.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.blueprints.roles import PublishedCache
from trunkline.handlers import cache_warm as warming
from trunkline.handlers.cache_health import Health
from trunkline.handlers.cache_publication import as_status
from trunkline.handlers.conditions import Condition
from trunkline.handlers.port import Note, NoteType, Source
from trunkline.handlers.publishing import Endpoint
from trunkline.handlers.resources import shortened

NOTE_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class Report:
    """published: what functions are given. warmed: None if nothing is filled. written: objects of the namespace."""

    endpoint: Endpoint | None
    published: PublishedCache | None
    health: Health | None
    warmed: warming.Warmed | None
    written: tuple[tuple[Source, str], ...]


def own_status(report: Report) -> dict[str, Any]:
    """The fields of status."""
    own: dict[str, Any] = dict(as_status(report.published))
    if report.endpoint is not None:
        endpoint = report.endpoint
        own |= {"endpoint": endpoint.host, "port": endpoint.port, "tls": endpoint.tls, "cluster": endpoint.cluster}
    if report.health is not None:
        shown = report.health.shown
        probe = {"source": report.health.source.value}
        own |= {
            "probe": {**probe, "message": report.health.message} if report.health.message else probe,
            "hitRatioPercent": shown.hit_ratio_percent,
            "memoryUsedPercent": shown.memory_used_percent,
            "evictionsPerMinute": shown.evictions_per_minute,
            "connections": shown.connections,
            "opsPerSecond": shown.ops_per_second,
        }
    if report.warmed is not None:
        own["warmed"] = report.warmed.written()
    if report.written:
        own["published"] = [{"kind": source.value, "name": name} for source, name in report.written]
    return own


def own_conditions(report: Report, pace: warming.Pace, *, wanted: bool) -> tuple[Condition, ...]:
    """Healthy once somebody looked, Warmed where filling is wanted."""
    found = []
    if report.health is not None:
        found.append(report.health.condition)
    if report.warmed is not None and wanted:
        found.append(warming.condition(report.warmed, pace))
    return tuple(found)


def transitions(status: Mapping[str, Any], told: tuple[Condition, ...]) -> Iterator[Note]:
    """Events of conditions that changed; a first one only if it is bad."""
    before = {str(item.get("type")): item for item in status.get("conditions") or () if isinstance(item, Mapping)}
    for condition in told:
        was = before.get(condition.type)
        if was is None and condition.status != "False":
            continue
        if was is not None and (was.get("status"), was.get("reason")) == (condition.status, condition.reason):
            continue
        if condition.type == "Warmed" and condition.status == "False" and condition.reason != "Failed":
            continue  # under way is no trouble
        kind = NoteType.WARNING if condition.status == "False" else NoteType.NORMAL
        reason = condition.type if condition.status == "True" else f"Not{condition.type}"
        yield Note(kind, reason, shortened(condition.message, NOTE_LENGTH))
