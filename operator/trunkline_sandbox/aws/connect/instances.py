"""Instances: create, describe, list, delete.

An instance is CREATION_IN_PROGRESS for `instance_creation_seconds`, then ACTIVE with AWS's default contents, or
CREATION_FAILED and gone after a day. There is no deleting state: Describe answers until its lag is over, then 404.
"""

from collections.abc import Iterable
from typing import Any

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler, Seen, check_tags
from trunkline_sandbox.aws.connect.defaults import furnish
from trunkline_sandbox.aws.connect.entity import Entity, Kind, State, timestamp
from trunkline_sandbox.aws.connect.instance_attributes import initial_attributes
from trunkline_sandbox.aws.connect.paging import page_seen
from trunkline_sandbox.aws.connect.quotas import INSTANCE_CHANGES, INSTANCE_CHANGES_SECONDS, Quota, limit
from trunkline_sandbox.aws.connect.store import Instance, Place, Store

FAILED_SHOWN_SECONDS = 24 * 3600.0


def create_instance(call: Call) -> Answer:
    """CreateInstance. The same ClientToken answers the same instance; with other parameters it is refused."""
    return call.once(lambda: _create(call), faults.invalid_request)


def aged(store: Store, account: str, region: str, aliases: Iterable[str]) -> list[str]:
    """Instances that the account has had for longer than anybody counts: their ids. Raises ValueError."""
    taken, made = _aliases(store), []
    for alias in aliases:
        if alias.casefold() in taken:
            raise ValueError(f"aliases: {alias} is taken")
        taken.add(alias.casefold())
        fields = {"IdentityManagementType": "CONNECT_MANAGED"}
        instance = _instance(store, (account, region), alias, fields, born=0.0, final_at=0.0)
        store.instances[instance.id] = instance
        furnish(store, instance, instance.final_at)
        made.append(instance.id)
    return made


def _aliases(store: Store) -> set[str]:
    return {str(i.entity.fields.get("InstanceAlias", "")).casefold() for i in store.live_instances()}


def _create(call: Call) -> Answer:
    _check_identity(call)
    alias = str(call.params.get("InstanceAlias") or "")
    taken = _aliases(call.store)
    if alias and alias.casefold() in taken:
        raise faults.invalid_request("Invalid Input. Instance alias is already used.")
    mine = [i for i in call.store.instances_of(call.context.account, call.context.region) if i.entity.alive]
    allowed = limit(call.switches, Quota.INSTANCES)
    if sum(i.status(call.now) != "CREATION_FAILED" for i in mine) >= allowed:
        raise faults.quota_exceeded(f"Service quota exceeded: {Quota.INSTANCES.value} is {allowed}.")
    tags = dict(call.params.get("Tags") or {})
    check_tags(tags)
    if not _count_change(call):
        raise faults.quota_exceeded(_EXCESSIVE)
    instance = _new_instance(call, alias, tags)
    call.store.instances[instance.id] = instance
    if not instance.failure:
        furnish(call.store, instance, instance.final_at)
    return {"Id": instance.id, "Arn": instance.arn}


_EXCESSIVE = (
    "Excessive number of attempts at creating or deleting instances. "
    "You must wait 30 days before you can restart creating and deleting instances in your account."
)


def _check_identity(call: Call) -> None:
    directory = call.params["IdentityManagementType"] == "EXISTING_DIRECTORY"
    if directory and not call.params.get("DirectoryId"):
        raise faults.invalid_request("Invalid Input. DirectoryId is required for EXISTING_DIRECTORY.")
    if not directory and call.params.get("DirectoryId"):
        raise faults.invalid_request("Invalid Input. DirectoryId is only allowed for EXISTING_DIRECTORY.")
    if not directory and not call.params.get("InstanceAlias"):
        raise faults.invalid_request("Invalid Input. InstanceAlias is required.")


def _count_change(call: Call) -> bool:
    """Count a creation or deletion against the account's 100 in 30 days; false: there is no room."""
    changes = call.store.instance_changes.setdefault(call.context.account, [])
    changes[:] = [time for time in changes if time > call.now - INSTANCE_CHANGES_SECONDS]
    if len(changes) >= INSTANCE_CHANGES:
        return False
    changes.append(call.now)
    return True


def _new_instance(call: Call, alias: str, tags: dict[str, str]) -> Instance:
    return _instance(
        call.store,
        (call.context.account, call.context.region),
        alias,
        {"IdentityManagementType": call.params["IdentityManagementType"]},
        tags=tags,
        calls=(call.params["InboundCallsEnabled"], call.params["OutboundCallsEnabled"]),
        born=call.now,
        final_at=call.now + call.switches.instance_creation_seconds,
        failure=call.switches.instance_creation_failure,
    )


def _instance(
    store: Store,
    place: Place,
    alias: str,
    fields: dict[str, Any],
    *,
    born: float,
    final_at: float,
    tags: dict[str, str] | None = None,
    calls: tuple[bool, bool] = (True, True),
    failure: str = "",
) -> Instance:
    """An instance that is in no store yet. calls: whether they may come in, and go out."""
    account, region = place
    sequence = store.next_sequence()
    identifier = store.identifier(sequence)
    role = f"role/aws-service-role/connect.amazonaws.com/AWSServiceRoleForAmazonConnect_{identifier[:20]}"
    fields |= {"CreatedTime": timestamp(born), "ServiceRole": f"arn:aws:iam::{account}:{role}"}
    if alias:
        fields |= {"InstanceAlias": alias, "InstanceAccessUrl": f"https://{alias.lower()}.my.connect.aws"}
    links = {"attributes": initial_attributes(*calls), "storage": {}, "origins": (), "functions": ()}
    entity = Entity(
        kind=Kind.INSTANCE,
        id=identifier,
        arn=f"arn:aws:connect:{region}:{account}:instance/{identifier}",
        sequence=sequence,
        region=region,
        history=[(born, State(fields, links, tags or {}, born))],
    )
    return Instance(entity, account, region, born, final_at, failure=failure)


def describe_instance(call: Call) -> Answer:
    """DescribeInstance: also while it is being created, and for a day when that has failed."""
    given = str(call.params["InstanceId"])
    instance = call.store.instances.get(given.rsplit("/", 1)[-1])
    here = (call.context.account, call.context.region)
    if instance is None or (instance.account, instance.region) != here:
        raise faults.not_found()
    state = instance.entity.seen(call.now, call.switches.describe_lag_seconds)
    if state is None or _vanished(instance, call.now):
        raise faults.not_found()
    answer = _summary(instance, state, call.now) | {"Tags": dict(state.tags)}
    if instance.status(call.now) == "CREATION_FAILED":
        answer["StatusReason"] = {"Message": instance.failure}
    return {"Instance": answer}


def list_instances(call: Call) -> Answer:
    """ListInstances of the account and region."""
    found = []
    for instance in call.store.instances_of(call.context.account, call.context.region):
        state = instance.entity.seen(call.now, call.switches.list_lag_seconds)
        if state is not None and not _vanished(instance, call.now):
            found.append(Seen(instance.entity, state))
    shown, token = page_seen(call, found, 10)
    summaries = [_summary(call.store.instances[seen.entity.id], seen.state, call.now) for seen in shown]
    return {"InstanceSummaryList": summaries, **token}


def delete_instance(call: Call) -> Answer:
    """DeleteInstance, with all that lives in it. What that means for claimed numbers is not documented: a switch."""
    instance = call.any_instance()
    if instance.status(call.now) == "CREATION_IN_PROGRESS":
        raise faults.invalid_request(f"Instance {instance.id} is being created and cannot be deleted yet.")
    pool = call.store.pool(instance.account, instance.region)
    numbers = [e for e in pool.claimed.values() if e.alive and e.fields["InstanceId"] == instance.id]
    if numbers and not call.switches.instance_with_numbers_deletable:
        raise faults.invalid_request(f"Instance {instance.id} has claimed phone numbers. Release them first.")
    if not _count_change(call):
        raise faults.invalid_request(_EXCESSIVE)
    for number in numbers:
        pool.release(number, call.now)
    instance.entity.delete(call.now)
    return {}


def _vanished(instance: Instance, now: float) -> bool:
    return instance.status(now) == "CREATION_FAILED" and now - instance.created > FAILED_SHOWN_SECONDS


def _summary(instance: Instance, state: State, now: float) -> Answer:
    attributes = state.links["attributes"]
    return {
        "Id": instance.id,
        "Arn": instance.arn,
        **state.fields,
        "InstanceStatus": instance.status(now),
        "InboundCallsEnabled": attributes["INBOUND_CALLS"] == "true",
        "OutboundCallsEnabled": attributes["OUTBOUND_CALLS"] == "true",
    }


OPERATIONS: dict[str, Handler] = {
    "CreateInstance": create_instance,
    "DescribeInstance": describe_instance,
    "ListInstances": list_instances,
    "DeleteInstance": delete_instance,
}
