"""Subnets and security groups that exist in the account under ids of somebody's choice, in a VPC of their own.

EC2 is moto's and makes ids up; an example that names subnets needs those to exist. Everything that asks EC2 for them
(ElastiCache, Lambda, moto's own EC2) finds them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def place(account: str, region: str, ids: Sequence[str]) -> None:
    """Make what is not there yet. ids: "subnet-..." and "sg-...". Raises ValueError for any other."""
    from moto.ec2.models import ec2_backends  # noqa: PLC0415 - slow to import and seldom needed

    unknown = [name for name in ids if not name.startswith(("subnet-", "sg-"))]
    if unknown:
        raise ValueError(f"{unknown[0]} is neither a subnet nor a security group: write subnet-... or sg-...")
    backend: Any = ec2_backends[account][region]
    if not ids:
        return
    vpc = backend.create_vpc("10.80.0.0/16")
    for number, name in enumerate(name for name in ids if name.startswith("subnet-")):
        zone = f"{region}{'abc'[number % 3]}"
        made = backend.create_subnet(vpc.id, f"10.80.{number}.0/24", availability_zone=zone)
        del backend.subnets[zone][made.id]
        made.id = name
        backend.subnets[zone][name] = made
    for number, name in enumerate(name for name in ids if name.startswith("sg-")):
        group = backend.create_security_group(f"placed-{number}", "placed", vpc_id=vpc.id)
        del backend.groups[vpc.id][group.id]
        group.id = group.group_id = name
        backend.groups[vpc.id][name] = group
