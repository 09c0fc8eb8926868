"""Fixtures of the tests of rules and dashboards."""

from __future__ import annotations

import pytest
from tools.parts import PrometheusPrograms, obtain_prometheus

from tests.parts.plugin import part_or_skip


@pytest.fixture(scope="session")
def prometheus_programs() -> PrometheusPrograms:
    """prometheus and promtool."""
    return part_or_skip(obtain_prometheus)
