"""What a status lists for a confirmation, where more waits than it has room for."""

from __future__ import annotations

from trunkline.engine.confirm import Held
from trunkline.handlers.statement import MAX_TO_CONFIRM, to_confirm_lines


def test_who_confirms_more_than_can_be_listed_is_told() -> None:
    """The id allows all of it, and `kubectl trunkline confirm` shows this list: without the count 20 deletes were not seen."""
    held = [Held(f"queue/q-{number}", "Delete", "deletes it") for number in range(MAX_TO_CONFIRM + 20)]
    assert to_confirm_lines(held[:MAX_TO_CONFIRM])[-1] == f"queue/q-{MAX_TO_CONFIRM - 1}: Delete: deletes it"
    lines = to_confirm_lines(held)
    assert len(lines) == MAX_TO_CONFIRM
    assert lines[-1] == "and 21 more"
