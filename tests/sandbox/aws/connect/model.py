"""AWS's own model of Amazon Connect, to hold every answer against."""

from datetime import datetime
from functools import cache
from typing import Any

import botocore.loaders
from botocore.model import ServiceModel, Shape

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "timestamp": (datetime,),
    "double": (float, int),
}


@cache
def service_model() -> ServiceModel:
    return ServiceModel(botocore.loaders.Loader().load_service_model("connect", "service-2"), "connect")


def check_answer(operation: str, answer: dict[str, Any]) -> None:
    """Fail, saying where, if an answer has a member that the model does not know, or lacks a required one."""
    shape = service_model().operation_model(operation).output_shape
    if shape is None:
        assert answer == {}, f"{operation} answers nothing by the model, but here {answer}"
    else:
        _check(operation, shape, answer)


def check_request(operation: str, params: dict[str, Any]) -> None:
    """Fail, saying where, if a request could not have been made: a name that the model does not know."""
    shape = service_model().operation_model(operation).input_shape
    assert shape is not None
    _known(operation, shape, params)


def _known(path: str, shape: Shape, value: Any) -> None:
    if shape.type_name == "structure":
        unknown = set(value) - set(shape.members)
        assert not unknown, f"{path}: not in the model: {sorted(unknown)}"
        for name, inner in value.items():
            _known(f"{path}.{name}", shape.members[name], inner)
    elif shape.type_name == "list":
        for position, inner in enumerate(value):
            _known(f"{path}[{position}]", shape.member, inner)


def _check(path: str, shape: Shape, value: Any) -> None:
    if shape.type_name == "structure":
        unknown = set(value) - set(shape.members)
        assert not unknown, f"{path}: not in the model: {sorted(unknown)}"
        missing = set(shape.required_members) - set(value)
        assert not missing, f"{path}: required by the model: {sorted(missing)}"
        for name, inner in value.items():
            _check(f"{path}.{name}", shape.members[name], inner)
    elif shape.type_name == "list":
        assert isinstance(value, list), f"{path}: {value!r} is not a list"
        for position, inner in enumerate(value):
            _check(f"{path}[{position}]", shape.member, inner)
    elif shape.type_name == "map":
        for key, inner in value.items():
            _check(f"{path}.{key}", shape.value, inner)
    else:
        assert isinstance(value, _TYPES[shape.type_name]), f"{path}: {value!r} is not a {shape.type_name}"
