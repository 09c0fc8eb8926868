"""ElastiCache where a group takes five minutes, a change one, and nodes settle half a minute later."""

from __future__ import annotations

import pytest

from tests.sandbox.aws.elasticache.caches import CREATION, DELETION, MEMBERS, MODIFICATION, SNAPSHOT, Caches
from tests.sandbox.aws.offline import Offline
from trunkline_sandbox.aws.switches import Switches


@pytest.fixture
def caches() -> Caches:
    return Caches(
        Offline(
            Switches(
                throttling=False,
                cache_creation_seconds=CREATION,
                cache_modification_seconds=MODIFICATION,
                cache_member_seconds=MEMBERS,
                cache_snapshot_seconds=SNAPSHOT,
                cache_deletion_seconds=DELETION,
            )
        )
    )
