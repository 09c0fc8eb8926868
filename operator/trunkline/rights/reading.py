"""Manifests to uses, one for each role that objects sign with: the pod's own is the empty one. Reads no AWS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from trunkline.api.cache import CacheLayer
from trunkline.api.cache_parse import parse_cache_layer
from trunkline.api.center import ContactCenter
from trunkline.api.managed import ManagedSpec
from trunkline.api.manifest import Document
from trunkline.api.parse import parse_center
from trunkline.api.problem import Problem
from trunkline.api.scaling_levers import Through
from trunkline.api.scaling_parse import parse_scaling_policy
from trunkline.api.scaling_policy import ScalingPolicy, ScalingPolicySpec
from trunkline.blueprints.builtins import BUILTINS
from trunkline.blueprints.cache import CacheSources, build_cache
from trunkline.blueprints.center import Sources, build_blueprint
from trunkline.blueprints.flows import Contents
from trunkline.blueprints.roles import PublishedCache, RoleRules
from trunkline.rights.uses import ANY, Feature, Uses, of_blueprint

KINDS = (ContactCenter.kind, CacheLayer.kind, ScalingPolicy.kind)
_SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:published"  # noqa: S105  # stands in for one
_CACHE = PublishedCache("rediss://cache:6379", _SECRET)


class UnreadableError(Exception):
    """A manifest that no policy can be made for; the message is for people."""


@dataclass(frozen=True, slots=True)
class Read:
    """uses: by ARN of the role, the empty one for the pod's own. namespaces: by role. regions, accounts: as written."""

    uses: Mapping[str, Uses]
    namespaces: Mapping[str, frozenset[str]]
    regions: frozenset[str]
    accounts: frozenset[str]


def read_uses(documents: Sequence[Document], account: str, partition: str, rules: RoleRules) -> Read:
    """What the objects among the documents use. Raises UnreadableError."""
    ours = [document for document in documents if document.kind in KINDS]
    if not ours:
        raise UnreadableError(f"no {', '.join(KINDS)} in these files")
    uses: dict[str, Uses] = {}
    namespaces: dict[str, frozenset[str]] = {}
    regions, accounts = set(), set()
    centers = {document.name: document for document in ours if document.kind == ContactCenter.kind}
    for document in ours:
        managed, found = _read(document, documents, centers, (account, partition, rules))
        role = managed.credentials.role_arn if managed is not None and managed.credentials is not None else ""
        namespace = namespace_of(document)
        uses[role] = uses.get(role, Uses()) | found
        namespaces[role] = namespaces.get(role, frozenset()) | {namespace}
        if managed is not None:
            regions.add(managed.region)
            accounts |= {managed.account_id} if managed.account_id else set()
    chained = frozenset(role for role in uses if role)
    if chained:
        owners = frozenset(f"{namespace or ANY}/{ANY}" for role in chained for namespace in namespaces[role])
        own = uses.get("", Uses())
        uses[""] = replace(own, assumed=chained, owners=own.owners | owners)
    return Read(uses, namespaces, frozenset(regions), frozenset(accounts))


def namespace_of(document: Document) -> str:
    """Where the object lies; empty if the manifest leaves that to kubectl."""
    metadata = document.body.get("metadata")
    return str(metadata.get("namespace") or "") if isinstance(metadata, Mapping) else ""


def _read(
    document: Document,
    documents: Sequence[Document],
    centers: Mapping[str, Document],
    where: tuple[str, str, RoleRules],
) -> tuple[ManagedSpec | None, Uses]:
    namespace = namespace_of(document)
    if document.kind == CacheLayer.kind:
        parsed = parse_cache_layer(document.body)
        if parsed.layer is None:
            raise UnreadableError(_refused(document, parsed.problems))
        blueprint = build_cache(parsed.layer, CacheSources(namespace))
        found = of_blueprint(blueprint, parsed.layer.name, namespace)
        warm = parsed.layer.spec.warm
        if warm is not None:
            found = found | _of_warming(warm.source.center_ref.name, centers, documents, where)
        return parsed.layer.spec, found
    if document.kind == ContactCenter.kind:
        return _center(document, documents, where)
    policy = parse_scaling_policy(document.body)
    if policy.policy is None:
        raise UnreadableError(_refused(document, policy.problems))
    target = centers.get(policy.policy.spec.target_ref.name)
    managed, of_target = _center(target, documents, where) if target is not None else (None, Uses())
    return managed, _of_policy(policy.policy.spec, of_target, namespace)


def _center(
    document: Document, documents: Sequence[Document], where: tuple[str, str, RoleRules]
) -> tuple[ManagedSpec, Uses]:
    namespace, (account, partition, rules) = namespace_of(document), where
    parsed = parse_center(document.body)
    if parsed.center is None or parsed.broken:
        raise UnreadableError(_refused(document, parsed.problems))
    contents = {
        (other.name, key): Contents(str(value))
        for other in documents
        if other.kind == "ConfigMap" and namespace_of(other) == namespace
        for key, value in (other.body.get("data") or {}).items()
    }
    sources = Sources(
        parsed.center.name,
        account,
        partition,
        contents,
        builtins=dict.fromkeys(BUILTINS, ""),
        cache=_CACHE,
        roles=rules,
    )
    blueprint = build_blueprint(parsed, parsed.center.spec, sources)
    return parsed.center.spec, of_blueprint(blueprint, parsed.center.name, namespace)


def _of_warming(
    center: str, centers: Mapping[str, Document], documents: Sequence[Document], where: tuple[str, str, RoleRules]
) -> Uses:
    """The function that fills a cache, and the table that it reads, are those of a center."""
    target = _center(centers[center], documents, where)[1] if center in centers else Uses()
    names = {kind: target.names.get(kind) or frozenset({f"{center}-{ANY}"}) for kind in ("function", "table")}
    return Uses(names=names, features=frozenset({Feature.WARM}))


def _of_policy(spec: ScalingPolicySpec, target: Uses, namespace: str) -> Uses:
    """Of its target a policy needs the instance and the names of what it scales."""
    features = set()
    for lever in spec.levers or ():
        if lever.function is not None:
            features.add(Feature.FUNCTION_LEVER)
        elif lever.table is not None:
            features.add(Feature.TABLE_LEVER)
        elif lever.through is Through.APPLICATION_AUTO_SCALING:
            features.add(Feature.CACHE_LEVER)
    if spec.request_quota_increases:
        features.add(Feature.QUOTA)
    names = {"scalable-target": frozenset({ANY})}
    for kind in ("function", "table"):
        names[kind] = target.names.get(kind) or frozenset({f"{spec.target_ref.name}-{ANY}"})
    return Uses(
        kinds=frozenset({"scalable-target"}),
        names=names,
        features=frozenset(features),
        instances=target.instances or frozenset({ANY}),
        owners=frozenset({f"{namespace or ANY}/{ANY}"}),
    )


def _refused(document: Document, problems: Sequence[Problem]) -> str:
    listed = "\n  ".join(map(str, problems))
    return f"{document.source}, line {document.line}: {document.kind} {document.name}\n  {listed}"
