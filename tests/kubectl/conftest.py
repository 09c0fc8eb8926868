"""The command in this process, with a kubectl that says what it is told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import desk
from tests.kubectl.stand_in import StandIn
from trunkline.cli import main

__all__ = ["desk"]


@dataclass(frozen=True)
class Said:
    """What a run came to."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """`trunkline` with these words."""

    def run(*words: str) -> Said:
        capsys.readouterr()
        try:
            code = main(list(words))
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        shown = capsys.readouterr()
        return Said(code, shown.out, shown.err)

    return run


@pytest.fixture
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """In the place of the real one."""
    folder = tmp_path / "stand-in"
    folder.mkdir()
    made = StandIn(folder)
    monkeypatch.setenv("KUBECTL", str(made.program))
    for name in ("TRUNKLINE_CONTEXT", "TRUNKLINE_KUBECONFIG"):
        monkeypatch.delenv(name, raising=False)
    return made
