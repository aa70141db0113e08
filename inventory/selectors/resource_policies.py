"""Resources that have policies of their own, such as buckets, of all accounts."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final

from django.db.models import OuterRef, Q, QuerySet, Subquery

from inventory.collectors import registry
from inventory.models import Account, AccountSetting, Connection, ResourcePolicy
from inventory.models.trigrams import SHORTEST, trigrams, trigrams_of
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import PublicAccessBlock
from inventory.viewing import Viewer, visible

BUCKETS_COLLECTOR: Final = "s3.buckets"
ACCOUNT_BLOCK_COLLECTOR: Final = "s3.account_public_access_block"
_S3: Final = "s3"
_RAM: Final = "ram"


@cache
def _collectors_by_kind() -> Mapping[tuple[str, str], str]:
    return {
        (each.where["service"], each.where["resource_type"]): collector.name
        for collector in registry.COLLECTORS
        for each in collector.covers
        if each.record is ResourcePolicyRecord
    }


def collector_of(row: ResourcePolicy) -> str:
    """Return the collector that reads resources of this one's kind; empty: none does any more."""
    return _collectors_by_kind().get((row.service, row.resource_type), "")


def resource_collectors() -> tuple[str, ...]:
    """Return the collectors that read resources, of any kind."""
    return tuple(sorted(set(_collectors_by_kind().values())))


def resource_policies(
    viewer: Viewer,
    *,
    connection: Connection,
    as_of: datetime | None = None,
    account_id: str | None = None,
) -> "QuerySet[ResourcePolicy]":
    """Every resource at that time, with `account_name` and its `content`."""
    account_name = (
        Account.objects.as_of(as_of)
        .filter(connection=connection, account_id=OuterRef("account_id"))
        .values("name")[:1]
    )
    rows: QuerySet[ResourcePolicy] = (
        visible(ResourcePolicy.objects.as_of(as_of), viewer)
        .filter(connection=connection)
        .select_related("content")
        .annotate(account_name=Subquery(account_name))
    )
    return rows if account_id is None else rows.filter(account_id=account_id)


def resource_policy_history(
    viewer: Viewer, *, connection: Connection, account_id: str, arn: str
) -> "QuerySet[ResourcePolicy]":
    """Return every version of one resource, the newest first, with their texts."""
    rows: QuerySet[ResourcePolicy] = visible(ResourcePolicy.objects.all(), viewer)
    return (
        rows.filter(connection=connection, account_id=account_id, arn=arn)
        .select_related("content")
        .order_by("-seen_from")
    )


def resources_with_words(rows: "QuerySet[Any]", words: str) -> "QuerySet[Any]":
    """Keep the resources whose name contains `words` or whose ARN begins with them, by indexes.

    Case does not matter.
    """
    words = words.strip()
    named = Q(name__icontains=words)
    if len(words) >= SHORTEST:
        pieces: Any = trigrams_of(words)
        rows = rows.alias(pieces=trigrams("name"))
        named &= Q(pieces__contains=pieces)
    return rows.filter(named | Q(arn=words)) if words.startswith("arn:") else rows.filter(named)


def holders_of(arn: str) -> tuple[str, ...]:
    """Return the ARNs of the resources whose policies may decide over `arn`, the nearest first.

    The resource itself; of an object its bucket or access point, of an index its table, of a stage
    or method its API, of a rule its event bus, of a table of Glue the catalogue, of a log group or
    stream the group's policy, then the account's on all of them. ARNs may have wildcards.
    """
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return (arn,)
    head, rest = ":".join(parts[:5]), parts[5]
    found = [rest]
    match parts[2]:
        case "s3" if not parts[3] and not parts[4]:
            # The bucket alone: an object has no policy.
            found = [rest.partition("/")[0]]
        case "s3":
            found.append(rest.partition("/object/")[0])
        case "s3tables":
            found.append(rest.partition("/table/")[0])
        case "dynamodb":
            found.append(rest.partition("/index/")[0])
        case "execute-api":
            found.append(f"{rest.partition('/')[0]}/*")
        case "es":
            found.append("/".join(rest.split("/")[:2]))
        case "events" if rest.startswith("rule/"):
            bus, _, name = rest.removeprefix("rule/").rpartition("/")
            found.append(f"event-bus/{bus if name and bus else 'default'}")
        case "glue":
            found.append("catalog")
        case "logs" if rest.startswith("log-group:"):
            # A group's ARN ends in `:*` where its policy names its streams, too.
            group = ":".join(rest.split(":")[:2])
            found += [group, f"{group}:*", "log-group:*"]
    return tuple(dict.fromkeys(f"{head}:{each}" for each in found))


def resource_by_arn(
    viewer: Viewer, *, connection: Connection, arn: str, as_of: datetime | None = None
) -> ResourcePolicy | None:
    """Return the resource whose policy decides over `arn`, if it is collected.

    Of several the nearest; where accounts that share it list it as well, its owner's.
    """
    holders = holders_of(arn)
    rows = resource_policies(viewer, connection=connection, as_of=as_of)
    found = list(rows.filter(arn__in=holders).order_by("account_id"))
    owner = arn.split(":", 5)[4] if arn.count(":") > 4 else ""
    return min(
        found,
        key=lambda row: (holders.index(row.arn), row.account_id != owner),
        default=None,
    )


def shares_of(
    viewer: Viewer, *, connection: Connection, arn: str, as_of: datetime | None = None
) -> "QuerySet[ResourcePolicy]":
    """Return the RAM shares that hold a resource; only its own account can share it."""
    owner = arn.split(":", 5)[4] if arn.count(":") > 4 else ""
    rows = visible(ResourcePolicy.objects.as_of(as_of), viewer).filter(
        connection=connection, service=_RAM, account_id=owner, facts__resources__contains=[arn]
    )
    return rows.order_by("arn") if owner else rows.none()


def account_public_access_block(
    viewer: Viewer, *, connection: Connection, account_id: str, as_of: datetime | None = None
) -> PublicAccessBlock | None:
    """Return S3's Block Public Access of an account, all off where it has none; None: not known."""
    blocks = account_public_access_blocks(
        viewer, connection=connection, account_ids=[account_id], as_of=as_of
    )
    return blocks.get(account_id)


def account_public_access_blocks(
    viewer: Viewer,
    *,
    connection: Connection,
    account_ids: Collection[str],
    as_of: datetime | None = None,
) -> Mapping[str, PublicAccessBlock]:
    """Return S3's Block Public Access of accounts, in one query; of whom it is not known, none."""
    rows = (
        visible(AccountSetting.objects.as_of(as_of), viewer)
        .filter(
            connection=connection,
            account_id__in=account_ids,
            name=AccountSetting.Name.S3_PUBLIC_ACCESS_BLOCK,
        )
        .values_list("account_id", "value")
    )
    return {
        account_id: PublicAccessBlock() if value is None else PublicAccessBlock.of_json(value)
        for account_id, value in rows
    }
