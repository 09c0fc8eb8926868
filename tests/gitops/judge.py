"""What Argo CD and Flux make of objects: the program `judge` as a process that answers one question after another."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CUSTOMIZATIONS = ROOT / "gitops" / "argocd" / "resource_customizations" / "trunkline.dev"
KINDS = ("ContactCenter", "CacheLayer", "ScalingPolicy")
HEALTHS = frozenset({"Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown"})

Value = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Health:
    """Argo CD's word for an object."""

    status: str
    message: str


class Judge:
    """One process. Raises AssertionError where a script fails."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def close(self) -> None:
        self._process.communicate(timeout=10)

    def health(self, document: Value) -> Health:
        script = (CUSTOMIZATIONS / document["kind"] / "health.lua").read_text()
        found = self.run(script, document)
        assert found.get("status") in HEALTHS, found
        return Health(found["status"], found.get("message", ""))

    def actions(self, document: Value) -> dict[str, bool]:
        """Every action by name, and whether it can be taken."""
        script = (CUSTOMIZATIONS / document["kind"] / "actions" / "discovery.lua").read_text()
        return {name: not (given or {}).get("disabled", False) for name, given in self.run(script, document).items()}

    def act(self, document: Value, action: str) -> Value:
        """The object that an action makes of this one."""
        script = (CUSTOMIZATIONS / document["kind"] / "actions" / action / "action.lua").read_text()
        found: Value = _cleaned(self.run(script, document), document)
        return found

    def kstatus(self, document: Value) -> str:
        answer = self._ask({"object": document})
        return str(answer["status"])

    def run(self, script: str, document: Value) -> Value:
        """What a script returns."""
        answer = self._ask({"script": script, "object": document})
        result = answer["result"]
        assert isinstance(result, dict), result
        return result

    def _ask(self, request: Value) -> Value:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: Value = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer


def _cleaned(found: Any, before: Any) -> Any:
    """As Argo CD does (`cleanReturnedObj`): in Lua an empty map and an empty list are the same."""
    if found == [] and before == {}:
        return {}
    if isinstance(found, dict) and isinstance(before, dict):
        return {key: _cleaned(value, before.get(key)) for key, value in found.items()}
    if isinstance(found, list) and isinstance(before, list):
        return [_cleaned(value, before[n] if n < len(before) else None) for n, value in enumerate(found)]
    return found
