"""Whose calls a policy's are, where that is, and as whom AWS is reached for it. Pure.

A policy has no region and no credentials of its own: they are its target's, and once known they stand in its status, so
that a deletion does not need the target any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.api.center import ContactCenter
from trunkline.api.managed import Credentials, ManagedSpec
from trunkline.api.parse import parse_center
from trunkline.api.policies import Confirm
from trunkline.api.scaling_policy import ScalingPolicySpec
from trunkline.handlers.port import Inputs, Key, Snapshot

ENGINE_RESYNC = 600
"""Seconds between two looks at what stands in AWS; decisions are made oftener."""


@dataclass(frozen=True, slots=True)
class Target:
    """The object whose calls these are."""

    key: Key
    snapshot: Snapshot
    center: ContactCenter


@dataclass(frozen=True, slots=True)
class NoTarget:
    """There is none, or it cannot be read."""

    key: Key
    problem: str


def body_of(snapshot: Snapshot) -> Mapping[str, Any]:
    """What a parser reads of an object."""
    metadata = {"name": snapshot.key.name, "namespace": snapshot.key.namespace}
    return {"metadata": metadata, "spec": snapshot.spec}


def target_key(snapshot: Snapshot) -> Key:
    """Read without parsing the rest."""
    reference = snapshot.spec.get("targetRef")
    reference = reference if isinstance(reference, Mapping) else {}
    kind = str(reference.get("kind") or ContactCenter.kind)
    return Key(kind, snapshot.key.namespace, str(reference.get("name") or ""))


def target_of(inputs: Inputs, spec: ScalingPolicySpec) -> Target | NoTarget:
    key = Key(spec.target_ref.kind.value, inputs.snapshot.key.namespace, spec.target_ref.name)
    found = inputs.neighbor(key)
    if found is None or found.deleting:
        gone = "is being deleted" if found is not None else "is not there"
        return NoTarget(key, f"the {key.kind} {key.name} {gone}: AWS goes on with what it was told")
    parsed = parse_center(body_of(found))
    if parsed.center is None:
        said = "; ".join(str(problem) for problem in parsed.problems[:3])
        return NoTarget(key, f"the {key.kind} {key.name} cannot be read: {said}")
    return Target(key, found, parsed.center)


def managed_as(spec: ScalingPolicySpec, center: ContactCenter) -> ManagedSpec:
    """Where and as whom its target says; what may be deleted or taken over, itself."""
    of = center.spec
    return ManagedSpec.model_construct(
        region=of.region,
        account_id=of.account_id,
        credentials=of.credentials,
        deletion_policy=spec.deletion_policy,
        adoption_policy=spec.adoption_policy,
        confirm=Confirm.DESTRUCTIVE,
        termination_protection=False,
        paused=spec.paused,
        resync_seconds=ENGINE_RESYNC,
        tags=None,
    )


def written_place(managed: ManagedSpec) -> dict[str, str]:
    """`status.place`."""
    credentials: Credentials | None = managed.credentials
    found = {"region": managed.region}
    if credentials is not None:
        found["roleArn"] = credentials.role_arn
        if credentials.external_id:
            found["externalId"] = credentials.external_id
    return found
