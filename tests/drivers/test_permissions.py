"""The IAM policy that `docs/permissions.md` prints: complete, small enough for AWS, and narrow where it is dangerous."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest

from trunkline.drivers.permissions import MANAGED_POLICY_CHARACTERS, policy
from trunkline.drivers.registry import DRIVERS

STATEMENTS: list[dict[str, Any]] = policy()["Statement"]
ROLE = "arn:aws:iam::123456789012:role/trunkline/trunkline-acme-lookup"
ADMIN = "arn:aws:iam::123456789012:role/Admin"


def _allows(action: str, resource: str) -> bool:
    return any(
        action in statement["Action"] and fnmatchcase(resource, statement["Resource"]) for statement in STATEMENTS
    )


@pytest.mark.parametrize("kind", sorted(DRIVERS))
def test_it_allows_all_that_a_driver_declares(kind: str) -> None:
    granted = {action for statement in STATEMENTS for action in statement["Action"]}
    assert granted >= DRIVERS[kind].permissions


def test_it_fits_into_one_managed_policy() -> None:
    size = len(json.dumps(policy(), separators=(",", ":")))
    assert size <= MANAGED_POLICY_CHARACTERS, f"{size} characters: split it, or shorten its statements"


def test_roles_of_others_are_out_of_reach() -> None:
    for action in sorted(DRIVERS["role"].permissions | {"iam:PassRole"}):
        assert _allows(action, ROLE), action
        assert not _allows(action, ADMIN), action


def test_a_role_that_is_yet_to_be_made_can_be_looked_for() -> None:
    """IAM knows no path of a role that does not exist, and asks for the right to read it at the root."""
    assert _allows("iam:GetRole", "arn:aws:iam::123456789012:role/trunkline-acme-lookup")
    assert not _allows("iam:PutRolePolicy", "arn:aws:iam::123456789012:role/trunkline-acme-lookup")


def test_statement_ids_are_such_as_iam_takes() -> None:
    ids = [statement["Sid"] for statement in STATEMENTS]
    assert len(set(ids)) == len(ids)
    assert all(sid.isalnum() for sid in ids), ids
