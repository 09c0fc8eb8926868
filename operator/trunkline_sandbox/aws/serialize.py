"""Answers and faults on the wire, by the service's model: rest-json, json and query (XML).

Members that the model does not have are a programming error of a service here and raise KeyError; members that are None
are left out.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape

from botocore.model import OperationModel, ServiceModel, Shape

from trunkline_sandbox.aws.messages import HttpResponse
from trunkline_sandbox.aws.service import ServiceFault

XML_TYPE = "text/xml"


def answer(model: ServiceModel, operation: OperationModel, result: Mapping[str, Any], request_id: str) -> HttpResponse:
    """The success of an operation."""
    status = int(operation.http.get("responseCode", 200))
    shape = operation.output_shape
    if model.resolved_protocol == "query":
        return HttpResponse(status, _headers(XML_TYPE, request_id), _query_answer(model, operation, result, request_id))
    if shape is None:
        return HttpResponse(status, _headers(_json_type(model), request_id), b"" if status == 204 else b"{}")
    if model.resolved_protocol == "json":
        body = json.dumps(_json(shape, result, "unixtimestamp")).encode()
        return HttpResponse(status, _headers(_json_type(model), request_id), body)
    return _rest_answer(model, shape, result, status, request_id)


def fault(model: ServiceModel | None, error: ServiceFault, request_id: str) -> HttpResponse:
    """A fault in the service's protocol; without a model, JSON. The model's HTTP status is the truth if it has one."""
    shape = _error_shape(model, error.code)
    status = error.status
    if shape is not None and "httpStatusCode" in shape.metadata.get("error", {}):
        status = int(shape.metadata["error"]["httpStatusCode"])
    spoken = model.resolved_protocol if model is not None else "rest-json"
    if spoken in ("query", "ec2", "rest-xml"):
        return HttpResponse(
            status, _headers(XML_TYPE, request_id), _xml_fault(spoken, error, status, request_id), error.code
        )
    content: dict[str, Any] = {}
    if shape is not None and error.fields:
        content.update(_json(shape, error.fields, "unixtimestamp"))
    content[_message_name(shape)] = error.message
    headers = _headers(_json_type(model), request_id)
    if spoken == "json":
        prefix = model.metadata.get("errorNamespace") if model is not None else None
        content["__type"] = f"{prefix}#{error.code}" if prefix else error.code
    else:
        headers["x-amzn-ErrorType"] = error.code
    return HttpResponse(status, headers, json.dumps(content).encode(), error.code)


def _headers(content_type: str, request_id: str) -> dict[str, str]:
    return {"Content-Type": content_type, "x-amzn-RequestId": request_id}


def _json_type(model: ServiceModel | None) -> str:
    if model is not None and model.resolved_protocol == "json":
        return f"application/x-amz-json-{model.metadata.get('jsonVersion', '1.0')}"
    return "application/json"


def _error_shape(model: ServiceModel | None, code: str) -> Shape | None:
    return model.shape_for_error_code(code) if model is not None else None


def _message_name(shape: Shape | None) -> str:
    if shape is not None:
        for name, member in shape.members.items():
            if name.lower() == "message":
                return str(member.serialization.get("name", name))
    return "message"


# --- JSON


def _json(shape: Shape, value: Any, timestamp_format: str) -> Any:
    kind = shape.type_name
    if kind == "structure":
        return _json_structure(shape, value, timestamp_format)
    if kind == "list":
        return [_json(shape.member, item, timestamp_format) for item in value]
    if kind == "map":
        return {key: _json(shape.value, item, timestamp_format) for key, item in value.items()}
    if kind == "timestamp":
        return _timestamp(value, shape.serialization.get("timestampFormat", timestamp_format))
    if kind == "blob":
        return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()
    return value


def _json_structure(shape: Shape, value: Any, timestamp_format: str) -> Any:
    if getattr(shape, "is_document_type", False):
        return value
    members = shape.members
    found: dict[str, Any] = {}
    for name, item in value.items():
        if item is None:
            continue
        member = members[name]
        found[member.serialization.get("name", name)] = _json(member, item, timestamp_format)
    return found


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromtimestamp(float(value), UTC)


def _timestamp(value: Any, form: str) -> float | str:
    moment = _moment(value)
    if form == "unixtimestamp":
        return round(moment.timestamp(), 3)
    if form == "rfc822":
        return format_datetime(moment.astimezone(UTC), usegmt=True)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _rest_answer(
    model: ServiceModel, shape: Shape, result: Mapping[str, Any], status: int, request_id: str
) -> HttpResponse:
    headers = _headers(_json_type(model), request_id)
    body: dict[str, Any] = {}
    payload = shape.serialization.get("payload")
    raw: bytes | None = None
    for name, value in result.items():
        if value is None:
            continue
        member = shape.members[name]
        location = member.serialization.get("location")
        wire = str(member.serialization.get("name", name))
        if location == "header":
            headers[wire] = str(_timestamp(value, "rfc822")) if member.type_name == "timestamp" else str(value)
        elif location == "statusCode":
            status = int(value)
        elif name == payload and member.type_name in ("blob", "string"):
            raw = value.encode() if isinstance(value, str) else value
        elif name == payload:
            raw = json.dumps(_json(member, value, "unixtimestamp")).encode()
        else:
            body[wire] = _json(member, value, "unixtimestamp")
    if raw is None:
        raw = b"" if status == 204 or payload else json.dumps(body).encode()
    return HttpResponse(status, headers, raw)


# --- XML


def _query_answer(model: ServiceModel, operation: OperationModel, result: Mapping[str, Any], request_id: str) -> bytes:
    namespace = model.metadata.get("xmlNamespace", "")
    shape = operation.output_shape
    content = "".join(_xml_members(shape, result)) if shape is not None else ""
    wrapper = shape.serialization.get("resultWrapper", f"{operation.name}Result") if shape is not None else ""
    inner = f"<{wrapper}>{content}</{wrapper}>" if wrapper else ""
    text = (
        f'<{operation.name}Response xmlns="{namespace}">{inner}'
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation.name}Response>"
    )
    return text.encode()


def _xml_members(shape: Shape, value: Mapping[str, Any]) -> list[str]:
    return [
        _xml(str(shape.members[name].serialization.get("name", name)), shape.members[name], item)
        for name, item in value.items()
        if item is not None
    ]


def _xml(name: str, shape: Shape, value: Any) -> str:
    kind = shape.type_name
    if kind == "structure":
        return f"<{name}>{''.join(_xml_members(shape, value))}</{name}>"
    if kind == "list":
        item_name = name if shape.serialization.get("flattened") else shape.member.serialization.get("name", "member")
        items = "".join(_xml(item_name, shape.member, item) for item in value)
        return items if shape.serialization.get("flattened") else f"<{name}>{items}</{name}>"
    if kind == "map":
        entries = "".join(
            f"<entry>{_xml('key', shape.key, key)}{_xml('value', shape.value, item)}</entry>"
            for key, item in value.items()
        )
        return f"<{name}>{entries}</{name}>"
    return f"<{name}>{escape(_xml_scalar(shape, value))}</{name}>"


def _xml_scalar(shape: Shape, value: Any) -> str:
    if shape.type_name == "timestamp":
        return str(_timestamp(value, "iso8601"))
    if shape.type_name == "boolean":
        return "true" if value else "false"
    if shape.type_name == "blob":
        return base64.b64encode(value).decode()
    return str(value)


def _xml_fault(spoken: str, error: ServiceFault, status: int, request_id: str) -> bytes:
    code, text = escape(error.code), escape(error.message)
    detail = f"<Code>{code}</Code><Message>{text}</Message>"
    if spoken == "rest-xml":
        return f"<Error>{detail}<RequestId>{request_id}</RequestId></Error>".encode()
    if spoken == "ec2":
        return (
            f"<Response><Errors><Error>{detail}</Error></Errors><RequestID>{request_id}</RequestID></Response>".encode()
        )
    side = "Sender" if status < 500 else "Receiver"
    return (
        f"<ErrorResponse><Error><Type>{side}</Type>{detail}</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode()


_JSON_CODE = re.compile(rb'"__type"\s*:\s*"(?:[^"]*#)?([^"]+)"')
_XML_CODE = re.compile(rb"<Code>([^<]+)</Code>")


def code_of(response: HttpResponse) -> str:
    """The error code that an answer of moto carries; empty if it has none."""
    for name, value in response.headers.items():
        if name.lower() == "x-amzn-errortype":
            return value.split(":")[0].rpartition("#")[2]
    found = _JSON_CODE.search(response.body) or _XML_CODE.search(response.body)
    return found[1].decode() if found else ""
