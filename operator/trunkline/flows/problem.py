"""What is wrong with a flow, and where. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_SHOWN = 5


class Severity(StrEnum):
    """ERROR: the service is known to refuse it. WARNING: it is doubtful, or documented and not seen enforced."""

    ERROR = "Error"
    WARNING = "Warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a flow.

    action: the Identifier of the action, None for the flow as a whole. path: where in the content,
    `Actions[3](Identifier "greet").Parameters.Text`. message: what is wrong, in the service's words where they are
    known. remedy: what to write instead.
    """

    action: str | None
    path: str
    message: str
    remedy: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        told = f"{self.path}: {self.message}" if self.path else self.message
        return f"{told}; {self.remedy}" if self.remedy else told


class FlowError(ValueError):
    """Content that cannot be used as a flow. `problems` says all that is wrong; the text shows the first few."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        shown = " | ".join(str(problem) for problem in problems[:_SHOWN])
        more = len(problems) - _SHOWN
        super().__init__(f"{shown} | and {more} more" if more > 0 else shown)
