"""Sets of texts: empty or not, against z3's strings and against samples."""

from __future__ import annotations

import random

import pytest

from policies.comparison.ordered_values import (
    address_samples,
    binary_samples,
    date_samples,
    number_samples,
)
from policies.comparison.reasons import Undecided
from policies.comparison.shapes import covers, meet, shape_of
from policies.comparison.text_leaves import leaf_of
from policies.comparison.text_space import TextSpace
from policies.language.conditions import make_leaf
from policies.language.document import Operator
from policies.language.patterns import string_glob

z3 = pytest.importorskip("z3")
PIECES = ("a", "b", "ab", "ba", "aa", "c", "*", "*", "?", ":")


def pattern(rng: random.Random) -> str:
    return "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 5)))


def z3_regex(text: str):
    one = z3.Range("!", "~")
    parts = [z3.Star(one) if char == "*" else one if char == "?" else z3.Re(char) for char in text]
    return parts[0] if len(parts) == 1 else z3.Concat(*parts)


def z3_finds(true: list[list[str]], false: list[list[str]]) -> bool:
    solver, text = z3.Solver(), z3.String("text")
    solver.set("timeout", 10_000)
    solver.add(z3.Length(text) > 0)
    # Both sides speak of the same alphabet: printable ASCII.
    solver.add(z3.InRe(text, z3.Star(z3.Range("!", "~"))))
    for groups, wanted in ((true, True), (false, False)):
        for group in groups:
            matches = z3.Or([z3.InRe(text, z3_regex(item)) for item in group])
            solver.add(matches if wanted else z3.Not(matches))
    answer = solver.check()
    if answer == z3.unknown:
        pytest.skip("z3 did not answer in time")
    return bool(answer == z3.sat)


@pytest.mark.parametrize("seed", range(8))
def test_agrees_with_z3_on_whether_a_text_exists(seed):
    rng = random.Random(seed)
    space = TextSpace()
    for _ in range(25):
        true, false = (
            [[pattern(rng) for _ in range(rng.randint(1, 3))] for _ in range(rng.randint(0, 3))]
            for _ in range(2)
        )
        bits = [0, 0]
        for side, groups in enumerate((true, false)):
            for group in groups:
                values = tuple((item,) for item in group)
                bits[side] |= space.leaf_bit(leaf_of(Operator.STRING_LIKE, values))
        found = space.find(*bits)
        assert found is not Undecided.STATE_LIMIT
        assert (found is not None) == z3_finds(true, false), (true, false, found)
        if isinstance(found, str):
            for groups, wanted in ((true, True), (false, False)):
                for group in groups:
                    test = make_leaf(Operator.STRING_LIKE, tuple((item,) for item in group))
                    assert test(found) is wanted


@pytest.mark.parametrize("seed", range(4))
def test_two_patterns_meet_or_cover_as_z3_says(seed):
    rng = random.Random(100 + seed)
    for _ in range(20):
        one, two = pattern(rng), pattern(rng)
        first, second = shape_of(string_glob((one,))), shape_of(string_glob((two,)))
        # An empty text is in both only if both are stars alone.
        if set(one) != {"*"} or set(two) != {"*"}:
            assert (meet(first, second) is not None) == z3_finds([[one], [two]], []), (one, two)
        if covers(first, second):
            assert not z3_finds([[two]], [[one]]), (one, two)


class TestSamplesOfOrderedValues:
    def test_numbers_lie_on_between_and_beyond_the_limits(self):
        assert number_samples(["10", "10.0", "11"]) == [
            "10",
            "10.5",
            "11",
            "12",
            "9",
            "not-a-number",
        ]

    def test_dates_are_readable_and_meet_every_cell(self):
        samples = date_samples(["2026-01-01", "2026-01-02T00:00:00Z"])
        assert samples[0] == "2026-01-01T00:00:00Z"
        assert "2026-01-01T00:00:01Z" in samples
        assert samples[-1] == "not-a-date"

    def test_addresses_lie_in_and_outside_of_each_range(self):
        samples = address_samples(["10.0.0.0/8", "2001:db8::/32"])
        assert {"10.0.0.0", "11.0.0.0", "2001:db8::", "2001:db9::", "not-an-address"} <= set(
            samples
        )

    def test_binary_values_are_those_wanted_another_one_and_none(self):
        assert binary_samples(["QUJD"]) == ["QUJD", "b3RoZXI=", "*"]
