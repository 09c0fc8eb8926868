"""`trunkline iam-policy`: what it prints fits into AWS's limits, is scoped, and is enough for the main job."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.column.world import World, quick
from tests.rights.limited import ACCOUNT, BOUNDARY, FLAGS, demo, denied, granted, limit, of_objects, policies, printed
from trunkline.rights.authorization import authorization
from trunkline.rights.declared import declared
from trunkline.rights.policies import CHARACTERS, size
from trunkline.rights.uses import SECTIONS

Value = dict[str, Any]
ALL = ("--sections", "all", *FLAGS)


def statements(documents: list[Value]) -> list[Value]:
    return [statement for document in documents for statement in document["Statement"]]


def test_awss_data_knows_every_action_that_drivers_declare() -> None:
    known = authorization()
    missing = declared() - known.actions.keys() - known.unknown
    assert not missing, f"run python -m tools.authorization and commit what it wrote: {sorted(missing)}"


@pytest.mark.parametrize("section", [*SECTIONS, "all"])
def test_every_policy_fits_and_every_statement_is_scoped_as_far_as_aws_allows(section: str) -> None:
    found = policies(printed("--sections", section, *FLAGS, "--region", "us-east-1"))
    assert 0 < len(found) <= 10, "a role takes ten managed policies"
    assert [size(document) for document in found if size(document) > CHARACTERS] == []
    sids = [statement["Sid"] for statement in statements(found)]
    assert len(sids) == len(set(sids))
    assert all(sid.isalnum() for sid in sids), "IAM takes letters and digits only"
    for statement in statements(found):
        if statement["Resource"] == "*":
            scopable = [
                name
                for name in statement["Action"]
                if name in authorization().actions and authorization().action(name).types
            ]
            assert scopable == []


def test_what_is_made_and_deleted_is_bound_to_the_owner_tag_and_roles_to_path_and_boundary() -> None:
    found = statements(policies(printed("--namespace", "sales", *ALL)))
    by_action = {action: statement for statement in found for action in statement["Action"]}
    owner = "test/sales/*"
    assert by_action["connect:CreateQueue"]["Condition"] == {
        "StringLike": {"aws:RequestTag/trunkline.dev/owner": owner}
    }
    assert by_action["connect:DeleteQueue"]["Condition"] == {
        "StringLike": {"aws:ResourceTag/trunkline.dev/owner": owner}
    }
    limits = {"iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/{BOUNDARY}"}
    for action in ("iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PutRolePermissionsBoundary"):
        assert by_action[action]["Condition"]["StringEquals"] == limits, action
    mine = [statement for statement in found if "iam:CreateRole" in statement["Action"]]
    assert [statement["Resource"] for statement in mine] == [f"arn:aws:iam::{ACCOUNT}:role/trunkline/trunkline-*"]
    assert "iam:DeleteRolePermissionsBoundary" not in by_action


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("--sections", "functions"), "--permissions-boundary", id="roles without a boundary"),
        pytest.param(("--sections", "quues"), "there is no 'quues'", id="no such section"),
        pytest.param(("--sections", "queues", "--trust", "irsa"), "--oidc-provider", id="irsa without an issuer"),
        pytest.param(("--sections", "queues", "--service-account", "x"), "namespace/name", id="service account"),
        pytest.param(("-f", "missing.yaml"), "iam-policy: missing.yaml: No such file or directory", id="no file"),
        pytest.param(("--sections", "queues", "--account", "1234-5678-9012"), "write its 12 digits", id="account"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_write(
    arguments: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(AssertionError):
        printed(*arguments)
    assert says in capsys.readouterr().err


def test_a_role_per_namespace_is_trusted_for_that_namespace_only(tmp_path: Path) -> None:
    center, _, _ = demo()
    role = "arn:aws:iam::210987654321:role/contact-centers"
    center.spec["credentials"] = {"roleArn": role}
    pod = f"arn:aws:iam::{ACCOUNT}:role/trunkline"
    found = of_objects(tmp_path, center, flags=(*FLAGS, "--pod-role", pod))
    (trust,) = found["contact-centers-trust"]["Statement"]
    assert trust["Principal"] == {"AWS": pod}
    assert trust["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert trust["Condition"]["StringEquals"] == {
        "aws:RequestTag/trunkline.dev/installation": "test",
        "aws:RequestTag/trunkline.dev/namespace": "contact-centers",
        "sts:ExternalId": "test/contact-centers",
    }
    own = statements(policies(found))
    assert {action for statement in own for action in statement["Action"]} == {"sts:AssumeRole", "sts:TagSession"}
    assert {statement["Resource"] for statement in own} == {role}
    assert "connect:CreateQueue" in granted(policies(found, "contact-centers"))


def test_the_pods_own_trust_names_its_service_account() -> None:
    (identity,) = printed("--sections", "queues")["pod-trust"]["Statement"]
    assert identity["Action"] == ["sts:AssumeRole", "sts:TagSession"], "EKS Pod Identity tags its sessions"
    assert identity["Condition"]["StringEquals"]["aws:RequestTag/kubernetes-service-account"] == "trunkline"
    issuer = "oidc.eks.us-east-1.amazonaws.com/id/ABC"
    flags = ("--trust", "irsa", "--oidc-provider", f"https://{issuer}", "--account", ACCOUNT)
    (irsa,) = printed("--sections", "queues", *flags)["pod-trust"]["Statement"]
    assert irsa["Condition"]["StringEquals"] == {
        f"{issuer}:aud": "sts.amazonaws.com",
        f"{issuer}:sub": "system:serviceaccount:trunkline:trunkline",
    }


def test_files_are_written_one_per_document(tmp_path: Path) -> None:
    from trunkline.cli import main  # noqa: PLC0415  # the whole command line

    target = tmp_path / "policies"
    assert main(["iam-policy", "--sections", "queues,flows", "--directory", str(target)]) == 0
    assert {file.name for file in target.iterdir()} == {"pod-1.json", "pod-trust.json"}
    assert json.loads((target / "pod-1.json").read_text())["Version"] == "2012-10-17"


def test_the_main_job_needs_nothing_that_was_not_printed(tmp_path: Path) -> None:
    """Center, cache and policy of the examples are made and removed by who may do what was printed for them, no more."""
    world = World(quick(enforce_permissions=True, cache_vpc_must_exist=False))
    center, cache, scaling = demo()
    limit(world, of_objects(tmp_path, center, cache, scaling))
    world.add(center)
    world.add(scaling)
    for object_ in (cache, center, cache, scaling):
        world.run(world.settle(object_))
    assert denied(world) == set()
    assert [object_.name for object_ in (center, cache, scaling) if not object_.ready] == []
    for object_ in (scaling, center, cache):
        object_.deleting = True
        world.run(world.settle(object_))
    assert denied(world) == set()
    assert [object_.kind for object_ in (scaling, center, cache) if not object_.gone] == []
    roles = world.client("iam").list_roles(PathPrefix="/trunkline/")["Roles"]
    assert roles == []
