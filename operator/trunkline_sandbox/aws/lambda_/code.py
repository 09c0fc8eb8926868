"""Deployment packages: what is accepted, its size and its hash.

Source: Lambda developer guide, "Lambda quotas" (50 MB zipped direct, 250 MB unzipped, 75 GB per Region).
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from typing import Any

from trunkline_sandbox.aws.lambda_ import faults
from trunkline_sandbox.aws.lambda_.state import Archive, Call

DIRECT_BYTES = 50 * 1024 * 1024
UNZIPPED_BYTES = 250 * 1024 * 1024
STORAGE_BYTES = 75 * 1024**3


def read_archive(call: Call, params: dict[str, Any]) -> Archive:
    """The package that Code (or UpdateFunctionCode) names. Raises Lambda's errors."""
    ways = [way for way in ("ZipFile", "S3Bucket", "ImageUri") if way in params]
    if len(ways) != 1:
        raise faults.invalid("Please provide a source for function code.")
    if ways[0] == "ImageUri":
        digest = hashlib.sha256(params["ImageUri"].encode()).hexdigest()
        return Archive(digest, 0)
    content = params["ZipFile"] if ways[0] == "ZipFile" else _from_s3(call, params)
    if ways[0] == "ZipFile" and len(content) > DIRECT_BYTES:
        raise faults.too_large(call.operation)
    _check_zip(content)
    _check_storage(call, len(content))
    return Archive(base64.b64encode(hashlib.sha256(content).digest()).decode(), len(content))


def _check_zip(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile:
        text = "Could not unzip uploaded file. Please check your file, then try to upload again."
        raise faults.invalid(text) from None
    if not entries:
        raise faults.invalid("Uploaded file must be a non-empty zip")
    if sum(entry.file_size for entry in entries) >= UNZIPPED_BYTES:
        raise faults.invalid(f"Unzipped size must be smaller than {UNZIPPED_BYTES} bytes")


def _check_storage(call: Call, added: int) -> None:
    if used(call) + added > STORAGE_BYTES:
        raise faults.code_storage_exceeded()


def used(call: Call) -> int:
    """Bytes of all packages of the account in the Region."""
    functions = call.store.of(call.context.account, call.context.region)
    return sum(version.archive.size for function in functions for version in function.versions.values())


def _from_s3(call: Call, params: dict[str, Any]) -> bytes:
    from moto.s3.exceptions import MissingBucket  # noqa: PLC0415 - slow to import and seldom needed
    from moto.s3.models import s3_backends  # noqa: PLC0415

    said = "Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}"
    if "S3Key" not in params:
        raise faults.invalid("Please provide a source for function code.")
    backend = s3_backends[call.context.account]["aws"]
    try:
        bucket = backend.get_bucket(params["S3Bucket"])
    except MissingBucket:
        raise faults.invalid(said.format("NoSuchBucket", "The specified bucket does not exist")) from None
    if bucket.region_name != call.context.region:
        text = f"The bucket is in this region: {bucket.region_name}. Please use this region to retry the request"
        raise faults.invalid(said.format("PermanentRedirect", text))
    found = backend.get_object(params["S3Bucket"], params["S3Key"], version_id=params.get("S3ObjectVersion"))
    if found is None:
        raise faults.invalid(said.format("NoSuchKey", "The specified key does not exist."))
    content: bytes = found.value
    return content
