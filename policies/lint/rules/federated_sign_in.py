"""Denies by the caller's identity that shut out SAML and OpenID Connect sign-in.

Who calls sts:AssumeRoleWithSAML or AssumeRoleWithWebIdentity is no AWS principal yet: the request
has no organization, account or ARN of a principal, so a negated condition on one always holds.

Source: IAM user guide, "AWS global condition context keys" (availability of aws:PrincipalOrgID,
aws:PrincipalArn, aws:PrincipalIsAWSService …); STS API, AssumeRoleWithSAML and
AssumeRoleWithWebIdentity (called without AWS credentials).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.compiled import CompiledStatement
from policies.language.conditions.values import ABSENT, UNKNOWN, ContextValue
from policies.language.document import Effect, PrincipalElement
from policies.language.json_reader import shown
from policies.language.policy_types import PolicyType
from policies.lint.finding import LintFinding
from policies.lint.keys import find_key
from policies.lint.subject import LintSubject

_SIGN_INS: Final = ("sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
_TYPES: Final = frozenset({PolicyType.RESOURCE_CONTROL_POLICY, PolicyType.TRUST_POLICY})
_WITHOUT_CREDENTIALS: Final = frozenset(
    {
        "aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn",
        "aws:principalisawsservice", "aws:principalservicename", "aws:principalservicenameslist",
        "aws:username", "aws:multifactorauthpresent", "aws:multifactorauthage",
        "aws:tokenissuetime", "aws:assumedroot", "aws:calledvia", "aws:calledviafirst",
        "aws:calledvialast", "aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid",
        "aws:sourceorgpaths", "aws:sourceowner",
    }
)  # fmt: skip
"""Keys that a request without AWS credentials, and not by an AWS service, never carries."""
_PRINCIPAL_TAG: Final = "aws:principaltag/"
_PRESENT: Final[dict[str, ContextValue]] = {
    "aws:viaawsservice": "false",
    "aws:securetransport": "true",
}


def check_federated_sign_in(subject: LintSubject) -> Iterator[LintFinding]:
    """Yield the denies that always hold in a federated sign-in because the caller's keys lack."""
    if subject.policy_type not in _TYPES:
        return
    for index, _, compiled in subject.statements():
        if compiled.effect is not Effect.DENY or not _reaches_federated(compiled):
            continue
        blocked = [
            name for name in _SIGN_INS if compiled.action_bits & subject.catalogue.bits(name)
        ]
        if not blocked or not all(c.holds(_sign_in) is True for c in compiled.conditions):
            continue
        keys = [c.key for c in compiled.conditions if _is_absent(c.key)]
        if not keys:
            continue
        key = next((key for key in keys if key.startswith("aws:principalorg")), keys[0])
        facts = find_key(subject.catalogue, key)
        yield subject.warning(
            "blocks_federated_sign_in",
            f"This denies every {' and '.join(blocked)}: a caller who signs in has no "
            f"{shown(facts.name if facts and '$' not in facts.name else key)} yet, so the "
            f"condition always holds. Take {'them' if len(blocked) > 1 else 'it'} out of this "
            "statement, and restrict federated sign-in by its provider: a condition such as "
            "saml:aud or the provider's own sub.",
            subject.condition_path(index, key),
            index,
        )


def _reaches_federated(compiled: CompiledStatement) -> bool:
    if compiled.principals is None or compiled.not_principal:
        return True
    return any(
        principal == PrincipalElement("*", "*") or principal.kind == "Federated"
        or principal == PrincipalElement("AWS", "*")
        for principal in compiled.principals
    )  # fmt: skip


def _is_absent(key: str) -> bool:
    return key in _WITHOUT_CREDENTIALS or key.startswith(_PRINCIPAL_TAG)


def _sign_in(key: str) -> ContextValue:
    return ABSENT if _is_absent(key) else _PRESENT.get(key, UNKNOWN)
