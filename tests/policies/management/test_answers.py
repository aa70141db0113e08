"""AWS's answers beside what the operators give."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import PolicyType, parse_decoded_policy
from policies.management import (
    AttachedSettings,
    AwsSetting,
    SettingMismatch,
    SettingsLevel,
    aws_settings,
    differences,
    effective_policy,
    outcome,
)
from policies.management.chains import NOTHING_ATTACHED, chain_link, chain_of

TAGS, BACKUP = PolicyType.TAG_POLICY, PolicyType.BACKUP_POLICY
ACCOUNT = "222222222222"


def computed(*documents, kind=TAGS):
    """Merge policies of one level whose order of attachment is not known."""
    return effective_policy(
        kind,
        [
            SettingsLevel(
                "r-ab12",
                tuple(
                    AttachedSettings(str(number), parse_decoded_policy(each, kind).management)
                    for number, each in enumerate(documents)
                ),
            )
        ],
    )


def cost(**settings):
    return {"tags": {"cost": {name: {"@@assign": value} for name, value in settings.items()}}}


def differing(policy, document):
    told = aws_settings(json.dumps(document))
    assert told is not None
    return differences(policy, told, account_id=ACCOUNT)


class TestToldSettings:
    def test_are_the_leaves_as_text(self):
        document = {"plans": {"p": {"days": 35, "on": True, "regions": ["a", "b"]}}}
        assert aws_settings(json.dumps(document)) == (
            AwsSetting(("plans", "p", "days"), ("35",), False),
            AwsSetting(("plans", "p", "on"), ("true",), False),
            AwsSetting(("plans", "p", "regions"), ("a", "b"), True),
        )

    @pytest.mark.parametrize("text", ["", "<html>", "[]", '"x"', "[" * 100_000])
    def test_are_none_where_the_answer_is_no_object(self, text):
        assert aws_settings(text) is None


class TestDifferences:
    def test_are_values_that_differ_and_settings_on_one_side_alone(self):
        policy = computed(cost(tag_value=["a", "b"], tag_key="Cost"))
        answer = {"tags": {"cost": {"tag_value": ["a"], "enforced_for": ["ec2:instance"]}}}
        assert differing(policy, answer) == (
            SettingMismatch(("tags", "cost", "tag_value"), ("a",), ("a", "b")),
            SettingMismatch(("tags", "cost", "enforced_for"), ("ec2:instance",), None),
            SettingMismatch(("tags", "cost", "tag_key"), None, ("Cost",)),
        )

    def test_are_not_in_the_order_of_a_list(self):
        answer = {"tags": {"cost": {"tag_value": ["b", "a"]}}}
        assert differing(computed(cost(tag_value=["a", "b"])), answer) == ()

    def test_are_not_in_the_case_of_keys_of_tag_policies_and_are_in_those_of_others(self):
        answer = {"tags": {"COST": {"tag_key": "Cost"}}}
        assert differing(computed(cost(tag_key="Cost")), answer) == ()
        plans = {"plans": {"Daily": {"regions": {"@@assign": ["a"]}}}}
        other_case = {"plans": {"daily": {"regions": ["a"]}}}
        assert len(differing(computed(plans, kind=BACKUP), other_case)) == 2

    def test_are_not_where_aws_fills_in_the_account(self):
        arn = "arn:aws:iam::{}:role/Backup"
        plans = {"plans": {"p": {"role": {"@@assign": arn.format("$account")}}}}
        policy = computed(plans, kind=BACKUP)
        for account, expected in (("$account", 0), (ACCOUNT, 0), ("333333333333", 1)):
            told = {"plans": {"p": {"role": arn.format(account)}}}
            assert len(differing(policy, told)) == expected

    def test_are_not_where_the_order_of_attachment_decides(self):
        policy = computed(cost(tag_value=["a"]), cost(tag_value=["b"]))
        assert differing(policy, {"tags": {"cost": {"tag_value": ["b"]}}}) == ()

    @given(
        st.dictionaries(
            st.sampled_from("abcd"),
            st.lists(st.sampled_from("xyz"), min_size=1, unique=True),
            min_size=1,
        )
    )
    def test_are_none_between_what_is_computed_and_the_same_written_as_aws_does(self, tags):
        document = {"tags": {key: {"tag_value": {"@@assign": v}} for key, v in tags.items()}}
        policy = computed(document)
        assert differing(policy, policy.document()) == ()
        text = json.dumps(policy.document())
        told = tuple((one.path, one.values) for one in aws_settings(text) or ())
        ours = tuple((one.path, one.values) for one in policy.settings)
        assert outcome(TAGS, told) == outcome(TAGS, ours)


class TestChains:
    def test_are_equal_for_equal_texts_whatever_the_target(self):
        one = chain_of([chain_link("r-ab12", ["x"]), chain_link("ou-1", ["y"])])
        assert chain_of([chain_link("r-cd34", ["x"]), chain_link("ou-2", ["y"])]) == one
        assert chain_of([chain_link("r-ab12", ["y"]), chain_link("ou-1", ["x"])]) != one

    def test_of_several_texts_at_one_target_are_that_targets_own(self):
        assert chain_of([chain_link("a", ["x", "y"])]) == chain_of([chain_link("a", ["y", "x"])])
        assert chain_of([chain_link("a", ["x", "y"])]) != chain_of([chain_link("b", ["x", "y"])])
        assert chain_of([chain_link("a", ["x", "x"])]) == chain_of([chain_link("b", ["x"])])

    def test_have_no_name_where_nothing_is_attached(self):
        assert chain_of([]) == chain_of([chain_link("a", [])]) == NOTHING_ATTACHED
