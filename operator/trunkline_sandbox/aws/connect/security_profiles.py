"""Security profiles. What they permit is read by List operations of its own, not by Describe or Search."""

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler, Seen
from trunkline_sandbox.aws.connect.entity import Entity, Kind, modified
from trunkline_sandbox.aws.connect.paging import page, page_seen
from trunkline_sandbox.aws.connect.quotas import Quota
from trunkline_sandbox.aws.connect.search import named, search
from trunkline_sandbox.aws.connect.store import Instance

_FIELDS = (
    "Description",
    "AllowedAccessControlTags",
    "TagRestrictedResources",
    "HierarchyRestrictedResources",
    "AllowedAccessControlHierarchyGroupId",
    "GranularAccessControlConfiguration",
)
_SEARCHED = ("SecurityProfileName", "Description")


def create_security_profile(call: Call) -> Answer:
    """CreateSecurityProfile."""
    instance = call.instance()
    name = str(call.params["SecurityProfileName"])
    call.unique_name(instance, Kind.SECURITY_PROFILE, name, member="SecurityProfileName")
    call.room(instance, Kind.SECURITY_PROFILE, Quota.SECURITY_PROFILES)
    entity = call.add(instance, Kind.SECURITY_PROFILE, call.present("SecurityProfileName", *_FIELDS), _links(call))
    return {"SecurityProfileId": entity.id, "SecurityProfileArn": entity.arn}


def describe_security_profile(call: Call) -> Answer:
    """DescribeSecurityProfile."""
    instance = call.instance()
    seen = call.described(instance, Kind.SECURITY_PROFILE, call.params["SecurityProfileId"])
    return {"SecurityProfile": _names(instance, seen) | dict(seen.state.fields) | modified(*seen)}


def list_security_profiles(call: Call) -> Answer:
    """ListSecurityProfiles."""
    shown, token = page_seen(call, call.listed(call.instance(), Kind.SECURITY_PROFILE), 1000)
    summaries = [
        {"Id": e.id, "Arn": e.arn, "Name": s.fields["SecurityProfileName"], "Type": _type(e), **modified(e, s)}
        for e, s in shown
    ]
    return {"SecurityProfileSummaryList": summaries, **token}


def search_security_profiles(call: Call) -> Answer:
    """SearchSecurityProfiles: name, description, resourceID."""
    instance = call.instance()
    fields = named(name="SecurityProfileName")
    shown, more = search(call, call.searched(instance, Kind.SECURITY_PROFILE), fields=fields, maximum=100)
    profiles = [
        _names(instance, seen) | {name: seen.state.fields[name] for name in _SEARCHED if name in seen.state.fields}
        for seen in shown
    ]
    return {"SecurityProfiles": profiles, **more}


def update_security_profile(call: Call) -> Answer:
    """UpdateSecurityProfile: what is absent stays. The Admin profile cannot be changed."""
    entity = _named(call, call.instance())
    if entity.built_in and entity.fields["SecurityProfileName"] == "Admin":
        raise faults.invalid_request("The Admin security profile cannot be changed.")
    entity.write(call.now, call.present(*_FIELDS), _links(call))
    return {}


def delete_security_profile(call: Call) -> Answer:
    """DeleteSecurityProfile. Refused while users have it, and for the four that came with the instance."""
    instance = call.instance()
    entity = _named(call, instance)
    if entity.built_in:
        raise faults.invalid_request("A default security profile cannot be deleted.")
    for user in instance.alive(Kind.USER):
        if entity.id in user.fields["SecurityProfileIds"]:
            raise faults.in_use("The security profile is assigned to a user.", "USER", user.arn)
    entity.delete(call.now)
    return {}


def list_security_profile_permissions(call: Call) -> Answer:
    """ListSecurityProfilePermissions."""
    shown, more = _page(call, "permissions")
    return {"Permissions": shown, **more}


def list_security_profile_applications(call: Call) -> Answer:
    """ListSecurityProfileApplications."""
    shown, more = _page(call, "applications")
    return {"Applications": shown, **more}


def list_security_profile_flow_modules(call: Call) -> Answer:
    """ListSecurityProfileFlowModules."""
    shown, more = _page(call, "flow_modules")
    return {"AllowedFlowModules": shown, **more}


def _named(call: Call, instance: Instance) -> Entity:
    return call.require(instance, Kind.SECURITY_PROFILE, call.params["SecurityProfileId"])


def _links(call: Call) -> Answer:
    members = {"permissions": "Permissions", "applications": "Applications", "flow_modules": "AllowedFlowModules"}
    return {link: call.params[member] for link, member in members.items() if member in call.params}


def _page(call: Call, link: str) -> tuple[list[object], Answer]:
    instance = call.instance()
    seen = call.described(instance, Kind.SECURITY_PROFILE, call.params["SecurityProfileId"])
    shown, token = page(call, enumerate(seen.state.links.get(link, ())), lambda item: item[0], 1000)
    return [value for _, value in shown], {**token, **modified(*seen)}


def _type(entity: Entity) -> str:
    return "AWS_MANAGED" if entity.built_in else "CUSTOMER_MANAGED"


def _names(instance: Instance, seen: Seen) -> Answer:
    entity, state = seen
    return {
        "Id": entity.id,
        "Arn": entity.arn,
        "OrganizationResourceId": instance.id,
        "Tags": dict(state.tags),
        "Type": _type(entity),
    }


OPERATIONS: dict[str, Handler] = {
    "CreateSecurityProfile": create_security_profile,
    "DescribeSecurityProfile": describe_security_profile,
    "ListSecurityProfiles": list_security_profiles,
    "SearchSecurityProfiles": search_security_profiles,
    "UpdateSecurityProfile": update_security_profile,
    "DeleteSecurityProfile": delete_security_profile,
    "ListSecurityProfilePermissions": list_security_profile_permissions,
    "ListSecurityProfileApplications": list_security_profile_applications,
    "ListSecurityProfileFlowModules": list_security_profile_flow_modules,
}
