"""What objects use of AWS, from their manifests and status: as whom, where, which actions, how much of which quota. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from trunkline.api.manifest import Document
from trunkline.blueprints.roles import RoleRules
from trunkline.engine.gate import Access
from trunkline.rights.grants import Grant, Granting
from trunkline.rights.places import Place
from trunkline.rights.reading import KINDS, UnreadableError, read_uses
from trunkline.rights.uses import ANY, Uses

NO_BOUNDARY = "trunkline-no-boundary"  # stands for a policy that nobody named


@dataclass(frozen=True, slots=True)
class Account:
    """Objects of one role and namespace, which are one identity to AWS. wanted: `spec.accountId` by object."""

    access: Access
    kind: str
    objects: tuple[str, ...]
    wanted: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Need:
    """How much of a quota. default: AWS's, of new accounts; less is never granted. of: ARN of the instance, or empty."""

    access: Access
    service: str
    name: str
    code: str
    default: float
    needed: float
    of: str = ""


def accounts(documents: Sequence[Document]) -> tuple[Account, ...]:
    """Every identity and Region that objects name, in their order."""
    found: dict[tuple[str, str, str, str], list[tuple[str, Document]]] = {}
    for document in documents:
        spec = _spec(document)
        region = spec.get("region")
        if document.kind not in KINDS or not isinstance(region, str):
            continue
        given = _mapping(spec.get("credentials"))
        key = (_namespace(document), str(given.get("roleArn") or ""), str(given.get("externalId") or ""), region)
        found.setdefault(key, []).append((f"{document.kind}/{_namespace(document)}/{document.name}", document))
    return tuple(
        Account(
            Access(region, role, external_id, f"{namespace}/{listed[0][1].name}"),
            listed[0][1].kind,
            tuple(name for name, _ in listed),
            tuple((name, str(_spec(one)["accountId"])) for name, one in listed if _spec(one).get("accountId")),
        )
        for (namespace, role, external_id, region), listed in found.items()
    )


def uses(documents: Sequence[Document], rules: RoleRules) -> tuple[Mapping[str, Uses], tuple[str, ...]]:
    """What is used by each role, and which objects nothing can be told of."""
    ours = [document for document in documents if document.kind in KINDS]
    if not ours:
        return {}, ()
    try:
        return _with_instances(read_uses(documents, ANY, "aws", rules).uses, ours), ()
    except UnreadableError:
        pass
    others = [document for document in documents if document.kind not in KINDS]
    good, bad = [], []
    for document in ours:
        try:
            read_uses([document, *others], ANY, "aws", rules)
        except UnreadableError:
            bad.append(f"{document.kind}/{_namespace(document)}/{document.name}")
        else:
            good.append(document)
    if not good:
        return {}, tuple(bad)
    return _with_instances(read_uses([*good, *others], ANY, "aws", rules).uses, good), tuple(bad)


def _with_instances(found: Mapping[str, Uses], documents: Sequence[Document]) -> Mapping[str, Uses]:
    """Instances that were made since are named by their ids: policies may be scoped to them."""
    known: dict[str, set[str]] = {}
    for document in documents:
        if instance := _instance(document, "id"):
            role = str(_mapping(_spec(document).get("credentials")).get("roleArn") or "")
            known.setdefault(role, set()).add(instance)
    return {
        role: replace(of, instances=(of.instances - {ANY}) | known[role])
        if role in known and ANY in of.instances
        else of
        for role, of in found.items()
    }


def grants(of: Uses, place: Place, boundary: str) -> list[Grant]:
    """What these uses ask for, as `trunkline iam-policy` has it."""
    return list(Granting(of, place, place.policy(boundary or NO_BOUNDARY)).grants())


# --- quotas: Amazon Connect administrator guide, "Amazon Connect service quotas"; Lambda and DynamoDB developer guides;
# ElastiCache user guide, "Quotas for ElastiCache"

_PER_INSTANCE = (
    ("queues", "Queues per instance", "L-19A87C94", 50.0),
    ("routingProfiles", "Routing profiles per instance", "L-D3E7BE26", 100.0),
    ("hoursOfOperation", "Hours of operation per instance", "L-20CD02F7", 100.0),
    ("flows", "Contact flows per instance", "L-22922690", 100.0),
    ("flowModules", "Modules per instance", "L-19755C7E", 200.0),
    ("functions", "AWS Lambda functions per instance", "L-E3D2F503", 50.0),
)
INSTANCES = ("connect", "Amazon Connect instance count", "L-AA17A6B9", 2.0)
CONCURRENCY = ("lambda", "Concurrent executions", "L-B99A9384", 1000.0)
TABLES = ("dynamodb", "Maximum number of tables", "L-F98FE922", 2500.0)
NODES = ("elasticache", "Nodes per Region", "L-DFE45DF3", 300.0)
SERVERLESS = ("elasticache", "Serverless caches per Region", "L-BBCDAECC", 40.0)
UNRESERVED = 100.0  # executions that Lambda keeps for functions that reserve none


def needs(documents: Sequence[Document]) -> tuple[Need, ...]:
    """What centers and caches ask for, by identity and Region."""
    ours = [document for document in documents if document.kind in _IN_ACCOUNT]
    whole: dict[tuple[Access, tuple[str, str, str, float]], float] = {}
    found: list[Need] = []
    for account in accounts(ours):
        named = set(account.objects)
        access = account.access
        for one in (one for one in ours if f"{one.kind}/{_namespace(one)}/{one.name}" in named):
            spec = _spec(one)
            if one.kind == "ContactCenter":
                found += _in_instance(one, spec, access)
            for quota, number in _IN_ACCOUNT[one.kind](one, spec):
                whole[access, quota] = whole.get((access, quota), 0.0) + number
    found += [
        Need(access, *quota, needed=number + (UNRESERVED if quota is CONCURRENCY else 0.0))
        for (access, quota), number in whole.items()
    ]
    return tuple(found)


def combined(found: Sequence[Need], accounts_of: Mapping[Access, str]) -> tuple[Need, ...]:
    """What objects of several identities ask of the same account and Region, together; nothing of an unknown account."""
    own: list[Need] = []
    whole: dict[tuple[str, str, str], Need] = {}
    for need in found:
        account = accounts_of.get(need.access)
        if account is None:
            continue
        if need.of:
            own.append(need)
            continue
        key = account, need.access.region, need.code
        whole[key] = _both(whole[key], need) if key in whole else need
    return (*own, *whole.values())


def _both(one: Need, other: Need) -> Need:
    """Of the account together; of two instances that are yet to be made the larger."""
    if one.code not in (INSTANCES[2], CONCURRENCY[2], TABLES[2], NODES[2], SERVERLESS[2]):
        return one if one.needed >= other.needed else other
    twice = UNRESERVED if one.code == CONCURRENCY[2] else 0.0
    return replace(one, needed=one.needed + other.needed - twice)


def _in_instance(center: Document, spec: Mapping[str, Any], access: Access) -> Iterator[Need]:
    arn = _instance(center, "arn")
    for section, name, code, default in _PER_INSTANCE:
        entries = spec.get(section)
        if isinstance(entries, list) and entries:
            yield Need(access, "connect", name, code, default, float(len(entries)), arn)


def _of_center(center: Document, spec: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str, str, float], float]]:
    if not _instance(center, "id") and not _mapping(spec.get("instance")).get("id"):
        yield INSTANCES, 1.0
    reserved = [
        entry.get("reservedConcurrency") or entry.get("provisionedConcurrency") or 0
        for entry in _entries(spec, "functions")
    ]
    if sum(reserved):
        yield CONCURRENCY, float(sum(reserved))
    if tables := _entries(spec, "tables"):
        yield TABLES, float(len(tables))


def _of_cache(_: Document, spec: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str, str, float], float]]:
    """Of a cache that is made here; shards and replicas as their defaults in the definition are."""
    if isinstance(spec.get("serverless"), Mapping):
        yield SERVERLESS, 1.0
    elif isinstance(nodes := spec.get("nodes"), Mapping):
        shards, replicas = nodes.get("shards", 1), nodes.get("replicasPerShard", 1)
        if isinstance(shards, int) and isinstance(replicas, int):
            yield NODES, float(shards * (1 + replicas))


_IN_ACCOUNT = {"ContactCenter": _of_center, "CacheLayer": _of_cache}


def _entries(spec: Mapping[str, Any], section: str) -> list[Mapping[str, Any]]:
    found = spec.get(section)
    return [entry for entry in found if isinstance(entry, Mapping)] if isinstance(found, list) else []


def _instance(document: Document, name: str) -> str:
    return str(_mapping(_mapping(document.body.get("status")).get("instance")).get(name) or "")


def _namespace(document: Document) -> str:
    return str(_mapping(document.body.get("metadata")).get("namespace") or "default")


def _spec(document: Document) -> Mapping[str, Any]:
    return _mapping(document.body.get("spec"))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
