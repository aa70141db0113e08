"""Where the organization's trails keep their log files, and what protects these."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Case, F, Value, When
from django.db.models.functions import Concat

from governance.baseline.landing_zone.core_accounts import CoreAccountStanding
from governance.baseline.landing_zone.logging_health import HEALTH_ORDER, LogServiceHealth
from governance.baseline.landing_zone.models import CoreAccount
from governance.posture.trust.models import TrustEdge, TrustReading
from governance.posture.trust.selectors import edges_into, was_worked_out
from inventory.models import Connection, ResourcePolicy, ServiceConfiguration
from inventory.resource_facts import BucketFacts, PublicAccessBlock
from inventory.selectors.resource_policies import account_public_access_block, resource_by_arn
from inventory.selectors.service_configurations import service_configurations
from inventory.service_facts import TRAIL
from inventory.viewing import Viewer

Purpose = CoreAccount.Purpose
GOOD, DEGRADED = LogServiceHealth.GOOD, LogServiceHealth.DEGRADED
OFF, UNKNOWN = LogServiceHealth.OFF, LogServiceHealth.UNKNOWN
CLOUDTRAIL: Final = "cloudtrail.amazonaws.com"
_OUTSIDE: Final = (
    TrustEdge.Crossing.PUBLIC,
    TrustEdge.Crossing.EXTERNAL,
    TrustEdge.Crossing.VENDOR,
    TrustEdge.Crossing.FEDERATED,
)
_MOST_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class StorageCheck:
    """One thing that protects the log files. `words`: why it does, does not, or is not known."""

    label: str
    health: LogServiceHealth
    words: str


@dataclass(frozen=True, slots=True)
class TrailStorage:
    """A trail of the organization. `account_id`: of the bucket; empty: not known."""

    name: str
    arn: str
    bucket: str
    key_arn: str
    account_id: str
    checks: tuple[StorageCheck, ...]

    @property
    def health(self) -> LogServiceHealth:
        """How it fares where it fares worst."""
        return min((one.health for one in self.checks), key=HEALTH_ORDER.__getitem__)


def trail_storages(
    viewer: Viewer,
    *,
    connection: Connection,
    standings: Iterable[CoreAccountStanding],
    as_of: datetime | None = None,
) -> tuple[TrailStorage, ...]:
    """Return the organization's trails with what protects their log files, by ARN.

    `standings`: of `core_accounts`. Buckets and keys in accounts that the viewer does not see, or
    that were not read, are not known.
    """
    archives = (one.account_id for one in standings if one.purpose == Purpose.LOG_ARCHIVE)
    reading = _StorageReading(viewer, connection, as_of, next(archives, ""))
    return tuple(reading.storage(row) for row in _organization_trails(viewer, connection, as_of))


def _organization_trails(
    viewer: Viewer, connection: Connection, as_of: datetime | None
) -> list[ServiceConfiguration]:
    """Return one row of each trail: its owner's, else that of the first account that shows it."""
    own = Concat(Value(":"), F("account_id"), Value(":"))
    rows = service_configurations(viewer, connection=connection, kinds=(TRAIL,), as_of=as_of)
    return list(
        rows.filter(facts__organization_trail=True)
        .annotate(is_shadow=Case(When(arn__contains=own, then=Value(0)), default=Value(1)))
        .order_by("arn", "is_shadow", "account_id")
        .distinct("arn")
    )


@dataclass(frozen=True, slots=True)
class _StorageReading:
    viewer: Viewer
    connection: Connection
    as_of: datetime | None
    archive_id: str

    def storage(self, row: ServiceConfiguration) -> TrailStorage:
        """Return a trail with every check."""
        name, key_arn = str(row.facts.get("bucket") or ""), str(row.facts.get("kms_key_id") or "")
        partition = row.arn.split(":")[1] if row.arn.count(":") > 4 else "aws"
        bucket = self._resource(f"arn:{partition}:s3:::{name}")
        checks = [_delivery(row), _validation(row), self._place(name, bucket)]
        checks += self._bucket_checks(name, bucket)
        checks.append(self._key(row, key_arn))
        account_id = bucket.account_id if bucket is not None else ""
        return TrailStorage(row.name, row.arn, name, key_arn, account_id, tuple(checks))

    def _resource(self, arn: str) -> ResourcePolicy | None:
        return resource_by_arn(self.viewer, connection=self.connection, arn=arn, as_of=self.as_of)

    def _place(self, name: str, bucket: ResourcePolicy | None) -> StorageCheck:
        label = "Bucket in the log archive"
        if bucket is None:
            return StorageCheck(label, UNKNOWN, f"bucket {name} is in no account that was read")
        if not self.archive_id:
            return StorageCheck(label, UNKNOWN, "which account is the log archive is not known")
        if bucket.account_id == self.archive_id:
            return StorageCheck(label, GOOD, f"{name} is in {self.archive_id}")
        words = f"{name} is in {bucket.account_id}, the log archive is {self.archive_id}"
        return StorageCheck(label, DEGRADED, words)

    def _bucket_checks(self, name: str, bucket: ResourcePolicy | None) -> Iterator[StorageCheck]:
        if bucket is None:
            for label in ("Public access blocked", "Bucket policy"):
                yield StorageCheck(label, UNKNOWN, f"bucket {name} is in no account that was read")
            return
        yield self._public_access(bucket)
        yield self._policy(bucket)

    def _public_access(self, bucket: ResourcePolicy) -> StorageCheck:
        label = "Public access blocked"
        own = BucketFacts.of_json(bucket.facts).public_access_block
        of_account = account_public_access_block(
            self.viewer,
            connection=self.connection,
            account_id=bucket.account_id,
            as_of=self.as_of,
        )
        block = (own or PublicAccessBlock()) | (of_account or PublicAccessBlock())
        if all(block.as_json().values()):
            return StorageCheck(label, GOOD, "all four settings are on")
        if of_account is None or "public_access_block" in bucket.unknown:
            return StorageCheck(label, UNKNOWN, "the settings could not be read")
        off = ", ".join(name for name, on in block.as_json().items() if not on)
        return StorageCheck(label, DEGRADED, f"off: {off}")

    def _policy(self, bucket: ResourcePolicy) -> StorageCheck:
        label = "Bucket policy"
        if "policy" in bucket.unknown:
            return StorageCheck(label, UNKNOWN, "the policy could not be read")
        if bucket.content is None:
            return StorageCheck(label, OFF, "there is none: CloudTrail cannot write to the bucket")
        edges = self._edges(bucket)
        if edges is None:
            return StorageCheck(label, UNKNOWN, "who may use the bucket is not evaluated yet")
        if outside := _outsiders(edges):
            return StorageCheck(label, DEGRADED, f"gives {outside} access")
        writers = [edge for edge in edges if edge.principal_id == CLOUDTRAIL]
        if not writers:
            return StorageCheck(label, OFF, "CloudTrail may not write to the bucket")
        if any(edge.state == TrustEdge.EdgeState.OPEN for edge in writers):
            words = "CloudTrail may write for any account: add a condition on aws:SourceArn"
            return StorageCheck(label, DEGRADED, words)
        return StorageCheck(
            label, GOOD, "CloudTrail writes for this trail, no outside party has access"
        )

    def _key(self, row: ServiceConfiguration, key_arn: str) -> StorageCheck:
        label = "Encrypted with an own key"
        if "kms_key_id" in row.unknown:
            return StorageCheck(label, UNKNOWN, "the trail's key could not be read")
        if not key_arn:
            return StorageCheck(label, DEGRADED, "S3's key: who reads the bucket reads the logs")
        key = self._resource(key_arn)
        if key is None:
            return StorageCheck(label, UNKNOWN, f"key {key_arn} is in no account that was read")
        if "policy" in key.unknown:
            return StorageCheck(label, UNKNOWN, "the key's policy could not be read")
        edges = self._edges(key)
        if edges is None:
            return StorageCheck(label, UNKNOWN, "who may use the key is not evaluated yet")
        if outside := _outsiders(edges):
            return StorageCheck(label, DEGRADED, f"the key gives {outside} access")
        return StorageCheck(label, GOOD, f"key of {key.account_id}, nobody outside may use it")

    def _edges(self, resource: ResourcePolicy) -> list[TrustEdge] | None:
        """Return what lets into a resource; None: that was not worked out."""
        asked: dict[str, Any] = {"connection": self.connection, "as_of": self.as_of}
        of_account = TrustReading.objects.filter(
            connection=self.connection, account_id=resource.account_id, problem=""
        )
        if not was_worked_out(self.viewer, **asked) or not of_account.exists():
            return None
        found = edges_into(self.viewer, **asked, resource_arn=resource.arn)
        return list(found.exclude(state=TrustEdge.EdgeState.BLOCKED).order_by("key"))


def _delivery(row: ServiceConfiguration) -> StorageCheck:
    label = "Delivery"
    facts = row.facts
    if {"logging", "delivery_error"} & row.unknown.keys() or "logging" not in facts:
        return StorageCheck(label, UNKNOWN, "the trail's status could not be read")
    if not facts["logging"]:
        return StorageCheck(label, OFF, "the trail is stopped")
    if facts.get("delivery_error"):
        return StorageCheck(label, DEGRADED, f"latest delivery failed: {facts['delivery_error']}")
    return StorageCheck(label, GOOD, "the latest delivery succeeded")


def _validation(row: ServiceConfiguration) -> StorageCheck:
    label = "All regions, files validated"
    missing = [
        words
        for name, words in (
            ("multi_region", "not every region is logged"),
            ("log_file_validation", "no digest files prove that logs were not altered"),
        )
        if not row.facts.get(name)
    ]
    if {"multi_region", "log_file_validation"} & row.unknown.keys():
        return StorageCheck(label, UNKNOWN, "the trail's settings could not be read")
    if missing:
        return StorageCheck(label, DEGRADED, "; ".join(missing))
    return StorageCheck(label, GOOD, "every region is logged, digest files are written")


def _outsiders(edges: list[TrustEdge]) -> str:
    named = sorted(
        {edge.vendor or edge.principal_id for edge in edges if edge.crossing in _OUTSIDE}
    )
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    return ", ".join(named[:_MOST_NAMED]) + more
