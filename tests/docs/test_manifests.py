"""Every YAML block of the pages is what it claims to be: an object, a part of a center's spec, or values of the chart.

A block that begins with `spec:` is a part of a ContactCenter: it is merged into examples/minimal, lists by name.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from enum import Enum, auto
from pathlib import Path
from typing import Any

import yaml
from tools.parts import obtain_helm

from tests.chart.helm import CHART, Helm, HelmError
from tests.docs.pages import Shown, shown
from tests.e2e.world import MINIMAL, install_crds
from tests.parts.plugin import part_or_skip
from trunkline.api.cache_parse import parse_cache_layer
from trunkline.api.manifest import read
from trunkline.api.parse import parse_center
from trunkline.api.scaling_parse import parse_scaling_policy
from trunkline_sandbox.cluster import Cluster

Body = dict[str, Any]
Problems = tuple[object, ...]
PARSERS: Mapping[str, Callable[[Body], Problems]] = {
    "ContactCenter": lambda body: parse_center(body, report_unknown=True).problems,
    "CacheLayer": lambda body: parse_cache_layer(body, report_unknown=True).problems,
    "ScalingPolicy": lambda body: parse_scaling_policy(body, report_unknown=True).problems,
}
OF_A_CENTER = "apiVersion: trunkline.dev/v1alpha1\nkind: ContactCenter\nmetadata: {name: shown}\n"
OF_A_FUNCTION = {"environment", "access", "vpc"}


class Kind(Enum):
    """What a block of YAML is, by its keys."""

    OBJECT = auto()
    PART = auto()  # of a center
    FUNCTION = auto()  # part of an entry of functions
    VALUES = auto()  # of the chart
    RULES = auto()  # of Prometheus


def kind(block: Shown) -> Kind:
    """Raises AssertionError for what is nothing of these."""
    keys = set(yaml.safe_load(next(iter(block.text.split("\n---\n")))))
    for found, fits in (
        (Kind.OBJECT, {"apiVersion", "kind"} <= keys),
        (Kind.PART, keys == {"spec"}),
        (Kind.FUNCTION, keys <= OF_A_FUNCTION),
        (Kind.VALUES, keys <= set(yaml.safe_load((CHART / "values.yaml").read_text()))),
        (Kind.RULES, keys == {"groups"}),
    ):
        if fits:
            return found
    raise AssertionError(f"{block.place}: what is this? Write a whole object, `spec:`, or values of the chart")


def of(*kinds: Kind) -> list[Shown]:
    return [block for block in shown("yaml") if kind(block) in kinds]


@functools.cache
def objects() -> tuple[tuple[Shown, Body], ...]:
    """Every object of ours that the pages show, or show a part of."""
    found: list[tuple[Shown, Body]] = []
    for block in of(Kind.OBJECT):
        bodies = (dict(document.body) for document in read(block.text, block.place))
        found += ((block, body) for body in bodies if body["kind"] in PARSERS)
    for block in of(Kind.PART, Kind.FUNCTION):
        (part,) = read(OF_A_CENTER + whole(block), block.place)
        (center,) = read(MINIMAL.read_text(), MINIMAL.name)
        found.append((block, merged(dict(center.body), part.body)))
    return tuple(found)


def whole(block: Shown) -> str:
    """The part as one that begins with `spec:`."""
    if kind(block) is Kind.PART:
        return block.text
    lines = "".join(f"      {line}\n" for line in block.text.splitlines())
    return f"spec:\n  cacheRef: {{name: acme}}\n  functions:\n    - name: shown\n      code: {{builtin: customer-lookup}}\n{lines}"


def merged(base: Any, part: Any) -> Any:
    """As kustomize merges with our Component: objects by key, lists of entries by name, null takes away."""
    if isinstance(base, Mapping) and isinstance(part, Mapping):
        both = {key: merged(base.get(key), value) for key, value in part.items() if value is not None}
        return {**{key: value for key, value in base.items() if key not in part}, **both}
    if isinstance(part, list) and part and all(isinstance(item, Mapping) and "name" in item for item in part):
        named = {item["name"]: item for item in base or () if isinstance(item, Mapping) and "name" in item}
        return list({**named, **{item["name"]: merged(named.get(item["name"]), item) for item in part}}.values())
    if isinstance(part, Mapping):
        return {key: merged(None, value) for key, value in part.items() if value is not None}
    return part


def test_the_parser_finds_nothing_wrong_with_what_is_shown() -> None:
    wrong = {
        block.place: [str(problem) for problem in problems]
        for block, body in objects()
        if (problems := PARSERS[body["kind"]](body))
    }
    assert wrong == {}
    assert {body["kind"] for _, body in objects()} == set(PARSERS)


def test_an_api_server_takes_what_is_shown(cluster: Cluster, namespace: str) -> None:
    install_crds(cluster)
    stream = []
    for number, (_, body) in enumerate(objects()):
        name = f"shown-{number}"
        stream.append({**body, "metadata": {**body["metadata"], "namespace": namespace, "name": name}})
    text = "\n---\n".join(json.dumps(item) for item in stream)
    taken = cluster.kubectl("create", "--dry-run=server", "--validate=strict", "-o", "name", "-f", "-", input=text)
    assert len(taken.splitlines()) == len(stream)


def test_the_chart_takes_the_values_that_are_shown(tmp_path: Path) -> None:
    helm = Helm(part_or_skip(obtain_helm), tmp_path)
    paths = []
    for number, block in enumerate(of(Kind.VALUES)):
        paths.append(tmp_path / f"{number}.yaml")
        paths[-1].write_text(block.text)
    assert paths
    try:
        assert helm.template(paths)  # at once: each takes half a second
    except HelmError:
        for path, block in zip(paths, of(Kind.VALUES), strict=True):
            assert helm.template([path]), block.place
