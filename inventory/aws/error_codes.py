"""What the codes of AWS's errors mean, all services together."""

from typing import Final

DENIED: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "AuthorizationError",
        "ForbiddenException",
    }
)
# All that botocore knows as throttling (botocore.retries.standard), which a test compares.
THROTTLED: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
TRANSIENT: Final = frozenset(
    {
        "ServiceException",
        "ServiceFailure",
        "ServiceUnavailable",
        "Unavailable",
        "ServiceUnavailableException",
        "InternalFailure",
        "InternalError",
        "InternalServiceException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ConcurrentModificationException",
        "IDPCommunicationError",
    }
)
CREDENTIALS: Final = frozenset(
    {
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        # How EC2 and S3 say the same.
        "AuthFailure",
        "InvalidAccessKeyId",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "IncompleteSignature",
    }
)
SESSION_ENDED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})
# The signature is too old or too new: the worker's clock, or a request that lay about.
CLOCK: Final = frozenset({"RequestExpired", "RequestTimeTooSkewed"})
REGION_DISABLED: Final = frozenset({"RegionDisabled", "RegionDisabledException"})
NOT_SUBSCRIBED: Final = frozenset(
    {
        "OptInRequired",
        "SubscriptionRequired",
        "SubscriptionRequiredException",
        # How S3 and EC2 say the same.
        "NotSignedUp",
        "PendingVerification",
    }
)
NOT_FOUND: Final = frozenset(
    {
        "NoSuchEntity",
        "ReportNotPresent",
        "ReportExpired",
        "ReportInProgress",
        "PolicyNotFoundException",
        "ParentNotFoundException",
        "ChildNotFoundException",
        "AccountNotFoundException",
        "AccountNotRegisteredException",
        "ResourcePolicyNotFoundException",
        "TargetNotFoundException",
        "EffectivePolicyNotFoundException",
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NoSuchKey",
        "NoSuchPublicAccessBlockConfiguration",
        "OwnershipControlsNotFoundError",
        "NoSuchAccessPoint",
        "NoSuchAccessPointPolicy",
        "NoSuchMultiRegionAccessPoint",
        "ResourceNotFoundException",
        "NotFoundException",
        "NotFound",
        "EntityNotFoundException",
        "QueueDoesNotExist",
        "AWS.SimpleQueueService.NonExistentQueue",
        "RepositoryNotFoundException",
        "RepositoryPolicyNotFoundException",
        "RegistryPolicyNotFoundException",
        "FileSystemNotFound",
        "PolicyNotFound",
        "FeatureDisabled",
        "ServiceAccessNotEnabledException",
        "InvalidSnapshot.NotFound",
        "InvalidAMIID.NotFound",
        "InvalidAMIID.Unavailable",
        "InvalidVpcEndpointServiceId.NotFound",
        "DBSnapshotNotFound",
        "DBClusterSnapshotNotFoundFault",
        "UnknownResourceException",
        "TrailNotFoundException",
        "NoSuchConfigurationRecorderException",
        "NoSuchDeliveryChannelException",
    }
)
# By operation: how a service says that it is off in the account, or that the account does not
# administer it for the organization, in a code that means other things elsewhere.
NOT_THERE: Final = {
    "securityhub:DescribeHub": "InvalidAccessException",
    "securityhub:GetEnabledStandards": "InvalidAccessException",
    "securityhub:DescribeOrganizationConfiguration": "InvalidAccessException",
    "guardduty:DescribeOrganizationConfiguration": "BadRequestException",
}
UNSUPPORTED: Final = frozenset(
    {
        "UnsupportedAPIEndpointException",
        "PolicyTypeNotAvailableForOrganizationException",
        "UnknownOperationException",
        "InvalidAction",
    }
)
UNKNOWN_VALUE: Final = frozenset({"INVALID_ENUM", "INVALID_ENUM_POLICY_TYPE"})
