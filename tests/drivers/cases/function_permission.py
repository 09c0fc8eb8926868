"""The right of an instance to call a function, on its alias or by its name alone."""

from dataclasses import replace

from tests.drivers.cases.function import ONE
from tests.drivers.cases.function import prepare as prepare_function
from tests.drivers.conformance import Case
from tests.drivers.offline import World
from trunkline.drivers.function_permission import FunctionPermissionDesired, statement_id
from trunkline.engine.resource import Ref

NAME = "acme-customer-lookup"
ALIAS_ARN = Ref("function/customer-lookup", "alias_arn")
INSTANCE_ARN = "arn:aws:connect:us-east-1:123456789012:instance/11111111-1111-4111-8111-111111111111"
DESIRED = FunctionPermissionDesired(NAME, "live", ALIAS_ARN)


async def prepare(world: World) -> None:
    await prepare_function(world)
    role = next(value for ref, value in world.known.items() if ref.node.startswith("role/"))
    await world.aws.mutate(
        "lambda",
        "CreateFunction",
        {
            "FunctionName": NAME,
            "Role": role,
            "Runtime": "python3.13",
            "Handler": "app.handler",
            "Code": {"ZipFile": ONE},
        },
    )
    version = (await world.aws.mutate("lambda", "PublishVersion", {"FunctionName": NAME})).at("Version")
    alias = {"FunctionName": NAME, "Name": "live", "FunctionVersion": version}
    world.known[ALIAS_ARN] = str((await world.aws.mutate("lambda", "CreateAlias", alias)).at("AliasArn"))
    world.scope = replace(world.scope, instance_id=INSTANCE_ARN.rpartition("/")[2], instance_arn=INSTANCE_ARN)


async def _tamper(world: World, id_: str) -> None:  # found by its statement id
    """The statement allows another instance now."""
    sid = statement_id(world.scope.owner, NAME)
    statement = {"FunctionName": NAME, "Qualifier": "live", "StatementId": sid}
    await world.aws.mutate("lambda", "RemovePermission", statement)
    allow = {"Action": "lambda:InvokeFunction", "Principal": "connect.amazonaws.com", "SourceArn": f"{INSTANCE_ARN}2"}
    await world.aws.mutate("lambda", "AddPermission", {**statement, **allow})


CASES = [
    Case(
        kind="function-permission",
        aws_name=f"{NAME}:live",
        desired=DESIRED,
        create="AddPermission",
        prepare=prepare,
        tamper=_tamper,
        path="statement",
        tagged=False,
    ),
    Case(
        kind="function-permission",
        id="function-permission-unqualified",
        aws_name=NAME,
        desired=replace(DESIRED, qualifier=""),
        create="AddPermission",
        prepare=prepare,
        tagged=False,
    ),
]
