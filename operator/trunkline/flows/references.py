"""References in flow content: finding them, checking them, putting the engine's references in their place.

A flow names what it uses as `trunkline:<kind>/<name>`, or `trunkline:<kind>/<name>@<attribute>`, in any text of its
actions, alone or among other words; flow-as-code's `${cdref:<type>:<name>}` and `${cdref:<type>:<name>@<qualifier>}`
mean the same. Everywhere an ARN is put in, which the flow language takes wherever it takes an id, unless the
reference asks for something else. Layout (Metadata) and the wiring (identifiers, types, transitions) hold none. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.api.problem import nearest
from trunkline.engine.resource import Join, Json, Ref
from trunkline.flows.document import Flow
from trunkline.flows.problem import FlowError, Problem, Severity

Names = Mapping[str, Collection[str] | None]
"""The names that may be referred to, by kind: `{"queue": {"sales", "support"}, "prompt": None}`.

None stands for any name: such resources are looked up in the instance and not listed anywhere.
"""

PREFIX = "trunkline:"

# What each kind gives: as users write it -> the attribute of the engine's reference. The first is the default: for a
# function the ARN of its alias, so that a flow calls what was published.
_INSTANCE_ATTRIBUTES = {"arn": "arn", "id": "id"}
ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    "queue": _INSTANCE_ATTRIBUTES,
    "hours": _INSTANCE_ATTRIBUTES,
    "prompt": _INSTANCE_ATTRIBUTES,
    "flow": _INSTANCE_ATTRIBUTES,
    "module": _INSTANCE_ATTRIBUTES,
    "quick-connect": _INSTANCE_ATTRIBUTES,
    "view": _INSTANCE_ATTRIBUTES,
    "function": {"alias-arn": "alias_arn", "arn": "arn"},
    "bot": {"alias-arn": "alias_arn"},
}
_CDREF_KINDS = {"lambda": "function", "lex": "bot"}
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._@-]*[A-Za-z0-9_-])?"
_REFERENCE = re.compile(
    rf"(?<![A-Za-z0-9])trunkline:(?P<kind>[A-Za-z][A-Za-z-]*)/(?P<name>{_NAME})?"
    r"|\$\{cdref:(?P<type>[A-Za-z]+):(?P<cdname>[^}@]+)(?:@(?P<qualifier>[^}]+))?\}"
)
_HINTS = ("trunkline:", "${cdref:")
# Parts of an action that are wiring, not values.
_WIRING = frozenset({"Identifier", "Type", "NextAction", "ErrorType", "Operator"})


@dataclass(frozen=True, slots=True)
class Reference:
    """A name that a flow uses. text: as written. path: where. qualifier: a version or alias from a `cdref`."""

    kind: str
    name: str
    attribute: str | None
    qualifier: str | None
    text: str
    path: str
    action: str | None

    @property
    def node(self) -> str:
        """The node of the blueprint that it means."""
        return f"{self.kind}/{self.name}"


def references(flow: Flow, names: Names | None = None) -> tuple[Reference, ...]:
    """All references, in order of appearance. With `names`, a name with an @ in it is known for what it is."""
    return tuple(reference for place in _texts(flow) for reference in _in_text(*place, names))


def check_references(flow: Flow, names: Names) -> tuple[Problem, ...]:
    """What is wrong with the references of a flow: malformed, of no known kind, of no known name."""
    problems: list[Problem] = []
    for place in _texts(flow):
        problems.extend(_malformed(*place))
        for reference in _in_text(*place, names):
            problems.extend(_wrong(reference, names))
    return tuple(problems)


def link(flow: Flow, names: Names) -> Json:
    """The content with the engine's references in place of names; what is not named stays as it was written.

    Raises FlowError if a reference cannot be linked; `check_references` tells warnings as well.
    """
    wrong = [problem for problem in check_references(flow, names) if problem.severity is Severity.ERROR]
    if wrong:
        raise FlowError(*wrong)
    document = dict(flow.document)
    document["Actions"] = [_linked_action(action.raw, names) for action in flow.actions]
    if flow.settings is not None:
        document["Settings"] = _linked(flow.settings, names)
    return Json(document)


def _texts(flow: Flow) -> Iterator[tuple[str, str | None, str]]:
    """Every text that may hold references: its path, its action, itself."""
    for action in flow.actions:
        for key, value in action.raw.items():
            if key not in _WIRING and _hints(value):
                yield from ((action.at(inner), action.identifier, text) for inner, text in _inside(key, value))
    if flow.settings is not None:
        yield from ((path, None, text) for path, text in _inside("Settings", flow.settings))


def _hints(value: Any) -> bool:
    """Whether there may be a reference in it. Most actions have none, and a center has thousands of actions."""
    if isinstance(value, str):
        return _HINTS[0] in value or _HINTS[1] in value
    if isinstance(value, dict):
        return any(map(_hints, value.values()))
    return isinstance(value, list) and any(map(_hints, value))


def _inside(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if _hints(value):
            yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in _WIRING or not path.startswith("Transitions"):
                yield from _inside(f"{path}.{key}", inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _inside(f"{path}[{index}]", inner)


def _linked_action(raw: Mapping[str, Any], names: Names) -> Mapping[str, Any]:
    if not _hints(raw):
        return raw
    return {key: value if key in _WIRING else _linked(value, names, key) for key, value in raw.items()}


def _linked(value: Any, names: Names, part: str = "") -> Any:
    if isinstance(value, str):
        return _linked_text(value, names) if _hints(value) else value
    if isinstance(value, Mapping):
        wiring = _WIRING if part == "Transitions" else frozenset[str]()
        return {key: inner if key in wiring else _linked(inner, names, part) for key, inner in value.items()}
    if isinstance(value, list):
        return [_linked(inner, names, part) for inner in value]
    return value


def _linked_text(text: str, names: Names) -> Any:
    parts: list[str | Ref] = []
    end = 0
    for match in _REFERENCE.finditer(text):
        reference = _reference(match, "", None, names)
        parts.append(text[end : match.start()])
        parts.append(Ref(reference.node, _attribute(reference)))
        if reference.kind == "view" and reference.qualifier:
            parts.append(f":{reference.qualifier}")
        end = match.start() + len(reference.text)
    parts.append(text[end:])
    kept = tuple(part for part in parts if part != "")
    return kept[0] if len(kept) == 1 else Join(kept)


def _in_text(path: str, action: str | None, text: str, names: Names | None) -> Iterator[Reference]:
    return (_reference(match, path, action, names) for match in _REFERENCE.finditer(text))


def _reference(match: re.Match[str], path: str, action: str | None, names: Names | None) -> Reference:
    written = match.group()
    if match["type"] is not None:
        kind = _CDREF_KINDS.get(match["type"], match["type"])
        return Reference(kind, match["cdname"], None, match["qualifier"], written, path, action)
    kind, name = match["kind"], match["name"] or ""
    attribute = None
    known = (names or {}).get(kind) or ()
    if "@" in name and name not in known:
        head, _, tail = name.rpartition("@")
        if head in known or tail in ATTRIBUTES.get(kind, {}):
            name, attribute = head, tail
    return Reference(kind, name, attribute, None, written, path, action)


def _attribute(reference: Reference) -> str:
    attributes = ATTRIBUTES[reference.kind]
    return attributes[reference.attribute or next(iter(attributes))]


def _malformed(path: str, action: str | None, text: str) -> Iterator[Problem]:
    """Text that was meant as a reference and is none."""
    if text.startswith(PREFIX) and not any(blank in text for blank in " \n\t") and not _REFERENCE.match(text):
        yield Problem(action, path, f'"{text}" is no reference', "write trunkline:<kind>/<name>, trunkline:queue/sales")
    for start in (place.start() for place in re.finditer(r"\$\{cdref:", text)):
        if not _REFERENCE.match(text, start):
            yield Problem(action, path, f'"{text[start : start + 40]}" is no reference', "write ${cdref:queue:sales}")


def _wrong(reference: Reference, names: Names) -> Iterator[Problem]:
    def problem(message: str, remedy: str, severity: Severity = Severity.ERROR) -> Problem:
        return Problem(reference.action, reference.path, message, remedy, severity)

    if reference.kind not in ATTRIBUTES:
        known = _CDREF_KINDS.get(reference.kind) or nearest(reference.kind, ATTRIBUTES)
        yield problem(f'"{reference.kind}" is nothing that a flow can name', _instead(known, ATTRIBUTES))
        return
    known_names = names.get(reference.kind, ())
    if not reference.name:
        yield problem(f'"{reference.text}" names no {reference.kind}', _instead(None, known_names or ()))
    elif known_names is not None and reference.name not in known_names:
        told = f'no {reference.kind} is called "{reference.name}"'
        yield problem(told, _instead(nearest(reference.name, known_names), known_names))
    attributes = ATTRIBUTES[reference.kind]
    if reference.attribute is not None and reference.attribute not in attributes:
        told = f'a {reference.kind} has no "{reference.attribute}"'
        yield problem(told, f"write one of @{', @'.join(attributes)}, or nothing for @{next(iter(attributes))}")
    if reference.qualifier is not None and reference.kind != "view":
        told = f'"@{reference.qualifier}" is not kept: the flow uses what is published of the {reference.kind}'
        yield problem(told, "leave it out", Severity.WARNING)


def _instead(known: str | None, names: Collection[str]) -> str:
    if known is not None:
        return f'did you mean "{known}"?'
    some = sorted(names)[:5]
    return f"known are {', '.join(some)}{', …' if len(names) > len(some) else ''}" if some else "there is none yet"
