"""Phone numbers: searched, claimed to an instance, tied to a flow, released.

A claim answers before it is done: IN_PROGRESS, then CLAIMED, or FAILED where the instance has as many numbers as its
quota allows. Claims and releases beyond twice the quota in 180 days are refused, a released number cools down.
"""

from typing import Any

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler, check_tags
from trunkline_sandbox.aws.connect.entity import Entity, Kind, State
from trunkline_sandbox.aws.connect.paging import page
from trunkline_sandbox.aws.connect.quotas import Quota, limit
from trunkline_sandbox.aws.connect.store import COOLDOWN_SECONDS, Instance, PhoneNumberPool

_PREFIXES = {"US": "+1202555", "GB": "+4420794", "DE": "+4930235", "AU": "+6125550", "CA": "+1613555"}
_TOLL_FREE = {"US": "+1800555", "GB": "+44800", "DE": "+49800", "AU": "+611800", "CA": "+1833555"}
_INVENTORY = 1000


def search_available_phone_numbers(call: Call) -> Answer:
    """SearchAvailablePhoneNumbers: numbers that nobody has and that do not cool down."""
    _target(call)
    country, kind = str(call.params["PhoneNumberCountryCode"]), str(call.params["PhoneNumberType"])
    prefixes = {"DID": _PREFIXES, "TOLL_FREE": _TOLL_FREE}.get(kind, {})
    stem = prefixes.get(country)
    numbers = [f"{stem}{number:04d}" for number in range(_INVENTORY)] if stem else []
    wanted = str(call.params.get("PhoneNumberPrefix") or "")
    free = [n for n in numbers if n.startswith(wanted) and not _taken(call, n)]
    shown, token = page(call, free, str, 10)
    found = [{"PhoneNumber": n, "PhoneNumberCountryCode": country, "PhoneNumberType": kind} for n in shown]
    return {"AvailableNumbersList": found, **token}


def claim_phone_number(call: Call) -> Answer:
    """ClaimPhoneNumber. The same ClientToken answers the same number; with other parameters it is refused."""
    return call.once(lambda: _claim(call), faults.idempotency)


def _claim(call: Call) -> Answer:
    instance = _target(call)
    number = str(call.params["PhoneNumber"])
    country, kind = _plan(number)
    if _taken(call, number):
        raise faults.invalid_parameter(f"Phone number {number} is not available.")
    pool = call.store.pool(instance.account, instance.region)
    allowed = limit(call.switches, Quota.PHONE_NUMBERS)
    _count_change(call, pool, allowed)
    mine = [e for e in pool.claimed.values() if e.alive and e.fields["InstanceId"] == instance.id]
    failed = sum(not e.links["failed"] for e in mine) >= allowed
    tags = dict(call.params.get("Tags") or {})
    check_tags(tags)
    fields: dict[str, Any] = {
        "PhoneNumber": number,
        "PhoneNumberCountryCode": country,
        "PhoneNumberType": kind,
        "TargetArn": instance.arn,
        "InstanceId": instance.id,
    } | call.present("PhoneNumberDescription")
    links = {"final_at": call.now + call.switches.phone_number_claim_seconds, "failed": failed, "flow": None}
    sequence = call.store.next_sequence()
    identifier = call.store.identifier(sequence)
    arn = f"arn:aws:connect:{instance.region}:{instance.account}:phone-number/{identifier}"
    state = State(fields, links, tags, call.now)
    pool.claimed[identifier] = Entity(
        Kind.PHONE_NUMBER, identifier, arn, sequence, instance.region, history=[(call.now, state)]
    )
    return {"PhoneNumberId": identifier, "PhoneNumberArn": arn}


def describe_phone_number(call: Call) -> Answer:
    """DescribePhoneNumber, with the status of its claim."""
    entity = _named(call)
    state = entity.seen(call.now, call.switches.describe_lag_seconds)
    if state is None:
        raise faults.not_found()
    summary = {"PhoneNumberId": entity.id, "PhoneNumberArn": entity.arn, **state.fields, "Tags": dict(state.tags)}
    return {"ClaimedPhoneNumberSummary": summary | {"PhoneNumberStatus": _status(call, entity)}}


def list_phone_numbers_v2(call: Call) -> Answer:
    """ListPhoneNumbersV2 of an instance, or of all in the Region. Failed claims are not listed."""
    target = _target(call) if call.params.get("TargetArn") or call.params.get("InstanceId") else None
    found = []
    for entity in call.store.pool(call.context.account, call.context.region).claimed.values():
        state = entity.seen(call.now, call.switches.list_lag_seconds)
        if state is not None and (target is None or state.fields["InstanceId"] == target.id):
            found.append((entity, state))
    wanted = [item for item in found if _matches(call, item[1]) and not item[1].links["failed"]]
    shown, token = page(call, wanted, lambda item: item[0].sequence, 1000)
    items = [{"PhoneNumberId": e.id, "PhoneNumberArn": e.arn, **state.fields} for e, state in shown]
    return {"ListPhoneNumbersSummaryList": items, **token}


def update_phone_number_metadata(call: Call) -> Answer:
    """UpdatePhoneNumberMetadata: the description."""
    _named(call).write(call.now, call.present("PhoneNumberDescription"))
    return {}


def release_phone_number(call: Call) -> Answer:
    """ReleasePhoneNumber. The number cannot be claimed again for 180 days."""
    entity = _named(call)
    call.store.pool(call.context.account, call.context.region).release(entity, call.now)
    return {}


def associate_phone_number_contact_flow(call: Call) -> Answer:
    """AssociatePhoneNumberContactFlow: replaces the flow of a number that is claimed."""
    instance = call.instance()
    entity = _claimed_to(call, instance)
    flow = call.require(instance, Kind.FLOW, call.params["ContactFlowId"])
    if flow.fields["Type"] != "CONTACT_FLOW":
        raise faults.invalid_parameter("ContactFlowId must be a flow of type CONTACT_FLOW.")
    entity.write(call.now, links={"flow": flow.id})
    return {}


def disassociate_phone_number_contact_flow(call: Call) -> Answer:
    """DisassociatePhoneNumberContactFlow."""
    _claimed_to(call, call.instance()).write(call.now, links={"flow": None})
    return {}


def batch_get_flow_association(call: Call) -> Answer:
    """BatchGetFlowAssociation of voice numbers by id or ARN. What has no flow is left out."""
    instance = call.instance()
    kind = str(call.params.get("ResourceType", "VOICE_PHONE_NUMBER"))
    found = []
    for value in call.params["ResourceIds"] if kind == "VOICE_PHONE_NUMBER" else []:
        entity = call.store.pool(instance.account, instance.region).claimed.get(value.rsplit("/", 1)[-1])
        state = entity.seen(call.now, call.switches.list_lag_seconds) if entity else None
        if state is not None and state.links["flow"] and state.fields["InstanceId"] == instance.id:
            flow = f"{instance.arn}/contact-flow/{state.links['flow']}"
            found.append({"ResourceId": value, "FlowId": flow, "ResourceType": kind})
    return {"FlowAssociationSummaryList": found}


def _target(call: Call) -> Instance:
    given = call.params.get("TargetArn") or call.params.get("InstanceId")
    if not given:
        raise faults.invalid_parameter("You must enter InstanceId or TargetArn.")
    return call.instance(str(given))


def _named(call: Call) -> Entity:
    identifier = str(call.params["PhoneNumberId"]).rsplit("/", 1)[-1]
    entity = call.store.pool(call.context.account, call.context.region).claimed.get(identifier)
    if entity is None or not entity.alive:
        raise faults.not_found()
    return entity


def _claimed_to(call: Call, instance: Instance) -> Entity:
    entity = _named(call)
    if entity.fields["InstanceId"] != instance.id:
        raise faults.not_found()
    if _status(call, entity)["Status"] != "CLAIMED":
        raise faults.invalid_parameter("The phone number is not claimed yet.")
    return entity


def _status(call: Call, entity: Entity) -> Answer:
    if call.now < entity.links["final_at"]:
        return {"Status": "IN_PROGRESS"}
    if entity.links["failed"]:
        return {"Status": "FAILED", "Message": "The target has reached its limit of total claimed numbers."}
    return {"Status": "CLAIMED"}


def _taken(call: Call, number: str) -> bool:
    """Numbers are the world's: claimed by anybody, or cooling down."""
    for pool in call.store.numbers.values():
        if any(e.alive and e.fields["PhoneNumber"] == number for e in pool.claimed.values()):
            return True
        if pool.cooling.get(number, 0.0) > call.now:
            return True
    return False


def _plan(number: str) -> tuple[str, str]:
    for kind, prefixes in (("DID", _PREFIXES), ("TOLL_FREE", _TOLL_FREE)):
        for country, stem in prefixes.items():
            if number.startswith(stem) and len(number) == len(stem) + 4:
                return country, kind
    raise faults.invalid_parameter(f"Phone number {number} is not available.")


def _count_change(call: Call, pool: PhoneNumberPool, allowed: int) -> None:
    pool.changes[:] = [time for time in pool.changes if time > call.now - COOLDOWN_SECONDS]
    if len(pool.changes) >= 2 * allowed:
        raise faults.invalid_parameter(
            "You have claimed and released phone numbers beyond 200% of your quota in 180 days. "
            "You are blocked from claiming any more numbers until 180 days past the oldest number released."
        )
    pool.changes.append(call.now)


def _matches(call: Call, state: State) -> bool:
    types, countries = call.params.get("PhoneNumberTypes"), call.params.get("PhoneNumberCountryCodes")
    prefix = str(call.params.get("PhoneNumberPrefix") or "")
    return (
        (not types or state.fields["PhoneNumberType"] in types)
        and (not countries or state.fields["PhoneNumberCountryCode"] in countries)
        and str(state.fields["PhoneNumber"]).startswith(prefix)
    )


OPERATIONS: dict[str, Handler] = {
    "SearchAvailablePhoneNumbers": search_available_phone_numbers,
    "ClaimPhoneNumber": claim_phone_number,
    "DescribePhoneNumber": describe_phone_number,
    "ListPhoneNumbersV2": list_phone_numbers_v2,
    "UpdatePhoneNumberMetadata": update_phone_number_metadata,
    "ReleasePhoneNumber": release_phone_number,
    "AssociatePhoneNumberContactFlow": associate_phone_number_contact_flow,
    "DisassociatePhoneNumberContactFlow": disassociate_phone_number_contact_flow,
    "BatchGetFlowAssociation": batch_get_flow_association,
}
