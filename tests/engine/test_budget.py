"""The call budget on virtual time: rates are kept, urgent calls go first, nobody starves."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.virtual_time import VirtualClock, run
from trunkline.engine.bucket import DRIFT_SHARE, EPSILON, RECOVERY_SECONDS
from trunkline.engine.budget import Bucket, Budget, Priority, resync_period
from trunkline.engine.outcome import PassEndedError

CHANGE, PROGRESS, DRIFT = Priority.CHANGE, Priority.PROGRESS, Priority.DRIFT


def connect(operation: str = "SearchQueues", account: str = "111122223333", region: str = "us-east-1") -> Bucket:
    """A bucket as Amazon Connect has one for each operation."""
    return Bucket(account, region, f"connect.{operation}", rate=2.0, burst=5.0)


@dataclass
class Grants:
    """Takes tokens and writes down who got one when."""

    budget: Budget
    times: list[tuple[float, Priority, str]] = field(default_factory=list)

    async def take(self, bucket: Bucket, priority: Priority, owner: str, cost: float = 1.0) -> None:
        at = await self.budget.take(bucket, priority, owner, cost)
        self.times.append((at, priority, owner))

    async def all(self, bucket: Bucket, priority: Priority, owners: list[str]) -> None:
        await asyncio.gather(*(self.take(bucket, priority, owner) for owner in owners))

    def owners(self, priority: Priority) -> list[str]:
        return [owner for _, of, owner in self.times if of is priority]


async def full(budget: Budget) -> None:
    """Wait until buckets that started empty are full."""
    budget.start()
    await asyncio.sleep(10)


class TestRate:
    def test_a_bucket_starts_empty_because_the_last_leader_may_have_spent_it(self) -> None:
        async def main() -> list[float]:
            budget = Budget()
            budget.start()
            return [await budget.take(connect(), CHANGE, "a") for _ in range(4)]

        assert run(main()) == [0.5, 1.0, 1.5, 2.0]

    def test_a_bucket_first_used_later_has_filled_meanwhile(self) -> None:
        async def main() -> list[float]:
            budget = Budget()
            await full(budget)
            return [await budget.take(connect(), CHANGE, "a") - 10 for _ in range(7)]

        assert run(main()) == pytest.approx([0, 0, 0, 0, 0, 0.5, 1.0])

    def test_start_empties_what_a_standby_had_let_fill(self) -> None:
        async def main() -> float:
            budget = Budget()
            await full(budget)
            await budget.take(connect(), DRIFT, "a")
            budget.start()
            return await budget.take(connect(), CHANGE, "a") - 10

        assert run(main()) == pytest.approx(0.5)

    @pytest.mark.parametrize(
        ("other", "apart"),
        [
            pytest.param(connect(), False, id="same bucket is shared"),
            pytest.param(connect("SearchPrompts"), True, id="another operation"),
            pytest.param(connect(account="444455556666"), True, id="another account"),
            pytest.param(connect(region="eu-west-2"), True, id="another region"),
        ],
    )
    def test_buckets_are_per_account_region_and_name(self, other: Bucket, apart: bool) -> None:
        async def main() -> float:
            budget = Budget()
            await full(budget)
            for _ in range(5):
                await budget.take(connect(), CHANGE, "a")
            return await budget.take(other, CHANGE, "a") - 10

        assert run(main()) == pytest.approx(0.0 if apart else 0.5)

    def test_a_cost_no_bucket_can_hold_is_refused_at_once(self) -> None:
        async def main() -> None:
            await Budget().take(connect(), CHANGE, "a", cost=6)

        with pytest.raises(ValueError, match=r"connect\.SearchQueues holds 5 tokens: a cost of 6"):
            run(main())

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.floats(0, 20, allow_nan=False),
                st.sampled_from(list(Priority)),
                st.sampled_from("abcd"),
                st.sampled_from([1.0, 1.0, 1.0, 2.0, 5.0]),
                st.sampled_from([None, None, None, 0.0, 0.3, 2.0]),  # cancelled after so many seconds
            ),
            max_size=40,
        ),
        st.sampled_from([(2.0, 5.0), (0.5, 1.0 * 5), (15.0, 15.0), (7.3, 5.5)]),
        st.lists(st.floats(0, 30, allow_nan=False), max_size=4),
    )
    def test_no_window_ever_sees_more_than_the_rate_and_one_burst(
        self,
        takes: list[tuple[float, Priority, str, float, float | None]],
        limit: tuple[float, float],
        throttles: list[float],
    ) -> None:
        rate, burst = limit
        bucket = Bucket("1", "r", "b", rate, burst)
        spent: list[tuple[float, float]] = []

        async def main() -> None:
            budget = Budget()
            budget.start()

            async def one(after: float, priority: Priority, owner: str, cost: float, patience: float | None) -> None:
                await asyncio.sleep(after)
                try:
                    async with asyncio.timeout(patience):
                        spent.append((await budget.take(bucket, priority, owner, cost), cost))
                except TimeoutError:
                    pass

            async def throttle(after: float) -> None:
                await asyncio.sleep(after)
                budget.throttled(bucket, after)

            await asyncio.gather(*(one(*take) for take in takes), *(throttle(at) for at in throttles))

        run(main())
        if all(patience is None for *_, patience in takes):
            assert len(spent) == len(takes), "somebody never got a token"
        spent.sort()
        for first, (start, _) in enumerate(spent):
            used = 0.0
            for end, cost in spent[first:]:
                used += cost
                assert used <= rate * (end - start) + burst + 2 * EPSILON, f"too much from {start} to {end}"


class TestClasses:
    def test_a_change_goes_before_progress_before_drift(self) -> None:
        async def main() -> list[str]:
            grants = Grants(Budget())
            grants.budget.start()
            await asyncio.gather(
                grants.all(connect(), DRIFT, ["d"]),
                grants.all(connect(), PROGRESS, ["p"]),
                grants.all(connect(), CHANGE, ["c"]),
            )
            return [owner for *_, owner in grants.times]

        assert run(main()) == ["c", "p", "d"]

    def test_drift_leaves_the_last_tokens_of_a_burst_to_a_change(self) -> None:
        async def main() -> tuple[int, float]:
            grants = Grants(Budget())
            await full(grants.budget)
            drift = asyncio.create_task(grants.all(connect(), DRIFT, [f"d{n}" for n in range(50)]))
            await asyncio.sleep(0)
            at_once = len(grants.owners(DRIFT))
            start = asyncio.get_running_loop().time()
            await grants.all(connect(), CHANGE, ["c1", "c2", "c3"])
            waited = asyncio.get_running_loop().time() - start
            drift.cancel()
            await asyncio.gather(drift, return_exceptions=True)
            return at_once, waited

        at_once, waited = run(main())
        assert at_once <= 2
        assert waited == 0.0

    def test_drift_alone_gets_the_whole_rate(self) -> None:
        async def main() -> float:
            grants = Grants(Budget())
            await full(grants.budget)
            await grants.all(connect(), DRIFT, [f"d{n}" for n in range(102)])
            return grants.times[-1][0] - 10

        assert run(main()) == pytest.approx(50.0)

    @pytest.mark.parametrize("low", [PROGRESS, DRIFT])
    def test_a_flood_of_changes_leaves_the_lower_class_its_share(self, low: Priority) -> None:
        async def main() -> float:
            grants = Grants(Budget())
            await full(grants.budget)
            flood = asyncio.create_task(grants.all(connect(), CHANGE, [f"c{n}" for n in range(10_000)]))
            background = asyncio.create_task(grants.all(connect(), low, [f"d{n}" for n in range(10_000)]))
            await asyncio.sleep(500)
            for task in (flood, background):
                task.cancel()
            await asyncio.gather(flood, background, return_exceptions=True)
            return len(grants.owners(low)) / len(grants.times)

        assert run(main()) == pytest.approx(DRIFT_SHARE, abs=0.01)

    def test_all_three_flooding_each_get_theirs(self) -> None:
        async def main() -> dict[Priority, float]:
            grants = Grants(Budget())
            await full(grants.budget)
            floods = [
                asyncio.create_task(grants.all(connect(), priority, [f"{priority}{n}" for n in range(4000)]))
                for priority in Priority
            ]
            await asyncio.sleep(500)
            for task in floods:
                task.cancel()
            await asyncio.gather(*floods, return_exceptions=True)
            return {priority: len(grants.owners(priority)) / len(grants.times) for priority in Priority}

        assert run(main()) == pytest.approx({CHANGE: 0.6, PROGRESS: 0.2, DRIFT: 0.2}, abs=0.01)

    def test_changes_just_below_the_rate_do_not_starve_drift(self) -> None:
        """Each change finds a token, so none ever waits: drift still gets one in five."""

        async def main() -> int:
            grants = Grants(Budget())
            await full(grants.budget)
            drift = asyncio.create_task(grants.all(connect(), DRIFT, [f"d{n}" for n in range(500)]))
            changes = []
            for _ in range(400):
                changes.append(asyncio.create_task(grants.take(connect(), CHANGE, "c")))
                await asyncio.sleep(0.5)
            got = len(grants.owners(DRIFT))
            for task in (drift, *changes):
                task.cancel()
            await asyncio.gather(drift, *changes, return_exceptions=True)
            return got

        assert run(main()) >= 400 * DRIFT_SHARE - 2


class TestTurns:
    def test_objects_of_a_class_take_turns(self) -> None:
        async def main() -> list[str]:
            grants = Grants(Budget())
            grants.budget.start()
            await grants.all(connect(), CHANGE, ["big"] * 6 + ["small"] * 2 + ["tiny"])
            return grants.owners(CHANGE)

        assert run(main()) == ["big", "small", "tiny", "big", "small", "big", "big", "big", "big"]

    @settings(max_examples=30, deadline=None)
    @given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 12), min_size=2))
    def test_while_two_wait_neither_gets_two_more_than_the_other(self, wants: dict[str, int]) -> None:
        async def main() -> list[str]:
            grants = Grants(Budget())
            grants.budget.start()
            await grants.all(connect(), DRIFT, [owner for owner, count in wants.items() for _ in range(count)])
            return grants.owners(DRIFT)

        order = run(main())
        assert sorted(order) == sorted(owner for owner, count in wants.items() for _ in range(count))
        got = dict.fromkeys(wants, 0)
        for owner in order:
            got[owner] += 1
            still = [name for name in wants if got[name] < wants[name]]
            counts = [got[name] for name in still]
            assert not counts or max(got.values()) - min(counts) <= 1, f"{order}: unfair to those who still wait"


class TestThrottle:
    def test_a_throttle_empties_the_bucket_and_halves_its_rate(self) -> None:
        async def main() -> list[float]:
            budget = Budget()
            await full(budget)
            budget.throttled(connect(), await budget.take(connect(), CHANGE, "a"))
            return [await budget.take(connect(), CHANGE, "a") - 10 for _ in range(3)]

        assert run(main()) == pytest.approx([1.0, 2.0, 3.0])

    def test_calls_that_were_under_way_together_cut_the_rate_once(self) -> None:
        async def main() -> list[float]:
            budget = Budget()
            await full(budget)
            taken = [await budget.take(connect(), CHANGE, "a") for _ in range(5)]
            for at in taken:
                await asyncio.sleep(0.01)
                budget.throttled(connect(), at)
            return [level.factor for level in budget.levels()]

        assert run(main()) == [0.5]

    def test_the_rate_comes_back(self) -> None:
        async def main() -> list[float]:
            budget = Budget()
            budget.throttled(connect(), await budget.take(connect(), CHANGE, "a"))
            factors = []
            for _ in range(3):
                factors += [level.factor for level in budget.levels()]
                await asyncio.sleep(RECOVERY_SECONDS)
            return factors

        assert run(main()) == [0.5, 0.75, 1.0]

    def test_endless_throttles_leave_a_trickle(self) -> None:
        async def main() -> float:
            budget = Budget()
            for _ in range(50):
                budget.throttled(connect(), await budget.take(connect(), CHANGE, "a"))
            before = asyncio.get_running_loop().time()
            return await budget.take(connect(), CHANGE, "a") - before

        assert run(main()) <= 5.0

    def test_beside_another_tool_that_takes_half_the_rate_few_calls_are_refused(self) -> None:
        """AWS grants us 1 rps of the 2: the bucket must settle near what is left, not beat against the wall."""

        async def main() -> tuple[int, int]:
            budget, loop = Budget(), asyncio.get_running_loop()
            budget.start()
            tokens, at, made, refused = 5.0, 0.0, 0, 0
            while loop.time() < 600:
                taken = await budget.take(connect(), CHANGE, "a")
                tokens, at = min(5.0, tokens + (loop.time() - at) * 1.0), loop.time()
                made += 1
                if tokens >= 1:
                    tokens -= 1
                else:
                    refused += 1
                    budget.throttled(connect(), taken)
            return made, refused

        made, refused = run(main())
        assert refused / made < 0.06, f"{refused} of {made} refused"
        assert made - refused > 400, "too shy: less than two thirds of what AWS would have granted"


class TestCancellation:
    def test_who_gives_up_waiting_takes_nothing(self) -> None:
        async def main() -> float:
            budget = Budget()
            budget.start()
            quitter = asyncio.create_task(budget.take(connect(), CHANGE, "a"))
            await asyncio.sleep(0.1)
            quitter.cancel()
            return await budget.take(connect(), CHANGE, "b")

        assert run(main()) == pytest.approx(0.5)

    def test_cancelled_in_the_moment_of_the_grant_the_token_goes_to_the_next(self) -> None:
        async def main() -> float:
            budget = Budget()
            budget.start()
            first = asyncio.create_task(budget.take(connect(), CHANGE, "a"))
            second = asyncio.create_task(budget.take(connect(), CHANGE, "b"))
            # In the same turn of the loop as the grant, right after it and before `first` wakes up.
            asyncio.get_running_loop().call_at(0.5 + 1e-10, first.cancel)
            at = await second
            assert first.cancelled()
            return at

        assert run(main()) == pytest.approx(0.5)

    def test_nothing_is_left_of_those_who_gave_up(self) -> None:
        async def main() -> int:
            budget = Budget()
            budget.start()
            tasks = [asyncio.create_task(budget.take(connect(), DRIFT, f"o{n % 7}")) for n in range(1000)]
            await asyncio.sleep(1.2)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            return sum(sum(level.waiting.values()) for level in budget.levels())

        assert run(main()) == 0


class TestStop:
    def test_who_waits_and_who_comes_later_is_told_that_the_pass_has_ended(self) -> None:
        async def main() -> list[object]:
            budget = Budget()
            budget.start()
            waiting = [asyncio.create_task(budget.take(connect(), CHANGE, "a")) for _ in range(3)]
            await asyncio.sleep(0.6)
            budget.stop()
            late = asyncio.create_task(budget.take(connect(), CHANGE, "b"))
            return await asyncio.gather(*waiting, late, return_exceptions=True)

        first, *others = run(main())
        assert first == 0.5
        assert all(isinstance(other, PassEndedError) for other in others)


class TestOvertaking:
    def test_only_the_less_urgent_waiters_of_that_owner_are_sent_away(self) -> None:
        async def main() -> list[str]:
            budget = Budget()
            budget.start()
            waiters = {
                f"{owner} {priority}": asyncio.create_task(budget.take(connect(), priority, owner))
                for owner in ("a", "b")
                for priority in Priority
            }
            await asyncio.sleep(0)
            budget.overtake("a")
            await asyncio.sleep(0)
            return [name for name, waiter in waiters.items() if waiter.done() and waiter.exception()]

        assert run(main()) == ["a progress", "a drift"]

    def test_who_waited_behind_them_moves_up(self) -> None:
        async def main() -> float:
            budget = Budget()
            budget.start()
            away = [asyncio.create_task(budget.take(connect(), PROGRESS, "a")) for _ in range(3)]
            await asyncio.sleep(0)
            last = asyncio.create_task(budget.take(connect(), PROGRESS, "b"))
            await asyncio.sleep(0)
            budget.overtake("a")
            await asyncio.gather(*away, return_exceptions=True)
            return await last

        assert run(main()) == 0.5


class TestBounds:
    def test_idle_buckets_are_dropped_and_nothing_is_lost_by_it(self) -> None:
        async def main() -> tuple[int, float]:
            budget = Budget(max_buckets=100)
            budget.start()
            for number in range(1000):
                await budget.take(connect(f"Operation{number}"), CHANGE, "a")
                await asyncio.sleep(0.1)
            held = len(list(budget.levels()))
            await asyncio.sleep(10)
            before = asyncio.get_running_loop().time()
            taken = [await budget.take(connect("Operation3"), CHANGE, "a") for _ in range(5)]
            return held, taken[-1] - before

        held, wait = run(main())
        assert held <= 110
        assert wait == 0.0, "a bucket that was dropped when full must come back full"

    def test_a_bucket_that_is_waited_for_is_never_dropped(self) -> None:
        async def main() -> None:
            budget = Budget(max_buckets=2)
            budget.start()
            waiting = [asyncio.create_task(budget.take(connect(), DRIFT, "a")) for _ in range(60)]
            for number in range(200):
                await asyncio.sleep(0.1)
                await budget.take(connect(f"Operation{number}"), CHANGE, "a")
            await asyncio.gather(*waiting)

        run(main())


PASS = (
    # one center of the facts: 5 hours, 20 queues, 5 profiles, 20 flows, observed in bulk
    *("DescribeInstance", "ListInstanceAttributes", "ListInstanceAttributes", "ListLambdaFunctions"),
    *(
        "SearchQueues",
        "SearchRoutingProfiles",
        "SearchHoursOfOperations",
        "SearchContactFlows",
        "SearchContactFlowModules",
    ),
    *("ListInstanceStorageConfigs",) * 3,
)
DEEP = ("ListRoutingProfileQueues",) * 5


class TestThreeHundredCenters:
    """One account, one region, 2 rps and burst 5 an operation."""

    @pytest.mark.parametrize(
        "spread", [pytest.param(True, id="resync in their phases"), pytest.param(False, id="all at once")]
    )
    def test_a_users_change_is_observed_within_four_seconds(self, spread: bool) -> None:
        clock = VirtualClock()

        async def center(budget: Budget, priority: Priority, owner: str) -> None:
            for operation in PASS + DEEP:
                await budget.take(connect(operation), priority, owner)

        async def main() -> list[float]:
            budget, loop = Budget(), asyncio.get_running_loop()
            await full(budget)
            period = 1500.0

            async def resync(number: int) -> None:
                if spread:
                    await asyncio.sleep(number * period / 300)
                while True:
                    await center(budget, DRIFT, f"center-{number}")
                    await asyncio.sleep(period)

            others = [asyncio.create_task(resync(number)) for number in range(299)]
            waits = []
            for _ in range(60):
                await asyncio.sleep(23)
                start = loop.time()
                await center(budget, CHANGE, "edited")
                waits.append(loop.time() - start)
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            return waits

        assert max(run(main(), clock)) <= 4.0

    def test_three_hundred_edits_at_once_are_all_observed_in_the_time_the_rate_forces(self) -> None:
        async def main() -> list[float]:
            budget, loop = Budget(), asyncio.get_running_loop()
            await full(budget)
            start = loop.time()
            done: list[float] = []

            async def center(number: int) -> None:
                for operation in PASS + DEEP:
                    await budget.take(connect(operation), CHANGE, f"center-{number}")
                done.append(loop.time() - start)

            await asyncio.gather(*(center(number) for number in range(300)))
            return done

        done = run(main())
        bound = (300 * 5 - 5) / 2  # the slowest operation
        assert max(done) <= bound * 1.6, "the operations of a pass come one after the other, yet the slowest decides"


@pytest.mark.parametrize(
    ("calls", "share", "floor", "period"),
    [
        pytest.param({"SearchQueues": 300}, 0.5, 0.0, 300.0, id="one call each"),
        pytest.param({"SearchQueues": 300, "ListRoutingProfileQueues": 1500}, 0.5, 600.0, 1500.0, id="25 minutes"),
        pytest.param({"ListQueueQuickConnects": 6000}, 0.5, 600.0, 6000.0, id="100 minutes"),
        pytest.param({"SearchQueues": 1}, 0.5, 600.0, 600.0, id="a small account keeps the spec's period"),
        pytest.param({}, 0.5, 600.0, 600.0, id="nothing to call"),
        pytest.param({"SearchQueues": 300}, 0.25, 0.0, 600.0, id="half the share takes twice as long"),
    ],
)
def test_resync_period_is_what_the_account_allows(
    calls: dict[str, float], share: float, floor: float, period: float
) -> None:
    assert resync_period(calls, dict.fromkeys(calls, 2.0), share, floor) == period
