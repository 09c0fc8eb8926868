"""When a pass that goes on tells of what it has made so far. What it tells when it is over comes to nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest

from tests.runtime.worlds import terms
from tests.virtual_time import run
from trunkline.engine.budget import Priority
from trunkline.handlers.port import Key, Snapshot
from trunkline.runtime.cache import Cache
from trunkline.runtime.inputs import PassInputs
from trunkline.runtime.objects import Objects
from trunkline.runtime.status import Writer

KEY = Key("ContactCenter", "voice", "acme")


class Written:
    """Takes statuses for a Writer, with the time of each."""

    def __init__(self) -> None:
        self.at: list[tuple[float, int]] = []

    async def status(self, _key: Key, _uid: str, status: Mapping[str, Any]) -> bool:
        self.at.append((asyncio.get_running_loop().time(), status["made"]))
        return True


def a_pass(seconds: int, crowded: Callable[[float], bool]) -> list[tuple[float, int]]:
    """Makes one thing each second and reports it. Returns what was written while it went on, and when."""
    written = Written()

    async def main() -> None:
        start = asyncio.get_running_loop().time()
        snapshot = Snapshot(KEY, "u-1", 1, deleting=False, spec={}, annotations={}, status={})
        inputs = PassInputs(
            snapshot,
            Priority.CHANGE,
            cache=Cache(),
            objects=cast("Objects", None),
            writer=cast("Writer", written),
            terms=terms(lambda: crowded(asyncio.get_running_loop().time() - start)),
        )
        for made in range(seconds):
            await inputs.report(lambda made=made: {"made": made})  # type: ignore[misc]
            await asyncio.sleep(1.0 if made < seconds - 1 else 0.5)
        await inputs.settle()
        await inputs.report(lambda: {"made": -1})  # of a call that outlived its pass
        written.at = [(at - start, made) for at, made in written.at]
        await asyncio.sleep(10.0)

    run(main())
    return written.at


@pytest.mark.parametrize(
    ("seconds", "crowded", "times"),
    [
        pytest.param(1, lambda _: False, [], id="a short pass: its result says it all"),
        pytest.param(4, lambda _: False, [1, 2, 3], id="a longer one: each second"),
        pytest.param(9, lambda at: at < 3.5, range(4, 9), id="not while requests wait for others"),
        pytest.param(12, lambda _: True, [5, 10], id="but not for long: the record must not get old"),
    ],
)
def test_a_pass_reports_while_it_goes_on(seconds: int, crowded: Callable[[float], bool], times: list[float]) -> None:
    written = a_pass(seconds, crowded)
    assert [round(at) for at, _ in written] == list(times)
    assert all(abs(made - at) <= 1 for at, made in written), (
        "what was made until then, and not what was when it was due"
    )
