"""Which accounts patterns distinguish, and one account for each kind.

Twelve digits are 10^12 accounts, yet a few patterns sort them into a few kinds: the patterns run
over the digits at once, and every set of positions that can be reached is one kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from policies.comparison.automaton import Automaton
from policies.comparison.shapes import PatternShape

ACCOUNT_DIGITS: Final = 12
_DIGITS: Final = "4567890123"
_MOST_KINDS: Final = 1_000
_PREFIXES: Final = tuple(
    f"arn:{partition}:{service}::"
    for partition in ("aws", "aws-cn", "aws-us-gov", "aws-\u00a7")
    for service in ("iam", "sts")
)
"""What stands before the account in an ARN of a principal; the last partition is any other."""

Signature = tuple[int, ...]


class AccountPatterns:
    """Patterns on the ARNs of principals (`arns`) and on account ids (`accounts`)."""

    def __init__(self, arns: Iterable[PatternShape], accounts: Iterable[PatternShape] = ()) -> None:
        self._automata: list[tuple[Automaton, int]] = []
        naming = [shape for shape in dict.fromkeys(arns) if tells_accounts_apart(shape)]
        if naming:
            of_arns = Automaton((), naming)
            self._automata += [(of_arns, of_arns.run(of_arns.start, one)) for one in _PREFIXES]
        self._arns = len(self._automata)
        named = tuple(dict.fromkeys(accounts))
        if named:
            of_ids = Automaton((), named)
            self._automata.append((of_ids, of_ids.start))

    def signature(self, account_id: str) -> Signature:
        """Return what the patterns tell of an account: equal for accounts that are alike."""
        return self._ended(
            tuple(automaton.run(start, account_id) for automaton, start in self._automata)
        )

    def _ended(self, states: Signature) -> Signature:
        return tuple(
            automaton.step(state, ":") if at < self._arns else state
            for at, ((automaton, _), state) in enumerate(zip(self._automata, states, strict=True))
        )

    def representatives(self) -> tuple[list[str], bool]:
        """Return one account for each kind there is, and whether these are all."""
        reached: dict[Signature, str] = {tuple(start for _, start in self._automata): ""}
        complete = True
        for _ in range(ACCOUNT_DIGITS):
            following: dict[Signature, str] = {}
            for states, digits in reached.items():
                for digit in self._telling(states):
                    after = tuple(
                        automaton.step(state, digit)
                        for (automaton, _), state in zip(self._automata, states, strict=True)
                    )
                    following.setdefault(after, digits + digit)
            if len(following) > _MOST_KINDS:
                complete = False
                following = dict(list(following.items())[:_MOST_KINDS])
            reached = following
        kinds: dict[Signature, str] = {}
        for states, digits in reached.items():
            kinds.setdefault(self._ended(states), digits)
        return list(kinds.values()), complete

    def _telling(self, states: Signature) -> list[str]:
        """Return the digits that lead to different states; one stands for all others."""
        live = [
            digit
            for digit in _DIGITS
            if any(
                automaton.literals.get(digit, 0) & state
                for (automaton, _), state in zip(self._automata, states, strict=True)
            )
        ]
        other = next((digit for digit in _DIGITS if digit not in live), None)
        return live if other is None else [other, *live]


@lru_cache(maxsize=65_536)
def tells_accounts_apart(shape: PatternShape) -> bool:
    """Whether a digit of the account in a principal's ARN can meet a digit of the pattern."""
    if not any(_has_digit(unit) for unit in shape.units):
        return False
    automaton = Automaton((), (shape,))
    digits = 0
    for digit in _DIGITS:
        digits |= automaton.literals.get(digit, 0)
    for prefix in _PREFIXES:
        state = automaton.run(automaton.start, prefix)
        for _ in range(ACCOUNT_DIGITS):
            if state & digits:
                return True
            # No literal digit is met, so all digits lead to the same state.
            state = automaton.step(state, "0")
    return False


def _has_digit(unit: object) -> bool:
    if isinstance(unit, str):
        return unit.isdigit()
    return isinstance(unit, frozenset) and any(char.isdigit() for char in unit)
