"""What stands on what: the order in which nodes can be made, and which references have to be set afterwards.

Pure. A cycle (flow and flow, queue and whisper flow) is opened at references that a driver can create without; a cycle
that has none makes its nodes broken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from trunkline.engine.resource import Blueprint, Node, Ref, references

Deferrable = Callable[[Node], frozenset[Ref]]


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes by key in an order in which each comes after what it stands on (deferred references aside).

    stands_on: direct dependencies. deferred: per node, the references that are set once both ends exist.
    references: of each node, those of its desired value, each once. broken: why a node cannot be made, by key, the blueprint's own reasons included.
    """

    nodes: Mapping[str, Node]
    stands_on: Mapping[str, frozenset[str]]
    deferred: Mapping[str, frozenset[Ref]] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, tuple[Ref, ...]] = field(default_factory=dict)


def build(blueprint: Blueprint, deferrable: Deferrable) -> Graph:
    """The graph of a blueprint. Never raises: what is wrong with a node is told in `broken`."""
    nodes = {node.key: node for node in blueprint.nodes}
    broken = {node.key: node.broken for node in blueprint.nodes if node.broken}
    edges: dict[str, dict[str, set[Ref]]] = {}
    refs: dict[str, tuple[Ref, ...]] = {}
    for node in blueprint.nodes:
        targets: dict[str, set[Ref]] = {need: set() for need in sorted(node.needs)}
        refs[node.key] = () if node.external else tuple(dict.fromkeys(references(node.desired)))
        for ref in refs[node.key]:
            if ref.node != node.key:
                targets.setdefault(ref.node, set()).add(ref)
        for target in [target for target in targets if target not in nodes]:
            broken.setdefault(node.key, f"refers to {target}, which is not in this center")
            del targets[target]
        edges[node.key] = targets
    deferred = _open_cycles(nodes, edges, deferrable, broken)
    order = _ordered(edges)
    return Graph(
        nodes={key: nodes[key] for key in order},
        stands_on={key: frozenset(edges[key]) for key in order},
        deferred=deferred,
        broken=broken,
        references=refs,
    )


def _open_cycles(
    nodes: Mapping[str, Node],
    edges: dict[str, dict[str, set[Ref]]],
    deferrable: Deferrable,
    broken: dict[str, str],
) -> dict[str, frozenset[Ref]]:
    """Takes edges out until no cycle is left; answers what was deferred.

    Each round takes, from each knot, one node whose deferrable references go: the one with the most edges inside the
    knot, so that few nodes need a second call (the smallest such set is NP-hard, the difference a call or two).
    """
    deferred: dict[str, frozenset[Ref]] = {}
    while knots := _knots(edges):
        for knot in knots:
            can = {key: deferrable(nodes[key]) for key in knot if nodes[key].desired is not None}
            candidates = [
                (len(inside), key)
                for key, refs in can.items()
                if (inside := [target for target in edges[key] if target in knot and _may_go(edges[key][target], refs)])
            ]
            if not candidates:
                _break_knot(knot, edges, broken)
                continue
            _, chosen = max(candidates)
            gone = [
                target for target in edges[chosen] if target in knot and _may_go(edges[chosen][target], can[chosen])
            ]
            deferred[chosen] = deferred.get(chosen, frozenset()).union(*(edges[chosen].pop(target) for target in gone))
    return deferred


def _may_go(refs: set[Ref], deferrable: frozenset[Ref]) -> bool:
    return bool(refs) and refs <= deferrable


def _break_knot(knot: list[str], edges: dict[str, dict[str, set[Ref]]], broken: dict[str, str]) -> None:
    names = " -> ".join([*knot, knot[0]])
    for key in knot:
        broken.setdefault(key, f"refers to itself in a circle that cannot be made in any order: {names}")
        edges[key] = {target: refs for target, refs in edges[key].items() if target not in knot}


def _knots(edges: Mapping[str, Mapping[str, set[Ref]]]) -> list[list[str]]:
    """Strongly connected components of more than one node (Tarjan 1972, without recursion: chains can be long)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    knots: list[list[str]] = []
    for root in edges:
        if root in index:
            continue
        work = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            key, targets = work[-1]
            for target in targets:
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(edges[target])))
                    break
                if target in on_stack:
                    low[key] = min(low[key], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[key])
                if low[key] == index[key]:
                    knot = _popped(stack, on_stack, key)
                    if len(knot) > 1:
                        knots.append(sorted(knot))
    return knots


def _popped(stack: list[str], on_stack: set[str], until: str) -> list[str]:
    knot = []
    while True:
        key = stack.pop()
        on_stack.discard(key)
        knot.append(key)
        if key == until:
            return knot


def _ordered(edges: Mapping[str, Mapping[str, set[Ref]]]) -> list[str]:
    """Every key after all that it stands on; otherwise in the order of the blueprint."""
    done: dict[str, None] = {}
    for root in edges:
        work = [root]
        while work:
            key = work[-1]
            missing = [target for target in edges[key] if target not in done]
            if missing and key not in done:
                work.extend(missing)
                continue
            done.setdefault(work.pop(), None)
    return list(done)
