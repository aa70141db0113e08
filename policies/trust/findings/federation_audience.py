"""`oidc-without-audience`, `saml-without-audience`: a token meant for somebody else is taken.

IAM checks the audience of an OIDC provider's tokens against the list of the provider; for Google,
Amazon and Facebook there is no such list, so the trust policy must name the application. A SAML
assertion's audience is the sign-in address of AWS.

Source: IAM user guide, "IAM and AWS STS condition context keys" (OIDC and SAML keys), "Create a
role for SAML 2.0 federation".
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.trust.edges import GuardKind, TrustPrincipalKind
from policies.trust.findings.federation import federated_edges
from policies.trust.findings.finding import PolicyFinding, TrustSeverity
from policies.trust.findings.subject import TrustSubject, finding, names_of, remedy
from policies.trust.guard_keys import is_saml


def check_federation_audience(subject: TrustSubject) -> Iterator[PolicyFinding]:
    """Yield the statements that take tokens and assertions of any audience."""
    for index, federated in federated_edges(subject):
        provider = federated.provider
        wanting = provider.needs_audience and not provider.is_cognito and federated.fixes_tenant
        if wanting and not federated.holds(GuardKind.AUDIENCE):
            key = f"{federated.host}:{provider.audience_claim}"
            yield finding(
                "oidc-without-audience",
                TrustSeverity.MEDIUM,
                index,
                f"Tokens that {provider.name} issued for any application are accepted: no "
                f"condition names {key}.",
                remedy(
                    "Name the application.", condition={"StringEquals": {key: provider.audience}}
                ),
            )
    if not subject.is_trust_policy:
        return
    for index, edges in subject.open_edges(TrustPrincipalKind.FEDERATED):
        bare = [
            edge
            for edge in edges
            if is_saml(edge.principal)
            and subject.lets_assume(edge)
            and not subject.holding(edge, {GuardKind.AUDIENCE})
        ]
        if bare:
            yield finding(
                "saml-without-audience",
                TrustSeverity.MEDIUM,
                index,
                f"Assertions of {names_of(bare)} for any audience are accepted.",
                remedy(
                    "Ask for AWS's sign-in address as audience.",
                    condition={"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
                ),
            )
