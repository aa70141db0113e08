"""Effective management policies, by the guide's own examples and by what must always hold."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import PolicyType, parse_decoded_policy
from policies.management import (
    AttachedSettings,
    ComputedEffectivePolicy,
    PolicyProblemKind,
    SettingsLevel,
    effective_policy,
)

CASES = json.loads((Path(__file__).parent / "inheritance.json").read_text("utf-8"))
TAGS = PolicyType.TAG_POLICY


def level(number, policies, policy_type=TAGS):
    return SettingsLevel(
        f"level-{number}",
        tuple(
            AttachedSettings(
                policy["id"],
                parse_decoded_policy(policy["content"], policy_type).management
                if "content" in policy
                else None,
                policy.get("rank", 0),
            )
            for policy in policies
        ),
    )


def merged(levels, policy_type=TAGS) -> ComputedEffectivePolicy:
    return effective_policy(
        policy_type,
        [level(number, policies, policy_type) for number, policies in enumerate(levels)],
    )


def values_of(*values, operator="@@assign", **beside):
    return {"tags": {"cost": {"tag_value": {operator: list(values), **beside}}}}


class TestInheritance:
    @pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
    def test_merges_as_the_guide_says(self, case):
        found = merged(case["levels"], PolicyType(case["type"]))
        assert found.document() == case["effective"]
        assert [[t.kind, t.policy_id, ".".join(t.path)] for t in found.problems] == case["problems"]
        assert found.is_known

    def test_names_the_level_and_the_policy_that_made_each_value(self):
        found = merged(
            [
                [{"id": "above", "content": values_of("a")}],
                [{"id": "below", "content": values_of("b", operator="@@append")}],
            ]
        )
        (setting,) = found.settings
        assert [(made.target_id, made.policy_id, made.operator) for made in setting.set_by] == [
            ("level-0", "above", "@@assign"),
            ("level-1", "below", "@@append"),
        ]

    def test_names_the_level_that_does_not_allow_an_operator(self):
        control = {"@@operators_allowed_for_child_policies": ["@@append"]}
        found = merged(
            [
                [{"id": "above", "content": values_of("a", **control)}],
                [{"id": "below", "content": values_of("b")}],
            ]
        )
        (problem,) = found.problems
        assert problem.by == (("level-0", "above"),)
        assert "@@append" in problem.message
        assert found.settings[0].allowed_below == {"@@append"}

    def test_says_nothing_of_a_lower_level_that_assigns_what_is_locked_to_be_the_same(self):
        control = {"@@operators_allowed_for_child_policies": ["@@none"]}
        found = merged(
            [
                [{"id": "above", "content": values_of("a", **control)}],
                [{"id": "below", "content": values_of("a")}],
            ]
        )
        assert found.problems == ()

    def test_a_control_does_not_bind_policies_of_its_own_level(self):
        control = {"@@operators_allowed_for_child_policies": ["@@none"]}
        found = merged(
            [
                [
                    {"id": "one", "content": values_of("a", **control)},
                    {"id": "two", "content": values_of("b", operator="@@append")},
                ]
            ]
        )
        assert '"tag_value": ["a", "b"]' in json.dumps(found.document())


class TestWhatIsNotKnown:
    def test_is_not_certain_of_values_whose_order_of_attachment_is_not_known(self):
        found = merged(
            [[{"id": "x", "content": values_of("a")}, {"id": "y", "content": values_of("b")}]]
        )
        assert not found.settings[0].is_certain
        (problem,) = found.problems
        assert problem.kind is PolicyProblemKind.CONFLICT
        assert "not known" in problem.message

    def test_is_certain_again_where_a_lower_level_assigns(self):
        found = merged(
            [
                [{"id": "x", "content": values_of("a")}, {"id": "y", "content": values_of("b")}],
                [{"id": "z", "content": values_of("c")}],
            ]
        )
        assert found.settings[0].is_certain

    def test_is_not_known_with_a_policy_that_cannot_be_read(self):
        found = merged([[{"id": "broken"}], [{"id": "x", "content": values_of("a")}]])
        assert not found.is_known
        assert [(t.kind, t.policy_id) for t in found.problems] == [
            (PolicyProblemKind.UNREADABLE, "broken")
        ]

    def test_nothing_attached_is_an_empty_policy_and_known(self):
        found = merged([[], []])
        assert found.document() == {}
        assert found.is_known


names = st.sampled_from(["a", "b", "c"])
changes = st.tuples(
    st.sampled_from(["@@assign", "@@append", "@@remove"]), st.lists(names, min_size=1, max_size=3)
)


class TestAlways:
    @given(st.lists(changes, min_size=1, max_size=5))
    def test_one_policy_a_level_does_what_its_operator_says(self, told):
        expected: list[str] = []
        for operator, given_values in told:
            if operator == "@@assign":
                expected = list(given_values)
            elif operator == "@@append":
                expected = list(dict.fromkeys([*expected, *given_values]))
            else:
                expected = [v for v in expected if v not in given_values]
        found = merged(
            [[{"id": "p", "content": values_of(*v, operator=operator)}] for operator, v in told]
        )
        assert [list(setting.values) for setting in found.settings] == (
            [expected] if expected else []
        )

    @given(st.lists(changes, max_size=4))
    def test_nothing_below_changes_what_is_locked(self, told):
        control = {"@@operators_allowed_for_child_policies": ["@@none"]}
        levels = [[{"id": "lock", "content": values_of("a", **control)}]]
        levels += [
            [{"id": "p", "content": values_of(*v, operator=operator)}] for operator, v in told
        ]
        assert merged(levels).document() == {"tags": {"cost": {"tag_value": ["a"]}}}
