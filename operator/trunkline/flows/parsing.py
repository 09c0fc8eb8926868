"""Reading flow content, and what is wrong with its structure.

Reads the Amazon Connect flow language (Version 2019-10-30, also with the layout metadata that the console writes since
2022) from JSON text or from a structure, losslessly: unknown action types and unknown keys stay as they are. What
single action types demand is the linter's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from trunkline.flows.document import (
    MAX_ACTIONS,
    MAX_CHARACTERS,
    MAX_IDENTIFIER,
    VERSION,
    Action,
    ConditionBranch,
    ErrorBranch,
    Flow,
    Kind,
    action_path,
    load,
    render,
)
from trunkline.flows.problem import FlowError, Problem

_OLD_EXPORT = (
    "pre-2022 console export (`modules` at the top), another format than the flow language",
    "open the flow in the console's flow designer, save it and export it again",
)


def parse(content: str | Mapping[str, Any], kind: Kind = Kind.FLOW) -> Flow:
    """The flow in JSON text or in a structure (inline YAML).

    Raises FlowError with everything that is wrong with the structure; what single action types demand is the linter's.
    """
    document = _document(content, kind)
    _refuse(_problems_of_form(document, kind))
    actions: list[Any] = document["Actions"]
    _refuse(problem for index, raw in enumerate(actions) for problem in _problems_of_action(index, raw))
    flow = Flow(
        kind=kind,
        start=document["StartAction"],
        actions=tuple(_action(index, raw) for index, raw in enumerate(actions)),
        settings=document["Settings"] if isinstance(document.get("Settings"), Mapping) else None,
        document=document,
    )
    _refuse(_problems_of_links(flow))
    return flow


def _refuse(problems: Iterator[Problem]) -> None:
    if found := tuple(problems):
        raise FlowError(*found)


def _document(content: str | Mapping[str, Any], kind: Kind) -> Mapping[str, Any]:
    """The content as plain values of its own: later changes of what was passed in do not reach it."""
    try:
        value = load(content if isinstance(content, str) else render(content))
    except (TypeError, ValueError, RecursionError) as error:
        remedy = f"write the {kind} as one JSON object"
        raise FlowError(Problem(None, "", f"not JSON: {error}", remedy)) from None
    if not isinstance(value, dict):
        remedy = 'write {"Version": …, "Actions": […]}'
        raise FlowError(Problem(None, "", f"a {kind} is a JSON object, not {_form(value)}", remedy))
    return value


def _problems_of_form(document: Mapping[str, Any], kind: Kind) -> Iterator[Problem]:
    if "Actions" not in document and "modules" in document:
        yield Problem(None, "modules", *_OLD_EXPORT)
        return
    if "Actions" not in document and {"ContactFlow", "ContactFlowModule"} & document.keys():
        yield Problem(
            None, "", "this is the answer of a Describe call, not a flow", "use the value of its Content alone"
        )
        return
    yield from _problems_of_top(document, kind)
    yield from _problems_of_size(document, kind)


def _problems_of_top(document: Mapping[str, Any], kind: Kind) -> Iterator[Problem]:
    if document.get("Version") != VERSION:
        told = "is missing" if "Version" not in document else f"is {document['Version']!r}"
        yield Problem(None, "Version", f"the Version of the flow language {told}", f'write "Version": "{VERSION}"')
    actions = document.get("Actions")
    if not isinstance(actions, list) or not actions:
        told = "is missing" if "Actions" not in document else "must be a list of at least one action"
        yield Problem(None, "Actions", f"Actions {told}", f"list the actions of the {kind}")
    elif len(actions) > MAX_ACTIONS:
        remedy = "move a part of it to a flow module or to another flow"
        yield Problem(None, "Actions", f"{len(actions)} actions, Amazon Connect takes {MAX_ACTIONS} at most", remedy)
    start = document.get("StartAction")
    if not isinstance(start, str) or not start:
        told = "is missing" if "StartAction" not in document else "must be the Identifier of an action"
        yield Problem(None, "StartAction", f"StartAction {told}", "name the Identifier of the first action")


def _problems_of_size(document: Mapping[str, Any], kind: Kind) -> Iterator[Problem]:
    text = render(document)
    try:
        text.encode()
    except UnicodeEncodeError:
        yield Problem(None, "", "a text has half a surrogate pair (\\ud800 to \\udfff)", "write the character itself")
    if len(text) > MAX_CHARACTERS:
        told = f"{len(text):,} characters as compact JSON, Amazon Connect takes {MAX_CHARACTERS:,} at most"
        yield Problem(None, "", told, f"move a part of the {kind} to a flow module or to another flow")


def _problems_of_action(index: int, raw: Any) -> Iterator[Problem]:
    if not isinstance(raw, Mapping):
        yield Problem(None, action_path(index, None), f"an action is an object, not {_form(raw)}")
        return
    identifier = raw.get("Identifier")
    name = identifier if isinstance(identifier, str) else None
    if not name:
        path = action_path(index, None, "Identifier")
        yield Problem(None, path, "the Identifier is missing", "give the action a name of its own")
    elif len(name) > MAX_IDENTIFIER:
        told = f"the Identifier has {len(name)} characters, {MAX_IDENTIFIER} is the most"
        yield Problem(name, action_path(index, name, "Identifier"), told, "give the action a shorter name")
    if not isinstance(raw.get("Type"), str) or not raw["Type"]:
        remedy = "say what the action does, MessageParticipant for instance"
        yield Problem(name, action_path(index, name, "Type"), "the Type is missing", remedy)
    for key in ("Parameters", "Transitions"):
        if not isinstance(raw.get(key, {}), Mapping):
            yield Problem(name, action_path(index, name, key), f"{key} is an object, not {_form(raw[key])}")
    if isinstance(raw.get("Transitions"), Mapping):
        yield from _problems_of_transitions(index, name, raw["Transitions"])


def _problems_of_transitions(index: int, name: str | None, transitions: Mapping[str, Any]) -> Iterator[Problem]:
    def problem(inner: str, message: str, remedy: str) -> Problem:
        return Problem(name, action_path(index, name, f"Transitions.{inner}"), message, remedy)

    if not isinstance(transitions.get("NextAction", ""), str):
        yield problem("NextAction", "NextAction is not text", "name the Identifier of an action")
    for key in ("Errors", "Conditions"):
        branches = transitions.get(key, [])
        if not isinstance(branches, list):
            yield problem(key, f"{key} is a list, not {_form(branches)}", "write […]")
            continue
        for place, branch in enumerate(branches):
            wrong = _wrong_branch(key, branch)
            if wrong:
                yield problem(f"{key}[{place}]", *wrong)


def _wrong_branch(key: str, branch: Any) -> tuple[str, str] | None:
    if not isinstance(branch, Mapping) or not isinstance(branch.get("NextAction"), str):
        return "the branch has no NextAction", "name the Identifier of the action to go to"
    if key == "Errors":
        if not isinstance(branch.get("ErrorType"), str):
            return "the branch has no ErrorType", "name the error, NoMatchingError for instance"
        return None
    condition = branch.get("Condition")
    if not isinstance(condition, Mapping) or not isinstance(condition.get("Operator"), str):
        return "the branch has no Condition with an Operator", 'write {"Operator": "Equals", "Operands": ["…"]}'
    if not isinstance(condition.get("Operands"), list):
        return "Operands is not a list", 'write "Operands": ["…"]'
    return None


def _problems_of_links(flow: Flow) -> Iterator[Problem]:
    counts = Counter(action.identifier for action in flow.actions)
    for action in flow.actions:
        if counts[action.identifier] > 1 and action.identifier:
            message = f"the Identifier is used {counts[action.identifier]} times"
            yield Problem(action.identifier, action.at("Identifier"), message, "give each action a name of its own")
    if flow.start not in counts:
        message = f'StartAction names "{flow.start}", and no action has that Identifier'
        yield Problem(None, "StartAction", message, _known(flow))
    for action in flow.actions:
        for inner, target in _links(action):
            if target not in counts:
                yield Problem(
                    action.identifier,
                    action.at(inner),
                    f"Invalid Action property value. Path: {action.service_path}.{inner}",
                    f'no action has the Identifier "{target}"; name one that has',
                )


def _links(action: Action) -> Iterator[tuple[str, str]]:
    if action.next is not None:
        yield "Transitions.NextAction", action.next
    for error in action.errors:
        yield f"Transitions.Errors[{error.index}].NextAction", error.target
    for condition in action.conditions:
        yield f"Transitions.Conditions[{condition.index}].NextAction", condition.target


def _known(flow: Flow) -> str:
    return f'name the Identifier of the first action, "{flow.actions[0].identifier}" for instance'


def _action(index: int, raw: Mapping[str, Any]) -> Action:
    transitions: Mapping[str, Any] = raw.get("Transitions", {})
    return Action(
        index=index,
        identifier=raw["Identifier"],
        type=raw["Type"],
        parameters=raw.get("Parameters", {}),
        next=transitions.get("NextAction"),
        errors=tuple(
            ErrorBranch(place, branch["ErrorType"], branch["NextAction"])
            for place, branch in enumerate(transitions.get("Errors", ()))
        ),
        conditions=tuple(
            ConditionBranch(
                place, branch["Condition"]["Operator"], tuple(branch["Condition"]["Operands"]), branch["NextAction"]
            )
            for place, branch in enumerate(transitions.get("Conditions", ()))
        ),
        raw=raw,
    )


def _form(value: Any) -> str:
    forms = (
        (bool, "true or false"),
        (str, "text"),
        (int | float, "a number"),
        (list, "a list"),
        (Mapping, "an object"),
    )
    return next((word for type_, word in forms if isinstance(value, type_)), "null")
