"""Statements whose conditions no request can meet, and principals that no caller is.

Decided as a comparison decides it: the statement is a box, and a dimension without any value makes
it empty (`policies.comparison.space`). What a policy of this type cannot bind counts: a service
control policy binds no service-linked role.

Source: IAM user guide, "aws:PrincipalArn" (of a role session: the role's ARN); Organizations user
guide, "Service control policies (SCPs)" (tasks and entities not restricted by SCPs).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final

from policies.comparison.account_patterns import AccountPatterns
from policies.comparison.dimensions import KeyDimension, fixed_values
from policies.comparison.domains import Domains, principal_arn_domain
from policies.comparison.space import Space
from policies.comparison.text_leaves import leaf_of
from policies.compiled import CompiledCondition, CompiledStatement
from policies.evaluation.aws_rules import unbound_bits
from policies.evaluation.evaluate import RETIRE_GRANT
from policies.language.conditions import ARN_OPERATORS
from policies.language.conditions.values import ABSENT, ContextValue
from policies.language.document import Condition, Effect, Operator, Statement
from policies.language.json_reader import shown
from policies.language.meeting import globs_meet
from policies.language.operators import OperatorParts, operator_name
from policies.language.patterns import Glob, Literal, Wild, arn_glob, string_glob
from policies.language.policy_types import PolicyType
from policies.lint.finding import LintFinding
from policies.lint.rules.condition_values import fits
from policies.lint.subject import LintSubject, some_names

_PRINCIPAL_ARN: Final = "aws:principalarn"
_SERVICE_LINKED: Final = ":role/aws-service-role/"
_SESSION = re.compile(r"(arn:[^:]*):(?:sts|\*|):([^:]*):([^:]*):assumed-role/([^/]*)(?:/.*)?")
_CALLERS: Final = (
    *principal_arn_domain(None).globs,
    Glob(("arn:aws", Wild.PART, ":iam::cloudfront:user/", Wild.PART)),
)
"""What aws:PrincipalArn can look like: of any account's principals, or of CloudFront's identity."""
_WILDCARDS: Final = frozenset("*?")
_IN_ACCOUNTS: Final = _WILDCARDS | frozenset("0123456789")
_OF_AN_ACCOUNT: Final = re.compile(r"arn:[^:]*:[^:]*::[0-9]{12}:")
_MOST_ACCOUNTS: Final = 32
"""How many kinds of accounts are tried one by one."""


def check_applicability(subject: LintSubject) -> Iterator[LintFinding]:
    """Yield statements that never apply, and principal ARNs that match no caller."""
    for index, statement, compiled in subject.statements():
        if compiled.effect is Effect.DENY:
            yield from _never_denied(subject, index, statement, compiled)
        if not compiled.conditions:
            continue
        for condition in statement.conditions:
            yield from _no_caller(subject, index, condition)
        yield from _contradiction(subject, index, compiled)


def _never_denied(
    subject: LintSubject, index: int, statement: Statement, compiled: CompiledStatement
) -> Iterator[LintFinding]:
    """Yield the actions that a deny names one by one and that no such policy can deny.

    Source: see `policies.evaluation.aws_rules`; Organizations user guide, "Resource control
    policies (RCPs)".
    """
    catalogue = subject.catalogue
    free = unbound_bits(catalogue)
    why = "it needs no permission, so that no policy denies it"
    if (
        subject.policy_type is PolicyType.RESOURCE_CONTROL_POLICY
        and not compiled.action_bits & free
    ):
        free = catalogue.bits(RETIRE_GRANT)
        why = "resource control policies do not bind it"
    named = catalogue.union(p for p in statement.actions or () if not _WILDCARDS & set(p)) & free
    if not named:
        return
    names = some_names(catalogue.actions(named))
    path = (*statement.path, "Action")
    if compiled.action_bits & ~named:
        text = f"{names} cannot be denied: {why}. Remove it from the list."
        yield subject.note("action_never_denied", text, path, index)
    else:
        text = f"This deny never applies: {names} cannot be denied, since {why}. Remove it."
        yield subject.warning("never_applies", text, path, index)


def _no_caller(subject: LintSubject, index: int, condition: Condition) -> Iterator[LintFinding]:
    if condition.key.lower() != _PRINCIPAL_ARN:
        return
    idle = [v for v in dict.fromkeys(condition.values) if not _may_be_caller(condition, v)]
    for value in idle:
        consequence = "so it exempts nobody" if condition.negated else "so it never matches"
        session = _SESSION.fullmatch(value)
        if session:
            partition, _, account, role = session.groups()
            message = (
                f"aws:PrincipalArn of a role session is the role's ARN, not {shown(value)}, "
                f"{consequence}. Write {shown(f'{partition}:iam::{account}:role/{role}')}, with "
                "the role's path if it has one."
            )
        else:
            message = (
                f"{shown(value)} is the ARN of no caller, {consequence}. aws:PrincipalArn is the "
                "ARN of a role, user, root user (arn:aws:iam::123456789012:root) or federated user."
            )
        yield subject.warning("principal_arn_never_matches", message, condition.path, index)


def _may_be_caller(condition: Condition, value: str) -> bool:
    if "${" in value:
        return True
    glob: Glob | None
    if condition.operator in ARN_OPERATORS:
        glob = arn_glob((value,))
    elif condition.operator is Operator.STRING_LIKE:
        glob = string_glob((value,))
    elif condition.operator is Operator.STRING_EQUALS and not _WILDCARDS & set(value):
        glob = string_glob((Literal(value),))
    else:
        return True
    # Fewer than six parts, and wildcards taken literally, have findings of their own.
    return glob is None or (
        not value.endswith("/")
        and _names_an_account(condition, value)
        and any(globs_meet(glob, caller) for caller in _CALLERS)
    )


def _names_an_account(condition: Condition, value: str) -> bool:
    """Whether the account in an ARN's pattern can be one: `[0-9]*` and `XXXXXXXXXXXX` cannot."""
    *before, account, _ = value.split(":", 5) if value.count(":") > 4 else ("*", "*", "")
    if condition.operator not in ARN_OPERATORS and _WILDCARDS & set("".join((*before, account))):
        return True  # A wildcard crosses colons there.
    return account == "cloudfront" or set(account) <= _IN_ACCOUNTS


def _contradiction(
    subject: LintSubject, index: int, compiled: CompiledStatement
) -> Iterator[LintFinding]:
    domains = Domains(_binding_type(subject, compiled), None)
    if not any(_is_narrow(domains, key, count) for key, count in _counts(compiled).items()):
        return
    conditions = replace(
        compiled,
        resources=None,
        resource_templates=(),
        resource_variable_keys=frozenset(),
        principals=None,
    )
    for key, dimension in _empty_keys(subject, conditions, domains):
        clashing = _clashing(dimension, [c for c in compiled.conditions if c.key == key])
        if _is_reported(clashing):
            continue
        what = "deny" if compiled.effect is Effect.DENY else "allow"
        yield subject.warning(
            "never_applies",
            f"This {what} never applies: {_reason(subject, index, clashing)}",
            subject.condition_path(index, key),
            index,
        )


def _empty_keys(
    subject: LintSubject, compiled: CompiledStatement, domains: Domains
) -> Iterator[tuple[str, KeyDimension]]:
    """Yield the keys that have no value for which a statement's conditions on them hold."""
    lists = frozenset(c.key for c in compiled.conditions if c.set_operator is not None)
    space = Space(subject.catalogue, domains, list_keys=lists)
    box = space.box(compiled)
    for at in box.dimensions:
        dimension, key = space.dimensions[at], space.names[at]
        if not isinstance(dimension, KeyDimension) or not isinstance(key, str):
            continue
        if space.is_empty(at, box.true, box.false):
            yield key, dimension
        elif key == _PRINCIPAL_ARN and domains.account_id is None:
            found = space.value(at, box.true, box.false)
            if isinstance(found, str) and not _OF_AN_ACCOUNT.match(found):
                yield from _empty_in_each_account(subject, compiled, domains)


def _empty_in_each_account(
    subject: LintSubject, compiled: CompiledStatement, domains: Domains
) -> Iterator[tuple[str, KeyDimension]]:
    """Yield aws:PrincipalArn where no account's principals meet the conditions on it.

    Of all accounts at once only the length of an id is known, not that it is made of digits.
    """
    leaves = [
        leaf_of(condition.operator, fixed_values(condition))
        for condition in compiled.conditions
        if condition.key == _PRINCIPAL_ARN
        and condition.operator not in (None, Operator.NULL)
        and not condition.variable_keys
    ]
    shapes = [shape for leaf in leaves for shape in leaf.shapes]
    accounts, are_all = AccountPatterns(shapes).representatives()
    if not are_all or len(accounts) > _MOST_ACCOUNTS:
        return
    found: list[tuple[str, KeyDimension]] = []
    for account_id in accounts:
        own = replace(domains, account_id=account_id)
        found = [one for one in _empty_keys(subject, compiled, own) if one[0] == _PRINCIPAL_ARN]
        if not found:
            return
    yield from found


def _binding_type(subject: LintSubject, compiled: CompiledStatement) -> PolicyType:
    """Return the type of policy whose callers the statement can reach.

    A resource control policy binds callers without an ARN too. Where a condition asks for one the
    same are left as under a service control policy: no service-linked role.
    """
    needs_arn = any(
        c.key == _PRINCIPAL_ARN and c.holds(_nothing) is False for c in compiled.conditions
    )
    if needs_arn and subject.policy_type is PolicyType.RESOURCE_CONTROL_POLICY:
        return PolicyType.SERVICE_CONTROL_POLICY
    return subject.policy_type


def _nothing(_: str) -> ContextValue:
    return ABSENT


def _counts(compiled: CompiledStatement) -> Counter[str]:
    return Counter(condition.key for condition in compiled.conditions)


def _is_narrow(domains: Domains, key: str, count: int) -> bool:
    """Whether conditions on a key can clash: one alone does only where few values are possible."""
    domain = domains.of_key(key)
    return count > 1 or bool(domain.globs) or not domain.may_be_absent


def _clashing(
    dimension: KeyDimension, conditions: Sequence[CompiledCondition]
) -> tuple[CompiledCondition, ...]:
    """Return the fewest conditions that no value of the key meets together."""
    fixed = [c for c in conditions if c.operator is not None and not c.variable_keys]
    for count in range(1, len(fixed) + 1):
        for chosen in combinations(fixed, count):
            bits = 0
            for condition in chosen:
                bits |= dimension.atom(condition)
            if dimension.find(bits, 0) is None:
                return chosen
    return tuple(conditions)


def _is_reported(conditions: Sequence[CompiledCondition]) -> bool:
    """Whether the reason has a finding of its own: a key that stands twice, or one condition."""
    if len({(c.operator, c.negated, c.set_operator, c.if_exists) for c in conditions}) < len(
        conditions
    ):
        return True
    if len(conditions) > 1:
        return False
    (only,) = conditions
    if only.key == _PRINCIPAL_ARN and only.negated:
        return any(not value.strip("*") for value in only.values)
    return not any(fits(only.operator, value) for value in only.values)


def _reason(subject: LintSubject, index: int, conditions: Sequence[CompiledCondition]) -> str:
    first = conditions[0]
    written = subject.document.statements[index].conditions
    key = next(shown(c.key) for c in written if c.key.lower() == first.key)
    if len(conditions) > 1:
        names = " and ".join(dict.fromkeys(map(_operator, conditions)))
        return (
            f"no value of {key} meets {names} together. Remove one of the "
            "conditions, or put it into a statement of its own."
        )
    values = some_names((shown(value) for value in first.values), shown=2)
    if first.key == _PRINCIPAL_ARN and all(_SERVICE_LINKED in value for value in first.values):
        return (
            f"{_bound_by(subject)} does not bind service-linked roles, and {values} matches "
            "nothing else. Remove the statement, or name the intended roles."
        )
    verb = "leaves no value" if first.negated else "matches no value"
    return (
        f"{_operator(first)} {values} {verb} that {key} can have in a request that "
        "this policy binds. Correct the value, or remove the statement."
    )


def _bound_by(subject: LintSubject) -> str:
    if subject.policy_type is PolicyType.RESOURCE_CONTROL_POLICY:
        return "a resource control policy"
    return "a service control policy"


def _operator(condition: CompiledCondition) -> str:
    if condition.operator is None:
        return condition.written_operator
    return operator_name(
        OperatorParts(
            condition.operator, condition.negated, condition.set_operator, condition.if_exists
        )
    )
