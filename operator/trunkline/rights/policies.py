"""Grants to policy documents that AWS takes: at most 6,144 characters each, white space not counted. Pure.

Source of the limit: IAM user guide, "IAM and AWS STS quotas" (managed policies; ten of them a role, unless raised).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trunkline.rights.grants import Condition, Grant

VERSION = "2012-10-17"
CHARACTERS = 6144
MOST_ACTIONS = 60  # a statement; more of the same are told by another one

Document = dict[str, Any]


def documents(grants: Iterable[Grant]) -> list[Document]:
    """As few as hold them, services together. Raises ValueError if one statement alone is too long."""
    packed: list[list[Document]] = [[]]
    for statement in _statements(grants):
        if packed[-1] and size(document([*packed[-1], statement])) > CHARACTERS:
            packed.append([])
        packed[-1].append(statement)
        if size(document(packed[-1])) > CHARACTERS:
            raise ValueError(f"statement {statement['Sid']} is longer than a policy may be: name fewer objects")
    return [document(statements) for statements in packed if statements]


def document(statements: Sequence[Mapping[str, Any]]) -> Document:
    """A policy."""
    return {"Version": VERSION, "Statement": list(statements)}


def size(policy: Mapping[str, Any]) -> int:
    """Characters as IAM counts them."""
    return len("".join(json.dumps(policy, separators=(",", ":")).split()))


def allow(sid: str, actions: Iterable[str], resources: Sequence[str], condition: Condition = ()) -> Document:
    """One statement."""
    listed = sorted(actions)
    statement: Document = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": listed,
        "Resource": resources[0] if len(resources) == 1 else list(resources),
    }
    return {**statement, "Condition": conditions(condition)} if condition else statement


def conditions(condition: Condition) -> Document:
    """As a policy has them."""
    found: Document = {}
    for operator, key, values in condition:
        found.setdefault(operator, {})[key] = values[0] if len(values) == 1 else list(values)
    return found


def _statements(grants: Iterable[Grant]) -> Iterable[Document]:
    together: dict[tuple[str, tuple[str, ...], Condition], set[str]] = {}
    for grant in grants:
        service = grant.action.partition(":")[0]
        together.setdefault((service, grant.resources, grant.condition), set()).add(grant.action)
    numbers: dict[str, int] = {}
    for (service, resources, condition), found in sorted(together.items(), key=lambda item: (item[0], sorted(item[1]))):
        listed = sorted(found)
        for start in range(0, len(listed), MOST_ACTIONS):
            numbers[service] = numbers.get(service, 0) + 1
            sid = f"{''.join(word.capitalize() for word in service.split('-'))}{numbers[service]}"
            yield allow(sid, listed[start : start + MOST_ACTIONS], resources, condition)
