"""What must hold of every field of the CRD, whoever adds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import pytest
import yaml
from pydantic import BaseModel, Field

from trunkline.api.common import ATOMIC, Model, text
from trunkline.api.crd import ALLOWED, as_template, as_yaml, contact_center, written
from trunkline.api.schema import SchemaError, structural

CLIENT_SIDE_LIMIT = 256 * 1024
YAML_BOOLEANS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", ""}

CRD = contact_center()
SCHEMA = CRD["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


def fields(
    schema: Mapping[str, Any], path: str = "", *, required: bool = True
) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Every field below spec and status: its path, its schema, whether it must be there."""
    yield path, schema, required
    for name, inner in schema.get("properties", {}).items():
        yield from fields(inner, f"{path}.{name}", required=name in schema.get("required", ()))
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            yield from fields(schema[key], f"{path}[]")


SPEC = list(fields(SCHEMA["properties"]["spec"], "spec"))
ALL = [*SPEC, *fields(SCHEMA["properties"]["status"], "status")]


def of_type(kind: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [(path, schema) for path, schema, _ in ALL if schema.get("type") == kind]


def test_strings_lists_maps_and_numbers_are_bounded() -> None:
    unbounded = [
        *(path for path, schema in of_type("string") if "maxLength" not in schema and "enum" not in schema),
        *(path for path, schema in of_type("array") if "maxItems" not in schema),
        *(path for path, schema in of_type("integer") if "maximum" not in schema and "enum" not in schema),
        *(
            path
            for path, schema in of_type("object")
            if ("additionalProperties" in schema or schema.get("x-kubernetes-preserve-unknown-fields"))
            and "maxProperties" not in schema
        ),
    ]
    assert unbounded == [], "a CEL rule over what has no bound is refused, and etcd takes 1.5 MiB"


def test_there_are_no_floats() -> None:
    assert of_type("number") == []


def test_every_field_is_described() -> None:
    assert [path for path, schema, _ in ALL if not path.endswith("[]") and not schema.get("description")] == []


def test_every_optional_field_says_what_its_absence_means() -> None:
    silent = [
        path
        for path, schema, required in SPEC
        if not required
        and not any(words in schema["description"] for words in ("Not managed", "Absent: ", "Default: "))
    ]
    assert silent == []


def test_a_field_that_says_default_has_one_and_the_other_way_round() -> None:
    wrong = [
        path for path, schema, _ in SPEC if ("default" in schema) != ("Default: " in schema.get("description", ""))
    ]
    assert wrong == []


def test_no_default_is_inside_of_an_atomic_list_or_map() -> None:
    """Argo CD would show it as a difference for ever, and an inline flow would gain fields."""

    def defaults(schema: Mapping[str, Any], path: str, *, atomic: bool) -> Iterator[str]:
        atomic = atomic or "atomic" in (schema.get("x-kubernetes-list-type"), schema.get("x-kubernetes-map-type"))
        if atomic and "default" in schema:
            yield path
        for name, inner in schema.get("properties", {}).items():
            yield from defaults(inner, f"{path}.{name}", atomic=atomic)
        if "items" in schema:
            yield from defaults(schema["items"], f"{path}[]", atomic=atomic)

    assert list(defaults(SCHEMA, "", atomic=False)) == []


def test_what_may_exist_already_has_no_default() -> None:
    instance = SCHEMA["properties"]["spec"]["properties"]["instance"]
    assert [path for path, schema, _ in fields(instance, "instance") if "default" in schema] == []


def test_list_maps_have_keys_that_their_entries_require() -> None:
    for path, schema in of_type("array"):
        if schema["x-kubernetes-list-type"] == "map":
            assert set(schema["x-kubernetes-list-map-keys"]) <= set(schema["items"]["required"]), path


def test_no_enum_value_is_something_else_in_yaml() -> None:
    values = [(path, value) for path, schema, _ in ALL for value in schema.get("enum", ()) if isinstance(value, str)]
    assert [pair for pair in values if pair[1].lower() in YAML_BOOLEANS and "condition" not in pair[0]] == []


def test_spec_is_required_and_status_is_there_from_the_start() -> None:
    assert SCHEMA["required"] == ["spec"]
    status = SCHEMA["properties"]["status"]
    assert status["default"] == {}
    assert status["properties"]["observedGeneration"]["default"] == -1
    assert status["properties"]["observedGeneration"].get("minimum", -1) == -1


def test_messages_of_rules_are_one_line_and_say_something() -> None:
    rules = [(path, rule) for path, schema, _ in ALL for rule in schema.get("x-kubernetes-validations", ())]
    assert rules
    assert [path for path, rule in rules if "\n" in rule["message"] or len(rule["message"].split()) < 4] == []


def test_it_can_be_applied_client_side_too() -> None:
    assert len(as_yaml(CRD).encode()) < CLIENT_SIDE_LIMIT


class Stray(Model):
    """Holds a key that a CRD may not."""

    field: Annotated[str, text(5), Field(json_schema_extra={"examples": ["x"]})]


class Plain(Model):
    """Does not say what kind of list it has."""

    field: Annotated[tuple[int, ...], Field(max_length=3)]


class TwoForms(Model):
    """A union."""

    field: int | str


class Exclusive(Model):
    """A bound that a CRD knows as a boolean only."""

    field: Annotated[int, Field(gt=0)]


@pytest.mark.parametrize(
    ("model", "says"),
    [
        pytest.param(Stray, r"\.field: .* examples", id="stray-key"),
        pytest.param(Plain, r"\.field: say whether the list is a map", id="list-without-a-type"),
        pytest.param(TwoForms, r"\.field: 2 forms", id="union"),
        pytest.param(Exclusive, r"\.field: .* exclusiveMinimum", id="exclusive-bound"),
    ],
)
def test_what_a_crd_cannot_hold_is_an_error_of_the_writer(model: type[BaseModel], says: str) -> None:
    with pytest.raises(SchemaError, match=says):
        written(structural(model))


def test_optional_fields_are_folded_and_keep_their_own_description() -> None:
    class Optional(Model):
        """Outer."""

        field: Annotated[tuple[Annotated[int, Field(ge=0, le=9)], ...], Field(max_length=2), ATOMIC] | None = Field(
            default=None, description="Own."
        )

    folded = written(structural(Optional))
    assert folded["properties"]["field"] == {
        "description": "Own.",
        "type": "array",
        "maxItems": 2,
        "items": {"type": "integer", "minimum": 0, "maximum": 9},
        "x-kubernetes-list-type": "atomic",
    }
    assert "required" not in folded


def test_the_chart_keeps_the_crd_and_helm_does_not_read_its_texts() -> None:
    document = {**CRD, "spec": {**CRD["spec"], "note": "write {{name}} or {{{x}}}"}}
    template = as_template(document)
    assert "helm.sh/resource-policy: keep" in template
    assert "argocd.argoproj.io/sync-options: ServerSideApply=true,Prune=false" in template
    rendered = template.replace("{{ `{{` }}", "{{")
    assert yaml.safe_load(rendered)["spec"]["note"] == "write {{name}} or {{{x}}}"
    assert "{{" not in template.replace("{{ `{{` }}", "")


def test_keys_are_written_in_a_fixed_order() -> None:
    for path, schema, _ in ALL:
        known = [key for key in ALLOWED if key in schema]
        assert list(schema) == known, path
