"""A kubectl that says what it is told to, and notes how it was called: for what the real one says only in a broken world."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_SCRIPT = """#!/bin/sh
printf '%s\\n' "$*" >> "{folder}/calls"
case "$*" in
  "config view"*) printf acme; exit 0 ;;
  "config get-contexts"*) printf 'east\\nwest\\n'; exit 0 ;;
esac
for pattern in "{folder}"/*.pattern; do
  [ -e "$pattern" ] || continue
  answer="${{pattern%.pattern}}"
  read -r part < "$pattern"
  case "$*" in
    *"$part"*) cat "$answer.text"; cat "$answer.complaint" >&2; [ ! -s "$answer.complaint" ]; exit $? ;;
  esac
done
cat "{folder}/complaint" >&2
exit 1
"""

NOT_FOUND = 'Error from server (NotFound): contactcenters.trunkline.dev "acme" not found'


class StandIn:
    """program: the script. Calls without an answer end with `complaint` on standard error."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.program = folder / "kubectl"
        self.program.write_text(_SCRIPT.format(folder=folder))
        self.program.chmod(0o755)
        self.complain(NOT_FOUND)

    def complain(self, text: str) -> None:
        (self._folder / "complaint").write_text(f"{text}\n")

    def answer(self, part: str, value: Any, complaint: str = "") -> None:
        """value: JSON, or text as it is. Answers calls whose arguments have this part; the first such one counts.
        complaint: what it says of the rest, as kubectl does that could not get all of it.
        """
        number = len(list(self._folder.glob("*.pattern")))
        name = self._folder / f"answer-{number}"
        Path(f"{name}.pattern").write_text(f"{part}\n")
        Path(f"{name}.complaint").write_text(complaint)
        Path(f"{name}.text").write_text(value if isinstance(value, str) else json.dumps(value))

    def forget(self) -> None:
        """No call has an answer any more."""
        for path in self._folder.glob("answer-*.*"):
            path.unlink()

    @property
    def calls(self) -> list[str]:
        """The arguments of each call."""
        path = self._folder / "calls"
        return path.read_text().splitlines() if path.exists() else []
