"""Token buckets: the call rates that AWS grants per account and Region.

Sources: Amazon Connect administrator guide, "API throttling quotas" (2 a second with a burst of 5 for each operation,
with exceptions); Lambda developer guide, "Lambda quotas" (control plane 15 a second across all operations but Invoke,
GetFunction 100, GetPolicy 15); CloudWatch Logs user guide, "quotas"; DynamoDB API
reference (tagging: 5, 5 and 10 a second); Secrets Manager user guide, "Secrets Manager quotas" (reads 10,000, writes 50,
lists 100 a second); CloudWatch user guide, "CloudWatch service quotas" (GetMetricData 50 a second); Resource Groups Tagging API reference. Where AWS
documents a rate without a burst, the burst is one second's worth; where it documents nothing, rates are generous.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Rate = tuple[float, float]  # tokens a second, burst

GENEROUS: Rate = (200.0, 400.0)
CONNECT: Rate = (2.0, 5.0)
_RATES: dict[str, Rate] = {
    "connect:GetMetricData": (5.0, 8.0),
    "connect:GetCurrentMetricData": (5.0, 8.0),
    "connect:StartChatContact": (5.0, 8.0),
    "connect:GetMetricDataV2": (10.0, 10.0),
    "connect:ListIntegrationAssociations": (25.0, 25.0),
    "connect:SearchContacts": (0.5, 1.0),
    "lambda:control": (15.0, 15.0),
    "lambda:GetFunction": (100.0, 100.0),
    "lambda:GetPolicy": (15.0, 15.0),
    "logs:CreateLogGroup": (10.0, 10.0),
    "logs:DeleteLogGroup": (10.0, 10.0),
    "logs:DescribeLogGroups": (10.0, 10.0),
    "resourcegroupstaggingapi:GetResources": (15.0, 15.0),
    "resourcegroupstaggingapi:TagResources": (5.0, 5.0),
    "resourcegroupstaggingapi:UntagResources": (5.0, 5.0),
    "cloudwatch:GetMetricData": (50.0, 50.0),
    "secretsmanager:read": (10_000.0, 10_000.0),
    "secretsmanager:ListSecrets": (100.0, 100.0),
    "secretsmanager:write": (50.0, 50.0),
    "dynamodb:TagResource": (5.0, 5.0),
    "dynamodb:UntagResource": (5.0, 5.0),
    "dynamodb:ListTagsOfResource": (10.0, 10.0),
    "dynamodb:DescribeLimits": (1.0, 2.0),
    "dynamodb:DescribeTableReplicaAutoScaling": (10.0, 10.0),
}
_LAMBDA_OWN = frozenset({"Invoke", "InvokeAsync", "InvokeWithResponseStream", "GetFunction", "GetPolicy"})


def bucket_name(service: str, operation: str) -> str:
    """Which bucket an operation draws from."""
    if service == "lambda" and operation not in _LAMBDA_OWN:
        return "lambda:control"
    if service == "secretsmanager" and operation in ("DescribeSecret", "GetSecretValue"):
        return "secretsmanager:read"
    if service == "secretsmanager" and operation in ("CreateSecret", "PutSecretValue", "UpdateSecret", "DeleteSecret"):
        return "secretsmanager:write"
    return f"{service}:{operation}"


def rate_of(name: str, overrides: Mapping[str, Rate]) -> Rate:
    """Tokens a second and burst of a bucket."""
    if name in overrides:
        return overrides[name]
    return _RATES.get(name) or (CONNECT if name.startswith("connect:") else GENEROUS)


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Buckets:
    """The state of all buckets, full at first."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}

    def take(self, account: str, region: str, name: str, *, now: float, overrides: Mapping[str, Rate]) -> bool:
        """Whether a call that draws from the bucket `name` is granted; takes its token."""
        rate, burst = rate_of(name, overrides)
        bucket = self._buckets.setdefault((account, region, name), _Bucket(burst, now))
        bucket.tokens = min(burst, bucket.tokens + (now - bucket.at) * rate)
        bucket.at = now
        # A client that paces itself exactly at the rate must not lose a token to rounding.
        if bucket.tokens < 1.0 - 1e-9:
            return False
        bucket.tokens -= 1.0
        return True

    def reset(self) -> None:
        self._buckets.clear()

    def inspect(self) -> dict[str, float]:
        return {"/".join(key): round(bucket.tokens, 3) for key, bucket in sorted(self._buckets.items())}
