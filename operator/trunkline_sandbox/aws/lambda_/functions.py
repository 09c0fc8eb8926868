"""Functions: create, read, update code and configuration, delete, list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.lambda_ import configuration, faults
from trunkline_sandbox.aws.lambda_.code import read_archive
from trunkline_sandbox.aws.lambda_.names import LATEST, FunctionName
from trunkline_sandbox.aws.lambda_.paging import page
from trunkline_sandbox.aws.lambda_.state import Call, Function, Version
from trunkline_sandbox.aws.lambda_.versions import publish


def create_function(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    name = FunctionName.parse(params["FunctionName"])
    if name.qualifier:
        raise faults.invalid("A function name must not have a qualifier when it is created")
    if call.store.find(call.context, name) is not None:
        raise faults.conflict(f"Function already exist: {name.name}")
    changes = configuration.given(params)
    settings = configuration.merged(name.name, configuration.defaults(name.name), changes)
    if settings["PackageType"] == "Image":
        settings.pop("Runtime", None)
    configuration.check(call, settings, settings)
    _check_tags(params.get("Tags", {}))
    archive = read_archive(call, params["Code"])
    latest = Version(
        number=LATEST,
        settings=settings,
        archive=archive,
        revision=call.store.revision(),
        modified=call.now,
        active_at=call.now + call.context.switches.function_seconds,
    )
    context = call.context
    function = Function(name.name, context.account, context.region, {LATEST: latest}, dict(params.get("Tags", {})))
    call.store.add(function)
    if params.get("Publish"):
        version = publish(call, function, params.get("Description", ""))
        return configuration.shown(call, function, version, version.number)
    return configuration.shown(call, function, latest, None, changed=True)


def _check_tags(tags: dict[str, str]) -> None:
    if len(tags) > configuration.TAGS:
        raise faults.invalid(f"The number of tags cannot exceed {configuration.TAGS}.")
    for key in tags:
        if key.lower().startswith("aws:"):
            raise faults.invalid(f"Tag keys starting with 'aws:' are reserved for system use: {key}")


def get_function(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function, qualifier = call.function(params)
    version = function.resolve(qualifier)
    found: dict[str, Any] = {"Configuration": configuration.shown(call, function, version, qualifier)}
    if version.settings["PackageType"] == "Image":
        found["Code"] = {"RepositoryType": "ECR"}
    else:
        location = f"https://offline.invalid/{function.name}/{version.archive.sha256}"
        found["Code"] = {"RepositoryType": "S3", "Location": location}
    if function.tags:
        found["Tags"] = dict(function.tags)
    if function.reserved is not None:
        found["Concurrency"] = {"ReservedConcurrentExecutions": function.reserved}
    return found


def get_function_configuration(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function, qualifier = call.function(params)
    return configuration.shown(call, function, function.resolve(qualifier), qualifier)


def list_functions(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    for function in call.store.of(call.context.account, call.context.region):
        if params.get("FunctionVersion") == "ALL":
            for version in function.versions.values():
                found.append(configuration.shown(call, function, version, version.number))  # noqa: PERF401 - nested
        else:
            found.append(configuration.shown(call, function, function.latest, None))
    return page("Functions", found, params)


def _updatable(call: Call, params: dict[str, Any]) -> Function:
    function, qualifier = call.function(params)
    if qualifier not in (None, LATEST):
        raise faults.invalid("Only the unpublished version ($LATEST) of a function can be updated")
    if "RevisionId" in params and params["RevisionId"] != function.latest.revision:
        raise faults.precondition()
    configuration.must_be_still(call, function)
    return function


def _touch(call: Call, function: Function) -> None:
    latest = function.latest
    latest.modified = call.now
    latest.updated_at = call.now + call.context.switches.function_seconds
    latest.revision = call.store.revision()


def update_function_code(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function = _updatable(call, params)
    latest = function.latest
    archive = read_archive(call, params)
    architectures = params.get("Architectures", latest.settings["Architectures"])
    if params.get("DryRun"):
        return configuration.shown(call, function, latest, None) | {"CodeSha256": archive.sha256}
    latest.archive = archive
    latest.settings = latest.settings | {"Architectures": architectures}
    _touch(call, function)
    if params.get("Publish"):
        version = publish(call, function, "")
        return configuration.shown(call, function, version, version.number)
    return configuration.shown(call, function, latest, None, changed=True)


def update_function_configuration(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function = _updatable(call, params)
    changes = configuration.given(params)
    settings = configuration.merged(function.name, function.latest.settings, changes)
    configuration.check(call, settings, changes)
    function.latest.settings = settings
    _touch(call, function)
    return configuration.shown(call, function, function.latest, None, changed=True)


def delete_function(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function, qualifier = call.function(params)
    if qualifier is None:
        call.store.remove(function)
        return {}
    if qualifier == LATEST:
        raise faults.invalid("$LATEST version cannot be deleted without deleting the function.")
    if qualifier in function.aliases:
        raise faults.invalid("Deletion of aliases is not currently supported here; use DeleteAlias.")
    function.resolve(qualifier)
    holders = sorted(name for name, alias in function.aliases.items() if qualifier in (alias.version, *alias.weights))
    if holders:
        text = f"Unable to delete version because the following aliases reference it: [{', '.join(holders)}]"
        raise faults.conflict(text)
    del function.versions[qualifier]
    function.policies.pop(qualifier, None)
    function.provisioned.pop(qualifier, None)
    function.invoke_configs.pop(qualifier, None)
    return {}


# --- tags


def _tagged(call: Call, params: dict[str, Any]) -> Function:
    arn = params["Resource"]
    name = FunctionName.parse(arn)
    if not arn.startswith("arn:") or name.qualifier:
        raise faults.invalid("Tags on function aliases and versions are not supported; use the function's ARN")
    return call.store.get(call.context, name)


def tag_resource(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function = _tagged(call, params)
    tags = function.tags | params["Tags"]
    _check_tags(tags)
    function.tags = tags
    return {}


def untag_resource(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function = _tagged(call, params)
    function.tags = {key: value for key, value in function.tags.items() if key not in params["TagKeys"]}
    return {}


def list_tags(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    return {"Tags": dict(_tagged(call, params).tags)}


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "CreateFunction": create_function,
    "DeleteFunction": delete_function,
    "GetFunction": get_function,
    "GetFunctionConfiguration": get_function_configuration,
    "ListFunctions": list_functions,
    "ListTags": list_tags,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "UpdateFunctionCode": update_function_code,
    "UpdateFunctionConfiguration": update_function_configuration,
}
