"""AWS's Service Authorization Reference, cut to some actions: whether an action knows resources, and what else it asks for.

Reads one file beside this module, which `python -m tools.authorization` writes; it names its source and its day.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _actions() -> Mapping[str, Mapping[str, Any]]:
    data = json.loads((files("trunkline_sandbox.aws") / "service-authorization.json").read_text(encoding="utf-8"))
    found: Mapping[str, Mapping[str, Any]] = data["actions"]
    return found


def on_everything(action: str) -> bool:
    """Whether the action knows no resource, so that only "*" allows it."""
    known = _actions().get(action)
    return known is not None and not known["resources"]


def dependent(action: str) -> tuple[str, ...]:
    """The further actions that a caller needs."""
    return tuple(_actions().get(action, {}).get("dependent", ()))
