"""What an instance only lists: approved origins, and the Lambda functions that its flow editor offers.

Neither has an id, tags or anything to update: it is listed or it is not. The id of each is its name: the origin itself;
of a function `name` or `name:qualifier`, which is known before its ARN is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trunkline.drivers.connect import SERVICE, every
from trunkline.engine.driver import Context, Creation, Found, Reader, Scope, Wanted
from trunkline.engine.plan import NOTHING, Change, Plan, Step
from trunkline.engine.record import Entry
from trunkline.engine.resource import Ref


@dataclass(frozen=True, slots=True)
class ApprovedOriginDesired:
    """origin: scheme and host, as AWS lists it ("https://crm.example.com")."""

    origin: str


@dataclass(frozen=True, slots=True)
class ApprovedOriginState:
    """Listed; there is no more to it."""

    origin: str


class ApprovedOriginDriver:
    """Reads by ListApprovedOrigins, 25 a page."""

    kind = "approved-origin"
    in_instance = True
    holds_data = False
    creation = Creation.NAME
    permissions = frozenset(
        {
            "connect:ListApprovedOrigins",
            "connect:AssociateApprovedOrigin",
            "connect:DisassociateApprovedOrigin",
        }
    )

    async def observe(
        self,
        aws: Reader,
        scope: Scope,
        wanted: Sequence[Wanted],  # noqa: ARG002  # one list shows all
        *,
        exact: bool,  # noqa: ARG002  # there is one way to read
    ) -> Sequence[Found[ApprovedOriginState]]:
        params = {"InstanceId": scope.instance_id, "MaxResults": 25}
        origins = await every(aws, "ListApprovedOrigins", "Origins", params)
        return [Found(id=origin, arn="", aws_name=origin, state=ApprovedOriginState(origin)) for origin in origins]

    def plan(
        self,
        desired: ApprovedOriginDesired | None,
        found: Found[ApprovedOriginState] | None,
        entry: Entry | None,  # noqa: ARG002  # listed or not: nothing to remember
        context: Context,
    ) -> Plan:
        if desired is None:
            return NOTHING if found is None else Plan((self._disassociate(found, context),))
        if found is not None:
            return NOTHING
        params = {"InstanceId": context.instance_id, "Origin": desired.origin}
        change = Change("", None, desired.origin)
        return Plan((Step(SERVICE, "AssociateApprovedOrigin", params, "not there yet", (change,), creates=True),))

    def _disassociate(self, found: Found[ApprovedOriginState], context: Context) -> Step:
        params = {"InstanceId": context.instance_id, "Origin": found.id}
        change = Change("", found.id, None)
        return Step(SERVICE, "DisassociateApprovedOrigin", params, "no longer wanted", (change,), deletes=True)

    def deferrable(self, desired: ApprovedOriginDesired) -> frozenset[Ref]:  # noqa: ARG002  # refers to nothing
        return frozenset()


@dataclass(frozen=True, slots=True)
class LambdaAssociationDesired:
    """function_arn: what flows call, of an alias where there is one. The node's aws_name is `function_name` of it."""

    function_arn: Ref | str


@dataclass(frozen=True, slots=True)
class LambdaAssociationState:
    """Listed under this ARN."""

    function_arn: str


class LambdaAssociationDriver:
    """Reads by ListLambdaFunctions, 25 a page."""

    kind = "lambda-association"
    in_instance = True
    holds_data = False
    creation = Creation.NAME
    # AWS adds to the function's policy on the caller's behalf (Service Authorization Reference, dependent actions).
    permissions = frozenset(
        {
            "connect:ListLambdaFunctions",
            "connect:AssociateLambdaFunction",
            "connect:DisassociateLambdaFunction",
            "lambda:AddPermission",
            "lambda:RemovePermission",
        }
    )

    async def observe(
        self,
        aws: Reader,
        scope: Scope,
        wanted: Sequence[Wanted],  # noqa: ARG002  # one list shows all
        *,
        exact: bool,  # noqa: ARG002  # there is one way to read
    ) -> Sequence[Found[LambdaAssociationState]]:
        params = {"InstanceId": scope.instance_id, "MaxResults": 25}
        arns = await every(aws, "ListLambdaFunctions", "LambdaFunctions", params)
        return [
            Found(id=function_name(arn), arn=arn, aws_name=function_name(arn), state=LambdaAssociationState(arn))
            for arn in arns
        ]

    def plan(
        self,
        desired: LambdaAssociationDesired | None,
        found: Found[LambdaAssociationState] | None,
        entry: Entry | None,  # noqa: ARG002  # listed or not: nothing to remember
        context: Context,
    ) -> Plan:
        if desired is None:
            return NOTHING if found is None else Plan((self._disassociate(found, context, deletes=True),))
        arn = desired.function_arn
        if found is not None and (isinstance(arn, Ref) or found.state.function_arn == arn):
            return NOTHING  # the name is the same; an ARN that is not known yet can only be this one
        params = {"InstanceId": context.instance_id, "FunctionArn": arn}
        change = Change("", None, str(arn))
        associate = Step(SERVICE, "AssociateLambdaFunction", params, "not there yet", (change,), creates=found is None)
        if found is None:
            return Plan((associate,))
        return Plan((associate, self._disassociate(found, context, deletes=False)))

    def _disassociate(self, found: Found[LambdaAssociationState], context: Context, *, deletes: bool) -> Step:
        params = {"InstanceId": context.instance_id, "FunctionArn": found.state.function_arn}
        change = Change("", found.state.function_arn, None)
        return Step(SERVICE, "DisassociateLambdaFunction", params, "no longer wanted", (change,), deletes=deletes)

    def deferrable(self, desired: LambdaAssociationDesired) -> frozenset[Ref]:  # noqa: ARG002  # a leaf
        return frozenset()


def function_name(arn: str) -> str:
    """`name` or `name:qualifier` of a function's ARN; a name comes back as it is."""
    return arn.split(":function:", 1)[-1]
