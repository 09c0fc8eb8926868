"""A Lambda function as observed: its answers read into plain values. Pure; knows nothing of what is wanted.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from trunkline.drivers.function_desired import FileSystem
from trunkline.engine.driver import UNREAD, Unread

LATEST = "$LATEST"
IMAGE, ZIP = "Image", "Zip"
_STILL = frozenset({"Active", "Inactive"})  # a function that idled for weeks is Inactive; it can be changed as it is


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a caller may set, with AWS's defaults where the answer is silent. environment is UNREAD where AWS cannot
    decrypt it. dual_stack, system_log_level, entry_point and working_directory are never ours: one call carries them
    together with what is.
    """

    package_type: str = ZIP
    runtime: str | None = None
    handler: str | None = None
    role: str = ""
    description: str = ""
    memory_mib: int = 128
    timeout_seconds: int = 3
    architecture: str = "x86_64"
    ephemeral_storage_mib: int = 512
    environment: Mapping[str, str] | Unread = field(default_factory=dict, repr=False)
    layers: tuple[str, ...] = ()
    subnet_ids: frozenset[str] = frozenset()
    security_group_ids: frozenset[str] = frozenset()
    dual_stack: bool = False
    tracing: str = "PassThrough"
    snap_start: str = "None"
    kms_key_arn: str | None = None
    file_system: FileSystem | None = None
    on_failure: str | None = None
    log_format: str = "Text"
    log_level: str | None = None
    system_log_level: str | None = None
    log_group: str = ""
    command: tuple[str, ...] = ()
    entry_point: tuple[str, ...] = ()
    working_directory: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """$LATEST or a published version. state, update: State and LastUpdateStatus; reason: why one of them is Failed.

    modified: seconds since the epoch.
    """

    number: str
    configuration: Configuration
    code_sha256: str
    state: str = "Active"
    update: str = "Successful"
    reason: str = ""
    reason_code: str = ""
    modified: float = 0.0

    @property
    def pending(self) -> bool:
        """Not made yet, or on its way out."""
        return self.state not in _STILL and not self.failed

    @property
    def busy(self) -> bool:
        """AWS is at work on it: another change would be refused."""
        return self.pending or self.update == "InProgress"

    @property
    def failed(self) -> bool:
        return "Failed" in (self.state, self.update)

    def same_content(self, other: Version) -> bool:
        """Whether code and configuration are the same. A version's description is its own."""
        return self.code_sha256 == other.code_sha256 and (
            replace(self.configuration, description="") == replace(other.configuration, description="")
        )


@dataclass(frozen=True, slots=True)
class Provisioned:
    """Provisioned concurrency of the alias."""

    requested: int
    status: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FunctionState:
    """alias: the version that the alias means, None if there is no alias. published: the newest version whose content
    is that of $LATEST, if the alias does not mean it already. image_uri: of an image, as AWS says it.
    """

    latest: Version
    reserved: int | None = None
    image_uri: str | None = None
    alias: Version | None = None
    published: Version | None = None
    provisioned: Provisioned | Unread | None = UNREAD

    @property
    def alias_is_current(self) -> bool:
        return self.alias is not None and self.alias.number != LATEST and self.alias.same_content(self.latest)


def version_of(body: Mapping[str, Any]) -> Version:
    """From FunctionConfiguration as GetFunction, GetFunctionConfiguration and ListVersionsByFunction answer it."""
    state, update = body.get("State") or "Active", body.get("LastUpdateStatus") or "Successful"
    words = "State" if state == "Failed" else "LastUpdateStatus"
    return Version(
        number=body.get("Version", LATEST),
        configuration=_configuration(body),
        code_sha256=body.get("CodeSha256", ""),
        state=state,
        update=update,
        reason=body.get(f"{words}Reason") or "",
        reason_code=body.get(f"{words}ReasonCode") or "",
        modified=_seconds(body.get("LastModified")),
    )


def _configuration(body: Mapping[str, Any]) -> Configuration:
    vpc = body.get("VpcConfig") or {}
    logging = body.get("LoggingConfig") or {}
    image = (body.get("ImageConfigResponse") or {}).get("ImageConfig") or {}
    return Configuration(
        package_type=body.get("PackageType") or ZIP,
        runtime=body.get("Runtime"),
        handler=body.get("Handler"),
        role=body.get("Role", ""),
        description=body.get("Description") or "",
        memory_mib=body.get("MemorySize", 128),
        timeout_seconds=body.get("Timeout", 3),
        architecture=(body.get("Architectures") or ["x86_64"])[0],
        ephemeral_storage_mib=(body.get("EphemeralStorage") or {}).get("Size", 512),
        environment=_environment(body.get("Environment") or {}),
        layers=tuple(layer["Arn"] for layer in body.get("Layers") or ()),
        subnet_ids=frozenset(vpc.get("SubnetIds") or ()),
        security_group_ids=frozenset(vpc.get("SecurityGroupIds") or ()),
        dual_stack=bool(vpc.get("Ipv6AllowedForDualStack")),
        tracing=(body.get("TracingConfig") or {}).get("Mode", "PassThrough"),
        snap_start=(body.get("SnapStart") or {}).get("ApplyOn", "None"),
        kms_key_arn=body.get("KMSKeyArn") or None,
        file_system=_file_system(body.get("FileSystemConfigs") or ()),
        on_failure=(body.get("DeadLetterConfig") or {}).get("TargetArn") or None,
        log_format=logging.get("LogFormat", "Text"),
        log_level=logging.get("ApplicationLogLevel"),
        system_log_level=logging.get("SystemLogLevel"),
        log_group=logging.get("LogGroup") or f"/aws/lambda/{body.get('FunctionName', '')}",
        command=tuple(image.get("Command") or ()),
        entry_point=tuple(image.get("EntryPoint") or ()),
        working_directory=image.get("WorkingDirectory") or None,
    )


def _environment(body: Mapping[str, Any]) -> Mapping[str, str] | Unread:
    return UNREAD if body.get("Error") else dict(body.get("Variables") or {})


def _file_system(items: Any) -> FileSystem | None:
    return next((FileSystem(item["Arn"], item["LocalMountPath"]) for item in items), None)


def _seconds(text: str | None) -> float:
    """Of "2026-11-20T10:11:12.000+0000"; 0 where AWS said nothing."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp() if text else 0.0
