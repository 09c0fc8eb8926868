"""Functions: of an archive of ours, of a zip in S3, of an image; quick and slow."""

import base64
import hashlib
import io
import json
import zipfile
from dataclasses import replace

from tests.drivers.conformance import Case
from tests.drivers.offline import REGION, World
from trunkline.drivers.function import FunctionDesired, ImageCode, S3Code, ZipCode
from trunkline.engine.resource import Join, Ref

NAME = "acme-customer-lookup"
ROLE = Ref("role/customer-lookup", "arn")
TABLE = Ref("table/customers", "id")
BUCKET = "acme-code"


def archive(text: str) -> bytes:
    """A deployment package of one file, the same bytes each time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as found:
        found.writestr(zipfile.ZipInfo("app.py", date_time=(1980, 1, 1, 0, 0, 0)), text)
    return buffer.getvalue()


def sha(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


ONE, TWO = archive("def handler(event, context): return 1"), archive("def handler(event, context): return 2")
DESIRED = FunctionDesired(
    NAME,
    ZipCode(sha(ONE)),
    ROLE,
    runtime="python3.13",
    handler="app.handler",
    memory_mib=1024,
    environment=(("TABLE", TABLE), ("GREETING", Join(("hello ", TABLE)))),
    tracing="Active",
    log_format="JSON",
    log_group=f"/aws/lambda/{NAME}",
    reserved_concurrency=10,
    provisioned_concurrency=2,
)


async def prepare(world: World) -> None:
    world.aws.archives.update({sha(content): content for content in (ONE, TWO)})
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    rights = {"Effect": "Allow", "Action": ["xray:*", "ec2:*"], "Resource": "*"}
    role = {"RoleName": "worker"}
    made = await world.aws.mutate("iam", "CreateRole", {**role, "AssumeRolePolicyDocument": _document(trust)})
    await world.aws.mutate("iam", "PutRolePolicy", {**role, "PolicyName": "p", "PolicyDocument": _document(rights)})
    world.known[ROLE] = str(made.at("Role.Arn"))
    world.known[TABLE] = "acme-customers"
    await world.aws.mutate("s3", "CreateBucket", {"Bucket": BUCKET})
    for key, content in (("one.zip", ONE), ("two.zip", TWO)):
        await world.aws.mutate("s3", "PutObject", {"Bucket": BUCKET, "Key": key, "Body": content})


async def prepare_network(world: World) -> None:
    """The default VPC has subnets and a group."""
    await prepare(world)
    subnets = (await world.aws.read("ec2", "DescribeSubnets", {})).at("Subnets")
    groups = (await world.aws.read("ec2", "DescribeSecurityGroups", {})).at("SecurityGroups")
    world.known[Ref("network", "subnet")] = str(subnets[0]["SubnetId"])
    world.known[Ref("network", "group")] = str(groups[0]["GroupId"])
    network = {
        "subnet_ids": frozenset({world.known[Ref("network", "subnet")]}),
        "security_group_ids": frozenset({world.known[Ref("network", "group")]}),
    }
    world.desired = replace(world.desired, **network)


def _document(statement: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


async def _tamper(world: World, id_: str) -> None:
    await world.aws.mutate("lambda", "UpdateFunctionConfiguration", {"FunctionName": id_, "MemorySize": 256})


async def _tamper_slowly(world: World, id_: str) -> None:
    await _tamper(world, id_)
    world.clock.advance(10)


async def _tamper_code(world: World, id_: str) -> None:
    await world.aws.mutate("lambda", "UpdateFunctionCode", {"FunctionName": id_, "ZipFile": TWO, "Publish": True})


async def _tamper_alias(world: World, id_: str) -> None:
    """Somebody published and went back to the first version by hand."""
    await world.aws.mutate("lambda", "UpdateFunctionCode", {"FunctionName": id_, "ZipFile": TWO})
    await world.aws.mutate("lambda", "PublishVersion", {"FunctionName": id_})
    await world.aws.mutate("lambda", "UpdateFunctionCode", {"FunctionName": id_, "ZipFile": ONE})
    await world.aws.mutate("lambda", "UpdateAlias", {"FunctionName": id_, "Name": "live", "FunctionVersion": "2"})


CASES = [
    Case(
        kind="function",
        aws_name=NAME,
        desired=DESIRED,
        create="CreateFunction",
        prepare=prepare,
        tamper=_tamper,
        path="memoryMiB",
        edited=replace(
            DESIRED,
            code=ZipCode(sha(TWO)),
            architecture="x86_64",
            memory_mib=None,
            environment=(("TABLE", TABLE),),
            tracing=None,
            log_format=None,
            reserved_concurrency=None,
            provisioned_concurrency=None,
        ),
        slow={"function_seconds": 8.0, "provisioned_concurrency_seconds": 90.0, "role_assumable_seconds": 0.0},
    ),
    Case(
        kind="function",
        id="function-alias",
        aws_name=NAME,
        desired=replace(DESIRED, provisioned_concurrency=None),
        create="CreateFunction",
        prepare=prepare,
        tamper=_tamper_alias,
        path="alias live",
        edited=replace(DESIRED, alias="prod", timeout_seconds=5, provisioned_concurrency=None),
        slow={"function_seconds": 8.0},
    ),
    Case(
        kind="function",
        id="function-s3",
        aws_name=NAME,
        desired=replace(
            DESIRED, code=S3Code(BUCKET, "one.zip"), snap_start="PublishedVersions", provisioned_concurrency=None
        ),
        create="CreateFunction",
        prepare=prepare_network,
        tamper=_tamper_code,
        path="code",
        edited=replace(
            DESIRED,
            code=S3Code(BUCKET, "two.zip"),
            snap_start=None,
            environment=(),
            subnet_ids=None,
            provisioned_concurrency=None,
        ),
        slow={"function_seconds": 30.0},
    ),
    Case(
        kind="function",
        id="function-image",
        aws_name=NAME,
        desired=FunctionDesired(
            NAME,
            ImageCode(f"123456789012.dkr.ecr.{REGION}.amazonaws.com/lookup:1", command=("app.handler",)),
            ROLE,
            architecture="x86_64",
            memory_mib=512,
        ),
        create="CreateFunction",
        prepare=prepare,
        tamper=_tamper_slowly,
        path="memoryMiB",
        edited=FunctionDesired(
            NAME, ImageCode(f"123456789012.dkr.ecr.{REGION}.amazonaws.com/lookup:2", command=()), ROLE, memory_mib=256
        ),
        switches={"function_seconds": 5.0},
    ),
]
