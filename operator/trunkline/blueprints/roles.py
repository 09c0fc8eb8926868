"""The least rights of a function: what its code, its environment and its access ask for, as one policy document. Pure.

ARNs are written out where names make them certain, so that a role need not wait for a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.api.functions import CacheAttribute, EnvironmentVariable, Function, TableActions, Tracing
from trunkline.api.tables import Table
from trunkline.blueprints.builtins import BUILTINS, Names
from trunkline.blueprints.claims import NO_CLAIMS, Claims
from trunkline.drivers.role import PATH
from trunkline.engine.driver import INSTANCE_KEY
from trunkline.engine.resource import Join, Ref

READ = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:ConditionCheckItem")
WRITE = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem")
LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
XRAY = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
VPC_POLICY = "service-role/AWSLambdaVPCAccessExecutionRole"


@dataclass(frozen=True, slots=True)
class PublishedCache:
    """What a CacheLayer tells functions: where the cache is, without a password, and the secret that has it.

    url: "rediss://host:port", "?cluster=true" if keys are spread over shards; None while the cache is being filled before
    functions are switched to it. secret_arn, kms_key_arn: None if it needs no secret, if the secret is under AWS's own key.
    """

    url: str | None
    secret_arn: str | None = None
    kms_key_arn: str | None = None


@dataclass(frozen=True, slots=True)
class RoleRules:
    """What holds for every role that is made for a function: the operator's settings, never the center's.

    path: "/trunkline/". boundary: name or ARN of the managed policy that limits such roles; empty: none is set.
    """

    path: str = PATH
    boundary: str = ""

    def boundary_arn(self, partition: str, account: str) -> str:
        """The policy's ARN in an account; a name is that of a policy of the account itself."""
        if not self.boundary or self.boundary.startswith("arn:"):
            return self.boundary
        return f"arn:{partition}:iam::{account}:policy/{self.boundary.removeprefix('/')}"


ROLE_RULES = RoleRules()


@dataclass(frozen=True, slots=True)
class FunctionPlace:
    """Where functions are made. builtins: base64 SHA-256 of each builtin function's archive, by name. cache: what the
    center's CacheLayer publishes; None if there is none yet. claims: fields that policies own. roles: how theirs are made.
    """

    center: str
    account: str
    partition: str
    region: str
    builtins: Mapping[str, str]
    cache: PublishedCache | None = None
    claims: Claims = NO_CLAIMS
    roles: RoleRules = ROLE_RULES

    def arn(self, service: str, resource: str) -> str:
        """An ARN of this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


def table_arn(table: Table, place: FunctionPlace) -> str:
    """The ARN of a table, given or made from its name."""
    if table.external is not None and table.external.arn is not None:
        return table.external.arn
    return place.arn("dynamodb", f"table/{table.effective_aws_name(place.center)}")


def policy_document(
    entry: Function, place: FunctionPlace, tables: Mapping[str, Table], log_group: str
) -> dict[str, Any]:
    """The inline policy of the role that is made for a function."""
    statements = [
        _allow(LOGS, [place.arn("logs", f"log-group:{log_group}:*")]),
        *_from_builtin(entry, place, tables),
        *_from_access(entry, place, tables),
        *_from_secrets(entry, place),
        *_from_configuration(entry),
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def managed_policies(entry: Function, place: FunctionPlace) -> tuple[str, ...]:
    """AWS's own policies that the function needs: network interfaces of a VPC have no scope to limit."""
    return (f"arn:{place.partition}:iam::aws:policy/{VPC_POLICY}",) if entry.vpc is not None else ()


def _allow(actions: Iterable[str], resources: Iterable[str | Join]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}


def _from_builtin(entry: Function, place: FunctionPlace, tables: Mapping[str, Table]) -> Iterable[dict[str, Any]]:
    builtin = BUILTINS.get(entry.code.builtin or "") if entry.code is not None else None
    if builtin is None:
        return
    names = {variable.name: variable.names for variable in builtin.variables}
    given = {variable.name: variable for variable in entry.environment or ()}
    for access in builtin.access:
        arn = _arn_in(given.get(access.variable), names[access.variable], place, tables)
        if arn is not None:
            yield _allow(access.actions, [Join((arn, access.path)) if isinstance(arn, Ref) else arn + access.path])


def _arn_in(
    variable: EnvironmentVariable | None, names: Names, place: FunctionPlace, tables: Mapping[str, Table]
) -> str | Ref | None:
    """The ARN of what a variable names; None if it is not given, or names nothing known."""
    if variable is None:
        return None
    source = variable.value_from
    if names is Names.TABLE and source is not None and source.table is not None and source.table in tables:
        return table_arn(tables[source.table], place)
    if names is Names.INSTANCE:
        return variable.value if source is None else Ref(INSTANCE_KEY, "arn")
    return variable.value if names is Names.STREAM else None


def _from_access(entry: Function, place: FunctionPlace, tables: Mapping[str, Table]) -> Iterable[dict[str, Any]]:
    rights = {TableActions.READ: READ, TableActions.WRITE: WRITE, TableActions.READ_WRITE: (*READ, *WRITE)}
    for access in entry.access or ():
        if access.table in tables:
            arn = table_arn(tables[access.table], place)
            yield _allow(rights[access.actions], [arn, f"{arn}/index/*"])


def _from_secrets(entry: Function, place: FunctionPlace) -> Iterable[dict[str, Any]]:
    sources = [variable.value_from for variable in entry.environment or () if variable.value_from is not None]
    secrets = {source.secret_arn for source in sources if source.secret_arn is not None}
    cache = place.cache
    if cache is not None and cache.secret_arn and any(source.cache is CacheAttribute.SECRET_ARN for source in sources):
        secrets.add(cache.secret_arn)
        if cache.kms_key_arn is not None:
            yield _allow(("kms:Decrypt",), [cache.kms_key_arn])
    if secrets:
        yield _allow(("secretsmanager:GetSecretValue",), sorted(secrets))


def _from_configuration(entry: Function) -> Iterable[dict[str, Any]]:
    if entry.tracing is Tracing.ACTIVE:
        yield _allow(XRAY, ["*"])  # X-Ray knows no resource to limit this to
    if entry.on_failure is not None:
        service = entry.on_failure.arn.split(":")[2]
        yield _allow(("sqs:SendMessage",) if service == "sqs" else ("sns:Publish",), [entry.on_failure.arn])
    if entry.kms_key_arn is not None:
        yield _allow(("kms:Decrypt",), [entry.kms_key_arn])
    if entry.file_system is not None:
        yield _allow(("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"), [entry.file_system.arn])
