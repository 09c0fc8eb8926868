"""What a function runs, and what it reaches from where it runs.

Limits: https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCode.html and API_VpcConfig.html.
"""

from __future__ import annotations

from typing import Annotated

from trunkline.api.common import ATOMIC, SET, Model, absent, entries, example, only_one_of, required, text, unmanaged


class S3Code(Model):
    """A zip in a bucket of the same region."""

    bucket: Annotated[str, text(63, least=3, pattern="^[0-9A-Za-z._-]+$")] = required("Bucket.")
    key: Annotated[str, text(1024)] = required("Key of the zip.")
    version_id: Annotated[str, text(1024)] | None = absent(
        "Version of the object. With it a new upload is not deployed unasked.",
        "the latest version when the function is created or its code is otherwise changed",
    )


class ImageCode(Model):
    """A container image."""

    uri: Annotated[str, text(1024)] = required("Image in Amazon ECR, by tag or, better, by digest.")
    command: Annotated[tuple[Annotated[str, text(1024)], ...], entries(50), ATOMIC] | None = unmanaged(
        "CMD of the image."
    )


class FunctionCode(Model):
    """What runs."""

    rules = (only_one_of("builtin", "s3", "image"),)

    builtin: Annotated[str, text(64, pattern="^[a-z0-9]+(-[a-z0-9]+)*$"), example("customer-lookup")] | None = absent(
        "A function that comes with Trunkline, with its handler, runtime and the least rights on what its environment names.",
        "s3 or image is written",
    )
    s3: S3Code | None = absent("A zip in S3; needs runtime and handler.", "builtin or image is written")
    image: ImageCode | None = absent("A container image.", "builtin or s3 is written")


class Vpc(Model):
    """Where a function runs that reaches private addresses."""

    subnet_ids: Annotated[
        tuple[Annotated[str, text(64, pattern="^subnet-[0-9a-z]+$"), example("subnet-0123456789abcdef0")], ...],
        entries(16, 1),
        SET,
    ] = required("Subnets, in several availability zones.")
    security_group_ids: Annotated[
        tuple[Annotated[str, text(64, pattern="^sg-[0-9a-zA-Z]+$"), example("sg-0123456789abcdef0")], ...],
        entries(5, 1),
        SET,
    ] = required("Security groups.")


class FileSystem(Model):
    """An EFS access point."""

    arn: Annotated[str, text(256, pattern="^arn:[a-z0-9-]+:(elasticfilesystem|s3files):.+$")] = required(
        "ARN of the access point; it exists."
    )
    local_mount_path: Annotated[str, text(160, pattern="^/mnt/[a-zA-Z0-9_.-]+$"), example("/mnt/models")] = required(
        "Where it is mounted, under /mnt."
    )


class OnFailure(Model):
    """Where asynchronous calls go that failed."""

    arn: Annotated[str, text(2048, pattern="^arn:[a-z0-9-]+:(sqs|sns):[a-z0-9-]+:[0-9]{12}:.+$")] = required(
        "ARN of an SQS queue or SNS topic; it exists."
    )
