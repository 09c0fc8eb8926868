"""Numbers in messages: one thing is told of in the singular."""

from __future__ import annotations

import pytest

from trunkline.api.counted import are, counted
from trunkline.handlers.conditions import as_the_spec_says


@pytest.mark.parametrize(
    ("number", "one", "many", "told"),
    [
        pytest.param(0, "item", "", "0 items", id="none"),
        pytest.param(1, "item", "", "1 item", id="one"),
        pytest.param(2, "entry", "entries", "2 entries", id="irregular"),
        pytest.param(12_345, "item", "", "12,345 items", id="many"),
    ],
)
def test_a_number_of_things(number: int, one: str, many: str, told: str) -> None:
    assert counted(number, one, many) == told


def test_the_sentence_of_ready_objects() -> None:
    assert as_the_spec_says(1) == "1 resource is as the spec says"
    assert as_the_spec_says(4) == "4 resources are as the spec says"
    assert are(0) == "are"
