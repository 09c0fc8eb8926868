"""Requests to members by name, by the service's model: rest-json, json and query.

Types are taken strictly (a number in quotes is no number) and members that the model does not have are refused: real
services ignore some of them, a client that sends them means something that will not happen. Constraints are checked in
`validate`. Timestamps become aware datetimes, blobs bytes.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from botocore.model import Shape
from botocore.utils import parse_timestamp

from trunkline_sandbox.aws.messages import HttpRequest
from trunkline_sandbox.aws.models import Target, spoken_protocol


class MalformedRequest(Exception):  # noqa: N818 - AWS calls it so
    """What was sent does not have the form of the operation's input. `unknown`: a member that does not exist."""

    def __init__(self, message: str, *, unknown: bool = False) -> None:
        super().__init__(message)
        self.unknown = unknown


def parse(target: Target, request: HttpRequest) -> dict[str, Any]:
    """The operation's input by member names. Raises MalformedRequest."""
    shape = target.operation.input_shape
    if shape is None:
        return {}
    spoken = spoken_protocol(target.service, request)
    if spoken == "json":
        return _structure(shape, _json_body(request.body), "")
    if spoken in ("query", "ec2"):
        return _Query(request).structure(shape)
    return _rest(shape, target, request)


def _json_body(body: bytes) -> Any:
    if not body:
        return {}
    try:
        found = json.loads(body)
    except ValueError as error:
        raise MalformedRequest(f"the body is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise MalformedRequest("the body is not a JSON object")
    return found


# --- JSON values


def _value(shape: Shape, value: Any, path: str) -> Any:
    read = _READERS.get(shape.type_name, _string)
    return read(shape, value, path)


def _wrong(shape: Shape, path: str, value: Any) -> MalformedRequest:
    return MalformedRequest(f"{path or 'the request'}: expected {shape.type_name}, found {type(value).__name__}")


def _structure(shape: Shape, value: Any, path: str) -> dict[str, Any]:
    if getattr(shape, "is_document_type", False):
        return value  # type: ignore[no-any-return]  # a document is any JSON
    if not isinstance(value, dict):
        raise _wrong(shape, path, value)
    by_wire = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
    found: dict[str, Any] = {}
    for wire, given in value.items():
        if wire not in by_wire:
            raise MalformedRequest(f"unknown member {path + '.' if path else ''}{wire}", unknown=True)
        name, member = by_wire[wire]
        if given is not None:
            found[name] = _value(member, given, f"{path}.{name}" if path else name)
    return found


def _list(shape: Shape, value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(shape, path, value)
    return [_value(shape.member, item, f"{path}.{index}.member") for index, item in enumerate(value, 1)]


def _map(shape: Shape, value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(shape, path, value)
    return {str(key): _value(shape.value, item, f"{path}.{key}.member") for key, item in value.items()}


def _string(shape: Shape, value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise _wrong(shape, path, value)
    return value


def _integer(shape: Shape, value: Any, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(shape, path, value)
    return value


def _number(shape: Shape, value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _wrong(shape, path, value)
    return float(value)


def _boolean(shape: Shape, value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(shape, path, value)
    return value


def _blob(shape: Shape, value: Any, path: str) -> bytes:
    if not isinstance(value, str):
        raise _wrong(shape, path, value)
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise MalformedRequest(f"{path}: not base64") from None


def _timestamp(shape: Shape, value: Any, path: str) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _wrong(shape, path, value)
    try:
        found: datetime = parse_timestamp(value)
    except (ValueError, OverflowError):
        raise MalformedRequest(f"{path}: not a timestamp") from None
    return found.astimezone(UTC)


_READERS: dict[str, Any] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "character": _string,
    "integer": _integer,
    "long": _integer,
    "short": _integer,
    "byte": _integer,
    "float": _number,
    "double": _number,
    "boolean": _boolean,
    "blob": _blob,
    "timestamp": _timestamp,
}


def _from_text(shape: Shape, text: str, path: str) -> Any:
    """A scalar in a path, a query string, a header or a form."""
    kind = shape.type_name
    try:
        if kind in ("integer", "long", "short", "byte"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
    except ValueError:
        raise MalformedRequest(f"{path}: expected {kind}, found {text!r}") from None
    if kind == "boolean":
        if text.lower() not in ("true", "false"):
            raise MalformedRequest(f"{path}: expected boolean, found {text!r}")
        return text.lower() == "true"
    if kind == "timestamp":
        return _timestamp(shape, text, path)
    if kind == "blob":
        return _blob(shape, text, path)
    return text


# --- rest-json


def _rest(shape: Shape, target: Target, request: HttpRequest) -> dict[str, Any]:
    found: dict[str, Any] = {}
    arguments = request.arguments() if request.query else {}
    body_members: dict[str, Shape] = {}
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        wire = member.serialization.get("name", name)
        if location == "uri":
            found[name] = _from_text(member, target.labels[wire], name)
        elif location == "querystring":
            if wire in arguments:
                found[name] = _argument(member, arguments[wire], name)
        elif location == "header":
            if wire.lower() in request.headers:
                found[name] = _from_text(member, request.headers[wire.lower()], name)
        elif location is None:
            body_members[name] = member
    found.update(_rest_body(shape, body_members, request))
    return found


def _argument(shape: Shape, values: list[str], path: str) -> Any:
    if shape.type_name == "list":
        return [_from_text(shape.member, value, path) for value in values]
    return _from_text(shape, values[0], path)


def _rest_body(shape: Shape, members: dict[str, Shape], request: HttpRequest) -> dict[str, Any]:
    payload = shape.serialization.get("payload")
    if payload:
        member = shape.members[payload]
        if member.type_name in ("blob", "string"):
            raw = request.body if member.type_name == "blob" else request.body.decode()
            return {payload: raw} if request.body else {}
        return {payload: _structure(member, _json_body(request.body), payload)} if request.body else {}
    if not members:
        return {}
    found: dict[str, Any] = {}
    by_wire = {member.serialization.get("name", name): (name, member) for name, member in members.items()}
    for wire, value in _json_body(request.body).items():
        if wire not in by_wire:
            raise MalformedRequest(f"unknown member {wire}", unknown=True)
        name, member = by_wire[wire]
        if value is not None:
            found[name] = _value(member, value, name)
    return found


# --- query


class _Query:
    """A form in the query protocol: `Tags.member.1.Key=...`."""

    def __init__(self, request: HttpRequest) -> None:
        text = request.body.decode() if request.body else request.query
        self._form = {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
        self._used = {"Action", "Version"}

    def structure(self, shape: Shape) -> dict[str, Any]:
        found = self._structure(shape, "")
        unknown = sorted(set(self._form) - self._used)
        if unknown:
            raise MalformedRequest(f"unknown parameter {unknown[0]}", unknown=True)
        return found

    def _present(self, prefix: str) -> bool:
        return prefix in self._form or any(name.startswith(prefix + ".") for name in self._form)

    def _value(self, shape: Shape, prefix: str) -> Any:
        if shape.type_name == "structure":
            return self._structure(shape, prefix + ".")
        if shape.type_name == "list":
            return self._list(shape, prefix)
        if shape.type_name == "map":
            return self._map(shape, prefix)
        self._used.add(prefix)
        return _from_text(shape, self._form[prefix], prefix)

    def _structure(self, shape: Shape, prefix: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, member in shape.members.items():
            wire = prefix + str(member.serialization.get("queryName") or member.serialization.get("name", name))
            if self._present(wire):
                found[name] = self._value(member, wire)
        return found

    def _list(self, shape: Shape, prefix: str) -> list[Any]:
        if self._form.get(prefix) == "":
            self._used.add(prefix)
            return []
        if shape.serialization.get("flattened"):
            stem = prefix
        else:
            stem = f"{prefix}.{shape.member.serialization.get('name', 'member')}"
        found: list[Any] = []
        while self._present(f"{stem}.{len(found) + 1}"):
            found.append(self._value(shape.member, f"{stem}.{len(found) + 1}"))
        return found

    def _map(self, shape: Shape, prefix: str) -> dict[str, Any]:
        stem = prefix if shape.serialization.get("flattened") else f"{prefix}.entry"
        found: dict[str, Any] = {}
        number = 1
        while self._present(f"{stem}.{number}"):
            key = self._value(shape.key, f"{stem}.{number}.{shape.key.serialization.get('name', 'key')}")
            found[key] = self._value(shape.value, f"{stem}.{number}.{shape.value.serialization.get('name', 'value')}")
            number += 1
        return found
