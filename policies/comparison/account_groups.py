"""Accounts that no statement tells apart, so that one answer serves all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policies.comparison.account_patterns import AccountPatterns
from policies.comparison.caller_domains import SOME_ACCOUNT
from policies.comparison.callers import (
    CALLER_ACCOUNT,
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_ARN,
    RESOURCE_ACCOUNT,
    SOURCE_ACCOUNT,
)
from policies.comparison.dimensions import fixed_values
from policies.comparison.shapes import PatternShape
from policies.comparison.text_leaves import TextLeaf, leaf_of
from policies.compiled import CompiledCondition, CompiledStatement
from policies.language.document import Operator
from policies.language.policy_types import PolicyType


class AccountGroups:
    """Groups of accounts that the statements' conditions on the account cannot tell apart.

    For SCPs that is aws:PrincipalArn and aws:PrincipalAccount, for RCPs aws:ResourceAccount, and
    the keys of the caller where a policy variable relates the two accounts.
    """

    def __init__(self, statements: Iterable[CompiledStatement], policy_type: PolicyType) -> None:
        self._tests: list[TextLeaf] = []
        shapes: dict[PatternShape, None] = {}
        conditions = dict.fromkeys(c for s in statements for c in s.conditions)
        is_scp = policy_type is PolicyType.SERVICE_CONTROL_POLICY
        keys = {PRINCIPAL_ACCOUNT} if is_scp else {RESOURCE_ACCOUNT}
        is_related = any(RESOURCE_ACCOUNT in c.variable_keys | {c.key} for c in conditions) and any(
            c.variable_keys & {RESOURCE_ACCOUNT, PRINCIPAL_ACCOUNT} for c in conditions
        )
        if is_related and not is_scp:
            # Conditions on callers then distinguish the accounts of resources too.
            keys |= {PRINCIPAL_ACCOUNT, CALLER_ACCOUNT, SOURCE_ACCOUNT}
        for condition in conditions:
            if not _has_leaf(condition):
                continue
            if condition.key in keys:
                self._tests.append(_leaf(condition))
            elif condition.key == PRINCIPAL_ARN and (is_scp or is_related):
                shapes.update(dict.fromkeys(_leaf(condition).shapes))
        self._patterns = AccountPatterns(shapes)

    def grouped(self, target_ids: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
        """Yield groups of targets, each with an account that stands for its accounts.

        Targets that are no accounts (roots, organizational units) stand for an account below
        them that nothing tells apart from others.
        """
        groups: dict[tuple[object, ...], list[str]] = {}
        chosen: dict[tuple[object, ...], str] = {}
        for target_id in target_ids:
            is_account = len(target_id) == 12 and target_id.isdecimal()
            account_id = target_id if is_account else SOME_ACCOUNT
            signature = self._signature(account_id)
            groups.setdefault(signature, []).append(target_id)
            if is_account or signature not in chosen:
                chosen[signature] = account_id
        for signature, members in groups.items():
            yield chosen[signature], members

    def _signature(self, account_id: str) -> tuple[object, ...]:
        tests = tuple(leaf.test(account_id) for leaf in self._tests)
        return tests, self._patterns.signature(account_id)


def _has_leaf(condition: CompiledCondition) -> bool:
    return condition.operator not in (None, Operator.NULL) and not condition.variable_keys


def _leaf(condition: CompiledCondition) -> TextLeaf:
    if condition.operator is None:
        raise ValueError("an unknown operator has no leaf")
    return leaf_of(condition.operator, fixed_values(condition))
