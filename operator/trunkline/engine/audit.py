"""Under which plan a call is made: said where a plan is carried out, read where calls are logged.

A context variable, since the tasks that take a plan's steps inherit it and nothing between them and the gate has to know.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextvars import ContextVar

PLAN: ContextVar[str] = ContextVar("trunkline_plan", default="")
"""The id of the plan that this task carries out; empty outside of one."""


def plan_id(generation: int, lines: Iterable[str]) -> str:
    """12 hexadecimal digits of what a plan does for a generation: equal for the same plan of the same spec."""
    text = "\n".join([f"generation {generation}", *sorted(lines)])
    return hashlib.sha256(text.encode()).hexdigest()[:12]
