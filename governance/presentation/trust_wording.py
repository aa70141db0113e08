"""Who, what and under which guards, of an edge of trust, as screens and mails say it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from governance.contracts import terms
from governance.posture.trust.models import TrustEdge
from policies.trust import GuardKind, TrustPrincipalKind

PROVIDERS: Final[Mapping[str, tuple[str, str]]] = {
    "token.actions.githubusercontent.com": ("GitHub Actions", "brand-github"),
    "gitlab.com": ("GitLab", "git-pull-request"),
    "accounts.google.com": ("Google", "id-badge-2"),
    "cognito-identity.amazonaws.com": ("Cognito", "id-badge-2"),
    "app.terraform.io": ("Terraform Cloud", "stack-2"),
    "saml": ("SAML provider", "id-badge-2"),
}
"""Name and icon of identity providers by host; any other is called by its host."""

GUARD_LABELS: Final[Mapping[str, str]] = {
    **{kind.value: label for kind, label in terms.GUARD_LABELS.items()},
    GuardKind.SUBJECT: "Subject",
    GuardKind.AUDIENCE: "Audience",
    GuardKind.SERVICE: "Service",
}
"""What a kind of guard is called in a column, where the edge says of whom."""

_OUTSIDE: Final = {TrustEdge.Crossing.EXTERNAL, TrustEdge.Crossing.VENDOR}
_BLOCKS: Final[Mapping[str, str]] = {
    "service_control_policy": "Blocked by SCP",
    "resource_control_policy": "Blocked by RCP",
    "policy": "Blocked by its own policy",
}
_TYPES: Final[Mapping[str, str]] = {
    "iam:role": "role",
    "role": "role",
    "bucket": "bucket",
    "key": "key",
    "queue": "queue",
    "topic": "topic",
    "function": "function",
    "secret": "secret",
}


@dataclass(frozen=True, slots=True)
class EdgeEnd:
    """One end of an edge: an account or whoever it is, and in small what of it. `title`: the id.

    `account_id`: of a role, a user, or what an edge leads into, where the organization knows it.
    """

    icon: str
    name: str
    detail: str
    title: str
    account_id: str = ""


def account_name(account_id: str, names: Mapping[str, str]) -> str:
    """Return an account's name, or its id where the organization does not know it."""
    return names.get(account_id) or account_id


def last_part(arn: str) -> str:
    """Return the name at the end of an ARN: of `…:role/team/deploy`, `deploy`."""
    return arn.rsplit(":", 1)[-1].rsplit("/", 1)[-1]


def provider_name(provider: str) -> str:
    """Return what an identity provider is called: `GitHub Actions`, else its host."""
    if provider in PROVIDERS:
        return PROVIDERS[provider][0]
    if "/id/" in provider and provider.startswith("oidc.eks."):
        return "EKS cluster"
    return provider or "Identity provider"


def provider_icon(provider: str) -> str:
    """Return the icon of an identity provider."""
    return PROVIDERS.get(provider, ("", "id-badge-2"))[1]


def edge_source(edge: TrustEdge, names: Mapping[str, str]) -> EdgeEnd:
    """Say whom an edge comes from. `names`: of accounts, by id."""
    kind, who = edge.principal_kind, edge.principal_id
    account_id = edge.principal_account_id
    known = account_id in names
    icon = "box" if known else "help-circle"
    name = edge.vendor or account_name(account_id, names)
    match kind:
        case TrustPrincipalKind.ACCOUNT:
            whole = "whole account" if not edge.vendor else f"whole account {account_id}"
            return EdgeEnd(icon, name or who, whole, who)
        case TrustPrincipalKind.ROLE | TrustPrincipalKind.USER:
            detail = f"{kind} {last_part(who)}"
            return EdgeEnd(icon, name or who, detail, who, account_id if known else "")
        case TrustPrincipalKind.SESSION:
            role = who.split("/")[-2] if who.count("/") > 1 else last_part(who)
            return EdgeEnd(icon, name or who, f"session of role {role}", who)
        case TrustPrincipalKind.SERVICE:
            return EdgeEnd("settings", who, "AWS service", who)
        case TrustPrincipalKind.FEDERATED:
            where = edge.tenant or (last_part(who) if edge.provider == "saml" else "any tenant")
            icon = provider_icon(edge.provider)
            return EdgeEnd(icon, provider_name(edge.provider or who), where, who)
        case TrustPrincipalKind.ORGANIZATION:
            return EdgeEnd("building", "Organization", who, who)
        case TrustPrincipalKind.ORGANIZATIONAL_UNIT:
            return EdgeEnd("folder", names.get(who, "OU"), who.rstrip("/").rsplit("/", 1)[-1], who)
        case TrustPrincipalKind.CANONICAL_USER:
            return EdgeEnd("help-circle", "Canonical user", f"{who[:8]}…", who)
        case TrustPrincipalKind.DELETED:
            return EdgeEnd("user-off", "Deleted principal", who, who)
        case TrustPrincipalKind.EVERYONE:
            return EdgeEnd("world", "Everyone", "public", who)
        case _:
            return EdgeEnd("help-circle", who, kind.replace("_", " "), who)


def edge_target(edge: TrustEdge, names: Mapping[str, str]) -> EdgeEnd:
    """Say what an edge leads into. `names`: of accounts, by id."""
    is_role = edge.service == "iam" and ":role/" in edge.resource_arn
    return EdgeEnd(
        icon="key" if is_role else "database",
        name=account_name(edge.account_id, names),
        detail=f"{type_word(edge)} {edge.resource_name}",
        title=edge.resource_arn,
        account_id=edge.account_id if edge.account_id in names else "",
    )


def type_word(edge: TrustEdge) -> str:
    """Return what kind of thing an edge leads into: `role`, `bucket`, `snapshot`."""
    kind = edge.resource_type.rsplit("::", 1)[-1]
    return _TYPES.get(kind.lower(), kind.replace("_", " ").replace("-", " ").lower())


def guard_words(edge: TrustEdge) -> str:
    """Name the guards of an edge in one line: `Organization, ExternalId`."""
    guards: Sequence[Mapping[str, Any]] = edge.guards
    if not guards:
        asks_id = edge.crossing in _OUTSIDE and edge.source == TrustEdge.Source.TRUST_POLICY
        return "No ExternalId" if asks_id else "No guard"
    return ", ".join(dict.fromkeys(_guard_label(guard) for guard in guards))


def _guard_label(guard: Mapping[str, Any]) -> str:
    label = GUARD_LABELS.get(guard["kind"], guard["kind"].replace("_", " "))
    values = guard.get("values") or []
    if guard["kind"] == GuardKind.PRINCIPAL and len(values) == 1 and "/" in values[0]:
        label = f"Role name {last_part(values[0])}"
    elif guard["kind"] == GuardKind.CLAIM:
        label = f"Claim {guard['key'].rsplit(':', 1)[-1]}"
    elif guard["kind"] == GuardKind.TAG:
        label = f"Tag {guard['key'].rsplit('/', 1)[-1]}"
    return label if guard.get("holds") else f"{label} (weak)"


def state_words(edge: TrustEdge) -> str:
    """Say whether anybody can use an edge: `Open`, `Blocked by RCP`."""
    if edge.state == TrustEdge.EdgeState.BLOCKED:
        return _BLOCKS.get((edge.blocked_by or {}).get("by", ""), "Blocked")
    return str(edge.get_state_display())


def edge_sentence(edge: TrustEdge, names: Mapping[str, str]) -> str:
    """Say an edge in one sentence: who can do what to what."""
    target = f"{type_word(edge)} {edge.resource_name} in {account_name(edge.account_id, names)}"
    may = {
        TrustEdge.EdgeState.OPEN: "can",
        TrustEdge.EdgeState.GUARDED: "can, if the guards are met,",
        TrustEdge.EdgeState.BLOCKED: "is trusted but can't",
        TrustEdge.EdgeState.UNDECIDED: "may be able to",
    }[TrustEdge.EdgeState(edge.state)]
    return f"{_subject(edge, names)} {may} {_verb(edge)} {target}."


def _subject(edge: TrustEdge, names: Mapping[str, str]) -> str:
    source = edge_source(edge, names)
    match edge.principal_kind:
        case TrustPrincipalKind.ROLE | TrustPrincipalKind.USER | TrustPrincipalKind.SESSION:
            return f"{source.detail[0].upper()}{source.detail[1:]} in {source.name}"
        case TrustPrincipalKind.ACCOUNT:
            return f"Any principal of {source.name}"
        case TrustPrincipalKind.FEDERATED:
            return f"{source.name} ({source.detail})"
        case TrustPrincipalKind.ORGANIZATION:
            return f"Every principal of the organization {edge.principal_id}"
        case TrustPrincipalKind.ORGANIZATIONAL_UNIT:
            return f"Every principal of the OU {source.name}"
        case TrustPrincipalKind.DELETED:
            return f"A deleted principal ({edge.principal_id})"
        case TrustPrincipalKind.CANONICAL_USER:
            return f"The canonical user {source.detail}"
        case _:
            return source.name


def _verb(edge: TrustEdge) -> str:
    actions: Sequence[str] = edge.actions
    if edge.source == TrustEdge.Source.TRUST_POLICY:
        return "assume"
    if not actions:
        return f"reach (by {edge.through})" if edge.through else "use"
    shown = ", ".join(actions[:2])
    return f"use {shown}{f' and {len(actions) - 2} more' if len(actions) > 2 else ''} on"
