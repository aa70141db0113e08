"""How fresh what a screen shows is: which collectors it rests on, and which of them did not read.

A run may end well although a collector was refused: what that collector read before stays, and a
screen that shows it has to say so.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from inventory.collectors import registry
from inventory.collectors.collector import Collector, Reader, Slice
from inventory.models import Account, AccountCoverage, Connection, Coverage
from inventory.record_types import RECORD_TYPES
from inventory.selectors.connections import stale_after
from inventory.selectors.coverage import known_accounts, latest_coverage
from inventory.viewing import Viewer, visible

# What a target's ceiling rests on, and what a decision about a request does.
AUTHORIZATION_TABLES: Final = ("Account", "OrganizationalUnit", "Policy", "PolicyAttachment")
DECISION_TABLES: Final = (*AUTHORIZATION_TABLES, "Principal", "IamPolicy", "ResourcePolicy")
# What the graph of trust rests on, and what guardrails do.
TRUST_TABLES: Final = (
    *("Principal", "ResourcePolicy", "IdentityProvider", "OrganizationResourcePolicy"),
    *("DelegatedAdministrator", "PermissionSet", "PermissionSetAssignment"),
    *("IdentityCenterPrincipal", "OrganizationSetting:root_access_features"),
    *("AccountSetting:outbound_federation", "AccountSetting:s3_public_access_block"),
)
GUARDRAIL_TABLES: Final = (
    *AUTHORIZATION_TABLES,
    *("ResourcePolicy", "ServiceConfiguration", "AccountSetting", "OrganizationSetting"),
)
# What findings do: of structure, trust, guardrails, drift and the landing zone.
FINDING_TABLES: Final = tuple(
    dict.fromkeys((*DECISION_TABLES, *TRUST_TABLES, *GUARDRAIL_TABLES, "TrustedService"))
)
# The types of policies that allow and deny requests.
AUTHORIZATION_POLICY_TYPES: Final = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
# The state of a collector that has no coverage.
NEVER_RAN: Final = "unknown"
# The state of one that read everything in an account, but too long ago.
TOO_OLD: Final = "stale"
_READ: Final = (Coverage.State.COMPLETE, Coverage.State.UNSUPPORTED)


class Freshness(StrEnum):
    """What may be said of what a screen shows.

    FRESH: all of its collectors read it, and not too long ago. STALE: too long ago. INCOMPLETE:
    some did not read all of it the last time. UNKNOWN: some never did.
    """

    FRESH = "fresh"
    STALE = "stale"
    INCOMPLETE = "incomplete"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class UnreadSource:
    """A collector that did not read all the last time, or too long ago.

    `state`: a `Coverage.State`, `unknown` where it never ran, or `stale`. `accounts`: in how many
    accounts, 0 where it reads the organization. `last_complete_at`: when it was last complete, of
    several accounts the longest ago; None: it never was, in some of them. `message` and `remedy`:
    AWS's refusal in words, of one of them.
    """

    collector: str
    label: str
    state: str
    accounts: int
    last_complete_at: datetime | None
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class DataFreshness:
    """How fresh the rows of some tables are, now or at a time.

    `complete_at`: when the organization's collectors among them had all been complete; None: one
    never was, or none is the organization's. `is_begun`: anything was ever read of the
    organization.
    """

    state: Freshness
    complete_at: datetime | None
    unread: tuple[UnreadSource, ...]
    is_begun: bool


def sources_of(
    tables: Collection[str], policy_types: Collection[str] | None = None
) -> tuple[Collector, ...]:
    """Return the collectors that read what some tables hold.

    `tables`: `Account`, or `ServiceConfiguration:trail` for rows of one kind or name alone.
    `policy_types`: of the collectors that read policies of one type only those of these; None:
    all.
    """

    shown = [part.partition(":") for part in tables]

    def holds(covered: Slice) -> bool:
        of_type = covered.where.get("type") or covered.where.get("policy_type")
        chosen = policy_types is None or of_type is None or of_type in policy_types
        return chosen and any(
            table == RECORD_TYPES[covered.record].table
            and (not kind or kind in covered.where.values())
            for table, _, kind in shown
        )

    return tuple(each for each in registry.COLLECTORS if any(map(holds, each.covers)))


def data_freshness(
    viewer: Viewer,
    *,
    connection: Connection,
    sources: Iterable[Collector],
    now: datetime,
    account_id: str | None = None,
    as_of: datetime | None = None,
) -> DataFreshness:
    """Say how fresh what these collectors read is, in at most three queries.

    `account_id`: of the accounts only this one counts; None: all of them. Accounts that no run has
    covered count now, and not at a time.
    """
    by_reader: dict[Reader, dict[str, Collector]] = {reader: {} for reader in Reader}
    for collector in sources:
        by_reader[collector.scope.reader][collector.name] = collector
    covered = latest_coverage(viewer, connection=connection, as_of=as_of)
    unread, complete_at = _of_organization(covered, by_reader[Reader.ORGANIZATION])
    oldest = (as_of or now) - stale_after(connection)
    if by_reader[Reader.ACCOUNT]:
        unread += _of_accounts(
            _with_problems(viewer, connection, covered, account_id, as_of, oldest),
            by_reader[Reader.ACCOUNT],
        )
    if as_of is None:
        unread += _of_uncovered(viewer, connection, by_reader[Reader.ACCOUNT], account_id)
    if any(
        each.state == NEVER_RAN or (each.last_complete_at is None and each.accounts == 0)
        for each in unread
    ):
        state = Freshness.UNKNOWN
    elif any(each.state != TOO_OLD for each in unread):
        state = Freshness.INCOMPLETE
    elif unread or (complete_at is not None and complete_at < oldest):
        state = Freshness.STALE
    else:
        state = Freshness.FRESH
    begun = AccountCoverage.objects.filter(connection=connection, total__gt=0)
    ran = not unread or any(each.state != NEVER_RAN for each in unread)
    return DataFreshness(state, complete_at, tuple(unread), ran or begun.exists())


def _of_organization(
    covered: "QuerySet[Coverage]", collectors: dict[str, Collector]
) -> tuple[list[UnreadSource], datetime | None]:
    if not collectors:
        return [], None
    rows = {
        row.collector: row for row in covered.filter(account_id="", collector__in=list(collectors))
    }
    unread = []
    for name, collector in collectors.items():
        row = rows.get(name)
        if row is None:
            unread.append(UnreadSource(name, collector.label, NEVER_RAN, 0, None, "", ""))
        elif row.state not in _READ:
            unread.append(
                UnreadSource(
                    name,
                    collector.label,
                    row.state,
                    0,
                    row.last_complete_at,
                    row.message,
                    row.remedy,
                )
            )
    times = [row.last_complete_at for row in rows.values() if row.state != _READ[1]]
    whole = len(rows) == len(collectors) and None not in times
    return unread, min((at for at in times if at is not None), default=None) if whole else None


def _with_problems(
    viewer: Viewer,
    connection: Connection,
    covered: "QuerySet[Coverage]",
    account_id: str | None,
    as_of: datetime | None,
    oldest: datetime,
) -> "QuerySet[Coverage]":
    """Leave the accounts' coverage that is not complete, or was so before `oldest` only.

    Of all accounts by the few that have any.
    """
    rows = covered.exclude(account_id="").filter(
        ~Q(state__in=_READ) | Q(state=Coverage.State.COMPLETE, last_complete_at__lt=oldest)
    )
    if account_id is not None:
        return rows.filter(account_id=account_id)
    known = known_accounts(viewer, connection=connection, as_of=as_of).filter(
        Q(complete__lt=F("total") - F("unsupported")) | Q(oldest_complete_at__lt=oldest)
    )
    return rows.filter(account_id__in=known.values("account_id"))


def _of_uncovered(
    viewer: Viewer, connection: Connection, collectors: dict[str, Collector], account_id: str | None
) -> list[UnreadSource]:
    """Return the collectors once more for the accounts that no run has covered yet.

    Of one account those that no run came to.
    """
    if not collectors:
        return []
    if account_id is not None:
        ran = visible(Coverage.objects.filter(connection=connection), viewer).filter(
            account_id=account_id, held_until__isnull=True, collector__in=list(collectors)
        )
        names = set(ran.values_list("collector", flat=True))
        return [
            UnreadSource(name, collector.label, NEVER_RAN, 1, None, "", "")
            for name, collector in collectors.items()
            if name not in names
        ]
    accounts = visible(Account.objects.as_of(None), viewer).filter(connection=connection)
    covered = AccountCoverage.objects.filter(
        connection=connection, account_id=OuterRef("account_id"), total__gt=0
    )
    number = accounts.filter(~Exists(covered)).count()
    return [
        UnreadSource(name, collector.label, NEVER_RAN, number, None, "", "")
        for name, collector in collectors.items()
        if number
    ]


def _of_accounts(
    rows: "QuerySet[Coverage]", collectors: dict[str, Collector]
) -> list[UnreadSource]:
    counted = (
        rows.filter(collector__in=list(collectors))
        .annotate(
            fared=Case(
                When(state=Coverage.State.COMPLETE, then=Value(TOO_OLD)),
                default=F("state"),
                output_field=CharField(),
            )
        )
        .order_by()
        .values("collector", "fared")
        .annotate(
            accounts=Count("account_id", distinct=True),
            known=Count("last_complete_at"),
            number=Count("pk"),
            longest_ago=Min("last_complete_at"),
            one_message=Max("message"),
            one_remedy=Max("remedy"),
        )
    )
    return [
        UnreadSource(
            collector=row["collector"],
            label=collectors[row["collector"]].label,
            state=row["fared"],
            accounts=row["accounts"],
            last_complete_at=row["longest_ago"] if row["known"] == row["number"] else None,
            message=row["one_message"],
            remedy=row["one_remedy"],
        )
        for row in sorted(counted, key=lambda row: (-row["accounts"], row["collector"]))
    ]
