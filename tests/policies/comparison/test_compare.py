"""What an edit newly denies or allows: the cases, and the shape of the organization around them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policies.comparison import TargetComparison, UnknownTarget, compare
from policies.compiled import default_compiler
from policies.evaluation.aws_rules import unbound_bits
from policies.evaluation.request import OrganizationIds
from policies.language.parse import parse_decoded_policy
from policies.language.policy_types import PolicyType
from policies.targets import Target, TargetTree, TreeError

CASES = json.loads((Path(__file__).parent / "cases.json").read_text())
ACCOUNT = "123456789012"
FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
RCP = PolicyType.RESOURCE_CONTROL_POLICY


def level(*statements, policy_type=PolicyType.SERVICE_CONTROL_POLICY):
    document: dict[str, Any] = {"Version": "2012-10-17", "Statement": list(statements)}
    parsed = parse_decoded_policy(document, policy_type)
    assert parsed.document is not None, parsed.diagnostics
    return default_compiler().level([parsed.document])


def deny(**elements):
    return {"Effect": "Deny", "Resource": "*"} | elements


def tree(root=(), unit=(), account=(), *, parent="ou-1", of=level, full=(FULL,)):
    return TargetTree(
        [
            Target("r-1", None, of(*full, *root)),
            Target("ou-1", "r-1", of(*full, *unit)),
            Target("ou-2", "r-1", of(*full)),
            Target(ACCOUNT, parent, of(*full, *account)),
        ]
    )


def rcp_tree(*statements, listed=True):
    """Return a tree with a root's RCPs, RCPFullAWSAccess listed or not."""

    def of(*written):
        none = default_compiler().level([])
        return level(*written, policy_type=RCP) if written else none

    return tree(statements, of=of, full=[FULL | {"Principal": "*"}] if listed else ())


def compared(before: TargetTree, after: TargetTree, **options) -> TargetComparison:
    return compare(before, after, compiler=default_compiler(), **options).targets[ACCOUNT]


def as_statements(written, **elements):
    listed = written if isinstance(written, list) else [written] if written else []
    return [deny(**elements | one) for one in listed]


def compared_case(case):
    states = [case["before"], case["after"]]
    if case.get("policy_type", "") != RCP:
        return compared(*(tree(as_statements(written)) for written in states))
    organization = OrganizationIds(case.get("organization"), "111111111111")
    return compared(
        *(
            rcp_tree(*as_statements(written, Principal="*"), listed=not case.get("unlisted"))
            for written in states
        ),
        policy_type=RCP,
        organization=organization if case.get("organization") else None,
    )


def names(differences):
    catalogue = default_compiler().catalogue
    return [name for item in differences for name in item.actions.names(catalogue)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case):
    found = compared_case(case)
    for kind in ("newly_denied", "newly_allowed"):
        expected = case["expect"].get(kind, [])
        words = [
            item.when.words
            for item in getattr(found, kind)
            if not item.actions.are_unlisted or "actions" in case
        ]
        assert len(words) == expected if isinstance(expected, int) else words == expected
    reasons = sorted({item.reason.value for item in found.undecided})
    assert reasons == case["expect"].get("undecided", [])
    if "actions" in case:
        assert names((*found.newly_denied, *found.newly_allowed)) == case["actions"]
    shown = [
        item.witness.as_json(default_compiler().catalogue)
        for item in (*found.newly_denied, *found.newly_allowed)
        if not item.actions.are_unlisted
    ]
    if "callers" in case:
        assert [one["principal"] for one in shown] == case["callers"]
    if "contexts" in case:
        assert [one["context"] for one in shown] == case["contexts"]
    if "remark" in case:
        assert all(item.remark for item in (*found.newly_denied, *found.newly_allowed))


class TestCompare:
    def test_finds_a_change_below_a_level_that_shows_no_difference(self):
        lock = deny(Action="s3:GetObject")
        before = tree(root=[lock], account=[deny(Action="ec2:RunInstances")])
        after = tree(root=[lock, deny(Action="s3:GetObject", Resource="arn:aws:s3:::a/*")])
        assert names(compared(before, after).newly_allowed) == ["ec2:RunInstances"]

    def test_proves_a_change_without_effect_where_a_level_above_denies_already(self):
        above = deny(Action="s3:*")
        assert not compared(tree([above], [deny(Action="s3:GetObject")]), tree([above]))

    def test_proves_a_change_without_effect_where_a_level_below_denies_already(self):
        below = deny(Action="s3:*")
        assert not compared(
            tree([deny(Action="s3:GetObject")], account=[below]), tree(account=[below])
        )

    def test_tells_what_a_move_newly_allows_and_denies(self):
        unit = [deny(Action="s3:GetObject")]
        found = compared(tree(unit=unit), tree(unit=unit, parent="ou-2"))
        assert names(found.newly_allowed) == ["s3:GetObject"]
        assert not found.newly_denied
        back = compared(tree(unit=unit, parent="ou-2"), tree(unit=unit))
        assert names(back.newly_denied) == ["s3:GetObject"]

    def test_shows_a_change_by_a_caller_whom_the_levels_of_each_account_let_pass(self):
        other, full = "111111111111", FULL | {"Principal": "*"}
        only = {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}
        guard = deny(Principal="*", Action="s3:*", Condition=only)

        def state(*root):
            return TargetTree(
                [
                    Target("r-1", None, level(full, *root, policy_type=RCP)),
                    Target(other, "r-1", level(full, guard, policy_type=RCP)),
                    Target(ACCOUNT, "r-1", level(full, policy_type=RCP)),
                ]
            )

        found = compare(
            state(),
            state(deny(Principal="*", Action="s3:GetObject")),
            compiler=default_compiler(),
            policy_type=RCP,
            most_boxes=0,
        )
        (difference,) = found.targets[other].newly_denied
        witness = difference.witness.for_account(difference.account_id, other)
        assert witness.resource_account_id == other
        assert f":{ACCOUNT}:" in witness.principal

    def test_proves_that_a_move_between_equal_units_changes_nothing(self):
        assert not compared(tree(), tree(parent="ou-2"))

    def test_denies_everything_where_the_last_allow_is_detached(self):
        before, compiler = tree(), default_compiler()
        after = before.replaced([Target("ou-1", "r-1", compiler.level([]))])
        found = compared(before, after)
        assert [item.when.words for item in found.newly_denied] == ["always", "always"]
        bits = found.newly_denied[0].actions.bits
        assert bits == compiler.catalogue.all_bits & ~unbound_bits(compiler.catalogue)

    def test_narrows_an_allow_list_exactly(self):
        compiler = default_compiler()
        wide, narrow = (
            {"Effect": "Allow", "Action": "s3:*", "Resource": resource}
            for resource in ("arn:aws:s3:::a*", "arn:aws:s3:::ab*")
        )
        before = tree().replaced([Target("ou-1", "r-1", level(wide))])
        after = tree().replaced([Target("ou-1", "r-1", level(narrow))])
        found = compare(before, after, compiler=compiler).targets[ACCOUNT]
        words = {item.when.words for item in found.newly_denied}
        wide_only = "matches `arn:aws:s3:::a*` and the resource does not match `arn:aws:s3:::ab*`"
        assert words == {f"the resource {wide_only}"}
        assert not found.newly_allowed
        assert not found.undecided

    def test_reports_equal_accounts_with_their_own_witness(self):
        other = Target("210987654321", "ou-1", level(FULL))
        unit = [deny(Action="s3:GetObject")]
        targets = compare(
            tree(unit=unit).replaced([other]), tree().replaced([other]), compiler=default_compiler()
        ).targets
        first, second = targets[ACCOUNT].newly_allowed[0], targets["210987654321"].newly_allowed[0]
        shown = second.witness.for_account(second.account_id, "210987654321")
        assert first is second
        assert shown.principal == "arn:aws:iam::210987654321:role/ExampleRole"

    def test_proposes_a_resource_of_the_actions_own_type_and_a_real_region(self):
        lock = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}
        before = tree([deny(Action="sqs:SendMessage", Condition=lock)])
        witness = compared(before, tree()).newly_allowed[0].witness
        assert witness.resource == f"arn:aws:sqs:us-east-1:{ACCOUNT}:example"
        assert witness.context == {"aws:requestedregion": "us-east-1"}

    def test_tells_actions_changed_in_condition_from_those_denied_always(self):
        lock = {"Bool": {"aws:SecureTransport": "false"}}
        after = tree([deny(Action="s3:GetObject", Condition=lock), deny(Action="s3:PutObject")])
        found = compared(tree(), after)
        catalogue = default_compiler().catalogue
        assert catalogue.actions(found.changed_in_condition) == ["s3:GetObject"]

    def test_compares_what_resource_control_policies_leave_of_a_resource(self):
        held = {"Bool": {"aws:SecureTransport": "false"}}
        lock = deny(Principal="*", Action="s3:*", Condition=held)
        found = compared(rcp_tree(), rcp_tree(lock), policy_type=RCP)
        assert found.newly_denied[0].when.words == "`aws:SecureTransport` is `false`"
        assert found.newly_denied[0].witness.resource_account_id == ACCOUNT

    def test_keeps_the_caller_of_a_named_account_when_the_resource_is_of_another(self):
        named = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}}
        lock = deny(Principal="*", Action="s3:*", Condition=named)
        found = compared(rcp_tree(), rcp_tree(lock), policy_type=RCP).newly_denied[0]
        shown = found.witness.for_account(found.account_id, "210987654321")
        assert shown.principal == f"arn:aws:iam::{ACCOUNT}:role/ExampleRole"
        assert shown.resource_account_id == "210987654321"

    def test_takes_attaching_or_detaching_rcp_full_access_for_no_change(self):
        assert not compared(rcp_tree(), rcp_tree(listed=False), policy_type=RCP)
        assert not compared(rcp_tree(listed=False), rcp_tree(), policy_type=RCP)

    def test_refuses_a_target_that_is_in_neither_state(self):
        with pytest.raises(UnknownTarget, match="ou-9"):
            compare(tree(), tree(), compiler=default_compiler(), report_on=["ou-9"])


class TestTargetTree:
    def test_refuses_a_parent_that_is_missing(self):
        with pytest.raises(TreeError, match="its parent ou-7 is missing"):
            TargetTree([Target("ou-1", "ou-7", level(FULL))])

    def test_refuses_targets_in_a_circle(self):
        one, two = Target("ou-1", "ou-2", level(FULL)), Target("ou-2", "ou-1", level(FULL))
        with pytest.raises(TreeError, match="lies below itself"):
            TargetTree([one, two])
