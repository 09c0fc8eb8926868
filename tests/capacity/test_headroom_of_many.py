"""Poisson quantiles of loads that are too large to sum: the same as the sum where both can be asked."""

from __future__ import annotations

from math import exp

import pytest

from trunkline.capacity.headroom import MANY, Chance, log_reaches


@pytest.mark.parametrize("share", [0.001, 0.01, 0.2])
def test_above_many_the_chance_is_still_kept_with_not_one_server_too_many(share: float) -> None:
    mean = MANY * 1.5
    servers = Chance(share).servers(mean)
    assert exp(log_reaches(servers, mean)) <= share * 1.001
    assert exp(log_reaches(servers - 2, mean)) > share


@pytest.mark.parametrize("mean", [1e9, 1e12, 1e15])
def test_no_load_is_too_large_to_answer(mean: float) -> None:
    assert mean < Chance().servers(mean) < 1.001 * mean
