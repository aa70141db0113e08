"""Exemptions from a data perimeter that nobody owns.

A data perimeter is a deny of an SCP or RCP to identities, resources or networks that are not the
organization's. Whom it exempts is outside of it; if nobody owns that account, nobody knows why.
Source: AWS whitepaper "Building a Data Perimeter on AWS".
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from governance.access.owners.selectors import owners_of_all
from governance.access.owners.standing import TargetOwners
from governance.posture.state.organization import ControlPolicies, ControlPolicy
from governance.posture.trust.findings.facts import TrustFacts
from governance.posture.trust.findings.kind import FoundTrust, TrustFindingKind
from governance.posture.trust.vendors import VendorName, vendor_of
from policies import Condition, Effect, PolicyType, Statement
from policies.trust import TrustSeverity

# What makes a deny one of a perimeter: whose the caller, the resource or the network is.
_PERIMETER: Final = frozenset(
    {
        *("aws:principalorgid", "aws:principalorgpaths", "aws:resourceorgid"),
        *("aws:resourceorgpaths", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourcevpc"),
        *("aws:sourcevpce", "aws:sourceip", "aws:vpceorgid", "aws:vpceorgpaths", "aws:vpceaccount"),
    }
)
_EXEMPTING: Final = frozenset(
    {"aws:principalarn", "aws:principalaccount", "aws:sourceaccount", "aws:resourceaccount"}
)
_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
# AWS's own roles: nobody else can use them.
_OF_AWS: Final = ("/aws-service-role/", "/aws-reserved/")
_KINDS: Final = {
    PolicyType.SERVICE_CONTROL_POLICY: "SCP",
    PolicyType.RESOURCE_CONTROL_POLICY: "RCP",
}


def check(facts: TrustFacts) -> Iterator[FoundTrust]:
    """Find the principals and accounts that SCPs and RCPs in use exempt, and that have no owner."""
    organization = facts.organization
    owners = owners_of_all(facts.connection)
    vendors = vendor_of(facts.connection)
    management = organization.management_account_id or ""
    for control in (organization.service_control, organization.resource_control):
        for policy in _attached(control):
            for number, statement, exempted in _exemptions(policy):
                reason = _unowned(exempted, owners, vendors)
                if reason is None:
                    continue
                kind = _KINDS[control.policy_type]
                yield FoundTrust(
                    subject_arn=policy.policy_id,
                    account_id=management,
                    statement=number,
                    about=f"{number}:{exempted}",
                    message=f"{kind} {policy.name} exempts {exempted} from a data perimeter: "
                    f"{reason}",
                    evidence={
                        "policy_id": policy.policy_id,
                        "sid": statement.sid,
                        "exempted": exempted,
                    },
                    remedy={
                        "text": f"Give the account of {exempted} an owner who confirms that the "
                        f"exemption is needed, or remove {exempted} from the condition."
                    },
                )


def _attached(control: ControlPolicies) -> Iterator[ControlPolicy]:
    """Yield the policies of a type that are attached anywhere, each once."""
    in_use = {policy.policy_id for policies in control.attached.values() for policy in policies}
    yield from (policy for key, policy in control.by_id.items() if key in in_use)


def _exemptions(policy: ControlPolicy) -> Iterator[tuple[int, Statement, str]]:
    """Yield what each perimeter statement exempts, with the statement's place, each once."""
    for number, statement in enumerate(policy.document.statements if policy.document else ()):
        keys = {condition.key.lower() for condition in statement.conditions}
        if statement.effect is not Effect.DENY or not keys & _PERIMETER:
            continue
        exempted = {
            value: None
            for condition in statement.conditions
            if _exempts(condition)
            for value in condition.values
            if not any(part in value for part in _OF_AWS) and "${" not in value
        }
        yield from ((number, statement, value) for value in exempted)


def _exempts(condition: Condition) -> bool:
    return condition.negated and condition.key.lower() in _EXEMPTING


def _unowned(
    exempted: str, owners: Mapping[str, TargetOwners], vendors: Mapping[str, VendorName]
) -> str | None:
    """Return why nobody owns what is exempted; None: somebody does."""
    named = _ACCOUNT.search(exempted)
    if named is None:
        return (
            "it names no account, so anyone who can create such a principal in any account is "
            "exempt."
        )
    account_id = named[0]
    if account_id in owners:
        return None if owners[account_id].owners else f"account {account_id} has no owner."
    if account_id in vendors:
        return None
    return f"account {account_id} is outside the organization and of no known external party."


KIND: Final = TrustFindingKind(
    code="perimeter-exemption-without-owner",
    label="Perimeter exemption without owner",
    question="Which data perimeter exemptions have no owner?",
    severity=TrustSeverity.MEDIUM,
    check=check,
)
