"""Lambda as one service: operations by name, state across accounts and Regions.

What a function answers is told by `cloud.extra("lambda", name, ...)`, over HTTP by `PUT /_trunkline/extras/lambda/<name>`:

    answer       {"function", "payload", "error": "", "qualifier": ""}   this JSON; with error, "Unhandled", an error object
    run          {"function", "run", "qualifier": ""}      a callable of an `answers.Invocation`; in this process only
    invocations  {"function": ""}                          what was invoked: function, version, qualified ARN, event
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from trunkline_sandbox.aws.iam import IamOverlay
from trunkline_sandbox.aws.lambda_ import concurrency, functions, invocation, invoke, policy, versions
from trunkline_sandbox.aws.lambda_.answers import Answer, Run
from trunkline_sandbox.aws.lambda_.names import FunctionName
from trunkline_sandbox.aws.lambda_.policy import allow
from trunkline_sandbox.aws.lambda_.state import UNQUALIFIED, Call, Function, Store
from trunkline_sandbox.aws.service import CallContext, NotImplementedOperation, ServiceFault

_OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    **functions.OPERATIONS,
    **versions.OPERATIONS,
    **policy.OPERATIONS,
    **concurrency.OPERATIONS,
    **invocation.OPERATIONS,
    **invoke.OPERATIONS,
}


class LambdaService:
    """AWS Lambda. `roles` answers whether a role exists and may be assumed."""

    name = "lambda"

    def __init__(self, roles: IamOverlay) -> None:
        self._roles = roles
        self._store = Store()
        self.extras: Mapping[str, Callable[..., Any]] = {
            "answer": self.answer,
            "run": self.run,
            "invocations": self.invocations,
        }

    def answer(self, function: str, payload: Any, *, error: str = "", qualifier: str = "") -> None:
        """Let a function, or one alias or version of it, answer this from now on."""
        if error not in ("", "Handled", "Unhandled"):
            raise ValueError(f"error: expected Handled or Unhandled, found {error!r}")
        self._store.answers.set(function, lambda _: Answer(payload, error), qualifier)

    def run(self, function: str, run: Run, *, qualifier: str = "") -> None:
        """Let a callable answer, which gets an Invocation; what it raises is an Unhandled error. It may call AWS."""
        if not callable(run):
            raise ValueError("run: expected a callable, in the process of the offline AWS")  # noqa: TRY004 - a bad request
        self._store.answers.set(function, run, qualifier)

    def invocations(self, function: str = "") -> list[dict[str, Any]]:
        """What was invoked, in order."""
        found = self._store.answers.invocations
        return [asdict(item) for item in found if function in ("", item.function)]

    def call(self, context: CallContext, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation not in _OPERATIONS:
            raise NotImplementedOperation
        return _OPERATIONS[operation](Call(self._store, context, operation, self._roles), params)

    def reset(self) -> None:
        self._store.reset()

    def inspect(self) -> dict[str, Any]:
        return {"functions": {function.arn: _inspected(function) for function in self._store.all()}}

    def tagged(self, account: str, region: str) -> list[tuple[str, dict[str, str]]]:
        return [(function.arn, dict(function.tags)) for function in self._store.of(account, region) if function.tags]

    def provisioned(self, context: CallContext, function: str, qualifier: str) -> tuple[int, int] | None:
        """Provisioned concurrency, requested and allocated, of an alias or version; None if there is no such thing."""
        found = self._store.find(context, FunctionName(function, context.account, context.region, qualifier))
        if found is None or (qualifier not in found.aliases and qualifier not in found.versions):
            return None
        item = found.provisioned.get(qualifier)
        return (item.requested, item.allocated(context.clock.now())) if item is not None else (0, 0)

    def exists(self, function_arn: str) -> bool:
        """Whether there is such a function, and the alias or version that the ARN names."""
        return self._target(function_arn) is not None

    def allow_invocation(self, function_arn: str, statement_id: str, instance_arn: str, account: str) -> None:
        """Lets connect.amazonaws.com invoke it on behalf of an instance, in the policy of what the ARN names."""
        target = self._target(function_arn)
        if target is not None:
            function, key = target
            limits = {"SourceArn": instance_arn, "SourceAccount": account}
            allow(function, key, statement_id, "connect.amazonaws.com", limits)

    def _target(self, function_arn: str) -> tuple[Function, str] | None:
        name = FunctionName.parse(function_arn)
        for function in self._store.of(name.account or "", name.region or ""):
            if function.name == name.name:
                try:
                    function.resolve(name.qualifier)
                except ServiceFault:
                    return None
                return function, name.qualifier or UNQUALIFIED
        return None


def _inspected(function: Function) -> dict[str, Any]:
    return {
        "versions": sorted(function.versions),
        "codeSha256": function.latest.archive.sha256,
        "aliases": {name: alias.version for name, alias in function.aliases.items()},
        "policies": {key or "(function)": sorted(found) for key, found in function.policies.items() if found},
        "reservedConcurrency": function.reserved,
        "provisionedConcurrency": {name: item.requested for name, item in function.provisioned.items()},
        "tags": dict(function.tags),
    }
