"""Functions: one change at a time, a version of what changed, an alias that moves only to what works."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.drivers.plans import (
    NOW,
    SCOPE,
    Answers,
    check,
    context,
    entry,
    found,
    only,
    operations,
    paths,
    refused,
    words,
)
from trunkline.drivers.function import (
    FileSystem,
    FunctionDesired,
    FunctionDriver,
    FunctionState,
    ImageCode,
    S3Code,
    ZipCode,
)
from trunkline.drivers.function_state import Configuration, Provisioned, Version
from trunkline.engine.driver import ENTRY_TAG, OWNER_TAG, UNREAD, Found, Wanted
from trunkline.engine.plan import CannotPlanError, Plan
from trunkline.engine.resource import Filling, Join, Placeholder, Ref

KEY, NAME = "function/lookup", "acme-lookup"
ARN = f"arn:aws:lambda:us-east-1:123456789012:function:{NAME}"
ROLE = "arn:aws:iam::123456789012:role/trunkline/acme-lookup"
DRIVER = FunctionDriver()
DESIRED = FunctionDesired(
    NAME,
    ZipCode("sha-1"),
    ROLE,
    runtime="python3.13",
    handler="app.handler",
    memory_mib=1024,
    environment=(("TABLE", "customers"),),
)
CONFIGURATION = Configuration(
    runtime="python3.13",
    handler="app.handler",
    role=ROLE,
    memory_mib=1024,
    architecture="arm64",
    environment={"TABLE": "customers"},
    log_group=f"/aws/lambda/{NAME}",
)
LATEST = Version("$LATEST", CONFIGURATION, "sha-1")
STATE = FunctionState(LATEST, alias=replace(LATEST, number="7"))
SETTLED = {"set": "environment,memoryMiB", "alias": "live"}


def observed(state: FunctionState) -> Found[Any]:
    return replace(found(KEY, state, id_=NAME, name=NAME), arn=ARN)


NONE: Mapping[str, str] = {}


def plan(
    desired: FunctionDesired, state: FunctionState, remembered: Mapping[str, str] = NONE, *, now: float = NOW
) -> Plan:
    made = DRIVER.plan(desired, observed(state), entry(KEY, NAME, **remembered), context(KEY, now=now))
    check(made)
    return made


def latest(**changes: Any) -> FunctionState:
    """The function after somebody changed $LATEST; the alias still means what was."""
    return replace(STATE, latest=replace(LATEST, configuration=replace(CONFIGURATION, **changes)))


# --- creating


def test_created_with_all_that_create_takes() -> None:
    table = Ref("table/customers", "id")
    desired = replace(
        DESIRED,
        role=Ref("role/lookup", "arn"),
        environment=(("TABLE", table), ("NOTE", Join(("of ", table)))),
        subnet_ids=frozenset({"subnet-2", "subnet-1"}),
        security_group_ids=frozenset({"sg-1"}),
        file_system=FileSystem("arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-1", "/mnt/m"),
        on_failure="arn:aws:sqs:us-east-1:123456789012:failed",
        log_format="JSON",
        log_level="WARN",
        reserved_concurrency=100,
        provisioned_concurrency=20,
    )
    made = DRIVER.plan(desired, None, None, context(KEY, tags={"team": "blue"}))
    create, publish, alias, *rest = made.steps
    check(made)
    assert [step.operation for step in made.steps] == [
        "CreateFunction",
        "PublishVersion",
        "CreateAlias",
        "PutFunctionConcurrency",
        "PutProvisionedConcurrencyConfig",
    ]
    assert create.settles, "a function that is Pending takes no change"
    assert publish.settles, "nor may flows call a version that is Pending"
    assert create.params["Code"] == {"ZipFile": Placeholder(Filling.ARCHIVE, "sha-1")}
    assert create.params["Environment"]["Variables"] == {"TABLE": table, "NOTE": Join(("of ", table))}
    assert create.params["VpcConfig"]["SubnetIds"] == ["subnet-1", "subnet-2"]
    assert create.params["LoggingConfig"]["ApplicationLogLevel"] == "WARN"
    assert create.params["Architectures"] == ["arm64"]
    assert create.params["Tags"]["team"] == "blue"
    assert publish.params["CodeSha256"] == Ref(KEY, "code_sha256"), "of what was made, not of what came meanwhile"
    assert alias.params["FunctionVersion"] == Ref(KEY, "version")
    assert rest[1].params["Qualifier"] == "live"


@pytest.mark.parametrize(
    ("code", "params", "package"),
    [
        pytest.param(S3Code("code", "k"), {"S3Bucket": "code", "S3Key": "k"}, "Zip", id="s3, whatever is newest"),
        pytest.param(
            S3Code("code", "k", "v"),
            {"S3Bucket": "code", "S3Key": "k", "S3ObjectVersion": "v"},
            "Zip",
            id="s3, a version",
        ),
        pytest.param(ImageCode("r/i:1"), {"ImageUri": "r/i:1"}, "Image", id="image"),
    ],
)
def test_created_of(code: S3Code | ImageCode, params: Mapping[str, Any], package: str) -> None:
    create = DRIVER.plan(replace(DESIRED, code=code), None, None, context(KEY)).steps[0]
    assert create.params["Code"] == params
    assert create.params["PackageType"] == package
    assert ("Runtime" in create.params) is (package == "Zip")
    assert dict(create.remembers)["source"], "only AWS knows its hash, so where it came from is remembered"


def test_an_image_brings_its_own_command_unless_told() -> None:
    create = DRIVER.plan(
        replace(DESIRED, code=ImageCode("r/i:1", ("app.handler",)), architecture="x86_64"), None, None, context(KEY)
    ).steps[0]
    assert create.params["ImageConfig"] == {"Command": ["app.handler"]}
    assert create.params["Architectures"] == ["x86_64"]


# --- nothing to do


@pytest.mark.parametrize(
    ("desired", "state"),
    [
        pytest.param(DESIRED, STATE, id="as wanted"),
        pytest.param(
            replace(DESIRED, memory_mib=None, environment=None),
            replace(STATE, reserved=5, provisioned=Provisioned(9, "READY")),
            id="what is not managed stays",
        ),
        pytest.param(
            replace(DESIRED, subnet_ids=frozenset({"b", "a"}), security_group_ids=frozenset({"s"})),
            FunctionState(
                latest=(
                    version := replace(
                        LATEST,
                        configuration=replace(
                            CONFIGURATION, subnet_ids=frozenset({"a", "b"}), security_group_ids=frozenset({"s"})
                        ),
                    )
                ),
                alias=replace(version, number="2"),
            ),
            id="subnets in any order",
        ),
        pytest.param(
            DESIRED,
            replace(STATE, alias=replace(LATEST, number="7", configuration=replace(CONFIGURATION, description="of 7"))),
            id="the description of a version is its own",
        ),
        pytest.param(
            replace(DESIRED, environment=(("TABLE", "other"),)),
            FunctionState(
                hidden := replace(LATEST, configuration=replace(CONFIGURATION, environment=UNREAD)),
                alias=replace(hidden, number="7"),
            ),
            id="what AWS cannot decrypt cannot be compared",
        ),
        pytest.param(
            DESIRED, replace(STATE, latest=replace(LATEST, state="Inactive")), id="idle for weeks"
        ),
    ],
)  # fmt: skip
def test_converged_needs_no_step(desired: FunctionDesired, state: FunctionState) -> None:
    made = plan(desired, state)
    assert made.settled, [(step.operation, step.changes) for step in made.steps]


def test_the_record_comes_to_rest() -> None:
    assert words(plan(DESIRED, STATE)) == SETTLED
    assert not plan(DESIRED, STATE, SETTLED).remembers


# --- code and configuration


@pytest.mark.parametrize(
    ("changes", "params"),
    [
        pytest.param({"memory_mib": 512}, {"MemorySize": 512}, id="memory"),
        pytest.param({"timeout_seconds": 8}, {"Timeout": 8}, id="timeout"),
        pytest.param({"description": "d"}, {"Description": "d"}, id="description"),
        pytest.param({"handler": "other.handler"}, {"Handler": "other.handler"}, id="handler"),
        pytest.param({"runtime": "python3.14"}, {"Runtime": "python3.14"}, id="runtime"),
        pytest.param({"role": f"{ROLE}2"}, {"Role": f"{ROLE}2"}, id="role"),
        pytest.param(
            {"environment": (("TABLE", "customers"), ("B", "1"))},
            {"Environment": {"Variables": {"TABLE": "customers", "B": "1"}}},
            id="a variable more: AWS replaces all",
        ),
        pytest.param({"environment": ()}, {"Environment": {"Variables": {}}}, id="no variables"),
        pytest.param({"layers": ("l1", "l2")}, {"Layers": ["l1", "l2"]}, id="layers in order"),
        pytest.param({"tracing": "Active"}, {"TracingConfig": {"Mode": "Active"}}, id="tracing"),
        pytest.param({"snap_start": "PublishedVersions"}, {"SnapStart": {"ApplyOn": "PublishedVersions"}}, id="snap"),
        pytest.param({"kms_key_arn": "k"}, {"KMSKeyArn": "k"}, id="key"),
        pytest.param({"ephemeral_storage_mib": 1024}, {"EphemeralStorage": {"Size": 1024}}, id="storage"),
        pytest.param({"on_failure": "q"}, {"DeadLetterConfig": {"TargetArn": "q"}}, id="on failure"),
        pytest.param(
            {"file_system": FileSystem("a", "/mnt/x")},
            {"FileSystemConfigs": [{"Arn": "a", "LocalMountPath": "/mnt/x"}]},
            id="file system",
        ),
        pytest.param(
            {"log_format": "JSON"},
            {"LoggingConfig": {"LogFormat": "JSON", "LogGroup": f"/aws/lambda/{NAME}"}},
            id="log format",
        ),
    ],
)
def test_only_the_member_that_differs_is_sent(changes: dict[str, Any], params: dict[str, Any]) -> None:
    made = plan(replace(DESIRED, **changes), STATE)
    assert operations(made) == ["UpdateFunctionConfiguration", "PublishVersion", "UpdateAlias"]
    assert made.steps[0].params == {"FunctionName": NAME, **params}
    assert made.steps[0].settles
    assert made.steps[1].params["CodeSha256"] == "sha-1"
    assert made.steps[2].params["FunctionVersion"] == Ref(KEY, "version")


def test_a_member_carries_what_is_not_ours_back() -> None:
    there = latest(log_format="JSON", log_level="INFO", system_log_level="DEBUG")
    step = plan(replace(DESIRED, log_format="JSON", log_level="ERROR"), there).steps[0]
    assert step.params["LoggingConfig"]["SystemLogLevel"] == "DEBUG"
    network = latest(subnet_ids=frozenset({"a"}), security_group_ids=frozenset({"s"}), dual_stack=True)
    step = plan(replace(DESIRED, subnet_ids=frozenset({"b"}), security_group_ids=frozenset({"s"})), network).steps[0]
    assert step.params["VpcConfig"] == {
        "SubnetIds": ["b"],
        "SecurityGroupIds": ["s"],
        "Ipv6AllowedForDualStack": True,
    }


def test_levels_of_logs_go_with_their_format() -> None:
    there = latest(log_format="JSON", log_level="ERROR", system_log_level="INFO")
    step = plan(replace(DESIRED, log_format="Text"), there, {"set": "logging.format,logging.level"}).steps[0]
    assert step.params["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{NAME}"}


def test_values_of_the_environment_that_others_set_are_not_shown() -> None:
    made = plan(DESIRED, latest(environment={"TABLE": "s3cr3t", "TOKEN": "s3cr3t"}))
    changes = paths(made.steps[0])
    assert changes == {
        "environment[TABLE]": ("another value", "customers"),
        "environment[TOKEN]": ("a value", None),
    }
    assert "s3cr3t" not in repr(made)
    assert "s3cr3t" not in repr(latest(environment={"TOKEN": "s3cr3t"}))


def test_code_goes_before_configuration() -> None:
    made = plan(replace(DESIRED, code=ZipCode("sha-2"), memory_mib=2048), STATE)
    assert operations(made) == [
        "UpdateFunctionCode",
        "UpdateFunctionConfiguration",
        "PublishVersion",
        "UpdateAlias",
    ]
    assert made.steps[0].settles, "one change at a time"
    assert made.steps[0].params["ZipFile"] == Placeholder(Filling.ARCHIVE, "sha-2")
    assert made.steps[2].params["CodeSha256"] == Ref(KEY, "code_sha256")


def test_another_architecture_is_other_code() -> None:
    made = plan(replace(DESIRED, architecture="x86_64"), STATE)
    assert made.steps[0].operation == "UpdateFunctionCode"
    assert made.steps[0].params["Architectures"] == ["x86_64"]
    assert paths(made.steps[0]) == {"architecture": ("arm64", "x86_64")}
    kept = plan(replace(DESIRED, code=ZipCode("sha-2")), latest(architecture="x86_64")).steps[0]
    assert kept.params["Architectures"] == ["x86_64"], "not managed: new code for the architecture that is there"


def test_a_zip_does_not_become_an_image() -> None:
    with pytest.raises(CannotPlanError, match="add one under another name"):
        plan(replace(DESIRED, code=ImageCode("r/i:1")), STATE)


def test_what_left_the_spec_goes_back_to_the_default() -> None:
    there = FunctionState(
        now_there := replace(
            LATEST,
            configuration=replace(
                CONFIGURATION,
                timeout_seconds=8,
                tracing="Active",
                kms_key_arn="k",
                on_failure="q",
                layers=("l",),
                file_system=FileSystem("a", "/mnt/x"),
                subnet_ids=frozenset({"a"}),
                security_group_ids=frozenset({"s"}),
            ),
        ),
        reserved=3,
        alias=replace(now_there, number="7"),
    )
    before = (
        "timeoutSeconds,tracing,kmsKeyArn,onFailure,layers,fileSystem,vpc.subnetIds,vpc.securityGroupIds,"
        "reservedConcurrency,environment,memoryMiB"
    )
    made = plan(DESIRED, there, {"set": before})
    assert made.steps[0].params == {
        "FunctionName": NAME,
        "Timeout": 3,
        "TracingConfig": {"Mode": "PassThrough"},
        "Layers": [],
        "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
        "KMSKeyArn": "",
        "DeadLetterConfig": {"TargetArn": ""},
        "FileSystemConfigs": [],
    }
    assert made.steps[-1].operation == "DeleteFunctionConcurrency"
    assert plan(DESIRED, there, SETTLED).settled, "what somebody else set stays"


# --- code whose hash only AWS knows

S3 = replace(DESIRED, code=S3Code("code", "one.zip"))
SOURCE = dict(DRIVER.plan(S3, None, None, context(KEY)).steps[0].remembers)["source"]


@pytest.mark.parametrize(
    ("desired", "remembered", "deploys"),
    [
        pytest.param(S3, {"source": SOURCE}, False, id="deployed from there, its hash not known yet"),
        pytest.param(S3, {"source": SOURCE, "sha": "sha-1"}, False, id="deployed from there"),
        pytest.param(S3, {"source": SOURCE, "sha": "sha-0"}, True, id="somebody deployed other code"),
        pytest.param(S3, {}, True, id="nobody knows: the same code once more publishes nothing"),
        pytest.param(
            replace(DESIRED, code=S3Code("code", "two.zip")), {"source": SOURCE, "sha": "sha-1"}, True, id="another key"
        ),
        pytest.param(
            replace(DESIRED, code=S3Code("code", "one.zip", "v2")),
            {"source": SOURCE, "sha": "sha-1"},
            True,
            id="another version of the object",
        ),
        pytest.param(DESIRED, {"source": SOURCE, "sha": "sha-0"}, False, id="an archive of ours is known by its hash"),
    ],
)
def test_code_from_elsewhere(desired: FunctionDesired, remembered: dict[str, str], deploys: bool) -> None:
    made = plan(desired, STATE, remembered)
    assert ("UpdateFunctionCode" in operations(made)) is deploys
    if not deploys:
        learnt = {**remembered, **words(made)}
        source = SOURCE if desired is S3 else ""
        assert learnt.get("source", "") == source
        assert learnt.get("sha", "") == ("sha-1" if source else "")


@pytest.mark.parametrize(
    ("uri", "deploys"),
    [
        pytest.param("r/i:1", False, id="AWS says that it runs this image"),
        pytest.param("r/i:2", True, id="it runs another"),
        pytest.param(None, True, id="it does not say"),
    ],
)
def test_an_image_whose_record_was_lost(uri: str | None, deploys: bool) -> None:
    image = replace(CONFIGURATION, package_type="Image", runtime=None, handler=None)
    state = FunctionState(
        replace(LATEST, configuration=image), image_uri=uri, alias=replace(LATEST, number="7", configuration=image)
    )
    made = plan(replace(DESIRED, code=ImageCode("r/i:1")), state)
    assert ("UpdateFunctionCode" in operations(made)) is deploys


# --- half-way


@pytest.mark.parametrize(
    ("state", "blocks"),
    [
        pytest.param(FunctionState(replace(LATEST, state="Pending")), True, id="being made"),
        pytest.param(
            replace(STATE, latest=replace(LATEST, update="InProgress")), False, id="being updated: the alias serves"
        ),
        pytest.param(FunctionState(replace(LATEST, update="InProgress")), True, id="being updated, no alias yet"),
        pytest.param(
            replace(STATE, latest=replace(LATEST, state="Pending")), False, id="waking up after weeks of idleness"
        ),
    ],
)
def test_a_busy_function_is_left_alone(state: FunctionState, blocks: bool) -> None:
    made = plan(replace(DESIRED, memory_mib=2048, reserved_concurrency=5), state)
    assert not made.steps
    assert made.waiting is not None
    assert made.waiting.blocks is blocks
    assert made.waiting.check_after > 0


SEVEN = replace(LATEST, number="7")
OLD = replace(LATEST, number="6", code_sha256="sha-0")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(FunctionState(LATEST), ["PublishVersion", "CreateAlias"], id="made, not published"),
        pytest.param(FunctionState(LATEST, published=SEVEN), ["CreateAlias"], id="published, no alias"),
        pytest.param(FunctionState(LATEST, alias=OLD), ["PublishVersion", "UpdateAlias"], id="updated, not published"),
        pytest.param(FunctionState(LATEST, alias=OLD, published=SEVEN), ["UpdateAlias"], id="published, alias behind"),
        pytest.param(
            FunctionState(LATEST, alias=LATEST),
            ["PublishVersion", "UpdateAlias"],
            id="an alias of $LATEST would change under the flows",
        ),
        pytest.param(
            FunctionState(LATEST, alias=OLD, published=replace(SEVEN, state="Inactive")),
            ["UpdateAlias"],
            id="back to a version that idled",
        ),
    ],
)
def test_from_latest_to_the_alias(state: FunctionState, expected: list[str]) -> None:
    made = plan(DESIRED, state)
    assert operations(made) == expected
    if state.published is not None:
        assert made.steps[-1].params["FunctionVersion"] == "7"


@pytest.mark.parametrize("alias", [None, OLD], ids=["no alias yet", "alias on the version before"])
def test_the_alias_moves_only_to_a_version_that_is_there(alias: Version | None) -> None:
    made = plan(
        replace(DESIRED, reserved_concurrency=5, provisioned_concurrency=2),
        FunctionState(LATEST, alias=alias, published=replace(SEVEN, state="Pending"), provisioned=None),
    )
    assert "CreateAlias" not in operations(made)
    assert "UpdateAlias" not in operations(made)
    assert ("PutProvisionedConcurrencyConfig" in operations(made)) is (alias is not None)
    assert made.waiting is not None
    assert "version 7" in made.waiting.reason
    assert made.waiting.blocks is (alias is None)
    with pytest.raises(CannotPlanError, match=r"version 7 cannot start: no such module.*stays where it is"):
        plan(
            DESIRED,
            FunctionState(LATEST, alias=alias, published=replace(SEVEN, state="Failed", reason="no such module")),
        )


def test_a_snapshot_takes_minutes() -> None:
    pending = FunctionState(LATEST, published=replace(SEVEN, state="Pending"))
    quick = plan(DESIRED, pending).waiting
    slow = plan(
        replace(DESIRED, snap_start="PublishedVersions"),
        replace(
            pending,
            latest=(snap := replace(LATEST, configuration=replace(CONFIGURATION, snap_start="PublishedVersions"))),
            published=replace(snap, number="7", state="Pending"),
        ),
    ).waiting
    assert quick is not None
    assert slow is not None
    assert slow.check_after > quick.check_after


# --- what failed

FAILED = replace(
    LATEST,
    update="Failed",
    reason="The role is not authorized",
    reason_code="InsufficientRolePermissions",
    modified=NOW,
)


def test_an_update_that_failed_is_not_repeated_at_once() -> None:
    wanted = replace(DESIRED, memory_mib=2048)
    tried = words(plan(wanted, STATE))["tried"]
    failed = replace(STATE, latest=FAILED)
    with pytest.raises(CannotPlanError, match="The role is not authorized"):
        plan(wanted, failed, {"tried": tried}, now=NOW + 60)
    again = plan(wanted, failed, {"tried": tried}, now=NOW + 600)
    assert again.steps[0].operation == "UpdateFunctionConfiguration"
    edited = plan(replace(wanted, memory_mib=4096), failed, {"tried": tried}, now=NOW + 60)
    assert edited.steps[0].params["MemorySize"] == 4096, "an edit is tried at once"


@pytest.mark.parametrize(
    ("code", "operation"),
    [
        pytest.param("InsufficientRolePermissions", "UpdateFunctionConfiguration", id="the role"),
        pytest.param("InvalidSubnet", "UpdateFunctionConfiguration", id="the network"),
        pytest.param("ImageAccessDenied", "UpdateFunctionCode", id="the image"),
        pytest.param("InvalidZipFileException", "UpdateFunctionCode", id="the zip"),
    ],
)
def test_an_update_that_was_accepted_and_failed_is_made_again_although_nothing_differs(
    code: str, operation: str
) -> None:
    state = replace(STATE, latest=replace(FAILED, reason_code=code))
    first = plan(DESIRED, state, now=NOW + 1)
    assert first.steps[0].operation == operation
    assert first.steps[0].settles
    with pytest.raises(CannotPlanError):
        plan(DESIRED, state, {"tried": words(first)["tried"]}, now=NOW + 60)


def test_a_function_that_could_not_be_made_says_why_and_takes_a_remedy() -> None:
    state = FunctionState(replace(LATEST, state="Failed", reason="The image does not exist", modified=NOW))
    tried = words(plan(DESIRED, state))["tried"]
    with pytest.raises(CannotPlanError, match="The image does not exist"):
        plan(DESIRED, state, {"tried": tried}, now=NOW + 1)
    assert plan(replace(DESIRED, code=ZipCode("sha-2")), state, {"tried": tried}, now=NOW + 1).steps


# --- concurrency


def test_reserved_concurrency_of_none_stops_the_function() -> None:
    stop = only(plan(replace(DESIRED, reserved_concurrency=0), STATE))
    assert "answers no more calls" in (stop.interrupts or "")
    assert only(plan(replace(DESIRED, reserved_concurrency=5), STATE)).interrupts is None
    assert plan(replace(DESIRED, reserved_concurrency=0), replace(STATE, reserved=0)).settled


@pytest.mark.parametrize(
    ("provisioned", "expected", "reports"),
    [
        pytest.param(None, ["PutProvisionedConcurrencyConfig"], 0, id="none yet"),
        pytest.param(Provisioned(20, "IN_PROGRESS"), [], 0, id="being allocated"),
        pytest.param(Provisioned(20, "READY"), [], 0, id="there"),
        pytest.param(Provisioned(50, "READY"), [], 1, id="somebody scales it"),
        pytest.param(Provisioned(20, "FAILED", "no capacity"), [], 1, id="could not be had"),
        pytest.param(UNREAD, [], 0, id="not read"),
    ],
)
def test_provisioned_concurrency_is_sent_while_there_is_none(
    provisioned: Any, expected: list[str], reports: int
) -> None:
    made = plan(replace(DESIRED, provisioned_concurrency=20), replace(STATE, provisioned=provisioned))
    assert operations(made) == expected
    assert len(made.reports) == reports


def test_provisioned_concurrency_that_left_the_spec_costs_no_more() -> None:
    state = replace(STATE, provisioned=Provisioned(20, "READY"))
    step = only(plan(DESIRED, state, {"set": "environment,memoryMiB,provisionedConcurrency"}))
    assert step.operation == "DeleteProvisionedConcurrencyConfig"


# --- another alias


def test_an_alias_that_another_took_the_place_of_goes_last_and_asks_first() -> None:
    wanted = replace(DESIRED, alias="prod")
    made = plan(wanted, FunctionState(LATEST, published=SEVEN), SETTLED)
    assert operations(made) == ["CreateAlias"]
    assert "alias" not in words(made), "the former one is not forgotten"
    step = only(plan(wanted, STATE, SETTLED))
    assert (step.operation, step.params["Name"]) == ("DeleteAlias", "live")
    assert "flows that still call it fail" in (step.interrupts or "")
    assert words(plan(wanted, STATE, SETTLED)) == {"alias": "prod"}
    also = plan(replace(wanted, reserved_concurrency=5), STATE, SETTLED)
    assert dict(also.steps[-1].remembers).get("alias") is None, "held back, the former one must not be forgotten"


# --- tags, deleting


def test_tags_of_ours_follow_the_spec() -> None:
    item = replace(observed(STATE), tags={OWNER_TAG: "x", "theirs": "1", "old": "1"})
    made = DRIVER.plan(DESIRED, item, entry(KEY, NAME, tags="old", **SETTLED), context(KEY))
    assert operations(made) == ["TagResource", "UntagResource"]
    assert made.steps[0].params["Resource"] == ARN
    assert made.steps[1].params["TagKeys"] == ["old"]


def test_deleted_by_one_call() -> None:
    step = only(DRIVER.plan(None, observed(STATE), entry(KEY, NAME), context(KEY)))
    assert (step.operation, step.deletes) == ("DeleteFunction", True)
    assert "Qualifier" not in step.params, "that would delete one version"
    assert DRIVER.plan(None, None, entry(KEY, NAME), context(KEY)).settled
    going = replace(observed(STATE), going=True)
    assert DRIVER.plan(None, going, entry(KEY, NAME), context(KEY)).settled
    again = DRIVER.plan(DESIRED, going, None, context(KEY))
    assert again.waiting is not None, "the name is free afterwards"


# --- observing


def body(number: str = "$LATEST", **changes: Any) -> dict[str, Any]:
    return {
        "FunctionName": NAME,
        "FunctionArn": ARN,
        "Version": number,
        "Runtime": "python3.13",
        "Role": ROLE,
        "Handler": "app.handler",
        "CodeSha256": "sha-1",
        "MemorySize": 1024,
        "Architectures": ["arm64"],
        "Environment": {"Variables": {"TABLE": "customers"}},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{NAME}"},
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "LastModified": "2026-11-20T12:00:00.000+0000",
        **changes,
    }


def function(**changes: Any) -> dict[str, Any]:
    return {"Configuration": body(**changes), "Tags": {OWNER_TAG: "x", ENTRY_TAG: KEY}}


NO_ALIAS = refused("GetFunctionConfiguration", "ResourceNotFoundException", absent=True)
WANTED = Wanted(KEY, NAME, id=NAME, desired=DESIRED)


def observe(aws: Answers, want: Wanted = WANTED, *, exact: bool = True) -> Any:
    items = asyncio.run(DRIVER.observe(aws, SCOPE, [want], exact=exact))
    return items[0] if items else None


def test_a_converged_function_costs_two_reads() -> None:
    aws = Answers({"GetFunction": function(), "GetFunctionConfiguration": body("7")})
    item = observe(aws)
    assert aws.names == ["GetFunction", "GetFunctionConfiguration"]
    assert item.attributes == {"alias_arn": f"{ARN}:live", "version": "7"}
    assert (item.id, item.arn) == (NAME, ARN)
    assert item.state == replace(
        STATE, latest=replace(LATEST, modified=1795176000.0), alias=replace(SEVEN, modified=1795176000.0)
    )
    assert DRIVER.plan(DESIRED, item, entry(KEY, NAME, **SETTLED), context(KEY)).steps[0].operation == "TagResource"


def test_the_version_that_the_alias_should_mean_is_looked_for() -> None:
    old = body("6", MemorySize=128)
    pages = {
        None: {"Versions": [body(), old], "NextMarker": "m"},
        "m": {"Versions": [body("7"), body("10", State="Pending"), body("9", MemorySize=512)]},
    }
    answers = {
        "GetFunction": function(),
        "GetFunctionConfiguration": old,
        "ListVersionsByFunction": lambda params: pages[params.get("Marker")],
    }
    item = observe(Answers(answers))
    assert item.state.alias.number == "6"
    assert item.state.published.number == "10", "the newest of the same content, as a number"
    assert item.state.published.pending


def test_versions_are_not_listed_while_the_function_is_busy() -> None:
    aws = Answers({"GetFunction": function(State="Pending"), "GetFunctionConfiguration": NO_ALIAS})
    item = observe(aws)
    assert item.state.alias is None
    assert item.attributes == {}


def test_provisioned_concurrency_is_read_where_it_is_managed() -> None:
    none = refused("GetProvisionedConcurrencyConfig", "ProvisionedConcurrencyConfigNotFoundException", absent=True)
    answers = {"GetFunction": function(), "GetFunctionConfiguration": body("7")}
    managed = replace(WANTED, desired=replace(DESIRED, provisioned_concurrency=5))
    assert observe(Answers({**answers, "GetProvisionedConcurrencyConfig": none}), managed).state.provisioned is None
    there = {"RequestedProvisionedConcurrentExecutions": 5, "Status": "FAILED", "StatusReason": "why"}
    read = Answers({**answers, "GetProvisionedConcurrencyConfig": there})
    assert observe(read, managed).state.provisioned == Provisioned(5, "FAILED", "why")
    assert observe(Answers(answers), replace(managed, deep=False), exact=False).state.provisioned is UNREAD
    left = replace(WANTED, words={"set": "provisionedConcurrency"})
    assert observe(Answers({**answers, "GetProvisionedConcurrencyConfig": there}), left).state.provisioned is not None


def test_of_one_that_leaves_only_the_function_is_read() -> None:
    aws = Answers({"GetFunction": function()})
    item = observe(aws, Wanted(KEY, NAME, id=NAME, arn=ARN))
    assert (item.id, aws.names) == (NAME, ["GetFunction"])


def test_one_that_others_made_is_called_as_it_was_given() -> None:
    given = f"{ARN}:their-alias"
    aws = Answers({"GetFunction": {**function(), "Configuration": body("4", FunctionArn=given)}})
    item = observe(aws, Wanted(KEY, given, arn=given))
    assert aws.calls == [("GetFunction", {"FunctionName": given})]
    assert (item.id, item.arn, item.attributes) == (given, given, {"alias_arn": given})
    left = observe(aws, Wanted(KEY, given, id="acme-lookup", arn=given))
    assert (left.arn, left.attributes) == (given, {"alias_arn": given}), "it was ours before the spec said external"
    by_name = observe(Answers({"GetFunction": function()}), Wanted(KEY, NAME))
    assert (by_name.aws_name, by_name.arn, by_name.attributes) == (NAME, ARN, {"alias_arn": ARN})


def test_tags_that_may_not_be_read_do_not_make_a_function_ours() -> None:
    denied = {"TagsError": {"ErrorCode": "AccessDeniedException", "Message": ""}}
    answers = {"GetFunction": {"Configuration": body(), **denied}, "GetFunctionConfiguration": body("7")}
    assert observe(Answers(answers)).tags is None
    assert observe(Answers(answers), replace(WANTED, id="")).tags == {}


def test_absent_is_absent_and_a_refusal_is_told() -> None:
    gone = refused("GetFunction", "ResourceNotFoundException", absent=True)
    assert observe(Answers({"GetFunction": gone})) is None
    denied = refused("GetFunction", "AccessDeniedException")
    with pytest.raises(type(denied)):
        observe(Answers({"GetFunction": denied}))


def test_what_fails_to_start_says_so() -> None:
    failed = function(
        LastUpdateStatus="Failed", LastUpdateStatusReason="why", LastUpdateStatusReasonCode="InvalidSubnet"
    )
    state = observe(Answers({"GetFunction": failed, "GetFunctionConfiguration": body("7")})).state
    assert state.latest.failed
    assert (state.latest.reason, state.latest.reason_code) == ("why", "InvalidSubnet")
    assert state.latest.modified == pytest.approx(1795176000.0)
