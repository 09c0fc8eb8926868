"""Sums whose terms rise and then fall, over more orders of magnitude than a float holds. Pure.

The states of a queue are such a series: each probability is the one before times a ratio that falls. Summed from the
largest term outwards nothing overflows, and what cannot change the sum is left out: a few deviations of ten thousand
states, instead of all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log

NEGLIGIBLE = 1e-17  # of the largest term: beyond that a float's sum no longer changes
MANY = 50_000_000  # terms; a series that needs more is not one of ours


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum of positive terms with the mean of their index: log_total is its natural logarithm."""

    log_total: float
    mean_index: float


def series(last: int | None, ratio: Callable[[int], float], jump: tuple[int, float] = (0, 0.0)) -> Sum:
    """The sum of t(0) .. t(last), where t(0) = 1 and t(k + 1) = t(k) * ratio(k + 1).

    ratio has to fall as k rises. last None: as far as it matters. jump: a k below the largest term from which to look
    for it, and the logarithm of t(k). Raises OverflowError if the terms never fall.
    """
    largest, log_largest = _largest(jump, last, ratio)
    total, weighted = 1.0, 0.0
    term, index = 1.0, largest
    while last is None or index < last:
        index += 1
        term *= ratio(index)
        if term < NEGLIGIBLE:
            break
        total += term
        weighted += term * (index - largest)
        if index - largest > MANY:
            raise OverflowError("the series does not converge")
    term, index = 1.0, largest
    while index > 0:
        term /= ratio(index)
        index -= 1
        if term < NEGLIGIBLE:
            break
        total += term
        weighted += term * (index - largest)
    return Sum(log_largest + log(total), largest + weighted / total)


def _largest(jump: tuple[int, float], last: int | None, ratio: Callable[[int], float]) -> tuple[int, float]:
    (first, log_term), product = jump, 1.0
    index = first
    while (last is None or index < last) and (step := ratio(index + 1)) > 1.0:
        index += 1
        product *= step
        if product > 1e250:
            log_term, product = log_term + log(product), 1.0
        if index - first > MANY:
            raise OverflowError("the series does not converge")
    return index, log_term + log(product)


def exp_or_zero(value: float) -> float:
    """exp, and 0 where it would underflow."""
    return exp(value) if value > -745.0 else 0.0
