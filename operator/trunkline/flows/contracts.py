"""Both sides of a flow module's contract, as the service checks them on publishing: the call, and the return.

Found by publishing (mgaffigan/pulumi-amazon-connect, docs/wire-format-checks.md); no AWS page says it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trunkline.api.problem import nearest
from trunkline.flows.document import Action
from trunkline.flows.findings import bad_condition, bad_value, refused
from trunkline.flows.modules import Contract
from trunkline.flows.problem import Problem
from trunkline.flows.values import among

_FORMS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "object": (Mapping,),
    "array": (list,),
}


def check_call(action: Action, module: str, contract: Contract) -> Iterator[Problem]:
    """What is wrong with an InvokeFlowModule by the contract of the module that it calls."""
    yield from _data(action, "Input", action.parameters.get("Input"), contract.inputs, f"the module {module}")
    for branch in action.conditions:
        for operand in branch.operands:
            if not among(operand, contract.results):
                yield bad_condition(action, f"[{branch.index}]", _result(operand, contract, f"the module {module}"))


def check_return(action: Action, contract: Contract) -> Iterator[Problem]:
    """What is wrong with an EndFlowModuleExecution by the contract of its own module."""
    yield from _data(action, "ResultData", action.parameters.get("ResultData"), contract.data, "this module")
    result = action.parameters.get("Result")
    if result is not None and not among(result, contract.results):
        yield bad_value(action, "Parameters.Result", _result(result, contract, "this module"))


def _result(result: Any, contract: Contract, whose: str) -> str:
    known = sorted(contract.results)
    meant = nearest(str(result), known)
    if meant is not None:
        return f'did you mean "{meant}"?'
    told = f"has the results {', '.join(known)}" if known else "declares no results"
    return f"{whose} {told}: declare it in settings.transitions.results"


def _data(action: Action, name: str, value: Any, schema: Mapping[str, Any] | None, whose: str) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        return
    place = "settings.input.schema" if name == "Input" else "settings.resultData.schema"
    for key, given in value.items():
        path = f"Parameters.{name}.{key}"
        if schema is None or key not in schema:
            message = f"Invalid Action property name. Path: {action.service_path}.{path}"
            meant = nearest(key, schema or ())
            told = f'did you mean "{meant}"?' if meant else f"{whose} does not declare it: add it to {place}"
            yield refused(action, path, message, told)
        elif not _fits(given, schema[key]):
            yield bad_value(action, path, f"{whose} declares it as {schema[key]['type']}: write that, not text")


def _fits(value: Any, declared: Any) -> bool:
    """Whether a value has the declared JSON type. A JSONPath is text, so it fits text alone."""
    wanted = declared.get("type") if isinstance(declared, Mapping) else None
    if not isinstance(wanted, str) or wanted not in _FORMS:
        return True
    if isinstance(value, bool):
        return wanted == "boolean"
    return isinstance(value, _FORMS[wanted])
