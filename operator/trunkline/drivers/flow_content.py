"""The content of flows and flow modules as their drivers see it: what AWS holds, what is wanted, and how they differ.

Where Search does not show content, a stamp stands for it: AWS's checksum if Search shows that, else the time of the
last change. The record's word `stamp` is the one that was seen together with a content, the word `content` our own
digest of that content in canonical form. While Search shows the same stamp the content is not read again; one that
differs, or is not on record, is described. So a converged center costs no call per flow, whichever way Search behaves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trunkline.api.counted import counted
from trunkline.engine.driver import UNREAD, Unread
from trunkline.engine.plan import Change
from trunkline.engine.record import Entry
from trunkline.engine.resource import Json, Ref, is_open, references
from trunkline.flows.canonical import canonical, same
from trunkline.flows.diff import diff

DIGEST_WORD, STAMP_WORD = "content", "stamp"
FLOW_KINDS = ("flow", "module")

Content = Json | str  # Json while references in it are open


@dataclass(frozen=True, slots=True)
class ObservedContent:
    """text: as AWS answers it, UNREAD if the stamp says that it is what the record knows.

    stamp: seen with this text; empty where Search showed the content itself and no stamp has to be remembered.
    """

    text: str | Unread
    stamp: str = ""


def stamp(body: Mapping[str, Any], checksum: str, searched: Mapping[str, Any]) -> str:
    """The stamp of a content as an answer shows it; empty if it shows none. checksum: the member that holds AWS's.

    searched: what Search answered for it; only what Search shows too can be compared in the next pass.
    """
    if searched.get(checksum):
        return str(body.get(checksum) or "")
    changed = body.get("LastModifiedTime") if searched.get("LastModifiedTime") else None
    return changed.isoformat() if isinstance(changed, datetime) else str(changed or "")


def is_known(words: Mapping[str, str], seen: str) -> bool:
    """Whether the record's words tell what content has this stamp."""
    return bool(seen) and words.get(STAMP_WORD) == seen and bool(words.get(DIGEST_WORD))


def flow_references(content: Content) -> frozenset[Ref]:
    """The references to other flows and modules: without them the flow can be made, saved but not published."""
    return frozenset(ref for ref in references(content) if ref.node.split("/", 1)[0] in FLOW_KINDS)


def content_changes(wanted: Content, observed: ObservedContent, entry: Entry | None) -> tuple[Change, ...]:
    """The difference per action; empty if what callers hear is the same. An open reference differs from anything."""
    if isinstance(observed.text, Unread):
        known = entry.words.get(DIGEST_WORD) if entry is not None else None
        if isinstance(wanted, str) and digest(wanted) == known:
            return ()
        return (Change("content", "as last written", "as in the spec"),)
    text = str(wanted)
    if not is_open(wanted) and same(observed.text, text):
        return ()
    return diff(observed.text, text) or (Change("content", "as observed", "with references not known yet"),)


def words_observed(observed: ObservedContent, entry: Entry | None) -> dict[str, str]:
    """Words that an observation teaches when the content stays as it is."""
    if isinstance(observed.text, Unread):
        words = entry.words if entry is not None else {}
        return {word: words.get(word, "") for word in (DIGEST_WORD, STAMP_WORD)}
    if not observed.stamp:
        return {DIGEST_WORD: "", STAMP_WORD: ""}
    return {DIGEST_WORD: digest(observed.text), STAMP_WORD: observed.stamp}


# After a write nobody knows the stamp of what AWS made of it: it is learnt by the next observation.
WORDS_WRITTEN: Mapping[str, str] = {DIGEST_WORD: "", STAMP_WORD: ""}


def digest(content: str) -> str:
    """Our own short digest of a content in canonical form."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()[:32]


def same_json(one: str | None, other: str | None) -> bool:
    """Whether two JSON texts mean the same; text that is no JSON is compared as it is."""
    if one is None or other is None:
        return one == other
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return one == other


def actions(content: Content) -> str:
    """A content in a few words, for the plan of what does not exist yet."""
    value: Any = content.value if isinstance(content, Json) else _loaded(content)
    count = len(value.get("Actions") or ()) if isinstance(value, Mapping) else 0
    return counted(count, "action")


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def unread_unless(text: str | None) -> str | Unread:
    """The content, UNREAD if an answer shows none."""
    return UNREAD if text is None else text


def minimal_flow(ending: str) -> str:
    """The least content that a flow can be saved with, until the flows it names exist. ending: type of its action."""
    return json.dumps(_minimal(ending), separators=(",", ":"))


def minimal_module() -> str:
    """The same for a module, which AWS publishes at once: it must be valid, `Settings` included."""
    settings: dict[str, Any] = {"InputParameters": [], "OutputParameters": [], "Transitions": []}
    return json.dumps({**_minimal("EndFlowModuleExecution"), "Settings": settings}, separators=(",", ":"))


def _minimal(ending: str) -> dict[str, Any]:
    action: dict[str, Any] = {"Identifier": "end", "Type": ending, "Parameters": {}, "Transitions": {}}
    return {"Version": "2019-10-30", "StartAction": "end", "Metadata": {}, "Actions": [action]}
