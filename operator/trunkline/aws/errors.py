"""The one table of AWS errors: (service, operation, code, message) to an outcome and what it says about the resource.

Rules are tried from the most special to the most general, the first that fits decides; a code that no rule knows is
*blocked*: it is shown, and tried again slowly. Pure, and knows no SDK: `refusal.py` reads its exceptions.

Sources: botocore's service models (codes, HTTP status, their documentation); "Common errors" of each API reference;
messages as reported in hashicorp/terraform-provider-aws (lambda function: errors retried while IAM propagates).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Flag, auto
from fnmatch import fnmatchcase

from trunkline.engine.outcome import Outcome

RETRY, BLOCKED, REJECTED = Outcome.RETRY, Outcome.BLOCKED, Outcome.REJECTED


class Mark(Flag):
    """What a refusal says beyond its outcome; the names are those of `CallRefusedError`."""

    NONE = 0
    ABSENT = auto()
    DUPLICATE = auto()
    IN_USE = auto()
    THROTTLED = auto()
    UNKNOWN_EFFECT = auto()  # of mutating calls only
    MAYBE_YOUNG = auto()
    EXPIRED = auto()  # credentials: the gate renews them and calls again


NONE, ABSENT, DUPLICATE, IN_USE = Mark.NONE, Mark.ABSENT, Mark.DUPLICATE, Mark.IN_USE
THROTTLED, UNKNOWN, YOUNG, EXPIRED = Mark.THROTTLED, Mark.UNKNOWN_EFFECT, Mark.MAYBE_YOUNG, Mark.EXPIRED


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table. operation: a pattern as of a shell; text: an expression searched in the message."""

    code: str
    outcome: Outcome
    marks: Mark = NONE
    operation: str = "*"
    text: str = ""

    def fits(self, operation: str, code: str, message: str) -> bool:
        return (
            self.code == code
            and fnmatchcase(operation, self.operation)
            and (not self.text or re.search(self.text, message, re.IGNORECASE) is not None)
        )


CONNECT = (
    # Associating once more what is associated: the name for "it is there already".
    Rule("ResourceConflictException", BLOCKED, DUPLICATE, "Associate*"),
    Rule("ResourceConflictException", BLOCKED, DUPLICATE, "Create*"),
    Rule("ResourceConflictException", RETRY),
    Rule("DuplicateResourceException", BLOCKED, DUPLICATE),
    Rule("IdempotencyException", BLOCKED, DUPLICATE),  # the token made something already, with other parameters
    Rule("ResourceInUseException", BLOCKED, DUPLICATE, "Create*"),  # "add a record with the same name"
    Rule("ResourceInUseException", BLOCKED, IN_USE),
    Rule("ConflictException", RETRY),
    Rule("ConditionalOperationFailedException", RETRY),  # changed since it was read: read and plan again
    Rule("ResourceNotReadyException", RETRY),
    Rule("LimitExceededException", BLOCKED),  # a quota is full; HTTP 429 all the same
    Rule("ServiceQuotaExceededException", BLOCKED),  # HTTP 402
    Rule("TooManyRequestsException", RETRY, THROTTLED),
    Rule("InvalidActiveRegionException", BLOCKED),
    Rule("ContactFlowNotPublishedException", BLOCKED),
    Rule("DestinationNotAllowedException", BLOCKED),
    Rule("ResourceNotFoundException", BLOCKED, ABSENT | YOUNG),
    Rule("InvalidRequestException", REJECTED, YOUNG),
    Rule("InvalidParameterException", REJECTED, YOUNG),
    Rule("PropertyValidationException", REJECTED),
    # A flow names queues, functions and flows that may be seconds old.
    Rule("InvalidContactFlowException", REJECTED, YOUNG),
    Rule("InvalidContactFlowModuleException", REJECTED, YOUNG),
    Rule("InternalServiceException", RETRY, UNKNOWN),
)

LAMBDA = (
    # IAM has made the role but Lambda does not see it yet, or its policies.
    Rule("InvalidParameterValueException", RETRY, YOUNG, text=r"cannot be assumed by lambda"),
    Rule("InvalidParameterValueException", RETRY, YOUNG, text=r"role .*(does not exist|is not valid|not authorized)"),
    Rule("InvalidParameterValueException", RETRY, YOUNG, text=r"execution role does not have permissions"),
    Rule("InvalidParameterValueException", RETRY, YOUNG, text=r"KMS key is invalid for CreateGrant"),
    Rule(
        "InvalidParameterValueException", RETRY, YOUNG, text=r"(access denied|not authorized).*(ec2|network interface)"
    ),
    Rule("InvalidParameterValueException", BLOCKED, text=r"UnreservedConcurrentExecution below its minimum"),
    Rule("InvalidParameterValueException", BLOCKED, YOUNG, text=r"(NoSuchKey|NoSuchBucket|getting the object from S3)"),
    Rule("InvalidParameterValueException", REJECTED, YOUNG),
    # The statement id is taken.
    Rule("ResourceConflictException", BLOCKED, DUPLICATE, "AddPermission"),
    # An update is in progress, or the function is still Pending: one mutation at a time.
    Rule(
        "ResourceConflictException",
        RETRY,
        text=r"in progress|pending|currently in the following state|being (created|updated)",
    ),
    Rule("ResourceConflictException", BLOCKED, DUPLICATE, "Create*"),
    Rule("ResourceConflictException", RETRY),
    Rule("ResourceInUseException", RETRY, IN_USE),
    Rule("ResourceNotFoundException", BLOCKED, ABSENT | YOUNG),
    Rule("ProvisionedConcurrencyConfigNotFoundException", BLOCKED, ABSENT | YOUNG),
    Rule("CodeSigningConfigNotFoundException", BLOCKED, ABSENT | YOUNG),
    Rule("PreconditionFailedException", RETRY),  # the revision changed since it was read: read and plan again
    Rule("TooManyRequestsException", RETRY, THROTTLED),
    Rule("CodeStorageExceededException", BLOCKED),
    Rule("AliasLimitExceededException", BLOCKED),
    Rule("FunctionVersionsPerCapacityProviderLimitExceededException", BLOCKED),
    Rule("PolicyLengthExceededException", BLOCKED),
    Rule("ServiceQuotaExceededException", BLOCKED),
    Rule("RequestEntityTooLargeException", REJECTED),
    Rule("RequestTooLargeException", REJECTED),
    Rule("PublicPolicyException", BLOCKED),
    Rule("InvalidCodeSignatureException", REJECTED),
    Rule("CodeVerificationFailedException", REJECTED),
    Rule("InvalidZipFileException", REJECTED),
    Rule("InvalidRuntimeException", REJECTED),
    # These come as HTTP 502 and are no failure of Lambda.
    Rule("KMSAccessDeniedException", BLOCKED, YOUNG),
    Rule("KMSDisabledException", BLOCKED),
    Rule("KMSInvalidStateException", BLOCKED),
    Rule("KMSNotFoundException", BLOCKED, YOUNG),
    Rule("InvalidSecurityGroupIDException", REJECTED, YOUNG),
    Rule("InvalidSubnetIDException", REJECTED, YOUNG),
    Rule("SubnetIPAddressLimitReachedException", BLOCKED),
    Rule("ENILimitReachedException", BLOCKED),
    Rule("ServiceException", RETRY, UNKNOWN),
)

DYNAMODB = (
    # The same code for "too many at once", "too often today" and "too many tables".
    Rule("LimitExceededException", RETRY, text=r"simultaneously|concurrent|at the same time|in the CREATING, UPDATING"),
    Rule("LimitExceededException", BLOCKED, text=r"decreas|per day|UTC day|24 hours|table class|30 days"),
    Rule(
        "LimitExceededException",
        BLOCKED,
        text=r"limit of \d+ tables|maximum number of|table(s)? per (account|region)|quota",
    ),
    Rule("LimitExceededException", RETRY),
    Rule("ResourceInUseException", BLOCKED, DUPLICATE, "CreateTable"),
    Rule("ResourceInUseException", RETRY, IN_USE),
    Rule("TableAlreadyExistsException", BLOCKED, DUPLICATE),
    Rule("TableInUseException", RETRY, IN_USE),
    Rule("ResourceNotFoundException", BLOCKED, ABSENT | YOUNG),
    Rule("TableNotFoundException", BLOCKED, ABSENT | YOUNG),
    Rule("PolicyNotFoundException", BLOCKED, ABSENT),
    Rule("ContinuousBackupsUnavailableException", RETRY),  # not yet enabled on a table just made
    # Once an hour for TTL, a few times a day for the billing mode: not wrong, only too early.
    Rule("ValidationException", BLOCKED, text=r"modified multiple times within a fixed interval"),
    Rule("ValidationException", BLOCKED, text=r"billing mode.*(24|once|per day|limit)|switch.*(24|once|per day)"),
    Rule("ValidationException", BLOCKED, text=r"(deletion protection|protected against deletion)"),
    # Nothing to change: the observation it was planned from was old.
    Rule(
        "ValidationException",
        RETRY,
        text=r"already (enabled|disabled)|(will|must) not change|same as the current|has a stream",
    ),
    Rule("ValidationException", REJECTED, YOUNG),
    Rule("LimitExceeded", BLOCKED),
    Rule("RequestLimitExceeded", RETRY, THROTTLED),
    Rule("ProvisionedThroughputExceededException", RETRY, THROTTLED),
    Rule("InternalServerError", RETRY, UNKNOWN),
)

IAM = (
    Rule("NoSuchEntity", BLOCKED, ABSENT | YOUNG),
    Rule("EntityAlreadyExists", BLOCKED, DUPLICATE),
    Rule("DeleteConflict", BLOCKED, IN_USE),
    Rule("LimitExceeded", BLOCKED),
    Rule("ConcurrentModification", RETRY),
    Rule("EntityTemporarilyUnmodifiable", RETRY),
    Rule("UnmodifiableEntity", BLOCKED),
    Rule("MalformedPolicyDocument", REJECTED, YOUNG),  # names a principal that IAM does not know yet
    Rule("InvalidInput", REJECTED),
    Rule("PolicyNotAttachable", REJECTED),
    Rule("ServiceFailure", RETRY, UNKNOWN),
)

LOGS = (
    Rule("ResourceAlreadyExistsException", BLOCKED, DUPLICATE),
    Rule("ResourceNotFoundException", BLOCKED, ABSENT | YOUNG),
    Rule("OperationAbortedException", RETRY),  # two changes of one log group at once
    Rule("LimitExceededException", BLOCKED),
    Rule("InvalidParameterException", REJECTED, YOUNG),
    Rule("InvalidOperationException", REJECTED),
    Rule("ConflictException", RETRY),
    Rule("TooManyTagsException", REJECTED),
    Rule("ServiceUnavailableException", RETRY, UNKNOWN),
)

STS = (
    Rule("RegionDisabledException", BLOCKED),
    Rule("MalformedPolicyDocument", REJECTED),
    Rule("PackedPolicyTooLarge", REJECTED),
    Rule("InvalidIdentityToken", BLOCKED),
    Rule("IDPRejectedClaim", BLOCKED),
    Rule("IDPCommunicationError", RETRY),
)

TAGGING = (
    Rule("ThrottledException", RETRY, THROTTLED),
    Rule("PaginationTokenExpiredException", RETRY),
    Rule("ConstraintViolationException", BLOCKED),
    Rule("ConcurrentModificationException", RETRY),
    Rule("InvalidParameterException", REJECTED),
    Rule("InternalServiceException", RETRY, UNKNOWN),
)

S3 = (
    Rule("NoSuchBucket", BLOCKED, ABSENT),
    Rule("NoSuchKey", BLOCKED, ABSENT),
    Rule("404", BLOCKED, ABSENT),  # HEAD has no body to say more
    Rule("403", BLOCKED),
    Rule("301", REJECTED),  # the bucket is in another Region
    Rule("PermanentRedirect", REJECTED),
    Rule("BucketAlreadyOwnedByYou", BLOCKED, DUPLICATE),
    Rule("BucketAlreadyExists", BLOCKED, DUPLICATE),
    Rule("BucketNotEmpty", BLOCKED, IN_USE),
    Rule("OperationAborted", RETRY),
    Rule("SlowDown", RETRY, THROTTLED),
    Rule("InternalError", RETRY, UNKNOWN),
)

# The query protocol's codes leave "Fault" and "Exception" away where the model says so.
_ELASTICACHE_ABSENT = (
    "ReplicationGroupNotFoundFault",
    "CacheClusterNotFound",
    "CacheSubnetGroupNotFoundFault",
    "CacheParameterGroupNotFound",
    "ServerlessCacheNotFoundFault",
    "UserGroupNotFound",
    "UserNotFound",
    "SnapshotNotFoundFault",
    "ServerlessCacheSnapshotNotFoundFault",
)
_ELASTICACHE_DUPLICATE = (
    "ReplicationGroupAlreadyExists",
    "CacheSubnetGroupAlreadyExists",
    "CacheParameterGroupAlreadyExists",
    "ServerlessCacheAlreadyExistsFault",
)
_ELASTICACHE_BUSY = (
    "InvalidReplicationGroupState",
    "InvalidCacheClusterState",
    "InvalidServerlessCacheStateFault",
    "InvalidUserGroupState",
    "InvalidServerlessCacheSnapshotStateFault",
    "InvalidSnapshotState",
)
_ELASTICACHE_FULL = (
    "NodeQuotaForCustomerExceeded",
    "NodeQuotaForClusterExceeded",
    "ClusterQuotaForCustomerExceeded",
    "NodeGroupsPerReplicationGroupQuotaExceeded",
    "CacheSubnetGroupQuotaExceeded",
    "CacheSubnetQuotaExceededFault",
    "CacheParameterGroupQuotaExceeded",
    "ServerlessCacheQuotaForCustomerExceededFault",
    "TagQuotaPerResourceExceeded",
    "SnapshotQuotaExceededFault",
    "InsufficientCacheClusterCapacity",
    "NoOperationFault",
)

ELASTICACHE = (
    *(Rule(code, BLOCKED, ABSENT | YOUNG) for code in _ELASTICACHE_ABSENT),
    *(Rule(code, BLOCKED, DUPLICATE) for code in _ELASTICACHE_DUPLICATE),
    # A parameter group that something uses; the same code while it is being changed.
    Rule("InvalidCacheParameterGroupState", RETRY, IN_USE),
    Rule("CacheSubnetGroupInUse", BLOCKED, IN_USE),
    Rule("SubnetInUse", BLOCKED, IN_USE),
    *(Rule(code, RETRY) for code in _ELASTICACHE_BUSY),
    *(Rule(code, BLOCKED) for code in _ELASTICACHE_FULL),
    Rule("TagNotFound", RETRY),  # taken away meanwhile: read and plan again
    Rule("InvalidARN", REJECTED),
    Rule("InvalidSubnet", REJECTED, YOUNG),
    Rule("InvalidVPCNetworkStateFault", BLOCKED),
    Rule("InvalidKMSKeyFault", BLOCKED, YOUNG),
    Rule("InvalidCredentialsException", BLOCKED),
    Rule("ServiceLinkedRoleNotFoundFault", RETRY),
    Rule("InvalidParameterValue", REJECTED, YOUNG),
    Rule("InvalidParameterCombination", REJECTED, YOUNG),
    Rule("Throttling", RETRY, THROTTLED),
)

SECRETS_MANAGER = (
    Rule("ResourceNotFoundException", BLOCKED, ABSENT | YOUNG),
    # The version's token was used for another value: that write has taken effect, or somebody's has.
    Rule("ResourceExistsException", RETRY, operation="PutSecretValue"),
    Rule("ResourceExistsException", BLOCKED, DUPLICATE),
    # The name waits for its deletion: it is there, and is restored.
    Rule("InvalidRequestException", BLOCKED, DUPLICATE, "CreateSecret", text=r"scheduled for deletion|marked"),
    Rule("InvalidRequestException", BLOCKED, ABSENT, "DeleteSecret", text=r"marked for deletion"),
    Rule("InvalidRequestException", RETRY, text=r"marked for deletion"),
    Rule("InvalidRequestException", REJECTED),
    Rule("InvalidParameterException", REJECTED),
    Rule("MalformedPolicyDocumentException", REJECTED),
    Rule("PreconditionNotMetException", REJECTED),
    Rule("EncryptionFailure", BLOCKED, YOUNG),
    Rule("DecryptionFailure", BLOCKED, YOUNG),
    Rule("LimitExceededException", BLOCKED),
    Rule("InternalServiceError", RETRY, UNKNOWN),
)

CLOUDWATCH = (
    Rule("InvalidNextToken", RETRY),
    Rule("InternalServiceFault", RETRY, UNKNOWN),
)

APPLICATION_AUTO_SCALING = (
    Rule("ObjectNotFoundException", BLOCKED, ABSENT | YOUNG),
    Rule("ResourceNotFoundException", BLOCKED, ABSENT | YOUNG),
    Rule("ConcurrentUpdateException", RETRY),  # the resource has an update pending
    # CloudWatch's alarms are out of its reach: rights of the role, or of ours.
    Rule("FailedResourceAccessException", BLOCKED),
    Rule("LimitExceededException", BLOCKED),
    Rule("InvalidNextTokenException", RETRY),
    Rule("TooManyTagsException", REJECTED),
    # A new target comes with tags, and so is refused if it is there already.
    Rule("ValidationException", BLOCKED, DUPLICATE, "RegisterScalableTarget", text=r"Tags can only be given"),
    # The table or alias that is to be scaled may be seconds old.
    Rule("ValidationException", BLOCKED, YOUNG, text=r"does not exist"),
    # Another policy has the metric, which only one may have.
    Rule("ValidationException", BLOCKED, DUPLICATE, "PutScalingPolicy", text=r"Only one TargetTrackingScaling policy"),
    Rule("ValidationException", REJECTED, YOUNG),
    Rule("InternalServiceException", RETRY, UNKNOWN),
)

SERVICE_QUOTAS = (
    Rule("NoSuchResourceException", BLOCKED, ABSENT),
    # A request for the quota is open already.
    Rule("ResourceAlreadyExistsException", BLOCKED, DUPLICATE),
    Rule("DependencyAccessDeniedException", BLOCKED),
    Rule("QuotaExceededException", BLOCKED),
    Rule("IllegalArgumentException", REJECTED),
    Rule("InvalidResourceStateException", BLOCKED),
    Rule("InvalidPaginationTokenException", RETRY),
    Rule("ServiceException", RETRY, UNKNOWN),
)

# Whatever the service. https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and its likes.
COMMON = (
    *(Rule(code, RETRY, THROTTLED) for code in ("ThrottlingException", "Throttling", "ThrottledException", "RequestThrottled", "RequestThrottledException", "TooManyRequestsException", "RequestLimitExceeded", "BandwidthLimitExceeded", "SlowDown", "PriorRequestNotComplete")),
    *(Rule(code, BLOCKED) for code in ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "NotAuthorized", "OptInRequired", "SubscriptionRequiredException")),
    *(Rule(code, RETRY, EXPIRED) for code in ("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired")),
    # Signed with a clock that is off, or before the process stood still: the next one may fit.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html
    *(Rule(code, RETRY, text=r"signature (expired|not yet current)") for code in ("SignatureDoesNotMatch", "InvalidSignatureException")),
    *(Rule(code, BLOCKED) for code in ("UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature", "MissingAuthenticationToken", "MissingAuthenticationTokenException")),
    *(Rule(code, RETRY) for code in ("RequestExpired", "RequestTimeTooSkewed", "RequestInProgressException")),  # our clock, or a request that waited too long
    *(Rule(code, RETRY, UNKNOWN) for code in ("InternalFailure", "InternalError", "InternalServerError", "InternalServerException", "ServiceUnavailable", "ServiceUnavailableException", "RequestTimeout", "RequestTimeoutException")),
    *(Rule(code, REJECTED, YOUNG) for code in ("ValidationException", "ValidationError", "InvalidParameterException", "InvalidParameterValue", "InvalidParameterCombination")),
    *(Rule(code, REJECTED) for code in ("MissingParameter", "MalformedQueryString", "SerializationException", "MalformedInput")),
    *(Rule(code, BLOCKED) for code in ("LimitExceededException", "ServiceQuotaExceededException", "NotImplementedInSandbox", "UnknownOperationException", "InvalidAction")),
    Rule("ResourceNotFoundException", BLOCKED, ABSENT | YOUNG),
)  # fmt: skip

TABLE = {
    "connect": CONNECT,
    "lambda": LAMBDA,
    "dynamodb": DYNAMODB,
    "iam": IAM,
    "logs": LOGS,
    "sts": STS,
    "resourcegroupstaggingapi": TAGGING,
    "s3": S3,
    "elasticache": ELASTICACHE,
    "secretsmanager": SECRETS_MANAGER,
    "cloudwatch": CLOUDWATCH,
    "application-autoscaling": APPLICATION_AUTO_SCALING,
    "service-quotas": SERVICE_QUOTAS,
}


def classify(service: str, operation: str, code: str, message: str = "", status: int = 0) -> tuple[Outcome, Mark]:
    """The outcome of an error that AWS answered. status: HTTP's, for codes that no rule knows.

    An unknown code is blocked, unless the service itself failed (5xx but 501): then nobody knows what took effect.
    """
    for rule in (*TABLE.get(service, ()), *COMMON):
        if rule.fits(operation, code, message):
            return rule.outcome, rule.marks
    if status >= 500 and status != 501:
        return RETRY, UNKNOWN
    return BLOCKED, NONE
