"""The rights of `docs/rbac.yaml` are what the main job asks of the API server: none is missing, none is unused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.world import Account
from tests.rights.audited import Job, Right, asked, audited, documents, granted, granting, without
from trunkline_sandbox.cluster import ControlPlane, Supervised

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def plane() -> Iterator[tuple[ControlPlane, Path]]:
    """A control plane that writes down what it is asked."""
    with audited() as found:
        yield found


@pytest.mark.sweep  # its fast sibling: tests/e2e/test_access.py, in one namespace
def test_the_main_job_uses_every_right_that_it_is_given_and_asks_for_no_other(
    plane: tuple[ControlPlane, Path], aws: Account
) -> None:
    """In the whole cluster, under RBAC, by the API server's own audit log. In one namespace: `tests/e2e/test_access.py`."""
    cluster, log = plane
    since = log.stat().st_size
    granting(cluster, documents())
    with Supervised("trunkline-rights-") as processes:
        Job(cluster, aws, processes).run()
    seen = asked(log, since)
    assert seen.refused == frozenset(), "missing"
    assert granted(documents()) - seen.allowed == frozenset(), "unused"
    assert seen.allowed - granted(documents()) == frozenset(), "what everybody may"


@pytest.mark.sweep  # what the one above says of all at once
@pytest.mark.timeout(400)
@pytest.mark.parametrize("right", sorted(granted(documents())), ids="-".join)
def test_no_right_can_be_taken_away(plane: tuple[ControlPlane, Path], aws: Account, right: Right) -> None:
    """Without it the operator is refused on its way through the main job."""
    cluster, log = plane
    since = log.stat().st_size
    granting(cluster, without(documents(), right))
    with Supervised("trunkline-rights-") as processes:
        job = Job(cluster, aws, processes)
        try:
            job.until_refused(lambda: right in asked(log, since).refused)
        finally:
            job.clear()
