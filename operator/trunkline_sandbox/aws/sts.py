"""AWS STS: who am I, and assuming roles, with the trust policy and its conditions respected.

Source: AWS STS API reference (AssumeRole, AssumeRoleWithWebIdentity, GetCallerIdentity); IAM user guide, "Use an
external ID", "Pass session tags in AWS STS" (a role's trust policy has to allow sts:TagSession too). A caller in the role's own account that the trust policy names by its root still needs the permission.
"""

from __future__ import annotations

import json
from typing import Any

from trunkline_sandbox.aws import policies
from trunkline_sandbox.aws.credentials import Credential, Credentials
from trunkline_sandbox.aws.iam import find_role
from trunkline_sandbox.aws.service import CallContext, NotImplementedOperation, ServiceFault

DEFAULT_SECONDS = 3600
MOST_TAGS = 50


class StsService:
    """Sessions live in `Credentials`, which every call is checked against."""

    name = "sts"

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def call(self, context: CallContext, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation == "GetCallerIdentity":
            return {"UserId": self._user_id(context), "Account": context.account, "Arn": context.principal}
        if operation == "AssumeRole":
            return self._assume(context, params)
        if operation == "AssumeRoleWithWebIdentity":
            return self._assume_with_token(context, params)
        raise NotImplementedOperation(operation)

    def _user_id(self, context: CallContext) -> str:
        for credential in self._credentials.known():
            if credential.principal == context.principal:
                return credential.user_id
        return context.account

    def _assume(self, context: CallContext, params: dict[str, Any]) -> dict[str, Any]:
        caller = context.principal
        role_of_caller = _role_arn(caller)
        names = (caller, f"arn:aws:iam::{context.account}:root", context.account, *role_of_caller)
        conditions = {
            "aws:principalarn": role_of_caller or (caller,),
            "aws:principalaccount": (context.account,),
            "sts:rolesessionname": (params["RoleSessionName"],),
        }
        if "ExternalId" in params:
            conditions["sts:externalid"] = (params["ExternalId"],)
        tags = {tag["Key"]: tag["Value"] for tag in params.get("Tags", ())}
        if len(tags) > MOST_TAGS:
            raise ServiceFault("ValidationError", f"at most {MOST_TAGS} session tags", 400)
        conditions |= {f"aws:requesttag/{key.lower()}": (value,) for key, value in tags.items()}
        if tags:
            conditions["aws:tagkeys"] = tuple(tags)
        role = None
        for action in (*(("sts:TagSession",) if tags else ()), "sts:AssumeRole"):
            role = _trusting(params["RoleArn"], action, {"AWS": names}, conditions)
            if role is None:
                text = f"User: {caller} is not authorized to perform: {action} on resource: {params['RoleArn']}"
                raise ServiceFault("AccessDenied", text, 403)
        credential, expires = self._open(context, role, params)
        return {"Credentials": _shown(credential, expires), "AssumedRoleUser": _user(credential)}

    def _assume_with_token(self, context: CallContext, params: dict[str, Any]) -> dict[str, Any]:
        """Any token is taken for one of the provider that the trust policy names; its claims are not read."""
        account = params["RoleArn"].split(":")[4]
        role = find_role(account, params["RoleArn"].rpartition("/")[2])
        document = policies.load(role.assume_role_policy_document) if role is not None else {}
        wanted = [
            name
            for statement in policies.statements(document)
            if isinstance(statement.get("Principal"), dict)
            for name in _several(statement["Principal"].get("Federated", []))
        ]
        if role is None or not wanted or role.arn != params["RoleArn"]:
            text = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
            raise ServiceFault("AccessDenied", text, 403)
        credential, expires = self._open(context, role, params)
        return {
            "Credentials": _shown(credential, expires),
            "AssumedRoleUser": _user(credential),
            "Provider": wanted[0],
            "Audience": "sts.amazonaws.com",
            "SubjectFromWebIdentityToken": "system:serviceaccount:offline",
        }

    def _open(self, context: CallContext, role: Any, params: dict[str, Any]) -> tuple[Credential, float]:
        seconds = params.get("DurationSeconds", DEFAULT_SECONDS)
        longest = int(role.max_session_duration or DEFAULT_SECONDS)
        if seconds > longest:
            text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
            raise ServiceFault("ValidationError", text, 400)
        session_policies = (json.loads(params["Policy"]),) if "Policy" in params else ()
        expires = context.clock.now() + seconds
        credential = self._credentials.open_session(
            role.account_id,
            role.name,
            params["RoleSessionName"],
            role_id=role.id,
            expires=expires,
            policies=session_policies,
        )
        return credential, expires

    def reset(self) -> None:
        """Sessions go with the credentials."""

    def inspect(self) -> dict[str, Any]:
        return {}

    def tagged(self, account: str, region: str) -> list[tuple[str, dict[str, str]]]:
        del account, region
        return []


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _role_arn(principal: str) -> tuple[str, ...]:
    """The role behind a session's ARN: trust policies name the role."""
    kind, _, rest = principal.rpartition(":")[2].partition("/")
    if kind != "assumed-role":
        return ()
    account, name = principal.split(":")[4], rest.partition("/")[0]
    role = find_role(account, name)
    return (role.arn,) if role is not None else ()


def _trusting(
    role_arn: str,
    action: str,
    principals: dict[str, tuple[str, ...]],
    conditions: dict[str, tuple[str, ...]],
) -> Any | None:
    """The role, if it is there and trusts the caller."""
    parts = role_arn.split(":")
    role = find_role(parts[4], role_arn.rpartition("/")[2]) if len(parts) > 5 else None
    if role is None or role.arn != role_arn:
        return None
    document = policies.load(role.assume_role_policy_document)
    return role if policies.trusts(document, action, principals, conditions) else None


def _shown(credential: Credential, expires: float) -> dict[str, Any]:
    return {
        "AccessKeyId": credential.access_key,
        "SecretAccessKey": credential.secret_key,
        "SessionToken": credential.token,
        "Expiration": expires,
    }


def _user(credential: Credential) -> dict[str, str]:
    return {"AssumedRoleId": credential.user_id, "Arn": credential.principal}
