"""Fixtures of the documentation's tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.parts import obtain_zensical

from tests.parts.plugin import part_or_skip


@pytest.fixture(scope="session")
def zensical() -> Path:
    """A folder to import Zensical from."""
    return part_or_skip(obtain_zensical)
