"""What may use an instance and what it may use: approved origins and Lambda functions."""

import re
from typing import Protocol

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler
from trunkline_sandbox.aws.connect.paging import page
from trunkline_sandbox.aws.connect.quotas import Quota, limit
from trunkline_sandbox.aws.connect.store import Instance

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?")
_FUNCTION = re.compile(
    r"arn:aws[\w-]*:lambda:(?P<region>[a-z0-9-]+):\d{12}:function:[A-Za-z0-9_-]{1,64}(:(\$LATEST|[A-Za-z0-9_-]{1,128}))?"
)


class Functions(Protocol):
    """What Connect asks of Lambda. ARNs may be qualified by a version or an alias."""

    def exists(self, function_arn: str) -> bool:
        """Whether there is such a function (and alias or version)."""
        ...

    def allow_invocation(self, function_arn: str, statement_id: str, instance_arn: str, account: str) -> None:
        """Add a statement that lets connect.amazonaws.com invoke it on behalf of the instance."""
        ...


def associate_approved_origin(call: Call) -> Answer:
    """AssociateApprovedOrigin: scheme and host, no path."""
    instance = call.instance()
    origin = str(call.params["Origin"])
    if not _ORIGIN.fullmatch(origin):
        raise faults.invalid_parameter(f"Origin {origin!r} must be a scheme and a host, such as https://example.com.")
    _associate(call, instance, "origins", origin, Quota.APPROVED_ORIGINS)
    return {}


def list_approved_origins(call: Call) -> Answer:
    """ListApprovedOrigins."""
    shown, token = _page(call, "origins")
    return {"Origins": shown, **token}


def disassociate_approved_origin(call: Call) -> Answer:
    """DisassociateApprovedOrigin."""
    _disassociate(call, call.instance(), "origins", str(call.params["Origin"]))
    return {}


def associate_lambda_function(call: Call, functions: Functions | None) -> Answer:
    """AssociateLambdaFunction: a function of the instance's Region, of any account."""
    instance = call.instance()
    arn = str(call.params["FunctionArn"])
    form = _FUNCTION.fullmatch(arn)
    if form is None or form["region"] != instance.region:
        raise faults.invalid_parameter(f"FunctionArn {arn!r} must be the ARN of a function in {instance.region}.")
    if functions is not None and arn.split(":")[4] == instance.account and not functions.exists(arn):
        raise faults.not_found(f"Function not found: {arn}")
    _associate(call, instance, "functions", arn, Quota.LAMBDA_FUNCTIONS)
    if functions is not None and call.switches.lambda_association_adds_permission:
        functions.allow_invocation(arn, f"connect-{instance.id}", instance.arn, instance.account)
    return {}


def list_lambda_functions(call: Call) -> Answer:
    """ListLambdaFunctions."""
    shown, token = _page(call, "functions")
    return {"LambdaFunctions": shown, **token}


def disassociate_lambda_function(call: Call) -> Answer:
    """DisassociateLambdaFunction."""
    _disassociate(call, call.instance(), "functions", str(call.params["FunctionArn"]))
    return {}


def associated_functions(instance: Instance) -> frozenset[str]:
    """The ARNs of the functions that are associated with an instance."""
    return frozenset(arn for arn, _ in instance.entity.links["functions"])


def _associate(call: Call, instance: Instance, link: str, value: str, quota: Quota) -> None:
    """Add a value together with the client token that did it, so that a repeated call succeeds."""
    token = call.params.get("ClientToken")
    existing: tuple[tuple[str, str | None], ...] = instance.entity.links[link]
    for known, made_by in existing:
        if known == value:
            if token and token == made_by:
                return
            raise faults.conflict(f"{value} is already associated with instance {instance.id}.")
    allowed = limit(call.switches, quota)
    if len(existing) >= allowed:
        raise faults.quota_exceeded(f"Service quota exceeded: {quota.value} is {allowed}.")
    instance.entity.write(call.now, links={link: (*existing, (value, token))})


def _disassociate(call: Call, instance: Instance, link: str, value: str) -> None:
    existing: tuple[tuple[str, str | None], ...] = instance.entity.links[link]
    if all(known != value for known, _ in existing):
        raise faults.not_found()
    instance.entity.write(call.now, links={link: tuple(item for item in existing if item[0] != value)})


def _page(call: Call, link: str) -> tuple[list[str], dict[str, str]]:
    state = call.instance().entity.seen(call.now, call.switches.list_lag_seconds)
    return page(call, [value for value, _ in state.links[link]] if state else [], str, 25)


OPERATIONS: dict[str, Handler] = {
    "AssociateApprovedOrigin": associate_approved_origin,
    "ListApprovedOrigins": list_approved_origins,
    "DisassociateApprovedOrigin": disassociate_approved_origin,
    "ListLambdaFunctions": list_lambda_functions,
    "DisassociateLambdaFunction": disassociate_lambda_function,
}
