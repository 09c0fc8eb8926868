"""What went wrong, in one sentence with what to do, and the exit code that a script sees."""

from __future__ import annotations

from enum import IntEnum

from trunkline.api.names import API_VERSION


class Exit(IntEnum):
    """Exit codes of the commands that look at a cluster."""

    DONE = 0
    REFUSED = 1  # it was asked, and it did not come to that
    USAGE = 2
    ABSENT = 3  # no such object, or no such kinds
    FORBIDDEN = 4
    UNREACHABLE = 5  # no kubectl, no such context, no API server


class Failure(Exception):  # noqa: N818  # what a user is told, not a bug
    """The command ends with this sentence and this code."""

    def __init__(self, message: str, code: Exit = Exit.REFUSED) -> None:
        super().__init__(message)
        self.code = code


class NoKinds(Failure):
    """The API server does not serve our kinds."""

    def __init__(self) -> None:
        super().__init__(
            f"the API server does not serve {API_VERSION}: install the chart trunkline-crds first (docs/install.md), or "
            "name another --context",
            Exit.ABSENT,
        )
