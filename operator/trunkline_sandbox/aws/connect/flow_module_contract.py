"""What a flow module takes, gives back and ends with, and how that is checked on both sides when publishing.

The contract is the `Settings` text of the module resource (input.schema, resultData.schema: JSON Schema of an object;
transitions.results: the branches), not the `Settings` object in its content, which every module carries alike.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trunkline_sandbox.aws.connect.flow_document import Action, dynamic

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}


@dataclass(frozen=True, slots=True)
class Contract:
    """Names and JSON types of input and result data (none: not declared), and the names of the branches."""

    inputs: Mapping[str, str] | None
    results: Mapping[str, str] | None
    branches: frozenset[str]


def read_contract(settings: str | None) -> Contract:
    """Read a module's `Settings`. Raises ValueError, with what is wrong, if it is not a JSON object."""
    try:
        document = json.loads(settings or "{}")
    except ValueError as error:
        raise ValueError("Settings is not valid JSON.") from error
    if not isinstance(document, dict):
        raise ValueError("Settings is not a JSON object.")  # noqa: TRY004 - a value of the caller, not a Python type
    results = _inner(document, "transitions").get("results") or []
    names = [result.get("name") for result in results if isinstance(result, dict)]
    return Contract(
        inputs=_properties(_inner(document, "input")),
        results=_properties(_inner(document, "resultData")),
        branches=frozenset(name for name in names if isinstance(name, str)),
    )


def check_call(action: Action, contract: Contract) -> Iterator[str]:
    """InvokeFlowModule: input that the module declares, of the declared types; branches that it has."""
    given = action.parameters.get("Input")
    if given is not None:
        yield from _values(action, "Input", given, contract.inputs)
    for position, condition in enumerate(action.conditions):
        if condition.operator != "Equals" or set(condition.operands) - contract.branches:
            yield f"Invalid Action property value. Path: {action.path}.Transitions.Conditions[{position}]"


def check_return(action: Action, contract: Contract) -> Iterator[str]:
    """EndFlowModuleExecution: a branch and data that the module declares."""
    result = action.parameters.get("Result")
    if result is not None and result not in contract.branches:
        yield f"Invalid Action property value. Path: {action.at('Result')}"
    data = action.parameters.get("ResultData")
    if data is not None:
        yield from _values(action, "ResultData", data, contract.results)


def _inner(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = document.get(name)
    return value if isinstance(value, dict) else {}


def _properties(part: Mapping[str, Any]) -> Mapping[str, str] | None:
    schema = part.get("schema")
    if not isinstance(schema, dict):
        return None
    properties = schema.get("properties")
    named = properties if isinstance(properties, dict) else {}
    return {name: str(value.get("type", "")) for name, value in named.items() if isinstance(value, dict)}


def _values(action: Action, parameter: str, given: object, declared: Mapping[str, str] | None) -> Iterator[str]:
    if declared is None or not isinstance(given, dict):
        yield f"Invalid Action property value. Path: {action.at(parameter)}"
        return
    for name, value in given.items():
        if name not in declared or not _fits(value, declared[name]):
            yield f"Invalid Action property value. Path: {action.at(parameter)}.{name}"


def _fits(value: object, declared: str) -> bool:
    """A JSONPath is a text on the wire, so it stands only where a string is declared."""
    if dynamic(value):
        return declared in {"string", ""}
    if isinstance(value, bool) and declared in {"number", "integer"}:
        return False
    return isinstance(value, _TYPES.get(declared, (object,)))
