"""The code and the configuration of a function: what differs, and the parameters that mend it. Pure.

UpdateFunctionConfiguration leaves alone what it is not given, so only members that differ are sent; but each member is
replaced whole, so what is not ours in it goes back as it was observed.
Source: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.drivers.fields import Fields, changes_of, shown
from trunkline.drivers.function_desired import FunctionDesired, ImageCode, ZipCode
from trunkline.drivers.function_state import IMAGE, ZIP, Configuration, FunctionState
from trunkline.engine.driver import Unread
from trunkline.engine.plan import Change
from trunkline.engine.resource import Filling, Placeholder

# What a lost answer or a restored status costs is one more upload of the same code: it publishes nothing new.
SOURCE_WORD = "source"  # where deployed code came from, where its hash is not known beforehand
SHA_WORD = "sha"  # CodeSha256 of what was deployed from there
NEW_ARCHITECTURE = "arm64"


@dataclass(frozen=True, slots=True)
class Differences:
    """params: of what differs (of everything, for a new function). changes: the same for people."""

    params: Mapping[str, Any]
    changes: tuple[Change, ...]


def package_type(desired: FunctionDesired) -> str:
    """Zip or Image, as AWS says it."""
    return IMAGE if isinstance(desired.code, ImageCode) else ZIP


# --- code


def source_word(desired: FunctionDesired) -> str:
    """Names code whose hash only AWS knows; empty for archives of ours."""
    code = desired.code
    if isinstance(code, ZipCode):
        return ""
    parts = (code.uri,) if isinstance(code, ImageCode) else (code.bucket, code.key, code.version_id or "")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def code_params(desired: FunctionDesired) -> dict[str, Any]:
    """The members of CreateFunction's Code and of UpdateFunctionCode."""
    code = desired.code
    if isinstance(code, ZipCode):
        return {"ZipFile": Placeholder(Filling.ARCHIVE, code.sha256_base64)}
    if isinstance(code, ImageCode):
        return {"ImageUri": code.uri}
    version = {"S3ObjectVersion": code.version_id} if code.version_id else {}
    return {"S3Bucket": code.bucket, "S3Key": code.key, **version}


def code_differences(
    desired: FunctionDesired, state: FunctionState, words: Mapping[str, str], fields: Fields
) -> Differences:
    """What UpdateFunctionCode has to mend: the code, and the architecture, which changes with it."""
    latest = state.latest
    changes = []
    if not _is_deployed(desired, state, words):
        changes.append(Change("code", _short(latest.code_sha256), _shown_code(desired)))
    architecture = fields.optional("architecture", desired.architecture, latest.configuration.architecture)
    changes += changes_of(architecture)
    if not changes:
        return Differences({}, ())
    return Differences({**code_params(desired), "Architectures": [architecture.value]}, tuple(changes))


def _is_deployed(desired: FunctionDesired, state: FunctionState, words: Mapping[str, str]) -> bool:
    code, sha = desired.code, state.latest.code_sha256
    if isinstance(code, ZipCode):
        return sha == code.sha256_base64
    if isinstance(code, ImageCode) and state.image_uri not in (None, code.uri):
        return False
    if (
        SOURCE_WORD not in words
    ):  # adopted, or the record was lost: AWS tells of an image where it is from, of a zip not
        return isinstance(code, ImageCode) and state.image_uri == code.uri
    return words[SOURCE_WORD] == source_word(desired) and words.get(SHA_WORD, sha) == sha


def _shown_code(desired: FunctionDesired) -> str:
    code = desired.code
    if isinstance(code, ZipCode):
        return _short(code.sha256_base64)
    if isinstance(code, ImageCode):
        return code.uri
    return f"s3://{code.bucket}/{code.key}" + (f" version {code.version_id}" if code.version_id else "")


def _short(sha: str) -> str:
    return f"sha256 {sha[:12]}"


# --- configuration


@dataclass(frozen=True, slots=True)
class _Member:
    """One member of CreateFunction and UpdateFunctionConfiguration: the value it shall have, and what differs in it."""

    name: str
    value: Any
    changes: tuple[Change, ...]


def new_configuration(desired: FunctionDesired, fields: Fields) -> Differences:
    """All that CreateFunction takes beside the code: what differs from what AWS fills in."""
    found = _differences(desired, Configuration(log_group=_default_log_group(desired)), fields)
    fields.optional("architecture", desired.architecture, None)
    return Differences({**found.params, "Architectures": [desired.architecture or NEW_ARCHITECTURE]}, found.changes)


def configuration_differences(desired: FunctionDesired, observed: Configuration, fields: Fields) -> Differences:
    """What UpdateFunctionConfiguration has to mend."""
    return _differences(desired, observed, fields)


def _differences(desired: FunctionDesired, seen: Configuration, fields: Fields) -> Differences:
    members = [*_basics(desired, seen, fields), *_runtime(desired, seen, fields), *_surroundings(desired, seen, fields)]
    differing = [member for member in members if member.changes]
    params = {member.name: member.value for member in differing}
    return Differences(params, tuple(change for member in differing for change in member.changes))


def _basics(desired: FunctionDesired, seen: Configuration, fields: Fields) -> list[_Member]:
    role = fields.required("role", desired.role, seen.role or None)
    description = fields.optional("description", desired.description, seen.description, default="")
    memory = fields.optional("memoryMiB", desired.memory_mib, seen.memory_mib, default=128)
    timeout = fields.optional("timeoutSeconds", desired.timeout_seconds, seen.timeout_seconds, default=3)
    storage = fields.optional(
        "ephemeralStorageMiB", desired.ephemeral_storage_mib, seen.ephemeral_storage_mib, default=512
    )
    tracing = fields.optional("tracing", desired.tracing, seen.tracing, default="PassThrough")
    snap_start = fields.optional("snapStart", desired.snap_start, seen.snap_start, default="None")
    return [
        _Member("Role", role.value, changes_of(role)),
        _Member("Description", description.value, changes_of(description)),
        _Member("MemorySize", memory.value, changes_of(memory)),
        _Member("Timeout", timeout.value, changes_of(timeout)),
        _Member("EphemeralStorage", {"Size": storage.value}, changes_of(storage)),
        _Member("TracingConfig", {"Mode": tracing.value}, changes_of(tracing)),
        _Member("SnapStart", {"ApplyOn": snap_start.value}, changes_of(snap_start)),
    ]


def _runtime(desired: FunctionDesired, seen: Configuration, fields: Fields) -> list[_Member]:
    """What starts the code: of a zip its runtime and layers, of an image its command."""
    if isinstance(desired.code, ImageCode):
        command = fields.optional("code.image.command", desired.code.command, seen.command, default=())
        kept = {
            "Command": list(command.value or ()),
            "EntryPoint": list(seen.entry_point),
            "WorkingDirectory": seen.working_directory,
        }
        return [_Member("ImageConfig", {name: value for name, value in kept.items() if value}, changes_of(command))]
    runtime = fields.required("runtime", desired.runtime, seen.runtime)
    handler = fields.required("handler", desired.handler, seen.handler)
    layers = fields.optional("layers", desired.layers, seen.layers, default=())
    return [
        _Member("Runtime", runtime.value, changes_of(runtime)),
        _Member("Handler", handler.value, changes_of(handler)),
        _Member("Layers", list(layers.value or ()), changes_of(layers)),
    ]


def _surroundings(desired: FunctionDesired, seen: Configuration, fields: Fields) -> list[_Member]:
    key = fields.optional("kmsKeyArn", desired.kms_key_arn, seen.kms_key_arn, default=None)
    on_failure = fields.optional("onFailure", desired.on_failure, seen.on_failure, default=None)
    mounted = fields.optional("fileSystem", desired.file_system, seen.file_system, default=None)
    mounts = [{"Arn": mounted.value.arn, "LocalMountPath": mounted.value.local_mount_path}] if mounted.value else []
    return [
        _environment(desired, seen, fields),
        _vpc(desired, seen, fields),
        _Member("KMSKeyArn", key.value or "", changes_of(key)),
        _Member("DeadLetterConfig", {"TargetArn": on_failure.value or ""}, changes_of(on_failure)),
        _Member("FileSystemConfigs", mounts, changes_of(mounted)),
        _logging(desired, seen, fields),
    ]


def _environment(desired: FunctionDesired, seen: Configuration, fields: Fields) -> _Member:
    """All variables in one. Values that AWS holds are not shown: somebody may have put a secret there by hand."""
    wanted = dict(desired.environment) if desired.environment is not None else None
    compared = fields.optional("environment", wanted, seen.environment, default={})
    value: Mapping[str, Any] = compared.value if compared.change is not None else {}
    old: Mapping[str, str] = {} if isinstance(seen.environment, Unread) else seen.environment
    changes = [
        Change(f"environment[{name}]", "another value" if name in old else None, shown(value[name]))
        for name in sorted(value)
        if old.get(name) != value[name]
    ]
    changes += [Change(f"environment[{name}]", "a value", None) for name in sorted(set(old) - set(value))]
    return _Member("Environment", {"Variables": dict(value)}, tuple(changes) if compared.change is not None else ())


def _vpc(desired: FunctionDesired, seen: Configuration, fields: Fields) -> _Member:
    subnets = fields.optional("vpc.subnetIds", _set(desired.subnet_ids), seen.subnet_ids, default=frozenset())
    groups = fields.optional(
        "vpc.securityGroupIds", _set(desired.security_group_ids), seen.security_group_ids, default=frozenset()
    )
    value: dict[str, Any] = {"SubnetIds": sorted(subnets.value or ()), "SecurityGroupIds": sorted(groups.value or ())}
    if seen.dual_stack and value["SubnetIds"]:
        value["Ipv6AllowedForDualStack"] = True
    return _Member("VpcConfig", value, changes_of(subnets, groups))


def _logging(desired: FunctionDesired, seen: Configuration, fields: Fields) -> _Member:
    """Levels exist in JSON only, where AWS's default is INFO."""
    format_ = fields.optional("logging.format", desired.log_format, seen.log_format, default="Text")
    json = format_.value == "JSON"
    level = fields.optional("logging.level", desired.log_level, seen.log_level, default="INFO" if json else None)
    group = fields.optional("logGroup", desired.log_group, seen.log_group, default=_default_log_group(desired))
    value = {"LogFormat": format_.value, "LogGroup": group.value}
    if json:
        levels = {"ApplicationLogLevel": level.value, "SystemLogLevel": seen.system_log_level}
        value |= {name: text for name, text in levels.items() if text}
    return _Member("LoggingConfig", value, changes_of(format_, level, group))


def _default_log_group(desired: FunctionDesired) -> str:
    return f"/aws/lambda/{desired.name}"


def _set(ids: Collection[str] | None) -> frozenset[str] | None:
    return None if ids is None else frozenset(ids)
