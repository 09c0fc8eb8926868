"""Approved origins and associated functions: listed or not."""

from tests.drivers.conformance import Case
from tests.drivers.offline import World
from trunkline.drivers.associations import ApprovedOriginDesired, LambdaAssociationDesired
from trunkline.engine.resource import Ref

ORIGIN = "https://crm.acme.example"
ALIAS = Ref("function/lookup", "alias_arn")
ARN = "arn:aws:lambda:us-east-1:210987654321:function:acme-lookup:live"  # of another account: it need not exist here


async def _prepare(world: World) -> None:
    world.known[ALIAS] = ARN


CASES = [
    Case(
        kind="approved-origin",
        aws_name=ORIGIN,
        desired=ApprovedOriginDesired(ORIGIN),
        create="AssociateApprovedOrigin",
        tagged=False,
    ),
    Case(
        kind="lambda-association",
        aws_name="acme-lookup:live",
        desired=LambdaAssociationDesired(ALIAS),
        create="AssociateLambdaFunction",
        prepare=_prepare,
        tagged=False,
    ),
]
