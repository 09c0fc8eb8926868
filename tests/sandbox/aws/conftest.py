"""An offline AWS in this process for each test, on a clock that the test moves, and clients wired to it."""

from __future__ import annotations

import pytest

from tests.sandbox.aws.offline import Offline
from trunkline_sandbox.aws.switches import Switches


@pytest.fixture
def aws() -> Offline:
    """No token buckets: tests of the buckets turn them on."""
    return Offline(Switches(throttling=False, table_seconds=2, index_seconds=5, function_seconds=2))
