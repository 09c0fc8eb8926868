"""Lambda functions: code, configuration, what they may read, concurrency.

Limits: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html and
https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from trunkline.api.common import (
    ATOMIC,
    ExternalArn,
    Handle,
    KmsKeyArn,
    Model,
    RoleArn,
    Rule,
    absent,
    default,
    entries,
    example,
    integer,
    list_map,
    only_one_of,
    required,
    text,
    unmanaged,
)
from trunkline.api.entry import AccountName64, Entry, unless_external
from trunkline.api.function_code import FileSystem, FunctionCode, OnFailure, Vpc
from trunkline.api.logs import Logging, LogRetention


class Architecture(StrEnum):
    ARM64 = "arm64"
    X86_64 = "x86_64"


class Tracing(StrEnum):
    ACTIVE = "Active"
    PASS_THROUGH = "PassThrough"  # noqa: S105  # the mode's name


class SnapStart(StrEnum):
    PUBLISHED_VERSIONS = "PublishedVersions"
    NONE = "None"


class TableActions(StrEnum):
    READ = "Read"
    WRITE = "Write"
    READ_WRITE = "ReadWrite"


class CacheAttribute(StrEnum):
    URL = "url"
    SECRET_ARN = "secretArn"  # noqa: S105  # the attribute's name


class InstanceAttribute(StrEnum):
    ARN = "arn"
    ID = "id"


_SecretArn = Annotated[
    str,
    text(2048, pattern="^arn:[a-z0-9-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+$"),
    example("arn:aws:secretsmanager:us-east-1:123456789012:secret:crm-key-a1b2c3"),
]


RESERVED_VARIABLES = (
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
)
"""https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""


class ValueSource(Model):
    """Where the value of a variable comes from."""

    rules = (only_one_of("table", "cache", "instance", "secretArn"),)

    table: Handle | None = absent("The AWS name of a table, by name in tables.", "another source is written")
    cache: CacheAttribute | None = absent(
        "Of the cache in cacheRef: url is rediss://host:port, without a password; secretArn is the secret with the password.",
        "another source is written",
    )
    instance: InstanceAttribute | None = absent(
        "arn or id of the center's Connect instance.", "another source is written"
    )
    secret_arn: _SecretArn | None = absent(
        "The ARN of a secret and the right to read it; never its value.", "another source is written"
    )


class EnvironmentVariable(Model):
    """One variable of the environment."""

    rules = (
        only_one_of("value", "valueFrom"),
        Rule(
            f"!(self.name in {list(RESERVED_VARIABLES)})",
            "Lambda sets this variable itself: write another name",
            ".name",
            lambda v: v.name not in RESERVED_VARIABLES,
        ),
    )

    name: Annotated[str, text(128, least=2, pattern="^[a-zA-Z][a-zA-Z0-9_]+$"), example("TABLE")] = required(
        "Name; letters, digits and _."
    )
    value: Annotated[str, Field(max_length=4096)] | None = absent(
        "The value; anybody who may read this object reads it, so no secrets.", "valueFrom is written"
    )
    value_from: ValueSource | None = absent("Where the value comes from.", "value is written")


class TableAccess(Model):
    """A right on a table."""

    table: Handle = required("Table, by name in tables.")
    actions: TableActions = required("Read, Write or ReadWrite, on the items and indexes of that table.")


class Function(Entry):
    """A Lambda function with its role, log group, alias, and the right of Connect to call it."""

    rules = (
        *unless_external("code"),
        Rule(
            "!has(self.code) || !has(self.code.s3) || (has(self.runtime) && has(self.handler))",
            "runtime and handler are required with code.s3; builtin and image bring their own",
            holds=lambda f: f.code is None or f.code.s3 is None or (f.runtime is not None and f.handler is not None),
        ),
        Rule(
            "!has(self.code) || has(self.code.s3) || !(has(self.runtime) || has(self.handler))",
            "runtime and handler belong to code.s3; builtin and image bring their own",
            holds=lambda f: f.code is None or f.code.s3 is not None or (f.runtime is None and f.handler is None),
        ),
        Rule(
            "!(has(self.access) && has(self.roleArn))",
            "write access (the role is made) or roleArn (the role is given), not both",
            holds=lambda f: f.access is None or f.role_arn is None,
        ),
        Rule(
            "!(has(self.provisionedConcurrency) && has(self.reservedConcurrency)) || self.provisionedConcurrency <= self.reservedConcurrency",
            "provisionedConcurrency must not be above reservedConcurrency",
            ".provisionedConcurrency",
            holds=lambda f: (
                None in (f.provisioned_concurrency, f.reserved_concurrency)
                or f.provisioned_concurrency <= f.reserved_concurrency
            ),
        ),
        Rule(
            "!(has(self.snapStart) && self.snapStart == 'PublishedVersions' && has(self.provisionedConcurrency))",
            "snapStart excludes provisionedConcurrency: write snapStart: None, or leave provisionedConcurrency away",
            ".snapStart",
            holds=lambda f: f.snap_start is not SnapStart.PUBLISHED_VERSIONS or f.provisioned_concurrency is None,
        ),
        Rule(
            "!(has(self.code) && has(oldSelf.code)) || has(self.code.image) == has(oldSelf.code.image)",
            "a function cannot change between zip and image: add one under another name, move to it, and drop this one",
            ".code",
        ),
        Rule(
            "has(self.awsName) == has(oldSelf.awsName) && (!has(self.awsName) || self.awsName == oldSelf.awsName)",
            "the awsName of a function cannot change: add one under another name, move to it, and drop this one",
            ".awsName",
        ),
    )

    aws_name: AccountName64 | None = absent(
        "Name in AWS; letters, digits, - and _. Cannot change.", "<center>-<name>, 64 characters at most"
    )
    description: Annotated[str, text(256)] | None = unmanaged("Description in AWS.")
    external: ExternalArn | None = absent(
        "Write external: {arn} or {} for one that exists: only linked and permitted.", "ours to manage"
    )
    code: FunctionCode | None = absent("What runs. Required.", "the function is external")
    runtime: (
        Annotated[str, text(32, pattern="^(nodejs|python|java|dotnet|ruby|provided)[a-z0-9.]*$"), example("python3.13")]
        | None
    ) = absent("Lambda runtime, with code.s3.", "builtin or image brings it")
    handler: Annotated[str, text(128, pattern=r"^[^\s]+$"), example("app.handler")] | None = absent(
        "Handler, with code.s3.", "builtin or image brings it"
    )
    role_arn: RoleArn | None = absent(
        "Execution role; it exists.", "a role is made with the rights that the code, the environment and access ask for"
    )
    access: Annotated[tuple[TableAccess, ...], entries(100), ATOMIC] | None = absent(
        "Rights on tables for the role that is made.", "only what a builtin needs of what its environment names"
    )
    memory_mib: Annotated[int, integer(128, 10_240)] | None = Field(
        default=None,
        alias="memoryMiB",
        description="Memory, and with it CPU. Not managed if absent; a new function gets AWS's default, 128.",
    )
    timeout_seconds: Annotated[int, integer(1, 900)] | None = unmanaged(
        "Longest run. A flow waits 8 seconds at most.", "a new function gets AWS's default, 3"
    )
    architecture: Architecture | None = unmanaged("arm64 or x86_64.", "a new function gets arm64")
    ephemeral_storage_mib: Annotated[int, integer(512, 10_240)] | None = Field(
        default=None,
        alias="ephemeralStorageMiB",
        description="Size of /tmp. Not managed if absent; a new function gets AWS's default, 512.",
    )
    environment: Annotated[tuple[EnvironmentVariable, ...], entries(100), list_map("name")] | None = unmanaged(
        "Environment, all of it; 4 KB at most. [] removes all."
    )
    layers: (
        Annotated[
            tuple[
                Annotated[
                    str,
                    text(
                        2048,
                        pattern="^arn:[a-z0-9-]+:lambda:[a-z0-9-]*:[0-9]*:(layer:[a-zA-Z0-9_-]+:[0-9]+|awslayer:[a-zA-Z0-9_-]+)$",
                    ),
                ],
                ...,
            ],
            entries(5),
            ATOMIC,
        ]
        | None
    ) = unmanaged("Layer versions by ARN, in this order. [] removes all.")
    vpc: Vpc | None = unmanaged("VPC in which it runs.", "a new function runs in none")
    tracing: Tracing | None = unmanaged("Active samples traces for X-Ray.", "AWS's default is PassThrough")
    snap_start: SnapStart | None = unmanaged(
        "PublishedVersions starts from a snapshot; Python 3.12 and later, Java, .NET.", "AWS's default is None"
    )
    kms_key_arn: KmsKeyArn | None = unmanaged("KMS key for the environment.", "AWS's own key")
    file_system: FileSystem | None = unmanaged("File system.")
    on_failure: OnFailure | None = unmanaged("Where asynchronous calls go that failed.")
    logging: Logging | None = unmanaged("Format and level of logs.")
    log_retention_days: LogRetention | None = unmanaged(
        "Days that logs are kept, as CloudWatch offers them.", "a new log group keeps them for ever"
    )
    alias: Annotated[str, text(128, pattern="^[a-zA-Z0-9_-]*[a-zA-Z_-][a-zA-Z0-9_-]*$"), example("live")] = default(
        "live", "Alias that flows call; moved when code or configuration changes."
    )
    reserved_concurrency: Annotated[int, integer(0, 100_000)] | None = unmanaged(
        "Concurrency taken out of the account's for this function; 0 stops it. AWS keeps 100 of the account unreserved."
    )
    provisioned_concurrency: Annotated[int, integer(1, 100_000)] | None = unmanaged(
        "Environments kept warm, at creation; later a ScalingPolicy's claim goes first."
    )

    def effective_aws_name(self, center: str) -> str:
        """Its name in the account."""
        return self.aws_name or f"{center}-{self.name}"
