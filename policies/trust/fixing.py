"""The text of a policy with one finding mended, proven by asking for its edges and findings again.

A text is offered only if the finding is gone, no other finding is new unless it is milder, and
whoever comes in afterwards came in before but for the values that the finding is about, by the
evaluator's word.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from policies.evaluation.evaluate import Evaluator
from policies.evaluation.policy_set import PolicySet
from policies.evaluation.request import OrganizationIds, Request
from policies.evaluation.verdict import DecisionOutcome
from policies.language.document import PolicyDocument
from policies.language.json_reader import JsonValue
from policies.language.parse import parse_policy
from policies.trust.edges import PolicyEdge
from policies.trust.findings.finding import PolicyFinding, TrustSeverity
from policies.trust.findings.registry import policy_findings
from policies.trust.question import TrustQuestion
from policies.trust.reading import trust_edges
from policies.trust.search import allow_everything

_DELETED: Final = re.compile(r"A(ROA|IDA)[A-Z0-9]{12,}")
_PLACEHOLDER: Final = re.compile(r"(?<![A-Za-z_])(?:[A-Z]{2,}(?:_[A-Z]+)+|[A-Z]{4,})(?![A-Za-z:])")
_FILLED: Final = {
    "RANDOM_UUID": "7d3c0f1e-5b62-4c1f-9a58-2f0c6b7d9e31",
    "ID_FROM_THE_OTHER_COMPANY": "b1d4c8a7-6e2f-4d0b-93ce-8a57f1e06d42",
}
"""What stands in for a text that someone has to fill in, while the engine is asked."""
_ORDER: Final = {severity: place for place, severity in enumerate(TrustSeverity)}

JsonObject = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class FixedPolicy:
    """A policy without a finding.

    `text`: JSON, indented. `placeholders`: texts in it that somebody has to replace. `before`,
    `after`: the edges of both. `left`: what is still wrong with it, which was wrong before.
    """

    text: str
    placeholders: tuple[str, ...]
    before: tuple[PolicyEdge, ...]
    after: tuple[PolicyEdge, ...]
    left: tuple[PolicyFinding, ...]

    @property
    def lets_somebody_in(self) -> bool:
        """Whether an edge is left that somebody may use."""
        return any(edge.blocked_by is None for edge in self.after)


def fixed_policy(question: TrustQuestion, text: str, finding: PolicyFinding) -> FixedPolicy | None:
    """Return the policy of a question with one of its findings mended; None: none is proven.

    `text`: of `question.policy`, as written. One that lets somebody in goes before one that shuts
    all out.
    """
    before = trust_edges(question)
    was = Counter(one.code for one in policy_findings(question, before))
    placeholders = _placeholders(finding)
    found: FixedPolicy | None = None
    for written in _drafts(text, finding):
        fixed = _proven(question, written, finding, before, was, placeholders)
        if fixed is not None and fixed.lets_somebody_in:
            return fixed
        found = found or fixed
    return found


def _proven(
    question: TrustQuestion,
    written: str,
    finding: PolicyFinding,
    before: tuple[PolicyEdge, ...],
    was: Counter[str],
    placeholders: tuple[str, ...],
) -> FixedPolicy | None:
    """Return a draft if it mends the finding, brings no graver one and lets in nobody new."""
    document = parse_policy(_filled(written, placeholders), question.policy_type).document
    if document is None:
        return None
    asked = replace(question, policy=document)
    after = trust_edges(asked)
    left = policy_findings(asked, after)
    now = Counter(one.code for one in left)
    if now[finding.code] >= was[finding.code]:
        return None
    new = [one for one in left if now[one.code] > was[one.code]]
    if any(_ORDER[one.severity] <= _ORDER[finding.severity] for one in new):
        return None
    loose = _without_conditions(question.policy, finding)
    if any(edge.witness and not _passed(question, loose, edge.witness) for edge in after):
        return None
    return FixedPolicy(written, placeholders, before, after, left)


def _without_conditions(policy: PolicyDocument, finding: PolicyFinding) -> PolicyDocument:
    """Return a policy whose mended statement asks nothing of the keys that the remedy is about."""
    keys = _keys_of(finding.remedy.get("condition"))
    statements = tuple(
        replace(
            statement,
            conditions=tuple(one for one in statement.conditions if one.key.lower() not in keys),
        )
        if place == finding.statement
        else statement
        for place, statement in enumerate(policy.statements)
    )
    return replace(policy, statements=statements)


def _passed(question: TrustQuestion, policy: PolicyDocument, request: Request) -> bool:
    """Whether a policy lets a request in, whatever SCPs and RCPs say."""
    organization = question.organization
    policy_set = PolicySet(
        organization=None
        if organization is None
        else OrganizationIds(organization.id, organization.management_account_id),
        identity_policies=(allow_everything(),),
        resource_policy=policy,
    )
    return Evaluator(policy_set).evaluate(request).decision is DecisionOutcome.ALLOWED


def _placeholders(finding: PolicyFinding) -> tuple[str, ...]:
    """Return the texts of a remedy that somebody has to replace: words in capitals."""
    written = json.dumps(finding.remedy.get("condition"))
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(written)))


def _filled(text: str, placeholders: tuple[str, ...]) -> str:
    # The longest first: one may be a part of another.
    for one in sorted(placeholders, key=len, reverse=True):
        text = text.replace(one, _FILLED.get(one, "1234567" if one.endswith("_ID") else "example"))
    return text


def _keys_of(condition: JsonValue) -> frozenset[str]:
    pairs = condition.values() if isinstance(condition, dict) else ()
    return frozenset(key.lower() for each in pairs if isinstance(each, dict) for key in each)


def _drafts(text: str, finding: PolicyFinding) -> Iterator[str]:
    """Yield texts in which the finding's statement is written as its remedy says."""
    document: JsonValue = json.loads(text)
    if not isinstance(document, dict) or finding.statement is None:
        return
    listed = document.get("Statement")
    statements = listed if isinstance(listed, list) else [listed]
    if finding.statement >= len(statements):
        return
    statement = statements[finding.statement]
    if not isinstance(statement, dict):
        return
    for draft in _statements(statement, finding):
        rest: list[JsonValue] = [
            draft if place == finding.statement else each
            for place, each in enumerate(statements)
            if place != finding.statement or draft is not None
        ]
        if rest:
            yield json.dumps({**document, "Statement": rest}, indent=2, ensure_ascii=False)


def _statements(statement: JsonObject, finding: PolicyFinding) -> Iterator[JsonObject | None]:
    """Yield the statement as it might be; None: without it."""
    condition = finding.remedy.get("condition")
    if finding.code == "deleted-principal":
        yield _without_deleted(statement)
    elif finding.code == "deny-with-not-principal":
        other = {name: value for name, value in statement.items() if name != "NotPrincipal"}
        if isinstance(condition, dict):
            yield _with({**other, "Principal": "*"}, condition, replaces=False)
    elif isinstance(condition, dict):
        yield _with(statement, condition, replaces=True)
        yield _with(statement, condition, replaces=False)


def _with(statement: JsonObject, condition: JsonObject, *, replaces: bool) -> JsonObject:
    """Return a statement with a condition more. `replaces`: other conditions on its keys go."""
    keys = {key.lower() for pairs in condition.values() if isinstance(pairs, dict) for key in pairs}
    written = statement.get("Condition")
    found: JsonObject = {}
    for operator, pairs in (written if isinstance(written, dict) else {}).items():
        if not isinstance(pairs, dict):
            continue
        left = {key: v for key, v in pairs.items() if not (replaces and key.lower() in keys)}
        if left:
            found[operator] = left
    for operator, pairs in condition.items():
        own = found.get(operator)
        if isinstance(pairs, dict):
            found[operator] = {**(own if isinstance(own, dict) else {}), **pairs}
    return {**statement, "Condition": found}


def _without_deleted(statement: JsonObject) -> JsonObject | None:
    """Return a statement without the unique ids of deleted principals; None: nobody is left."""
    principal = statement.get("Principal")
    if not isinstance(principal, Mapping):
        return None
    left: JsonObject = {}
    for kind, listed in principal.items():
        values = listed if isinstance(listed, list) else [listed]
        staying = [one for one in values if not _DELETED.fullmatch(str(one))]
        if staying:
            left[kind] = staying[0] if len(staying) == 1 else staying
    return {**statement, "Principal": left} if left else None


def is_fixable(finding: PolicyFinding) -> bool:
    """Whether a text can be drafted at all: the remedy says what to write, or what to leave out."""
    return finding.statement is not None and (
        finding.code == "deleted-principal" or isinstance(finding.remedy.get("condition"), dict)
    )
