"""When the cache is left alone, and when it is tried again."""

from __future__ import annotations

import pytest

from shared.breaker import FAILURES, OPEN_SECONDS, SPREAD, Breaker


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock, jitter: float = 0.5) -> Breaker:
    breaker = Breaker(clock, lambda: jitter)
    for _ in range(FAILURES):
        assert breaker.allows()
        breaker.failed()
    return breaker


def test_five_failures_in_a_row_open_it_and_fewer_do_not() -> None:
    breaker = Breaker(Clock(), lambda: 0.5)
    for _ in range(FAILURES - 1):
        breaker.failed()
    breaker.succeeded()
    for _ in range(FAILURES - 1):
        breaker.failed()
    assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()


def test_one_probe_after_the_time_is_over_and_the_others_wait_for_its_result() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += OPEN_SECONDS - 0.01
    assert not breaker.allows()
    clock.now += 0.01
    assert [breaker.allows() for _ in range(3)] == [True, False, False]


def test_a_probe_that_succeeds_closes_it() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += OPEN_SECONDS
    assert breaker.allows()
    breaker.succeeded()
    assert [breaker.allows() for _ in range(3)] == [True] * 3


def test_a_probe_that_fails_keeps_it_open_for_as_long_again() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += OPEN_SECONDS
    assert breaker.allows()
    clock.now += 0.1
    breaker.failed()
    clock.now += OPEN_SECONDS - 0.01
    assert not breaker.allows()
    clock.now += 0.02
    assert breaker.allows()


def test_a_probe_that_never_tells_its_result_does_not_close_the_way_for_ever() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += OPEN_SECONDS
    assert breaker.allows()
    clock.now += OPEN_SECONDS
    assert breaker.allows()


@pytest.mark.parametrize(
    ("jitter", "seconds"),
    [
        pytest.param(0.0, OPEN_SECONDS * (1 - SPREAD), id="soonest"),
        pytest.param(0.999, OPEN_SECONDS * (1 + SPREAD * 0.998), id="latest"),
    ],
)
def test_environments_that_failed_together_do_not_come_back_together(jitter: float, seconds: float) -> None:
    clock = Clock()
    breaker = opened(clock, jitter)
    clock.now += seconds - 0.001
    assert not breaker.allows()
    clock.now += 0.002
    assert breaker.allows()


def test_nothing_is_remembered_over_a_snapshot() -> None:
    breaker = opened(Clock())
    breaker.reset()
    assert breaker.allows()
