"""All texts that a key (or the resource) can hold, and which sets of them are empty.

A set is "these leaves are true, those are false", as two ints with a bit for each leaf. Whether
one is empty is decided, in this order, by: earlier answers; texts found before; the values
of a list of literals; candidates made of the patterns; an exhaustive search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from policies.comparison.ordered_values import (
    address_samples,
    binary_samples,
    date_samples,
    number_samples,
)
from policies.comparison.reasons import Undecided
from policies.comparison.shape_sets import ShapeSets
from policies.comparison.shapes import shape_of
from policies.comparison.text_leaves import TextLeaf, ValueFamily
from policies.comparison.text_search import FoundText, solve
from policies.language.patterns import Glob, any_matches

_SAMPLES: Final[dict[ValueFamily, Callable[[Iterable[str]], list[str]]]] = {
    ValueFamily.NUMBER: number_samples,
    ValueFamily.DATE: date_samples,
    ValueFamily.ADDRESS: address_samples,
    ValueFamily.BINARY: binary_samples,
}


class TextSpace:
    """The texts of one key. The empty text is not among them: what it means differs by operator.

    `domain`: every text matches one of these (none: all texts). `barred`: none of these.
    `seeds`: likely values, which are proposed before others. `is_typed`: what is compared as a
    number or date is one.
    """

    def __init__(
        self,
        *,
        domain: Sequence[Glob] = (),
        barred: Sequence[Glob] = (),
        seeds: Iterable[str] = (),
        is_typed: bool = False,
    ) -> None:
        self._is_typed = is_typed
        self._domain = tuple(map(shape_of, domain))
        self._barred = tuple(map(shape_of, barred))
        self._is_possible = any_matches(domain) if domain else None
        self._is_barred = any_matches(barred)
        self._leaves: list[TextLeaf] = []
        self._index: dict[tuple[object, ...], int] = {}
        self._pool: list[str] = []
        self._pooled: set[str] = set()
        self._truths: list[int] = []
        self._evaluated: list[int] = []
        self._answers: dict[tuple[int, int], FoundText] = {}
        self._sets = ShapeSets()
        self._domain_set = self._sets.of(self._domain)
        self._barred_set = self._sets.of(self._barred)
        self._leaf_sets: list[int] = []
        self._reduced: dict[tuple[frozenset[int], int], FoundText] = {}
        for seed in seeds:
            self._add_sample(seed)

    @property
    def has_domain(self) -> bool:
        """Whether only some texts are possible; the empty one is then not."""
        return bool(self._domain) or self._is_typed

    def leaf_bit(self, leaf: TextLeaf) -> int:
        """Return the bit of a leaf, which equal leaves share."""
        key: tuple[object, ...] = (
            (frozenset(leaf.shapes),)
            if leaf.family is ValueFamily.TEXT
            else (leaf.family, leaf.test)
        )
        at = self._index.get(key)
        if at is None:
            at = self._index[key] = len(self._leaves)
            self._leaves.append(leaf)
            self._leaf_sets.append(self._sets.of(leaf.shapes))
            self._truths.append(0)
            self._evaluated.append(0)
        return 1 << at

    def find(self, true: int, false: int) -> FoundText:
        """Return a text for which the `true` leaves hold and the `false` ones do not.

        None: there is none, and that is proven.
        """
        if true & false:
            return None
        key = (true, false)
        try:
            return self._answers[key]
        except KeyError:
            found = self._answers[key] = self._find(true, false)
            return found

    def holds_empty(self, true: int, false: int) -> bool:
        """Whether the empty text, which `find` never gives, is in a set as one of several."""
        return not self.has_domain and not (
            any(not self._leaves[at].test("") for at in _bits(true))
            or any(self._leaves[at].test("") for at in _bits(false))
        )

    def _add_sample(self, text: str) -> None:
        if text and text not in self._pooled and self._in_domain(text):
            self._pooled.add(text)
            self._pool.append(text)

    def _in_domain(self, text: str) -> bool:
        return (self._is_possible is None or self._is_possible(text)) and not self._is_barred(text)

    def _truth(self, at: int) -> int:
        done = self._evaluated[at]
        if done < len(self._pool):
            test = self._leaves[at].test
            truth = self._truths[at]
            for index in range(done, len(self._pool)):
                if test(self._pool[index]):
                    truth |= 1 << index
            self._truths[at] = truth
            self._evaluated[at] = len(self._pool)
        return self._truths[at]

    def _pooled_text(self, true: Sequence[int], false: Sequence[int]) -> str | None:
        left = (1 << len(self._pool)) - 1
        for at in true:
            left &= self._truth(at)
            if not left:
                return None
        for at in false:
            left &= ~self._truth(at)
        return self._pool[(left & -left).bit_length() - 1] if left else None

    def _holds(self, text: str, true: Sequence[int], false: Sequence[int]) -> bool:
        return (
            bool(text)
            and all(self._leaves[at].test(text) for at in true)
            and not any(self._leaves[at].test(text) for at in false)
            and self._in_domain(text)
        )

    def _find(self, true_bits: int, false_bits: int) -> FoundText:
        true, false = list(_bits(true_bits)), list(_bits(false_bits))
        pooled = self._pooled_text(true, false)
        if pooled is not None:
            return pooled
        families = {self._leaves[at].family for at in (*true, *false)} or {ValueFamily.TEXT}
        found: FoundText = None
        for family in families:
            own_true = [at for at in true if self._leaves[at].family is family]
            own_false = [at for at in false if self._leaves[at].family is family]
            found = self._find_in_family(family, own_true, own_false)
            if found is None:
                return None
            if isinstance(found, str):
                self._add_sample(found)
        if len(families) == 1:
            return found
        pooled = self._pooled_text(true, false)
        return pooled if pooled is not None else Undecided.TWO_FAMILIES

    def _find_in_family(self, family: ValueFamily, true: list[int], false: list[int]) -> FoundText:
        if family is ValueFamily.TEXT:
            return self._find_text(true, false)
        constants = [text for at in (*true, *false) for text in self._leaves[at].constants]
        tests = [self._leaves[at].test for at in true]
        denials = [self._leaves[at].test for at in false]
        samples = _SAMPLES[family](constants)
        for text in samples[:-1] if self._is_typed else samples:
            if all(test(text) for test in tests) and not any(test(text) for test in denials):
                # A domain of texts on a key of numbers: no known policy has both.
                return text if self._in_domain(text) else Undecided.TWO_FAMILIES
        return None

    def _find_text(self, true: list[int], false: list[int]) -> FoundText:
        listed = [self._leaves[at].shapes for at in true]
        if self._domain:
            listed.append(self._domain)
        finite = [shapes for shapes in listed if all(s.literal is not None for s in shapes)]
        if finite:
            texts = (shape.literal or "" for shape in min(finite, key=len))
            return next((text for text in texts if self._holds(text, true, false)), None)
        groups = [self._leaf_sets[at] for at in true]
        if self._domain:
            groups.append(self._domain_set)
        barred = self._barred_set
        for at in false:
            barred |= self._leaf_sets[at]
        reduced = self._sets.reduced(groups, barred)
        if reduced is None:
            return None
        key = (frozenset(reduced[0]), reduced[1])
        if key not in self._reduced:
            self._reduced[key] = solve(
                self._sets, *reduced, lambda text: self._holds(text, true, false)
            )
        return self._reduced[key]


def _bits(bits: int) -> Iterator[int]:
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
