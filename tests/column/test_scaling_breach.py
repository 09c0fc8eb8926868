"""When growth passes a quota that nobody can move at once: the dates that a policy's status gives."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from trunkline.api.scaling_policy import ScalingPolicySpec
from trunkline.handlers.scaling_center import center
from trunkline.handlers.scaling_memory import Learned
from trunkline.handlers.scaling_needs import Growing, breaches

NOW = datetime(2026, 9, 21, 15, tzinfo=UTC)
SPEC = ScalingPolicySpec.model_validate(
    {
        "targetRef": {"name": "acme"},
        "demand": {"forecast": {"history": {"connect": {}}}},
        "workload": {"talkSeconds": 300},
    }
)
TODAY_CALLS = 1_800.0  # in the busiest half hour: one a second, 300 talking and some waiting


def learned(percent_a_week: float) -> Learned:
    """Twelve weeks of equal days but for growth."""
    found = Learned()
    for day in range(84):
        start = NOW.replace(hour=9, minute=0) - timedelta(days=84 - day)
        factor = (1.0 + percent_a_week / 100.0) ** ((day - 84) / 7)
        for slot in range(16):
            found.counts[start + slot * timedelta(minutes=30)] = TODAY_CALLS * factor
    return found


def test_steady_growth_has_a_range_of_dates_and_a_day_to_ask_by() -> None:
    """Twice the calls at 5 % a week are there after 14 weeks; AWS takes three weeks to give more."""
    growing = Growing(SPEC, learned(5.0), UTC, NOW)
    (found,) = [one for one in breaches(growing, center(SPEC), 700.0) if one.limit == "concurrent-calls"]
    assert found.earliest is not None
    assert found.expected is not None
    assert found.latest is not None
    assert found.request_by is not None
    assert found.earliest <= found.expected <= found.latest
    expected = date.fromisoformat(found.expected)
    assert timedelta(weeks=11) < expected - NOW.date() < timedelta(weeks=17)
    assert date.fromisoformat(found.earliest) - date.fromisoformat(found.request_by) == timedelta(days=21)


@pytest.mark.parametrize(
    ("percent", "quota"),
    [
        pytest.param(-2.0, 700.0, id="calls-that-become-fewer"),
        pytest.param(1.0, 100_000.0, id="a-limit-that-is-far-away"),
    ],
)
def test_what_is_not_in_sight_is_not_told(percent: float, quota: float) -> None:
    assert breaches(Growing(SPEC, learned(percent), UTC, NOW), center(SPEC), quota) == ()


def test_a_limit_that_is_passed_already_is_passed_today() -> None:
    (found, *_) = breaches(Growing(SPEC, learned(5.0), UTC, NOW), center(SPEC), 100.0)
    assert found.expected == NOW.date().isoformat()
