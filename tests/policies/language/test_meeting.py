"""Whether two patterns have a text in common, against trying texts."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from policies.language.meeting import globs_meet
from policies.language.patterns import arn_glob, resource_glob, string_glob

TEXTS = ["".join(chars) for size in range(5) for chars in product("a:b", repeat=size)]


class TestGlobsMeet:
    @given(st.text("a:*?", max_size=4), st.text("a:*?", max_size=4))
    def test_says_so_exactly_where_some_text_matches_both(self, one, other):
        left, right = string_glob((one,)), string_glob((other,))
        shared = any(left.matches(text) and right.matches(text) for text in TEXTS)
        if shared:
            assert globs_meet(left, right)
        elif len(one) + len(other) <= 4:
            assert not globs_meet(left, right)

    def test_keeps_a_wildcard_within_its_part_of_an_arn(self):
        whole = arn_glob(("arn:aws:iam::*:role/x",))
        assert whole is not None
        assert globs_meet(whole, resource_glob(("arn:aws:iam::111122223333:role/?",)))
        assert not globs_meet(whole, string_glob(("arn:aws:iam::1:2:role/x",)))
        assert not globs_meet(
            resource_glob(("arn:aws:s3:::a/*",)), resource_glob(("arn:aws:s3:::b*",))
        )
