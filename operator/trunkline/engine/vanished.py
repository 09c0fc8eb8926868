"""What left a spec although nobody took it away: an older CRD hides what it does not know, and the first status write under
it drops that for ever, while the generation stays. It looks as if the user had removed it. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

CODE = "Vanished"


@dataclass(frozen=True, slots=True)
class Vanished:
    """paths: of what somebody applied and the object has no more, in the order of the spec: `spec.queues[name=sales]`,
    `spec.tables[name=customers].indexes`.
    """

    paths: tuple[str, ...]

    def within(self, path: str) -> str | None:
        """The first of them that is a part of what is written at a path, or of which that is a part."""
        return next((lost for lost in self.paths if _inside(lost, path) or _inside(path, lost)), None)

    def outside(self, paths: frozenset[str]) -> str | None:
        """The first that is no entry of a list and belongs to none of these: it may concern them all (`spec.tags`)."""
        alone = (lost for lost in self.paths if "[" not in lost)
        return next((lost for lost in alone if not any(_inside(lost, path) for path in paths)), None)

    @property
    def why(self) -> str:
        """For people."""
        more = f" and {len(self.paths) - 1} more" if len(self.paths) > 1 else ""
        return (
            f"{self.paths[0]}{more} left the object although nobody removed it, as an older CRD drops what it does not "
            "know; apply the object again"
        )


def _inside(path: str, of: str) -> bool:
    return path == of or path.startswith((f"{of}.", f"{of}["))
