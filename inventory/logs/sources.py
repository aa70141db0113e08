"""Where an organization's logs are: proposed from its collected trails, added, switched."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings as configured
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from inventory.models import Account, Connection, LogSource, ResourcePolicy, ServiceConfiguration
from inventory.selectors.service_configurations import service_configurations
from inventory.service_facts import TRAIL
from inventory.viewing import Viewer, visible


class LogSourceInvalid(Exception):
    """A log source cannot be stored as given. `fields`: name → what is wrong with it."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        """Keep each setting's faults."""
        super().__init__(
            "; ".join(f"{name}: {' '.join(messages)}" for name, messages in sorted(fields.items()))
        )
        self.fields = fields


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSourceSettings:
    """What is chosen of a source; the fields are those of `LogSource`.

    `account_id`: whose audit role reads the bucket. `read_from`: None: so many days before it is
    added as `INVENTORY_LOG_BACKFILL_DAYS` says.
    """

    name: str
    bucket: str
    prefix: str
    bucket_region: str
    account_id: str
    organization_path: str = ""
    trail_arn: str = ""
    kms_key_arn: str = ""
    queue_url: str = ""
    read_from: date | None = None
    kind: str = LogSource.Kind.FILES
    athena_database: str = ""
    athena_table: str = ""
    athena_workgroup: str = ""
    athena_results_bucket: str = ""
    monthly_budget_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ProposedSource:
    """A source that a collected trail delivers to. `account_id` is empty where it is not known.

    `problem`: why the trail alone would not tell all of usage, empty if it would.
    """

    settings: LogSourceSettings
    problem: str


def proposed_sources(viewer: Viewer, *, connection: Connection) -> list[ProposedSource]:
    """Return the organization's trails whose files are not read yet, by name."""
    known = set(LogSource.objects.filter(connection=connection).values_list("bucket", "prefix"))
    found: dict[str, ServiceConfiguration] = {}
    for row in service_configurations(viewer, connection=connection, kinds=[TRAIL]):
        if row.facts.get("organization_trail") and row.facts.get("bucket"):
            found.setdefault(row.arn, row)
    proposed = [
        _proposed(viewer, connection, row)
        for row in found.values()
        if (row.facts["bucket"], row.facts.get("key_prefix") or "") not in known
    ]
    return sorted(proposed, key=lambda each: each.settings.name)


def _proposed(viewer: Viewer, connection: Connection, row: ServiceConfiguration) -> ProposedSource:
    bucket = row.facts["bucket"]
    held = (
        visible(ResourcePolicy.objects.as_of(None), viewer)
        .filter(connection=connection, service="s3", name=bucket)
        .first()
    )
    key = row.facts.get("kms_key_id") or ""
    return ProposedSource(
        LogSourceSettings(
            name=row.name,
            bucket=bucket,
            prefix=row.facts.get("key_prefix") or "",
            bucket_region=(held.region if held is not None else "") or row.region,
            account_id=held.account_id if held is not None else "",
            organization_path=connection.organization_id,
            trail_arn=row.arn,
            kms_key_arn=key if key.startswith("arn:") else "",
        ),
        _problem(row),
    )


def _problem(row: ServiceConfiguration) -> str:
    if row.facts.get("logging") is False:
        return "The trail is stopped: it delivers no files."
    if row.facts.get("delivery_error"):
        return f"The trail cannot deliver: {row.facts['delivery_error']}."
    if not row.facts.get("multi_region"):
        return "The trail covers one region: events in others are not in its files."
    return ""


def log_source_add(
    *, connection: Connection, settings: LogSourceSettings, now: datetime
) -> LogSource:
    """Store where the files of an organization's trail are; they are read from the next minute on.

    :raises LogSourceInvalid: a setting is wrong, or the place is read already.
    """
    back = timedelta(days=configured.INVENTORY_LOG_BACKFILL_DAYS)
    source = LogSource(
        connection=connection,
        name=settings.name.strip(),
        bucket=settings.bucket.strip(),
        prefix=settings.prefix.strip().strip("/"),
        organization_path=settings.organization_path.strip(),
        bucket_region=settings.bucket_region.strip(),
        account_id=settings.account_id.strip(),
        trail_arn=settings.trail_arn.strip(),
        kms_key_arn=settings.kms_key_arn.strip(),
        queue_url=settings.queue_url.strip(),
        read_from=settings.read_from or (now - back).date(),
        kind=settings.kind,
        athena_database=settings.athena_database.strip(),
        athena_table=settings.athena_table.strip(),
        athena_workgroup=settings.athena_workgroup.strip(),
        athena_results_bucket=settings.athena_results_bucket.strip(),
        monthly_budget_usd=settings.monthly_budget_usd,
    )
    faults = _faults(source, now)
    if faults:
        raise LogSourceInvalid(faults)
    try:
        with transaction.atomic():
            source.save()
    except IntegrityError:
        raise LogSourceInvalid({"bucket": ["This place is read already."]}) from None
    return source


def _faults(source: LogSource, now: datetime) -> dict[str, list[str]]:
    try:
        source.full_clean(validate_constraints=False)
    except ValidationError as error:
        return {name: list(messages) for name, messages in error.message_dict.items()}
    faults = _kind_faults(source)
    accounts = Account.objects.as_of(None).filter(connection=source.connection)
    if not accounts.filter(account_id=source.account_id).exists():
        faults["account_id"] = ["No account of the organization has this id."]
    if source.organization_path not in ("", source.connection.organization_id):
        faults["organization_path"] = ["Give the organization's id, or nothing."]
    first = (now - timedelta(days=configured.INVENTORY_USAGE_DAYS)).date()
    if not first <= source.read_from <= now.date():
        faults["read_from"] = [f"Give a day from {first}, before which usage ages out, to today."]
    return faults


def _kind_faults(source: LogSource) -> dict[str, list[str]]:
    """Return what stands against the way in which a source is read."""
    faults: dict[str, list[str]] = {}
    if source.kind == LogSource.Kind.ATHENA:
        for name in ("athena_database", "athena_table", "athena_workgroup"):
            if not getattr(source, name):
                faults[name] = ["Athena needs this."]
    others = LogSource.objects.filter(connection=source.connection, is_enabled=True)
    if others.exclude(kind=source.kind).exists():
        faults["kind"] = [
            "Another source of this organization is read in another way, so events would count "
            "twice. Switch that one off first."
        ]
    return faults


def log_source_switch(*, source_id: int, enabled: bool) -> LogSource:
    """Switch a source on or off; off, what was read stays.

    :raises LogSource.DoesNotExist: there is none of this id.
    :raises LogSourceInvalid: on: another source is read otherwise.
    """
    source = LogSource.objects.select_for_update().get(pk=source_id)
    faults = _kind_faults(source) if enabled else {}
    if faults:
        raise LogSourceInvalid(faults)
    source.is_enabled = enabled
    source.save(update_fields=["is_enabled"])
    return source
