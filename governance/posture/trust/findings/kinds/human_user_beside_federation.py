"""IAM users of people in accounts that people sign in to by a provider."""

from collections.abc import Iterator
from typing import Final

from governance.posture.identities.classing import (
    IDENTITY_CENTER_PATH,
    IdentityFacts,
    IdentityKind,
    classify,
)
from governance.posture.identities.selectors import has_access_key
from governance.posture.trust.findings.facts import TrustFacts
from governance.posture.trust.findings.kind import FoundTrust, TrustFindingKind
from inventory.models import IdentityProvider
from policies.trust import TrustSeverity


def check(facts: TrustFacts) -> Iterator[FoundTrust]:
    """Find users with a password that a person uses, where Identity Center or SAML is there."""
    federated = _federated_accounts(facts)
    if not federated:
        return
    paths = {(one.account_id, one.arn): one.path for one in facts.principals if one.kind == "user"}
    for row in facts.credentials:
        path = paths.get((row.account_id, row.arn))
        if path is None or row.account_id not in federated or not row.password_enabled:
            continue
        classed = classify(
            IdentityFacts(
                kind="user",
                name=row.user_name,
                path=path,
                has_password=row.password_enabled,
                has_access_key=has_access_key(row),
            )
        )
        if classed.kind is not IdentityKind.HUMAN:
            continue
        no_mfa = row.mfa_active is False
        yield FoundTrust(
            subject_arn=row.arn,
            account_id=row.account_id,
            severity=TrustSeverity.HIGH if no_mfa else None,
            message=f"{row.user_name} signs in with a password{' and no MFA' if no_mfa else ''}, "
            f"though people sign in here by {federated[row.account_id]}.",
            evidence={"mfa_active": row.mfa_active, "reason": classed.reason},
            remedy={
                "text": "Give the person access by the provider, then delete the user's password "
                "and keys."
            },
        )


def _federated_accounts(facts: TrustFacts) -> dict[str, str]:
    """Return how people sign in to accounts, by account id; others are absent."""
    found = {
        provider.account_id: "SAML"
        for provider in facts.providers
        if provider.kind == IdentityProvider.Kind.SAML
    }
    for principal in facts.principals:
        if principal.path.startswith(IDENTITY_CENTER_PATH):
            found[principal.account_id] = "IAM Identity Center"
    return found


KIND: Final = TrustFindingKind(
    code="human-user-beside-federation",
    label="Human user beside federation",
    question="Which people sign in with an IAM user although a provider exists?",
    severity=TrustSeverity.MEDIUM,
    check=check,
)
