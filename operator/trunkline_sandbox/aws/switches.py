"""What AWS does not document, or what a test wants to be different: one immutable value, replaceable at run time.

Defaults are what the documentation says or, where it is silent, the stricter answer. Lags and durations are seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal


@dataclass(frozen=True)
class Switches:
    """Settings of the offline AWS."""

    # The framework
    throttling: bool = True
    # Rate per second and burst by "service:Operation" or by the bucket's own name ("lambda:control"); absent: documented.
    rates: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    # The policies of the calling principal decide; off: whoever has a known access key may do everything.
    enforce_permissions: bool = False

    # DynamoDB: how long CREATING, UPDATING, an index's CREATING, DELETING and TTL's ENABLING take.
    table_seconds: float = 0.0
    index_seconds: float = 0.0
    time_to_live_seconds: float = 0.0
    # Whether one UpdateTable may carry several kinds of change, beyond those that are documented as exclusive.
    table_updates_combine: bool = False

    # Lambda: State Pending and LastUpdateStatus InProgress; allocation of provisioned concurrency.
    function_seconds: float = 0.0
    provisioned_concurrency_seconds: float = 0.0
    # Environments that are allocated a minute when that time has passed; 0: all at once. AWS: up to 6,000.
    provisioned_concurrency_per_minute: float = 0.0
    # Application Auto Scaling: scheduled actions that never run again stay, and count, until they are deleted.
    scheduled_actions_remain: bool = True
    # How long after its creation a role cannot be assumed by Lambda yet, and is unknown to reads of IAM.
    role_assumable_seconds: float = 0.0
    role_visible_seconds: float = 0.0
    lambda_account_concurrency: int = 1000
    # Subnets and security groups of a function must exist in EC2 (moto has a default VPC with some).
    lambda_vpc_must_exist: bool = True
    # ElastiCache: until a group or serverless cache is available, a change is done, a snapshot is taken, what is deleted
    # is gone; and how much later than the group its nodes become available.
    cache_creation_seconds: float = 0.0
    cache_modification_seconds: float = 0.0
    cache_member_seconds: float = 0.0
    cache_snapshot_seconds: float = 0.0
    cache_deletion_seconds: float = 0.0
    # The reason why the next replication groups end as create-failed; empty: they become available.
    cache_creation_failure: str = ""
    # What shrinks (node type, shards, replicas) is rolled back by AWS, without an error to the caller.
    cache_scale_down_rolls_back: bool = False
    # One ModifyReplicationGroup may change several of AUTH, TLS, cluster mode, engine and node type.
    cache_changes_combine: bool = False
    # The strategy SET is refused unless two tokens are accepted and the given one was rotated last.
    cache_token_set_needs_rotate: bool = True
    # Serverless caches show CREATING and AVAILABLE, as the API reference writes them, instead of creating and available.
    serverless_status_in_capitals: bool = False
    # Subnets and security groups of caches must exist in EC2 (moto has a default VPC with some).
    cache_vpc_must_exist: bool = True

    # Secrets Manager: how long reads show a secret as it was before a write.
    secret_lag_seconds: float = 0.0

    # Service Quotas by "service-code/QuotaName", of one Connect instance by "...@instance-id", for what the service itself does not keep; absent: the default.
    service_quotas: Mapping[str, float] = field(default_factory=dict)

    # Eventual consistency: how long a write takes to show in each way of reading it.
    search_lag_seconds: float = 0.0
    describe_lag_seconds: float = 0.0
    list_lag_seconds: float = 0.0
    # How long a new resource is unknown to calls that name it: updates, deletes and references to it.
    reference_lag_seconds: float = 0.0

    # Amazon Connect
    instance_creation_seconds: float = 0.0
    # The reason why the next instances end as CREATION_FAILED; empty: they become ACTIVE.
    instance_creation_failure: str = ""
    search_returns_flow_content: bool = True
    # Contact flow names are unique among the flows of one type, or of the instance.
    duplicate_flow_name_scope: Literal["type", "instance"] = "instance"
    referenced_flow_deletable: bool = True
    # Content comes back with other key order and whitespace than it was sent with.
    flow_content_reformatted: bool = False
    # A flow may be published only if the functions it invokes are associated with the instance.
    flow_lambda_must_be_associated: bool = True
    # AssociateLambdaFunction adds a statement to the function's resource policy.
    lambda_association_adds_permission: bool = False
    phone_number_claim_seconds: float = 0.0
    # An instance with claimed numbers may be deleted, and its numbers are released with it.
    instance_with_numbers_deletable: bool = False
    # Service Quotas of Connect by quota name; absent: the default.
    connect_quotas: Mapping[str, int] = field(default_factory=dict)


def granted(switches: Switches, service: str, quota: str, value: float) -> Switches:
    """The switches with another value of a quota, as `Switches.service_quotas` names it."""
    if service == "lambda" and quota == "Concurrent executions":
        return replace(switches, lambda_account_concurrency=int(value))
    if service == "connect" and "@" not in quota:
        return replace(switches, connect_quotas={**switches.connect_quotas, quota: int(value)})
    return replace(switches, service_quotas={**switches.service_quotas, f"{service}/{quota}": value})
