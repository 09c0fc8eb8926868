"""The programs that judge our GitOps files, and the lives that Argo CD and Flux are asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from tools.parts.errors import MissingPartError
from tools.parts.gitops import obtain_actionlint, obtain_judge, obtain_kustomize, obtain_zizmor

from tests.gitops.judge import Judge
from tests.parts.plugin import part_or_skip

_OBTAIN: Mapping[str, Callable[[], Path]] = {
    "judge": obtain_judge,
    "kustomize": obtain_kustomize,
    "actionlint": obtain_actionlint,
    "zizmor": obtain_zizmor,
}
"""By fixture."""


def pytest_collection_finish(session: pytest.Session) -> None:
    """Obtained before the first test: the first time takes a minute of Go, which would be over a test's time limit."""
    if session.config.option.collectonly:
        return
    wanted = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    for name in sorted(wanted & _OBTAIN.keys()):
        try:
            _OBTAIN[name]()
        except MissingPartError:
            continue  # the tests that need it say so


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    """Argo CD's Lua and kstatus."""
    judge = Judge(part_or_skip(obtain_judge))
    yield judge
    judge.close()


@pytest.fixture(scope="session")
def kustomize() -> Path:
    return part_or_skip(obtain_kustomize)


@pytest.fixture(scope="session")
def actionlint() -> Path:
    return part_or_skip(obtain_actionlint)


@pytest.fixture(scope="session")
def zizmor() -> Path:
    return part_or_skip(obtain_zizmor)
