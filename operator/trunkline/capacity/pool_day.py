"""A pool slot by slot: what is asked of its agents, how many that takes, and what callers meet with those there are. Pure.

Agents are planned for the calls that are expected: the promise (service level, occupancy, abandonment) is their headroom,
and nobody rosters people for the forecast's quantile. The quota is planned for the quantile: what it holds when more calls
come than agents were planned for includes their queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import ceil, exp, floor, isfinite, log, sqrt

from trunkline.capacity.erlang import Service
from trunkline.capacity.offered_load import Stage, responses
from trunkline.capacity.staffing import Binding, Planner, planner_of, rostered, service
from trunkline.capacity.workload import Objectives, Pool, Workload

GRID, SMALL_GRID = 0.1, 0.02  # ratios of loads, less one, for which the queue is computed once
SLACK_GRID = 0.2
SMALL = 100.0  # Erlangs, below which whole agents matter too much to round them
NO_QUEUE = 5.0  # of slack: fewer than one call in a million waits
ROUNDS = 60  # of calling again until the calls no longer change
LEAST = 1e-3  # Erlangs: the last callers of a day are a tail without end, and need no agent of their own
PEOPLE_GIVE_UP = 0.999  # of the calls at most come again: a line that nobody answers has an end


@dataclass(frozen=True, slots=True)
class PoolSlot:
    """calls: offered in the slot. erlangs: agents that they keep busy. voice, chat: agents needed for calls and chats."""

    calls: float
    erlangs: float
    voice: int
    chat: int
    binds: Binding
    rostered: int
    given: int | None

    @property
    def agents(self) -> int:
        """Needed on the phone, or at the keyboard."""
        return self.voice + self.chat

    @property
    def answering(self) -> int:
        """Agents who answer calls: those given less those who chat, or as needed if nobody said how many there are.

        Too few are divided between calls and chats as they are needed.
        """
        if self.given is None:
            return self.voice
        if self.given < self.agents:
            return round(self.given * self.voice / self.agents)
        return self.given - self.chat

    @property
    def over(self) -> int | None:
        """Agents more than needed, negative where some are missing; None if nobody said how many there are."""
        return None if self.given is None else self.given - self.agents


@dataclass(frozen=True, slots=True)
class Held:
    """Calls of a pool that hold the quota, per slot: waiting, and talking with an agent."""

    queue: tuple[float, ...]
    talk: tuple[float, ...]


@dataclass(slots=True)
class PoolDay:
    """A pool's slots. redials: rates are of people, of whom those who hang up call again; counted calls have them in."""

    pool: Pool
    workload: Workload
    objectives: Objectives
    slots: tuple[PoolSlot, ...]
    redials: bool
    _met: dict[tuple[int, float], Service] = field(default_factory=dict)

    def service(self, index: int) -> Service:
        """What callers meet in a slot with the agents given, or needed if none are; as exact as the formula."""
        slot = self.slots[index]
        return self._service(slot.answering, slot.erlangs, self.objectives.answer_seconds)

    def needed(self, planner: Planner, erlangs: float) -> tuple[int, Binding]:
        """Agents for the promises, those who call again included."""
        found = planner.agents(erlangs)
        if not self.redials or self.workload.redial_share == 0.0:
            return found
        for _ in range(ROUNDS):
            again = self._again(self._service(found[0], erlangs, 0.0).abandoned)
            more = planner.agents(erlangs * again)
            if more[0] <= found[0]:
                break
            found = more
        return found

    def held(self, talk: Sequence[float], wrap_up: Sequence[float]) -> Held:
        """Calls that hold the quota where so many are offered to agents: those who hang up wait, and do not talk.

        The queue is interpolated between a few hundred points, so that a year is quick.
        """
        queues, talking = [], []
        for slot, in_talk, after in zip(self.slots, talk, wrap_up, strict=True):
            erlangs = in_talk + after
            if slot.erlangs <= LEAST:  # for whom no agent was planned, and no line is made
                queues.append(0.0)
                talking.append(in_talk)
                continue
            queue, abandoned = self._roughly(slot.answering, erlangs)
            queues.append(queue * (1.0 - self.workload.callback_share))
            talking.append(in_talk * self._again(abandoned) * (1.0 - abandoned))
        return Held(tuple(queues), tuple(talking))

    def _roughly(self, agents: int, erlangs: float) -> tuple[float, float]:
        """Mean queue and share that hangs up, from few points.

        The queue in units of the load's root is nearly the same at all loads with one slack, (N - A) / sqrt(A), which is
        how queues with abandonment scale (Garnett, Mandelbaum and Reiman). Between slacks it is convex, so a straight line
        is a little above it: some calls more.
        """
        if erlangs < SMALL:
            met = self._kept(agents, exp(ceil(log(erlangs) / SMALL_GRID) * SMALL_GRID))
            return self._finite(met.queue, agents, erlangs), met.abandoned
        slack = (agents - erlangs) / sqrt(erlangs)
        if slack > NO_QUEUE:
            return 0.0, 0.0
        near = exp(round(log(erlangs) / GRID) * GRID)
        root = sqrt(near)
        fewer = max(0, floor(near + floor(slack / SLACK_GRID) * SLACK_GRID * root))
        more = fewer + max(1, ceil(SLACK_GRID * root))
        low, high = self._kept(fewer, near).queue, self._kept(more, near).queue
        part = min(1.0, max(0.0, (near + slack * root - fewer) / (more - fewer)))
        queue = self._finite((low + part * (high - low)) * sqrt(erlangs / near), agents, erlangs)
        gone = queue / self.workload.patience_seconds * self.workload.handle_seconds / erlangs
        return queue, min(1.0, gone)

    def _finite(self, queue: float, agents: int, erlangs: float) -> float:
        if isfinite(queue):
            return queue
        raise ValueError(
            f"{self.pool.name}: {agents} agents, {erlangs:.1f} Erlangs and callers of endless patience make a line "
            "that only grows; give more agents, or the seconds after which callers hang up"
        )

    def _kept(self, agents: int, erlangs: float) -> Service:
        found = self._met.get((agents, erlangs))
        if found is None:
            found = self._met[agents, erlangs] = _kept(agents, erlangs, self.workload, self.redials)
        return found

    def _service(self, agents: int, erlangs: float, answer: float) -> Service:
        return _met(agents, erlangs, self.workload, answer, redials=self.redials)

    def _again(self, abandoned: float) -> float:
        return _again(abandoned, self.workload) if self.redials else 1.0


def _met(agents: int, erlangs: float, workload: Workload, answer: float, *, redials: bool) -> Service:
    met = service(agents, erlangs, workload, answer)
    if not redials or workload.redial_share == 0.0:
        return met
    abandoned = 0.0
    for _ in range(ROUNDS):
        if abs(met.abandoned - abandoned) < 1e-9:
            break
        abandoned = met.abandoned
        met = service(agents, erlangs * _again(abandoned, workload), workload, answer)
    return met


@lru_cache(maxsize=8192)  # points of a grid: the next plan of the same pool asks for most of them again
def _kept(agents: int, erlangs: float, workload: Workload, redials: bool) -> Service:
    return _met(agents, erlangs, workload, 0.0, redials=redials)


def _again(abandoned: float, workload: Workload) -> float:
    """How many times a person calls."""
    return 1.0 / (1.0 - min(PEOPLE_GIVE_UP, abandoned * workload.redial_share))


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Calls a second of the center per slot, and what they are. cyclic: the last slot is before the first."""

    rates: Sequence[float]
    slot_seconds: float
    workload: Workload
    cyclic: bool = False

    def share(self, pool: Pool) -> float:
        """Of all calls, those that reach the pool's agents."""
        return (1.0 - self.workload.contained_share) * pool.share


@dataclass(frozen=True, slots=True)
class Offered:
    """Calls at a pool's agents per slot, as averages (for staffing) and as the most of the slot (for the quota)."""

    talk: tuple[float, ...]
    wrap_up: tuple[float, ...]
    most_talk: tuple[float, ...]
    most_wrap_up: tuple[float, ...]


def offered(arrivals: Arrivals, pool: Pool) -> Offered:
    """What calls of the center leave at a pool's agents: through self-service, then talk, then after-contact work."""
    stages = (
        Stage(arrivals.workload.self_service_seconds),
        Stage(pool.workload.talk_seconds, share=arrivals.share(pool)),
        Stage(pool.workload.after_contact_seconds),
    )
    _, talking, wrapping_up = responses(arrivals.slot_seconds, stages)
    talk, wrap_up = (part.to(arrivals.rates, arrivals.cyclic) for part in (talking, wrapping_up))
    return Offered(talk.mean, wrap_up.mean, talk.highest, wrap_up.highest)


def pool_day(
    pool: Pool, arrivals: Arrivals, objectives: Objectives, shrinkage_share: float, *, redials: bool = False
) -> PoolDay:
    """The pool's day for the calls a second that the center expects."""
    load = offered(arrivals, pool)
    planner = planner_of(pool.workload, objectives)
    calls = arrivals.share(pool) * arrivals.slot_seconds
    slots: list[PoolSlot] = []
    day = PoolDay(pool, pool.workload, objectives, (), redials)
    chats = _chat_agents(pool, arrivals, objectives)
    for rate, talk, wrap_up, chat in zip(arrivals.rates, load.talk, load.wrap_up, chats, strict=True):
        erlangs = talk + wrap_up
        voice, binds = day.needed(planner, erlangs) if erlangs > LEAST else (0, Binding.OFFERED)
        people = rostered(voice + chat, shrinkage_share)
        slots.append(PoolSlot(rate * calls, erlangs, voice, chat, binds, people, pool.agents))
    day.slots = tuple(slots)
    return day


def _chat_agents(pool: Pool, arrivals: Arrivals, objectives: Objectives) -> Sequence[int]:
    chats = pool.chats
    if chats.per_call == 0.0:
        return [0] * len(arrivals.rates)
    stage = Stage(chats.seconds)
    (chatting,) = responses(arrivals.slot_seconds, (stage,))
    rates = [rate * arrivals.share(pool) * chats.per_call for rate in arrivals.rates]
    as_calls = replace(pool.workload, talk_seconds=chats.seconds, after_contact_seconds=0.0)
    planner = planner_of(as_calls, objectives)
    return [
        ceil(planner.agents(erlangs)[0] / chats.slots_per_agent) if erlangs > LEAST else 0
        for erlangs in chatting.to(rates, arrivals.cyclic).mean
    ]
