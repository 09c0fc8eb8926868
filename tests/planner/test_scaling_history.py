"""What a gap in the history teaches: Amazon Connect leaves out half hours without a contact, other sources what they missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from trunkline.api.scaling_parse import parse_scaling_policy
from trunkline.handlers.scaling_history import learn
from trunkline.handlers.scaling_memory import Learned

MONDAY = datetime(2026, 9, 28, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
DAYS, SLOTS, NOON = 40, 48, 24
OUTAGE = range(NOON, NOON + 4)  # of the counting, two hours of each of the last eight days


@pytest.mark.parametrize(
    ("history", "taught"),
    [
        pytest.param({"connect": {}}, True, id="connect: nobody called"),
        pytest.param({"configMapKeyRef": {"name": "history", "key": "calls.csv"}}, False, id="a file: nobody counted"),
        pytest.param(
            {"prometheus": {"serverAddress": "https://prometheus.example", "query": "calls", "days": 90}},
            False,
            id="prometheus: it was away",
        ),
    ],
)
def test_only_connect_says_by_silence_that_nobody_called(history: dict[str, Any], taught: bool) -> None:
    body = {
        "metadata": {"name": "peak", "namespace": "prod"},
        "spec": {"targetRef": {"name": "acme"}, "demand": {"forecast": {"history": history}}},
    }
    policy = parse_scaling_policy(body).policy
    assert policy is not None
    counts = {
        MONDAY + timedelta(days=day) + slot * HALF_HOUR: 90.0
        for day in range(DAYS)
        for slot in range(SLOTS)
        if day < DAYS - 8 or slot not in OUTAGE
    }
    now = MONDAY + timedelta(days=DAYS)
    forecaster = learn(policy.spec, UTC, Learned(counts, now), now)
    assert forecaster is not None
    tomorrow = forecaster.day(now.date()).expected
    assert tomorrow[NOON - 2] == pytest.approx(90.0, rel=0.1)
    assert (tomorrow[NOON] < 0.8 * tomorrow[NOON - 2]) == taught
