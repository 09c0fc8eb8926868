"""The list of tenants, as the admission policy has it and as an operator reads it, and where the two differ. Pure.

A list gives each namespace the roles that it may use; one without roles is as good as not there. The policy has it as
literals of CEL that are JSON (helm/trunkline/charts/crds/templates/policies/_tenants.tpl), the operator as a ConfigMap.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

Listed = Mapping[str, frozenset[str]]

_LIST = re.compile(r"variables\.(tenants\d*)\[\?request\.namespace\]")


def of_policy(spec: Mapping[str, Any]) -> Listed | None:
    """What a ValidatingAdmissionPolicy goes by: the variables that its validations name. None: it is of another make."""
    expressions = {one["name"]: one.get("expression", "") for one in spec.get("variables") or ()}
    validations = " ".join(str(one.get("expression")) for one in spec.get("validations") or ())
    found: dict[str, frozenset[str]] = {}
    names = _LIST.findall(validations)
    for name in names:
        try:
            part = json.loads(expressions[name])
            for namespace, roles in part.items():
                found[namespace] = found.get(namespace, frozenset()) | frozenset(map(str, roles))
        except (KeyError, ValueError, AttributeError, TypeError):
            return None
    return found if names else None


def of_config_map(body: Mapping[str, Any]) -> Listed:
    """As the operator reads it: a namespace a key, a role a line."""
    listed = (body.get("data") or {}).items()
    return {namespace: frozenset(filter(None, map(str.strip, text.splitlines()))) for namespace, text in listed}


def differing(one: Listed, other: Listed, of: Collection[str] = ()) -> tuple[str, ...]:
    """The namespaces to which the two do not give the same, in order. of: look at these only; none is all."""
    asked = sorted(of or {*one, *other})
    return tuple(name for name in asked if one.get(name, frozenset()) != other.get(name, frozenset()))
