"""What AWS links to a queue by calls of their own: quick connects and email addresses, fifty a call.

Part of the `queue` driver.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trunkline.drivers.connect import SERVICE, bare, chunks, sort_key
from trunkline.drivers.fields import Fields
from trunkline.engine.driver import Unread
from trunkline.engine.plan import Change, Step
from trunkline.engine.resource import Ref

LINKS_A_CALL = 50

Link = Ref | str


@dataclass(frozen=True, slots=True)
class Links:
    """A set of ids that AWS links to a queue by calls of their own: its path in the spec, operations and members."""

    path: str
    associate: str
    disassociate: str
    associated: str
    disassociated: str
    id_member: str = ""  # of a structure around each id

    def params(self, ids: Sequence[Any]) -> list[Any]:
        """Ids as AWS wants them."""
        return [{self.id_member: id_} for id_ in ids] if self.id_member else list(ids)


QUICK_CONNECTS = Links(
    "quickConnects",
    "AssociateQueueQuickConnects",
    "DisassociateQueueQuickConnects",
    "QuickConnectIds",
    "QuickConnectIds",
)
EMAIL_ADDRESSES = Links(
    "email.addresses",
    "AssociateQueueEmailAddresses",
    "DisassociateQueueEmailAddresses",
    "EmailAddressesConfig",
    "EmailAddressesId",
    "EmailAddressId",
)


def link_steps(
    links: Links,
    base: Mapping[str, Any],
    desired: Sequence[Link] | None,
    observed: frozenset[str] | Unread,
    fields: Fields,
) -> list[Step]:
    """Steps that make the links of an existing queue what they should be. base: instance and queue."""
    wanted = frozenset(bare(link) for link in desired) if desired is not None else None
    compared = fields.optional(links.path, wanted, observed, default=frozenset())
    if compared.change is None or isinstance(observed, Unread):
        return []
    gained = sorted(compared.value - observed, key=sort_key)
    lost = sorted(observed - compared.value)
    return [*associate(links, gained, base, (compared.change,)), *disassociate(links, lost, base)]


def associate(links: Links, ids: Sequence[Link], base: Mapping[str, Any], changes: tuple[Change, ...]) -> list[Step]:
    """The steps that add links, fifty a call."""
    return [
        Step(SERVICE, links.associate, {**base, links.associated: links.params(some)}, f"{links.path} missing", changes)
        for some in chunks(ids, LINKS_A_CALL)
    ]


def disassociate(links: Links, ids: Sequence[str], base: Mapping[str, Any]) -> list[Step]:
    """The steps that take links away, fifty a call."""
    return [
        Step(
            SERVICE,
            links.disassociate,
            {**base, links.disassociated: list(some)},
            f"{links.path} left",
            (Change(links.path, ", ".join(some), None),),
        )
        for some in chunks(ids, LINKS_A_CALL)
    ]
