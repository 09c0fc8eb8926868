"""A wanted Lambda function, in plain values. Pure data; what is None is not managed."""

from __future__ import annotations

from dataclasses import dataclass

from trunkline.engine.resource import Join, Ref

Text = Ref | Join | str  # text that may hold references which are still open


@dataclass(frozen=True, slots=True)
class ZipCode:
    """One of the operator's own archives, by its base64 SHA-256: what Lambda answers as CodeSha256."""

    sha256_base64: str


@dataclass(frozen=True, slots=True)
class S3Code:
    """A zip in a bucket. Without a version_id what is uploaded later is not deployed by itself."""

    bucket: str
    key: str
    version_id: str | None = None


@dataclass(frozen=True, slots=True)
class ImageCode:
    """A container image in Amazon ECR. command: CMD of the image; None is not managed, empty is the image's own."""

    uri: str
    command: tuple[str, ...] | None = None


Code = ZipCode | S3Code | ImageCode


@dataclass(frozen=True, slots=True)
class FileSystem:
    """An EFS access point and where it is mounted, below /mnt."""

    arn: str
    local_mount_path: str


@dataclass(frozen=True, slots=True)
class FunctionDesired:
    """A function with the version and the alias that flows call.

    role: ARN of the execution role. runtime, handler: of a zip, None for an image. architecture: "arm64" or "x86_64";
    a new function gets arm64. environment: all variables; empty removes all. layers: ARNs, in order.
    subnet_ids and security_group_ids: both or neither. on_failure: ARN of an SQS queue or SNS topic.
    log_group: its name. reserved_concurrency: 0 stops the function. provisioned_concurrency: of the alias, sent only
    while the alias has none. provisioned_owned: an autoscaler or a claim owns it, so it is neither diffed nor sent, unless
    provisioned_told has the value that its owner has this pass apply; so of reserved_owned and reserved_told.
    """

    name: str
    code: Code
    role: Ref | str
    alias: str = "live"
    runtime: str | None = None
    handler: str | None = None
    description: str | None = None
    memory_mib: int | None = None
    timeout_seconds: int | None = None
    architecture: str | None = None
    ephemeral_storage_mib: int | None = None
    environment: tuple[tuple[str, Text], ...] | None = None
    layers: tuple[str, ...] | None = None
    subnet_ids: frozenset[str] | None = None
    security_group_ids: frozenset[str] | None = None
    tracing: str | None = None
    snap_start: str | None = None
    kms_key_arn: str | None = None
    file_system: FileSystem | None = None
    on_failure: str | None = None
    log_format: str | None = None
    log_level: str | None = None
    log_group: str | None = None
    reserved_concurrency: int | None = None
    provisioned_concurrency: int | None = None
    provisioned_owned: bool = False
    provisioned_told: int | None = None
    reserved_owned: bool = False
    reserved_told: int | None = None
