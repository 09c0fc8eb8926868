"""Versions and aliases.

Source: developer guide, "Manage Lambda function versions" (nothing is published when code and configuration are those
of the version published last), "Create an alias" (weights between two published versions).
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.lambda_ import configuration, faults
from trunkline_sandbox.aws.lambda_.names import LATEST
from trunkline_sandbox.aws.lambda_.paging import page
from trunkline_sandbox.aws.lambda_.state import Alias, Call, Function, Version


def publish(call: Call, function: Function, description: str) -> Version:
    """A new version of what $LATEST is, or the one published last if nothing changed since."""
    latest, newest = function.latest, function.newest
    if newest is not None and newest.archive == latest.archive and _same(newest.settings, latest.settings):
        return newest
    function.last_number += 1
    settings = copy.deepcopy(latest.settings)
    if description:
        settings["Description"] = description
    version = Version(
        number=str(function.last_number),
        settings=settings,
        archive=latest.archive,
        revision=call.store.revision(),
        modified=call.now,
        active_at=call.now + call.context.switches.function_seconds,
    )
    function.versions[version.number] = version
    return version


def _same(left: dict[str, Any], right: dict[str, Any]) -> bool:
    """A version's description is its own and no reason for another one."""
    ignored = {"Description"}
    return {key: value for key, value in left.items() if key not in ignored} == {
        key: value for key, value in right.items() if key not in ignored
    }


def publish_version(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function, _ = call.function(params)
    latest = function.latest
    if "RevisionId" in params and params["RevisionId"] != latest.revision:
        raise faults.precondition()
    configuration.must_be_still(call, function)
    wanted = params.get("CodeSha256")
    if wanted and wanted != latest.archive.sha256:
        text = (
            f"CodeSHA256 ({wanted}) is different from current CodeSHA256 in $LATEST ({latest.archive.sha256}). "
            "Please try again with the CodeSHA256 in $LATEST."
        )
        raise faults.invalid(text)
    before = function.last_number
    version = publish(call, function, params.get("Description", ""))
    made = function.last_number > before
    return configuration.shown(call, function, version, version.number, changed=made)


def list_versions_by_function(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function, _ = call.function(params)
    found = [configuration.shown(call, function, item, item.number) for item in function.versions.values()]
    return page("Versions", found, params)


# --- aliases


def _alias(function: Function, name: str) -> Alias:
    if name not in function.aliases:
        raise faults.not_found(f"Cannot find alias arn: {function.qualified(name)}")
    return function.aliases[name]


def _shown(function: Function, alias: Alias) -> dict[str, Any]:
    found: dict[str, Any] = {
        "AliasArn": function.qualified(alias.name),
        "Name": alias.name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision,
    }
    if alias.weights:
        found["RoutingConfig"] = {"AdditionalVersionWeights": dict(alias.weights)}
    return found


def _weights(function: Function, version: str, params: dict[str, Any]) -> dict[str, float]:
    weights: dict[str, float] = params.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    if not weights:
        return {}
    if len(weights) > 1:
        raise faults.invalid("Number of items in AdditionalVersionWeights cannot be greater than 1")
    if LATEST in (version, *weights):
        raise faults.invalid("$LATEST is not supported for an alias pointing to more than 1 version")
    if version in weights:
        raise faults.invalid(f"Invalid function version {version}. Function version {version} is already included")
    for number in weights:
        function.resolve(number)
    return dict(weights)


def _check_version(function: Function, number: str) -> None:
    if number not in function.versions:
        raise faults.not_found(f"Function not found: {function.qualified(number)}")


def create_alias(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function, _ = call.function(params)
    name, number = params["Name"], params["FunctionVersion"]
    if name in function.aliases:
        raise faults.conflict(f"Alias already exists: {function.qualified(name)}")
    _check_version(function, number)
    weights = _weights(function, number, params)
    alias = Alias(name, number, params.get("Description", ""), call.store.revision(), weights)
    function.aliases[name] = alias
    return _shown(function, alias)


def get_alias(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function, _ = call.function(params)
    return _shown(function, _alias(function, params["Name"]))


def update_alias(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function, _ = call.function(params)
    alias = _alias(function, params["Name"])
    if "RevisionId" in params and params["RevisionId"] != alias.revision:
        raise faults.precondition()
    number = params.get("FunctionVersion", alias.version)
    _check_version(function, number)
    weights = _weights(function, number, params) if "RoutingConfig" in params else alias.weights
    provisioned = function.provisioned.get(alias.name)
    if provisioned is not None:
        _check_provisioned_repoint(function, alias, number, weights)
        if number != alias.version:
            # What was allocated on the old version goes, and is allocated anew on the other one.
            provisioned.modified = call.now
            provisioned.starts_at = call.now + call.context.switches.provisioned_concurrency_seconds
            provisioned.before = 0
    alias.version, alias.weights = number, weights
    alias.description = params.get("Description", alias.description)
    alias.revision = call.store.revision()
    return _shown(function, alias)


def _check_provisioned_repoint(function: Function, alias: Alias, number: str, weights: dict[str, float]) -> None:
    if weights and weights != alias.weights:
        raise faults.invalid("Alias with weights can not be used with Provisioned Concurrency")
    if number == LATEST:
        raise faults.invalid("Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
    others = [item for name, item in function.aliases.items() if name in function.provisioned and name != alias.name]
    if number in function.provisioned or any(item.version == number for item in others):
        raise faults.invalid(
            "Alias can't be updated, since the version already has Provisioned Concurrency configured."
        )


def delete_alias(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Deleting an alias that is not there succeeds."""
    function, _ = call.function(params)
    name = params["Name"]
    function.aliases.pop(name, None)
    function.policies.pop(name, None)
    function.policy_revisions.pop(name, None)
    function.provisioned.pop(name, None)
    function.invoke_configs.pop(name, None)
    return {}


def list_aliases(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function, _ = call.function(params)
    number = params.get("FunctionVersion")
    found = [
        _shown(function, alias)
        for _, alias in sorted(function.aliases.items())
        if number is None or number in (alias.version, *alias.weights)
    ]
    return page("Aliases", found, params)


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "CreateAlias": create_alias,
    "DeleteAlias": delete_alias,
    "GetAlias": get_alias,
    "ListAliases": list_aliases,
    "ListVersionsByFunction": list_versions_by_function,
    "PublishVersion": publish_version,
    "UpdateAlias": update_alias,
}
