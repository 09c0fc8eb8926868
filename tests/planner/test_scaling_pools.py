"""Which queues are one pool, how large each part is, and what sharing agents is worth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from trunkline.capacity.center import Center
from trunkline.capacity.day import plan
from trunkline.capacity.workload import Pool, Traffic, Workload
from trunkline.handlers.scaling_pools import MOST, Profiles, Shared, lines, pooled, queue_pools, within

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

TWO: Profiles = {"voice": (("sales", "care"),), "night": (("desk",),), "chat": ()}


@pytest.mark.parametrize(
    ("profiles", "queued", "expected"),
    [
        pytest.param(
            TWO, None, {"care and 1 more": {"care": 0.333, "sales": 0.333}, "desk": {"desk": 0.333}}, id="equal-parts"
        ),
        pytest.param(
            TWO,
            {"sales": 600.0, "care": 300.0, "desk": 100.0},
            {"care and 1 more": {"care": 0.3, "sales": 0.6}, "desk": {"desk": 0.1}},
            id="as-counted",
        ),
        pytest.param(
            TWO,
            {"sales": 600.0, "care": 400.0, "desk": 0.0},
            {"all": {"care": 0.4, "sales": 0.6}},
            id="a-pool-without-calls",
        ),
        pytest.param(
            TWO,
            {"sales": 500.0, "care": 0.0, "transfers": 500.0},
            {"care and 1 more": {"care": 0.0, "sales": 0.5}, "transfers": {"transfers": 0.5}},
            id="a-queue-of-no-profile-that-has-contacts",
        ),
        pytest.param(
            TWO,
            dict.fromkeys(("sales", "desk"), 0.0),
            {
                "care and 1 more": {"care": 0.333, "sales": 0.333},
                "desk": {"desk": 0.333},
            },
            id="nobody-called-all-week",
        ),
        pytest.param(
            {**TWO, "both": (("sales",), ("desk",))},
            None,
            {
                "all": {"care": 0.333, "desk": 0.333, "sales": 0.333},
            },
            id="a-profile-connects-them",
        ),
        pytest.param({}, None, {}, id="no-profiles"),
    ],
)
def test_queues_are_pools_by_profiles(
    profiles: Profiles, queued: Mapping[str, float] | None, expected: Mapping[str, Mapping[str, float]]
) -> None:
    found = {one.name: one.shares for one in queue_pools(profiles, queued)}
    assert found == {name: pytest.approx(shares, abs=0.001) for name, shares in expected.items()}


def test_the_smallest_of_many_are_one_pool() -> None:
    names = [f"q{number:02d}" for number in range(60)]
    found = queue_pools({name: ((name,),) for name in names}, {name: 100.0 - n for n, name in enumerate(names)})
    assert [one.name for one in found[:MOST]] == names[:MOST]
    assert found[MOST].shares.keys() == set(names[MOST:])
    assert pooled(Center(()), found).pools[-1].share == pytest.approx(sum(found[MOST].shares.values()))


def test_apart_takes_more_than_together_and_the_pool_of_one_queue_the_same() -> None:
    there = queue_pools(TWO, {"sales": 600.0, "care": 300.0, "desk": 100.0})
    model = pooled(Center((Pool("all", (), 1.0),), Workload(talk_seconds=300.0)), there)
    day = plan(model, [Traffic(0.05, 0.05), Traffic(0.2, 0.2), Traffic(0.1, 0.1)], 1800.0)
    together, alone = within(model, day, there)
    assert (together.pools, together.slot, alone.pools) == (("care", "sales"), 1, ("desk",))
    assert together.pooled < together.separate, "54 Erlangs of two queues"
    assert alone.pooled == alone.separate > 0
    agents = next(one for one in day.layers if one.standing.need.layer.value == "agents")
    assert agents.standing.need.value == pytest.approx(together.pooled + alone.pooled, abs=2), "planned as these pools"


def test_no_pools_leave_a_center_as_it_is() -> None:
    model = Center((Pool("sales", ("sales",), 1.0),))
    assert pooled(model, ()) is model


def test_status_names_the_first_queues_of_a_large_pool() -> None:
    names = tuple(f"q{number:02d}" for number in range(40))
    (line,) = lines([Shared(names, 1, 10, 12, None, 0.5)], [NOON, NOON + timedelta(minutes=30)], measured=True)
    assert line["queues"] == list(names[:16])
    assert line["message"] == "and 24 queues more; shares of the queues: CONTACTS_QUEUED of a week"
    assert (line["at"], line["sharePercent"]) == ("2026-11-20T12:30:00Z", 50)
