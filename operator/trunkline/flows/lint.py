"""What the service would refuse on publishing a flow, and what is doubtful, before any call is made.

Goes by the table of action types (`actions.py`) and by the rules of single types (`rules.py`). Of types that are in
neither only the structure is checked. An ERROR is what the service is known to refuse, in its own words and with the
action's name, which the service does not tell; what is only documented, or doubtful, is a WARNING. Pure; says nothing
about whether referenced resources exist (`references.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trunkline.api.problem import nearest
from trunkline.flows.action_type import ALL_FLOW_TYPES, MODULE, OPERATORS, ActionType
from trunkline.flows.actions import ACTION_TYPES, REFERENCE_PARAMETERS, REFUSED_TYPES
from trunkline.flows.by_table import check_by_table
from trunkline.flows.contracts import check_call, check_return
from trunkline.flows.document import MAX_CHARACTERS, Action, Flow, render
from trunkline.flows.findings import doubt, refused
from trunkline.flows.modules import CONTENT_SETTINGS, Contract
from trunkline.flows.problem import Problem, Severity
from trunkline.flows.references import Reference, references
from trunkline.flows.rules import RULES

_ARN_CHARACTERS = 130  # of a queue; names are shorter than what they stand for
_NOT_IN_IDENTIFIERS = frozenset("%:(\\/)=$,;[]{}")
_RESERVED_IDENTIFIERS = frozenset(
    {
        "__proto__",
        "constructor",
        "__defineGetter__",
        "__defineSetter__",
        "toString",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "valueOf",
    }
)
_INSTEAD = {
    "DisconnectParticipant": "EndFlowExecution",
    "EndFlowExecution": "DisconnectParticipant",
    "TransferContactToQueue": "DequeueContactAndTransferToQueue",
    "DequeueContactAndTransferToQueue": "TransferContactToQueue",
    "EndFlowModuleExecution": "DisconnectParticipant",
}


def lint(
    flow: Flow, flow_type: str, *, own: Contract | None = None, contracts: Mapping[str, Contract] | None = None
) -> tuple[Problem, ...]:
    """Everything that is wrong with a flow of that type, in the order of its actions.

    flow_type: AWS's ContactFlowType, or `MODULE` for the content of a module. own: the contract of the module itself.
    contracts: of the modules that it may call, by handle; a module that is not there is not checked.
    """
    found: list[Problem] = list(_whole(flow, flow_type))
    for action in flow.actions:
        found += _identifier(action)
        found += _empty_texts(action)
        known = ACTION_TYPES.get(action.type)
        if known is None:
            found += _unknown_type(action)
            continue
        found += _flow_type(action, known, flow_type)
        found += check_by_table(action, known)
        if action.type in RULES:
            found += RULES[action.type](action, flow_type)
    found += _contracts(flow, flow_type, own, contracts or {})
    found += _reference_kinds(flow)
    return tuple(sorted(found, key=_order))


def _order(problem: Problem) -> int:
    """By action, the flow as a whole first; the sort is stable."""
    head, _, _ = problem.path.removeprefix("Actions[").partition("]")
    return int(head) if problem.path.startswith("Actions[") else -1


def _whole(flow: Flow, flow_type: str) -> Iterator[Problem]:
    if flow_type == MODULE and flow.settings is None:
        message = "JSON field is missing or null for field name: settings"
        yield Problem(None, "Settings", message, f'add "Settings": {render(CONTENT_SETTINGS)} at the top')
    if flow_type != MODULE and flow.settings is not None:
        yield Problem(None, "Settings", "only modules have Settings", "leave them out", Severity.WARNING)
    linked = len(render(flow.document)) + sum(max(0, _ARN_CHARACTERS - len(ref.text)) for ref in references(flow))
    if linked > MAX_CHARACTERS:
        message = f"about {linked:,} characters with ARNs in place of names, Amazon Connect takes {MAX_CHARACTERS:,}"
        yield Problem(None, "", message, "move a part of it to a flow module", Severity.WARNING)
    yield from _unreachable(flow)


def _unreachable(flow: Flow) -> Iterator[Problem]:
    by_name = {action.identifier: action for action in flow.actions}
    reached: set[str] = set()
    ahead = [flow.start]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead += by_name[name].targets
    for action in flow.actions:
        if action.identifier not in reached:
            yield doubt(action, "", "nothing leads to this action", "lead to it or drop it")


def _identifier(action: Action) -> Iterator[Problem]:
    forbidden = sorted(set(action.identifier) & _NOT_IN_IDENTIFIERS)
    if forbidden:
        message = f"an Identifier may not have {' '.join(forbidden)} in it"
        yield doubt(action, "Identifier", message, "use letters, digits, blanks, - and _")
    if action.identifier in _RESERVED_IDENTIFIERS:
        yield doubt(action, "Identifier", f'"{action.identifier}" may not be an Identifier', "use another word")


def _empty_texts(action: Action) -> Iterator[Problem]:
    remedy = "leave the property out, or give it a value; a single blank is one"
    for path in _empty_in("Parameters", action.parameters):
        if action.type == "UpdateContactAttributes" and path.startswith("Parameters.Attributes"):
            yield refused(action, path, "Empty value in Parameters.Attributes", remedy)
        else:
            yield refused(action, path, f"Invalid Action property value. Path: {action.index}.Parameter", remedy)
    for branch in action.conditions:
        if "" in branch.operands:
            block = "Evaluate" if action.type == "Compare" else action.type
            message = f"Invalid branch. Path: {action.index}.{block}"
            remedy = "nothing compares with empty text; let the value be a word of its own, and compare with that"
            yield refused(action, f"Transitions.Conditions[{branch.index}].Condition.Operands", message, remedy)


def _empty_in(path: str, value: Any) -> Iterator[str]:
    if value == "":
        yield path
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _empty_in(f"{path}.{key}", inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _empty_in(f"{path}[{index}]", inner)


def _unknown_type(action: Action) -> Iterator[Problem]:
    if action.type in REFUSED_TYPES:
        message = f"Invalid Action type. Type: {action.type}, Path: {action.service_path}.Type"
        yield refused(action, "Type", message, f"write {REFUSED_TYPES[action.type]}")
        return
    meant = nearest(action.type, ACTION_TYPES)
    if meant is not None and meant.casefold() == action.type.casefold():
        yield doubt(action, "Type", f'the action type is spelled "{meant}"', f"write {meant}")
    if any(branch.operator not in OPERATORS for branch in action.conditions):
        yield doubt(
            action, "Transitions.Conditions", "an operator that is not known", f"write {', '.join(sorted(OPERATORS))}"
        )


def _flow_type(action: Action, known: ActionType, flow_type: str) -> Iterator[Problem]:
    if known.flow_types is None or flow_type in known.flow_types:
        return
    if flow_type == MODULE or flow_type not in ALL_FLOW_TYPES - {"CAMPAIGN"}:
        return  # a module runs in flows of several types; of the others no page says what they take
    instead = ACTION_TYPES.get(_INSTEAD.get(action.type, ""))
    if instead is not None and flow_type in (instead.flow_types or ALL_FLOW_TYPES):
        remedy = f"use {_INSTEAD[action.type]} here"
    else:
        remedy = f"it belongs in {', '.join(sorted(known.flow_types)) or 'modules'}"
    tell = doubt if flow_type in known.doubtful_flow_types else refused
    yield tell(action, "Type", f"{action.type} is not supported in flows of type {flow_type}", remedy)


def _contracts(
    flow: Flow, flow_type: str, own: Contract | None, contracts: Mapping[str, Contract]
) -> Iterator[Problem]:
    for reference in references(flow):
        if reference.kind == "module" and reference.name in contracts and reference.path.endswith(".FlowModuleId"):
            action = next(action for action in flow.actions if action.identifier == reference.action)
            yield from check_call(action, reference.name, contracts[reference.name])
    if flow_type == MODULE and own is not None:
        for action in flow.actions:
            if action.type == "EndFlowModuleExecution":
                yield from check_return(action, own)


def _reference_kinds(flow: Flow) -> Iterator[Problem]:
    """A reference of one kind where the parameter takes another."""
    by_action: dict[str | None, list[Reference]] = {}
    for reference in references(flow):
        by_action.setdefault(reference.action, []).append(reference)
    for action in flow.actions:
        for reference in by_action.get(action.identifier, ()):
            inner = reference.path.removeprefix(action.at()).removeprefix(".Parameters.")
            kind = _kind_taken(inner)
            if kind is not None and kind != reference.kind:
                message = f"Invalid Action property value. Path: {action.service_path}.Parameters.{inner}"
                yield refused(action, f"Parameters.{inner}", message, f"name a {kind} here, not a {reference.kind}")


def _kind_taken(inner: str) -> str | None:
    head, _, tail = inner.partition(".")
    return (
        REFERENCE_PARAMETERS.get(inner)
        or REFERENCE_PARAMETERS.get(f"{head.partition('[')[0]}[].{tail}")
        or (REFERENCE_PARAMETERS.get(f"{head}.*") if tail else None)
    )
