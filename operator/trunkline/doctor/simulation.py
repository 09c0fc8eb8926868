"""What to ask IAM's policy simulator, and what its answers say. Pure.

Source: IAM API reference, SimulatePrincipalPolicy: actions times resources, condition keys as they are given. It does not
see resource-based policies, and service control policies only of the same organization.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trunkline.doctor.facts import Denied
from trunkline.doctor.reads import SAMPLE
from trunkline.doctor.used import NO_BOUNDARY
from trunkline.rights.grants import Condition, Grant

MOST_ACTIONS = 60  # a call
MOST_RESOURCES = 4  # of one shape; the others are granted in the same breath
_SESSION = re.compile(r"arn:(?P<partition>[a-z-]+):sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/")


@dataclass(frozen=True, slots=True)
class Question:
    """One call's worth."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    context: Condition

    def params(self, principal: str) -> dict[str, Any]:
        """Of SimulatePrincipalPolicy."""
        found: dict[str, Any] = {
            "PolicySourceArn": principal,
            "ActionNames": list(self.actions),
            "ResourceArns": list(self.resources),
        }
        if self.context:
            found["ContextEntries"] = [
                {"ContextKeyName": key, "ContextKeyType": "stringList", "ContextKeyValues": list(values)}
                for _, key, values in self.context
            ]
        return found


def role_of(arn: str, known: str = "") -> str:
    """The ARN that policies hang on: of a session its role's. known: the role's whole ARN, whose path a session does not say."""
    session = _SESSION.match(arn)
    if session is None:
        return arn
    if known.rpartition("/")[2] == session["role"]:
        return known
    return f"arn:{session['partition']}:iam::{session['account']}:role/{session['role']}"


def questions(grants: Iterable[Grant], account: str, region: str) -> list[Question]:
    """As few as hold them: actions of a service on the same resources under the same conditions go together."""
    together: dict[tuple[str, tuple[str, ...], Condition], set[str]] = {}
    for grant in grants:
        resources = tuple(_sample(one, account, region) for one in grant.resources[:MOST_RESOURCES])
        context = tuple(
            (operator, key, tuple(_value(one) for one in values[:1]))
            for operator, key, values in grant.condition
            if not any(NO_BOUNDARY in one for one in values)
        )
        together.setdefault((grant.action.partition(":")[0], resources, context), set()).add(grant.action)
    return [
        Question(tuple(listed[start : start + MOST_ACTIONS]), resources, context)
        for (_, resources, context), found in together.items()
        for listed in [sorted(found)]
        for start in range(0, len(listed), MOST_ACTIONS)
    ]


def _sample(resource: str, account: str, region: str) -> str:
    """A resource that a pattern stands for; what is granted on everything is asked of everything."""
    if resource == "*":
        return resource
    parts = resource.split(":", 5)
    if len(parts) == 6:
        parts[3] = region if parts[3] == "*" else parts[3]
        parts[4] = account if parts[4] == "*" else parts[4]
        parts[5] = _value(parts[5])
    return ":".join(parts)


def _value(pattern: str) -> str:
    return pattern.replace("*", SAMPLE).replace("?", "a")


def denied(answers: Sequence[Mapping[str, Any]]) -> Iterator[Denied]:
    """From the EvaluationResults of all answers, each action once."""
    by_action: dict[str, list[Mapping[str, Any]]] = {}
    for answer in answers:
        for result in answer.get("EvaluationResults") or ():
            by_action.setdefault(str(result.get("EvalActionName")), []).append(result)
    for action, results in by_action.items():
        refused = [one for one in results if one.get("EvalDecision") != "allowed"]
        if refused:
            yield Denied(
                action,
                str(refused[0].get("EvalResourceName")),
                everywhere=len(refused) == len(results),
                explicit=any(one.get("EvalDecision") == "explicitDeny" for one in refused),
            )
