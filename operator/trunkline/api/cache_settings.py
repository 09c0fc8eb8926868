"""What may be set of a cache: access, snapshots, parameters, logs; and what is made of it: published and warmed.

Values and limits: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html and
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from trunkline.api.common import (
    ATOMIC,
    Flag,
    Handle,
    Model,
    ObjectName,
    ObjectReference,
    absent,
    default,
    entries,
    example,
    integer,
    only_one_of,
    required,
    text,
    unmanaged,
)

DailyWindow = Annotated[
    str,
    text(11, least=11, pattern="^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$"),
    example("03:00-05:00"),
]
WeeklyWindow = Annotated[
    str,
    text(
        19,
        least=19,
        pattern="^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$",
    ),
    example("sun:05:00-sun:07:00"),
]
SecretArn = Annotated[
    str,
    text(2048, pattern="^arn:[a-z0-9-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+$"),
    example("arn:aws:secretsmanager:us-east-1:123456789012:secret:acme-cache-user-a1b2c3"),
]


class Apply(StrEnum):
    MAINTENANCE_WINDOW = "MaintenanceWindow"
    IMMEDIATELY = "Immediately"


class LogType(StrEnum):
    SLOW_LOG = "slow-log"
    ENGINE_LOG = "engine-log"


class LogFormat(StrEnum):
    JSON = "json"
    TEXT = "text"


class SecretKey(Model):
    """A key of a Secret in the same namespace."""

    name: ObjectName = required(
        "Name of the Secret, in the same namespace. With the label trunkline.dev/watch: Enabled a change takes effect at once, else at the next check."
    )
    key: Annotated[str, text(253, pattern="^[-._a-zA-Z0-9]+$"), example("token")] = required(
        "Key in the Secret's data."
    )


class Token(Model):
    """The password of the cache."""

    secret_key_ref: SecretKey = required(
        "Where it stands: 16 to 128 letters, digits and !&#$^<>-. A changed one is rotated without losing a lookup."
    )


class Users(Model):
    """Users of ElastiCache's role based access control, made elsewhere."""

    group_ids: (
        Annotated[
            tuple[Annotated[str, text(40, pattern="^[A-Za-z][A-Za-z0-9-]*$"), example("acme-users")], ...],
            entries(1, least=1),
            ATOMIC,
        ]
        | None
    ) = absent("The user group; AWS takes one.", "only for a cache that is external")
    secret_arn: SecretArn | None = absent(
        "Secret with username and password, as AWS rotates them. Functions get it.", "functions sign in to nobody"
    )


class Auth(Model):
    """How clients sign in."""

    rules = (only_one_of("token", "users"),)

    token: Token | None = absent("A token. Not with serverless; needs encryption in transit.", "users")
    users: Users | None = absent("Users. Need encryption in transit.", "a token")


class Snapshots(Model):
    """Daily copies."""

    retention_days: Annotated[int, integer(0, 35)] | None = unmanaged(
        "Days that a daily snapshot is kept; 0 makes none.", "a new one makes none"
    )
    window: DailyWindow | None = unmanaged("When it is made, UTC, at least an hour.", "AWS chooses")
    final: Flag = default(False, "One more snapshot before a delete.")
    restore_from: Annotated[str, text(512, pattern="^[A-Za-z0-9][A-Za-z0-9:/._-]*$"), example("nightly")] | None = (
        absent("Snapshot to begin with: its name, or for serverless its ARN. Counts only at creation.", "empty")
    )


class Parameter(Model):
    """A parameter of the engine."""

    name: Annotated[str, text(64, pattern="^[a-z][a-z0-9-]*$"), example("maxmemory-policy")] = required(
        "Name, as AWS spells it."
    )
    value: Annotated[str, Field(max_length=255), example("volatile-lru")] = required("Value, as text; quote numbers.")


class CloudWatchLogsTarget(Model):
    """A log group that exists."""

    log_group: Annotated[str, text(512, pattern="^[-._/#A-Za-z0-9]+$"), example("/acme/cache")] = required(
        "Name of the log group."
    )


class FirehoseTarget(Model):
    """A delivery stream that exists."""

    delivery_stream: Annotated[str, text(64, pattern="^[A-Za-z0-9._-]+$"), example("acme-cache-logs")] = required(
        "Name of the delivery stream."
    )


class LogDelivery(Model):
    """Where one of the engine's logs goes."""

    rules = (only_one_of("cloudWatchLogs", "firehose"),)

    type: LogType = required("Which log.")
    format: LogFormat = default(LogFormat.JSON, "How a line is written.")
    cloud_watch_logs: CloudWatchLogsTarget | None = absent("To CloudWatch Logs.", "firehose")
    firehose: FirehoseTarget | None = absent("To Amazon Data Firehose.", "cloudWatchLogs")


class Publish(Model):
    """What others find the cache by. What has the name and is not ours is not overwritten."""

    config_map_name: ObjectName | None = absent("ConfigMap that gets host, port, tls, cluster and url.", "none is made")
    secret_name: ObjectName | None = absent("Secret of the namespace that gets the token.", "none is made")
    aws_secret_name: Annotated[str, text(512, pattern="^[A-Za-z0-9/_+=.@-]+$"), example("acme-cache")] | None = absent(
        "Secret in AWS Secrets Manager for functions: the token or user, and the key that hashes callers. Cannot change.",
        "none is made, and functions cannot use the cache for callers",
    )


class WarmSource(Model):
    """What the cache is filled from."""

    center_ref: ObjectReference = required("The ContactCenter whose table and function are used.")
    table: Handle = required("Its table.")


class Warm(Model):
    """A new or replaced cache is filled before functions are switched to it."""

    source: WarmSource = Field(alias="from", description="What is read.")
    through: Handle = required(
        "Function of that center that reads and writes, cache-warmer for instance: the operator seldom reaches the cache."
    )
    items_per_second: Annotated[int, integer(1, 10_000)] = default(500, "Most items a second.")
    ttl_seconds: Annotated[int, integer(60, 86_400)] = default(
        1_800, "How long what is filled in lives; long enough to be read before it is gone."
    )
