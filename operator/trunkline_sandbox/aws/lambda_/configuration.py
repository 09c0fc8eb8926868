"""A function's configuration: defaults, limits, and how it is shown.

Sources: Lambda API reference (CreateFunction, UpdateFunctionConfiguration); developer guide, "Lambda quotas", "Lambda
runtimes", "Using environment variables" (4 KB, reserved names), "Configuring advanced logging controls", "Giving
functions access to resources in a VPC" and "Visualize invocations using X-Ray" (what the execution role must allow).
"""

from __future__ import annotations

import json
from typing import Any

from trunkline_sandbox.aws.lambda_ import faults
from trunkline_sandbox.aws.lambda_.state import Call, Function, Version, timestamp

MEMORY_MIB = 10_240
TIMEOUT_SECONDS = 900
EPHEMERAL_MIB = 10_240
ENVIRONMENT_BYTES = 4 * 1024
LAYERS = 5
TAGS = 50
RESERVED_VARIABLES = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
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
    }
)
# Runtimes whose functions can no longer be created or updated.
BLOCKED_RUNTIMES = frozenset(
    {
        *("nodejs", "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "nodejs10.x", "nodejs12.x"),
        *("nodejs14.x", "nodejs16.x", "python2.7", "python3.6", "python3.7", "python3.8", "ruby2.5", "ruby2.7"),
        *("dotnetcore1.0", "dotnetcore2.0", "dotnetcore2.1", "dotnetcore3.1", "dotnet6", "java8", "go1.x", "provided"),
    }
)
SNAP_START_RUNTIMES = ("java11", "java17", "java21", "java25", "python3.12", "python3.13", "python3.14", "dotnet8")
# What a caller may set, as members of CreateFunction and UpdateFunctionConfiguration alike.
SETTINGS = (
    *("Role", "Runtime", "Handler", "Description", "Timeout", "MemorySize", "VpcConfig", "PackageType", "Layers"),
    *("DeadLetterConfig", "Environment", "KMSKeyArn", "TracingConfig", "FileSystemConfigs", "ImageConfig"),
    *("Architectures", "EphemeralStorage", "SnapStart", "LoggingConfig"),
)
NOT_HERE = ("CapacityProviderConfig", "DurableConfig", "TenancyConfig", "AcceleratorConfig", "CodeSigningConfigArn")


def defaults(name: str) -> dict[str, Any]:
    """What AWS fills in."""
    return {
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "PackageType": "Zip",
        "TracingConfig": {"Mode": "PassThrough"},
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "SnapStart": {"ApplyOn": "None"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"},
    }


def given(params: dict[str, Any]) -> dict[str, Any]:
    """The settings among the parameters. Raises for features that are not modelled here."""
    for member in NOT_HERE:
        if params.get(member):
            raise faults.invalid(f"{member} is not supported by the offline AWS")
    return {member: params[member] for member in SETTINGS if member in params}


def merged(name: str, settings: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Settings after an update: members replace each other whole, logging keeps what is not given."""
    found = settings | changes
    logging = {"LogGroup": f"/aws/lambda/{name}", "LogFormat": "Text"}
    logging |= settings.get("LoggingConfig", {}) | changes.get("LoggingConfig", {})
    if logging["LogFormat"] == "JSON":
        logging = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"} | logging
    elif "LogFormat" in changes.get("LoggingConfig", {}):
        # Going back to text drops the levels, which only JSON has.
        kept = changes["LoggingConfig"]
        logging = {key: value for key, value in logging.items() if not key.endswith("Level") or key in kept}
    found["LoggingConfig"] = logging
    return found


def check(call: Call, settings: dict[str, Any], changes: dict[str, Any]) -> None:
    """Refuse what Lambda refuses. `changes` are the members of this call, `settings` the result."""
    _check_limits(settings)
    _check_package(settings, changes)
    _check_environment(settings.get("Environment", {}).get("Variables", {}))
    _check_logging(settings["LoggingConfig"])
    _check_snap_start(settings)
    if "Role" in changes and not call.roles.assumable_by_service(
        call.context, settings["Role"], "lambda.amazonaws.com"
    ):
        raise faults.invalid("The role defined for the function cannot be assumed by Lambda.")
    _check_role_permissions(call, settings, changes)
    _check_vpc(call, settings.get("VpcConfig", {}))


def _check_limits(settings: dict[str, Any]) -> None:
    for member, value, limit in (
        ("MemorySize", settings["MemorySize"], MEMORY_MIB),
        ("Timeout", settings["Timeout"], TIMEOUT_SECONDS),
        ("EphemeralStorage.Size", settings["EphemeralStorage"]["Size"], EPHEMERAL_MIB),
    ):
        if value > limit:
            text = (
                f"'{member}' value failed to satisfy constraint: Member must have value less than or equal to {limit}"
            )
            raise faults.invalid(text)
    if len(settings.get("Layers", [])) > LAYERS:
        raise faults.invalid(f"Cannot reference more than {LAYERS} layers.")


def _check_package(settings: dict[str, Any], changes: dict[str, Any]) -> None:
    if settings["PackageType"] == "Zip":
        if not settings.get("Runtime") or not settings.get("Handler"):
            text = "Runtime and Handler are mandatory parameters for functions created with deployment packages."
            raise faults.invalid(text)
        if "ImageConfig" in changes:
            raise faults.invalid("Please do not provide ImageConfig for functions created with deployment packages.")
    elif any(changes.get(member) for member in ("Runtime", "Handler", "Layers")):
        text = "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image."
        raise faults.invalid(text)
    runtime = changes.get("Runtime")
    if runtime in BLOCKED_RUNTIMES:
        text = (
            f"The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. "
            "We recommend you use a supported runtime while creating or updating functions."
        )
        raise faults.invalid(text)


def _check_environment(variables: dict[str, str]) -> None:
    told = (
        "Lambda was unable to configure your environment variables because the environment variables you have provided"
    )
    reserved = sorted(RESERVED_VARIABLES & set(variables))
    if reserved:
        text = f"{told} contains reserved keys that are currently not supported for modification."
        raise faults.invalid(f"{text} Reserved keys used in this request: {', '.join(reserved)}")
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > ENVIRONMENT_BYTES:
        raise faults.invalid(f"{told} exceeded the 4KB limit. String measured: {len(measured.encode())} bytes")


def _check_logging(logging: dict[str, Any]) -> None:
    if logging["LogFormat"] == "Text" and any(key.endswith("Level") for key in logging):
        raise faults.invalid("The log level cannot be set for the log format Text; use JSON.")


def _check_snap_start(settings: dict[str, Any]) -> None:
    if settings["SnapStart"].get("ApplyOn") != "PublishedVersions":
        return
    if settings.get("Runtime") not in SNAP_START_RUNTIMES:
        raise faults.invalid(f"{settings.get('Runtime')} is not supported for SnapStart enabled functions.")
    if settings["EphemeralStorage"]["Size"] > 512:
        raise faults.invalid("SnapStart does not support ephemeral storage larger than 512 MB.")


def _check_role_permissions(call: Call, settings: dict[str, Any], changes: dict[str, Any]) -> None:
    needed: list[tuple[str, str]] = []
    if changes.get("VpcConfig", {}).get("SubnetIds"):
        needed.append(("ec2:CreateNetworkInterface", "CreateNetworkInterface on EC2"))
    if changes.get("TracingConfig", {}).get("Mode") == "Active":
        needed.append(("xray:PutTraceSegments", "PutTraceSegments on XRAY"))
    for action, words in needed:
        if not call.roles.allows(settings["Role"], action):
            raise faults.invalid(f"The provided execution role does not have permissions to call {words}")


def _check_vpc(call: Call, vpc: dict[str, Any]) -> None:
    subnets, groups = vpc.get("SubnetIds", []), vpc.get("SecurityGroupIds", [])
    if not subnets and not groups:
        return
    if not subnets or not groups:
        raise faults.invalid("Both SubnetIds and SecurityGroupIds are required to connect a function to a VPC.")
    if not call.context.switches.lambda_vpc_must_exist:
        return
    from moto.ec2.models import ec2_backends  # noqa: PLC0415 - slow to import and seldom needed

    backend = ec2_backends[call.context.account][call.context.region]
    known_subnets = {name for zone in backend.subnets.values() for name in zone}
    known_groups = {name for vpc_groups in backend.groups.values() for name in vpc_groups}
    said = "Error occurred while {}. EC2 Error Code: {}. EC2 Error Message: The {} ID '{}' does not exist"
    for name in subnets:
        if name not in known_subnets:
            raise faults.invalid(said.format("DescribeSubnets", "InvalidSubnetID.NotFound", "subnet", name))
    for name in groups:
        if name not in known_groups:
            raise faults.invalid(said.format("DescribeSecurityGroups", "InvalidGroup.NotFound", "security group", name))


# --- how it is shown


def shown(
    call: Call, function: Function, version: Version, qualifier: str | None, *, changed: bool = False
) -> dict[str, Any]:
    """FunctionConfiguration. `qualifier` is the one asked for: it ends the ARN.

    `changed`: in the answer of the call that changed it, which never shows the change as done already.
    """
    found = {
        "FunctionName": function.name,
        "FunctionArn": function.qualified(qualifier),
        "CodeSha256": version.archive.sha256,
        "CodeSize": version.archive.size,
        "Version": version.number,
        "RevisionId": version.revision,
        "LastModified": timestamp(version.modified),
    }
    for member, value in version.settings.items():
        if value in (None, "") and member == "KMSKeyArn":
            continue
        if member == "ImageConfig":
            found["ImageConfigResponse"] = {"ImageConfig": value}
        else:
            found[member] = value
    found["Layers"] = [{"Arn": arn, "CodeSize": 0} for arn in version.settings.get("Layers", [])]
    found["VpcConfig"] = _shown_vpc(version.settings.get("VpcConfig", {}))
    on = version.settings["SnapStart"].get("ApplyOn") == "PublishedVersions" and version.number.isdecimal()
    found["SnapStart"] = version.settings["SnapStart"] | {"OptimizationStatus": "On" if on else "Off"}
    for member in ("Layers", "DeadLetterConfig", "FileSystemConfigs", "Environment", "VpcConfig"):
        if not found.get(member) or found[member] == {"Variables": {}}:
            found.pop(member, None)
    return found | _states(call.now, version, changed=changed)


def _shown_vpc(vpc: dict[str, Any]) -> dict[str, Any]:
    if not vpc.get("SubnetIds"):
        return {}
    dual = vpc.get("Ipv6AllowedForDualStack", False)
    return {
        "SubnetIds": vpc["SubnetIds"],
        "SecurityGroupIds": vpc["SecurityGroupIds"],
        "VpcId": "vpc-00000000000000000",
        "Ipv6AllowedForDualStack": dual,
    }


def _states(now: float, version: Version, *, changed: bool) -> dict[str, str]:
    if now < version.active_at or (changed and version.updated_at is None):
        return {"State": "Pending", "StateReason": "The function is being created.", "StateReasonCode": "Creating"}
    if version.updated_at is not None and (changed or now < version.updated_at):
        return {
            "State": "Active",
            "LastUpdateStatus": "InProgress",
            "LastUpdateStatusReason": "The function is being created.",
        }
    return {"State": "Active", "LastUpdateStatus": "Successful"}


def must_be_still(call: Call, function: Function) -> None:
    """Raises ResourceConflictException while $LATEST is being created or updated."""
    latest = function.latest
    told = "The operation cannot be performed at this time."
    if call.now < latest.active_at:
        raise faults.conflict(f"{told} The function is currently in the following state: Pending")
    if latest.updated_at is not None and call.now < latest.updated_at:
        raise faults.conflict(f"{told} An update is in progress for resource: {function.arn}")
