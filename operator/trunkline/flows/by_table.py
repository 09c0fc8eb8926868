"""Checking an action against what the table knows of its type: names and values of parameters, branches, conditions.

Pure; the table is `actions.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trunkline.api.problem import nearest
from trunkline.flows.action_type import NO_MATCHING_ERROR, ActionType, Next
from trunkline.flows.document import Action
from trunkline.flows.findings import bad_condition, bad_value, demand, doubt, no_conditions, only_one, refused
from trunkline.flows.problem import Problem
from trunkline.flows.values import among

# Parameters whose values are JSON of any form; all others are text, numbers included.
_TYPED = frozenset({"ViewData", "Input", "ResultData"})


def check_by_table(action: Action, known: ActionType) -> Iterator[Problem]:
    """What is wrong with an action by what is known of its type alone."""
    yield from _parameters(action, known)
    yield from _branches(action, known)
    yield from _conditions(action, known)


def _parameters(action: Action, known: ActionType) -> Iterator[Problem]:
    given = {name for name, value in action.parameters.items() if value is not None}
    for name in action.parameters:
        yield from _parameter_name(action, known, name)
    for name in (*known.required, *known.expected):
        if name not in given:
            message = f"Action is missing required property. Path: {action.service_path}.Parameters.{name}"
            tell = refused if name in known.required else doubt
            yield tell(action, f"Parameters.{name}", message, f"add {name}")
    for group in (*known.exactly_one, *known.at_most_one):
        several = [name for name in group if name in given]
        if len(several) > 1:
            yield only_one(action, "Parameters", several)
        elif not several and group in known.exactly_one:
            yield refused(action, "Parameters", f"At least one of [{', '.join(group)}] must be set", f"add {group[0]}")
    for name, values in known.values.items():
        value = action.parameters.get(name)
        if name in given and value not in values and not (isinstance(value, str) and value.startswith("$")):
            known_values = " or ".join(f'"{word}"' for word in values)
            yield bad_value(action, f"Parameters.{name}", f"write {known_values}, as text")
    for path in _booleans("Parameters", action.parameters, known.values):
        yield doubt(action, path, "true and false are text in the flow language", 'write "True" or "False", in quotes')


def _parameter_name(action: Action, known: ActionType, name: str) -> Iterator[Problem]:
    message = f"Invalid Action property name. Path: {action.service_path}.Parameters.{name}"
    if name in known.misnamed:
        yield refused(action, f"Parameters.{name}", message, f"use {known.misnamed[name]}")
    elif known.parameters is None or name in known.parameters:
        return
    elif not known.parameters:
        yield refused(action, f"Parameters.{name}", message, f"{action.type} has no parameters")
    else:
        meant = nearest(name, known.parameters)
        remedy = f'did you mean "{meant}"?' if meant else f"known are {', '.join(sorted(known.parameters))}"
        yield doubt(action, f"Parameters.{name}", message, remedy)


def _booleans(path: str, value: Any, checked: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    if isinstance(value, bool):
        yield path
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in _TYPED and key not in checked:
                yield from _booleans(f"{path}.{key}", inner, checked)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _booleans(f"{path}[{index}]", inner, checked)


def _branches(action: Action, known: ActionType) -> Iterator[Problem]:
    if known.next is Next.NONE:
        if action.targets:
            message = f"Action does not support transitions. Path: {action.service_path}"
            yield refused(action, "Transitions", message, f'{action.type} ends the flow: write "Transitions": {{}}')
        return
    if known.next is Next.REQUIRED and action.next is None:
        message = f"Action is missing required property. Path: {action.service_path}.Transitions.NextAction"
        yield refused(action, "Transitions.NextAction", message, "name the action that comes next")
    for error in known.errors:
        yield from demand(action, error)
    for branch in action.errors:
        if branch.error_type not in known.errors and branch.error_type not in known.optional_errors:
            yield from _foreign_error(action, known, branch.error_type, branch.index)


def _foreign_error(action: Action, known: ActionType, error: str, index: int) -> Iterator[Problem]:
    message = f"Invalid Action error. Error: {error}, Path: {action.service_path}"
    all_known = sorted({*known.errors, *known.optional_errors})
    remedy = f"{action.type} has {', '.join(all_known) if all_known else 'no errors'}; drop this one"
    if not known.closed and error == NO_MATCHING_ERROR:
        return
    tell = refused if known.closed else doubt
    yield tell(action, f"Transitions.Errors[{index}]", message, remedy)


def _conditions(action: Action, known: ActionType) -> Iterator[Problem]:
    takes = known.conditions
    if takes is None:
        if action.conditions and known.next is not Next.NONE:
            yield no_conditions(action, "drop them")
        return
    for branch in action.conditions:
        place = f"[{branch.index}].Condition"
        if branch.operator not in takes.operators:
            yield bad_condition(action, f"{place}.Operator", f"write {', '.join(sorted(takes.operators))}")
        if len(branch.operands) != 1:
            yield bad_condition(action, f"{place}.Operands", "give it exactly one operand")
        elif takes.operands is not None and not among(branch.operands[0], takes.operands):
            remedy = f"write one of {', '.join(sorted(takes.operands))}, as text"
            yield bad_condition(action, f"{place}.Operands", remedy)
    equals = [branch.operands[0] for branch in action.conditions if len(branch.operands) == 1]
    for operand in takes.required:
        if operand not in equals:
            yield bad_condition(action, "", f'add a condition Equals "{operand}"')
    if len(action.conditions) < takes.least:
        yield bad_condition(action, "", "add at least one condition")
