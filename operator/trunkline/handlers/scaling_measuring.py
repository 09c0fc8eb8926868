"""When and whom to ask what a call is made of, and what is taken for it until then. Reads only, a few times a day.

What the spec says is never measured. What was measured stays taken while a read fails or samples are missing, also in a
new process, which has it from status: a value is given up only for a newer one, and then moves step by step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

from trunkline.api.scaling_policy import Workload as WorkloadSpec
from trunkline.api.scaling_status import MeasuredSource as Origin
from trunkline.capacity.workload import Workload
from trunkline.handlers.resources import shortened
from trunkline.handlers.scaling_asking import HOUR, WINDOW, Asking, Measurer
from trunkline.handlers.scaling_center import workload
from trunkline.handlers.scaling_counted import RANGES, Counted, Found, Measure, Part, Taken, rounded
from trunkline.handlers.scaling_measured import of_cache, of_contacts, of_functions, of_items, of_tables

AGAIN = timedelta(hours=6)
FAILED_AGAIN = timedelta(minutes=10)
STEP, STEP_PERCENT = 4.0 / 3.0, 10.0
"""Of a part at each reading: as a factor either way, and for percent in points."""
_TABLES = (Part.ITEM, Part.READS, Part.WRITES)
_NOWHERE = (Part.REDIAL, Part.CALLBACK)
_MODEL: Mapping[Part, tuple[str, float]] = {
    Part.TALK: ("talk_seconds", 1.0),
    Part.AFTER_CONTACT: ("after_contact_seconds", 1.0),
    Part.PATIENCE: ("patience_seconds", 1.0),
    Part.REDIAL: ("redial_share", 100.0),
    Part.CALLBACK: ("callback_share", 100.0),
    Part.SELF_SERVICE: ("self_service_seconds", 1.0),
    Part.CONTAINED: ("contained_share", 100.0),
    Part.LOOKUPS: ("lookups_per_call", 1.0),
    Part.LOOKUP_TIME: ("lookup_seconds", 1000.0),
    Part.ITEM: ("item_bytes", 1.0),
    Part.CACHE_HITS: ("cache_hit_share", 100.0),
    Part.READS: ("reads_per_lookup", 1.0),
    Part.WRITES: ("writes_per_call", 1.0),
}
"""The model's field, and how many of the spec's unit are one of its own."""


@dataclass(frozen=True, slots=True)
class Line:
    """A part as status has it. message: why it is no newer, or not measured at all."""

    part: Part
    value: float
    origin: Origin
    measure: Measure | None = None
    message: str = ""


@dataclass(slots=True)
class Measuring:
    """What passes of one policy remember. kept: measures that hold. why: of parts without a new one. queued: contacts by
    queue, None while nobody knows. heard: parts that this process has an answer of. unread: something could not be asked yet that is not known from before either.
    """

    kept: dict[Part, Measure] = field(default_factory=dict)
    why: dict[Part, str] = field(default_factory=dict)
    queued: Mapping[str, float] | None = None
    due: datetime | None = None
    asked: object = None
    heard: set[Part] = field(default_factory=set)
    unread: bool = False
    restored: bool = False


def open_parts(spec: WorkloadSpec | None) -> tuple[Part, ...]:
    """What the spec leaves to be measured."""
    written = spec.model_dump(by_alias=True) if spec is not None else {}
    return tuple(part for part in Part if written.get(part.value) is None)


def taken(memory: Measuring, spec: WorkloadSpec | None) -> Workload:
    """What a call is made of where the spec does not say: as measured, else by default."""
    known = {}
    for part in open_parts(spec):
        if (measure := memory.kept.get(part)) is not None:
            name, units = _MODEL[part]
            known[name] = measure.value / units
    return replace(Workload(), **known)


async def measure(of: Measurer, memory: Measuring) -> None:
    """Asks what is due. Raises PassEndedError; whatever else goes wrong is a word in `memory.why`."""
    if not memory.restored:
        memory.kept, memory.restored = dict(_restored(of.inputs.snapshot.status)), True
    wanted = open_parts(of.spec.workload)
    layer = of.layer if Part.CACHE_HITS in wanted else None
    asked = (
        wanted,
        of.instance_arn,
        of.queue_ids,
        (layer.uid, layer.generation) if layer is not None else None,
        of.spec.levers,
        of.spec.staffing is None,
    )
    if asked == memory.asked and memory.due is not None and memory.due - AGAIN <= of.now < memory.due:
        return
    asking = Asking(of, wanted)
    memory.why = dict.fromkeys(_NOWHERE, "nothing in AWS says it")
    if not of.instance_arn or not of.queue_ids:
        memory.why |= dict.fromkeys(wanted, "the target has no instance or no queues yet")
        memory.unread = False  # no calls are measured, so none can go short
        return
    counted = await asking.ask()
    if counted.contacts is not None:
        memory.queued = {one.queue_id: one.queued for one in counted.contacts}
    found = _found(of, counted, memory)
    for part, one in found.items():
        if part in wanted:
            _settle(memory, part, one, asking.until)
    for part in _TABLES:
        if part in wanted and part not in found:
            memory.why[part] = "no lever moves a table that is there"
    memory.why |= asking.failed
    memory.heard |= found.keys()
    memory.unread = asking.again and bool(asking.failed.keys() - memory.kept.keys() - memory.heard)
    memory.asked, memory.due = asked, of.now + (FAILED_AGAIN if asking.failed else AGAIN)


def lines(memory: Measuring, spec: WorkloadSpec | None) -> Iterator[Line]:
    """Every part of the workload: given, measured, or by default and why."""
    model, open_ = workload(spec, taken(memory, spec)), open_parts(spec)
    for part in Part:
        name, units = _MODEL[part]
        value = float(getattr(model, name)) * units
        if part not in open_:
            yield Line(part, value, Origin.GIVEN)
        elif (known := memory.kept.get(part)) is not None:
            yield Line(part, known.value, Origin.MEASURED, known, memory.why.get(part, ""))
        else:
            yield Line(part, value, Origin.DEFAULT, None, memory.why.get(part, ""))


def written(line: Line) -> dict[str, Any]:
    """Its line of `status.measured`."""
    found: dict[str, Any] = {"field": line.part.value, "value": f"{line.value:g}", "source": line.origin.value}
    if (measure := line.measure) is not None:
        found |= {"metrics": shortened(measure.metrics, 400), "samples": measure.samples}
        found["windowHours"] = int(WINDOW.total_seconds() // HOUR)
        if measure.until is not None:
            found["until"] = f"{measure.until:%Y-%m-%dT%H:%M:%SZ}"
    return found | ({"message": shortened(line.message, 400)} if line.message else {})


def _found(of: Measurer, counted: Counted, memory: Measuring) -> dict[Part, Found]:
    """In the order in which one needs the other."""
    found = {**of_contacts(counted), **of_functions(counted), **of_cache(counted), **of_items(counted)}
    for part in (Part.LOOKUPS, Part.CACHE_HITS, Part.ITEM):
        one = found.get(part)
        if part in open_parts(of.spec.workload) and isinstance(one, Measure):
            found[part] = _stepped(memory.kept.get(part), one, part)[0]
    fresh = Measuring({**memory.kept, **{part: one for part, one in found.items() if isinstance(one, Measure)}})
    calls = workload(of.spec.workload, taken(fresh, of.spec.workload))
    return found | of_tables(counted, Taken(calls.lookups_per_call, calls.cache_hit_share, calls.item_bytes))


def _settle(memory: Measuring, part: Part, found: Found, until: datetime) -> None:
    """Takes a measure, or says why there is none."""
    if isinstance(found, str):
        memory.why[part] = found if part not in memory.kept else f"as measured before: {found}"
        return
    low, high = RANGES[part]
    if not (isfinite(found.value) and low <= found.value <= high):
        memory.why[part] = f"{found.metrics} gives {found.value:.3g}, which cannot be"
        return
    stepped, whither = _stepped(memory.kept.get(part), found, part)
    memory.kept[part] = replace(stepped, value=rounded(stepped.value), until=until)
    if whither:
        memory.why[part] = whither
    else:
        memory.why.pop(part, None)


def _stepped(before: Measure | None, found: Measure, part: Part) -> tuple[Measure, str]:
    """A measure of the same metrics moves by a step at most: what a flow asks does not change by itself."""
    if before is None or before.metrics != found.metrics:
        return found, ""
    if part.value.endswith("Percent"):
        low, high = before.value - STEP_PERCENT, before.value + STEP_PERCENT
    else:
        low, high = before.value / STEP, max(before.value * STEP, RANGES[part][0] + 1.0)
    value = min(high, max(low, found.value))
    if value == found.value:
        return found, ""
    return replace(found, value=value), f"on its way to {found.value:.3g}"


def _restored(status: Mapping[str, Any]) -> Iterator[tuple[Part, Measure]]:
    """What another process has measured, as the status says."""
    for line in status.get("measured") or ():
        try:
            if line.get("source") == Origin.MEASURED.value:
                at = datetime.fromisoformat(str(line["until"]))
                yield (
                    Part(str(line["field"])),
                    Measure(float(line["value"]), int(line["samples"]), str(line["metrics"]), at),
                )
        except (AttributeError, KeyError, TypeError, ValueError):
            continue  # a status of another version
