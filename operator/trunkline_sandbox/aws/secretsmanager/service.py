"""Secrets Manager as one service: operations by name, state across accounts and Regions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from trunkline_sandbox.aws.secretsmanager import lists, secrets, tags
from trunkline_sandbox.aws.secretsmanager.state import Call, Store
from trunkline_sandbox.aws.service import CallContext, Clock, NotImplementedOperation

_OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    **lists.OPERATIONS,
    **secrets.OPERATIONS,
    **tags.OPERATIONS,
}


class SecretsManagerService:
    """AWS Secrets Manager. Values are never inspected."""

    name = "secretsmanager"

    def __init__(self) -> None:
        self._store = Store()
        self._clock: Clock | None = None

    def call(self, context: CallContext, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation not in _OPERATIONS:
            raise NotImplementedOperation
        self._clock = context.clock
        self._store.settle(context.clock.now())
        return _OPERATIONS[operation](Call(self._store, context), params)

    def _settle(self) -> None:
        if self._clock is not None:
            self._store.settle(self._clock.now())

    def reset(self) -> None:
        self._store = Store()

    def inspect(self) -> dict[str, Any]:
        self._settle()
        return {
            "secrets": {
                secret.arn: {
                    "versions": {item.id: sorted(item.stages) for item in secret.now.versions.values()},
                    "scheduledForDeletion": secret.now.deleted_at is not None,
                    "tags": dict(secret.now.tags),
                }
                for secret in self._store.all()
            }
        }

    def judged(self, account: str, region: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """With the whole ARN of the secret: policies name that, and callers mostly its name."""
        self._settle()
        given = params.get("SecretId")
        found = self._store.find(account, region, given) if given is not None else None
        return dict(params) | ({"SecretId": found.arn} if found is not None else {})

    def tagged(self, account: str, region: str) -> list[tuple[str, dict[str, str]]]:
        self._settle()
        return [
            (secret.arn, dict(secret.now.tags))
            for secret in self._store.of(account, region)
            if secret.now.tags and secret.now.deleted_at is None
        ]
