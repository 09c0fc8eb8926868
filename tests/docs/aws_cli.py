"""What of the AWS CLI the pages need, on botocore: a call and its flags as the service model has them.

The CLI itself pins a botocore of its own and so cannot live in our environment. As a program (`python aws_cli.py connect
list-instances …`) it makes the call; `check` only looks whether there are such an operation and such flags.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import botocore.session
import jmespath  # type: ignore[import-untyped]  # botocore's own
from botocore import xform_name

GLOBAL = ("query", "output", "region", "max-items", "max-results")


class UsageError(Exception):
    """No such service, operation or flag."""


def check(arguments: Sequence[str]) -> None:
    """Raises UsageError."""
    _parsed(botocore.session.get_session(), arguments)


def _parsed(session: Any, arguments: Sequence[str]) -> tuple[str, str, dict[str, Any], dict[str, str]]:
    service, command, *rest = arguments
    if service not in session.get_available_services():
        raise UsageError(f"aws: there is no service {service}")
    model = session.get_service_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    if command not in names:
        raise UsageError(f"aws {service}: there is no {command}")
    shape = model.operation_model(names[command]).input_shape
    members = {xform_name(name, "-"): (name, member) for name, member in shape.members.items()} if shape else {}
    params: dict[str, Any] = {}
    given: dict[str, str] = {}
    while rest:
        flag = rest.pop(0).removeprefix("--")
        values = []
        while rest and not rest[0].startswith("--"):
            values.append(rest.pop(0))
        if flag in members:
            name, member = members[flag]
            params[name] = _value(member, values)
        elif flag.removeprefix("no-") in members:
            params[members[flag.removeprefix("no-")][0]] = False
        elif flag in GLOBAL:
            given[flag] = values[0]
        else:
            raise UsageError(f"aws {service} {command}: there is no --{flag}")
    return service, xform_name(names[command]), params, given


def _value(shape: Any, values: list[str]) -> Any:
    if shape.type_name == "boolean":
        return True
    if shape.type_name == "list":
        return [_value(shape.member, [value]) for value in values]
    if shape.type_name in ("integer", "long"):
        return int(values[0])
    if shape.type_name == "structure":
        return _shorthand(shape, values[0])
    return values[0]


def _shorthand(shape: Any, text: str) -> dict[str, Any]:
    """`Key=a,Values=b`."""
    pairs = (part.partition("=") for part in text.split(","))
    found = {}
    for name, _, value in pairs:
        if name not in shape.members:
            raise UsageError(f"aws: {text}: there is no {name}")
        found[name] = _value(shape.members[name], [value])
    return found


def main(arguments: Sequence[str]) -> int:
    """Makes the call; the endpoint is that of AWS_ENDPOINT_URL."""
    session = botocore.session.get_session()
    service, operation, params, given = _parsed(session, arguments)
    answer = getattr(session.create_client(service), operation)(**params)
    answer.pop("ResponseMetadata", None)
    if "query" in given:
        answer = jmespath.search(given["query"], answer)
    sys.stdout.write(json.dumps(answer, default=str) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
