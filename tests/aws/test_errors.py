"""The error table, and what the SDK's exceptions become."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore import exceptions as sdk

from trunkline.aws.errors import COMMON, TABLE, Mark, Rule, classify
from trunkline.aws.refusal import refused
from trunkline.engine.outcome import CallRefusedError, Outcome

RETRY, BLOCKED, REJECTED = Outcome.RETRY, Outcome.BLOCKED, Outcome.REJECTED
NOTHING = Mark.NONE


@pytest.mark.parametrize(
    ("service", "operation", "code", "message", "status", "outcome", "marks"),
    [
        # Connect: quota and throttling are both HTTP 429.
        pytest.param("connect", "CreateQueue", "LimitExceededException", "", 429, BLOCKED, NOTHING, id="a full quota"),
        pytest.param("connect", "CreateQueue", "ThrottlingException", "", 429, RETRY, Mark.THROTTLED, id="throttled"),
        pytest.param("connect", "StartChatContact", "TooManyRequestsException", "", 429, RETRY, Mark.THROTTLED, id="throttled by another name"),
        pytest.param("connect", "CreateInstance", "ServiceQuotaExceededException", "", 402, BLOCKED, NOTHING, id="too many instances"),
        pytest.param("connect", "CreateQueue", "DuplicateResourceException", "", 409, BLOCKED, Mark.DUPLICATE, id="the name is taken"),
        pytest.param("connect", "AssociateApprovedOrigin", "ResourceConflictException", "", 409, BLOCKED, Mark.DUPLICATE, id="already associated"),
        pytest.param("connect", "DeleteQueue", "ResourceConflictException", "", 409, RETRY, NOTHING, id="a conflict that passes"),
        pytest.param("connect", "DeleteHoursOfOperation", "ResourceInUseException", "", 409, BLOCKED, Mark.IN_USE, id="held by something"),
        pytest.param("connect", "CreateUser", "ResourceInUseException", "", 409, BLOCKED, Mark.DUPLICATE, id="in use means the name is taken"),
        pytest.param("connect", "DescribeQueue", "ResourceNotFoundException", "", 404, BLOCKED, Mark.ABSENT | Mark.MAYBE_YOUNG, id="absent"),
        pytest.param("connect", "CreateQueue", "InvalidRequestException", "", 400, REJECTED, Mark.MAYBE_YOUNG, id="perhaps too young"),
        pytest.param("connect", "CreateQueue", "InternalServiceException", "", 500, RETRY, Mark.UNKNOWN_EFFECT, id="Connect failed"),
        pytest.param("connect", "UpdateQueueName", "AccessDeniedException", "", 403, BLOCKED, NOTHING, id="no permission"),
        pytest.param("connect", "ListQueues", "InvalidSignatureException", "Signature expired: 20261121T080000Z is now earlier than 20261121T080100Z (20261121T080600Z - 5 min.)", 403, RETRY, NOTHING, id="signed before the process stood still"),
        pytest.param("iam", "GetRole", "SignatureDoesNotMatch", "Signature not yet current: 20261121T081000Z is still later than 20261121T080500Z", 403, RETRY, NOTHING, id="a clock that is ahead"),
        pytest.param("connect", "ListQueues", "InvalidSignatureException", "The request signature we calculated does not match", 403, BLOCKED, NOTHING, id="a wrong key"),
        pytest.param("connect", "CreateQueue", "NotImplementedInSandbox", "", 501, BLOCKED, NOTHING, id="the sandbox cannot"),
        # Lambda: one code for everything, the message decides.
        pytest.param("lambda", "CreateFunction", "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.", 400, RETRY, Mark.MAYBE_YOUNG, id="role not seen yet"),
        pytest.param("lambda", "CreateFunction", "InvalidParameterValueException", "The provided execution role does not have permissions to call CreateNetworkInterface on EC2", 400, RETRY, Mark.MAYBE_YOUNG, id="role's policies not seen yet"),
        pytest.param("lambda", "PutFunctionConcurrency", "InvalidParameterValueException", "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].", 400, BLOCKED, NOTHING, id="the account's concurrency is used up"),
        pytest.param("lambda", "CreateFunction", "InvalidParameterValueException", "Error occurred while GetObject. S3 Error Code: NoSuchKey.", 400, BLOCKED, Mark.MAYBE_YOUNG, id="no such zip in S3"),
        pytest.param("lambda", "CreateFunction", "InvalidParameterValueException", "Unzipped size must be smaller than 262144000 bytes", 400, REJECTED, Mark.MAYBE_YOUNG, id="it cannot work"),
        pytest.param("lambda", "UpdateFunctionCode", "ResourceConflictException", "The operation cannot be performed at this time. An update is in progress for resource: arn", 409, RETRY, NOTHING, id="an update is under way"),
        pytest.param("lambda", "CreateFunction", "ResourceConflictException", "Function already exist: x", 409, BLOCKED, Mark.DUPLICATE, id="the function exists"),
        pytest.param("lambda", "AddPermission", "ResourceConflictException", "The statement id (x) provided already exists. Please provide a new statement id, or remove the existing statement.", 409, BLOCKED, Mark.DUPLICATE, id="the statement exists"),
        pytest.param("lambda", "GetFunction", "TooManyRequestsException", "Rate exceeded", 429, RETRY, Mark.THROTTLED, id="Lambda throttles"),
        pytest.param("lambda", "CreateFunction", "KMSAccessDeniedException", "", 502, BLOCKED, Mark.MAYBE_YOUNG, id="a 502 that is ours"),
        pytest.param("lambda", "CreateFunction", "ServiceException", "", 500, RETRY, Mark.UNKNOWN_EFFECT, id="Lambda failed"),
        # DynamoDB: one code for "at once", "today" and "in all".
        pytest.param("dynamodb", "CreateTable", "LimitExceededException", "Subscriber limit exceeded: Only 500 tables can be created, updated, or deleted simultaneously", 400, RETRY, NOTHING, id="too many at once"),
        pytest.param("dynamodb", "UpdateTable", "LimitExceededException", "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day.", 400, BLOCKED, NOTHING, id="no more decreases today"),
        pytest.param("dynamodb", "CreateTable", "LimitExceededException", "Subscriber limit exceeded: There is a limit of 2500 tables per subscriber", 400, BLOCKED, NOTHING, id="too many tables"),
        pytest.param("dynamodb", "CreateTable", "ResourceInUseException", "Table already exists: x", 400, BLOCKED, Mark.DUPLICATE, id="the table exists"),
        pytest.param("dynamodb", "UpdateTable", "ResourceInUseException", "Attempt to change a resource which is still in use", 400, RETRY, Mark.IN_USE, id="the table is being changed"),
        pytest.param("dynamodb", "UpdateTimeToLive", "ValidationException", "Time to live has been modified multiple times within a fixed interval", 400, BLOCKED, NOTHING, id="TTL once an hour"),
        pytest.param("dynamodb", "UpdateTable", "ValidationException", "Table is already a stream: already enabled", 400, RETRY, NOTHING, id="it is so already"),
        pytest.param("dynamodb", "CreateTable", "ValidationException", "One or more parameter values were invalid", 400, REJECTED, Mark.MAYBE_YOUNG, id="nonsense"),
        pytest.param("dynamodb", "DescribeTable", "ThrottlingException", "", 400, RETRY, Mark.THROTTLED, id="throttled with 400"),
        # Application Auto Scaling and Service Quotas
        pytest.param("application-autoscaling", "PutScalingPolicy", "ObjectNotFoundException", "No scalable target found", 400, BLOCKED, Mark.ABSENT | Mark.MAYBE_YOUNG, id="not registered yet"),
        pytest.param("application-autoscaling", "RegisterScalableTarget", "ConcurrentUpdateException", "", 400, RETRY, NOTHING, id="an update is pending"),
        pytest.param("application-autoscaling", "RegisterScalableTarget", "ValidationException", "DynamoDB table does not exist: table/x", 400, BLOCKED, Mark.MAYBE_YOUNG, id="nothing to scale yet"),
        pytest.param("application-autoscaling", "PutScalingPolicy", "ValidationException", "Only one TargetTrackingScaling policy for a given metric specification is allowed.", 400, BLOCKED, Mark.DUPLICATE, id="somebody tracks that metric"),
        pytest.param("application-autoscaling", "PutScalingPolicy", "FailedResourceAccessException", "", 400, BLOCKED, NOTHING, id="alarms out of reach"),
        pytest.param("application-autoscaling", "PutScheduledAction", "LimitExceededException", "", 400, BLOCKED, NOTHING, id="200 scheduled actions"),
        pytest.param("service-quotas", "RequestServiceQuotaIncrease", "ResourceAlreadyExistsException", "", 400, BLOCKED, Mark.DUPLICATE, id="asked for already"),
        # IAM and the rest
        pytest.param("iam", "GetRole", "NoSuchEntity", "", 404, BLOCKED, Mark.ABSENT | Mark.MAYBE_YOUNG, id="no role"),
        pytest.param("iam", "CreateRole", "EntityAlreadyExists", "", 409, BLOCKED, Mark.DUPLICATE, id="the role exists"),
        pytest.param("iam", "DeleteRole", "DeleteConflict", "", 409, BLOCKED, Mark.IN_USE, id="the role has policies"),
        pytest.param("iam", "GetRole", "Throttling", "Rate exceeded", 400, RETRY, Mark.THROTTLED, id="IAM throttles"),
        pytest.param("iam", "CreateRole", "LimitExceeded", "", 409, BLOCKED, NOTHING, id="too many roles"),
        pytest.param("logs", "CreateLogGroup", "ResourceAlreadyExistsException", "", 400, BLOCKED, Mark.DUPLICATE, id="the log group exists"),
        pytest.param("logs", "PutRetentionPolicy", "OperationAbortedException", "", 400, RETRY, NOTHING, id="two changes at once"),
        pytest.param("sts", "AssumeRole", "AccessDenied", "", 403, BLOCKED, NOTHING, id="may not be assumed"),
        pytest.param("resourcegroupstaggingapi", "GetResources", "ThrottledException", "", 400, RETRY, Mark.THROTTLED, id="the tagging API throttles"),
        pytest.param("s3", "HeadObject", "404", "Not Found", 404, BLOCKED, Mark.ABSENT, id="HEAD has no code"),
        pytest.param("s3", "GetObject", "SlowDown", "", 503, RETRY, Mark.THROTTLED, id="S3 throttles with 503"),
        # Whatever the service
        pytest.param("connect", "CreateQueue", "ExpiredTokenException", "", 403, RETRY, Mark.EXPIRED, id="credentials expired"),
        pytest.param("connect", "CreateQueue", "UnrecognizedClientException", "", 403, BLOCKED, NOTHING, id="credentials unknown"),
        pytest.param("connect", "CreateQueue", "BrandNewException", "", 400, BLOCKED, NOTHING, id="an unknown code is blocked"),
        pytest.param("connect", "CreateQueue", "BrandNewException", "", 503, RETRY, Mark.UNKNOWN_EFFECT, id="unless the service failed"),
        pytest.param("made-up", "DoThing", "ThrottlingException", "", 400, RETRY, Mark.THROTTLED, id="an unknown service throttles"),
    ],
)  # fmt: skip
def test_table(
    service: str, operation: str, code: str, message: str, status: int, outcome: Outcome, marks: Mark
) -> None:
    assert classify(service, operation, code, message, status) == (outcome, marks)


# Families of operations that drivers use or will; codes of others (contacts, evaluations, ...) may stay unknown.
USED = {
    "connect": ("Instance", "Queue", "Hours", "RoutingProfile", "ContactFlow", "Prompt", "QuickConnect", "SecurityProfile", "LambdaFunction", "ApprovedOrigin", "PhoneNumber", "User", "TagResource", "View"),
    "lambda": ("Function", "Alias", "Version", "Permission", "Policy", "Concurrency", "EventSourceMapping", "Tag"),
    "dynamodb": ("DescribeTable", "CreateTable", "UpdateTable", "DeleteTable", "TimeToLive", "UpdateContinuousBackups", "DescribeContinuousBackups", "ListTags", "TagResource"),
    "iam": ("CreateRole", "UpdateRole", "DeleteRole", "GetRole", "RolePolic", "TagRole", "AssumeRolePolicy", "PermissionsBoundary"),
    "logs": ("LogGroup", "RetentionPolicy", "ListTags", "TagResource"),
    "sts": ("GetCallerIdentity", "AssumeRole"),
    "resourcegroupstaggingapi": ("GetResources", "TagResources", "UntagResources"),
    "s3": ("HeadBucket", "HeadObject", "GetObject", "ListObjects"),
}  # fmt: skip
# Answers of Invoke, ReplicateInstance and the like, which nothing here calls.
BEYOND = {
    "connect": {"PropertyValidationException", "MaximumResultReturnedException", "UserNotFoundException"},
    "lambda": set[str](),
    "s3": {"InvalidObjectState", "AnnotationLimitExceeded", "NoSuchAnnotation"},
    "iam": {"ServiceAccessNotEnabledException"},
}


@pytest.mark.parametrize("service", sorted(USED))
def test_every_code_that_the_models_name_for_what_is_used_has_a_rule(service: str) -> None:
    model = botocore.session.get_session().get_service_model(service)
    known = {rule.code for rule in (*TABLE[service], *COMMON)}
    unknown: dict[str, str] = {}
    for operation in model.operation_names:
        if any(word in operation for word in USED[service]) and not operation.startswith("Invoke"):
            for shape in model.operation_model(operation).error_shapes:
                code = shape.metadata.get("error", {}).get("code", shape.name)
                if code not in known | BEYOND.get(service, set()):
                    unknown[code] = operation
    assert not unknown


@pytest.mark.parametrize("service", [*sorted(TABLE), "common"])
def test_no_rule_is_hidden_behind_one_that_always_fits(service: str) -> None:
    settled: set[str] = set()
    for rule in TABLE.get(service, COMMON):
        assert rule.code not in settled, f"{rule} can never be reached"
        if rule.operation == "*" and not rule.text:
            settled.add(rule.code)


def test_a_rule_with_a_text_falls_back_to_one_without() -> None:
    for service, rules in TABLE.items():
        for rule in rules:
            if rule.text:
                assert any(other.code == rule.code and not other.text for other in (*rules, *COMMON)), (service, rule)
    assert isinstance(rules[0], Rule)


def client_error(code: str, message: str = "", status: int = 400, **members: Any) -> sdk.ClientError:
    return sdk.ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"RequestId": "r-1", "HTTPStatusCode": status},
            **members,
        },
        "CreateQueue",
    )


def refuse(error: Exception, *, mutating: bool = True, secrets: tuple[str, ...] = ()) -> CallRefusedError:
    return refused(error, "connect", "CreateQueue", mutating=mutating, secrets=secrets)[0]


class TestExceptions:
    def test_what_aws_said_is_kept(self) -> None:
        error = refuse(client_error("DuplicateResourceException", "name is taken", 409))
        assert error.duplicate
        assert error.refusal.request_id == "r-1"
        assert str(error) == "CreateQueue: DuplicateResourceException: name is taken"

    @pytest.mark.parametrize(
        ("error", "outcome", "unknown_effect"),
        [
            pytest.param(sdk.ReadTimeoutError(endpoint_url="u"), RETRY, True, id="the answer did not come"),
            pytest.param(sdk.ConnectionClosedError(endpoint_url="u"), RETRY, True, id="the connection broke"),
            pytest.param(ConnectionResetError(), RETRY, True, id="reset"),
            pytest.param(sdk.ConnectTimeoutError(endpoint_url="u"), RETRY, False, id="never connected"),
            pytest.param(sdk.EndpointConnectionError(endpoint_url="u"), RETRY, False, id="nobody there"),
            pytest.param(client_error("InternalServiceException", status=500), RETRY, True, id="the service failed"),
            pytest.param(client_error("ThrottlingException", status=429), RETRY, False, id="a throttle has no effect"),
            pytest.param(sdk.NoCredentialsError(), BLOCKED, False, id="no credentials"),
            pytest.param(sdk.ParamValidationError(report="x"), REJECTED, False, id="wrong params"),
            pytest.param(RuntimeError("unreadable"), BLOCKED, True, id="something else"),
        ],
    )
    def test_what_a_lost_answer_leaves_open(self, error: Exception, outcome: Outcome, unknown_effect: bool) -> None:
        found = refuse(error)
        assert (found.refusal.outcome, found.unknown_effect) == (outcome, unknown_effect)
        assert not refuse(error, mutating=False).unknown_effect, "a read has no effect"

    def test_a_flows_problems_are_told(self) -> None:
        error = refuse(
            client_error(
                "InvalidContactFlowException", problems=[{"message": "no error branch"}, {"message": "no end"}]
            )
        )
        assert error.refusal.message == "no error branch; no end"  # fmt: skip

    def test_what_holds_a_resource_is_told(self) -> None:
        error = refuse(client_error("ResourceInUseException", "in use", 409, ResourceType="USER", ResourceId="u-1"))
        assert "held by USER u-1" in error.refusal.message
