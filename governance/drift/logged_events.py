"""Who did it, from CloudTrail: the newest logged write to what drift is about explains it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from governance.drift.explaining import DriftExplanation, register_source
from governance.drift.models import DriftItem
from governance.drift.signals import drift_changed
from governance.drift.storing import EXPLAINED, write_events
from inventory.cloudtrail.origin import call_origin
from inventory.models import Connection, InventoryRun, LoggedEvent
from inventory.selectors.logs import stores_events

SOURCE_NAME: Final = "CloudTrail"

# A write may be logged a little after the run that saw what it did.
_MARGIN: Final = timedelta(minutes=15)
# Of what was found on the first look, nobody knows how old it is.
_LONGEST_AGO: Final = timedelta(days=90)
# Logs that come later than this explain nothing any more.
_LATEST: Final = timedelta(days=14)
_MOST_EVENTS: Final = 50_000
_CHUNK: Final = 2000

_POLICY: Final = frozenset({"CreatePolicy", "DeletePolicy", "UpdatePolicy"})
_ATTACHMENT: Final = frozenset({"AttachPolicy", "DetachPolicy"})
_UNIT: Final = frozenset(
    {"CreateOrganizationalUnit", "DeleteOrganizationalUnit", "UpdateOrganizationalUnit"}
)
_ACCOUNT: Final = frozenset(
    {
        "AcceptHandshake",
        "AccountDepartedOrganization",
        "AccountJoinedOrganization",
        "CloseAccount",
        "CreateAccount",
        "CreateAccountResult",
        "LeaveOrganization",
        "MoveAccount",
        "RemoveAccountFromOrganization",
    }
)
_POLICY_TYPE: Final = frozenset({"DisablePolicyType", "EnablePolicyType"})
_TRUSTED_SERVICE: Final = frozenset({"DisableAWSServiceAccess", "EnableAWSServiceAccess"})
_DELEGATION: Final = frozenset(
    {"DeregisterDelegatedAdministrator", "RegisterDelegatedAdministrator"}
)
_ROLE: Final = frozenset(
    {
        "AttachRolePolicy",
        "CreateRole",
        "DeleteRole",
        "DeleteRolePermissionsBoundary",
        "DeleteRolePolicy",
        "DetachRolePolicy",
        "PutRolePermissionsBoundary",
        "PutRolePolicy",
        "UpdateAssumeRolePolicy",
    }
)
_ROLE_TRUST: Final = frozenset({"CreateRole", "UpdateAssumeRolePolicy"})
_RESOURCE_POLICY: Final = frozenset(
    {
        *("AddPermission", "AddPermission20150331v2", "CreateGrant", "PutBucketAcl"),
        *("PutBucketPolicy", "PutKeyPolicy", "PutResourcePolicy", "SetQueueAttributes"),
        *("SetRepositoryPolicy", "SetTopicAttributes", "ModifySnapshotAttribute"),
        *("ModifyImageAttribute", "ModifyDBSnapshotAttribute", "CreateResourceShare"),
        *("AssociateResourceShare", "AssociateResourceSharePermission", "CreateAccessEntry"),
        *("AssociateAccessPolicy", "CreateFunctionUrlConfig", "UpdateFunctionUrlConfig"),
        *("PutAccessPointPolicy", "PutBackupVaultAccessPolicy", "PutBucketOwnershipControls"),
        *("PutClusterPolicy", "PutDestinationPolicy", "PutFileSystemPolicy", "PutPermission"),
        *("PutRegistryPolicy", "SetVaultAccessPolicy"),
        *("CreateEmailIdentityPolicy", "UpdateEmailIdentityPolicy", "PutTableBucketPolicy"),
        *("UpdateDomainConfig", "UpdateRestApi", "CreateAccountAssignment"),
        *("DeleteBucketPublicAccessBlock", "PutBucketPublicAccessBlock"),
        *("AcceptVpcPeeringConnection", "CreateVpcPeeringConnection"),
        *("ModifyVpcEndpointServicePermissions", "ModifyDBClusterSnapshotAttribute"),
    }
)
_SERVICE_WRITES: Final[Mapping[str, frozenset[str]]] = {
    "cloudtrail": frozenset({"DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail"}),
    "config": frozenset(
        {
            "DeleteConfigurationRecorder",
            "DeleteDeliveryChannel",
            "PutConfigurationRecorder",
            "StopConfigurationRecorder",
        }
    ),
    "guardduty": frozenset(
        {"DeleteDetector", "DisassociateFromAdministratorAccount", "UpdateDetector"}
    ),
    "securityhub": frozenset({"DisableSecurityHub", "DisassociateFromAdministratorAccount"}),
    "access-analyzer": frozenset({"DeleteAnalyzer"}),
}


@dataclass(frozen=True, slots=True)
class WrittenObject:
    """What a write is looked for: `names` of events that `is_about` says are about it."""

    names: frozenset[str]
    is_about: Callable[[LoggedEvent], bool]


class LoggedEventExplanations:
    """What CloudTrail knows of writes."""

    name = SOURCE_NAME

    def reads_logs(self, connection: Connection) -> bool:
        """Return whether events of an organization are read and stored."""
        return stores_events(connection)

    def explanations(
        self, connection: Connection, items: Sequence[DriftItem], *, since: datetime | None
    ) -> Mapping[str, DriftExplanation]:
        """Return the newest write to what each item is about, by the item's key."""
        wanted = {item.key: written_object(item) for item in items}
        written = {key: one for key, one in wanted.items() if one is not None}
        if not written:
            return {}
        seen = [item.last_seen_at for item in items if item.last_seen_at is not None]
        until = max(seen) + _MARGIN if seen else None
        begins = since - _MARGIN if since is not None else None
        if begins is None and until is not None:
            begins = until - _LONGEST_AGO
        found: dict[str, DriftExplanation] = {}
        names = frozenset().union(*(one.names for one in written.values()))
        for event in logged_writes(connection, names, since=begins, until=until):
            for key, one in written.items():
                if key not in found and event.event_name in one.names and one.is_about(event):
                    found[key] = explanation_of(event)
            if len(found) == len(written):
                break
        return found


def logged_writes(
    connection: Connection,
    names: frozenset[str],
    *,
    since: datetime | None,
    until: datetime | None,
) -> Iterator[LoggedEvent]:
    """Yield the calls of some names that went through, the newest first."""
    rows = LoggedEvent.objects.filter(connection=connection, event_name__in=sorted(names))
    if since is not None:
        rows = rows.filter(at__gte=since, day__gte=since.date())
    if until is not None:
        rows = rows.filter(at__lte=until, day__lte=until.date())
    for event in rows.order_by("-at", "-pk")[:_MOST_EVENTS].iterator(chunk_size=_CHUNK):
        if not event.event.get("errorCode"):
            yield event


def explanation_of(event: LoggedEvent) -> DriftExplanation:
    """Return who made a logged call, from where."""
    origin = call_origin(event.event)
    return DriftExplanation(
        SOURCE_NAME,
        event.principal,
        event.at,
        f"{event.event_source.partition('.')[0]}:{event.event_name}",
        event.event_id,
        session=origin.session or origin.source_identity,
        address=origin.address,
        surface=origin.surface.value,
        issuer=origin.issuer,
    )


def written_object(item: DriftItem) -> WrittenObject | None:
    """Return what an item is about, as writes name it; None: no single write makes it drift."""
    name = item.subject.removeprefix("write:")
    kind, _, rest = name.partition(":")
    ids = rest.split(":")
    match kind:
        case "policy":
            return WrittenObject(_POLICY, _named(ids[0], "policyId", "policy.policySummary.id"))
        case "attachment" if len(ids) > 1:
            policy, target = _named(ids[0], "policyId"), _named(ids[1], "targetId")
            return WrittenObject(_ATTACHMENT, lambda event: policy(event) and target(event))
        case "unit":
            return WrittenObject(
                _UNIT, _named(ids[0], "organizationalUnitId", "organizationalUnit.id")
            )
        case "account":
            return WrittenObject(_ACCOUNT, _about_account(ids[0]))
        case "policy_type":
            return WrittenObject(_POLICY_TYPE, _named(ids[-1], "policyType"))
        case "trusted_service":
            return WrittenObject(_TRUSTED_SERVICE, _named(ids[0], "servicePrincipal"))
        case "delegation":
            account = _named(ids[0], "accountId")
            service = _named(ids[-1], "servicePrincipal")
            return WrittenObject(_DELEGATION, lambda event: account(event) and service(event))
        case "role":
            return _of_arn(item.target_id, item.account_id, _ROLE)
        case "trust":
            return _of_arn(item.target_id, item.account_id, _ROLE_TRUST)
        case "service":
            return _of_service(item)
    return None


def write_of_resource(
    connection: Connection,
    arn: str,
    account_id: str,
    *,
    until: datetime,
    since: datetime | None = None,
) -> DriftExplanation | None:
    """Return the newest logged write that decided who gets into a role or resource.

    `since`: when it was looked at before; None: never, so that the write may be long ago.
    """
    wanted = _of_arn(arn, account_id, _ROLE_TRUST)
    begins = until - _LONGEST_AGO if since is None else since - _MARGIN
    for event in logged_writes(connection, wanted.names, since=begins, until=until + _MARGIN):
        if wanted.is_about(event):
            return explanation_of(event)
    return None


def _of_arn(arn: str, account_id: str, role_names: frozenset[str]) -> WrittenObject:
    """Return a role or resource as writes name it: by its ARN, or its name in its account."""
    is_role = ":role/" in arn
    name = arn.rpartition("/")[2] if is_role or "/" in arn else arn.rpartition(":")[2]
    names = _names_in_calls(arn)

    def is_about(event: LoggedEvent) -> bool:
        if account_id and event.account_id != account_id:
            return False
        given = event.event.get("requestParameters")
        if is_role:
            return isinstance(given, Mapping) and given.get("roleName") == name
        told = [given]
        if event.event_name.startswith("Create"):
            # What is made has its id in the answer alone.
            told.append(event.event.get("responseElements"))
        return any(
            text in names or (text.startswith("https://sqs.") and text.rpartition("/")[2] == name)
            for each in told
            for text in _texts(each)
        )

    return WrittenObject(role_names if is_role else _RESOURCE_POLICY, is_about)


def _names_in_calls(arn: str) -> frozenset[str]:
    """Return the texts by which calls name a resource: its ARN, or what of it comes behind.

    `repository/team/app` is `team/app` and `app` there; `secret:mail-AbCdEf` is `mail`, too.
    """
    rest = arn.split(":", 5)[-1]
    behind = re.split("[:/]", rest, maxsplit=1)[-1]
    found = {arn, rest, behind, re.split("[:/]", rest)[-1]}
    if ":secretsmanager:" in arn:
        found.add(re.sub("-[A-Za-z0-9]{6}$", "", behind))
    return frozenset(found - {"", "*"})


def _of_service(item: DriftItem) -> WrittenObject | None:
    parts = item.subject.split("\x1f")
    service = next((part for part in parts if part in _SERVICE_WRITES), None)
    if service is None:
        return None
    region = str(item.effect_detail.get("region") or "")

    def is_about(event: LoggedEvent) -> bool:
        return (
            event.account_id == item.account_id
            and event.event_source == f"{service}.amazonaws.com"
            and region in ("", event.region)
        )

    return WrittenObject(_SERVICE_WRITES[service], is_about)


def _about_account(account_id: str) -> Callable[[LoggedEvent], bool]:
    named = _named(account_id, "accountId", "createAccountStatus.accountId", "target.id")

    def is_about(event: LoggedEvent) -> bool:
        return named(event) or (
            event.event_name == "LeaveOrganization" and event.account_id == account_id
        )

    return is_about


def _named(value: str, *paths: str) -> Callable[[LoggedEvent], bool]:
    """Return whether a value stands at a path of the parameters or of the answer."""

    def is_named(event: LoggedEvent) -> bool:
        parts = ("requestParameters", "responseElements", "serviceEventDetails")
        return any(_at(event.event.get(part), path) == value for part in parts for path in paths)

    return is_named


def _at(value: Any, path: str) -> Any:
    for step in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def explain_late(connection: Connection, *, now: datetime) -> int:
    """Explain open drift of the last days whose logs were read only now; return how much.

    What a change request explains stays as it is.
    """
    rows = DriftItem.objects.select_for_update().filter(
        connection=connection,
        state__in=(DriftItem.State.OPEN, DriftItem.State.EXCEPTED),
        explained_by__isnull=True,
        first_seen_at__gte=now - _LATEST,
    )
    by_first_seen: dict[datetime, list[DriftItem]] = {}
    for item in rows.order_by("pk"):
        by_first_seen.setdefault(item.first_seen_at, []).append(item)
    changed = []
    for first_seen_at, items in by_first_seen.items():
        since = _looked_before(connection, first_seen_at)
        found = LoggedEventExplanations().explanations(connection, items, since=since)
        for item in items:
            if item.key in found:
                item.explained_by = found[item.key].as_json()
                changed.append(item)
    if changed:
        DriftItem.objects.bulk_update(changed, ["explained_by"], batch_size=500)
        write_events([(item, EXPLAINED, {}) for item in changed], at=now)
        drift_changed.send(
            sender=DriftItem,
            connection=connection,
            appeared=[],
            changed={item.pk for item in changed},
            now=now,
        )
    return len(changed)


def _looked_before(connection: Connection, at: datetime) -> datetime | None:
    """Return the start of the last run before a time; None: there was none."""
    runs = InventoryRun.objects.filter(connection=connection, started_at__lt=at)
    return runs.order_by("-started_at").values_list("started_at", flat=True).first()


def register() -> None:
    """Have drift be explained by CloudTrail."""
    register_source(LoggedEventExplanations())
