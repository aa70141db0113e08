"""Accounts that no statement tells apart, so that one answer serves all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policies.comparison.automaton import Automaton
from policies.comparison.dimensions import fixed_values
from policies.comparison.shapes import Shape
from policies.comparison.text_leaves import TextLeaf, leaf_of
from policies.comparison.witness import SOME_ACCOUNT
from policies.compiled import CompiledCondition, CompiledStatement
from policies.language.document import Operator
from policies.language.policy_types import PolicyType

Signature = tuple[tuple[bool, ...], tuple[int, ...]]


class AccountGroups:
    """Tells accounts apart as the statements' conditions on the account do.

    For SCPs that is aws:PrincipalArn and aws:PrincipalAccount, for RCPs aws:ResourceAccount.
    """

    def __init__(self, statements: Iterable[CompiledStatement], policy_type: PolicyType) -> None:
        self._tests: list[TextLeaf] = []
        shapes: dict[Shape, None] = {}
        is_scp = policy_type is PolicyType.SERVICE_CONTROL_POLICY
        account_key = "aws:principalaccount" if is_scp else "aws:resourceaccount"
        for condition in dict.fromkeys(c for s in statements for c in s.conditions):
            if not _has_leaf(condition):
                continue
            if condition.key == account_key:
                self._tests.append(_leaf(condition))
            elif condition.key == "aws:principalarn" and is_scp:
                shapes.update(dict.fromkeys(_leaf(condition).shapes))
        bearing = [shape for shape in shapes if _tells_accounts_apart(shape)]
        self._automaton = Automaton((), bearing) if bearing else None
        self._starts: list[int] = []
        if self._automaton is not None:
            begin = self._automaton.start
            for prefix in _PREFIXES:
                self._starts.append(self._automaton.run(begin, prefix))

    def grouped(self, target_ids: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
        """Yield groups of targets, each with an account that stands for its accounts.

        Targets that are no accounts (roots, organizational units) stand for an account below
        them that nothing tells apart from others.
        """
        groups: dict[Signature, list[str]] = {}
        chosen: dict[Signature, str] = {}
        for target_id in target_ids:
            is_account = len(target_id) == 12 and target_id.isdecimal()
            account_id = target_id if is_account else SOME_ACCOUNT
            signature = self._signature(account_id)
            groups.setdefault(signature, []).append(target_id)
            if is_account or signature not in chosen:
                chosen[signature] = account_id
        for signature, members in groups.items():
            yield chosen[signature], members

    def _signature(self, account_id: str) -> Signature:
        automaton = self._automaton
        states: tuple[int, ...] = ()
        if automaton is not None:
            states = tuple(automaton.run(start, f"{account_id}:") for start in self._starts)
        return tuple(leaf.test(account_id) for leaf in self._tests), states


_ACCOUNT_DIGITS = 12
_PREFIXES = tuple(
    f"arn:{partition}:{service}::"
    for partition in ("aws", "aws-cn", "aws-us-gov", "aws-\u00a7")
    for service in ("iam", "sts")
)
"""What stands before the account in an ARN of a principal; the last partition is any other."""


def _has_leaf(condition: CompiledCondition) -> bool:
    return condition.operator not in (None, Operator.NULL) and not condition.variable_keys


def _leaf(condition: CompiledCondition) -> TextLeaf:
    if condition.operator is None:
        raise ValueError("an unknown operator has no leaf")
    return leaf_of(condition.operator, fixed_values(condition))


def _tells_accounts_apart(shape: Shape) -> bool:
    """Whether a digit of the account in a principal's ARN can meet a digit of the pattern."""
    if not any(isinstance(unit, str) and unit.isdigit() for unit in shape.units):
        return False
    automaton = Automaton((), (shape,))
    digits = 0
    for digit in "0123456789":
        digits |= automaton.literals.get(digit, 0)
    for prefix in _PREFIXES:
        state = automaton.run(automaton.start, prefix)
        for _ in range(_ACCOUNT_DIGITS):
            if state & digits:
                return True
            # No literal digit is met, so all digits lead to the same state.
            state = automaton.step(state, "0")
    return False
