"""Of many objects the doctor asks about some: every role, account, Region and setting before a second of any."""

from __future__ import annotations

from typing import Any

import pytest

from trunkline.api.manifest import Document
from trunkline.doctor.sample import identities, sample
from trunkline.doctor.used import accounts

MOST = 6
KEY = "arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012"
STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/calls"
KIND = {"apiVersion": "trunkline.dev/v1alpha1", "kind": "ContactCenter"}


def center(number: int, **spec: Any) -> Document:
    whole = {"region": "us-east-1", "instance": {"alias": f"c{number}"}, **spec}
    return Document({**KIND, "metadata": {"name": f"c{number}", "namespace": f"n{number}"}, "spec": whole}, "", 0)


def role(name: str) -> dict[str, Any]:
    return {"credentials": {"roleArn": f"arn:aws:iam::123456789012:role/{name}"}}


def recordings(**target: Any) -> dict[str, Any]:
    return {"instance": {"alias": "c", "storage": [{"type": "CALL_RECORDINGS", **target}]}}


def names(documents: tuple[Document, ...]) -> list[str]:
    return [document.name for document in documents]


def test_few_objects_are_all_asked_about() -> None:
    found = sample([center(number) for number in range(MOST)], MOST)
    assert len(found.documents) == MOST
    assert found.told() == ""


@pytest.mark.parametrize(
    "late",
    [
        pytest.param({"tables": [{"name": "customers"}]}, id="section"),
        pytest.param({"instance": {"id": "i-1"}}, id="an-instance-that-exists"),
        pytest.param(recordings(s3={"bucket": "b", "prefix": "p", "kmsKeyArn": KEY}), id="a-key-of-theirs"),
        pytest.param(recordings(kinesisStream={"arn": STREAM}), id="another-target-of-the-same"),
        pytest.param({"management": {"queues": "Exclusive"}}, id="what-is-not-listed-goes"),
        pytest.param(role("tenant"), id="role"),
        pytest.param({"accountId": "210987654321"}, id="account"),
        pytest.param({"region": "eu-west-2"}, id="region"),
    ],
)
def test_the_one_that_differs_is_asked_about_wherever_it_stands(late: dict[str, Any]) -> None:
    usual = recordings(s3={"bucket": "b", "prefix": "p"})
    found = sample([*(center(number, **usual) for number in range(20)), center(20, **late)], MOST)
    assert names(found.documents) == ["c0", "c1", "c2", "c3", "c4", "c20"], "the rest are the first ones"
    assert found.told() == (
        "permissions of 15 objects beyond 6; each role, account, Region and setting of theirs is among the 6"
    )


def test_a_few_that_have_much_stand_for_many_that_have_little() -> None:
    sections = ("queues", "tables", "functions", "flows", "hoursOfOperation", "routingProfiles", "flowModules")
    little = [center(number, **{section: [{}]}) for number, section in enumerate(sections)]
    much = center(99, **{section: [{}] for section in sections})
    found = sample([*little, much], MOST)
    assert "c99" in names(found.documents)
    assert found.covers


def test_it_is_said_where_not_all_can_be_covered() -> None:
    found = sample([center(number, **role(f"tenant-{number}")) for number in range(MOST + 1)], MOST)
    assert found.told() == (
        "permissions of 1 object beyond 6, with roles, accounts, Regions or settings that these have not"
    )


def test_every_role_is_tried_before_a_second_namespace_of_one() -> None:
    own = [center(number) for number in range(20)]
    found = identities(accounts([*own, center(20, **role("tenant"))]), 3)
    assert [account.objects[0] for account in found] == [
        "ContactCenter/n0/c0",
        "ContactCenter/n20/c20",
        "ContactCenter/n1/c1",
    ]
