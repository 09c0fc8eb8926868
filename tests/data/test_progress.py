"""The bar: what it says on a terminal, and that it is silent elsewhere."""

from __future__ import annotations

import io

import pytest

from trunkline.data.progress import Progress


class Screen(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def drawn(total: int, *steps: int, terminal: bool = True) -> list[str]:
    """What stands in the bar's line after each step, a second apart."""
    now = [0.0]
    screen = Screen(terminal)
    with Progress("seeding", total, screen, lambda: now[0]) as progress:
        for step in steps:
            now[0] += 1.0
            progress.advance(step)
    return [line.rstrip() for line in screen.getvalue().replace("\n", "").split("\r") if line]


def test_says_how_far_how_fast_and_how_long_yet() -> None:
    assert drawn(1000, 250)[0] == "seeding [#######.....................]  25% 250/1,000 items, 250/s, 0:03 left"


def test_ends_full_and_on_a_line_of_its_own() -> None:
    assert (
        drawn(1000, 500, 500)[-1] == "seeding [############################] 100% 1,000/1,000 items, 500/s, 0:00 left"
    )


def test_more_than_was_thought_is_no_more_than_all() -> None:
    assert "100%" in drawn(100, 150)[0], "the table's count is hours old"


def test_without_a_total_it_counts() -> None:
    assert drawn(0, 1500)[0] == "seeding 1,500 items, 1,500/s"


def test_is_not_drawn_more_often_than_anybody_can_read() -> None:
    now = [0.0]
    screen = Screen(True)
    with Progress("seeding", 1000, screen, lambda: now[0]) as progress:
        for _ in range(1000):
            now[0] += 0.001
            progress.advance(1)

    assert screen.getvalue().count("\r") <= 12


@pytest.mark.parametrize("steps", [(), (10, 20)])
def test_where_nobody_looks_it_is_silent(steps: tuple[int, ...]) -> None:
    assert drawn(100, *steps, terminal=False) == []
