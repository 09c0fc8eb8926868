"""The secret by which functions reach a cache: with a token, and with a secret of users."""

import json
from dataclasses import replace

from tests.drivers.cases.replication_group import FIRST, SECOND, SECRETS
from tests.drivers.conformance import Case
from tests.drivers.offline import World
from trunkline.drivers.cache_desired import CacheSecretDesired

NAME = "acme-cache"
DESIRED = CacheSecretDesired(NAME, "Made by Trunkline", token=FIRST)
USERS = CacheSecretDesired(
    NAME, "Made by Trunkline", user_secret_arn="arn:aws:secretsmanager:us-east-1:123456789012:secret:u"
)


async def _prepare(world: World) -> None:
    world.aws.secrets.update(SECRETS)


async def _overwrite(world: World, id_: str) -> None:
    text = json.dumps({"password": "somebody-else-was-here"})
    await world.aws.mutate("secretsmanager", "PutSecretValue", {"SecretId": id_, "SecretString": text})


CASES = [
    Case(
        kind="cache-secret",
        aws_name=NAME,
        desired=DESIRED,
        create="CreateSecret",
        prepare=_prepare,
        tamper=_overwrite,
        path="value",
        edited=replace(DESIRED, token=SECOND, description="For acme"),
    ),
    Case(
        kind="cache-secret",
        id="cache-secret-users",
        aws_name=NAME,
        desired=USERS,
        create="CreateSecret",
        tamper=_overwrite,
        path="value",
        edited=replace(USERS, user_secret_arn=f"{USERS.user_secret_arn}2"),
    ),
]
