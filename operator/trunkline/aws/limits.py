"""The table of call rates: which bucket an AWS operation draws from, how fast it fills and how much it holds.

Rates are tokens per second per account and Region (IAM: per account). Where AWS documents no burst, a small one is
assumed; where it documents no rate, a shy one: a wait of ours costs a second, a throttle costs other tools of the
account too. Values are defaults of new accounts. What accounts were granted beyond them is said at the start
(`--aws-rates`); what is not said is left to others.

Sources, by service:
- connect: "API throttling quotas" in the Amazon Connect administrator guide (RateLimit 2, BurstLimit 5 for each API
  separately, and the exceptions below); "Best practices for using Amazon Connect APIs": limits are per account.
- lambda: "Lambda quotas", API requests: 100 a second for GetFunction, 15 for GetPolicy, 15 for the remainder of the
  control plane together; none can be raised.
- dynamodb: "Best practices for managing the control plane": 2,500 a second in all; the API reference names lower ones
  (DescribeContinuousBackups and ListTagsOfResource 10, TagResource and UntagResource 5).
- resourcegroupstaggingapi: "Service quotas" of the Tag Editor: GetResources 15, TagResources and UntagResources 5.
- sts: "IAM and AWS STS quotas": 600 a second for each account and Region, of which a small part is taken here.
- iam: no figures; "How to monitor and query IAM resources at scale": token buckets of undisclosed size.
- logs: "CloudWatch Logs quotas": 10 a second for CreateLogGroup, DeleteLogGroup and DescribeLogGroups.
- s3: "Best practices design patterns": 3,500 writes and 5,500 reads a second for each prefix.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from trunkline.engine.budget import Bucket


@dataclass(frozen=True, slots=True)
class Limit:
    """How fast one bucket fills (tokens per second) and how many tokens it holds.

    name: without its service; empty: each operation has a bucket of its own. regional: False for a global service.
    """

    rate: float
    burst: float
    name: str = ""
    regional: bool = True


DEFAULTS: Mapping[str, Limit] = {
    "connect": Limit(2, 5),
    "lambda": Limit(15, 5, "control-plane"),
    "dynamodb": Limit(10, 10),
    "iam": Limit(5, 10, "api", regional=False),
    "logs": Limit(5, 5),
    "sts": Limit(50, 50),
    "resourcegroupstaggingapi": Limit(5, 5),
    "s3": Limit(100, 100),
    "elasticache": Limit(5, 10),  # not documented: shy
    "secretsmanager": Limit(50, 50, "control-plane"),  # of create, put, describe and the like together
    "cloudwatch": Limit(50, 50),  # GetMetricData
    "application-autoscaling": Limit(2, 5),  # not documented: shy, as all who scale in an account share it
    "service-quotas": Limit(2, 5),  # documented as low and changing: shy
}

OPERATIONS: Mapping[tuple[str, str], Limit] = {
    ("connect", "GetCurrentMetricData"): Limit(5, 8),
    ("connect", "GetMetricData"): Limit(5, 8),
    ("connect", "GetMetricDataV2"): Limit(10, 10),
    ("connect", "ListIntegrationAssociations"): Limit(25, 25),
    ("connect", "SearchContacts"): Limit(0.5, 1),
    ("connect", "StartChatContact"): Limit(5, 8),
    ("lambda", "GetFunction"): Limit(100, 20),
    ("lambda", "GetPolicy"): Limit(15, 5),
    ("lambda", "Invoke"): Limit(50, 50),  # ten requests a second for each unit of concurrency, which functions share
    ("dynamodb", "TagResource"): Limit(5, 5),
    ("dynamodb", "UntagResource"): Limit(5, 5),
    ("dynamodb", "DescribeLimits"): Limit(1 / 60, 1),
    ("logs", "CreateLogGroup"): Limit(10, 10),
    ("logs", "DeleteLogGroup"): Limit(10, 10),
    ("logs", "DescribeLogGroups"): Limit(10, 10),
    ("resourcegroupstaggingapi", "GetResources"): Limit(15, 15),
}

UNKNOWN_SERVICE = Limit(2, 5)
JITTER_SECONDS = 0.05  # by which two calls may come closer together on their way


@dataclass(frozen=True, slots=True)
class Limits:
    """The table with what accounts were granted beyond it: Limit by (service, operation), and by (service, "")."""

    granted: Mapping[tuple[str, str], Limit] = field(default_factory=dict)

    def limit(self, service: str, operation: str) -> Limit:
        """The limit of an operation; services by botocore's names.

        What a service was granted as a whole holds for the operations that have no rate of their own in the table.
        """
        return (
            self.granted.get((service, operation))
            or OPERATIONS.get((service, operation))
            or self.granted.get((service, ""))
            or DEFAULTS.get(service, UNKNOWN_SERVICE)
        )

    def bucket(self, account: str, region: str, service: str, operation: str) -> Bucket:
        """The bucket that a call draws from."""
        found = self.limit(service, operation)
        name = f"{service}.{found.name or operation}"
        margin = found.rate * JITTER_SECONDS
        return Bucket(account, region if found.regional else "", name, found.rate, found.burst, margin)


DOCUMENTED = Limits()

_RATE = re.compile(
    r"(?P<service>[a-z0-9-]+)(:(?P<operation>[A-Za-z0-9]+))?=(?P<rate>[0-9]+(\.[0-9]+)?)(/(?P<burst>[0-9]+))?", re.ASCII
)


def granted(text: str) -> Limits:
    """Limits from `connect=20/50,connect:SearchContacts=2`: calls a second, and after a slash as many at once.

    Without a slash twice as many at once as a second, at least one. Where operations share a bucket, one of them is not
    granted anything alone. Raises ValueError naming the part.
    """
    found: dict[tuple[str, str], Limit] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        read = _RATE.fullmatch(part)
        if read is None or not float(read["rate"]) or read["burst"] == "0":
            raise ValueError(
                f"{part!r} is no call rate; write service=calls a second, such as connect=20 or connect=20/50"
            )
        service, operation = read["service"], read["operation"] or ""
        if service not in DEFAULTS:
            raise ValueError(f"{part!r}: {service} is none of {', '.join(sorted(DEFAULTS))}")
        base = OPERATIONS.get((service, operation)) or DEFAULTS[service]
        if operation and base.name:
            raise ValueError(f"{part!r}: operations of {service} share one rate; write {service}={read['rate']}")
        rate = float(read["rate"])
        burst = float(read["burst"]) if read["burst"] else max(1.0, 2 * rate)
        found[service, operation] = replace(base, rate=rate, burst=burst)
    return Limits(found)
