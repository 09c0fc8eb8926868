"""Routing profiles: what agents can take, and in what order. Their queues are in `routing_profile_queues`."""

from collections.abc import Mapping
from typing import Any

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler, Seen
from trunkline_sandbox.aws.connect.entity import Entity, Kind, modified
from trunkline_sandbox.aws.connect.paging import page_seen
from trunkline_sandbox.aws.connect.quotas import Quota
from trunkline_sandbox.aws.connect.routing_profile_queues import read_manual, read_queues
from trunkline_sandbox.aws.connect.search import named, search
from trunkline_sandbox.aws.connect.store import Instance

# Contacts at a time that an agent may have on a channel (API reference, MediaConcurrency).
MAX_CONCURRENCY = {"VOICE": 1, "CHAT": 10, "TASK": 10, "EMAIL": 10}


def create_routing_profile(call: Call) -> Answer:
    """CreateRoutingProfile: at most ten queue configurations; more by AssociateRoutingProfileQueues."""
    instance = call.instance()
    fields = call.present("Name", "Description", "MediaConcurrencies")
    call.unique_name(instance, Kind.ROUTING_PROFILE, fields["Name"])
    call.room(instance, Kind.ROUTING_PROFILE, Quota.ROUTING_PROFILES)
    channels = _check_media(fields["MediaConcurrencies"])
    fields["DefaultOutboundQueueId"] = call.require(instance, Kind.QUEUE, call.params["DefaultOutboundQueueId"]).id
    fields["AgentAvailabilityTimer"] = call.params.get("AgentAvailabilityTimer", "TIME_SINCE_LAST_ACTIVITY")
    links = {
        "queues": read_queues(call, instance, call.params.get("QueueConfigs") or [], (), channels),
        "manual": read_manual(call, instance, call.params.get("ManualAssignmentQueueConfigs") or [], (), channels),
    }
    entity = call.add(instance, Kind.ROUTING_PROFILE, fields, links)
    return {"RoutingProfileId": entity.id, "RoutingProfileArn": entity.arn}


def describe_routing_profile(call: Call) -> Answer:
    """DescribeRoutingProfile. It does not answer the ids of the associated queues, as its documentation says."""
    instance = call.instance()
    seen = call.described(instance, Kind.ROUTING_PROFILE, call.params["RoutingProfileId"])
    return {"RoutingProfile": _shown(instance, seen) | modified(*seen)}


def list_routing_profiles(call: Call) -> Answer:
    """ListRoutingProfiles."""
    shown, token = page_seen(call, call.listed(call.instance(), Kind.ROUTING_PROFILE), 1000)
    summaries = [{"Id": e.id, "Arn": e.arn, "Name": s.fields["Name"], **modified(e, s)} for e, s in shown]
    return {"RoutingProfileSummaryList": summaries, **token}


def search_routing_profiles(call: Call) -> Answer:
    """SearchRoutingProfiles: associatedQueueIds, name, description, resourceID.

    It answers the ids of associated queues, but neither LastModified*, AgentAvailabilityTimer nor
    MediaConcurrencies.CrossChannelBehavior, as its documentation says.
    """
    instance = call.instance()
    fields = named() | {"associatedQueueIds": lambda seen: [pair.queue for pair in seen.state.links["queues"]]}
    shown, more = search(call, call.searched(instance, Kind.ROUTING_PROFILE), fields=fields, maximum=500)
    return {"RoutingProfiles": [_found(instance, seen) for seen in shown], **more}


def update_routing_profile_name(call: Call) -> Answer:
    """UpdateRoutingProfileName: name, description or both."""
    instance = call.instance()
    entity = _named(call, instance)
    changes = call.present("Name", "Description")
    if not changes:
        raise faults.invalid_parameter("At least Name or Description must be provided.")
    if "Name" in changes:
        call.unique_name(instance, Kind.ROUTING_PROFILE, changes["Name"], besides=entity)
    entity.write(call.now, changes)
    return {}


def update_routing_profile_concurrency(call: Call) -> Answer:
    """UpdateRoutingProfileConcurrency: replaces all channels."""
    entity = _named(call, call.instance())
    _check_media(call.params["MediaConcurrencies"])
    entity.write(call.now, {"MediaConcurrencies": call.params["MediaConcurrencies"]})
    return {}


def update_routing_profile_default_outbound_queue(call: Call) -> Answer:
    """UpdateRoutingProfileDefaultOutboundQueue."""
    instance = call.instance()
    entity = _named(call, instance)
    queue = call.require(instance, Kind.QUEUE, call.params["DefaultOutboundQueueId"])
    entity.write(call.now, {"DefaultOutboundQueueId": queue.id})
    return {}


def update_routing_profile_agent_availability_timer(call: Call) -> Answer:
    """UpdateRoutingProfileAgentAvailabilityTimer."""
    _named(call, call.instance()).write(call.now, call.present("AgentAvailabilityTimer"))
    return {}


def delete_routing_profile(call: Call) -> Answer:
    """DeleteRoutingProfile. Refused while users have it, and for the one that came with the instance."""
    instance = call.instance()
    entity = _named(call, instance)
    if entity.built_in:
        raise faults.invalid_request(f"{entity.fields['Name']} cannot be deleted.")
    for user in instance.alive(Kind.USER):
        if user.fields["RoutingProfileId"] == entity.id:
            raise faults.in_use("The routing profile is assigned to a user.", "USER", user.arn)
    entity.delete(call.now)
    return {}


def _named(call: Call, instance: Instance) -> Entity:
    return call.require(instance, Kind.ROUTING_PROFILE, call.params["RoutingProfileId"])


def _check_media(media: list[Mapping[str, Any]]) -> frozenset[str]:
    """The channels. Each once, with a concurrency in its range, or concurrencies per workload type."""
    channels = [str(item["Channel"]) for item in media]
    if not channels or len(set(channels)) != len(channels):
        raise faults.invalid_parameter("MediaConcurrencies must name each channel once, and at least one.")
    for item in media:
        channel, value = str(item["Channel"]), item.get("Concurrency")
        if value is None and not item.get("WorkloadTypeConcurrencies"):
            raise faults.invalid_parameter(f"MediaConcurrencies: Concurrency of {channel} is required.")
        if value is not None and not 1 <= value <= MAX_CONCURRENCY[channel]:
            allowed = f"between 1 and {MAX_CONCURRENCY[channel]}"
            raise faults.invalid_parameter(f"MediaConcurrencies: Concurrency of {channel} must be {allowed}.")
    return frozenset(channels)


def _shown(instance: Instance, seen: Seen) -> Answer:
    entity, state = seen
    return {
        "InstanceId": instance.id,
        "RoutingProfileArn": entity.arn,
        "RoutingProfileId": entity.id,
        **state.fields,
        "Tags": dict(state.tags),
        "NumberOfAssociatedQueues": len(state.links["queues"]),
        "NumberOfAssociatedManualAssignmentQueues": len(state.links["manual"]),
        "NumberOfAssociatedUsers": sum(u.fields["RoutingProfileId"] == entity.id for u in instance.alive(Kind.USER)),
        "IsDefault": entity.built_in,
    }


def _found(instance: Instance, seen: Seen) -> Answer:
    answer = _shown(instance, seen)
    answer.pop("AgentAvailabilityTimer", None)
    answer["MediaConcurrencies"] = [
        {name: value for name, value in media.items() if name != "CrossChannelBehavior"}
        for media in answer["MediaConcurrencies"]
    ]
    links = seen.state.links
    answer["AssociatedQueueIds"] = list(dict.fromkeys(pair.queue for pair in links["queues"]))
    answer["AssociatedManualAssignmentQueueIds"] = list(dict.fromkeys(pair.queue for pair in links["manual"]))
    return answer


OPERATIONS: dict[str, Handler] = {
    "CreateRoutingProfile": create_routing_profile,
    "DescribeRoutingProfile": describe_routing_profile,
    "ListRoutingProfiles": list_routing_profiles,
    "SearchRoutingProfiles": search_routing_profiles,
    "UpdateRoutingProfileName": update_routing_profile_name,
    "UpdateRoutingProfileConcurrency": update_routing_profile_concurrency,
    "UpdateRoutingProfileDefaultOutboundQueue": update_routing_profile_default_outbound_queue,
    "UpdateRoutingProfileAgentAvailabilityTimer": update_routing_profile_agent_availability_timer,
    "DeleteRoutingProfile": delete_routing_profile,
}
