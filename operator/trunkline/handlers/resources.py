"""The record and `status.resources`: one list that people read and the operator remembers by. Pure, both ways.

An entry says no more than is needed to find the resource again: ARNs are derived or read anew, so that 2,400 resources
stay well below what an object may weigh.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from trunkline.engine.record import Entry, Origin, Record
from trunkline.engine.resource import DeletionPolicy
from trunkline.engine.result import NodeResult, State

MAX_RESOURCES = 5000
MESSAGE_LENGTH = 512

LEAVING = State.REMOVING.value


def read_record(status: Mapping[str, Any]) -> Record:
    """The record as it was last written. What cannot be read is left out: it is found again by its tags."""
    entries = {}
    for item in status.get("resources") or ():
        entry = _read_entry(item)
        if entry is not None:
            entries[entry.key] = entry
    # Not the observed one: what left the spec while AWS was out of reach has been seen, but not removed.
    generation = status.get("appliedGeneration", status.get("observedGeneration"))
    return Record(
        entries,
        account=str(status.get("account") or ""),
        generation=generation if isinstance(generation, int) else -1,
    )


def _read_entry(item: Any) -> Entry | None:
    if not isinstance(item, Mapping) or not all(item.get(field) for field in ("kind", "section", "name", "id")):
        return None
    policy = item.get("deletionPolicy")
    words = item.get("words")
    return Entry(
        kind=str(item["kind"]),
        section=str(item["section"]),
        name=str(item["name"]),
        id=str(item["id"]),
        arn=str(item.get("arn") or ""),
        aws_name=str(item.get("awsName") or item["name"]),
        origin=Origin.ADOPTED if item.get("origin") == Origin.ADOPTED.value else Origin.CREATED,
        deletion_policy=DeletionPolicy(policy) if policy in set(DeletionPolicy) else None,
        words={str(word): str(value) for word, value in words.items()} if isinstance(words, Mapping) else {},
        leaving=item.get("state") == LEAVING or bool(item.get("leaving")),
    )


def write_resources(record: Record, nodes: Iterable[NodeResult]) -> list[dict[str, Any]]:
    """`status.resources`: every recorded entry and every node that is not ready, sorted, with why it is not."""
    results = {node.key: node for node in nodes}
    keys = sorted({*record.entries, *(key for key, node in results.items() if node.state is not State.READY)})
    return [_write(key, record.entries.get(key), results.get(key)) for key in keys[:MAX_RESOURCES]]


def _write(key: str, entry: Entry | None, node: NodeResult | None) -> dict[str, Any]:
    kind, name = key.split("/", 1)
    state = node.state if node is not None else State.READY
    section = entry.section if entry is not None else node.section if node is not None else kind
    item: dict[str, Any] = {"section": section, "name": name, "kind": kind, "state": state.value}
    if entry is not None:
        item["id"] = entry.id
        if entry.kind == "instance":
            item["arn"] = entry.arn
        if entry.aws_name not in ("", entry.name):
            item["awsName"] = entry.aws_name
        if entry.origin is Origin.ADOPTED:
            item["origin"] = entry.origin.value
        if entry.deletion_policy is not None:
            item["deletionPolicy"] = entry.deletion_policy.value
        if entry.words:
            item["words"] = dict(sorted(entry.words.items()))
        if entry.leaving and state is not State.REMOVING:
            item["leaving"] = True
    if node is not None and state is not State.READY:
        item["reason"] = node.reason or state.value
        if node.message:
            item["message"] = shortened(node.message, MESSAGE_LENGTH)
    return item


def shortened(text: str, length: int) -> str:
    """The text, or as much of it as fits, and then an ellipsis."""
    return text if len(text) <= length else text[: length - 1] + "…"
