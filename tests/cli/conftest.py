"""A desk for each test: an empty folder, an empty account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.desk import Desk
from tests.column.world import REGION, World, quick
from trunkline_sandbox.aws.command import environment
from trunkline_sandbox.aws.server import Server


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    world = World(quick(throttling=False))  # its clock stands while the command runs
    with Server(world.cloud) as server:
        for name, value in environment(server.url, REGION).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / "no-kubeconfig"))
        monkeypatch.delenv("TRUNKLINE_INSTALLATION", raising=False)
        yield Desk(world, tmp_path, capsys)
