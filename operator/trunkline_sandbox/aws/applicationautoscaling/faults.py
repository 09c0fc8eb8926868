"""Application Auto Scaling's modelled errors, in the service's words where those are known."""

from __future__ import annotations

from trunkline_sandbox.aws.service import ServiceFault


def validation(text: str) -> ServiceFault:
    return ServiceFault("ValidationException", text, 400)


def unsupported() -> ServiceFault:
    return validation("Unsupported service namespace, resource type or scalable dimension")


def not_found(kind: str, namespace: str, resource: str, dimension: str, name: str = "") -> ServiceFault:
    """kind: "scalable target", "scaling policy" (then with its name) or "scheduled action" (too)."""
    text = (
        f"No {kind} found for service namespace: {namespace}, resource ID: {resource}, scalable dimension: {dimension}"
    )
    return ServiceFault("ObjectNotFoundException", f"{text}, {kind} name: {name}" if name else text, 400)


def limit(text: str) -> ServiceFault:
    return ServiceFault("LimitExceededException", text, 400)


def invalid_token() -> ServiceFault:
    return ServiceFault("InvalidNextTokenException", "The next token supplied was invalid.", 400)


def no_such_arn(arn: str) -> ServiceFault:
    text = f"No scalable target found with the ARN: {arn}"
    return ServiceFault("ResourceNotFoundException", text, 400, {"ResourceName": arn})


def too_many_tags(arn: str) -> ServiceFault:
    return ServiceFault(
        "TooManyTagsException", "A scalable target can have at most 50 tags.", 400, {"ResourceName": arn}
    )
