"""When principals were last used, as far as AWS tells."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q, QuerySet

from inventory.models import Connection, Principal, PrincipalActivity
from inventory.viewing import Viewer, visible


def unused_since(rows: "QuerySet[Principal]", before: datetime) -> "QuerySet[Principal]":
    """Keep the principals whose use was read, and lies before that or is not on record."""
    # An ARN holds its account's id. Compared by both columns, which say the same, PostgreSQL
    # takes the matches for a few where they are most of all, and sorts them all for one page.
    use = PrincipalActivity.objects.filter(
        Q(last_used_at__isnull=True) | Q(last_used_at__lt=before),
        connection=OuterRef("connection"),
        arn=OuterRef("arn"),
    )
    return rows.filter(Exists(use))


def activities(
    viewer: Viewer, *, connection: Connection, account_ids: Iterable[str], arns: Iterable[str]
) -> dict[str, PrincipalActivity]:
    """Return what is on record of the use of some principals, by ARN, in one query."""
    rows = PrincipalActivity.objects.filter(
        connection=connection, account_id__in=list(account_ids), arn__in=list(arns)
    )
    return {row.arn: row for row in visible(rows, viewer)}


class Use(StrEnum):
    """What is known of a principal's last use.

    NOT_RECORDED: AWS keeps none for groups. NONE_ON_RECORD: none within the 400 days that AWS
    keeps. UNKNOWN: never collected, or what is on record now does not tell of the time asked for.
    """

    USED = "used"
    NONE_ON_RECORD = "none_on_record"
    NOT_RECORDED = "not_recorded"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LastUse:
    """A principal's last use before a time. `at` and `region` are set only where it was used."""

    use: Use
    at: datetime | None = None
    region: str | None = None


def last_use(
    *,
    kind: str,
    collected: bool,
    last_used_at: datetime | None,
    region: str | None,
    as_of: datetime | None = None,
) -> LastUse:
    """Say what the recorded use says of the time `as_of`.

    Only the newest use is kept. One after `as_of` hides which came before it, and with none on
    record there may have been one that AWS has since dropped.
    """
    if kind == Principal.Kind.GROUP:
        return LastUse(Use.NOT_RECORDED)
    if not collected:
        return LastUse(Use.UNKNOWN)
    if as_of is not None and (last_used_at is None or last_used_at > as_of):
        return LastUse(Use.UNKNOWN)
    if last_used_at is None:
        return LastUse(Use.NONE_ON_RECORD)
    return LastUse(Use.USED, last_used_at, region or None)


def last_use_of(
    kind: str, activity: PrincipalActivity | None, *, as_of: datetime | None = None
) -> LastUse:
    """Say what is known of the last use; `activity`: what is on record, None: not collected."""
    return last_use(
        kind=kind,
        collected=activity is not None,
        last_used_at=activity.last_used_at if activity else None,
        region=activity.last_used_region if activity else None,
        as_of=as_of,
    )
