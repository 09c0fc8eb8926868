"""Secrets Manager's modelled errors, in the service's words. None repeats a value."""

from __future__ import annotations

from trunkline_sandbox.aws.service import ServiceFault


def parameter(text: str) -> ServiceFault:
    return ServiceFault("InvalidParameterException", text, 400)


def request(text: str) -> ServiceFault:
    return ServiceFault("InvalidRequestException", text, 400)


def not_found(text: str = "Secrets Manager can't find the specified secret.") -> ServiceFault:
    return ServiceFault("ResourceNotFoundException", text, 400)


def exists(text: str) -> ServiceFault:
    return ServiceFault("ResourceExistsException", text, 400)


def limit(text: str) -> ServiceFault:
    return ServiceFault("LimitExceededException", text, 400)


def validation(text: str) -> ServiceFault:
    return ServiceFault("ValidationException", text, 400)


def scheduled() -> ServiceFault:
    """What nearly every call gets that names a secret which waits for its deletion."""
    return request("You can't perform this operation on the secret because it was marked for deletion.")


def next_token() -> ServiceFault:
    return ServiceFault("InvalidNextTokenException", "The NextToken value is invalid.", 400)


def malformed_policy() -> ServiceFault:
    text = "This resource policy contains an unsupported or malformed document."
    return ServiceFault("MalformedPolicyDocumentException", text, 400)
