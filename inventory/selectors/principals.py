"""IAM principals of all accounts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Case, Count, Exists, OuterRef, QuerySet, Subquery, Sum, Value, When

from inventory.models import (
    Account,
    AccountCoverage,
    AccountSetting,
    Connection,
    CredentialReport,
    IamPolicy,
    IdentityProvider,
    PolicyContent,
    Principal,
    PrincipalActivity,
    PrincipalName,
    UserCredential,
)
from inventory.models.trigrams import SHORTEST, trigrams, trigrams_of
from inventory.store.coverage_counts import PRINCIPAL_COUNTS
from inventory.viewing import Viewer, visible

# arn:partition:service:region:account:resource
_ACCOUNT_IN_ARN: Final = 4


def principals(
    viewer: Viewer,
    *,
    connection: Connection,
    as_of: datetime | None = None,
    account_id: str | None = None,
) -> QuerySet[Principal]:
    """Every principal at that time with `account_name` and what is on record now of its use.

    `use_collected`: whether its use was ever read; if so, `last_used_at` and `last_used_region`,
    null where there is none on record. `last_use` says what that tells of a past time.
    """
    account_name = (
        Account.objects.as_of(as_of)
        .filter(connection=connection, account_id=OuterRef("account_id"))
        .values("name")[:1]
    )
    activity = PrincipalActivity.objects.filter(
        connection=connection, account_id=OuterRef("account_id"), arn=OuterRef("arn")
    )
    rows: QuerySet[Principal] = (
        visible(Principal.objects.as_of(as_of), viewer)
        .filter(connection=connection)
        .annotate(
            account_name=Subquery(account_name),
            use_collected=Exists(activity),
            last_used_at=Subquery(activity.values("last_used_at")[:1]),
            last_used_region=Subquery(activity.values("last_used_region")[:1]),
        )
    )
    return rows if account_id is None else rows.filter(account_id=account_id)


def principals_by_name(
    viewer: Viewer,
    *,
    connection: Connection,
    name: str,
    limit: int,
    account_id: str = "",
    kinds: Iterable[str] = (),
    as_of: datetime | None = None,
) -> list[Principal]:
    """Return the first principals by name that begin with `name`, in any case.

    `account_id` and `kinds`: only of these; empty for all. Read in the order of the index by
    name from `name` on, so the number of principals does not matter.
    """
    rows: QuerySet[Principal] = visible(Principal.objects.as_of(as_of), viewer).filter(
        connection=connection
    )
    if account_id:
        rows = rows.filter(account_id=account_id, name__istartswith=name)
    else:
        rows = rows.filter(name__gte=name)
    if kinds:
        rows = rows.filter(kind__in=list(kinds))
    wanted = name.lower()
    found = rows.order_by("name", "arn")[:limit]
    return [row for row in found if row.name.lower().startswith(wanted)]


def principals_with_words(rows: "QuerySet[Principal]", words: str) -> "QuerySet[Principal]":
    """Keep the principals whose name contains `words` or whose ARN begins with them.

    Case does not matter. Names are found among all that there are, ARNs by an index.
    """
    words = words.strip()
    if "arn:".startswith(words.lower()):
        return rows
    if ":" not in words:  # a name never holds a colon, and an ARN begins with one in its first word
        names = PrincipalName.objects.filter(
            connection=OuterRef("connection"), name=OuterRef("name"), name__icontains=words
        )
        if len(words) >= SHORTEST:
            pieces: Any = trigrams_of(words)
            names = names.alias(pieces=trigrams("name")).filter(pieces__contains=pieces)
        return rows.filter(Exists(names))
    found = rows.filter(arn__istartswith=words)
    parts = words.split(":")
    if len(parts) <= _ACCOUNT_IN_ARN:
        return found
    account_id = parts[_ACCOUNT_IN_ARN]
    whole = len(parts) > _ACCOUNT_IN_ARN + 1
    # The index begins with the account.
    return found.filter(
        **{"account_id" if whole else "account_id__startswith": account_id},
    )


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A policy of a principal. `kind`: managed, inline, boundary, trust, or of a group.

    `text` is None where the policy is attached but its content was not collected.
    """

    kind: str
    name: str
    arn: str
    text: str | None
    via_group: str = ""


@dataclass(frozen=True, slots=True)
class PrincipalDetail:
    """One principal with every policy that applies to it, its credentials and its use."""

    principal: Principal
    policies: tuple[PolicyText, ...]
    credential: UserCredential | None
    activity: PrincipalActivity | None
    members: tuple[str, ...]


def principal_detail(
    viewer: Viewer, *, connection: Connection, arn: str, as_of: datetime | None = None
) -> PrincipalDetail | None:
    """Return a principal by its ARN, or None where it did not exist at that time.

    `members` names the users of a group. Policies of a user's groups are among its `policies`.
    """
    # The account is in the ARN, and the index begins with it.
    account_id = arn.split(":", 5)[4] if arn.count(":") >= 5 else ""
    row = (
        principals(viewer, connection=connection, as_of=as_of, account_id=account_id)
        .select_related("trust_policy")
        .filter(arn=arn)
        .first()
    )
    if row is None:
        return None
    same_account = visible(Principal.objects.as_of(as_of), viewer).filter(
        connection=connection, account_id=row.account_id
    )
    groups = (
        list(same_account.filter(kind=Principal.Kind.GROUP, name__in=row.groups))
        if row.groups
        else []
    )
    members: tuple[str, ...] = ()
    if row.kind == Principal.Kind.GROUP:
        members = tuple(
            same_account.filter(kind=Principal.Kind.USER, groups__contains=[row.name])
            .order_by("name")
            .values_list("name", flat=True)
        )
    arns = {
        *row.attached_policy_arns,
        *(arn for group in groups for arn in group.attached_policy_arns),
    }
    if row.boundary_arn:
        arns.add(row.boundary_arn)
    managed = {
        policy.arn: policy
        for policy in visible(IamPolicy.objects.as_of(as_of), viewer)
        .filter(connection=connection, account_id=row.account_id, arn__in=arns)
        .select_related("content")
    }
    hashes = {*row.inline_policies.values()}
    for group in groups:
        hashes |= {*group.inline_policies.values()}
    texts = dict(PolicyContent.objects.filter(pk__in=hashes).values_list("pk", "text"))

    def managed_text(kind: str, policy_arn: str, via_group: str = "") -> PolicyText:
        found = managed.get(policy_arn)
        return PolicyText(
            kind,
            policy_arn.rsplit("/", 1)[-1],
            policy_arn,
            found.content.text if found else None,
            via_group,
        )

    listed = [managed_text("managed", policy_arn) for policy_arn in row.attached_policy_arns]
    listed += [
        PolicyText("inline", name, "", texts.get(sha256))
        for name, sha256 in sorted(row.inline_policies.items())
    ]
    for group in groups:
        listed += [
            managed_text("managed", policy_arn, group.name)
            for policy_arn in group.attached_policy_arns
        ]
        listed += [
            PolicyText("inline", name, "", texts.get(sha256), group.name)
            for name, sha256 in sorted(group.inline_policies.items())
        ]
    if row.boundary_arn:
        listed.append(managed_text("boundary", row.boundary_arn))
    if row.trust_policy is not None:
        listed.append(PolicyText("trust", "Trust policy", "", row.trust_policy.text))
    of_principal = {"connection": connection, "account_id": row.account_id, "arn": row.arn}
    return PrincipalDetail(
        principal=row,
        policies=tuple(listed),
        credential=visible(UserCredential.objects.as_of(as_of), viewer)
        .filter(**of_principal)
        .annotate(report_generated_at=_report_generated_at(as_of))
        .first(),
        activity=visible(PrincipalActivity.objects.filter(**of_principal), viewer).first(),
        members=members,
    )


def principal_history(viewer: Viewer, *, connection: Connection, arn: str) -> QuerySet[Principal]:
    """Every version of a principal that was seen, the newest first."""
    return (
        visible(Principal.objects.all(), viewer)
        .filter(connection=connection, arn=arn)
        .select_related("trust_policy")
        .order_by("-seen_from")
    )


def principal_counts(
    viewer: Viewer,
    *,
    connection: Connection,
    as_of: datetime | None = None,
    account_id: str | None = None,
) -> dict[str, int]:
    """Count users, groups and roles of one account or of all; a kind with none is absent."""
    if as_of is None and account_id is None:
        return _principal_counts_now(viewer, connection)
    rows = visible(Principal.objects.as_of(as_of), viewer).filter(connection=connection)
    if account_id is not None:
        rows = rows.filter(account_id=account_id)
    return dict(rows.order_by().values_list("kind").annotate(count=Count("pk")))


def _principal_counts_now(viewer: Viewer, connection: Connection) -> dict[str, int]:
    """Add up what the store has counted in each account."""
    summed = visible(AccountCoverage.objects.filter(connection=connection), viewer).aggregate(
        **{kind: Sum(name) for kind, name in PRINCIPAL_COUNTS.items()}
    )
    return {kind: count for kind, count in summed.items() if count}


def identity_providers(
    viewer: Viewer, *, connection: Connection, account_id: str, as_of: datetime | None = None
) -> QuerySet[IdentityProvider]:
    """The SAML and OpenID Connect providers of an account."""
    return (
        visible(IdentityProvider.objects.as_of(as_of), viewer)
        .filter(connection=connection, account_id=account_id)
        .order_by("kind", "arn")
    )


def account_settings(
    viewer: Viewer, *, connection: Connection, account_id: str, as_of: datetime | None = None
) -> dict[str, AccountSetting]:
    """The collected settings of an account by name; one never collected is absent."""
    return {
        row.name: row
        for row in visible(AccountSetting.objects.as_of(as_of), viewer).filter(
            connection=connection, account_id=account_id
        )
    }


def _report_generated_at(as_of: datetime | None) -> Subquery:
    """When AWS made the report of a credential's account; null where that is later than `as_of`."""
    reports = CredentialReport.objects.filter(
        connection=OuterRef("connection"), account_id=OuterRef("account_id")
    )
    if as_of is not None:
        reports = reports.filter(generated_at__lte=as_of)
    return Subquery(reports.values("generated_at")[:1])


def user_credentials(
    viewer: Viewer, *, connection: Connection, account_id: str, as_of: datetime | None = None
) -> QuerySet[UserCredential]:
    """The credential report of an account by name, the root user (`rank` 0) first."""
    rows: QuerySet[UserCredential] = (
        visible(UserCredential.objects.as_of(as_of), viewer)
        .filter(connection=connection, account_id=account_id)
        .annotate(
            rank=Case(When(user_name="<root_account>", then=Value(0)), default=Value(1)),
            report_generated_at=_report_generated_at(as_of),
        )
        .order_by("rank", "user_name", "arn")
    )
    return rows


def user_credentials_of(
    viewer: Viewer,
    *,
    connection: Connection,
    account_ids: Iterable[str],
    arns: Iterable[str],
    as_of: datetime | None = None,
) -> dict[str, UserCredential]:
    """Return what the credential reports say of some users, by ARN, in one query."""
    rows = visible(UserCredential.objects.as_of(as_of), viewer).filter(
        connection=connection, account_id__in=list(account_ids), arn__in=list(arns)
    )
    return {row.arn: row for row in rows}
