"""How the linter tells what it found: the service's own phrases, each with the action, the place and a remedy. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from trunkline.flows.document import Action
from trunkline.flows.problem import Problem, Severity


def refused(action: Action, inner: str, message: str, remedy: str) -> Problem:
    """What the service is known to refuse."""
    return Problem(action.identifier, action.at(inner), message, remedy)


def doubt(action: Action, inner: str, message: str, remedy: str) -> Problem:
    """What is documented to be wrong, or likely to be."""
    return Problem(action.identifier, action.at(inner), message, remedy, Severity.WARNING)


def bad_value(action: Action, inner: str, remedy: str) -> Problem:
    """A property whose value the service does not take."""
    return refused(action, inner, f"Invalid Action property value. Path: {action.service_path}.{inner}", remedy)


def bad_condition(action: Action, inner: str, remedy: str) -> Problem:
    """A condition that the service does not take, or one that is not there. It names no single condition."""
    message = f"Invalid Action property value. Path: {action.service_path}.Transitions.Conditions"
    return refused(action, f"Transitions.Conditions{inner}", message, remedy)


def no_conditions(action: Action, remedy: str) -> Problem:
    """Conditions where the action takes none."""
    message = f"Action does not support conditions. Path: {action.service_path}"
    return refused(action, "Transitions.Conditions", message, remedy)


def missing(action: Action, inner: str) -> Problem:
    """A property that is not there."""
    message = f"Action is missing required property. Path: {action.service_path}.{inner}"
    return refused(action, inner, message, f"add {inner.rpartition('.')[2]}")


def only_one(action: Action, inner: str, given: list[str]) -> Problem:
    """Several of what excludes each other."""
    message = f"Only one of these properties may be defined. Properties: [{', '.join(given)}]"
    return refused(action, inner, message, "keep one of them")


def demand(action: Action, error: str) -> Iterator[Problem]:
    """The error branch has to be there."""
    if all(branch.error_type != error for branch in action.errors):
        message = f"Action is missing required error. Error: {error}, Path: {action.service_path}"
        yield refused(action, "Transitions.Errors", message, f'add {{"ErrorType": "{error}", "NextAction": "…"}}')


def forbid(action: Action, error: str, why: str) -> Iterator[Problem]:
    """The error branch may not be there."""
    for branch in action.errors:
        if branch.error_type == error:
            message = f"Invalid Action error. Error: {error}, Path: {action.service_path}"
            yield refused(action, f"Transitions.Errors[{branch.index}]", message, f"drop it: {why}")
