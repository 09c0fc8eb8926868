"""The rights that the drivers of Lambda, IAM, Logs and DynamoDB declare are those that their calls need, no more."""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path

import botocore.session
import pytest

from trunkline.drivers.registry import DRIVERS

FOLDER = Path(inspect.getfile(importlib.import_module("trunkline.drivers"))).parent
# What AWS asks of a caller beyond the operation itself (Service Authorization Reference, dependent actions).
BEYOND = {
    "function": {
        "iam:PassRole",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "lambda:GetLayerVersion",
        "lambda:ListTags",
    },
    "table": {"kms:DescribeKey", "kms:CreateGrant"},
}
MODULES = {
    "role": ("iam", ["role"]),
    "log-group": ("logs", ["log_group"]),
    "function": ("lambda", [path.stem for path in FOLDER.glob("function*.py") if path.stem != "function_permission"]),
    "function-permission": ("lambda", ["function_permission"]),
    "table": ("dynamodb", [path.stem for path in FOLDER.glob("table*.py")]),
}


def called(service: str, modules: list[str]) -> set[str]:
    """The operations of a service that modules name in calls and steps: not in their declaration."""
    operations = set(botocore.session.get_session().get_service_model(service).operation_names)
    named: set[str] = set()
    for module in modules:
        tree = ast.parse((FOLDER / f"{module}.py").read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                node.body = [item for item in node.body if not isinstance(item, ast.Assign)]
        named |= {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
    return named & operations


@pytest.mark.parametrize("kind", MODULES)
def test_permissions_are_exactly_what_is_called(kind: str) -> None:
    service, modules = MODULES[kind]
    wanted = {f"{service}:{operation}" for operation in called(service, modules)} | BEYOND.get(kind, set())
    assert DRIVERS[kind].permissions == wanted


def test_kinds_are_removed_before_what_they_stand_on() -> None:
    order = list(DRIVERS)
    for above, below in (
        ("function", "role"),
        ("function", "log-group"),
        ("function-permission", "function"),
        ("lambda-association", "function-permission"),
        ("flow", "function"),
    ):
        assert order.index(above) > order.index(below), f"{above} has to go before {below}"
    assert order.index("instance") > order.index("table"), "flows that read the table go with the instance"
