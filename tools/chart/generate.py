"""The files that are generated, and whether the committed ones are those. Writes only where it is told to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import yaml

from .schema import schema
from .values import Value, values

CHARTS: Mapping[str, str] = {
    "helm/trunkline": "Values of the chart trunkline",
    "helm/trunkline/charts/crds": "Values of the chart trunkline-crds",
}
"""Folder and title of the schema."""

BEGIN = "<!-- values: generated from values.yaml by `make generate` -->"
END = "<!-- end of values -->"
RIGHTS = "helm/trunkline/files/rights.yaml"
STANDALONE = "docs/rbac.yaml"
PACKAGED = "operator/trunkline/doctor/kubernetes-rights.json"
_NAME = "trunkline"


def generated(root: Path) -> dict[str, str]:
    """Text by path below the repository `root`. Raises ValuesError, or ValueError for a README without the two marks."""
    rights = (root / RIGHTS).read_text(encoding="utf-8")
    files = {STANDALONE: _standalone(rights), PACKAGED: json.dumps(yaml.safe_load(rights), indent=2) + "\n"}
    for chart, title in CHARTS.items():
        found = values((root / chart / "values.yaml").read_text(encoding="utf-8"))
        files[f"{chart}/values.schema.json"] = schema(found, title)
        readme = (root / chart / "README.md").read_text(encoding="utf-8")
        files[f"{chart}/README.md"] = _with_table(readme, found, f"{chart}/README.md")
    return files


def write(root: Path) -> None:
    """Write them all."""
    for path, text in generated(root).items():
        (root / path).write_text(text, encoding="utf-8")


def differing(root: Path) -> list[str]:
    """The paths of those that are not what would be written."""
    return [
        path
        for path, text in generated(root).items()
        if not (root / path).is_file() or (root / path).read_text(encoding="utf-8") != text
    ]


def _with_table(readme: str, found: tuple[Value, ...], path: str) -> str:
    head, begin, rest = readme.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{path}: needs the lines {BEGIN} and {END}, between which the table goes")
    rows = ["| value | default | meaning |", "|---|---|---|"]
    for value in (leaf for top in found for leaf in top.leaves()):
        default = json.dumps(value.default, ensure_ascii=False).replace("|", "\\|")
        rows.append(f"| `{'.'.join(value.path)}` | `{default}` | {_meaning(value)} |")
    return f"{head}{BEGIN}\n\n" + "\n".join(rows) + f"\n\n{END}{tail}"


def _meaning(value: Value) -> str:
    """Its description, and what it may be, if that is a short list."""
    choices = value.keywords.get("enum")
    more = " One of " + ", ".join(f"`{choice}`" for choice in choices) + "." if choices else ""
    return (value.description + more).replace("|", "\\|")


_HEAD = """\
# What `trunkline run` needs in Kubernetes, and no more, for who runs it without the Helm chart.
# Generated from {source} by `make generate`; do not edit. Change the namespace `trunkline` if you run it elsewhere.
apiVersion: v1
kind: Namespace
metadata: {{name: {name}}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: {name}, namespace: {name}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: {name}-operator}}
rules:
{watched}{cluster}---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: {name}-operator}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {name}-operator}}
subjects: [{{kind: ServiceAccount, name: {name}, namespace: {name}}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: {name}-lease, namespace: {name}}}
rules:
{lease}---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: {name}-lease, namespace: {name}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: {name}-lease}}
subjects: [{{kind: ServiceAccount, name: {name}, namespace: {name}}}]
"""


def _standalone(rights: str) -> str:
    """The rules as they stand in the chart's file, one a line and with their comments."""
    rules: dict[str, list[str]] = {}
    for line in rights.splitlines():
        if line.endswith(":") and not line.startswith(("#", " ")):
            rules[line.removesuffix(":")] = []
        elif line.startswith("  - "):
            rules[next(reversed(rules))].append(line)
    texts = {group: "\n".join(lines) + "\n" for group, lines in rules.items()}
    return _HEAD.format(source=RIGHTS, name=_NAME, **texts)
