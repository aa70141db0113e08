"""`python -m policies compare` and `ceiling`, as another program reaches them."""

from __future__ import annotations

import io
import json

import pytest

from policies.cli.dispatch import main
from policies.cli.streams import Streams

ACCOUNT = "123456789012"
FULL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
RCP_FULL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}
LOCK = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "NotAction": "iam:*",
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}},
        }
    ],
}


def targets(*root):
    return [
        {"target_id": "r-1", "parent_id": None, "policies": [FULL, *root]},
        {"target_id": ACCOUNT, "parent_id": "r-1", "policies": [FULL]},
    ]


def run(command, given, *arguments):
    text = given if isinstance(given, bytes) else json.dumps(given).encode()
    output, errors = io.StringIO(), io.StringIO()
    status = main([command, *arguments], Streams(io.BytesIO(text), output, errors))
    answer = output.getvalue()
    return status, json.loads(answer) if answer else None, errors.getvalue()


class TestCompareCommand:
    def test_writes_differences_with_a_witness_that_evaluate_decides_differently(self):
        given = {"before": targets(LOCK), "after": targets(), "report_on": [ACCOUNT]}
        status, answer, _ = run("compare", given)
        assert status == 0
        assert answer["seconds"] >= 0
        found = answer["targets"][ACCOUNT]
        assert (found["newly_denied"], found["undecided"]) == ([], [])
        first = found["newly_allowed"][0]
        assert first["when"] == "`aws:RequestedRegion` is not `eu-west-1` (or it is absent)"
        decisions = []
        for policies in ([FULL, LOCK], [FULL]):
            question = {
                "request": first["witness"],
                "identity_policies": [FULL],
                "service_control_policies": [{"target_id": "r-1", "policies": policies}],
            }
            decisions.append(run("evaluate", question)[1]["decision"])
        assert decisions == ["explicitDeny", "allowed"]

    @pytest.mark.parametrize("listed", [[], [RCP_FULL]])
    def test_agrees_with_evaluate_and_ceiling_whether_rcp_full_access_is_listed_or_not(
        self, listed
    ):
        deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
        lock = {"Version": "2012-10-17", "Statement": [deny]}

        def state(*policies):
            return [
                {"target_id": "r-1", "parent_id": None, "policies": listed},
                {"target_id": ACCOUNT, "parent_id": "r-1", "policies": [*listed, *policies]},
            ]

        rcp = {"policy_type": "RESOURCE_CONTROL_POLICY"}
        given = {"before": state(), "after": state(lock)} | rcp
        found = run("compare", given)[1]["targets"][ACCOUNT]
        assert (found["newly_allowed"], found["undecided"]) == ([], [])
        denied = {action for one in found["newly_denied"] for action in one["actions"]}
        assert all(one["when"] == "always" for one in found["newly_denied"])
        question = {"targets": state(lock), "residual_actions": ["s3:GetObject"]} | rcp
        ceiling = run("ceiling", question, "--actions")[1]["targets"][ACCOUNT]
        assert denied == {*ceiling["never_actions"], "actions not in the catalogue"}
        assert ceiling["residual"]["s3:GetObject"]["outcome"] == "never"
        levels = [
            {"target_id": target["target_id"], "policies": target["policies"]}
            for target in state(lock)
        ]
        for difference in found["newly_denied"]:
            question = {
                "request": difference["witness"],
                "identity_policies": [FULL],
                "resource_control_policies": levels,
            }
            assert run("evaluate", question)[1]["decision"] == "explicitDeny"

    def test_reports_every_target_of_both_states_where_none_is_named(self):
        _, answer, _ = run("compare", {"before": targets(), "after": targets()})
        empty: dict[str, list[object]] = {
            "newly_denied": [],
            "newly_allowed": [],
            "changed_in_condition": [],
            "undecided": [],
        }
        assert answer["targets"] == {"r-1": empty, ACCOUNT: empty}

    def test_takes_policies_as_text(self):
        given = {"before": targets(json.dumps(LOCK)), "after": targets(LOCK)}
        assert run("compare", given)[1]["targets"][ACCOUNT]["newly_allowed"] == []

    @pytest.mark.parametrize(
        ("given", "complaint"),
        [
            (b"{", "not JSON"),
            ({"before": targets()}, 'lacks "after"'),
            ({"before": targets(), "after": targets(), "report": []}, 'no "report"'),
            (
                {
                    "before": [{"target_id": "r-1", "parent_id": None, "policies": [{"a": 1}]}],
                    "after": [],
                },
                "target r-1, policy 1 is not a policy",
            ),
            ({"before": targets()[1:], "after": []}, "its parent r-1 is missing"),
            (
                {"before": targets(), "after": targets(), "report_on": ["ou-1"]},
                "target ou-1 is not in both",
            ),
            (
                {"before": targets(), "after": targets(), "policy_type": "TAG_POLICY"},
                '"policy_type" must be one of',
            ),
        ],
    )
    def test_says_in_one_line_what_is_wrong_with_its_input(self, given, complaint):
        status, answer, errors = run("compare", given)
        assert (status, answer) == (2, None)
        assert complaint in errors
        assert errors.count("\n") == 1


class TestCeilingCommand:
    def test_counts_by_service_and_level_and_tells_what_was_assumed(self):
        given = {
            "targets": targets(LOCK),
            "report_on": [ACCOUNT],
            "residual_actions": ["S3:getobject"],
            "assume": {"principal_kinds": ["role"]},
        }
        status, answer, _ = run("ceiling", given, "--actions")
        assert status == 0
        found = answer["targets"][ACCOUNT]
        assert found["services"]["s3"]["always"] == found["services"]["s3"]["never"] == 0
        assert found["services"]["iam"]["conditional"] == 0
        assert "s3:GetObject" in found["conditional_actions"]
        assert [entry["target_id"] for entry in found["levels"]] == ["r-1", ACCOUNT]
        assert found["residual"]["s3:GetObject"]["depends_on"] == ["aws:RequestedRegion"]
        assert answer["assumed"] == ["the partition is aws", "the principal is a role"]

    def test_settles_a_lock_by_an_assumed_region(self):
        given = {
            "targets": targets(LOCK),
            "assume": {"context": {"aws:RequestedRegion": "eu-west-1"}},
        }
        _, answer, _ = run("ceiling", given)
        assert answer["targets"][ACCOUNT]["conditional"] == 0

    @pytest.mark.parametrize(
        ("given", "complaint"),
        [
            ({"targets": targets(), "report_on": ["ou-1"]}, "target ou-1 is not among the targets"),
            (
                {"targets": targets(), "assume": {"principal_kinds": ["cat"]}},
                "not a kind of principal",
            ),
            ({"targets": targets(), "residual_actions": ["s3:Nothing"]}, "not in the catalogue"),
        ],
    )
    def test_says_in_one_line_what_is_wrong_with_its_input(self, given, complaint):
        status, _, errors = run("ceiling", given)
        assert status == 2
        assert complaint in errors


class TestTransientsCommand:
    STATES = (targets(LOCK), targets(), targets(LOCK))

    def test_writes_what_a_state_between_decides_otherwise_with_its_witness(self):
        given = {"states": self.STATES, "report_on": [ACCOUNT]}
        status, answer, _ = run("transients", given)
        assert status == 0
        assert answer["seconds"] >= 0
        assert answer["undecided"] == []
        first = answer["transients"][0]
        assert (first["state"], first["target_id"], first["kind"]) == (1, ACCOUNT, "allowed")
        assert first["when"] == "`aws:RequestedRegion` is not `eu-west-1` (or it is absent)"
        assert first["witness"]["principal"].startswith(f"arn:aws:iam::{ACCOUNT}:")
        decisions = []
        for policies in ([FULL, LOCK], [FULL]):
            question = {
                "request": first["witness"],
                "identity_policies": [FULL],
                "service_control_policies": [{"target_id": ACCOUNT, "policies": policies}],
            }
            _, decided, _ = run("evaluate", question)
            decisions.append(decided["decision"])
        assert decisions == ["explicitDeny", "allowed"]

    def test_writes_nothing_for_a_plan_whose_states_agree(self):
        given = {"states": [targets(LOCK), targets(LOCK, LOCK), targets(LOCK)]}
        status, answer, _ = run("transients", given)
        assert (status, answer["transients"], answer["undecided"]) == (0, [], [])

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({}, "states"),
            ({"states": [targets()]}, "at least the first and the last"),
            ({"states": [targets(), [{"target_id": "x"}]]}, '"states"[1]'),
            ({"states": [targets(), targets()], "report_on": ["ou-x"]}, "ou-x"),
            ({"states": [targets(), targets()], "before": []}, "before"),
        ],
    )
    def test_says_what_is_wrong_with_its_input(self, given, said):
        status, answer, errors = run("transients", given)
        assert (status, answer) == (2, None)
        assert said in errors
