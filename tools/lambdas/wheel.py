"""Hatch's hook for wheels: the functions' zips go in, if they are the committed ones.

Stands alone: hatch runs it by its path, before anything of the checkout can be imported.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ZipsHook(BuildHookInterface[Any]):
    """Adds build/lambdas/<name>.zip as trunkline/_lambdas/<name>.zip."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Raises RuntimeError if a zip is missing or is another one. An editable installation reads the checkout's."""
        if version == "editable":
            return
        root = Path(self.root)
        committed: dict[str, str] = json.loads((root / "lambdas" / "digests.json").read_text())["codeSha256"]
        for name, digest in committed.items():
            path = root / "build" / "lambdas" / f"{name}.zip"
            if not path.is_file() or _code_sha256(path) != digest:
                raise RuntimeError(
                    f"{path} is missing or not what lambdas/digests.json says: run `make lambdas verify`"
                )
            build_data["force_include"][str(path)] = f"trunkline/_lambdas/{name}.zip"


def _code_sha256(path: Path) -> str:
    return base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()
