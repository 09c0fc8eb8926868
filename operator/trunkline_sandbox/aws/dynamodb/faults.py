"""DynamoDB's modelled errors, in the service's words."""

from __future__ import annotations

from trunkline_sandbox.aws.service import ServiceFault


def validation(text: str) -> ServiceFault:
    return ServiceFault("ValidationException", text, 400)


def invalid(text: str) -> ServiceFault:
    return validation(f"One or more parameter values were invalid: {text}")


def in_use(text: str) -> ServiceFault:
    return ServiceFault("ResourceInUseException", text, 400)


def limit(text: str) -> ServiceFault:
    return ServiceFault("LimitExceededException", text, 400)


def not_found(text: str) -> ServiceFault:
    return ServiceFault("ResourceNotFoundException", text, 400)


def table_not_found(name: str) -> ServiceFault:
    """Of the control plane."""
    return not_found(f"Requested resource not found: Table: {name} not found")


def no_such_table() -> ServiceFault:
    """Of the data plane, which does not repeat the name."""
    return not_found("Requested resource not found")


def backups_table_not_found(name: str) -> ServiceFault:
    return ServiceFault("TableNotFoundException", f"Table not found: {name}", 400)


def backups_unavailable(name: str) -> ServiceFault:
    text = f"Backups are being enabled for the table: {name}. Please retry later"
    return ServiceFault("ContinuousBackupsUnavailableException", text, 400)
