"""Which rights the operator needs in Kubernetes: those that the chart grants, by the file that its roles are made of. Pure.

`kubernetes-rights.json` is written from `helm/trunkline/files/rights.yaml` by `make generate`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Needed:
    """One verb on one resource. namespace: empty for all; name: empty for any."""

    verb: str
    group: str
    resource: str
    subresource: str
    namespace: str
    name: str

    @property
    def title(self) -> str:
        """As RBAC writes it: "contactcenters.trunkline.dev/status"."""
        whole = f"{self.resource}.{self.group}" if self.group else self.resource
        whole += f"/{self.subresource}" if self.subresource else ""
        return f"{whole} {self.name}" if self.name else whole

    def attributes(self) -> dict[str, str]:
        """As an AccessReview asks."""
        given = {
            "verb": self.verb,
            "group": self.group,
            "resource": self.resource,
            "subresource": self.subresource,
            "namespace": self.namespace,
            "name": self.name,
        }
        return {key: value for key, value in given.items() if value}


def needed(
    namespaces: Sequence[str], *, installation_given: bool, lease: tuple[str, str], metrics_tls: bool = False
) -> list[Needed]:
    """All of them. namespaces: that are watched; none is all. lease: namespace and name of the Lease. metrics_tls: metrics
    are served to bearers of tokens, whom the API server is asked about.
    """
    rules = _rules()
    found = [one for namespace in namespaces or ("",) for rule in rules["watched"] for one in _each(rule, namespace)]
    if not namespaces and not installation_given:
        found += [one for rule in rules["cluster"] for one in _each(rule, "")]
    found += [one for rule in rules.get("reviews", ()) if metrics_tls for one in _each(rule, "")]
    namespace, name = lease
    return found + [one for rule in rules["lease"] for one in _each(rule, namespace, name)]


@cache
def _rules() -> dict[str, list[dict[str, Any]]]:
    text = (files("trunkline.doctor") / "kubernetes-rights.json").read_text(encoding="utf-8")
    found: dict[str, list[dict[str, Any]]] = json.loads(text)
    return found


def _each(rule: dict[str, Any], namespace: str, name: str = "") -> Iterator[Needed]:
    names = [name] if name and rule.get("resourceNames") else rule.get("resourceNames") or [""]
    for group in rule["apiGroups"]:
        for whole in rule["resources"]:
            resource, _, subresource = whole.partition("/")
            for one in names:
                yield from (Needed(verb, group, resource, subresource, namespace, one) for verb in rule["verbs"])
