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


def holder_of(arn: str) -> str:
    """Return the ARN of the resource whose policy decides over `arn`: of an object, its bucket's.

    ARNs may have wildcards; one whose bucket has is returned as it is.
    """
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[2] != _S3 or parts[3] or parts[4]:
        return arn
    return ":".join((*parts[:5], parts[5].partition("/")[0]))


def resource_by_arn(
    viewer: Viewer, *, connection: Connection, arn: str, as_of: datetime | None = None
) -> ResourcePolicy | None:
    """Return the resource whose policy decides over `arn`, if it is collected."""
    rows = resource_policies(viewer, connection=connection, as_of=as_of)
    return rows.filter(arn=holder_of(arn)).first()


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
