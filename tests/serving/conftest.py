"""One authority for all servers of this folder, a mounted certificate of it, and Helm."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chart.conftest import helm
from tests.serving.worlds import Mounted
from trunkline_sandbox.cluster.certificates import Authority

__all__ = ["authority", "helm", "mounted"]


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority.create()


@pytest.fixture
def mounted(tmp_path: Path, authority: Authority) -> Mounted:
    """With a first certificate in it."""
    found = Mounted(tmp_path / "tls", authority)
    found.renew()
    return found
