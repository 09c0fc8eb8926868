"""Tags of everything that has an ARN: instances, what lives in them, and phone numbers."""

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler, check_tags
from trunkline_sandbox.aws.connect.entity import Entity, Kind
from trunkline_sandbox.aws.connect.paging import page
from trunkline_sandbox.aws.connect.store import Store

# SearchResourceTags spells kinds in words of its own (API reference).
_TYPES = {
    "contact-flow": Kind.FLOW,
    "contact-flow-module": Kind.FLOW_MODULE,
    "flow-module": Kind.FLOW_MODULE,
    "hours-of-operation": Kind.HOURS,
    "operating-hours": Kind.HOURS,
    "queue": Kind.QUEUE,
    "routing-profile": Kind.ROUTING_PROFILE,
    "prompt": Kind.PROMPT,
    "quick-connect": Kind.QUICK_CONNECT,
    "transfer-destination": Kind.QUICK_CONNECT,
    "user": Kind.USER,
    "agent": Kind.USER,
    "security-profile": Kind.SECURITY_PROFILE,
    "agent-status": Kind.AGENT_STATUS,
    "agent-state": Kind.AGENT_STATUS,
}


def everything(store: Store, account: str, region: str) -> list[Entity]:
    """Every resource of one account and region that exists and has an ARN."""
    found = [e for e in store.pool(account, region).claimed.values() if e.alive]
    for instance in store.live_instances():
        if (instance.account, instance.region) == (account, region):
            found.append(instance.entity)
            for kind in instance.resources:
                found += [] if kind is Kind.OVERRIDE else instance.alive(kind)
    return found


def tag_resource(call: Call) -> Answer:
    """TagResource: adds to the tags there are, at most 50 in all."""
    entity = _resource(call)
    tags = {**entity.state.tags, **call.params["tags"]}
    check_tags(tags)
    entity.tag(call.now, tags)
    return {}


def untag_resource(call: Call) -> Answer:
    """UntagResource. Keys that are not there do no harm."""
    entity = _resource(call)
    gone = set(call.params["tagKeys"])
    entity.tag(call.now, {key: value for key, value in entity.state.tags.items() if key not in gone})
    return {}


def list_tags_for_resource(call: Call) -> Answer:
    """ListTagsForResource."""
    state = _resource(call).seen(call.now, call.switches.describe_lag_seconds)
    if state is None:
        raise faults.not_found()
    return {"tags": dict(state.tags)}


def search_resource_tags(call: Call) -> Answer:
    """SearchResourceTags: the distinct tags that the resources of an instance have."""
    instance = call.instance()
    asked = call.params.get("ResourceTypes") or list(_TYPES)
    unknown = set(asked) - _TYPES.keys()
    if unknown:
        raise faults.invalid_parameter(f"ResourceTypes: unknown type {min(unknown)!r}.")
    condition = (call.params.get("SearchCriteria") or {}).get("TagSearchCondition") or {}
    pairs = set()
    for kind in {_TYPES[name] for name in asked}:
        for seen in call.searched(instance, kind):
            pairs |= {pair for pair in seen.state.tags.items() if _wanted(condition, pair)}
    shown, token = page(call, pairs, lambda pair: f"{pair[0]}\n{pair[1]}", 100)
    return {"Tags": [{"key": key, "value": value} for key, value in shown], **token}


def _wanted(condition: dict[str, str], pair: tuple[str, str]) -> bool:
    for part, actual in zip(("tagKey", "tagValue"), pair, strict=True):
        value = condition.get(part)
        comparison = condition.get(f"{part}ComparisonType", "EXACT")
        if value is None:
            continue
        matches = {"EXACT": actual == value, "STARTS_WITH": actual.startswith(value), "CONTAINS": value in actual}
        if not matches[comparison]:
            return False
    return True


def _resource(call: Call) -> Entity:
    arn = str(call.params["resourceArn"])
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[2] != "connect":
        raise faults.invalid_parameter(f"Invalid ARN: {arn}")
    if (parts[4], parts[3]) != (call.context.account, call.context.region):
        raise faults.not_found()
    words = parts[5].split("/")
    entity: Entity | None = None
    if words[0] == "phone-number":
        entity = call.store.pool(parts[4], parts[3]).claimed.get(words[-1])
    elif words[0] == "instance" and len(words) > 1:
        instance = call.any_instance(words[1])
        entity = instance.entity if len(words) == 2 else instance.get(_kind(words), words[-1])
    if entity is None or not entity.alive or entity.arn != arn:
        raise faults.not_found()
    return entity


def _kind(words: list[str]) -> Kind:
    try:
        return Kind(words[2])
    except ValueError:
        raise faults.not_found() from None


OPERATIONS: dict[str, Handler] = {
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListTagsForResource": list_tags_for_resource,
    "SearchResourceTags": search_resource_tags,
}
