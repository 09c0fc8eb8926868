"""`python -m tools.argocd [--verify]`: our health checks and actions as Argo CD's ConfigMap takes them.

Argo CD reads upstream's layout (`gitops/argocd/resource_customizations`) only from its own image; until that has ours, an
installation holds them in `argocd-cm`: https://argo-cd.readthedocs.io/en/stable/operator-manual/health/,
https://argo-cd.readthedocs.io/en/stable/operator-manual/resource_actions/.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "gitops" / "argocd" / "resource_customizations"
TARGET = ROOT / "gitops" / "argocd" / "argocd-cm.yaml"
_HEADER = (
    "# Written by `python -m tools.argocd` from resource_customizations/; do not edit. A patch of Argo CD's settings:\n"
    "#   kubectl patch configmap argocd-cm -n argocd --patch-file gitops/argocd/argocd-cm.yaml\n"
)


class _Literal(str):
    """A text that is written as it stands."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Scripts stay readable."""


_Dumper.add_representer(
    _Literal, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|")
)


def written() -> str:
    """The patch."""
    data = {}
    for folder in sorted(path for path in SOURCES.glob("*/*") if path.is_dir()):
        name = f"{folder.parent.name}_{folder.name}"
        data[f"resource.customizations.health.{name}"] = _Literal((folder / "health.lua").read_text())
        actions = {
            "discovery.lua": _Literal((folder / "actions" / "discovery.lua").read_text()),
            "definitions": [
                {"name": script.parent.name, "action.lua": _Literal(script.read_text())}
                for script in sorted((folder / "actions").glob("*/action.lua"))
            ],
        }
        data[f"resource.customizations.actions.{name}"] = _Literal(_yaml(actions))
    return _HEADER + _yaml({"data": data})


def _yaml(value: object) -> str:
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, width=1000)
    return text


def main(arguments: Sequence[str]) -> int:
    """0 if it is written, or is what would be written."""
    text = written()
    if "--verify" not in arguments:
        TARGET.write_text(text)
        return 0
    if TARGET.read_text() == text:
        return 0
    print(f"{TARGET.name} is not what the scripts say: run python -m tools.argocd", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
