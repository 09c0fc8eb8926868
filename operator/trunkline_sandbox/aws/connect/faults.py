"""The errors of Amazon Connect, by name. Codes and HTTP statuses are those of the service model (connect-2017-08-08)."""

from trunkline_sandbox.aws.service import ServiceFault


def invalid_parameter(message: str) -> ServiceFault:
    """One or more of the specified parameters are not valid."""
    return ServiceFault("InvalidParameterException", message, 400)


def invalid_request(message: str) -> ServiceFault:
    """The request is not valid."""
    return ServiceFault("InvalidRequestException", message, 400)


def not_found(message: str = "The specified resource was not found.") -> ServiceFault:
    """The specified resource was not found."""
    return ServiceFault("ResourceNotFoundException", message, 404)


def duplicate(message: str) -> ServiceFault:
    """A resource with the specified name already exists."""
    return ServiceFault("DuplicateResourceException", message, 409)


def in_use(message: str, resource_type: str, resource_id: str) -> ServiceFault:
    """The resource is referred to by `resource_type` `resource_id`, an ARN."""
    fields = {"ResourceType": resource_type, "ResourceId": resource_id}
    return ServiceFault("ResourceInUseException", message, 409, fields)


def conflict(message: str) -> ServiceFault:
    """A resource already has that association."""
    return ServiceFault("ResourceConflictException", message, 409)


def limit_exceeded(message: str) -> ServiceFault:
    """The allowed limit for the resource has been exceeded. HTTP 429, as throttling."""
    return ServiceFault("LimitExceededException", message, 429)


def quota_exceeded(message: str) -> ServiceFault:
    """The service quota has been exceeded. HTTP 402."""
    return ServiceFault("ServiceQuotaExceededException", message, 402)


def idempotency(message: str) -> ServiceFault:
    """An entity with the same client token already exists, made with other parameters."""
    return ServiceFault("IdempotencyException", message, 409)


def condition_failed(message: str) -> ServiceFault:
    """Request processing failed because dependent condition failed."""
    return ServiceFault("ConditionalOperationFailedException", message, 409)


def flow_not_published() -> ServiceFault:
    """The flow has not been published."""
    return ServiceFault("ContactFlowNotPublishedException", "The flow has not been published.", 404)


def invalid_flow(problems: list[str]) -> ServiceFault:
    """The flow is not valid. The service says what in `problems` (at most 50) and leaves the message empty."""
    return ServiceFault("InvalidContactFlowException", "", 400, {"problems": _details(problems)})


def invalid_flow_module(problems: list[str]) -> ServiceFault:
    """The flow module is not valid; as for a flow, but the member is `Problems`."""
    return ServiceFault("InvalidContactFlowModuleException", "", 400, {"Problems": _details(problems)})


def _details(problems: list[str]) -> list[dict[str, str]]:
    return [{"message": problem} for problem in problems[:50]]
