"""CloudWatch answers 200 and says inside that it could not look: that is a failure, never silence."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from trunkline.drivers.scaling_reads import MetricQuery, latest
from trunkline.engine.outcome import CallRefusedError
from trunkline.engine.plan import Answer

NOW = datetime(2026, 9, 21, 12, 0, tzinfo=UTC)
QUERY = MetricQuery("AWS/Connect", "ConcurrentCalls", (), "Maximum", 60)


class OneAnswer:
    """Answers every read the same."""

    def __init__(self, **result: Any) -> None:
        self.result = {"Id": "m0", "Timestamps": [], "Values": [], **result}

    async def read(self, service: str, operation: str, params: Any) -> Answer:  # the port's
        return Answer({"MetricDataResults": [self.result]})


@pytest.mark.parametrize("code", ["InternalError", "Forbidden", "PartialData"])
def test_what_could_not_be_read_is_refused(code: str) -> None:
    said = [{"Code": code, "Value": "try again later"}]
    with pytest.raises(CallRefusedError, match="try again later"):
        asyncio.run(latest(OneAnswer(StatusCode=code, Messages=said), QUERY, NOW, 180.0))


def test_silence_is_silence() -> None:
    assert asyncio.run(latest(OneAnswer(StatusCode="Complete"), QUERY, NOW, 180.0)) is None


def test_a_part_with_values_is_an_answer() -> None:
    part = OneAnswer(StatusCode="PartialData", Timestamps=[NOW], Values=[7.0])
    found = asyncio.run(latest(part, QUERY, NOW, 180.0))
    assert found is not None
    assert found.value == 7.0
