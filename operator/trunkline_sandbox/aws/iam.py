"""IAM, over moto's: what moto is too lenient about, and what other services ask of roles.

A role is unknown to reads for `role_visible_seconds` and cannot be assumed for `role_assumable_seconds` after its
creation (IAM user guide, "Changes that I make are not always immediately visible"); all inline policies of a role
together hold 10,240 characters (IAM user guide, "IAM and AWS STS quotas", whitespace not counted).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any, Protocol

from trunkline_sandbox.aws import policies
from trunkline_sandbox.aws.service import CallContext, ServiceFault

INLINE_POLICY_CHARACTERS = 10_240
TRUST_POLICY_CHARACTERS = 2_048
_CREATES = "CreateRole"


class Simulate(Protocol):
    """What answers SimulatePrincipalPolicy."""

    def __call__(self, context: CallContext, *, params: Mapping[str, Any]) -> dict[str, Any]: ...


def find_role(account: str, name: str) -> Any | None:
    """moto's role by its name, or None."""
    from moto.iam.models import iam_backends  # noqa: PLC0415 - slow to import and not always needed

    for role in iam_backends[account]["aws"].roles.values():
        if role.name == name:
            return role
    return None


def find_user(account: str, name: str) -> Any | None:
    """moto's user by its name, or None."""
    from moto.iam.models import iam_backends  # noqa: PLC0415

    return iam_backends[account]["aws"].users.get(name)


def identity_policies(identity: Any) -> list[policies.Document]:
    """Inline and attached policies of moto's role or user."""
    inline = identity.policies.values() if isinstance(identity.policies, dict) else identity.policies
    texts = [item["policy_document"] if isinstance(item, dict) else item for item in inline]
    attached = identity.managed_policies.values()
    return [policies.load(text) for text in texts] + [_managed_document(policy) for policy in attached]


def role_tags(role: Any) -> dict[str, str]:
    """The tags of moto's role, which keeps them as a list when it is made and by key when it is tagged."""
    tags = role.tags.values() if isinstance(role.tags, dict) else role.tags
    return {tag["Key"]: tag["Value"] for tag in tags or ()}


def boundary_arn(identity: Any) -> str:
    """The ARN of a role's or user's permissions boundary, empty without one."""
    return getattr(identity, "permissions_boundary_arn", None) or ""


def boundary(account: str, identity: Any) -> policies.Document | None:
    """The permissions boundary of a role or user, or None."""
    from moto.iam.models import iam_backends  # noqa: PLC0415

    arn = boundary_arn(identity)
    policy = iam_backends[account]["aws"].managed_policies.get(arn) if arn else None
    return _managed_document(policy) if policy is not None else None


def _managed_document(policy: Any) -> policies.Document:
    found = next(version for version in policy.versions if version.version_id == policy.default_version_id)
    return policies.load(found.document)


@functools.cache
def _aws_managed() -> dict[str, tuple[str, dict[str, Any]]]:
    """AWS's own managed policies by ARN, as moto ships them: name and data."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data  # noqa: PLC0415 - large, seldom needed

    found = json.loads(aws_managed_policies_data)
    return {f"arn:aws:iam::aws:policy{data['Path']}{name}": (name, data) for name, data in found.items()}


def _know_managed(account: str, arn: str) -> None:
    """Let moto know one of AWS's managed policies: loading all 1,500 for each account would take a second."""
    from moto.iam.models import AWSManagedPolicy, iam_backends  # noqa: PLC0415

    backend = iam_backends[account]["aws"]
    if arn not in backend.managed_policies and arn in _aws_managed():
        name, data = _aws_managed()[arn]
        backend.managed_policies[arn] = AWSManagedPolicy.from_data(name, account, "aws", data)


class IamOverlay:
    """Checks around moto's IAM."""

    name = "iam"

    def __init__(self, simulate: Simulate | None = None) -> None:
        self._created: dict[tuple[str, str], float] = {}
        self._simulate = simulate

    def answer(self, context: CallContext, operation: str, params: dict[str, Any]) -> dict[str, Any] | None:
        """The policy simulator, which moto does not have."""
        if operation != "SimulatePrincipalPolicy" or self._simulate is None:
            return None
        return self._simulate(context, params=params)

    def before(self, context: CallContext, operation: str, params: dict[str, Any]) -> None:
        if str(params.get("PolicyArn", "")).startswith("arn:aws:iam::aws:policy/"):
            _know_managed(context.account, params["PolicyArn"])
        role_name = params.get("RoleName")
        if role_name is None:
            return
        if operation == _CREATES:
            _limit(params["AssumeRolePolicyDocument"], TRUST_POLICY_CHARACTERS, "ACLSizePerRole", role_name)
            return
        age = self._age(context, role_name)
        if age is not None and age < context.switches.role_visible_seconds:
            raise ServiceFault("NoSuchEntity", f"The role with name {role_name} cannot be found.", 404)
        role = find_role(context.account, role_name)
        if operation == "PutRolePolicy" and role is not None:
            others = "".join(text for name, text in role.policies.items() if name != params["PolicyName"])
            total = others + params["PolicyDocument"]
            if len("".join(total.split())) > INLINE_POLICY_CHARACTERS:
                text = f"Maximum policy size of {INLINE_POLICY_CHARACTERS} bytes exceeded for role {role_name}"
                raise ServiceFault("LimitExceeded", text, 409)

    def after(self, context: CallContext, operation: str, params: dict[str, Any], status: int) -> None:
        if operation == _CREATES and status < 300:
            self._created[(context.account, params["RoleName"])] = context.clock.now()

    def reset(self) -> None:
        self._created.clear()

    def _age(self, context: CallContext, role_name: str) -> float | None:
        created = self._created.get((context.account, role_name))
        return None if created is None else context.clock.now() - created

    def assumable_by_service(self, context: CallContext, role_arn: str, service: str) -> bool:
        """Whether a service, such as "lambda.amazonaws.com", may assume a role now."""
        account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
        role = find_role(account, name)
        if role is None or role.arn != role_arn:
            return False
        created = self._created.get((account, name))
        if created is not None and context.clock.now() - created < context.switches.role_assumable_seconds:
            return False
        document = policies.load(role.assume_role_policy_document)
        return policies.trusts(document, "sts:AssumeRole", {"Service": (service,)}, {})

    @staticmethod
    def allows(role_arn: str, action: str) -> bool:
        """Whether a role's policies allow an action on everything or on something: what services check in advance."""
        role = find_role(role_arn.split(":")[4], role_arn.rpartition("/")[2])
        return role is not None and policies.may_ever(identity_policies(role), action)


def _limit(text: str, characters: int, quota: str, role_name: str) -> None:
    if len("".join(text.split())) > characters:
        raise ServiceFault("LimitExceeded", f"Cannot exceed quota for {quota}: {characters} ({role_name})", 409)
