"""Roles of one name that let in others in one account than in most."""

from collections import Counter
from collections.abc import Hashable, Iterator
from typing import Final

from governance.posture.trust.findings.facts import EdgeFact, PrincipalFact, TrustFacts
from governance.posture.trust.findings.kind import FoundTrust, TrustFindingKind
from governance.posture.trust.findings.thresholds import trust_thresholds
from policies.trust import TrustSeverity

_OWN: Final = "<own account>"
_SERVICE_LINKED: Final = "/aws-service-role/"


def check(facts: TrustFacts) -> Iterator[FoundTrust]:
    """Find roles whose edges differ from those of most roles of their name and path.

    Compared is who gets in, by which actions, and which keys are asked for; not the values asked
    for, since each account may have an ExternalId of its own. One's own account is alike.
    """
    limits = trust_thresholds(facts.connection)
    by_name: dict[tuple[str, str], list[PrincipalFact]] = {}
    for one in facts.principals:
        if one.kind == "role" and one.trust_policy_id and not one.path.startswith(_SERVICE_LINKED):
            by_name.setdefault((one.path, one.name), []).append(one)
    for roles in by_name.values():
        if len(roles) < limits.majority_accounts:
            continue
        meanings = {role.arn: _meaning(facts, role) for role in roles}
        ((usual, number),) = Counter(meanings.values()).most_common(1)
        if number == len(roles) or number * 100 < limits.majority_percent * len(roles):
            continue
        # A policy that names one account everywhere names its own where the role lies in that one.
        written = {_meaning(facts, one, "") for one in roles if meanings[one.arn] == usual}
        differing = [
            role
            for role in roles
            if meanings[role.arn] != usual and _meaning(facts, role, "") not in written
        ]
        # An example of the others, for who compares the two policies.
        alike = next(role.arn for role in roles if meanings[role.arn] == usual)
        for role in differing:
            yield _found(facts, role, len(roles) - len(differing), len(roles), usual, alike)


def _meaning(
    facts: TrustFacts, role: PrincipalFact, own_account_id: str | None = None
) -> frozenset[Hashable]:
    own = role.account_id if own_account_id is None else own_account_id
    return frozenset(_edge(edge, own) for edge in facts.edges_by_resource.get(role.arn, ()))


def _edge(edge: EdgeFact, own_account_id: str) -> Hashable:
    principal_id = edge.principal_id
    return (
        edge.principal_kind,
        principal_id.replace(own_account_id, _OWN) if own_account_id else principal_id,
        edge.tenant,
        tuple(sorted(action.lower() for action in edge.actions)),
        tuple(sorted({(guard["kind"], guard["key"], guard["operator"]) for guard in edge.guards})),
    )


def _found(
    facts: TrustFacts,
    role: PrincipalFact,
    number: int,
    total: int,
    usual: frozenset[Hashable],
    alike_arn: str,
) -> FoundTrust:
    own = {
        edge.principal_id: _edge(edge, role.account_id)
        for edge in facts.edges_by_resource.get(role.arn, ())
    }
    further = sorted(who for who, meaning in own.items() if meaning not in usual)
    said = f": it trusts {further[0]}" if further else ""
    return FoundTrust(
        subject_arn=role.arn,
        account_id=role.account_id,
        message=f"Trust policy of {role.name} differs from that in {number:,} of {total:,} accounts"
        f"{said}.",
        evidence={
            "alike": number,
            "alike_arn": alike_arn,
            "accounts": total,
            "differing_principals": further,
        },
        remedy={"text": "Set the trust policy as the other accounts have it, or rename the role."},
    )


KIND: Final = TrustFindingKind(
    code="trust-differs-by-account",
    label="Trust differs by account",
    question="Which roles trust others than most roles of their name?",
    severity=TrustSeverity.MEDIUM,
    check=check,
)
