"""What every entry of a section has, and the sizes of the sections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from trunkline.api.common import (
    AwsName,
    Description250,
    External,
    Handle,
    Model,
    Rule,
    Tags,
    absent,
    required,
    text,
    unmanaged,
)
from trunkline.api.policies import DeletionPolicy

MAX_HOURS = 200
MAX_QUEUES = 500
MAX_ROUTING_PROFILES = 500
MAX_FLOWS = 500
MAX_FLOW_MODULES = 500
MAX_FUNCTIONS = 200
MAX_TABLES = 100

_NAME = "Handle of the entry: unique in the list, and what references say."
_DELETION = "What becomes of the resource when the entry leaves the list or the object is deleted. Delete removes it, Retain leaves it with our tag, so that the same entry takes it back."


class Entry(Model):
    """An entry that lives inside the instance."""

    name: Handle = required(_NAME)
    aws_name: AwsName | None = absent("Name in AWS. A change renames it there.", "the same as name")
    description: Description250 | None = unmanaged("Description in AWS.")
    tags: Tags | None = absent(
        "Tags in AWS, beside those of spec.tags, which they override.", "only those of spec.tags"
    )
    deletion_policy: DeletionPolicy | None = absent(
        _DELETION, "deleted when it leaves the list if we made it; with the object as spec.deletionPolicy says"
    )

    def effective_aws_name(self, center: str) -> str:  # noqa: ARG002  # what lives in the account is named after the center
        """Its name in AWS; center: the object's name."""
        return self.aws_name or self.name


class InstanceEntry(Entry):
    """An entry inside the instance that may also have been made elsewhere."""

    external: External | None = absent(
        "Write external: {} for one that exists already: found by awsName, linked, never changed.", "ours to manage"
    )


def unless_external(*names: str) -> tuple[Rule, ...]:
    """Fields that are required of everything that is not external; names as in YAML."""
    return tuple(
        Rule(
            f"has(self.external) || has(self.{name})",
            f"{name} is required here, unless the entry is external: {{}}",
            holds=_present(name),
        )
        for name in names
    )


def _present(field: str) -> Callable[[Any], bool]:
    return lambda entry: entry.external is not None or entry.written(field) is not None


AccountName64 = Annotated[str, text(64, pattern="^[A-Za-z0-9_-]+$")]
DATA_DELETION = "What becomes of it when the entry leaves the list or the object is deleted. It holds data: it is deleted only by Delete written here, never by spec.deletionPolicy."
