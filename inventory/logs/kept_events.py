"""Which events stay whole beside the usage that they are counted in.

Usage forgets what one call was; detections and the attribution of changes need it. So few and rare
events stay: writes to what guards an organization, and sign-ins. What is frequent stays out.
"""

from typing import Final

from inventory.cloudtrail.events import CloudTrailEvent

# All writes of these services: they are rare, and each may open or close a door.
_ALL_WRITES: Final = frozenset(
    {
        "access-analyzer.amazonaws.com",
        "account.amazonaws.com",
        "cloudtrail.amazonaws.com",
        "config.amazonaws.com",
        "controltower.amazonaws.com",
        "guardduty.amazonaws.com",
        "iam.amazonaws.com",
        "organizations.amazonaws.com",
        "ram.amazonaws.com",
        "rolesanywhere.amazonaws.com",
        "securityhub.amazonaws.com",
        "sso-directory.amazonaws.com",
        "sso.amazonaws.com",
    }
)
# Reads and frequent services' writes that matter, by source.
_NAMES: Final = {
    "signin.amazonaws.com": frozenset(
        {
            "ConsoleLogin",
            "EmailUpdated",
            "ExitRole",
            "PasswordRecoveryCompleted",
            "PasswordRecoveryRequested",
            "PasswordUpdated",
            "SwitchRole",
        }
    ),
    "sts.amazonaws.com": frozenset({"AssumeRoot", "GetFederationToken"}),
    "kms.amazonaws.com": frozenset(
        {"CreateGrant", "DisableKey", "PutKeyPolicy", "ScheduleKeyDeletion"}
    ),
    "s3.amazonaws.com": frozenset(
        {
            "DeleteAccountPublicAccessBlock",
            "DeleteBucket",
            "DeleteBucketPolicy",
            "DeleteBucketPublicAccessBlock",
            "DeletePublicAccessBlock",
            "PutBucketAcl",
            "PutBucketLifecycle",
            "PutBucketPolicy",
            "PutBucketPublicAccessBlock",
            "PutBucketVersioning",
            "PutPublicAccessBlock",
        }
    ),
    "lambda.amazonaws.com": frozenset(
        {
            "AddLayerVersionPermission20181031",
            "AddPermission",
            "AddPermission20150331v2",
            "RemovePermission",
            "RemovePermission20150331v2",
        }
    ),
    "rds.amazonaws.com": frozenset(
        {"ModifyDBClusterSnapshotAttribute", "ModifyDBSnapshotAttribute"}
    ),
    "sns.amazonaws.com": frozenset({"AddPermission", "SetTopicAttributes"}),
    "sqs.amazonaws.com": frozenset({"AddPermission", "SetQueueAttributes"}),
    "secretsmanager.amazonaws.com": frozenset({"DeleteResourcePolicy", "PutResourcePolicy"}),
    "ecr.amazonaws.com": frozenset({"DeleteRepositoryPolicy", "SetRepositoryPolicy"}),
    "logs.amazonaws.com": frozenset({"DeleteLogGroup", "PutRetentionPolicy"}),
    "ec2.amazonaws.com": frozenset(
        {
            "AuthorizeSecurityGroupIngress",
            "DeleteFlowLogs",
            "DisableEbsEncryptionByDefault",
            "DisableSnapshotBlockPublicAccess",
            "ModifyImageAttribute",
            "ModifyInstanceMetadataDefaults",
            "ModifySnapshotAttribute",
        }
    ),
}
_NO_NAMES: Final[frozenset[str]] = frozenset()


def is_kept(event: CloudTrailEvent) -> bool:
    """Return whether an event is stored whole, as `LoggedEvent`; without an id none is."""
    source = event.event_source
    if source is None or not event.event_id:
        return False
    if source in _ALL_WRITES:
        return event.read_only is not True
    return event.event_name in _NAMES.get(source, _NO_NAMES) or _is_root(event)


def _is_root(event: CloudTrailEvent) -> bool:
    """Whether a root user called, or a session of central root access."""
    identity = event.user_identity
    if identity is None:
        return False
    if identity.kind == "Root":
        return event.read_only is not True
    session = identity.session_context
    return session is not None and session.assumed_root == "true"
