"""Which events stay whole beside the usage that they are counted in.

Usage forgets what one call was; detections and the attribution of changes need it. So few and rare
events stay: writes to what guards an organization, and sign-ins. What is frequent stays out, unless
a detection rule of the organization names it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from inventory.cloudtrail.events import CloudTrailEvent
from inventory.models import KeptEventName

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


# Reads begin so; `readOnly` of an event says the same.
_READS: Final = ("BatchGet", "Describe", "Get", "List", "Lookup", "Search", "Simulate", "View")

EventNames = Mapping[str, frozenset[str]]
"""Names of events by their source."""


def is_kept(event: CloudTrailEvent, also: EventNames | None = None) -> bool:
    """Return whether an event is stored whole, as `LoggedEvent`; without an id none is.

    `also`: what rules of the organization ask for, as `kept_also` returned it.
    """
    source = event.event_source
    if source is None or not event.event_id:
        return False
    if also and event.event_name in also.get(source, _NO_NAMES):
        return True
    if source in _ALL_WRITES:
        return event.read_only is not True
    return event.event_name in _NAMES.get(source, _NO_NAMES) or _is_root(event)


def is_always_kept(source: str, name: str) -> bool:
    """Return whether events of a name stay whole in every organization."""
    if source in _ALL_WRITES:
        return not name.startswith(_READS)
    return name in _NAMES.get(source, _NO_NAMES)


def kept_also(connection_id: int) -> EventNames:
    """Return the events that stay whole beside these because rules of the organization ask."""
    found: dict[str, set[str]] = {}
    rows = KeptEventName.objects.filter(connection_id=connection_id)
    for source, name in rows.values_list("event_source", "event_name"):
        found.setdefault(source, set()).add(name)
    return {source: frozenset(names) for source, names in found.items()}


def kept_since(connection_id: int) -> Mapping[tuple[str, str], datetime]:
    """Return since when events of `kept_also` stay whole, by source and name."""
    rows = KeptEventName.objects.filter(connection_id=connection_id)
    return {
        (source, name): since
        for source, name, since in rows.values_list("event_source", "event_name", "since")
    }


def keep_also(connection_id: int, pairs: Iterable[tuple[str, str]], *, now: datetime) -> None:
    """Have events of these sources and names stay whole from now on, and no others beside them.

    In the caller's transaction. What was stored stays until it ages out.
    """
    wanted = {pair for pair in pairs if not is_always_kept(*pair)}
    known = set(kept_since(connection_id))
    for source, name in known - wanted:
        KeptEventName.objects.filter(
            connection_id=connection_id, event_source=source, event_name=name
        ).delete()
    KeptEventName.objects.bulk_create(
        KeptEventName(connection_id=connection_id, event_source=source, event_name=name, since=now)
        for source, name in sorted(wanted - known)
    )


def _is_root(event: CloudTrailEvent) -> bool:
    """Whether a root user called, or a session of central root access."""
    identity = event.user_identity
    if identity is None:
        return False
    if identity.kind == "Root":
        return event.read_only is not True
    session = identity.session_context
    return session is not None and session.assumed_root == "true"
