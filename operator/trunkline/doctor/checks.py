"""The chain of checks: facts in, findings out, in the order in which a person would look. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from trunkline.doctor import checks_aws, checks_cluster, checks_definitions, checks_host, checks_leader, checks_rights
from trunkline.doctor.facts import Facts
from trunkline.doctor.finding import Finding, unknown

Check = Callable[[Facts], Iterator[Finding]]

CHECKS: Mapping[str, Check] = {
    "api-server": checks_cluster.api_server,
    "definitions": checks_definitions.definitions,
    "operator": checks_leader.operators,
    "rights": checks_rights.rights,
    "admission": checks_rights.admission,
    "lease": checks_leader.lease,
    "installation": checks_cluster.installation,
    "objects": checks_cluster.objects,
    "clock": checks_host.clocks,
    "proxy": checks_host.proxy,
    "authorities": checks_host.authorities,
    "identity": checks_aws.identity,
    "accounts": checks_aws.accounts,
    "endpoints": checks_aws.endpoints,
    "permissions": checks_aws.permissions,
    "quotas": checks_aws.quotas,
}


def examine(facts: Facts, checks: Mapping[str, Check] = CHECKS) -> tuple[Finding, ...]:
    """All findings. A check that breaks is a finding too, and the others go on."""
    found: list[Finding] = []
    for name, check in checks.items():
        try:
            found += check(facts)
        except Exception as error:  # whoever asks at night wants the other answers
            told = f"this check is broken ({type(error).__name__}): report it with trunkline support-bundle"
            found.append(unknown(name, told, reason="CheckBroken"))
    found += [
        unknown(
            "gathering",
            f"not gathered: {late}",
            "Give it longer (--timeout 120), rights to read it, or fewer objects (-n).",
            "NotGathered",
        )
        for late in facts.late
    ]
    return tuple(found)
