"""What functions are taken to be, for the pass and for the commands alike: memory, architecture, and which ones calls ask."""

from __future__ import annotations

from typing import Any

import pytest

from trunkline.api.center import ContactCenter
from trunkline.api.parse import parse_center
from trunkline.capacity.cost.money import Range
from trunkline.capacity.workload import Workload
from trunkline.handlers.scaling_functions import lookups, priced, taken


def center(*functions: dict[str, Any]) -> ContactCenter:
    s3 = {"code": {"s3": {"bucket": "code", "key": "a.zip"}}, "runtime": "python3.13", "handler": "app.handler"}
    entries = [{**({} if "external" in one else s3), **one} for one in functions]
    instance = {"alias": "acme", "identityManagement": "CONNECT_MANAGED"}
    body = {"metadata": {"name": "acme", "namespace": "a"}, "spec": {"region": "us-east-1", "instance": instance}}
    body["spec"]["functions"] = entries  # type: ignore[index]
    parsed = parse_center(body)
    assert parsed.center is not None, parsed.problems
    return parsed.center


ARN = "arn:aws:lambda:us-east-1:123456789012:function:crm"


@pytest.mark.parametrize(
    ("of", "flag", "gigabytes", "arm64", "told"),
    [
        pytest.param(
            center({"name": "lookup", "memoryMiB": 512, "architecture": "x86_64"}),
            None,
            0.5,
            False,
            True,
            id="as-written",
        ),
        pytest.param(center({"name": "lookup", "memoryMiB": 512}), None, 0.5, True, True, id="we-make-arm64"),
        pytest.param(center({"name": "lookup"}), None, 0.125, True, False, id="AWS-gives-128-MiB"),
        pytest.param(center({"name": "lookup", "external": {"arn": ARN}}), None, 0.125, False, False, id="of-others"),
        pytest.param(center({"name": "other"}), None, 0.125, False, False, id="in-no-function-of-the-center"),
        pytest.param(None, None, 1.0, False, False, id="no-center-is-taken-for-the-dearer"),
        pytest.param(center({"name": "lookup"}), 256, 0.25, True, True, id="a-flag-goes-first"),
        pytest.param(None, 256, 0.25, False, False, id="a-flag-says-no-architecture"),
    ],
)
def test_what_nobody_wrote_is_taken_and_said(
    of: ContactCenter | None, flag: int | None, gigabytes: float, arm64: bool, told: bool
) -> None:
    found = priced("lookup", of, flag)
    assert (found.memory_gb, found.arm64) == (gigabytes, arm64)
    said = list(taken(["lookup"], of, flag))
    assert bool(said) is not told, said
    for one in said:
        assert f"{gigabytes * 1024:,.0f} MiB" in one


@pytest.mark.parametrize(
    ("moved", "of", "names", "skus"),
    [
        pytest.param(
            ["lookup", "lookup"],
            None,
            ("lookup",),
            {"Request", "Lambda-Provisioned-GB-Second"},
            id="a-lever-keeps-them",
        ),
        pytest.param(
            [],
            center({"name": "lookup"}, {"name": "crm", "external": {"arn": ARN}}),
            ("lookup", "crm"),
            {"Request", "Lambda-GB-Second-ARM", "Lambda-GB-Second"},
            id="no-lever-all-of-the-center",
        ),
        pytest.param([], None, ("functions",), {"Request", "Lambda-GB-Second"}, id="nothing-known"),
    ],
)
def test_every_lookup_has_a_price(
    moved: list[str], of: ContactCenter | None, names: tuple[str, ...], skus: set[str]
) -> None:
    asked = lookups(moved, of)
    assert asked.names == names
    found = list(asked.usages(Range.of(1000.0), Workload(lookups_per_call=4.0, lookup_seconds=0.5), of))
    assert {one.sku for one in found} == skus
    assert sum(one.amount.expected for one in found if one.sku == "Request") == pytest.approx(4000.0)
