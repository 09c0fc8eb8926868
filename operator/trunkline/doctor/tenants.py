"""The list of tenants, as the admission policy has it and as an operator reads it, and where the two differ. Pure.

A list gives each namespace the roles that it may use; one without roles is as good as not there. The policy has it as
literals of CEL that are JSON (helm/trunkline/charts/crds/templates/policies/_tenants.tpl), the operator as a ConfigMap.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from trunkline.aws.tenants import roles_in

Listed = Mapping[str, frozenset[str]]

_OTHERS = {
    "role": "object.spec.?credentials.?roleArn.orValue('own')",
    "same": "oldObject != null && oldObject.spec.?credentials.?roleArn.orValue('own') == variables.role",
}
_ALLOWED = "variables.role in variables.{}[?request.namespace].orValue([])"


def of_policy(spec: Mapping[str, Any]) -> Listed | None:
    """What a ValidatingAdmissionPolicy goes by. None: it is not word for word as the chart writes it, so it may allow
    anything.
    """
    expressions = {one.get("name"): one.get("expression") for one in spec.get("variables") or ()}
    lists = {name: text for name, text in expressions.items() if name not in _OTHERS}
    names = ["tenants", *(f"tenants{number}" for number in range(2, len(lists) + 1))]
    allowed = " || ".join(["variables.same", *map(_ALLOWED.format, names)])
    asked = [one.get("expression") for one in spec.get("validations") or ()]
    if expressions.keys() != {*_OTHERS, *names} or asked != [allowed] or not expressions.items() >= _OTHERS.items():
        return None
    found: dict[str, frozenset[str]] = {}
    for text in lists.values():
        if (part := _read(text)) is None:
            return None
        for namespace, roles in part.items():
            found[namespace] = found.get(namespace, frozenset()) | roles
    return found


def _read(text: Any) -> Listed | None:
    try:
        part = json.loads(text)
    except (ValueError, TypeError):
        return None
    if not isinstance(part, dict):
        return None
    if not all(isinstance(roles, list) and all(isinstance(role, str) for role in roles) for roles in part.values()):
        return None
    return {namespace: frozenset(roles) for namespace, roles in part.items()}


def of_config_map(body: Mapping[str, Any]) -> Listed:
    """As the operator reads it: a namespace a key, a role a line."""
    listed = (body.get("data") or {}).items()
    return {namespace: roles_in(text) for namespace, text in listed}


def differing(one: Listed, other: Listed, of: Collection[str] = ()) -> tuple[str, ...]:
    """The namespaces to which the two do not give the same, in order. of: look at these only; none is all."""
    asked = sorted(of or {*one, *other})
    return tuple(name for name in asked if one.get(name, frozenset()) != other.get(name, frozenset()))
