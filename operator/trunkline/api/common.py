"""The words every section is written in: base models, bounded types, list types, CEL rules.

What a marker here says ends up in the CRD: `Rule` as `x-kubernetes-validations`, `ListMap`, `SetList` and `Atomic` as list
and map types. A rule stands on the innermost field that can say it: the API server runs every rule on every write of an
object, status included, and one on a struct costs more the more fields the struct has, also where none of them is there.
Every optional field says in its description what its absence means: a default that the API server writes into the object,
or "Not managed": left as it is in AWS, neither diffed nor sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, StringConstraints
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

EXAMPLE = "x-example"  # never in a CRD: what a right value looks like, for messages

HANDLE_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._@-]*$"
MAX_HANDLE = 127


@dataclass(frozen=True, slots=True)
class Rule:
    """A CEL rule with a static message that says what to write instead.

    field_path: where the API server shows it, from the model that carries the rule (`.end`). holds: the same said in
    Python of the parsed model, for files and for objects that an older CRD let in; None for what compares with the old
    object (the engine does that) and for what `checks` says better, with the culprit's name.
    """

    rule: str
    message: str
    field_path: str | None = None
    holds: Callable[[Any], bool] | None = None

    def as_schema(self) -> dict[str, str]:
        """The rule as an item of `x-kubernetes-validations`."""
        schema = {"rule": self.rule, "message": self.message}
        if self.field_path:
            schema["fieldPath"] = self.field_path
        return schema

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler.resolve_ref_schema(handler(core))
        schema.setdefault("x-kubernetes-validations", []).append(self.as_schema())
        return schema


@dataclass(frozen=True, slots=True)
class _Extra:
    """Adds keys to the JSON schema of the type it annotates."""

    keys: tuple[tuple[str, Any], ...]

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler(core)
        schema.update(self.keys)
        return schema


def list_map(*keys: str) -> _Extra:
    """A list whose entries are found by keys: server-side apply merges it, entry by entry."""
    return _Extra((("x-kubernetes-list-type", "map"), ("x-kubernetes-list-map-keys", keys)))


SET = _Extra((("x-kubernetes-list-type", "set"),))
ATOMIC = _Extra((("x-kubernetes-list-type", "atomic"),))
ATOMIC_MAP = _Extra((("x-kubernetes-map-type", "atomic"),))
TIMESTAMP = _Extra((("format", "date-time"),))


def example(text: str) -> _Extra:
    """What a right value looks like; shown when a value is refused."""
    return _Extra(((EXAMPLE, text),))


class Model(BaseModel):
    """Base of everything in a spec: frozen, camelCase in YAML. Unknown fields are ignored (the API server prunes them;
    `unknown_fields` reports them for files). `rules` are CEL rules on the object as a whole.
    """

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True, validate_by_name=False)

    rules: ClassVar[tuple[Rule, ...]] = ()

    def written(self, field: str) -> Any:
        """The value of a field by its name in YAML."""
        return getattr(self, next(name for name, alias in aliases(type(self)) if alias == field))

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler, /) -> JsonSchemaValue:
        schema = handler(core)
        resolved = handler.resolve_ref_schema(schema)
        if cls.rules:
            resolved["x-kubernetes-validations"] = [rule.as_schema() for rule in cls.rules]
        return schema


@cache
def aliases(kind: type[Model]) -> tuple[tuple[str, str], ...]:
    """The fields of a model, each with its name in YAML: asked for at each check, and slow to find."""
    return tuple((name, str(info.alias)) for name, info in kind.model_fields.items())


def only_one_of(*names: str) -> Rule:
    """Exactly one of several forms; names as in YAML."""
    return Rule(
        " + ".join(f"(has(self.{name}) ? 1 : 0)" for name in names) + " == 1",
        f"write exactly one of {', '.join(names[:-1])} or {names[-1]}; set the others to null",
        holds=lambda model: sum(model.written(name) is not None for name in names) == 1,
    )


def constant(message: str) -> Rule:
    """On a field itself: what is there does not change. Where it may not be dropped either, see `fixed`."""
    return Rule("self == oldSelf", message)


def fixed(name: str, message: str) -> Rule:
    """A field that AWS cannot change in place: once there, neither changed nor dropped."""
    return Rule(f"!has(oldSelf.{name}) || (has(self.{name}) && self.{name} == oldSelf.{name})", message, f".{name}")


def text(most: int, *, least: int = 1, pattern: str | None = None) -> StringConstraints:
    """Bounds of a string. Patterns are RE2, as the API server's."""
    return StringConstraints(min_length=least, max_length=most, pattern=pattern)


Flag = Annotated[bool, Field(strict=True)]
Handle = Annotated[str, text(MAX_HANDLE, pattern=HANDLE_PATTERN), example("sales")]
"""The name of an entry: its key in the list, and what references say."""
AwsName = Annotated[str, text(127), example("Sales")]
Description250 = Annotated[str, text(250)]
Arn = Annotated[
    str, text(2048, pattern="^arn:[a-z0-9-]+:[a-z0-9-]+:[^ ]+$"), example("arn:aws:service:region:account:resource")
]
KmsKeyArn = Annotated[
    str,
    text(2048, pattern="^arn:[a-z0-9-]+:kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/.+$"),
    example("arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
]
RoleArn = Annotated[
    str,
    text(2048, pattern="^arn:[a-z0-9-]+:iam::[0-9]{12}:role/.+$"),
    example("arn:aws:iam::123456789012:role/trunkline"),
]
StreamArn = Annotated[
    str,
    text(2048, pattern="^arn:[a-z0-9-]+:(kinesis|firehose):[a-z0-9-]+:[0-9]{12}:.+$"),
    example("arn:aws:kinesis:us-east-1:123456789012:stream/agent-events"),
]
Uuid = Annotated[
    str,
    text(36, least=36, pattern="^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"),
    example("12345678-1234-1234-1234-123456789012"),
]
ObjectName = Annotated[str, text(253, pattern="^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"), example("acme-flows")]
ClockTime = Annotated[str, text(5, least=5, pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$"), example("09:00")]
Date = Annotated[
    str, text(10, least=10, pattern="^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"), example("2026-12-25")
]

MAX_TAGS = 40
"""AWS allows 50 on a resource; ten are kept for the owner's tags and what comes later."""
MAX_TAG_KEY = 128
RESERVED_TAG_PREFIXES = ("aws:", "trunkline.dev/")

TagValue = Annotated[str, StringConstraints(max_length=256)]
Tags = Annotated[
    Mapping[str, TagValue],
    Field(max_length=MAX_TAGS),
    Rule(
        "self.all(k, size(k) > 0 && size(k) <= 128 && !k.startsWith('aws:') && !k.startsWith('trunkline.dev/'))",
        "write tag keys of 1 to 128 characters that do not start with aws: or trunkline.dev/, which are reserved",
    ),
]


def integer(least: int, most: int) -> Any:
    """Bounds of a whole number; text and fractions are refused."""
    return Field(ge=least, le=most, strict=True)


def entries(most: int, least: int = 0) -> Any:
    """Bounds of a list."""
    return Field(min_length=least, max_length=most) if least else Field(max_length=most)


def required(description: str) -> Any:
    """A field that must be there."""
    return Field(description=description)


def default(value: Any, description: str) -> Any:
    """A field whose default the API server writes into the object."""
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    return Field(default=value, description=f"{description} Default: {shown}.")


def unmanaged(description: str, new: str | None = None) -> Any:
    """A field whose absence means: left as it is in AWS. new: what a resource gets that is created without it."""
    suffix = f" Not managed if absent; {new}." if new else " Not managed if absent."
    return Field(default=None, description=description + suffix)


def absent(description: str, means: str) -> Any:
    """An optional field of which absence means something of its own."""
    return Field(default=None, description=f"{description} Absent: {means}.")


class ObjectReference(Model):
    """An object of the same namespace."""

    name: ObjectName = required("Name of the object, in the same namespace.")


class ConfigMapKey(Model):
    """A key of a ConfigMap in the same namespace."""

    name: ObjectName = required(
        "Name of the ConfigMap, in the same namespace. With the label trunkline.dev/watch: Enabled a change takes effect at once, else at the next check."
    )
    key: Annotated[str, text(253, pattern="^[-._a-zA-Z0-9]+$"), example("sales-inbound.json")] = required(
        "Key in the ConfigMap's data."
    )


class External(Model):
    """Made elsewhere: looked up by awsName (or name), linked, never changed and never deleted."""


class ExternalArn(Model):
    """Made elsewhere: found by ARN, or by awsName (or name), linked, never changed and never deleted."""

    arn: Arn | None = absent("ARN of the existing resource.", "it is found by awsName, else by name")
