"""What shows which account does which piece of the landing zone's work, in words."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from governance.baseline.landing_zone.models import CoreAccount
from inventory.models import (
    Account,
    Connection,
    OrganizationSetting,
    ResourcePolicy,
    ServiceConfiguration,
)
from inventory.resource_facts import grants_of
from inventory.selectors.delegation import delegated_administrators
from inventory.selectors.hierarchy import accounts, organization
from inventory.selectors.service_configurations import service_configurations
from inventory.service_facts import (
    CONFIG_AGGREGATOR,
    CONFIG_DELIVERY_CHANNEL,
    LANDING_ZONE,
    TRAIL,
    VPC,
)
from inventory.viewing import Viewer, visible

Purpose = CoreAccount.Purpose
_Setting = OrganizationSetting.OrganizationSettingName

# How much each kind of evidence weighs; a name alone decides only where nothing else does.
CERTAIN: Final = 100
STRONG: Final = 10
SUPPORTING: Final = 5
NAME: Final = 2

_DELEGATED: Final[Mapping[str, tuple[CoreAccount.Purpose, str]]] = {
    "guardduty.amazonaws.com": (Purpose.SECURITY_TOOLING, "GuardDuty"),
    "securityhub.amazonaws.com": (Purpose.SECURITY_TOOLING, "Security Hub"),
    "access-analyzer.amazonaws.com": (Purpose.SECURITY_TOOLING, "IAM Access Analyzer"),
    "detective.amazonaws.com": (Purpose.SECURITY_TOOLING, "Detective"),
    "macie.amazonaws.com": (Purpose.SECURITY_TOOLING, "Macie"),
    "inspector2.amazonaws.com": (Purpose.SECURITY_TOOLING, "Inspector"),
    "config.amazonaws.com": (Purpose.SECURITY_TOOLING, "Config"),
    "ipam.amazonaws.com": (Purpose.NETWORK, "VPC IP Address Manager"),
    "fms.amazonaws.com": (Purpose.NETWORK, "Firewall Manager"),
    "networkmanager.amazonaws.com": (Purpose.NETWORK, "Network Manager"),
    "sso.amazonaws.com": (Purpose.IDENTITY, "IAM Identity Center"),
    "backup.amazonaws.com": (Purpose.BACKUP, "AWS Backup"),
}
# Words of a name, all of one set; and words that say that an account is a copy for tests.
_NAMES: Final[Mapping[CoreAccount.Purpose, tuple[frozenset[str], ...]]] = {
    Purpose.LOG_ARCHIVE: tuple(
        map(frozenset, (("log", "archive"), ("logs", "archive"), ("logarchive",), ("logging",)))
    ),
    Purpose.SECURITY_TOOLING: tuple(
        map(frozenset, (("audit",), ("security", "tooling"), ("security",)))
    ),
    Purpose.NETWORK: tuple(
        map(frozenset, (("network",), ("networking",), ("transit",), ("connectivity",)))
    ),
    Purpose.IDENTITY: tuple(map(frozenset, (("identity",), ("sso",), ("iam",)))),
    Purpose.SHARED_SERVICES: tuple(
        map(frozenset, (("shared", "services"), ("sharedservices",), ("shared",)))
    ),
    Purpose.BACKUP: tuple(map(frozenset, (("backup",), ("backups",)))),
}
_COPIES: Final = frozenset({"test", "dev", "development", "staging", "sandbox", "nonprod", "qa"})
_WORDS: Final = re.compile(r"[A-Za-z0-9]+")
_MANIFEST: Final = (
    (Purpose.LOG_ARCHIVE, "log_archive_account_id", "centralized logging"),
    (Purpose.SECURITY_TOOLING, "security_account_id", "security roles"),
    (Purpose.BACKUP, "backup_account_id", "central backup"),
)


@dataclass(frozen=True, slots=True)
class CoreEvidence:
    """One sign that an account does a piece of work. `account_id` may be no account of this
    organization: a trail that delivers elsewhere.
    """

    purpose: CoreAccount.Purpose
    account_id: str
    words: str
    weight: int


@dataclass(frozen=True, slots=True)
class LandingZoneRows:
    """The rows that evidence is read from, of one organization at one time."""

    accounts: Mapping[str, Account]
    management_account_id: str
    delegated: Sequence[tuple[str, str]]
    configurations: Sequence[ServiceConfiguration]
    bucket_owners: Mapping[str, str]
    gateways: Sequence[tuple[str, int]]
    identity_center_owners: Sequence[str]

    def of_kind(self, key: tuple[str, str]) -> list[ServiceConfiguration]:
        """Return the rows of a service and kind."""
        return [row for row in self.configurations if (row.service, row.kind) == key]


def landing_zone_rows(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> LandingZoneRows:
    """Return what evidence is read from, in seven queries."""
    known = {row.account_id: row for row in accounts(viewer, connection=connection, as_of=as_of)}
    own = organization(viewer, connection=connection, as_of=as_of)
    delegated = delegated_administrators(viewer, connection=connection, as_of=as_of)
    kinds = (TRAIL, CONFIG_DELIVERY_CHANNEL, CONFIG_AGGREGATOR, LANDING_ZONE, VPC)
    configurations = list(
        service_configurations(viewer, connection=connection, kinds=kinds, as_of=as_of)
    )
    names = {row.facts.get("bucket") for row in configurations if row.facts.get("bucket")}
    resources = visible(ResourcePolicy.objects.as_of(as_of), viewer).filter(connection=connection)
    owners = resources.filter(service="s3", resource_type="bucket", name__in=names).values_list(
        "name", "account_id"
    )
    gateways = [
        (row.account_id, len({each.grantee for each in grants_of(row.facts) or ()}))
        for row in resources.filter(service="ec2", resource_type="transit-gateway")
    ]
    instances = visible(OrganizationSetting.objects.as_of(as_of), viewer).filter(
        connection=connection,
        name=OrganizationSetting.OrganizationSettingName.IDENTITY_CENTER_INSTANCES,
    )
    return LandingZoneRows(
        accounts=known,
        management_account_id=own.management_account_id if own else "",
        delegated=[(row.account_id, row.service_principal) for row in delegated],
        configurations=configurations,
        bucket_owners=dict(owners),
        gateways=gateways,
        identity_center_owners=[
            str(instance["owner_account_id"]) for row in instances for instance in row.value or ()
        ],
    )


def core_evidence(rows: LandingZoneRows) -> list[CoreEvidence]:
    """Return every sign, the weightiest first."""
    found = [
        *_management(rows),
        *_manifest(rows),
        *_logs(rows),
        *_delegated(rows),
        *_aggregators(rows),
        *_networks(rows),
        *_identity(rows),
        *_names(rows),
    ]
    return sorted(found, key=lambda each: (-each.weight, each.words))


def _management(rows: LandingZoneRows) -> Iterator[CoreEvidence]:
    if rows.management_account_id:
        yield CoreEvidence(
            Purpose.MANAGEMENT,
            rows.management_account_id,
            "AWS Organizations names it as the management account",
            CERTAIN,
        )


def _manifest(rows: LandingZoneRows) -> Iterator[CoreEvidence]:
    for zone in rows.of_kind((LANDING_ZONE.service, LANDING_ZONE.kind)):
        for purpose, fact, words in _MANIFEST:
            account_id = zone.facts.get(fact)
            if account_id:
                yield CoreEvidence(
                    purpose,
                    account_id,
                    f"Control Tower's landing zone manifest names it for {words}",
                    STRONG,
                )


def _logs(rows: LandingZoneRows) -> Iterator[CoreEvidence]:
    trails = {
        row.arn: row
        for row in rows.of_kind((TRAIL.service, TRAIL.kind))
        if row.facts.get("organization_trail")
    }
    for arn, trail in sorted(trails.items()):
        owner = rows.bucket_owners.get(str(trail.facts.get("bucket")))
        if owner:
            yield CoreEvidence(
                Purpose.LOG_ARCHIVE,
                owner,
                f"owns bucket {trail.facts['bucket']}, to which organization trail "
                f"{arn.rpartition('/')[2]} delivers",
                STRONG,
            )
    delivered = Counter(
        str(row.facts.get("bucket"))
        for row in rows.of_kind((CONFIG_DELIVERY_CHANNEL.service, CONFIG_DELIVERY_CHANNEL.kind))
    )
    if delivered:
        bucket, count = delivered.most_common(1)[0]
        owner = rows.bucket_owners.get(bucket)
        if owner:
            yield CoreEvidence(
                Purpose.LOG_ARCHIVE,
                owner,
                f"owns bucket {bucket}, to which {count} of {sum(delivered.values())} Config "
                "delivery channels deliver",
                SUPPORTING,
            )


def _delegated(rows: LandingZoneRows) -> Iterator[CoreEvidence]:
    for account_id, service in rows.delegated:
        if service in _DELEGATED:
            purpose, label = _DELEGATED[service]
            yield CoreEvidence(
                purpose, account_id, f"is the delegated administrator of {label}", STRONG
            )


def _aggregators(rows: LandingZoneRows) -> Iterator[CoreEvidence]:
    found = {
        row.account_id
        for row in rows.of_kind((CONFIG_AGGREGATOR.service, CONFIG_AGGREGATOR.kind))
        if row.facts.get("organization")
    }
    for account_id in sorted(found):
        yield CoreEvidence(
            Purpose.SECURITY_TOOLING,
            account_id,
            "aggregates the organization's Config data",
            SUPPORTING,
        )


def _networks(rows: LandingZoneRows) -> Iterator[CoreEvidence]:
    for account_id, attached in rows.gateways:
        if attached:
            yield CoreEvidence(
                Purpose.NETWORK,
                account_id,
                f"owns a transit gateway that {_accounts(attached)} attached to",
                STRONG,
            )
    shared: dict[str, set[str]] = {}
    for row in rows.of_kind((VPC.service, VPC.kind)):
        if row.facts.get("shared_by_other_account"):
            shared.setdefault(str(row.facts["owner_account_id"]), set()).add(row.account_id)
    for account_id, users in sorted(shared.items()):
        yield CoreEvidence(
            Purpose.NETWORK, account_id, f"shares VPCs that {_accounts(len(users))} see", STRONG
        )


def _accounts(count: int) -> str:
    return f"{count} other account" + ("" if count == 1 else "s")


def _identity(rows: LandingZoneRows) -> Iterator[CoreEvidence]:
    # Identity Center belongs to the management account wherever it is not delegated: no sign there.
    for account_id in rows.identity_center_owners:
        if account_id != rows.management_account_id:
            yield CoreEvidence(
                Purpose.IDENTITY,
                account_id,
                "owns the organization's instance of IAM Identity Center",
                STRONG,
            )


def _names(rows: LandingZoneRows) -> Iterator[CoreEvidence]:
    for account in rows.accounts.values():
        words = {each.lower() for each in _WORDS.findall(account.name)}
        if words & _COPIES:
            continue
        for purpose, patterns in _NAMES.items():
            if any(pattern <= words for pattern in patterns):
                yield CoreEvidence(purpose, account.account_id, f"is named {account.name}", NAME)
