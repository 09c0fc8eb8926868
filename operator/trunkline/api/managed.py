"""What every kind that makes resources in AWS says in the same words: where, as whom, and what may be deleted or taken over.

A kind's own spec extends `ManagedSpec`; its rules begin with `managed_rules`. Annotations are the same for all kinds too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from trunkline.api import names
from trunkline.api.common import (
    Flag,
    Model,
    RoleArn,
    Rule,
    Tags,
    absent,
    default,
    example,
    fixed,
    integer,
    required,
    text,
)
from trunkline.api.policies import AdoptionPolicy, Confirm, DeletionPolicy

GROUP = names.GROUP
VERSION = names.VERSION
API_VERSION = names.API_VERSION

RECONCILE = names.RECONCILE
CONFIRM = names.CONFIRM
TAKE_OVER = names.TAKE_OVER
ABANDON = names.ABANDON

MAX_OBJECT_NAME = 50
NAME_RULE = Rule(
    f"self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$') && size(self.metadata.name) <= {MAX_OBJECT_NAME}",
    f"metadata.name must be at most {MAX_OBJECT_NAME} small letters, digits and -, because names in AWS are made from it",
)


def is_object_name(name: str) -> bool:
    """As `NAME_RULE`, for files."""
    marks = set("abcdefghijklmnopqrstuvwxyz0123456789-")
    return 0 < len(name) <= MAX_OBJECT_NAME and set(name) <= marks and not (name.startswith("-") or name.endswith("-"))


def managed_rules(kind: str) -> tuple[Rule, ...]:
    """What of every spec cannot change. kind: the object that would have to be made beside it."""
    way_out = f"make a second {kind} and move"
    return (
        Rule("self.region == oldSelf.region", f"the region cannot change: {way_out}", ".region"),
        fixed("accountId", f"the account cannot change: {way_out}"),
    )


class Credentials(Model):
    """How the operator signs in to AWS for this object."""

    role_arn: RoleArn = required("Role to assume.")
    external_id: Annotated[str, text(1224, least=2, pattern="^[A-Za-z0-9_+=,.@:/-]+$")] | None = absent(
        "External id that the role's trust policy asks for.", "none is sent"
    )


class ManagedSpec(Model):
    """The part of a spec that all kinds share."""

    region: Annotated[str, text(32, pattern="^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$"), example("us-east-1")] = required(
        "AWS region. Cannot change."
    )
    account_id: (
        Annotated[str, text(12, least=12, pattern="^[0-9]{12}$"), example("'123456789012', in quotes")] | None
    ) = absent(
        "AWS account. Credentials that lead elsewhere touch nothing. Cannot change; quote it.",
        "the account of the credentials, recorded at the first pass",
    )
    credentials: Credentials | None = absent("Role for this object.", "the operator's own identity")
    deletion_policy: DeletionPolicy = default(
        DeletionPolicy.RETAIN,
        "What becomes of what was made when the object is deleted: Retain calls nothing, Delete removes it.",
    )
    adoption_policy: AdoptionPolicy = default(
        AdoptionPolicy.REFUSE,
        "What exists under a wanted name without our tag: Refuse reports a conflict, Adopt takes it over and changes it only where the spec speaks.",
    )
    confirm: Confirm = default(
        Confirm.DESTRUCTIVE,
        "Which steps wait for the annotation trunkline.dev/confirm with status.lastPlan.id: none, those that destroy or interrupt, or all. To ask for less (Never, or Always no more) needs the verb confirm where the chart's policy of consent is installed.",
    )
    termination_protection: Flag = default(
        False,
        "A delete of the object is refused where the chart's admission policy is installed; if one comes through, nothing is deleted in AWS.",
    )
    paused: Flag = default(
        False, "Changes nothing in AWS, still observes and reports. The object can be deleted all the same."
    )
    resync_seconds: Annotated[int, integer(60, 86_400)] = default(
        600, "Seconds between two checks for drift; longer where the account's call budget asks for it (status.resync)."
    )
    tags: Tags | None = absent(
        "Tags of everything that is made. Keys aws: and trunkline.dev/ are reserved.", "only the owner's tags"
    )


class Metadata(Model):
    """What Trunkline reads of an object's metadata."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    generation: int = 0
    annotations: Mapping[str, str] = Field(default_factory=dict)
