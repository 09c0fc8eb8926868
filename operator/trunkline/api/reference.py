"""The API reference for people, `docs/api-reference.md`, written from the same schema as the CRD."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trunkline.api.cache import CacheLayer
from trunkline.api.center import ContactCenter
from trunkline.api.common import EXAMPLE
from trunkline.api.managed import API_VERSION
from trunkline.api.scaling_policy import ScalingPolicy
from trunkline.api.schema import structural

_INTRODUCTION = f"""<!-- Generated from operator/trunkline/api by `make generate`; do not edit. -->

# API reference

`{API_VERSION}`. The same texts are in `kubectl explain contactcenter.spec`, `kubectl explain cachelayer.spec` and
`kubectl explain scalingpolicy.spec`.

An optional field says what its absence means. *Default*: the API server writes the value into the object. *Not managed*:
the field is left as it is in AWS, neither compared nor sent; an empty list (`[]`) is said explicitly. Entries of a list
are found by their key, so that several managers can apply parts of one list; lists marked *atomic* have one owner.

## Annotations

| annotation | meaning |
|---|---|
| `trunkline.dev/reconcile: <any new value>` | check now; `status.lastHandledReconcile` is that value afterwards |
| `trunkline.dev/confirm: <status.lastPlan.id>` | go on with what `status.lastPlan.toConfirm` lists |
| `trunkline.dev/take-over: <installation id>` | take over what another installation of Trunkline made; with `<installation id>/<namespace>/<name>` what one object made that is gone |
| `trunkline.dev/abandon: "true"` | let a deletion end without what AWS refuses to delete; an Event lists it |
| `trunkline.dev/pause-reason: <text>` | why `spec.paused` is set, for people: `kubectl trunkline status` shows it |
"""

_FIXED = "Cannot change"  # of a description, which the message of a rule about changes would only repeat


def generated() -> Mapping[str, str]:
    """Paths in the repository, and what they hold."""
    parts = [_INTRODUCTION]
    for kind in (ContactCenter, CacheLayer, ScalingPolicy):
        schema = structural(kind)["properties"]
        parts += _object(f"{kind.kind} `spec`", "spec", schema["spec"])
        parts += _object(f"{kind.kind} `status`", "status", schema["status"])
    return {"docs/api-reference.md": "\n".join(parts) + "\n"}


def _object(title: str, path: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f"\n## {title}\n"
    if schema.get("description"):
        yield f"{schema['description']}\n"
    rules = dict.fromkeys(rule["message"] for rule in schema.get("x-kubernetes-validations", ()))
    yield "| field | type | meaning |"
    yield "|---|---|---|"
    required = schema.get("required", ())
    for name, field in schema["properties"].items():
        mark = " **required**" if name in required else ""
        yield f"| `{name}`{mark} | {_type(field)} | {_cell(_meaning(field))} |"
    if rules:
        yield "\nRules:\n"
        yield from (f"- {message}" for message in rules)
    for name, field in schema["properties"].items():
        inner = field.get("items", field)
        if inner.get("properties"):
            inner_path = f"{path}.{name}" + ("[]" if "items" in field else "")
            yield from _object(f"`{inner_path}`", inner_path, inner)


def _meaning(field: Mapping[str, Any]) -> str:
    text = field.get("description", "")
    told = () if field.get("properties") else field.get("x-kubernetes-validations", ())
    messages = dict.fromkeys(rule["message"] for rule in told if not (_FIXED in text and "oldSelf" in rule["rule"]))
    parts = [text, *(_sentence(message) for message in messages)]
    example = field.get(EXAMPLE) or field.get("items", {}).get(EXAMPLE)
    if example and "pattern" in (field if EXAMPLE in field else field["items"]):
        parts.append(f"Example: `{example}`.")
    return " ".join(part for part in parts if part)


def _sentence(message: str) -> str:
    """The message of a rule, which the API server puts behind a path, where it stands by itself."""
    first = message.split(" ", 1)[0]
    capital = message[:1].upper() + message[1:] if first.islower() else message  # the name of a field stays as it is
    return capital if capital.endswith(".") else f"{capital}."


def _type(field: Mapping[str, Any]) -> str:
    kind = str(field.get("type", ""))
    if kind == "array":
        of = {"map": f"by {', '.join(field.get('x-kubernetes-list-map-keys', ()))}", "set": "set", "atomic": "atomic"}
        return f"list of {_type(field['items'])}, {of[field['x-kubernetes-list-type']]}, at most {field['maxItems']}"
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if kind == "integer" and "minimum" in field:
        return f"integer, {field['minimum']} to {field['maximum']}"
    if kind == "object" and isinstance(field.get("additionalProperties"), Mapping):
        return f"map of {field['additionalProperties']['type']}, at most {field['maxProperties']}"
    return kind


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
