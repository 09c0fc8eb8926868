"""What flows and queues may name but this operator does not make yet: found by name in the instance, never changed.

One List read shows a whole kind with ids and ARNs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trunkline.drivers.connect import every
from trunkline.engine.driver import Context, Creation, Found, Reader, Scope, Wanted
from trunkline.engine.plan import NOTHING, CannotPlanError, Plan
from trunkline.engine.record import Entry
from trunkline.engine.resource import Ref

# Made with every instance; AWS refuses to delete them (Amazon Connect Administrator Guide, default security profiles).
BUILTIN_SECURITY_PROFILES = frozenset({"Admin", "Agent", "CallCenterManager", "QualityAnalyst"})


@dataclass(frozen=True, slots=True)
class LookupDesired:
    """name: as it is called in AWS."""

    name: str


@dataclass(frozen=True, slots=True)
class LookupState:
    """It exists."""

    name: str


@dataclass(frozen=True, slots=True)
class LookupDriver:
    """Looks one kind up by name. page: the most items a page of its List may have."""

    kind: str
    operation: str
    member: str
    page: int
    builtin: frozenset[str] = frozenset()
    in_instance: bool = True
    holds_data: bool = False
    creation: Creation = Creation.NAME

    @property
    def permissions(self) -> frozenset[str]:
        """The one read."""
        return frozenset({f"connect:{self.operation}"})

    async def observe(
        self,
        aws: Reader,
        scope: Scope,
        wanted: Sequence[Wanted],  # noqa: ARG002  # one list shows all
        *,
        exact: bool,  # noqa: ARG002  # there is one way to read
    ) -> Sequence[Found[LookupState]]:
        params = {"InstanceId": scope.instance_id, "MaxResults": self.page}
        return [
            Found(
                id=item["Id"],
                arn=item.get("Arn", ""),
                aws_name=item["Name"],
                state=LookupState(item["Name"]),
                builtin=item["Name"] in self.builtin,
            )
            for item in await every(aws, self.operation, self.member, params)
        ]

    def plan(
        self,
        desired: LookupDesired | None,
        found: Found[LookupState] | None,
        entry: Entry | None,  # noqa: ARG002  # never made, so nothing to remember
        context: Context,  # noqa: ARG002
    ) -> Plan:
        """Never a step. Raises CannotPlanError where nothing of that name exists."""
        if desired is not None and found is None:
            raise CannotPlanError(
                f"no {self.kind} named {desired.name!r} exists in the instance; make it in the Amazon Connect console, "
                "or correct the name (it is compared with upper and lower case)"
            )
        return NOTHING

    def deferrable(self, desired: LookupDesired) -> frozenset[Ref]:  # noqa: ARG002  # refers to nothing
        return frozenset()


QUICK_CONNECT = LookupDriver("quick-connect", "ListQuickConnects", "QuickConnectSummaryList", 1000)
PROMPT = LookupDriver("prompt", "ListPrompts", "PromptSummaryList", 1000)
VIEW = LookupDriver("view", "ListViews", "ViewsSummaryList", 100)
SECURITY_PROFILE = LookupDriver(
    "security-profile", "ListSecurityProfiles", "SecurityProfileSummaryList", 1000, BUILTIN_SECURITY_PROFILES
)
