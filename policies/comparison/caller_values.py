"""The values of the context keys that tell of the caller, each key by itself."""

from __future__ import annotations

from policies.comparison.account_patterns import AccountPatterns, tells_accounts_apart
from policies.comparison.callers import PRINCIPAL_ARN
from policies.comparison.dimensions import KeyDimension, single_bits
from policies.comparison.domains import Domain
from policies.comparison.reasons import Undecided
from policies.comparison.shapes import PatternShape
from policies.comparison.text_leaves import ValueFamily
from policies.comparison.text_space import TextSpace
from policies.compiled import CompiledCondition
from policies.language.conditions import Test
from policies.language.conditions.values import ContextValue


class CallerValues:
    """The conditions on the caller by key, and the values that sets of them leave.

    `keys`: the dimension of each key by itself, by its name in lower case.
    """

    def __init__(self) -> None:
        self.keys: dict[str, KeyDimension] = {}
        self._key_of: dict[int, str] = {}
        self._within: dict[tuple[str, Domain], KeyDimension] = {}
        self._found: dict[tuple[str, Domain, int, int], ContextValue | Undecided | None] = {}
        self._masks: dict[str, tuple[int, int]] = {}
        self._fitting: dict[tuple[str, ContextValue, int, int], bool] = {}
        self._naming: dict[int, bool] = {}
        self._accounts: dict[tuple[str, ...], tuple[int, list[str], bool]] = {}

    def atom(self, condition: CompiledCondition) -> int:
        """Return the bit of a condition's atom; its key's dimension is in `keys` already.

        :raises ValueError: the condition has policy variables or an unknown operator.
        """
        bit = self.keys[condition.key].atom(condition)
        self._key_of[bit] = condition.key
        return bit

    def key_of(self, bit: int) -> str:
        """Return the key of an atom."""
        return self._key_of[bit]

    def test(self, bit: int) -> Test:
        """Return the test of an atom, for a value of its key."""
        return self.keys[self._key_of[bit]].test(bit)

    def mask(self, key: str) -> int:
        """Return the bits of all atoms of a key."""
        conditions = self.keys[key].conditions
        count, found = self._masks.get(key, (0, 0))
        if count != len(conditions):
            for bit in conditions:
                found |= bit
            self._masks[key] = (len(conditions), found)
        return found

    def fits(self, key: str, value: ContextValue, true: int, false: int) -> bool:
        """Whether a value of a key is in a set of its values."""
        known = self._fitting.get((key, value, true, false))
        if known is None:
            test = self.keys[key].holds
            known = self._fitting[key, value, true, false] = test(value, true, false)
        return known

    def find_in(
        self, key: str, domain: Domain, true: int, false: int
    ) -> ContextValue | Undecided | None:
        """Return a value of a key within a domain; one text for a key of several."""
        asked = (key, domain, true, false)
        try:
            return self._found[asked]
        except KeyError:
            found = self._found[asked] = self._find_in(key, domain, true, false)
            return found

    def _find_in(
        self, key: str, domain: Domain, true: int, false: int
    ) -> ContextValue | Undecided | None:
        dimension = self._within.get((key, domain))
        if dimension is None:
            space = TextSpace(domain=domain.globs, barred=domain.barred, seeds=domain.seeds)
            dimension = self.keys[key].narrowed(space, may_be_absent=domain.may_be_absent)
            self._within[key, domain] = dimension
        conditions = self.keys[key].conditions
        for bit in single_bits(true | false):
            dimension.share(bit, conditions[bit])
        return dimension.find(true, false)

    def accounts(self, keys: tuple[str, ...]) -> tuple[list[str], bool]:
        """Return one account for each kind that conditions on keys tell apart, and if it is all."""
        conditions = [
            (key, bit) for key in keys if key in self.keys for bit in self.keys[key].conditions
        ]
        known = self._accounts.get(keys)
        if known is None or known[0] != len(conditions):
            arns: list[PatternShape] = []
            ids: list[PatternShape] = []
            are_texts = True
            for key, bit in conditions:
                leaf = self.keys[key].leaf(bit)
                if leaf is not None:
                    (arns if key == PRINCIPAL_ARN else ids).extend(leaf.shapes)
                    are_texts = are_texts and leaf.family is ValueFamily.TEXT
            found, are_all = AccountPatterns(arns, ids).representatives()
            known = self._accounts[keys] = (len(conditions), found, are_texts and are_all)
        return known[1:]

    def names_accounts(self, bits: int) -> bool:
        """Whether conditions on principals' ARNs tell accounts apart."""
        return any(map(self._names_account, single_bits(bits)))

    def _names_account(self, bit: int) -> bool:
        known = self._naming.get(bit)
        if known is None:
            leaf = self.keys[PRINCIPAL_ARN].leaf(bit)
            known = leaf is not None and any(map(tells_accounts_apart, leaf.shapes))
            self._naming[bit] = known
        return known
