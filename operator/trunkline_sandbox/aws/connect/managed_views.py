"""The views that AWS ships to every instance. They belong to the account `aws`, so their ARNs name no instance."""

from dataclasses import dataclass

# Names and ids of AWS's views (admin guide, "AWS managed views").
_NAMES = {
    "after-contact-work": "After contact work",
    "cards": "Cards",
    "confirmation": "Confirmation",
    "detail": "Detail",
    "form": "Form",
    "list": "List",
}


@dataclass(frozen=True, slots=True)
class ManagedView:
    """A view of AWS's."""

    id: str
    name: str

    def arn(self, region: str, version: str = "") -> str:
        """Its ARN, with a version if one is given."""
        return f"arn:aws:connect:{region}:aws:view/{self.id}" + (f":{version}" if version else "")


def managed_views() -> list[ManagedView]:
    """All of them."""
    return [ManagedView(identifier, name) for identifier, name in _NAMES.items()]


def managed_view(value: str) -> ManagedView | None:
    """A managed view by its id or ARN, with or without a version; none if it is not one."""
    if value.startswith("arn:") and ":aws:view/" not in value:
        return None
    identifier = value.rsplit("/", 1)[-1].partition(":")[0]
    return ManagedView(identifier, _NAMES[identifier]) if identifier in _NAMES else None
