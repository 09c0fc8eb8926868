"""Events: what a person on call wants to read in `kubectl describe`. On transitions only. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from trunkline.engine.plan import Change
from trunkline.engine.result import Done, NodeResult, Result, State
from trunkline.handlers.conditions import as_the_spec_says
from trunkline.handlers.port import Note, NoteType
from trunkline.handlers.rendering import shown
from trunkline.handlers.resources import shortened

MAX_NOTES = 12
NAMED = 8
NOTE_LENGTH = 1000

_WARNED = (State.BLOCKED, State.REJECTED, State.HELD)


def notes(
    result: Result, before: Mapping[str, State], *, was_ready: bool | None, ready: bool, drift: bool
) -> tuple[Note, ...]:
    """The Events of one pass. before: states of the last one. was_ready None: not known (the first pass)."""
    done = [*_done(result.done, drift=drift)]
    ready_now = []
    if ready and was_ready is not True:
        settled = as_the_spec_says(len(result.nodes))
        if [note.reason for note in done] == ["Created"]:  # what was made needs no Event of its own
            done = [Note(NoteType.NORMAL, "Ready", f"{done[0].message}; {settled}")]
        else:
            ready_now = [Note(NoteType.NORMAL, "Ready", settled)]
    found = [*done, *_left(result), *_troubles(result.nodes, before), *ready_now]
    return tuple(found[:MAX_NOTES])


def _done(done: Sequence[Done], *, drift: bool) -> Iterable[Note]:
    created = [item.key for item in done if item.step.creates]
    deleted = [item.key for item in done if item.step.deletes]
    changed = [item for item in done if not item.step.creates and not item.step.deletes and item.key not in created]
    if created:
        yield Note(NoteType.NORMAL, "Created", _named("created", created))
    if changed:
        reason, verb = ("DriftRepaired", "put back") if drift else ("Changed", "changed")
        yield Note(NoteType.NORMAL, reason, shortened(f"{verb} {_changes(changed)}", NOTE_LENGTH))
    if deleted:
        yield Note(NoteType.NORMAL, "Deleted", _named("deleted", deleted))


def _changes(done: Sequence[Done]) -> str:
    texts = []
    for item in done[:NAMED]:
        changes = ", ".join(_change(change) for change in item.step.changes[:4])
        texts.append(f"{item.key} ({changes or item.step.operation})")
    more = len(done) - NAMED
    return "; ".join(texts) + (f"; and {more} more" if more > 0 else "")


def _change(change: Change) -> str:
    return f"{change.path}: {shown(change.old)} -> {shown(change.new)}"


def _left(result: Result) -> Iterable[Note]:
    if result.released:
        yield Note(NoteType.NORMAL, "Retained", _named("no longer managed, left in AWS:", result.released))


def _troubles(nodes: Sequence[NodeResult], before: Mapping[str, State]) -> Iterable[Note]:
    told: set[str] = set()  # one cause may stop several resources of an entry
    for node in nodes:
        text = node.message if node.name in node.message else f"{node.key}: {node.message}".rstrip(": ")
        if node.state in _WARNED and before.get(node.key) is not node.state and text not in told:
            told.add(text)
            reason = node.state.value if node.state is State.HELD else (node.reason or node.state.value)
            yield Note(NoteType.WARNING, reason, shortened(text, NOTE_LENGTH))


def _named(verb: str, keys: Sequence[str]) -> str:
    unique = list(dict.fromkeys(keys))
    more = len(unique) - NAMED
    return shortened(f"{verb} {', '.join(unique[:NAMED])}" + (f" and {more} more" if more > 0 else ""), NOTE_LENGTH)
