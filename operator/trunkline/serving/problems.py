"""What the operator would refuse of an object as it is written, in the words of its status. Pure: nothing else is read.

The same code as in the pass: the parsers of the three kinds, and the blueprints, which lint and link the flows that stand
in the object itself. What depends on anything else (a ConfigMap, another object, the operator's own functions, AWS) is
not judged here; the pass does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from trunkline.api.cache import CacheLayer
from trunkline.api.cache_parse import parse_cache_layer
from trunkline.api.center import ContactCenter, ContactCenterSpec
from trunkline.api.parse import ParsedCenter, parse_center
from trunkline.api.problem import Problem
from trunkline.api.scaling_parse import parse_scaling_policy
from trunkline.api.scaling_policy import ScalingPolicy
from trunkline.blueprints.builtins import BUILTINS
from trunkline.blueprints.cache import CacheSources, build_cache
from trunkline.blueprints.center import Sources, build_blueprint
from trunkline.engine.resource import Blueprint, Node

UNKNOWN_ACCOUNT = "0" * 12
"""Stands in names of roles, which nobody is told here."""

Body = Mapping[str, Any]


def problems(kind: str, body: Body) -> tuple[Problem, ...]:
    """Each with its path and what to write instead, in the order of the object; none of a kind that is not ours."""
    found = _OF_KIND.get(kind)
    return found(body) if found is not None else ()


def center_blueprint(parsed: ParsedCenter, spec: ContactCenterSpec, name: str) -> Blueprint:
    """As the pass would build it if nothing could be read but the object."""
    return build_blueprint(parsed, spec, Sources(name, UNKNOWN_ACCOUNT, builtins=dict.fromkeys(BUILTINS, "")))


def blueprint_of(kind: str, body: Body) -> Blueprint | None:
    """The graph of an object, as far as it can be known from itself; None if it cannot, or for a kind that has none."""
    if kind == ContactCenter.kind:
        parsed = parse_center(body)
        if parsed.center is None:
            return None
        return center_blueprint(parsed, parsed.center.spec, parsed.center.metadata.name)
    if kind == CacheLayer.kind:
        layer = parse_cache_layer(body).layer
        return None if layer is None else build_cache(layer, CacheSources(layer.metadata.namespace))
    return None


def _of_center(body: Body) -> tuple[Problem, ...]:
    parsed = parse_center(body)
    found = list(parsed.problems)
    if parsed.center is not None:
        spec = parsed.center.spec
        told = {(entry.section, entry.name) for entry in parsed.broken}
        nodes = center_blueprint(parsed, spec, parsed.center.metadata.name).nodes
        # Of what is read elsewhere nothing is known.
        judged = (node for node in nodes if (node.section, node.name) not in told | _elsewhere(spec))
        found += _broken(node for node in judged if node.kind in ("flow", "module", "table", "function"))
    return tuple(found)


def _elsewhere(spec: ContactCenterSpec) -> set[tuple[str, str]]:
    sections = (("flows", spec.flows), ("flowModules", spec.flow_modules))
    return {
        (section, entry.name)
        for section, entries in sections
        for entry in entries
        if entry.content is None or entry.content.inline is None
    }


def _of_cache(body: Body) -> tuple[Problem, ...]:
    parsed = parse_cache_layer(body)
    found = list(parsed.problems)
    if parsed.layer is not None:
        found += _broken(build_cache(parsed.layer, CacheSources(parsed.layer.metadata.namespace)).nodes)
    return tuple(found)


def _of_policy(body: Body) -> tuple[Problem, ...]:
    return parse_scaling_policy(body).problems


def _broken(nodes: Iterable[Node]) -> list[Problem]:
    return [Problem(node.path, node.broken, "") for node in nodes if node.broken and not node.awaits]


_OF_KIND: Mapping[str, Callable[[Body], tuple[Problem, ...]]] = {
    ContactCenter.kind: _of_center,
    CacheLayer.kind: _of_cache,
    ScalingPolicy.kind: _of_policy,
}
