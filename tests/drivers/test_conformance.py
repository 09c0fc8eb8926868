"""The conformance suite over every case: one file per kind under `cases/`, each with `CASES`."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drivers.conformance import CHECKS, Case, Conformance
from tests.drivers.offline import SWITCHES, OfflineCaller
from trunkline.drivers.registry import DRIVERS
from trunkline_sandbox.aws.clock import ManualClock
from trunkline_sandbox.aws.cloud import OfflineAws

CASES: list[Case] = [
    case
    for file in sorted((Path(__file__).parent / "cases").glob("[!_]*.py"))
    for case in importlib.import_module(f"tests.drivers.cases.{file.stem}").CASES
]
LOOK_UPS = {"prompt", "view", "quick-connect", "security-profile"}  # never made, so nothing of this applies
# The end of a token's rotation is a step of a group that is there, and is never made or deleted: see test_cache_token.
STEPS = {"cache-token"}


@pytest.fixture(scope="module")
def offline() -> Iterator[tuple[OfflineAws, ManualClock, OfflineCaller]]:
    clock = ManualClock()
    cloud = OfflineAws(clock=clock, switches=SWITCHES)
    yield cloud, clock, OfflineCaller(cloud)
    cloud.reset()


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_conforms(offline: tuple[OfflineAws, ManualClock, OfflineCaller], case: Case, check: str) -> None:
    asyncio.run(getattr(Conformance(*offline, case), check)())
    assert not offline[0].failures, "the offline AWS itself failed"


def test_every_kind_has_a_case() -> None:
    missing = set(DRIVERS) - LOOK_UPS - STEPS - {case.kind for case in CASES}
    assert not missing, f"add tests/drivers/cases/<kind>.py for {sorted(missing)}"
