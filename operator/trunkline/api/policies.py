"""Who may delete, take over, change: the policies of a center and of its entries."""

from __future__ import annotations

from enum import StrEnum

from trunkline.api.common import Model, absent, default


class DeletionPolicy(StrEnum):
    RETAIN = "Retain"
    DELETE = "Delete"


class AdoptionPolicy(StrEnum):
    REFUSE = "Refuse"
    ADOPT = "Adopt"


class Confirm(StrEnum):
    NEVER = "Never"
    DESTRUCTIVE = "Destructive"
    ALWAYS = "Always"


class BasicManagement(StrEnum):
    """Management of what is never removed for being unlisted by others: the default, the instance, account resources."""

    OBSERVE = "Observe"
    LISTED = "Listed"


class Management(StrEnum):
    OBSERVE = "Observe"
    LISTED = "Listed"
    EXCLUSIVE = "Exclusive"


_BASIC = "Observe reads, compares and reports only; Listed creates and changes what is listed, and deletes what we made and is listed no more."
_FULL = f"{_BASIC} Exclusive also removes what nobody listed, never what carries another owner's tag and never AWS's built-ins."
_DEFAULTED = "as management.default says"


class SectionManagement(Model):
    """How far each section is managed."""

    default: BasicManagement = default(
        BasicManagement.LISTED, f"For every section that is not named here. {_BASIC} Exclusive is said per section."
    )
    instance: BasicManagement | None = absent(f"The instance's attributes. {_BASIC}", _DEFAULTED)
    storage: BasicManagement | None = absent(f"The instance's storage configurations. {_BASIC}", _DEFAULTED)
    approved_origins: Management | None = absent(f"The instance's approved origins. {_FULL}", _DEFAULTED)
    hours_of_operation: Management | None = absent(f"Hours of operation. {_FULL}", _DEFAULTED)
    queues: Management | None = absent(f"Queues. {_FULL}", _DEFAULTED)
    routing_profiles: Management | None = absent(f"Routing profiles. {_FULL}", _DEFAULTED)
    flows: Management | None = absent(f"Flows. {_FULL}", _DEFAULTED)
    flow_modules: Management | None = absent(f"Flow modules. {_FULL}", _DEFAULTED)
    functions: BasicManagement | None = absent(
        f"Lambda functions with their roles, log groups and permissions. {_BASIC}", _DEFAULTED
    )
    tables: BasicManagement | None = absent(f"DynamoDB tables. {_BASIC}", _DEFAULTED)

    def of(self, section: str) -> Management:
        """The management of a section, by its name in YAML (`routingProfiles`)."""
        for name, info in type(self).model_fields.items():
            if info.alias == section and section != "default":
                chosen = getattr(self, name)
                return Management(chosen or self.default)
        return Management(self.default)
