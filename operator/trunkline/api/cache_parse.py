"""Reads a CacheLayer as it comes from the API server or a file. What is wrong is said with the field's path.

Nothing here is needed to delete one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from trunkline.api.cache import CacheLayer, CacheLayerSpec
from trunkline.api.checks import check_model, check_tags
from trunkline.api.managed import MAX_OBJECT_NAME, is_object_name
from trunkline.api.parse import read_metadata, strangers
from trunkline.api.problem import Problem
from trunkline.api.refusals import problems_of, unknown_fields
from trunkline.api.schema import structural

_AWS_NAME = re.compile(r"[A-Za-z](-?[A-Za-z0-9])*")
MAX_AWS_NAME = 40


@dataclass(frozen=True, slots=True)
class ParsedCache:
    """layer: None if anything of the spec is wrong. problems: all, by path."""

    layer: CacheLayer | None
    problems: tuple[Problem, ...] = ()


def parse_cache_layer(body: Mapping[str, Any], *, report_unknown: bool = False) -> ParsedCache:
    """The model and all problems of a CacheLayer's body. Never raises on bad content.

    report_unknown: unknown fields are problems too, as for `kubectl apply`. They break nothing.
    """
    schema = structural(CacheLayer)["properties"]["spec"]
    written = body.get("spec")
    if not isinstance(written, Mapping):
        remedy = "write a mapping with region and one of nodes, serverless, external"
        return ParsedCache(None, (Problem("spec", "is required", remedy),))
    unknown = (*strangers(body), *unknown_fields(written, schema, "spec")) if report_unknown else ()
    try:
        spec = CacheLayerSpec.model_validate(written)
    except ValidationError as error:
        found = problems_of(error, "spec", schema, written)
        return ParsedCache(None, tuple(sorted({*found, *unknown})))
    layer = CacheLayer.model_construct(metadata=read_metadata(body), spec=spec)
    wrong = tuple(_check(layer, schema))
    return ParsedCache(None if wrong else layer, tuple(sorted({*wrong, *unknown})))


def _check(layer: CacheLayer, schema: Mapping[str, Any]) -> Iterator[Problem]:
    yield from check_model(layer.spec, schema, "spec")
    yield from check_tags(layer.spec.tags, "spec.tags")
    if not is_object_name(layer.name):
        yield Problem(
            "metadata.name",
            f"{layer.name!r} is refused: names in AWS are made from it",
            f"write at most {MAX_OBJECT_NAME} small letters, digits and -",
        )
    elif layer.spec.external is None and not (
        len(layer.aws_name) <= MAX_AWS_NAME and _AWS_NAME.fullmatch(layer.aws_name)
    ):
        yield Problem(
            "metadata.name",
            f"its name in AWS would be {layer.aws_name!r}",
            f"write awsName, or a name of at most {MAX_AWS_NAME} letters, digits and single -, a letter first",
        )
