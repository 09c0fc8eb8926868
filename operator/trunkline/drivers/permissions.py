"""The IAM policy that the operator needs, from what each driver declares: `docs/permissions.md`.

Calls nothing. Rights on roles are scoped to the path that execution roles are made below, and to Connect's own
service-linked role and those of Application Auto Scaling; all else names its resources only when it exists, so it is granted on all of them.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from trunkline.drivers.discovery import PERMISSIONS as DISCOVERY
from trunkline.drivers.registry import DRIVERS
from trunkline.drivers.role import PATH
from trunkline.drivers.scaling_limits import PERMISSIONS as LIMITS
from trunkline.drivers.scaling_reads import PERMISSIONS as SCALING

MANAGED_POLICY_CHARACTERS = 6144  # of a managed policy, white space not counted
_ROLES = f"arn:aws:iam::*:role{PATH}*"
_UNMADE = "arn:aws:iam::*:role/trunkline-*"  # of a role that does not exist IAM knows no path, so reads ask for this
_LINKED = "arn:aws:iam::*:role/aws-service-role/connect.amazonaws.com/*"
_SCALED = "arn:aws:iam::*:role/aws-service-role/*.application-autoscaling.amazonaws.com/*"
_LINKED_SERVICES = (
    "connect.amazonaws.com",
    "dynamodb.application-autoscaling.amazonaws.com",
    "elasticache.application-autoscaling.amazonaws.com",
    "lambda.application-autoscaling.amazonaws.com",
)
_PASS, _LINK = "iam:PassRole", "iam:CreateServiceLinkedRole"

_TEXT = """\
<!-- Generated from operator/trunkline/drivers by `make generate`; do not edit. -->

# Permissions

## In AWS

The policy of the role that the operator signs with: its pod's own, or the one that `spec.credentials.roleArn` names.
It fits into one managed policy. In another partition than `aws` (`aws-us-gov`, `aws-cn`) change the ARNs.

What it does not hold, because it depends on what you write:

- For `credentials.roleArn`, the pod's own role needs `sts:AssumeRole` on that role, and its trust policy has to name the
  pod's role (and `sts:ExternalId`, if there is one). The pod's role then needs nothing else.
- For a function with a `roleArn` of its own, `iam:PassRole` on that role.

Roles that Trunkline makes for functions are named `trunkline-<center>-<function>` and lie below `{path}`. Who may write
policies of roles and pass them can give a function any right: treat the operator's role as one that administers the
account, or give every function a `roleArn`, leave out the statement `Roles`, and narrow `PassRole` to those.

```json
{policy}
```

### By resource

What each driver asks for; a center without tables, for instance, needs none of `table`.

| resource | actions |
|---|---|
{rows}
| what a ScalingPolicy reads | {scaling} |
| every deletion of an object without a record | {discovery} |

## In Kubernetes

[`rbac.yaml`](rbac.yaml) is all that `trunkline run` needs, with a ServiceAccount `trunkline` in a namespace of that name.
"""


def policy() -> dict[str, Any]:
    """The policy document for all drivers."""
    plain: dict[str, set[str]] = {}
    roles: set[str] = set()
    linked: set[str] = set()
    for kind, driver in DRIVERS.items():
        for action in driver.permissions:
            if not action.startswith("iam:"):
                plain.setdefault(action.split(":", 1)[0], set()).add(action)
            elif kind == "role":
                roles.add(action)
            elif action not in (_PASS, _LINK):
                linked.add(action)
    for action in (*DISCOVERY, *SCALING, *LIMITS):
        plain.setdefault(action.split(":", 1)[0], set()).add(action)
    statements = [_statement(_sid(service), actions, "*") for service, actions in sorted(plain.items())]
    passing = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    linking = {"StringEquals": {"iam:AWSServiceName": list(_LINKED_SERVICES)}}
    return {
        "Version": "2012-10-17",
        "Statement": [
            *statements,
            _statement("Roles", roles, _ROLES),
            _statement("LookForRoles", {"iam:GetRole"}, _UNMADE),
            _statement("PassRole", {_PASS}, _ROLES, passing),
            _statement("LinkRole", {_LINK}, [_LINKED, _SCALED], linking),
            _statement("LinkedRole", linked, _LINKED),
        ],
    }


def generated() -> Mapping[str, str]:
    """Paths in the repository, and what they hold."""
    rows = [f"| `{kind}` | {_listed(driver.permissions)} |" for kind, driver in sorted(DRIVERS.items())]
    text = _TEXT.format(
        path=PATH,
        policy=json.dumps(policy(), indent=2),
        rows="\n".join(rows),
        discovery=_listed(DISCOVERY),
        scaling=_listed(SCALING | LIMITS),
    )
    return {"docs/permissions.md": text}


def _statement(
    sid: str, actions: Iterable[str], resource: str | list[str], condition: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    statement: dict[str, Any] = {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement


def _sid(service: str) -> str:
    """IAM takes letters and digits only."""
    return "".join(word.capitalize() for word in service.split("-"))


def _listed(actions: Iterable[str]) -> str:
    return ", ".join(f"`{action}`" for action in sorted(actions))
