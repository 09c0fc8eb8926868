"""Reserved and provisioned concurrency, and the account's limits.

Sources: developer guide, "Configuring reserved concurrency" (100 stay unreserved), "Configuring provisioned
concurrency" (published versions and aliases only, at most what is reserved, one configuration per version).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.lambda_ import code, faults
from trunkline_sandbox.aws.lambda_.names import LATEST
from trunkline_sandbox.aws.lambda_.paging import page
from trunkline_sandbox.aws.lambda_.state import Call, Function, Provisioned, timestamp

UNRESERVED_MINIMUM = 100


def _claimed(function: Function) -> int:
    """What a function takes out of the account's pool: its reservation, else its provisioned concurrency."""
    if function.reserved is not None:
        return function.reserved
    return sum(item.requested for item in function.provisioned.values())


def _check_pool(call: Call, function: Function, claim: int, word: str) -> None:
    functions = call.store.of(call.context.account, call.context.region)
    others = sum(_claimed(item) for item in functions if item is not function)
    if call.context.switches.lambda_account_concurrency - others - claim < UNRESERVED_MINIMUM:
        text = (
            f"Specified {word} for function decreases account's UnreservedConcurrentExecution below its minimum value "
            f"of [{UNRESERVED_MINIMUM}]."
        )
        raise faults.invalid(text)


def _unqualified(call: Call, params: dict[str, Any]) -> Function:
    function, qualifier = call.function(params)
    if qualifier is not None:
        text = (
            "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation."
        )
        raise faults.invalid(f"{text} Please specify either a function name or an unqualified function ARN.")
    return function


def put_function_concurrency(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function = _unqualified(call, params)
    wanted = params["ReservedConcurrentExecutions"]
    provisioned = sum(item.requested for item in function.provisioned.values())
    if wanted < provisioned:
        text = "Specified ReservedConcurrentExecutions for function should not be lower than function's total "
        raise faults.invalid(text + "ProvisionedConcurrentExecutions")
    _check_pool(call, function, wanted, "ReservedConcurrentExecutions")
    function.reserved = wanted
    return {"ReservedConcurrentExecutions": wanted}


def get_function_concurrency(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function = _unqualified(call, params)
    return {} if function.reserved is None else {"ReservedConcurrentExecutions": function.reserved}


def delete_function_concurrency(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    _unqualified(call, params).reserved = None
    return {}


# --- provisioned


def _qualified(call: Call, params: dict[str, Any]) -> tuple[Function, str]:
    function, qualifier = call.function(params)
    if qualifier is None or qualifier == LATEST:
        raise faults.invalid("Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
    version = function.resolve(qualifier)
    if version.number == LATEST:
        raise faults.invalid("Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
    return function, qualifier


def put_provisioned_concurrency_config(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function, qualifier = _qualified(call, params)
    wanted = params["ProvisionedConcurrentExecutions"]
    version = function.resolve(qualifier)
    alias = function.aliases.get(qualifier)
    if alias is not None and alias.weights:
        raise faults.invalid("Alias with weights can not be used with Provisioned Concurrency")
    if version.settings["SnapStart"].get("ApplyOn") == "PublishedVersions":
        raise faults.invalid("Provisioned Concurrency is not supported for SnapStart enabled functions.")
    others = {name for name in function.provisioned if name != qualifier}
    if any(function.resolve(name).number == version.number for name in others):
        text = "Version already has Provisioned Concurrency configured through another alias or itself."
        raise faults.invalid(text)
    total = wanted + sum(function.provisioned[name].requested for name in others)
    if function.reserved is None:
        _check_pool(call, function, total, "ConcurrentExecutions")
    elif total > function.reserved:
        text = (
            "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
        )
        raise faults.invalid(text)
    running = function.provisioned.get(qualifier)
    before = running.allocated(call.now) if running is not None else 0
    if running is not None and before < running.requested:
        raise faults.conflict("Provisioned Concurrency is being allocated for this alias or version; try again later.")
    switches = call.context.switches
    starts, rate = call.now + switches.provisioned_concurrency_seconds, switches.provisioned_concurrency_per_minute / 60
    function.provisioned[qualifier] = Provisioned(wanted, call.now, starts, before, rate)
    return _shown(call, function.provisioned[qualifier], changed=True)


def _shown(call: Call, item: Provisioned, *, changed: bool = False) -> dict[str, Any]:
    allocated = min(item.before, item.requested) if changed else item.allocated(call.now)
    ready = allocated == item.requested and not changed
    return {
        "RequestedProvisionedConcurrentExecutions": item.requested,
        "AllocatedProvisionedConcurrentExecutions": allocated,
        "AvailableProvisionedConcurrentExecutions": allocated,
        "Status": "READY" if ready else "IN_PROGRESS",
        "LastModified": timestamp(item.modified),
    }


def get_provisioned_concurrency_config(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function, qualifier = _qualified(call, params)
    if qualifier not in function.provisioned:
        raise faults.no_provisioned_concurrency()
    return _shown(call, function.provisioned[qualifier])


def delete_provisioned_concurrency_config(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Deleting what is not there succeeds."""
    function, qualifier = _qualified(call, params)
    function.provisioned.pop(qualifier, None)
    return {}


def list_provisioned_concurrency_configs(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function = _unqualified(call, params)
    found = [
        {"FunctionArn": function.qualified(name)} | _shown(call, item)
        for name, item in sorted(function.provisioned.items())
    ]
    return page("ProvisionedConcurrencyConfigs", found, params)


def get_account_settings(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    del params
    functions = list(call.store.of(call.context.account, call.context.region))
    limit = call.context.switches.lambda_account_concurrency
    return {
        "AccountLimit": {
            "TotalCodeSize": code.STORAGE_BYTES,
            "CodeSizeUnzipped": code.UNZIPPED_BYTES,
            "CodeSizeZipped": code.DIRECT_BYTES,
            "ConcurrentExecutions": limit,
            "UnreservedConcurrentExecutions": limit - sum(item.reserved or 0 for item in functions),
        },
        "AccountUsage": {"TotalCodeSize": code.used(call), "FunctionCount": len(functions)},
    }


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "DeleteFunctionConcurrency": delete_function_concurrency,
    "DeleteProvisionedConcurrencyConfig": delete_provisioned_concurrency_config,
    "GetAccountSettings": get_account_settings,
    "GetFunctionConcurrency": get_function_concurrency,
    "GetProvisionedConcurrencyConfig": get_provisioned_concurrency_config,
    "ListProvisionedConcurrencyConfigs": list_provisioned_concurrency_configs,
    "PutFunctionConcurrency": put_function_concurrency,
    "PutProvisionedConcurrencyConfig": put_provisioned_concurrency_config,
}
