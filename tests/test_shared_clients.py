"""What all clients of the offline AWS share in tests, and what they must not share."""

from __future__ import annotations

from trunkline_sandbox.aws.cloud import OfflineAws
from trunkline_sandbox.aws.transport import connected_session


def test_clients_of_two_sessions_share_their_model_and_nothing_else() -> None:
    one, two = (connected_session(OfflineAws()).create_client("connect") for _ in range(2))
    assert one.meta.service_model is two.meta.service_model, "a version of botocore that no longer asks as it did"
    assert type(one) is type(two)
    one.meta.events.register("before-call", lambda **_: (_ for _ in ()).throw(ValueError("one's own")))
    assert two.list_instances()["InstanceSummaryList"] == []
