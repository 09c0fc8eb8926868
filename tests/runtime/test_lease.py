"""The elector, on virtual time: never two leaders, whatever API server, clocks and people do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from tests.virtual_time import VirtualClock, run
from trunkline.aws.clients import CALL_SECONDS
from trunkline.runtime.config import LeaseConfig
from trunkline.runtime.kube import JSON, KubeError
from trunkline.runtime.lease import Action, Election, Elector, Held
from trunkline.tenure.right import Tenure


@dataclass
class Leases:
    """An API server that has one Lease. reachable: by identity; the others get no answer, or are refused."""

    lease: dict[str, Any] | None = None
    silent: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    lost_answers: set[str] = field(default_factory=set)
    version: int = 1

    def of(self, identity: str) -> Connection:
        return Connection(self, identity)

    def store(self, body: Mapping[str, Any]) -> dict[str, Any]:
        self.version += 1
        self.lease = {**body, "metadata": {**body["metadata"], "resourceVersion": str(self.version)}}
        return self.lease

    @property
    def holder(self) -> str:
        return self.lease["spec"]["holderIdentity"] if self.lease else "-"


@dataclass
class Connection:
    leases: Leases
    identity: str

    async def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, str] | None = None,
        content_type: str = JSON,
        accept: str = JSON,
        timeout: float | None = None,
    ) -> Any:
        assert timeout is not None, "a request without a timeout waits for ever"
        leases = self.leases
        if self.identity in leases.silent:
            await asyncio.sleep(timeout)
            raise KubeError(0, "Timeout", "no answer")
        if self.identity in leases.refused:
            raise KubeError(0, "ConnectionRefused", "refused")
        await asyncio.sleep(0.01)
        answer = self._answer(method, body)
        if self.identity in leases.lost_answers:
            await asyncio.sleep(timeout)
            raise KubeError(0, "Timeout", "no answer")
        return answer

    def _answer(self, method: str, body: Any) -> Any:
        leases = self.leases
        if method == "POST":
            if leases.lease is not None:
                raise KubeError(409, "AlreadyExists", "it exists")
            return leases.store(body)
        if leases.lease is None:
            raise KubeError(404, "NotFound", "not found")
        if method == "PUT":
            if body["metadata"]["resourceVersion"] != leases.lease["metadata"]["resourceVersion"]:
                raise KubeError(409, "Conflict", "modified")
            return leases.store(body)
        return leases.lease


@dataclass
class Process:
    """A candidate: its elector, and what it did."""

    elector: Elector
    task: asyncio.Task[None]

    @property
    def leads(self) -> bool:
        return self.elector.leads_for() > 0

    @property
    def lost(self) -> bool:
        return self.task.done()


RELEASED = {
    "metadata": {"name": "trunkline"},
    "spec": {"holderIdentity": "", "leaseDurationSeconds": 1, "leaseTransitions": 0},
}


class Field:
    """Some processes around one Lease, which somebody left before; says at every moment whether two of them lead."""

    def __init__(self) -> None:
        self.leases = Leases()
        self.leases.store(RELEASED)
        self.processes: list[Process] = []
        self.clock = VirtualClock()

    def start(self, identity: str, *, skew: float = 0.0, now: Callable[[], float] | None = None) -> Process:
        loop = asyncio.get_running_loop()
        skewed = VirtualClock(self.clock.epoch + skew)
        config = LeaseConfig(namespace="trunkline", identity=identity)
        tenure = Tenure(now=now or (lambda: loop.time() + abs(skew) + 1000))
        elector = Elector(self.leases.of(identity), config, skewed, Random(identity), tenure)
        process = Process(elector, asyncio.create_task(elector.run(), name=identity))
        self.processes.append(process)
        return process

    async def watch(self, seconds: float) -> None:
        for _ in range(int(seconds * 10)):
            await asyncio.sleep(0.1)
            assert sum(process.leads for process in self.processes) <= 1, "two processes lead"

    async def until(self, what: str, condition: Callable[[], bool], seconds: float = 120.0) -> float:
        loop = asyncio.get_running_loop()
        started = loop.time()
        while not condition():
            assert loop.time() - started < seconds, f"not within {seconds} s: {what}"
            await self.watch(0.1)
        return loop.time() - started


def test_the_first_leads_at_once_and_the_second_waits() -> None:
    async def main() -> None:
        field_ = Field()
        first = field_.start("a")
        await field_.until("a leads", lambda: first.leads, 1)
        second = field_.start("b")
        await field_.watch(300)
        assert first.leads
        assert not second.leads
        assert first.elector.leads_for() > CALL_SECONDS, "longer than a call to AWS takes"

    run(main())


def test_a_released_lease_is_taken_within_a_retry() -> None:
    async def main() -> None:
        field_ = Field()
        first, second = field_.start("a"), field_.start("b")
        await field_.until("a leads", lambda: first.leads)
        await field_.watch(20)
        first.task.cancel()
        assert field_.leases.lease is not None
        field_.leases.store(field_.leases.lease)  # a renewal of which it did not hear any more
        await first.elector.release()
        assert not first.leads
        assert await field_.until("b leads", lambda: second.leads) < 1.3
        assert field_.leases.lease is not None
        assert field_.leases.lease["spec"]["leaseTransitions"] == 2

    run(main())


@pytest.mark.parametrize("how", ["silent", "refused", "lost_answers"])
def test_who_cannot_reach_the_api_server_stops_before_another_starts(how: str) -> None:
    async def main() -> None:
        field_ = Field()
        first, second = field_.start("a"), field_.start("b")
        await field_.until("a leads", lambda: first.leads)
        await field_.watch(10)
        getattr(field_.leases, how).add("a")
        if how == "lost_answers":  # its renewals take effect, so the other one waits
            await field_.until("a gives up", lambda: first.lost, 40)
            assert not first.leads
        await field_.until("b leads", lambda: second.leads, 80)
        assert first.lost
        await field_.watch(60)

    run(main())


def test_an_api_server_that_is_away_for_less_than_the_lease_costs_nothing() -> None:
    async def main() -> None:
        field_ = Field()
        first, second = field_.start("a"), field_.start("b")
        await field_.until("a leads", lambda: first.leads)
        field_.leases.silent |= {"a", "b"}
        await field_.watch(10)
        field_.leases.silent.clear()
        await field_.watch(60)
        assert first.leads
        assert not second.leads

    run(main())


@pytest.mark.parametrize(("skew_a", "skew_b"), [(0.0, 86_400.0), (86_400.0, 0.0), (-3600.0, 3600.0)])
def test_clocks_that_are_hours_apart_do_not_matter(skew_a: float, skew_b: float) -> None:
    async def main() -> None:
        field_ = Field()
        first = field_.start("a", skew=skew_a)
        await field_.until("a leads", lambda: first.leads)
        second = field_.start("b", skew=skew_b)
        await field_.watch(120)
        assert first.leads
        field_.leases.silent.add("a")
        took = await field_.until("b leads", lambda: second.leads)
        assert 11 < took < 18

    run(main())


def test_a_frozen_process_knows_at_once_that_its_time_is_over() -> None:
    async def main() -> None:
        field_ = Field()
        loop = asyncio.get_running_loop()
        frozen = [0.0]  # what its loop did not see passing
        first = field_.start("a", now=lambda: loop.time() + frozen[0])
        await field_.until("a leads", lambda: first.leads)
        second = field_.start("b")
        await field_.watch(10)
        field_.leases.silent.add("a")  # stands still: sends nothing
        before = first.leads
        frozen[0] = 60.0  # and wakes up a minute later
        assert before
        assert not first.leads, "the guard refuses before anything else happens"
        await field_.until("b leads", lambda: second.leads)
        field_.leases.silent.clear()
        await field_.until("a ends", lambda: first.lost)

    run(main())


def test_a_deleted_lease_is_made_again_by_its_holder_and_by_no_other() -> None:
    async def main() -> None:
        field_ = Field()
        first, second = field_.start("a"), field_.start("b")
        await field_.until("a leads", lambda: first.leads)
        await field_.watch(20)
        for _ in range(5):
            field_.leases.lease = None
            await field_.watch(7)
            assert field_.leases.holder == "a"
        assert first.leads
        assert not second.leads

    run(main())


def test_a_holder_written_by_hand_ends_the_leader() -> None:
    async def main() -> None:
        field_ = Field()
        first, second = field_.start("a"), field_.start("b")
        await field_.until("a leads", lambda: first.leads)
        await field_.watch(20)
        lease = field_.leases.lease
        assert lease is not None
        field_.leases.store({**lease, "spec": {**lease["spec"], "holderIdentity": "nobody"}})
        assert await field_.until("a ends", lambda: first.lost) < 2
        assert await field_.until("b leads", lambda: second.leads) < 18

    run(main())


def test_a_newcomer_that_finds_no_lease_waits_for_one_that_may_have_been_deleted() -> None:
    async def main() -> None:
        field_ = Field()
        first = field_.start("a")
        await field_.until("a leads", lambda: first.leads)
        await field_.watch(20)
        field_.leases.silent.add("a")  # leads on for a while, and cannot put back what is taken away
        field_.leases.lease = None
        newcomer = field_.start("b")
        await field_.until("b leads", lambda: newcomer.leads)
        assert first.lost
        await field_.watch(30)

    run(main())


def test_a_lease_that_is_deleted_while_nothing_is_seen_is_waited_out_from_then() -> None:
    """Its holder renewed it since the last look: what that look saw says nothing of the end."""

    async def main() -> None:
        field_ = Field()
        first, second = field_.start("a"), field_.start("b")
        await field_.until("a leads", lambda: first.leads)
        await field_.watch(5)
        field_.leases.silent.add("b")
        await field_.watch(20)
        field_.leases.silent = {"a"}  # leads on for a while, and cannot put back what is taken away
        field_.leases.lease = None
        await field_.until("b leads", lambda: second.leads)
        assert first.lost
        await field_.watch(30)

    run(main())


def test_a_lease_that_was_left_and_is_gone_may_have_been_taken_in_between() -> None:
    election = Election("b", 16, 2.0)
    assert election.decide(Held("", 1, 0, "1", ""), 0.0) is Action.TAKE
    assert election.decide(None, 1.0) is Action.WAIT
    assert election.decide(None, 16.9) is Action.WAIT
    assert election.decide(None, 17.0) is Action.CREATE


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param({"holderIdentity": ""}, id="cleared"),
        pytest.param({"holderIdentity": "b"}, id="given to the standby"),
        pytest.param({"leaseDurationSeconds": 1}, id="shortened"),
        pytest.param({"holderIdentity": "b", "leaseDurationSeconds": 1}, id="given away and shortened"),
        pytest.param({"renewTime": "1999-01-01T00:00:00.000000Z"}, id="aged"),
        pytest.param({"acquireTime": "1999-01-01T00:00:00.000000Z"}, id="acquired long ago"),
    ],
)
@pytest.mark.parametrize("cut", [pytest.param(False, id="leader well"), pytest.param(True, id="leader cut off")])
def test_no_edit_by_hand_makes_two_leaders(edit: dict[str, Any], cut: bool) -> None:
    async def main() -> None:
        field_ = Field()
        first, second = field_.start("a"), field_.start("b")
        await field_.until("a leads", lambda: first.leads)
        await field_.watch(20.3)
        lease = field_.leases.lease
        assert lease is not None
        if cut:
            field_.leases.silent.add("a")
        field_.leases.store({**lease, "spec": {**lease["spec"], **edit}})
        await field_.watch(20)
        assert [first.leads, second.leads].count(True) == 1, "and there is one again"

    run(main())


@pytest.mark.parametrize(
    "spec", [{}, {"holderIdentity": "gone", "leaseDurationSeconds": 10**9}, {"holderIdentity": "gone"}]
)
def test_a_lease_of_nonsense_keeps_nobody_from_leading(spec: dict[str, Any]) -> None:
    async def main() -> None:
        field_ = Field()
        field_.leases.store({"metadata": {"name": "trunkline"}, "spec": spec})
        first = field_.start("a")
        await field_.until("a leads", lambda: first.leads, 40)

    run(main())


def test_who_slept_while_another_led_and_left_does_not_go_on() -> None:
    async def main() -> None:
        field_ = Field()
        first, second = field_.start("a"), field_.start("b")
        await field_.until("a leads", lambda: first.leads)
        field_.leases.silent.add("a")
        await field_.until("b leads", lambda: second.leads)
        second.task.cancel()
        await second.elector.release()
        field_.leases.silent.clear()
        await field_.until("a ends", lambda: first.lost)
        assert not first.leads, "what it remembers is older than what the other one did"

    run(main())


@pytest.mark.parametrize(
    "times", [{"duration": 5}, {"duration": 15, "retry": 7.0}, {"duration": 15, "retry": 4.0, "margin": 8.0}]
)
def test_times_that_leave_no_second_try_are_refused(times: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no second try"):
        LeaseConfig(namespace="trunkline", **times)
