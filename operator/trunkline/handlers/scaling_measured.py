"""What a call is made of, estimated from what AWS counted: the parts of `spec.workload` that a policy leaves open. Pure.

Seconds and shares are of calls that reached a queue, since AWS averages nothing else by instance; what self-service ended
is taken to have been as long in it. Too few samples are no measure. What depends on calls and on something beside them is
taken from when both were there, and the last day counts if it says more than the week: a flow that asks more since
yesterday must not wait for a week's mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from math import ceil

from trunkline.capacity.layers_data import EVENTUAL, READ_BYTES, STRONG, WRITE_BYTES
from trunkline.drivers.scaling_measures import Contacts, Hours
from trunkline.handlers.scaling_counted import LEAST, Counted, Found, Measure, Part, Taken, Units, few

LEAST_ABANDONED = 100
LAST_HOURS = timedelta(hours=23)  # between the first and the last of a day's hours


def of_contacts(counted: Counted) -> dict[Part, Found]:
    """Talk, work after the call, patience, self-service and what it contains."""
    contacts = counted.contacts
    if contacts is None:
        return {}
    queued, handled, abandoned = (
        _total(contacts, count) for count in (_queued, lambda one: one.handled, lambda one: one.abandoned)
    )
    return {
        Part.TALK: _mean(contacts, handled, lambda one: one.talk_seconds, "AVG_INTERACTION_AND_HOLD_TIME"),
        Part.AFTER_CONTACT: _mean(
            contacts, handled, lambda one: one.after_contact_seconds, "AVG_AFTER_CONTACT_WORK_TIME"
        ),
        Part.PATIENCE: _patience(contacts, abandoned),
        Part.SELF_SERVICE: _self_service(contacts, queued),
        **({Part.CONTAINED: _contained(counted.calls, queued)} if counted.calls is not None else {}),
    }


def _queued(one: Contacts) -> float:
    return one.queued


def _total(contacts: Iterable[Contacts], count: Callable[[Contacts], float]) -> float:
    return sum(count(one) for one in contacts)


def _mean(
    contacts: tuple[Contacts, ...], handled: float, seconds: Callable[[Contacts], float | None], metric: str
) -> Found:
    if handled < LEAST:
        return few(handled, LEAST, "contacts handled")
    whole = sum(one.handled * (seconds(one) or 0.0) for one in contacts)
    return Measure(whole / handled, round(handled), f"Amazon Connect, {metric}")


def _patience(contacts: tuple[Contacts, ...], abandoned: float) -> Found:
    """All the time that was waited over those who hung up: the estimate for patience that answers cut short, which is
    exact for exponential patience (Brown et al., JASA 2005, part 5).
    """
    if abandoned < LEAST_ABANDONED:
        return few(abandoned, LEAST_ABANDONED, "contacts abandoned")
    return Measure(
        _waited(contacts) / abandoned, round(abandoned), "Amazon Connect, queue times over CONTACTS_ABANDONED"
    )


def _waited(contacts: tuple[Contacts, ...]) -> float:
    answered = sum(one.handled * (one.answer_seconds or 0.0) for one in contacts)
    return answered + sum(one.abandoned * (one.abandon_seconds or 0.0) for one in contacts)


def _self_service(contacts: tuple[Contacts, ...], queued: float) -> Found:
    """What of a contact is neither queue nor talk."""
    if queued < LEAST:
        return few(queued, LEAST, "contacts in queues")
    if any(one.contact_seconds is None for one in contacts if one.queued > 0.0):
        return "AVG_CONTACT_DURATION has no value of a queue that had contacts"
    whole = sum(one.queued * (one.contact_seconds or 0.0) for one in contacts)
    talked = sum(one.handled * (one.talk_seconds or 0.0) for one in contacts)
    left = max(0.0, whole - talked - _waited(contacts)) / queued
    return Measure(left, round(queued), "Amazon Connect, AVG_CONTACT_DURATION less queue and talk")


def _contained(calls: Hours, queued: float) -> Found:
    """Calls that no queue has seen. CallsPerInterval counts outbound ones as well."""
    whole = sum(calls.values())
    if whole < LEAST:
        return few(whole, LEAST, "calls in CallsPerInterval")
    if queued <= 0.0:
        return "no contact reached a queue"
    if queued > 1.05 * whole:
        return f"{queued:,.0f} contacts in queues of {whole:,.0f} calls: transfers and callbacks cannot be told apart"
    return Measure(
        100.0 * max(0.0, 1.0 - queued / whole), round(whole), "CloudWatch, CONTACTS_QUEUED of CallsPerInterval"
    )


def of_functions(counted: Counted) -> dict[Part, Found]:
    """Lookups of a call, and how long each takes."""
    if counted.invocations is None or counted.milliseconds is None:
        return {}
    if not counted.functions:
        return dict.fromkeys((Part.LOOKUPS, Part.LOOKUP_TIME), "the center has no function of its own")
    names = ", ".join(counted.functions)
    asked = sum(counted.invocations.values())
    found: dict[Part, Found] = {}
    if asked < LEAST:
        found[Part.LOOKUP_TIME] = few(asked, LEAST, f"invocations of {names}")
    else:
        each = _most(counted.milliseconds, counted.invocations)
        found[Part.LOOKUP_TIME] = Measure(each, round(asked), f"AWS/Lambda, Duration of {names}")
    if counted.calls is not None:
        found[Part.LOOKUPS] = _a_call(counted, counted.invocations, f"AWS/Lambda, Invocations of {names}")
    return found


def _a_call(counted: Counted, events: Hours, metrics: str) -> Found:
    """Events of a call: of all calls, or where their metric is silent, of contacts in queues."""
    calls = counted.calls or {}
    if not events:
        return f"{metrics} has no values in a week"
    if sum(calls.values()) >= LEAST:
        shared = _since_both(calls, events)
        if shared < LEAST:
            return few(shared, LEAST, "calls since there is such a metric")
        return Measure(_most(events, calls), round(shared), f"{metrics} over CallsPerInterval")
    queued = _total(counted.contacts or (), _queued)
    if queued < LEAST:
        return few(max(queued, sum(calls.values())), LEAST, "calls")
    return Measure(sum(events.values()) / queued, round(queued), f"{metrics} over CONTACTS_QUEUED")


def _since_both(calls: Hours, events: Hours) -> float:
    begins = max(min(calls), min(events))
    return sum(count for at, count in calls.items() if at >= begins)


def _most(events: Hours, of: Hours) -> float:
    """The ratio of the week, or of its last day if that is more."""
    if not events or not of:
        return 0.0
    begins, ends = max(min(events), min(of)), max(*events, *of)
    week = _ratio(events, of, begins)
    day = max(begins, ends - LAST_HOURS)
    return max(week, _ratio(events, of, day)) if sum(n for at, n in of.items() if at >= day) >= LEAST else week


def _ratio(events: Hours, of: Hours, since: datetime) -> float:
    whole = sum(count for at, count in of.items() if at >= since)
    return sum(count for at, count in events.items() if at >= since) / whole if whole > 0.0 else 0.0


def of_cache(counted: Counted) -> dict[Part, Found]:
    """Of reads, those that the cache answered."""
    if counted.hits is None or counted.misses is None:
        return {}
    if not counted.cache:
        return {Part.CACHE_HITS: "the center names no cache that AWS runs"}
    hits, misses = sum(counted.hits.values()), sum(counted.misses.values())
    if hits + misses < LEAST:
        return {Part.CACHE_HITS: few(hits + misses, LEAST, f"reads of {counted.cache}")}
    # The last day counts if it hit less: what a cache does not answer, the table has to.
    all_reads = {at: counted.hits.get(at, 0.0) + counted.misses.get(at, 0.0) for at in {*counted.hits, *counted.misses}}
    missed = _most({at: counted.misses.get(at, 0.0) for at in all_reads}, all_reads)
    metrics = f"AWS/ElastiCache, CacheHits and CacheMisses of {counted.cache}"
    return {Part.CACHE_HITS: Measure(100.0 * (1.0 - min(1.0, missed)), round(hits + misses), metrics)}


def of_items(counted: Counted) -> dict[Part, Found]:
    """The mean item of the table whose items are largest."""
    known = [(one.name, one.stored) for one in counted.tables if one.stored is not None]
    if not known:
        return {}
    name, largest = max(known, key=lambda one: one[1].bytes / max(1, one[1].items))
    if largest.items < LEAST:
        return {Part.ITEM: few(largest.items, LEAST, f"items in {name}")}
    return {Part.ITEM: Measure(largest.bytes / largest.items, largest.items, f"DynamoDB, TableSizeBytes of {name}")}


def of_tables(counted: Counted, taken: Taken) -> dict[Part, Found]:
    """Items that a lookup reads and a call writes, from the units that the table with most of them gave.

    They come out so that the model asks for the units of a call that were measured, whatever an item's size is.
    """
    if not counted.tables or counted.calls is None:
        return {}
    return {
        Part.READS: _dearest(
            counted, lambda one: one.read, lambda one: _read_units(one, taken), "ConsumedReadCapacityUnits"
        ),
        Part.WRITES: _dearest(
            counted,
            lambda one: one.written,
            lambda _one: float(max(1, ceil(taken.item_bytes / WRITE_BYTES))),
            "ConsumedWriteCapacityUnits",
        ),
    }


def _read_units(one: Units, taken: Taken) -> float:
    """Of a lookup that reads one item."""
    each = max(1, ceil(taken.item_bytes / READ_BYTES)) * (EVENTUAL if one.index else STRONG)
    return taken.lookups_per_call * (1.0 - taken.cache_hit_share) * each


def _dearest(counted: Counted, units: Callable[[Units], Hours], of_one: Callable[[Units], float], metric: str) -> Found:
    found: list[Measure] = []
    why = ""
    for one in counted.tables:
        a_call, divisor = _a_call(counted, units(one), f"AWS/DynamoDB, {metric} of {one.name}"), of_one(one)
        if isinstance(a_call, str):
            why = a_call
        elif divisor <= 0.0:
            why = "calls look nothing up, or the cache answers all of it"
        else:
            found.append(Measure(a_call.value / divisor, a_call.samples, a_call.metrics))
    return max(found, key=lambda one: one.value) if found else why
