"""Waiting lines of a contact center: Erlang B, C and A for any number of agents. Pure.

A queue here is M/M/N: calls arrive at random, handling takes a random time, everybody waits in one line. Erlang B turns
away who finds all lines busy; Erlang C lets everybody wait for ever; Erlang A lets them hang up, each after a random
patience, as callers do, and is what staffing should be planned with: near full occupancy Erlang C's answers explode
where a real queue only loses a few callers.

Sources: A. K. Erlang (1917) for B and C; C. Palm (1957), Garnett, Mandelbaum and Reiman, "Designing a Call Center with
Impatient Customers", M&SOM 4 (2002) for A.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, inf, isfinite, lgamma, log, log1p

from trunkline.capacity.series import Sum, exp_or_zero, series

FAR = 20_000  # states; up to here products of ratios are followed one by one, which is exact
DEVIATIONS = 12.0
LARGE = 1e4  # arguments of Gamma from which Stirling's series is exact
GONE = 40.0  # patiences after which nobody waits any more
LEAST = -45.0  # logarithm of a share that no float would add to 1


@dataclass(frozen=True, slots=True)
class Load:
    """What arrives: calls a second, and the seconds that an agent is busy with each (talk and after-contact work)."""

    calls_per_second: float
    handle_seconds: float

    def __post_init__(self) -> None:
        if not (self.calls_per_second >= 0 and isfinite(self.calls_per_second)):
            raise ValueError(f"calls per second must be a number >= 0, not {self.calls_per_second}")
        if not (self.handle_seconds > 0 and isfinite(self.handle_seconds)):
            raise ValueError(f"handle time must be a number of seconds > 0, not {self.handle_seconds}")

    @property
    def erlangs(self) -> float:
        """Offered load: how many agents are busy if nobody ever waits."""
        return self.calls_per_second * self.handle_seconds


@dataclass(frozen=True, slots=True)
class Service:
    """What callers meet. All shares are of offered calls, 0 to 1.

    wait: share that does not reach an agent at once. abandoned: share that hangs up. answered_in_time: share that an
    agent answers within the asked seconds. mean_wait_seconds: of all calls, answered or not. queue: mean number waiting.
    occupancy: share of an agent's time that is busy. Endless waits are `inf`.
    """

    wait: float
    abandoned: float
    answered_in_time: float
    mean_wait_seconds: float
    queue: float
    occupancy: float


def blocking(lines: int, erlangs: float) -> float:
    """Erlang B: the share of calls that finds all lines busy."""
    return exp_or_zero(log_blocking(lines, erlangs))


def log_blocking(lines: int, erlangs: float) -> float:
    """The natural logarithm of Erlang B, where B itself is smaller than any float."""
    _check(lines, erlangs)
    if erlangs == 0.0:
        return 0.0 if lines == 0 else -inf
    return -_busy_states(lines, erlangs).log_total


def lines_for(erlangs: float, most_blocked: float) -> int:
    """The fewest lines that turn away at most this share. Raises ValueError unless 0 < most_blocked <= 1."""
    if not 0.0 < most_blocked <= 1.0:
        raise ValueError(f"the share that may be turned away must be above 0 and at most 1, not {most_blocked}")
    if erlangs == 0.0:
        return 0
    limit = log(most_blocked)
    low, high = -1, max(1, int(erlangs))
    while log_blocking(high, erlangs) > limit:
        low, high = high, high + max(8, high // 8)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if log_blocking(middle, erlangs) > limit else (low, middle)
    return high


def erlang_c(agents: int, load: Load, answer_seconds: float) -> Service:
    """Everybody waits for ever. With fewer agents than Erlangs the line never ends: all waits are `inf`."""
    a = load.erlangs
    _check(agents, a)
    if a == 0.0:
        return Service(0.0, 0.0, 1.0, 0.0, 0.0, 0.0)
    if agents <= a:
        return Service(1.0, 0.0, 0.0, inf, inf, 1.0)
    b = blocking(agents, a)
    wait = agents * b / (agents - a * (1.0 - b))
    drain = (agents - a) / load.handle_seconds  # calls a second by which the line gets shorter
    in_time = 1.0 - wait * exp_or_zero(-drain * max(0.0, answer_seconds))
    mean = wait / drain
    return Service(wait, 0.0, in_time, mean, load.calls_per_second * mean, a / agents)


def erlang_a(agents: int, load: Load, patience_seconds: float, answer_seconds: float) -> Service:
    """Who waits hangs up after a random time, patience_seconds on average; `inf` is Erlang C."""
    a = load.erlangs
    _check(agents, a)
    if not patience_seconds > 0.0:
        raise ValueError(f"patience must be a number of seconds > 0, not {patience_seconds}")
    if patience_seconds == inf:
        return erlang_c(agents, load, answer_seconds)
    if a == 0.0:
        return Service(0.0, 0.0, 1.0, 0.0, 0.0, 0.0)
    rate, serve, leave = load.calls_per_second, agents / load.handle_seconds, 1.0 / patience_seconds
    # Relative to the state in which all agents are busy and nobody waits: those below it, and those above.
    below = _busy_states(agents, a)
    line = _line(rate, serve, leave)
    wait = 1.0 / (1.0 + _all_but_full(below, line))
    queue = wait * line.mean_index
    abandoned = min(1.0, queue * leave / rate)
    late = _answered_among_waiting(rate, serve, leave, answer_seconds, line)
    return Service(
        wait=wait,
        abandoned=abandoned,
        answered_in_time=min(1.0, (1.0 - wait) + wait * late),
        mean_wait_seconds=queue / rate,
        queue=queue,
        occupancy=min(1.0, (1.0 - abandoned) * a / agents) if agents else 0.0,
    )


def _check(servers: int, erlangs: float) -> None:
    if servers < 0:
        raise ValueError(f"there cannot be {servers} agents or lines")
    if not (erlangs >= 0.0 and isfinite(erlangs)):
        raise ValueError(f"offered load must be a number of Erlangs >= 0, not {erlangs}")


def _busy_states(servers: int, erlangs: float) -> Sum:
    """1/B: the states 0..N relative to the last one; term k is the state with k servers idle."""
    start = max(0, int(servers - erlangs) - 2)
    if start > FAR:
        jump = (start, lgamma(servers + 1.0) - lgamma(servers - start + 1.0) - start * log(erlangs))
        return series(servers, lambda k: (servers - k + 1) / erlangs, jump)
    return series(servers, lambda k: (servers - k + 1) / erlangs)


def _line(rate: float, serve: float, leave: float) -> Sum:
    """The states with everybody busy relative to the first of them; term k is the state with k callers waiting.

    Where far more call than can be answered, with r calls in a patience and c answers, c plus the line is a Poisson number of
    mean r that is never below c: the sum is Gamma(c + 1) e^r / r^c, and nobody has to count a million callers.
    """
    r, c = rate / leave, serve / leave
    if r - c > DEVIATIONS * (r**0.5 + 1.0) and r > FAR:
        return Sum(r - c * log(r) + lgamma(c + 1.0), r - c)
    start = max(0, int((rate - serve) / leave) - 2)
    if start > FAR:
        return series(None, lambda k: rate / (serve + k * leave), (start, _log_waiting(start, rate, serve, leave)))
    return series(None, lambda k: rate / (serve + k * leave))


def _log_waiting(k: int, rate: float, serve: float, leave: float) -> float:
    """The logarithm of term k of `_line`, in one step."""
    first = serve / leave + 1.0
    return k * log(rate / (leave * first)) - _log_rise(first, k)


def _log_rise(x: float, n: float) -> float:
    """The logarithm of x (x + 1) .. (x + n - 1) / x^n; of large x by Stirling's series, as the difference of two logarithms of
    Gamma would leave nothing of it.
    """
    if x < LARGE:
        return lgamma(x + n) - lgamma(x) - n * log(x)
    return (x + n - 0.5) * log1p(n / x) - n + (1.0 / (x + n) - 1.0 / x) / 12.0


def _all_but_full(below: Sum, line: Sum) -> float:
    """The states with an idle agent, relative to those without."""
    # 1/B counts the state with all agents busy as well, which is the first of the line.
    idle = below.log_total + log1p(-exp(-below.log_total)) if below.log_total > 0.0 else -inf
    difference = idle - line.log_total
    return exp(difference) if difference < 700.0 else inf


def _answered_among_waiting(rate: float, serve: float, leave: float, seconds: float, line: Sum) -> float:
    """The share of those who wait that an agent answers within so many seconds.

    Who finds j waiting is answered once j + 1 have left the line before him, one by one at the rates serve + k leave,
    k = j..0, unless he hangs up himself. e^(-leave T) of that time T has the distribution Beta(serve / leave, j + 1), so
    the share answered by t is c / (c + j + 1) * (1 - I_x(c + 1, j + 1)) with c = serve / leave and x = e^(-leave t).
    """
    if leave * seconds < 1e-300 or serve <= 0.0:
        return 0.0
    if leave * seconds > GONE:  # who still waits by then has hung up
        return max(0.0, 1.0 - line.mean_index * leave / rate)
    c = serve / leave
    a, x = c + 1.0, exp(-leave * seconds)
    log_rest = log(-expm1(-leave * seconds))
    # I_x(a, 1) = x^a; I_x(a, b + 1) = I_x(a, b) + x^a (1 - x)^b / (b Beta(a, b)): the distribution of a negative
    # binomial count, so below a dozen deviations of both it and the line there is nothing to add up.
    hurried, spread = a * (1.0 - x) / x, (a * (1.0 - x)) ** 0.5 / x
    j = int(max(0.0, min(line.mean_index - DEVIATIONS * (rate / leave) ** 0.5, hurried - DEVIATIONS * (spread + 1.0))))
    log_state = _log_waiting(j, rate, serve, leave) - line.log_total
    log_step = _log_step(a, j, leave * seconds, log_rest)
    cdf, share, mass = exp_or_zero(log_step), 0.0, 0.0
    last = hurried + DEVIATIONS * (spread + 1.0)  # from there on the distribution is 1, however it was rounded
    while mass < 1.0 - 1e-13 and cdf < 1.0 - 1e-15 and j < last and (log_state > LEAST or j < line.mean_index):
        state = exp_or_zero(log_state)
        mass += state
        share += state * c / (c + j + 1.0) * (1.0 - cdf)
        log_step += log_rest + log((a + j) / (j + 1.0))
        cdf += exp_or_zero(log_step)
        j += 1
        log_state += log(rate / (serve + j * leave))
    return share


def _log_step(a: float, b: int, decay: float, log_rest: float) -> float:
    """The logarithm of x^a (1 - x)^b / (b Beta(a, b)), which for b = 0 is x^a; decay is -ln x."""
    return b * (log_rest + log(a)) - a * decay + _log_rise(a, b) - lgamma(b + 1.0)
