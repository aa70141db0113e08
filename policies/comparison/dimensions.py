"""The dimensions of a box: a condition key, the resource, an action's name, or a bare yes and no.

A dimension's conditions are atoms, each a bit that no other dimension has. A set of values is
"these atoms hold, those do not" as two ints; a dimension finds a value of such a set or proves
that there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from policies.catalogue import Catalogue
from policies.comparison.callers import ResourceCaller
from policies.comparison.reasons import Undecided
from policies.comparison.text_leaves import TextLeaf, globs_leaf, leaf_of
from policies.comparison.text_search import FoundText
from policies.comparison.text_space import TextSpace
from policies.compiled import CompiledCondition
from policies.language.conditions import Test
from policies.language.conditions.values import ABSENT, ContextValue
from policies.language.document import Operator, SetOperator
from policies.language.patterns import Glob, Piece
from policies.language.variables import Variable

FoundValue = ContextValue | ResourceCaller | Undecided
"""What a dimension finds: a value of the key, a caller, or why it cannot tell."""

_MOST_KNOWN_NAMES: Final = 25
"""How many names that the catalogue has after all are set aside before giving up."""


def single_bits(bits: int) -> Iterator[int]:
    """Yield each bit of an int as an int of its own."""
    while bits:
        low = bits & -bits
        yield low
        bits ^= low


class AtomBits:
    """Gives out the bits of the atoms of one space."""

    def __init__(self) -> None:
        self._count = 0

    def next(self) -> int:
        """Return a bit that was not given out before."""
        self._count += 1
        return 1 << (self._count - 1)


class Dimension(Protocol):
    """One dimension."""

    def find(self, true: int, false: int) -> FoundValue | None:
        """Return a value for which the `true` atoms hold and the `false` do not; None if none."""
        ...


class OpaqueDimension:
    """A condition that cannot be looked into: it may hold or not, whatever else holds."""

    def __init__(self, reason: Undecided) -> None:
        self.reason = reason

    def find(self, true: int, false: int) -> FoundValue | None:
        """Return the reason, unless the atom would have to hold and not to hold."""
        return None if true & false else self.reason


class TextDimension:
    """A text that is always there: a resource, an action's name."""

    def __init__(self, space: TextSpace, bits: AtomBits) -> None:
        self.space = space
        self._bits = bits
        self._atom_of: dict[int, int] = {}
        self.leaves: dict[int, TextLeaf] = {}
        self._leaf_bit: dict[int, int] = {}

    def atom(self, leaf: TextLeaf) -> int:
        """Return the bit of the atom that is this leaf."""
        leaf_bit = self.space.leaf_bit(leaf)
        bit = self._atom_of.get(leaf_bit)
        if bit is None:
            bit = self._atom_of[leaf_bit] = self._bits.next()
            self.leaves[bit] = leaf
            self._leaf_bit[bit] = leaf_bit
        return bit

    def text_test(self, bit: int) -> Test:
        """Return the test of an atom, for a text."""
        test = self.leaves[bit].test
        return lambda value: isinstance(value, str) and test(value)

    def find(self, true: int, false: int) -> FoundValue | None:
        """Return a text of the set."""
        return self.space.find(self._leaf_bits(true), self._leaf_bits(false))

    def _leaf_bits(self, atoms: int) -> int:
        found = 0
        while atoms:
            low = atoms & -atoms
            found |= self._leaf_bit[low]
            atoms ^= low
        return found


class UnlistedActionDimension(TextDimension):
    """The names, in lower case, of actions that the catalogue does not have."""

    def __init__(self, space: TextSpace, bits: AtomBits, catalogue: Catalogue) -> None:
        super().__init__(space, bits)
        self._catalogue = catalogue

    def find(self, true: int, false: int) -> FoundValue | None:
        """Return a name of the set that is not in the catalogue."""
        true, false = self._leaf_bits(true), self._leaf_bits(false)
        for _ in range(_MOST_KNOWN_NAMES):
            found = self.space.find(true, false)
            if not isinstance(found, str) or found not in self._catalogue.index_of:
                return found
            glob = Glob((found,))
            false |= self.space.leaf_bit(globs_leaf((glob,), glob.matches))
        return Undecided.STATE_LIMIT


@dataclass(frozen=True, slots=True)
class _KeyAtom:
    """A condition on one key. `bit` is its leaf, 0 for a test of presence alone.

    On a list of texts it says that every element, or that some element, matches the leaf (or
    does not: `negated`).
    """

    test: Test
    bit: int
    negated: bool
    every: bool

    def on_one(self, holds: bool) -> bool:
        """Whether the leaf must hold for one text, for the atom to hold (or not)."""
        return holds is not self.negated


class KeyDimension:
    """A condition key's values: absent, the empty text, texts, lists of texts.

    `is_list`: whether the key may hold more than one text. `may_be_absent`: whether a request
    may lack it.
    """

    def __init__(
        self, space: TextSpace, bits: AtomBits, *, is_list: bool, may_be_absent: bool
    ) -> None:
        self.space = space
        self.is_list = is_list
        self.may_be_absent = may_be_absent
        self._bits = bits
        self._atoms: dict[int, _KeyAtom] = {}
        self._atom_of: dict[CompiledCondition, int] = {}
        self.conditions: dict[int, CompiledCondition] = {}

    def atom(self, condition: CompiledCondition) -> int:
        """Return the bit of a condition's atom.

        :raises ValueError: the condition has policy variables or an unknown operator.
        """
        bit = self._atom_of.get(condition)
        if bit is None:
            made = self._made(condition)
            bit = self._atom_of[condition] = self._bits.next()
            self._atoms[bit] = made
            self.conditions[bit] = condition
        return bit

    def narrowed(self, space: TextSpace, *, may_be_absent: bool) -> KeyDimension:
        """Return a dimension of the same key with fewer values, one text each; see `share`."""
        return KeyDimension(space, self._bits, is_list=False, may_be_absent=may_be_absent)

    def leaf(self, bit: int) -> TextLeaf | None:
        """Return the test of one text in an atom; None for a test of presence alone."""
        operator = self.conditions[bit].operator
        if operator is None or operator is Operator.NULL:
            return None
        return leaf_of(operator, fixed_values(self.conditions[bit]))

    def holds(self, value: ContextValue, true: int, false: int) -> bool:
        """Whether the `true` atoms hold for a value, and the `false` do not."""
        return all(
            self._atoms[bit].test(value) is wanted
            for bits, wanted in ((true, True), (false, False))
            for bit in single_bits(bits)
        )

    def share(self, bit: int, condition: CompiledCondition) -> None:
        """Take a condition's atom over from another dimension of the same key."""
        if bit not in self._atoms:
            self._atoms[bit] = self._made(condition)
            self.conditions[bit] = condition

    def _made(self, condition: CompiledCondition) -> _KeyAtom:
        test, operator = condition.fixed_test, condition.operator
        if test is None or operator is None:
            raise ValueError("only a condition with fixed values has an atom")
        if operator is Operator.NULL:
            return _KeyAtom(test, 0, False, False)
        bit = self.space.leaf_bit(leaf_of(operator, fixed_values(condition)))
        negated = condition.negated
        if condition.set_operator is None:
            every = negated
        else:
            every = condition.set_operator is SetOperator.FOR_ALL_VALUES
        return _KeyAtom(test, bit, negated, every)

    def test(self, bit: int) -> Test:
        """Return the test of an atom."""
        return self._atoms[bit].test

    def find(self, true: int, false: int) -> ContextValue | Undecided | None:
        """Return a value of the set: a text if there is one, else a list, '' or ABSENT."""
        if true & false:
            return None
        wanted = [(atom, True) for atom in self._chosen(true)]
        wanted += [(atom, False) for atom in self._chosen(false)]
        texts = [(atom, holds) for atom, holds in wanted if atom.bit]
        found: ContextValue | Undecided | None = None
        if all(atom.test("x") is holds for atom, holds in wanted if not atom.bit):
            found = self._find_list(texts) if self.is_list else self._find_text(texts)
            if found is not None and not isinstance(found, Undecided):
                return found
        bare: list[ContextValue] = [ABSENT] if self.may_be_absent else []
        if not self.space.has_domain:
            bare.append("")
        for value in bare:
            if all(atom.test(value) is holds for atom, holds in wanted):
                return value
        return found

    def _chosen(self, bits: int) -> list[_KeyAtom]:
        chosen: list[_KeyAtom] = []
        while bits:
            low = bits & -bits
            chosen.append(self._atoms[low])
            bits ^= low
        return chosen

    def _find_text(self, wanted: list[tuple[_KeyAtom, bool]]) -> FoundText:
        true = false = 0
        for atom, holds in wanted:
            if atom.on_one(holds):
                true |= atom.bit
            else:
                false |= atom.bit
        return self.space.find(true, false)

    def _find_list(self, wanted: list[tuple[_KeyAtom, bool]]) -> ContextValue | Undecided | None:
        """Find a list: one element for each "some", all of them as each "every" says."""
        true = false = 0
        some: list[tuple[int, int]] = []
        for atom, holds in wanted:
            of_leaf = (atom.bit, 0) if atom.on_one(holds) else (0, atom.bit)
            if atom.every is holds:
                true |= of_leaf[0]
                false |= of_leaf[1]
            else:
                some.append(of_leaf)
        elements: list[str] = []
        undecided: Undecided | None = None
        for more_true, more_false in some or [(0, 0)]:
            element = self.space.find(true | more_true, false | more_false)
            if element is None:
                if not self.space.holds_empty(true | more_true, false | more_false):
                    return None
                element = ""
            if isinstance(element, Undecided):
                undecided = element
            elif element not in elements:
                elements.append(element)
        if undecided is not None:
            return undecided
        if elements == [""]:
            # A lone empty text counts as no value for set operators; two of them do not.
            return ("", "")
        return tuple(elements)


def fixed_values(condition: CompiledCondition) -> tuple[tuple[Piece, ...], ...]:
    """Return the values of a condition without variables, taken apart."""
    return tuple(
        tuple(part for part in parts if not isinstance(part, Variable))
        for parts in condition.templates
    )
