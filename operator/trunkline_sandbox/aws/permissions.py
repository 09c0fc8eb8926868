"""Whether the calling principal's policies allow a call. Off unless `Switches.enforce_permissions`.

Identity policies of a role or user made in IAM here, its permissions boundary, session policies, or policies registered
with the access key, each asked for everything that the call needs (`needs.py`). Resource-based policies are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from trunkline_sandbox.aws import policies
from trunkline_sandbox.aws.arns import resource_of
from trunkline_sandbox.aws.credentials import Credential
from trunkline_sandbox.aws.iam import boundary, find_role, find_user, identity_policies
from trunkline_sandbox.aws.needs import Asked, Need, action_of, needs

__all__ = ["Asked", "action_of", "refusal", "resource_of"]

Tags = Callable[[str], Mapping[str, str]]
"""The tags of what an ARN names; empty if it has none."""
_TAG_KEY = "aws:resourcetag/"


class _WithTags(Mapping[str, tuple[str, ...]]):
    """A need's condition keys, with the tags of its resource: looked up only if a policy asks for one."""

    def __init__(self, need: Need, tags: Tags) -> None:
        self._given = need.conditions
        self._arn = need.resource
        self._tags = tags
        self._found: Mapping[str, tuple[str, ...]] | None = None

    def __getitem__(self, key: str) -> tuple[str, ...]:
        if not key.startswith(_TAG_KEY):
            return self._given[key]
        if self._found is None:
            self._found = {f"{_TAG_KEY}{name.lower()}": (value,) for name, value in self._tags(self._arn).items()}
        return self._found[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)


def refusal(
    credential: Credential, asked: Asked, tags: Tags, note: Callable[[str, str], None] = lambda _action, _resource: None
) -> str | None:
    """Why the principal may not do this; None if it may. note: told of each action and resource that is judged."""
    if credential.policies is None or action_of(asked.service, asked.operation) == "sts:GetCallerIdentity":
        return None
    layers = _layers(credential)
    for need in needs(asked):
        note(need.action, need.resource)
        refused = _refused(credential, layers, need, tags)
        if refused is not None and not need.soft:
            return refused
    return None


def _refused(
    credential: Credential, layers: list[tuple[str, list[policies.Document]]], need: Need, tags: Tags
) -> str | None:
    told = f"User: {credential.principal} is not authorized to perform: {need.action} on resource: {need.resource}"
    conditions = _WithTags(need, tags)
    for name, documents in layers:
        verdict = policies.evaluate(documents, need.action, need.resource, conditions)
        if verdict == "deny":
            return f"{told} with an explicit deny in {name}"
        if verdict == "none":
            return f"{told} because no {name} allows the {need.action} action"
    return None


def _layers(credential: Credential) -> list[tuple[str, list[policies.Document]]]:
    """What must each allow: identity policies, the boundary, the session's policies."""
    layers: list[tuple[str, list[policies.Document]]] = []
    identity = _identity(credential)
    own = list(credential.policies or ())
    if identity is None:
        # A session outlives its role, and then may do nothing.
        layers.append(("identity-based policy", [] if credential.role is not None else own))
        return layers
    layers.append(("identity-based policy", identity_policies(identity)))
    limit = boundary(credential.account, identity)
    if limit is not None:
        layers.append(("permissions boundary", [limit]))
    if own:
        layers.append(("session policy", own))
    return layers


def _identity(credential: Credential) -> Any | None:
    if credential.role is not None:
        return find_role(credential.account, credential.role)
    return None if credential.policies else find_user(credential.account, credential.principal.rpartition("/")[2])
