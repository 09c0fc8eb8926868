"""What EC2 (moto's) knows of subnets and security groups."""

from __future__ import annotations

from trunkline_sandbox.aws.elasticache import faults
from trunkline_sandbox.aws.elasticache.store import Call


def subnets(call: Call, ids: list[str]) -> tuple[str, dict[str, str]]:
    """The VPC of subnets, and their zones by id. Raises InvalidSubnet. Any is good if `cache_vpc_must_exist` is off."""
    if not call.context.switches.cache_vpc_must_exist:
        return "vpc-00000000", {name: f"{call.context.region}{'abc'[number % 3]}" for number, name in enumerate(ids)}
    from moto.ec2.models import ec2_backends  # noqa: PLC0415 - slow to import and seldom needed

    backend = ec2_backends[call.context.account][call.context.region]
    known = {name: subnet for zone in backend.subnets.values() for name, subnet in zone.items()}
    unknown = [name for name in ids if name not in known]
    if unknown:
        raise faults.fault("InvalidSubnet", f"Some input subnets in :[{', '.join(unknown)}] are invalid.")
    networks = {str(known[name].vpc_id) for name in ids}
    if len(networks) > 1:
        raise faults.fault("InvalidSubnet", "All subnets must belong to the same VPC.")
    return networks.pop(), {name: str(known[name].availability_zone) for name in ids}


def check_security_groups(call: Call, ids: list[str]) -> None:
    """Raises InvalidParameterValue for a group that is not there."""
    if not ids or not call.context.switches.cache_vpc_must_exist:
        return
    from moto.ec2.models import ec2_backends  # noqa: PLC0415

    backend = ec2_backends[call.context.account][call.context.region]
    known = {name for groups in backend.groups.values() for name in groups}
    unknown = [name for name in ids if name not in known]
    if unknown:
        raise faults.value(f"Some security group ids do not exist: {', '.join(unknown)}")
