"""The work queue: nothing is lost, nothing runs twice at once, the urgent goes first, failures back off."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.virtual_time import run
from trunkline.engine.budget import Priority
from trunkline.runtime.queue import BACKOFF_CAP, Item, QueueClosedError, WorkQueue, backoff


def opened() -> WorkQueue[str]:
    queue: WorkQueue[str] = WorkQueue(Random(1))
    queue.open()
    return queue


async def handed_out(queue: WorkQueue[str]) -> AsyncIterator[Item[str]]:
    """To one worker, until the queue is closed."""
    with contextlib.suppress(QueueClosedError):
        while True:
            yield await queue.get()


EVENTS = st.lists(st.tuples(st.floats(0, 20), st.sampled_from("abc")), max_size=40)


@given(events=EVENTS, workers=st.integers(1, 4), failures=st.integers(0, 5), seed=st.integers(0, 1000))
def test_any_order_of_events_ends_with_a_pass_that_saw_the_last(
    events: list[tuple[float, str]], workers: int, failures: int, seed: int
) -> None:
    world = dict.fromkeys("abc", 0)  # what there is
    acted = dict.fromkeys("abc", 0)  # what the last successful pass saw
    in_flight: set[str] = set()
    left = [failures]

    async def main() -> None:
        random = Random(seed)
        queue: WorkQueue[str] = WorkQueue(random)
        queue.open()

        async def work() -> None:
            async for item in handed_out(queue):
                assert item.key not in in_flight, "two passes of one key at once"
                in_flight.add(item.key)
                saw = world[item.key]
                await asyncio.sleep(random.uniform(0, 3))
                in_flight.discard(item.key)
                if left[0] and random.random() < 0.5:
                    left[0] -= 1
                    queue.failed(item)
                else:
                    queue.succeeded(item.key)
                    acted[item.key] = saw
                queue.done(item.key)

        async def happen(when: float, key: str) -> None:
            await asyncio.sleep(when)
            world[key] += 1
            queue.add(key)

        tasks = [asyncio.create_task(work()) for _ in range(workers)]
        await asyncio.gather(*(happen(when, key) for when, key in events))
        await asyncio.sleep(4000)
        queue.close()
        await asyncio.gather(*tasks)

    run(main())
    assert acted == world


def test_a_key_that_became_dirty_in_its_pass_comes_once_more() -> None:
    async def main() -> None:
        queue = opened()
        queue.add("a")
        assert (await queue.get()).key == "a"
        for _ in range(10):
            queue.add("a")
        waiting = asyncio.create_task(queue.get())
        await asyncio.sleep(1)
        assert not waiting.done(), "its pass is not over"
        queue.done("a")
        assert (await waiting).key == "a"
        queue.done("a")
        assert len(queue) == 0

    run(main())


def test_nothing_is_handed_out_before_the_queue_opens() -> None:
    async def main() -> None:
        queue: WorkQueue[str] = WorkQueue(Random(1))
        workers = [asyncio.create_task(queue.get()) for _ in range(2)]
        queue.add("a")
        queue.add("b")
        await asyncio.sleep(100)
        assert not any(worker.done() for worker in workers)
        queue.open()
        assert {(await worker).key for worker in workers} == {"a", "b"}

    run(main())


def test_urgent_causes_go_first_and_the_most_urgent_of_a_key_counts() -> None:
    async def main() -> None:
        queue = opened()
        queue.add("drift", Priority.DRIFT)
        queue.add("raised", Priority.DRIFT)
        queue.add("progress", Priority.PROGRESS)
        queue.add("change", Priority.CHANGE)
        queue.add("raised", Priority.CHANGE)
        queue.add("raised", Priority.PROGRESS)
        got = [await queue.get() for _ in range(4)]
        assert [item.key for item in got] == ["change", "raised", "progress", "drift"]
        assert got[1].cause is Priority.CHANGE
        assert len(queue) == 0

    run(main())


@pytest.mark.parametrize(
    ("appointments", "due"),
    [
        pytest.param([(10.0, Priority.DRIFT), (5.0, Priority.DRIFT)], [5.0], id="the earliest stays"),
        pytest.param([(5.0, Priority.DRIFT), (10.0, Priority.DRIFT)], [5.0], id="a later one does not move it"),
        pytest.param([(5.0, Priority.PROGRESS), (9.0, Priority.DRIFT)], [5.0, 9.0], id="progress leaves drift alone"),
        pytest.param([(5.0, Priority.CHANGE), (9.0, Priority.DRIFT)], [5.0], id="a full pass makes its own dates"),
        pytest.param([(0.0, Priority.PROGRESS)], [0.0], id="now"),
    ],
)
def test_appointments(appointments: list[tuple[float, Priority]], due: list[float]) -> None:
    async def main() -> list[float]:
        queue, loop = opened(), asyncio.get_running_loop()
        started = loop.time()
        seen: list[float] = []
        for delay, cause in appointments:
            queue.add_after("a", delay, cause)
        while True:
            try:
                async with asyncio.timeout(100):
                    item = await queue.get()
            except TimeoutError:
                return seen
            assert not item.event
            seen.append(round(loop.time() - started, 3))
            queue.done("a")

    assert run(main()) == due


def test_passes_that_do_not_end_are_named_the_longest_first() -> None:
    async def main() -> None:
        queue = opened()
        for key, later in (("ends", 100.0), ("hangs", 50.0), ("hangs too", 25.0)):
            queue.add(key)
            assert (await queue.get()).key == key
            await asyncio.sleep(later)
        queue.done("ends")
        assert list(queue.lasting().items()) == [("hangs", 75.0), ("hangs too", 25.0)]
        assert queue.lasting(60) == {"hangs": 75.0}
        assert queue.slowest == 75
        queue.done("hangs")
        queue.done("hangs too")
        assert (queue.slowest, queue.lasting()) == (0, {})

    run(main())


def test_failures_back_off_to_the_cap_and_success_starts_anew() -> None:
    async def main() -> None:
        queue = opened()
        by_date = Item("a", Priority.DRIFT, event=False)
        delays = [queue.failed(by_date) for _ in range(16)]
        assert delays[0] < 1
        assert all(later > earlier for earlier, later in itertools.pairwise(delays[:9]))
        assert delays[-1] == pytest.approx(BACKOFF_CAP, rel=0.2)
        assert max(delays) <= BACKOFF_CAP
        queue.succeeded("a")
        assert queue.failed(by_date) < 1

    run(main())


def test_a_failure_that_an_event_caused_uses_up_no_try() -> None:
    async def main() -> None:
        queue = opened()
        for _ in range(5):
            assert queue.failed(Item("a", Priority.CHANGE, event=True)) < 1
        first, second = (queue.failed(Item("a", Priority.CHANGE, event=False)) for _ in range(2))
        assert first < 1 < second + 0.5

    run(main())


def test_causes_with_a_limit_leave_room_for_others() -> None:
    async def main() -> None:
        queue: WorkQueue[str] = WorkQueue(Random(1), {Priority.DRIFT: 2})
        queue.open()
        for name in ("a", "b", "c", "d"):
            queue.add(name, Priority.DRIFT)
        got = [await queue.get() for _ in range(2)]
        waiting = asyncio.create_task(queue.get())
        await asyncio.sleep(1)
        assert not waiting.done(), "two drift checks are in processing"
        queue.add("user", Priority.CHANGE)
        assert (await waiting).key == "user"
        waiting = asyncio.create_task(queue.get())
        await asyncio.sleep(1)
        queue.done(got[0].key)
        async with asyncio.timeout(1):
            assert (await waiting).key == "c"
        queue.done(got[1].key)
        async with asyncio.timeout(1):
            assert (await queue.get()).key == "d"

    run(main())


def test_what_is_forgotten_does_not_come_back() -> None:
    async def main() -> None:
        queue = opened()
        queue.add("a")
        queue.add_after("a", 5, Priority.DRIFT)
        queue.forget("a")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(100):
                await queue.get()

    run(main())


def test_a_closed_queue_dismisses_who_waits_and_waits_for_who_works() -> None:
    async def main() -> None:
        queue = opened()
        queue.add("a")
        await queue.get()
        waiting = asyncio.create_task(queue.get())
        await asyncio.sleep(1)
        queue.close()
        with pytest.raises(QueueClosedError):
            await waiting
        idle = asyncio.create_task(queue.idle())
        await asyncio.sleep(1)
        assert not idle.done()
        queue.add("a")
        queue.done("a")
        await idle
        with pytest.raises(QueueClosedError):
            await queue.get()

    run(main())


@pytest.mark.parametrize(
    ("running", "added", "told"),
    [
        pytest.param(Priority.DRIFT, Priority.CHANGE, ["a"], id="a change goes before a check"),
        pytest.param(Priority.PROGRESS, Priority.CHANGE, ["a"], id="a change goes before progress"),
        pytest.param(Priority.CHANGE, Priority.CHANGE, [], id="a stream of changes starves no pass"),
        pytest.param(Priority.DRIFT, Priority.PROGRESS, [], id="progress waits for a check"),
    ],
)
def test_a_change_overtakes_the_less_urgent_pass_of_its_key(
    running: Priority, added: Priority, told: list[str]
) -> None:
    async def main() -> list[str]:
        overtaken: list[str] = []
        queue: WorkQueue[str] = WorkQueue(Random(1), overtake=overtaken.append)
        queue.open()
        queue.add("a", running)
        queue.add("b", running)
        await queue.get()
        queue.add("b", added)  # only waits: there is nothing to overtake
        queue.add("a", added)
        return overtaken

    assert run(main()) == told


@pytest.mark.parametrize(
    ("turns", "wait", "least", "most"),
    [
        pytest.param(20, 0.0, 2, 30, id="passes that only compute: those that have begun come first"),
        pytest.param(0, 1.0, 200, 200, id="passes that only wait: all at once"),
    ],
)
def test_more_are_in_processing_the_more_they_wait(turns: int, wait: float, least: int, most: int) -> None:
    """If all of a thousand objects were begun before one of them is done, each would take as long as all."""
    counts: list[int] = []

    async def main() -> None:
        queue = opened()

        async def work() -> None:
            async for item in handed_out(queue):
                counts.append(queue.processing)
                for _ in range(turns):
                    await asyncio.sleep(0)
                await asyncio.sleep(wait)
                queue.done(item.key)

        workers = [asyncio.ensure_future(work()) for _ in range(200)]
        for number in range(200):
            queue.add(str(number))
        await asyncio.sleep(10)
        queue.close()
        await asyncio.gather(*workers)

    run(main())
    assert len(counts) == 200
    assert least <= max(counts) <= most


def test_a_getter_that_is_cancelled_loses_no_turn() -> None:
    async def main() -> None:
        queue = opened()
        first, second = asyncio.create_task(queue.get()), asyncio.create_task(queue.get())
        await asyncio.sleep(0)
        queue.add("a")
        first.cancel()
        async with asyncio.timeout(1):
            assert (await second).key == "a"

    run(main())


@given(attempt=st.integers(0, 10_000), seed=st.integers(0, 100))
def test_backoff_is_bounded(attempt: int, seed: int) -> None:
    assert 0.4 <= backoff(attempt, Random(seed)) <= BACKOFF_CAP


def test_it_says_how_long_the_one_waits_that_waits_longest() -> None:
    async def main() -> None:
        queue: WorkQueue[str] = WorkQueue(Random(1))
        queue.open()
        assert queue.longest == 0
        queue.add("drift", Priority.DRIFT)
        await asyncio.sleep(30)
        queue.add("change")
        await asyncio.sleep(30)
        assert queue.longest == 60
        assert (await queue.get()).key == "change"
        assert queue.longest == 60, "the urgent one went first"
        await queue.get()
        assert queue.longest == 0, "being in a pass is no waiting"
        queue.add("drift")
        await asyncio.sleep(5)
        assert queue.longest == 5, "a change during its own pass waits for the next"
        queue.forget("drift")
        assert queue.longest == 0

    run(main())


def test_a_key_that_nobody_takes_is_noticed_and_one_that_has_to_wait_is_not() -> None:
    async def main() -> None:
        queue: WorkQueue[str] = WorkQueue(Random(1), {Priority.DRIFT: 1})
        queue.add("a")
        await asyncio.sleep(100)
        assert queue.neglected(2) == 0, "a standby hands out nothing"
        queue.open()
        await asyncio.sleep(100)
        assert queue.neglected(2) == 100
        await queue.get()
        queue.add("a")
        await asyncio.sleep(100)
        assert queue.neglected(2) == 0, "its own pass goes on"
        queue.add("b")
        assert queue.neglected(1) == 0, "the only worker is in a pass"
        assert queue.neglected(2) == 0, "it came just now"
        await asyncio.sleep(50)
        assert queue.neglected(2) == 50
        await queue.get()
        await asyncio.sleep(500)
        assert queue.neglected(2) == 0
        queue.done("b")
        queue.done("a")
        for key in ("c", "d"):
            queue.add(key, Priority.DRIFT)
        await queue.get()
        await queue.get()
        await asyncio.sleep(100)
        assert queue.neglected(9) == 0, "no more of its cause may go on at once"
        queue.close()
        assert queue.neglected(9) == 0

    run(main())
