"""`oidc-without-subject`, `oidc-open-to-other-tenants`: a provider's other tenants may come in.

A provider that serves many tenants by one issuer signs in everybody who has an account there; only
a claim such as the subject tells them apart. Where the issuer is one tenant's own, the subject says
which of its workloads is meant.

Source: IAM user guide, "Identity-provider controls for shared OIDC providers", "Create a role for
OpenID Connect federation"; each provider's page in `policies/trust/providers/providers.json`.
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.language.json_reader import JsonValue
from policies.trust.edges import GuardKind
from policies.trust.findings.federation import FederatedEdge, federated_edges
from policies.trust.findings.finding import PolicyFinding, TrustSeverity
from policies.trust.findings.subject import TrustSubject, finding, remedy
from policies.trust.guard_wording import GuardTrap


def check_oidc_tenants(subject: TrustSubject) -> Iterator[PolicyFinding]:
    """Yield the statements that let in more of a provider's tenants or workloads than are named."""
    for index, federated in federated_edges(subject):
        provider = federated.provider
        if provider.is_cognito or federated.fixes_tenant:
            continue
        if federated.host == "*":
            yield _finding(
                "oidc-without-subject",
                TrustSeverity.CRITICAL,
                index,
                "Whomever any identity provider signs in may assume this role.",
                federated,
            )
        elif provider.shared and federated.tenant_guards:
            open_guard = federated.tenant_guards[0].guard
            yield _finding(
                "oidc-open-to-other-tenants",
                TrustSeverity.CRITICAL,
                index,
                f"Tenants of {provider.name} that are not intended may assume this role. The "
                f"condition on {open_guard.key} leaves open: {_lower(open_guard.leaves_open)}",
                federated,
            )
        elif provider.shared:
            yield _finding(
                "oidc-without-subject",
                TrustSeverity.CRITICAL,
                index,
                f"No condition names a {provider.tenant}: everyone on {provider.name} may assume "
                "this role.",
                federated,
            )
        elif _names_no_workload(federated):
            yield _finding(
                "oidc-without-subject",
                _severity(federated),
                index,
                f"Every workload and user that {federated.host} signs in may assume this role.",
                federated,
            )


def _lower(sentence: str) -> str:
    return f"{sentence[:1].lower()}{sentence[1:]}"


def _names_no_workload(federated: FederatedEdge) -> bool:
    return all(reading.trap is GuardTrap.EVERYTHING for reading in federated.tenant_guards)


def _severity(federated: FederatedEdge) -> TrustSeverity:
    """Return the severity where the issuer is one tenant's, or an unknown provider.

    A cluster runs pods of many teams, any of which could ask for the role.
    """
    if federated.provider.is_known:
        cluster = federated.provider.name == "Amazon EKS"
        return TrustSeverity.HIGH if cluster else TrustSeverity.MEDIUM
    return TrustSeverity.LOW if federated.holds(GuardKind.AUDIENCE) else TrustSeverity.HIGH


def _finding(
    code: str, severity: TrustSeverity, index: int, message: str, federated: FederatedEdge
) -> PolicyFinding:
    return finding(
        code,
        severity,
        index,
        message,
        remedy(
            "Name the identity provider and its intended users."
            if federated.host == "*"
            else f"Name the {federated.provider.tenant} and the intended part of it.",
            condition=_condition(federated),
        ),
    )


def _condition(federated: FederatedEdge) -> JsonValue:
    provider, host = federated.provider, federated.host
    if host == "*":
        return None
    if provider.example_subject is None:
        return {"StringEquals": {f"{host}:{provider.audience_claim}": provider.audience}}
    example = provider.example_subject if provider.is_known else "SUBJECT"
    operator = "StringLike" if "*" in example else "StringEquals"
    subject: dict[str, JsonValue] = {f"{host}:sub": example}
    audience: dict[str, JsonValue] = {f"{host}:aud": provider.audience or "AUDIENCE"}
    if operator == "StringEquals":
        return {operator: {**audience, **subject}}
    return {"StringEquals": audience, operator: subject}
