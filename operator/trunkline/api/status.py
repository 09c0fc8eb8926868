"""The status of a center: written by the operator alone, by server-side apply. Also the record of what it made.

Conditions follow kubernetes/community api-conventions; `Ready`, `Reconciling` and `Stalled` are read by kstatus.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from trunkline.api.common import ATOMIC, ATOMIC_MAP, TIMESTAMP, Flag, Model, entries, integer, list_map, required, text
from trunkline.api.policies import DeletionPolicy

MAX_RESOURCES = 5_000
MAX_WORDS = 16
MAX_CLAIMS = 500

_Text = Annotated[str, Field(max_length=2048)]
_Short = Annotated[str, Field(max_length=256)]
_MOST = 2**53
_Count = Annotated[int, integer(0, 1_000_000)]


class ConditionStatus(StrEnum):
    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


class Origin(StrEnum):
    CREATED = "Created"
    ADOPTED = "Adopted"


def _seen(description: str) -> Any:
    return Field(default=None, description=description)


class Condition(Model):
    """One aspect of the state, as metav1.Condition."""

    type: Annotated[str, text(316, pattern="^[A-Za-z]([A-Za-z0-9.-]*/)?[A-Za-z0-9._-]*$")] = required(
        "Ready, Reconciling, Stalled, ConfirmationRequired and others."
    )
    status: ConditionStatus = required("True, False or Unknown.")
    reason: Annotated[str, text(1024, pattern="^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")] = required(
        "One word of CamelCase for machines."
    )
    message: Annotated[str, Field(max_length=32_768)] = required("For people: what is, and what to do.")
    observed_generation: Annotated[int, integer(-1, _MOST)] | None = _seen(
        "Generation of the object that it speaks of."
    )
    last_transition_time: Annotated[str, text(64), TIMESTAMP] = required("When status last changed.")


class InstanceStatus(Model):
    """The instance as AWS shows it."""

    id: _Short | None = _seen("Id of the instance.")
    arn: _Text | None = _seen("ARN of the instance.")
    status: _Short | None = _seen("CREATION_IN_PROGRESS, ACTIVE or CREATION_FAILED.")
    access_url: _Text | None = _seen("Where agents and administrators sign in.")


class Summary(Model):
    """Numbers of resources."""

    resources: _Count | None = _seen("All that the spec asks for.")
    ready: _Count | None = _seen("As they should be.")
    changing: _Count | None = _seen("On their way.")
    blocked: _Count | None = _seen("Refused, in conflict, or waiting for one that is.")
    retained: _Count | None = _seen("Left behind on purpose.")


class PlanSummary(Model):
    """The last plan. Its id goes into the annotation trunkline.dev/confirm to allow what toConfirm lists."""

    id: _Short | None = _seen("Changes with the steps that need a confirmation.")
    time: Annotated[str, text(64), TIMESTAMP] | None = _seen("When it was made.")
    add: _Count | None = _seen("Resources to be made.")
    change: _Count | None = _seen("Resources to be changed.")
    delete: _Count | None = _seen("Resources to be deleted.")
    adopt: _Count | None = _seen("Resources to be taken over.")
    to_confirm: Annotated[tuple[_Text, ...], entries(100), ATOMIC] | None = _seen(
        "What waits for a confirmation, one line each."
    )


class ResourceStatus(Model):
    """One resource, and what the operator must remember of it."""

    kind: _Short | None = _seen("Kind of AWS resource.")
    section: _Short = required("Section of the spec.")
    name: _Short = required("Handle in that section.")
    id: _Text | None = _seen("Id in AWS.")
    arn: _Text | None = _seen("ARN in AWS.")
    aws_name: _Short | None = _seen("Name in AWS.")
    state: _Short | None = _seen("Ready, or what it is on its way to or held up by.")
    origin: Origin | None = _seen("Adopted if it was not made by us. Absent: Created.")
    deletion_policy: DeletionPolicy | None = _seen("The entry's own policy: the entry is gone when it is needed.")
    words: (
        Annotated[Mapping[str, Annotated[str, Field(max_length=1024)]], Field(max_length=MAX_WORDS), ATOMIC_MAP] | None
    ) = _seen("A driver's few words on what AWS cannot be asked.")
    leaving: Flag | None = _seen("The entry left the spec and its removal is under way.")
    reason: _Short | None = _seen("One word of CamelCase, when it is not ready.")
    message: _Text | None = _seen("What holds it up and what to do, when it is not ready.")


class InputStatus(Model):
    """Content of a ConfigMap that was applied: a ConfigMap has no generation."""

    name: _Short = required("Name of the ConfigMap.")
    key: _Short = required("Key in it.")
    sha256: Annotated[str, text(64, least=64, pattern="^[0-9a-f]{64}$")] = required("SHA-256 of the content, in hex.")


class ClaimStatus(Model):
    """A field that a ScalingPolicy owns, or owned: then it stays until the spec's own value is edited, or a reconcile is
    asked for.
    """

    kind: _Short = required("function, table or cache.")
    name: _Short = required("Handle of it.")
    index: _Short | None = _seen("Index of a table.")
    field: _Short = required("The field, as in the spec.")
    value: Annotated[int, integer(0, 10_000_000)] | None = _seen(
        "What it is told. Absent: Application Auto Scaling sets it."
    )
    own: Annotated[int, integer(0, 10_000_000)] | None = _seen("What the spec itself says.")
    asked: _Short | None = _seen("The annotation trunkline.dev/reconcile when it was told.")
    ended: Flag | None = _seen("No policy owns it any more.")


class ContactCenterStatus(Model):
    """What the operator last saw and did."""

    observed_generation: Annotated[int, integer(-1, _MOST)] = Field(
        default=-1, description="Generation that was last taken up; -1 before the first time."
    )
    applied_generation: Annotated[int, integer(-1, _MOST)] | None = _seen(
        "Generation that was last worked through in AWS: what leaves the spec with a later one is removed."
    )
    last_handled_reconcile: _Short | None = _seen(
        "The annotation trunkline.dev/reconcile as the last check that went to its end found it."
    )
    conditions: Annotated[tuple[Condition, ...], entries(32), list_map("type")] | None = _seen(
        "Ready, Reconciling, Stalled and the center's own."
    )
    instance: InstanceStatus | None = _seen("The instance.")
    summary: Summary | None = _seen("Numbers of resources.")
    last_plan: PlanSummary | None = _seen("The last plan.")
    account: Annotated[str, text(12, pattern="^[0-9]{12}$")] | None = _seen("AWS account that the resources are in.")
    resync: Annotated[int, integer(0, 31_536_000)] | None = _seen(
        "Seconds between two checks, as the account's call budget allows."
    )
    inputs: Annotated[tuple[InputStatus, ...], entries(2_000), ATOMIC] | None = _seen(
        "Contents of ConfigMaps that were applied."
    )
    claims: Annotated[tuple[ClaimStatus, ...], entries(MAX_CLAIMS), ATOMIC] | None = _seen(
        "Fields that ScalingPolicies own."
    )
    resources: Annotated[tuple[ResourceStatus, ...], entries(MAX_RESOURCES), ATOMIC] | None = _seen(
        "Every resource; also the record of what was made or adopted."
    )
