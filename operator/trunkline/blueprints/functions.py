"""Functions: entries of `spec.functions` to nodes: role, log group, function; for what flows call also the right of
Connect to call its alias, and its place in the instance's list. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from trunkline.api.functions import CacheAttribute, EnvironmentVariable, Function, InstanceAttribute
from trunkline.api.tables import Table
from trunkline.blueprints.builtins import BUILTINS, BuiltinFunction
from trunkline.blueprints.claims import PROVISIONED, RESERVED
from trunkline.blueprints.entries import broken_node, path_of, policy
from trunkline.blueprints.roles import FunctionPlace, PublishedCache, managed_policies, policy_document
from trunkline.drivers.associations import LambdaAssociationDesired
from trunkline.drivers.function_desired import Code, FileSystem, FunctionDesired, ImageCode, S3Code, Text, ZipCode
from trunkline.drivers.function_permission import FunctionPermissionDesired
from trunkline.drivers.log_group import LogGroupDesired
from trunkline.drivers.role import RoleDesired
from trunkline.engine.driver import INSTANCE_KEY
from trunkline.engine.resource import DeletionPolicy, Json, Node, Ref

SECTION = "functions"
LAMBDA = "lambda.amazonaws.com"
POLICY = "trunkline"
KEPT_KINDS = frozenset({"log-group"})  # logs may be under a duty to be kept: they go only by the entry's own Delete
MAX_ROLE_NAME = 64
_QUALIFIED = 8  # colons and one: arn:aws:lambda:region:account:function:name:qualifier

__all__ = ["FunctionPlace", "PublishedCache", "connect_nodes", "function_nodes"]


class CannotBuildError(Exception):
    """The entry cannot be built; the message says why and what to write. awaits: nothing, only to wait."""

    def __init__(self, message: str, *, awaits: bool = False) -> None:
        super().__init__(message)
        self.awaits = awaits


def function_nodes(
    entry: Function, place: FunctionPlace, tables: Mapping[str, Table], tags: Mapping[str, str]
) -> Iterable[Node]:
    """Role and log group (where they are ours to make), and the function."""
    if entry.external is not None:
        yield _node(entry, "function", _external_name(entry, place), None, {}, external_arn=entry.external.arn)
        return
    name = entry.effective_aws_name(place.center)
    log_group = f"/aws/lambda/{name}"
    all_tags = {**tags, **(entry.tags or {})}
    try:
        desired = _desired(entry, place, tables, log_group)
    except CannotBuildError as error:
        # All of them, so that none is swept for being absent.
        for kind in ("role", "log-group", "function"):
            yield broken_node(kind, SECTION, entry.name, str(error), awaits=error.awaits)
        return
    if entry.role_arn is None:
        yield _node(entry, "role", role_name(name), _role(entry, place, tables, log_group), all_tags)
    retention = entry.log_retention_days
    group = LogGroupDesired(log_group, int(retention) if retention is not None else None)
    yield _node(entry, "log-group", log_group, group, all_tags)
    # The log group first, or Lambda makes one that keeps for ever.
    yield _node(entry, "function", name, desired, all_tags, needs=frozenset({f"log-group/{entry.name}"}))


def connect_nodes(entry: Function, place: FunctionPlace) -> Iterable[Node]:
    """What lets flows call the function: a statement in the policy of its alias, and the instance's list."""
    alias_arn = Ref(f"function/{entry.name}", "alias_arn")
    if entry.external is not None:
        function, qualifier = _split(_external_name(entry, place))
        function = function if not function.startswith("arn:") else function.split(":function:", 1)[1]
    else:
        function, qualifier = entry.effective_aws_name(place.center), entry.alias
    target = f"{function}:{qualifier}" if qualifier else function
    permission = FunctionPermissionDesired(function, qualifier, alias_arn)
    yield _node(entry, "function-permission", target, permission, {})
    yield _node(entry, "lambda-association", target, LambdaAssociationDesired(alias_arn), {})


def role_name(function: str) -> str:
    """The name of the role that is made for a function; long names are cut and told apart by a digest."""
    name = f"trunkline-{function}"
    if len(name) <= MAX_ROLE_NAME:
        return name
    digest = hashlib.sha256(function.encode()).hexdigest()[:8]
    return f"{name[: MAX_ROLE_NAME - 9]}-{digest}"


def _node(
    entry: Function,
    kind: str,
    aws_name: str,
    desired: Any,
    tags: Mapping[str, str],
    *,
    needs: frozenset[str] = frozenset(),
    external_arn: str | None = None,
) -> Node:
    external = entry.external is not None and kind == "function"
    return Node(
        key=f"{kind}/{entry.name}",
        kind=kind,
        section=SECTION,
        name=entry.name,
        path=path_of(SECTION, entry.name),
        aws_name=aws_name,
        desired=desired,
        needs=needs,
        external=external,
        external_arn=external_arn,
        deletion_policy=policy(entry.deletion_policy) or (DeletionPolicy.RETAIN if kind in KEPT_KINDS else None),
        tags=tags,
    )


def _external_name(entry: Function, place: FunctionPlace) -> str:
    if entry.external is not None and entry.external.arn is not None:
        return entry.external.arn
    return entry.aws_name or entry.name or place.center


def _split(name_or_arn: str) -> tuple[str, str]:
    """Name or ARN without qualifier, and the qualifier, if any."""
    parts = name_or_arn.split(":")
    if len(parts) == _QUALIFIED:
        return ":".join(parts[:-1]), parts[-1]
    return name_or_arn, ""


def _role(entry: Function, place: FunctionPlace, tables: Mapping[str, Table], log_group: str) -> RoleDesired:
    name = entry.effective_aws_name(place.center)
    return RoleDesired(
        name=role_name(name),
        trust=LAMBDA,
        policies={POLICY: Json(policy_document(entry, place, tables, log_group))},
        managed=managed_policies(entry, place),
        description=f"Execution role of {name}",
        path=place.roles.path,
        boundary=place.roles.boundary_arn(place.partition, place.account),
    )


def _desired(entry: Function, place: FunctionPlace, tables: Mapping[str, Table], log_group: str) -> FunctionDesired:
    builtin = _builtin(entry)
    vpc, logging = entry.vpc, entry.logging
    owned = place.claims.of("function", entry.name)
    return FunctionDesired(
        name=entry.effective_aws_name(place.center),
        code=_code(entry, place),
        role=entry.role_arn or Ref(f"role/{entry.name}", "arn"),
        alias=entry.alias,
        runtime=builtin.runtime if builtin is not None else entry.runtime,
        handler=builtin.handler if builtin is not None else entry.handler,
        description=entry.description,
        memory_mib=entry.memory_mib,
        timeout_seconds=entry.timeout_seconds,
        architecture=_word(entry.architecture),
        ephemeral_storage_mib=entry.ephemeral_storage_mib,
        environment=_environment(entry, place, tables),
        layers=tuple(entry.layers) if entry.layers is not None else None,
        subnet_ids=frozenset(vpc.subnet_ids) if vpc is not None else None,
        security_group_ids=frozenset(vpc.security_group_ids) if vpc is not None else None,
        tracing=_word(entry.tracing),
        snap_start=_word(entry.snap_start),
        kms_key_arn=entry.kms_key_arn,
        file_system=FileSystem(entry.file_system.arn, entry.file_system.local_mount_path)
        if entry.file_system is not None
        else None,
        on_failure=entry.on_failure.arn if entry.on_failure is not None else None,
        log_format=_word(logging.format) if logging is not None else None,
        log_level=_word(logging.level) if logging is not None else None,
        log_group=log_group,
        reserved_concurrency=entry.reserved_concurrency,
        provisioned_concurrency=entry.provisioned_concurrency,
        provisioned_owned=("", PROVISIONED) in owned,
        provisioned_told=owned.get(("", PROVISIONED)),
        reserved_owned=("", RESERVED) in owned,
        reserved_told=owned.get(("", RESERVED)),
    )


def _word(value: StrEnum | None) -> str | None:
    return value.value if value is not None else None


def _builtin(entry: Function) -> BuiltinFunction | None:
    name = entry.code.builtin if entry.code is not None else None
    if name is None:
        return None
    builtin = BUILTINS.get(name)
    if builtin is None:
        raise CannotBuildError(
            f"code.builtin: there is no builtin function {name!r}; write one of {', '.join(BUILTINS)}"
        )
    given = {variable.name: variable for variable in entry.environment or ()}
    missing = builtin.missing(given)
    if missing:
        wanted = "; ".join(f"{variable.name} ({variable.description})" for variable in missing)
        raise CannotBuildError(f"environment: {name} needs {wanted}")
    return builtin


def _code(entry: Function, place: FunctionPlace) -> Code:
    code = entry.code
    if code is None:
        raise CannotBuildError("code is required")
    if code.builtin is not None:
        return ZipCode(place.builtins[code.builtin])
    if code.s3 is not None:
        return S3Code(code.s3.bucket, code.s3.key, code.s3.version_id)
    if code.image is not None:
        return ImageCode(code.image.uri, tuple(code.image.command) if code.image.command is not None else None)
    raise CannotBuildError("code: write one of builtin, s3 or image")


def _environment(
    entry: Function, place: FunctionPlace, tables: Mapping[str, Table]
) -> tuple[tuple[str, Text], ...] | None:
    if entry.environment is None:
        return None
    return tuple((variable.name, _value(variable, place, tables)) for variable in entry.environment)


def _value(variable: EnvironmentVariable, place: FunctionPlace, tables: Mapping[str, Table]) -> Text:
    source = variable.value_from
    if source is None:
        return variable.value or ""
    if source.secret_arn is not None:
        return source.secret_arn
    if source.instance is not None:
        return Ref(INSTANCE_KEY, "arn" if source.instance is InstanceAttribute.ARN else "id")
    if source.cache is not None:
        return _of_cache(variable.name, source.cache, place)
    if source.table is not None and source.table in tables:
        return _table_name(tables[source.table], place)
    raise CannotBuildError(f"environment[{variable.name}]: there is no table {source.table!r}")


def _of_cache(variable: str, attribute: CacheAttribute, place: FunctionPlace) -> str:
    cache = place.cache
    if cache is None or (attribute is CacheAttribute.URL and cache.url is None):
        raise CannotBuildError(
            f"environment[{variable}]: the CacheLayer that cacheRef names publishes nothing yet: "
            "it goes on by itself once that CacheLayer is ready",
            awaits=True,
        )
    if attribute is CacheAttribute.URL and cache.url is not None:
        return cache.url
    if cache.secret_arn is None:
        raise CannotBuildError(
            f"environment[{variable}]: the CacheLayer publishes no secret for functions: write publish.awsSecretName "
            "there, or take the variable out"
        )
    return cache.secret_arn


def _table_name(table: Table, place: FunctionPlace) -> str:
    """Its name, which the code uses; of one in another account or region the ARN."""
    if table.external is not None and table.external.arn is not None:
        return table.external.arn
    return table.effective_aws_name(place.center)
