"""What a check of trust looks at: a policy with its edges and their guards, and how it reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from policies.compiled import CompiledStatement, default_compiler
from policies.language.document import Statement
from policies.language.json_reader import JsonValue
from policies.language.policy_types import PolicyType
from policies.trust.edges import (
    GuardKind,
    PolicyCrossing,
    PolicyEdge,
    Remedy,
    TrustPrincipalKind,
)
from policies.trust.findings.denies import guards_by_denies
from policies.trust.findings.finding import PolicyFinding, TrustSeverity
from policies.trust.guard_wording import GuardTrap
from policies.trust.guards import GuardReading, read_guards
from policies.trust.question import TrustQuestion

LIMITING: Final = frozenset(
    {
        GuardKind.ORGANIZATION,
        GuardKind.PRINCIPAL,
        GuardKind.SOURCE_ACCOUNT,
        GuardKind.SOURCE_ARN,
        GuardKind.SOURCE_ORGANIZATION,
        GuardKind.VPC,
        GuardKind.VPC_ENDPOINT,
        GuardKind.IP,
        GuardKind.SUBJECT,
        GuardKind.TAG,
        GuardKind.OTHER,
    }
)
"""Kinds of guards that, if they hold, say who may come in: not everyone can meet them."""

SOURCE: Final = frozenset(
    {GuardKind.SOURCE_ACCOUNT, GuardKind.SOURCE_ARN, GuardKind.SOURCE_ORGANIZATION}
)
"""Kinds of guards that say for whose resource an AWS service acts."""


@dataclass(frozen=True, eq=False)
class TrustSubject:
    """A policy with the edges that its statements open."""

    question: TrustQuestion
    edges: tuple[PolicyEdge, ...]
    _readings: dict[int, tuple[GuardReading, ...]] = field(default_factory=dict)
    _by_denies: dict[int, tuple[tuple[GuardReading, ...], ...]] = field(default_factory=dict)

    @property
    def is_trust_policy(self) -> bool:
        """Whether the policy is a role's trust policy."""
        return self.question.policy_type is PolicyType.TRUST_POLICY

    @property
    def organization_id(self) -> str:
        """The organization's id, or what to put in its place in a remedy."""
        organization = self.question.organization
        return (organization.id if organization else None) or "o-YOUR_ORGANIZATION"

    def statement(self, edge: PolicyEdge) -> Statement:
        """Return the statement that opens an edge."""
        return self.question.policy.statements[edge.statement]

    def compiled(self, index: int) -> CompiledStatement:
        """Return the meaning of a statement."""
        return default_compiler().document(self.question.policy)[index]

    def readings(self, edge: PolicyEdge) -> tuple[GuardReading, ...]:
        """Return what was found out about an edge's guards."""
        found = self._readings.get(id(edge))
        if found is None:
            found = read_guards(self.question, self.statement(edge), edge.principal)
            self._readings[id(edge)] = found
        return found

    def by_denies(self, edge: PolicyEdge) -> tuple[tuple[GuardReading, ...], ...]:
        """Return, for each deny in an edge's way, the guards of which a request meets one."""
        found = self._by_denies.get(id(edge))
        if found is None:
            found = self._by_denies[id(edge)] = guards_by_denies(self.question, edge)
        return found

    def is_open(self, edge: PolicyEdge) -> bool:
        """Whether a request may pass: nothing blocks the edge, no condition is never met."""
        return edge.blocked_by is None and not any(r.is_empty for r in self.readings(edge))

    def open_edges(self, *kinds: TrustPrincipalKind) -> Iterator[tuple[int, list[PolicyEdge]]]:
        """Yield each statement's place and its open edges from principals of some kinds (any)."""
        by_statement: dict[int, list[PolicyEdge]] = {}
        for edge in self._open:
            if not kinds or edge.principal.kind in kinds:
                by_statement.setdefault(edge.statement, []).append(edge)
        yield from sorted(by_statement.items())

    @cached_property
    def _open(self) -> tuple[PolicyEdge, ...]:
        return tuple(edge for edge in self.edges if self.is_open(edge))

    def holding(self, edge: PolicyEdge, kinds: Iterable[GuardKind]) -> bool:
        """Whether a guard of one of some kinds holds, in the statement or by a deny."""
        wanted = frozenset(kinds)
        return any(r.guard.holds and r.guard.kind in wanted for r in self.readings(edge)) or any(
            all(r.guard.holds and r.guard.kind in wanted for r in choices)
            for choices in self.by_denies(edge)
        )

    def holds_by_deny(self, edge: PolicyEdge, key: str) -> bool:
        """Whether a deny sees to it that a key (lower case) has one of the values meant."""
        return any(
            len(choices) == 1 and choices[0].guard.holds and choices[0].guard.key.lower() == key
            for choices in self.by_denies(edge)
        )

    def is_limited(self, edge: PolicyEdge) -> bool:
        """Whether some guard that holds says who may come in."""
        return self.holding(edge, LIMITING) or any(map(names_bucket, self.readings(edge)))

    def is_for_strangers(self, edge: PolicyEdge) -> bool:
        """Whether an edge from everybody lets in accounts outside the organization, unlimited.

        Denies, SCPs and RCPs may leave only the organization or AWS services of everybody.
        """
        reaches_out = edge.crossing in (PolicyCrossing.PUBLIC, PolicyCrossing.EXTERNAL)
        return reaches_out and not self.is_limited(edge)

    def lets_assume(self, edge: PolicyEdge) -> bool:
        """Whether an edge of a trust policy allows to assume the role, not only to tag it."""
        return any(
            self.compiled(edge.statement).covers_action(action)
            for action in (
                "sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity",
            )
        )  # fmt: skip

    def is_powerful(self, edge: PolicyEdge) -> bool:
        """Whether the actions allowed are a whole service's, or change permissions or secrets."""
        compiled = self.compiled(edge.statement)
        if compiled.not_action:
            return True
        catalogue = default_compiler().catalogue
        for pattern in edge.actions:
            service, _, name = pattern.lower().partition(":")
            if name in ("", "*") or service in ("kms", "secretsmanager", "sts"):
                return True
            if pattern.lower() in catalogue.index_of:
                level = catalogue.access_level(catalogue.index_of[pattern.lower()])
                if level == "Permissions management":
                    return True
        return False


def names_bucket(reading: GuardReading) -> bool:
    """Whether a guard on a source's ARN names S3 buckets, though not whose they are."""
    guard = reading.guard
    if guard.kind is not GuardKind.SOURCE_ARN or reading.trap is not GuardTrap.OPEN_ENDED:
        return False
    parts = [value.split(":", 5) for value in guard.values]
    return all(
        len(p) == 6 and p[2] == "s3" and p[4] in ("", "*") and p[5][:1] not in ("", "*", "?")
        for p in parts
    )


def remedy(text: str, condition: JsonValue = None) -> Remedy:
    """Return what to write instead: a sentence, and the condition as JSON where it is one."""
    return {"text": text} if condition is None else {"text": text, "condition": condition}


def finding(
    code: str, severity: TrustSeverity, statement: int | None, message: str, instead: Remedy
) -> PolicyFinding:
    """Make a finding."""
    return PolicyFinding(code, severity, statement, message, instead)


def names_of(edges: Iterable[PolicyEdge], *, shown: int = 3) -> str:
    """Write the principals of some edges for a message: the first few, and how many more."""
    names = list(dict.fromkeys(edge.principal.id for edge in edges))
    text = ", ".join(names[:shown])
    rest = len(names) - shown
    return f"{text} and {rest:,} more" if rest > 0 else text


def is_external(edge: PolicyEdge) -> bool:
    """Whether an edge comes from an account outside the resource's organization."""
    return edge.crossing is PolicyCrossing.EXTERNAL


Check = Callable[[TrustSubject], Iterable[PolicyFinding]]
"""Reads a policy with its edges and yields its findings; never raises."""
