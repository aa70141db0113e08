import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.language.conditions import make_test
from policies.language.conditions.values import ABSENT, UNKNOWN
from policies.language.document import Operator, SetOperator
from policies.language.operators import OPERATOR_NAMES, operator_name, operator_parts
from policies.language.variables import resolve, template

CASES = json.loads(Path(__file__).with_name("condition_cases.json").read_text("utf-8"))


def context_value(written):
    if written is None:
        return ABSENT
    if written == "?":
        return UNKNOWN
    return tuple(written) if isinstance(written, list) else written


class TestConditionCases:
    @pytest.mark.parametrize(
        "case", CASES, ids=lambda c: f"{c['rule']}: {c['operator']} {c['key']}"
    )
    def test_holds_as_the_guide_says(self, case):
        parts = operator_parts(case["operator"])
        test = make_test(
            parts.operator,
            tuple((value,) for value in case["values"]),
            negated=parts.negated,
            set_operator=parts.set_operator,
            if_exists=parts.if_exists,
        )
        assert test(context_value(case["key"])) is case["holds"]

    def test_each_case_names_its_page(self):
        assert all(case["source"] for case in CASES)


class TestUnknownValues:
    def test_a_value_that_is_not_known_leaves_only_a_match_certain(self):
        positive = make_test(Operator.STRING_EQUALS, (("a",),), incomplete=True)
        assert (positive("a"), positive("b"), positive(ABSENT)) == (True, None, False)
        negated = make_test(Operator.STRING_EQUALS, (("a",),), negated=True, incomplete=True)
        assert (negated("a"), negated("b"), negated(ABSENT)) == (False, None, True)

    def test_one_element_that_surely_fails_settles_for_all_values(self):
        test = make_test(
            Operator.STRING_EQUALS,
            (("a",),),
            negated=True,
            set_operator=SetOperator.FOR_ALL_VALUES,
            incomplete=True,
        )
        assert (test(("b", "a")), test(("b",))) == (False, None)


class TestOperatorNames:
    @pytest.mark.parametrize("name", OPERATOR_NAMES)
    @pytest.mark.parametrize("prefix", ["", "ForAllValues:", "ForAnyValue:"])
    @pytest.mark.parametrize("suffix", ["", "IfExists"])
    def test_is_spelt_again_as_it_was_read(self, name, prefix, suffix):
        if name == "Null" and suffix:
            return
        written = f"{prefix}{name}{suffix}"
        assert operator_name(operator_parts(written.upper())) == written


class TestVariables:
    def context(self, key):
        values = {"aws:username": "bo*b", "aws:tagkeys": ("a", "b"), "aws:userid": UNKNOWN}
        return values.get(key, ABSENT)

    def holds(self, value, text):
        found = resolve(template(value, True), self.context)
        if found is ABSENT or found is UNKNOWN:
            return found
        return make_test(Operator.STRING_LIKE, (found,))(text)

    def test_a_wildcard_in_a_variables_value_is_literal(self):
        assert self.holds("${aws:username}-*", "bo*b-1")
        assert not self.holds("${aws:username}-*", "boxb-1")

    def test_keys_ignore_case(self):
        assert self.holds("${AWS:UserName}", "bo*b")

    def test_a_default_stands_in_for_a_missing_key(self):
        assert self.holds("x-${aws:PrincipalTag/team, 'none'}", "x-none")

    def test_without_a_value_it_never_matches(self):
        assert self.holds("${aws:PrincipalTag/team}", "anything") is ABSENT

    def test_a_multivalued_key_is_no_variable(self):
        assert self.holds("${aws:TagKeys}", "a") is ABSENT

    def test_an_unknown_key_leaves_the_value_unknown(self):
        assert self.holds("${aws:userid}", "a") is UNKNOWN

    def test_specials_are_literal_characters(self):
        assert self.holds("a${*}b${?}c${$}", "a*b?c$")
        assert not self.holds("a${*}b${?}c${$}", "axxbyc$")

    def test_another_version_takes_it_as_plain_text(self):
        assert template("${aws:username}", False) == ("${aws:username}",)


class TestNoConditionRaises:
    @given(
        st.sampled_from(OPERATOR_NAMES),
        st.lists(st.text(max_size=12), max_size=3),
        st.one_of(
            st.text(max_size=12), st.lists(st.text(max_size=6), max_size=3).map(tuple),
            st.sampled_from([ABSENT, UNKNOWN]),
        ),
    )  # fmt: skip
    def test_whatever_the_values_are(self, name, values, key):
        parts = operator_parts(name)
        test = make_test(parts.operator, tuple((value,) for value in values), negated=parts.negated)
        opposite = make_test(
            parts.operator, tuple((value,) for value in values), negated=not parts.negated
        )
        answer = test(key)
        assert answer in (True, False, None)
        if parts.operator is not Operator.NULL and key is not UNKNOWN:
            assert opposite(key) is (not answer)
