"""Lambda's modelled errors, in the service's words."""

from __future__ import annotations

from trunkline_sandbox.aws.service import ServiceFault


def _fault(code: str, text: str, status: int, side: str = "User") -> ServiceFault:
    return ServiceFault(code, text, status, {"Type": side})


def invalid(text: str) -> ServiceFault:
    return _fault("InvalidParameterValueException", text, 400)


def not_found(text: str) -> ServiceFault:
    return _fault("ResourceNotFoundException", text, 404)


def conflict(text: str) -> ServiceFault:
    return _fault("ResourceConflictException", text, 409)


def precondition() -> ServiceFault:
    text = (
        "The Revision Id provided does not match the latest Revision Id. "
        "Call the GetFunction/GetAlias API to retrieve the latest Revision Id"
    )
    return _fault("PreconditionFailedException", text, 412)


def too_large(operation: str) -> ServiceFault:
    text = f"Request must be smaller than 69905067 bytes for the {operation} operation"
    return _fault("RequestEntityTooLargeException", text, 413)


def policy_too_long(size: int, limit: int) -> ServiceFault:
    return _fault(
        "PolicyLengthExceededException", f"Final policy size ({size}) is bigger than the limit ({limit}).", 400
    )


def no_provisioned_concurrency() -> ServiceFault:
    text = "No Provisioned Concurrency Config found for this function"
    return _fault("ProvisionedConcurrencyConfigNotFoundException", text, 404)


def code_storage_exceeded() -> ServiceFault:
    return _fault("CodeStorageExceededException", "Code storage limit exceeded.", 400)


def content(text: str) -> ServiceFault:
    return _fault("InvalidRequestContentException", text, 400)


def payload_too_large(size: int, limit: int) -> ServiceFault:
    text = f"{size} byte payload is too large for the invocation type (limit {limit} bytes)"
    return _fault("RequestTooLargeException", text, 413)


def reserved_concurrency() -> ServiceFault:
    fields = {"Type": "User", "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded"}
    return ServiceFault("TooManyRequestsException", "Rate Exceeded.", 429, fields)
