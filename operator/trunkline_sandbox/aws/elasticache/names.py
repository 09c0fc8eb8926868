"""Identifiers and ARNs of ElastiCache, and the host names of endpoints. Pure.

Sources: API reference (CreateReplicationGroup: 1 to 40 characters, stored in lower case), service authorization
reference (ARN formats), user guide, "Finding connection endpoints".
"""

from __future__ import annotations

import hashlib
import re

from trunkline_sandbox.aws.elasticache import faults

GROUP_CHARACTERS = 40
OTHER_CHARACTERS = 255
_IDENTIFIER = re.compile(r"[a-z](?:-?[a-z0-9])*")
_WORDS = {"northeast": "ne", "northwest": "nw", "southeast": "se", "southwest": "sw"}


def identifier(given: str, member: str, limit: int) -> str:
    """The identifier as it is stored: in lower case. Raises InvalidParameterValue."""
    name = given.lower()
    if not _IDENTIFIER.fullmatch(name):
        text = (
            f"The parameter {member} is not a valid identifier. Identifiers must begin with a letter; must contain "
            "only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
        )
        raise faults.value(text)
    if len(name) > limit:
        raise faults.value(f"The parameter {member} must be at most {limit} characters long.")
    return name


def arn(account: str, region: str, kind: str, name: str) -> str:
    """`kind` is that of the ARN: replicationgroup, cluster, subnetgroup, parametergroup, snapshot, serverlesscache,
    serverlesscachesnapshot, user, usergroup.
    """
    return f"arn:aws:elasticache:{region}:{account}:{kind}:{name}"


def region_code(region: str) -> str:
    """eu-west-2 is euw2 in host names."""
    area, direction, number = region.rsplit("-", 2)
    return f"{area.replace('-', '')}{_WORDS.get(direction, direction[0])}{number}"


def suffix(account: str, region: str, name: str, created_at: float) -> str:
    """The six characters that AWS puts into the host names of a cache."""
    seed = hashlib.sha256(f"{account} {region} {name} {created_at}".encode()).digest()
    return "".join("abcdefghijklmnopqrstuvwxyz0123456789"[byte % 36] for byte in seed[:6])
