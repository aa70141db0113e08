"""IAM principals of all accounts."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, OuterRef, QuerySet, Subquery

from inventory.models import (
    Account,
    AccountSetting,
    Connection,
    IamPolicy,
    IdentityProvider,
    PolicyContent,
    Principal,
    PrincipalActivity,
    UserCredential,
)
from inventory.viewing import Viewer, visible


def principals(
    viewer: Viewer,
    *,
    connection: Connection,
    as_of: datetime | None = None,
    account_id: str | None = None,
) -> QuerySet[Principal]:
    """Every principal at that time with `account_name` and `last_used_at` (null: no use known)."""
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
            last_used_at=Subquery(activity.values("last_used_at")[:1]),
        )
    )
    return rows if account_id is None else rows.filter(account_id=account_id)


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
    """One principal with every policy that bears on it, its credentials and its use."""

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
    row = (
        principals(viewer, connection=connection, as_of=as_of)
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


def user_credentials(
    viewer: Viewer, *, connection: Connection, account_id: str, as_of: datetime | None = None
) -> QuerySet[UserCredential]:
    """The credential report of an account, the root user first."""
    return (
        visible(UserCredential.objects.as_of(as_of), viewer)
        .filter(connection=connection, account_id=account_id)
        .order_by(F("user_name").asc())
    )
