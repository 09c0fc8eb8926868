"""One JSON line per invocation, on standard output, where Lambda collects it.

The line holds no number, no name and no answer of a customer: callers of `write` pass outcomes, never content.
"""

from __future__ import annotations

import json
import sys
from typing import TextIO


def write(
    function: str, contact_id: str | None, milliseconds: float, out: TextIO | None = None, **outcome: str
) -> None:
    """Write the line of one invocation: who ran, for which contact, how long (in milliseconds), with which outcome."""
    line = {"function": function, "contactId": contact_id, "durationMs": round(milliseconds, 1), **outcome}
    print(json.dumps(line, separators=(",", ":")), file=out or sys.stdout, flush=True)
