"""The data of AWS's own rules: complete, known to the catalogue, and tried by cases."""

from __future__ import annotations

import pytest

from policies.catalogue import load_catalogue
from policies.evaluation.aws_rules import RuleKind, aws_rules, unbound_bits
from tests.policies.evaluation_cases import evaluation_cases


def tried(outcome: str) -> set[str]:
    """Return the actions, in lower case, of the cases that AWS itself decides."""
    return {
        str(item.case["question"]["request"]["action"]).lower()
        for item in evaluation_cases()
        if outcome in item.case["decided_by"]
    }


class TestAwsRules:
    def test_every_action_is_in_the_catalogue(self):
        named = {action.lower() for rule in aws_rules() for action in rule.actions}
        assert named - load_catalogue().index_of.keys() == set()

    def test_every_rule_says_why_and_names_its_page(self):
        for rule in aws_rules():
            assert rule.text
            assert not rule.text.endswith(".")
            assert rule.source

    @pytest.mark.parametrize(
        ("kind", "decider"),
        [
            (RuleKind.NEVER_PERMITTED, "never_permitted"),
            (RuleKind.NO_PERMISSION_NEEDED, "always_allowed"),
        ],
    )
    def test_every_action_of_a_rule_has_a_case(self, kind, decider):
        named = {a.lower() for rule in aws_rules() if rule.kind is kind for a in rule.actions}
        assert named - tried(decider) == set()

    def test_no_policy_limits_what_needs_no_permission(self):
        catalogue = load_catalogue()
        assert catalogue.actions(unbound_bits(catalogue)) == [
            "sts:GetCallerIdentity",
            "sts:GetSessionToken",
        ]
