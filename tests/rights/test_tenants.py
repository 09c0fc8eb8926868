"""Which namespace may use which role: the operator checks again what the admission policy said at apply."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.column.centers import connect_center
from tests.column.world import INSTALLATION, Object, World
from trunkline.aws.port import GatePort
from trunkline.aws.tenants import Tenants
from trunkline.handlers.center import ContactCenterHandler

ROLE = "arn:aws:iam::123456789012:role/sales"
OTHER = "arn:aws:iam::123456789012:role/support"
NAMESPACE = "contact-centers"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As the kubelet mounts a ConfigMap."""
    (tmp_path / "elsewhere").write_text(f"{ROLE}\n")
    return tmp_path


def world_of(folder: Path) -> World:
    world = World()
    port = GatePort(world.gate, INSTALLATION, Tenants(folder))
    world.handler = ContactCenterHandler(port, world.clock, installation=INSTALLATION, builtins=world.handler.builtins)
    return world


def center(role: str = "") -> Object:
    credentials: dict[str, Any] = {"credentials": {"roleArn": role}} if role else {}
    return connect_center(**credentials)


@pytest.mark.parametrize(
    ("listed", "role", "remedy"),
    [
        pytest.param(None, "", "`own`", id="the namespace is not listed: not even the pod's identity"),
        pytest.param(ROLE, "", "spec.credentials.roleArn", id="a role is listed, the pod's identity is not"),
        pytest.param("own", ROLE, ROLE, id="the pod's identity is listed, no role"),
        pytest.param(OTHER, ROLE, ROLE, id="another role"),
        pytest.param(f"{ROLE}-2\n", ROLE, ROLE, id="a longer name"),
    ],
)
def test_who_is_not_listed_is_told_what_to_do_and_nothing_is_called(
    folder: Path, listed: str | None, role: str, remedy: str
) -> None:
    if listed is not None:
        (folder / NAMESPACE).write_text(listed)
    world = world_of(folder)
    object_ = world.add(center(role))
    world.run(world.once(object_))
    ready = object_.condition("Ready")
    assert (ready["status"], ready["reason"]) == ("False", "RoleNotAllowed")
    assert remedy in ready["message"]
    assert "tenants" in ready["message"]
    assert world.calls() == []


def test_what_is_listed_later_goes_on_and_what_is_taken_away_stops_without_a_restart(folder: Path) -> None:
    world = world_of(folder)
    object_ = world.add(center())
    world.run(world.once(object_))
    assert world.calls() == []
    (folder / NAMESPACE).write_text(f"{OTHER}\nown\n")
    world.run(world.settle(object_))
    assert object_.ready
    (folder / NAMESPACE).unlink()
    number = world.cloud.calls.number
    object_.edit(tags={"team": "blue"})
    world.run(world.once(object_))
    assert world.calls(number) == []
    assert object_.condition("Ready")["reason"] == "RoleNotAllowed"


@pytest.mark.parametrize("name", ["../elsewhere", "..", ".", "a/b", ""])
def test_a_namespace_is_never_a_path(folder: Path, name: str) -> None:
    """None of these can be a namespace; if one came through, it must not read another's file."""
    from trunkline.engine.gate import Access  # noqa: PLC0415  # only here
    from trunkline.engine.outcome import CallRefusedError  # noqa: PLC0415

    inside = folder / "inside"
    inside.mkdir()
    with pytest.raises(CallRefusedError):
        Tenants(inside).check(Access("us-east-1", ROLE, "", f"{name}/acme"))
