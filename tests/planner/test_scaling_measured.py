"""What a call is made of, from what AWS counted: the arithmetic, and what is too little to count."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from trunkline.api.scaling_parse import parse_scaling_policy
from trunkline.drivers.scaling_measures import Contacts, Hours, Stored
from trunkline.handlers.scaling_center import workload
from trunkline.handlers.scaling_counted import Counted, Found, Measure, Part, Taken, Units, rounded
from trunkline.handlers.scaling_history import learn, reached, volumes
from trunkline.handlers.scaling_measured import of_cache, of_contacts, of_functions, of_items, of_tables
from trunkline.handlers.scaling_memory import Learned

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)


def hours(each: float, count: int = 168, first: int = 0) -> Hours:
    return {MONDAY + number * timedelta(hours=1): each for number in range(first, first + count)}


SALES = Contacts("sales", 600.0, 500.0, 100.0, 240.0, 20.0, 30.0, 60.0, 250.0)
CARE = Contacts("care", 400.0, 400.0, 0.0, 480.0, 45.0, 10.0, None, 520.0)
WEEK = Counted((SALES, CARE), calls=hours(10.0))
LOOKED = replace(WEEK, functions=("lookup",), invocations=hours(50.0), milliseconds=hours(50.0 * 120.0))
READ = Units("customers", False, hours(20.0), hours(5.0), Stored(1_000, 900_000))
TAKEN = Taken(lookups_per_call=5.0, cache_hit_share=0.5, item_bytes=900.0)


def both(found: dict[Part, Found]) -> dict[Part, float | str]:
    return {part: rounded(one.value) if isinstance(one, Measure) else one for part, one in found.items()}


@pytest.mark.parametrize(
    ("counted", "part", "expected"),
    [
        pytest.param(WEEK, Part.TALK, 347.0, id="talk-is-weighted-by-contacts"),  # (500·240 + 400·480) / 900 = 346.7
        pytest.param(WEEK, Part.AFTER_CONTACT, 31.1, id="work-after-it-too"),
        pytest.param(WEEK, Part.PATIENCE, 250.0, id="all-waiting-over-those-who-hang-up"),  # (15,000+6,000+4,000)/100
        pytest.param(
            WEEK, Part.SELF_SERVICE, 21.0, id="what-is-neither-queue-nor-talk"
        ),  # (358,000−312,000−25,000)/1,000
        pytest.param(WEEK, Part.CONTAINED, 40.5, id="calls-that-no-queue-has-seen"),  # 1 − 1,000/1,680
        pytest.param(replace(WEEK, calls={}), Part.CONTAINED, "0 calls", id="nobody-counts-calls"),
        pytest.param(replace(WEEK, calls=hours(5.0)), Part.CONTAINED, "transfers", id="more-in-queues-than-calls"),
        pytest.param(
            replace(WEEK, contacts=(replace(SALES, handled=9.0),)), Part.TALK, "9 contacts", id="too-few-handled"
        ),
        pytest.param(replace(WEEK, contacts=(CARE,)), Part.PATIENCE, "0 contacts", id="nobody-hangs-up"),
        pytest.param(
            replace(WEEK, contacts=(replace(SALES, contact_seconds=None),)),
            Part.SELF_SERVICE,
            "AVG_CONTACT_DURATION",
            id="an-average-is-missing",
        ),
        pytest.param(replace(WEEK, contacts=()), Part.TALK, "0 contacts", id="a-quiet-week"),
    ],
)
def test_contacts(counted: Counted, part: Part, expected: float | str) -> None:
    found = both(of_contacts(counted))[part]
    assert expected in str(found) if isinstance(expected, str) else found == expected


@pytest.mark.parametrize(
    ("counted", "lookups", "milliseconds"),
    [
        pytest.param(LOOKED, 5.0, 120.0, id="a-week"),
        pytest.param(
            replace(LOOKED, invocations=hours(50.0, 24, 144), milliseconds=hours(6_000.0, 24, 144)),
            5.0,
            120.0,
            id="a-function-of-yesterday-is-not-divided-by-the-week",
        ),
        pytest.param(
            replace(
                LOOKED,
                invocations={**hours(50.0, 144), **hours(100.0, 24, 144)},
                milliseconds={**hours(6_000.0, 144), **hours(30_000.0, 24, 144)},
            ),
            10.0,
            300.0,
            id="a-last-day-that-asks-more-counts",
        ),
        pytest.param(
            replace(LOOKED, invocations={**hours(50.0, 144), **hours(5.0, 24, 144)}),
            4.33,
            137.0,
            id="one-that-asks-less-only-by-its-part",
        ),
        pytest.param(replace(LOOKED, calls={}), 8.4, 120.0, id="of-contacts-where-calls-are-not-counted"),
        pytest.param(replace(LOOKED, calls={}, contacts=()), "0 calls", 120.0, id="of-nothing"),
        pytest.param(
            replace(LOOKED, invocations={}, milliseconds={}), "AWS/Lambda", "0 invocations", id="no-values-are-not-zero"
        ),
        pytest.param(replace(LOOKED, functions=()), "the center has", "the center has", id="no-function"),
    ],
)
def test_lookups(counted: Counted, lookups: float | str, milliseconds: float | str) -> None:
    found = both(of_functions(counted))
    for part, expected in ((Part.LOOKUPS, lookups), (Part.LOOKUP_TIME, milliseconds)):
        if isinstance(expected, str):
            assert str(found[part]).startswith(expected)
        else:
            assert found[part] == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize(
    ("hits", "misses", "expected"),
    [
        pytest.param(hours(90.0), hours(10.0), 90.0, id="a-week"),
        pytest.param({**hours(90.0, 144), **hours(20.0, 24, 144)}, hours(10.0), 66.7, id="a-bad-last-day-counts"),
        pytest.param({}, hours(0.5), "84 reads", id="too-few"),
        pytest.param({}, hours(10.0), 0.0, id="it-never-hits"),
    ],
)
def test_a_cache(hits: Hours, misses: Hours, expected: float | str) -> None:
    found = both(of_cache(replace(WEEK, cache="acme", hits=hits, misses=misses)))[Part.CACHE_HITS]
    assert str(found).startswith(expected) if isinstance(expected, str) else found == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(
    ("tables", "reads", "writes"),
    [
        pytest.param((READ,), 0.8, 0.5, id="units-of-a-call-over-what-one-item-takes"),  # 2 RCU / (5 · 0.5 · 1)
        pytest.param((READ, replace(READ, index=True)), 1.6, 0.5, id="an-index-reads-two-items-with-a-unit"),
        pytest.param((READ, replace(READ, written=hours(30.0))), 0.8, 3.0, id="the-dearest-decides"),
        pytest.param((replace(READ, read={}),), "AWS/DynamoDB", 0.5, id="no-values-are-not-zero"),
    ],
)
def test_tables_come_out_as_the_units_that_they_gave(
    tables: tuple[Units, ...], reads: float | str, writes: float
) -> None:
    found = both(of_tables(replace(WEEK, tables=tables), TAKEN))
    assert found[Part.WRITES] == pytest.approx(writes)
    assert str(found[Part.READS]).startswith(reads) if isinstance(reads, str) else found[Part.READS] == reads


def test_the_largest_item_is_taken_and_few_items_say_nothing() -> None:
    large = replace(READ, name="notes", stored=Stored(500, 1_000_000))
    assert both(of_items(replace(WEEK, tables=(READ, large)))) == {Part.ITEM: 2_000.0}
    few = of_items(replace(WEEK, tables=(replace(READ, stored=Stored(3, 3_000)),)))[Part.ITEM]
    assert isinstance(few, str)
    assert few.startswith("3 items in customers")


@pytest.mark.parametrize(
    ("history", "contained", "factor"),
    [
        pytest.param({"connect": {}}, 25, 4 / 3, id="Connect-counts-contacts-by-queue"),
        pytest.param({"connect": {}}, 100, 100.0, id="nothing-is-divided-by-zero"),
        pytest.param(
            {"configMapKeyRef": {"name": "calls", "key": "calls.csv"}}, 25, 1.0, id="a-file-says-what-it-counts"
        ),
    ],
)
def test_a_history_of_contacts_is_one_of_fewer_than_all_calls(
    history: dict[str, object], contained: int, factor: float
) -> None:
    """Self-service that is known now must not take its calls out of the forecast a second time."""
    body = {
        "metadata": {"name": "peak", "namespace": "a"},
        "spec": {
            "targetRef": {"name": "acme"},
            "demand": {"forecast": {"history": history}},
            "workload": {"containedPercent": contained},
        },
    }
    policy = parse_scaling_policy(body).policy
    assert policy is not None
    counts = {MONDAY + number * timedelta(minutes=30): 90.0 for number in range(48 * 40)}
    now = MONDAY + timedelta(days=40)
    learned = Learned(counts, now, reached=reached(policy.spec, workload(policy.spec.workload)))
    known = volumes(learned, now)
    assert known is not None
    assert known[1] == pytest.approx(180.0 * factor)
    forecaster = learn(policy.spec, UTC, learned, now)
    assert forecaster is not None
    assert max(forecaster.day(now.date()).expected) == pytest.approx(90.0 * factor, rel=0.01)
