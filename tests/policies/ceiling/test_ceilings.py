"""What an account may do at most, and on what it hangs."""

from __future__ import annotations

from typing import Any

import pytest

from policies.ceiling import (
    Assumptions,
    BadAssumption,
    CeilingMaker,
    level_effects,
    residual,
)
from policies.compiled import default_compiler
from policies.evaluation.aws_rules import unbound_bits
from policies.language.conditions.values import ABSENT
from policies.language.parse import parse_decoded_policy
from policies.language.policy_types import PolicyType
from policies.targets import Target, TargetTree
from tests.policies.comparison import random_organizations
from tests.policies.comparison.brute_force import Oracle
from tests.policies.comparison.brute_force import tree as tree_of

ACCOUNT = "123456789012"
FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ROOT_USER = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}
LOCK = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}


def level(*statements, policy_type=PolicyType.SERVICE_CONTROL_POLICY):
    document: dict[str, Any] = {"Version": "2012-10-17", "Statement": list(statements)}
    parsed = parse_decoded_policy(document, policy_type)
    assert parsed.document is not None, parsed.diagnostics
    return default_compiler().level([parsed.document])


def deny(**elements):
    return {"Effect": "Deny", "Resource": "*"} | elements


def organization(root=(), unit=(), account=()):
    return TargetTree(
        [
            Target("r-1", None, level(FULL, *root)),
            Target("ou-1", "r-1", level(FULL, *unit)),
            Target(ACCOUNT, "ou-1", level(FULL, *account)),
            Target("210987654321", "ou-1", level(FULL)),
        ]
    )


@pytest.fixture
def catalogue():
    return default_compiler().catalogue


class TestCeilings:
    def test_leaves_out_what_any_level_denies_in_every_case(self, catalogue):
        tree = organization([deny(Action="s3:*")], [deny(Action="ec2:RunInstances")])
        ceiling = CeilingMaker(catalogue).ceilings(tree)[ACCOUNT]
        assert ceiling.possible == catalogue.all_bits & ~catalogue.union(
            ["s3:*", "ec2:RunInstances"]
        )
        assert not ceiling.conditional

    def test_says_that_it_depends_where_a_condition_or_a_resource_decides(self, catalogue):
        tree = organization(
            [deny(Action="s3:*", Condition=LOCK)],
            [deny(Action="sqs:SendMessage", Resource="arn:aws:sqs:*:*:x")],
        )
        ceiling = CeilingMaker(catalogue).ceilings(tree)[ACCOUNT]
        assert ceiling.conditional == catalogue.union(["s3:*", "sqs:SendMessage"])
        assert ceiling.possible == catalogue.all_bits

    def test_blocks_everything_below_a_level_that_allows_nothing(self, catalogue):
        tree = organization().replaced([Target("ou-1", "r-1", default_compiler().level([]))])
        ceiling = CeilingMaker(catalogue).ceilings(tree)[ACCOUNT]
        assert ceiling.possible == unbound_bits(catalogue)

    def test_is_one_object_for_accounts_under_equal_chains(self, catalogue):
        tree = organization([deny(Action="s3:*")])
        ceilings = CeilingMaker(catalogue).ceilings(tree)
        assert ceilings[ACCOUNT] is ceilings["210987654321"] is ceilings["ou-1"]

    def test_keeps_what_an_edit_does_not_touch(self, catalogue):
        maker, tree = CeilingMaker(catalogue), organization([deny(Action="s3:*")])
        before = maker.ceilings(tree)
        after = maker.ceilings(
            tree.replaced([Target(ACCOUNT, "ou-1", level(FULL, deny(Action="sqs:*")))])
        )
        assert after["ou-1"] is before["ou-1"]
        assert after[ACCOUNT].possible == before[ACCOUNT].possible & ~catalogue.bits("sqs:*")

    def test_counts_by_service_add_up(self, catalogue):
        tree = organization([deny(Action="s3:Get*"), deny(Action="s3:Put*", Condition=LOCK)])
        counts = CeilingMaker(catalogue).ceilings(tree)[ACCOUNT].counts(catalogue)
        always, conditional, never = counts["s3"]
        assert never == catalogue.bits("s3:Get*").bit_count()
        assert conditional == catalogue.bits("s3:Put*").bit_count()
        assert always + conditional + never == catalogue.bits("s3:*").bit_count()

    @pytest.mark.parametrize("seed", range(12))
    def test_holds_for_every_random_request(self, seed, catalogue):
        import random

        rng = random.Random(seed)
        state = random_organizations.organization(rng, variables=True)
        compiler = default_compiler()
        ceilings = CeilingMaker(catalogue).ceilings(tree_of(state, compiler))
        for account in (target for target in state.parents if target.isdecimal()):
            oracle, ceiling = Oracle(state, account, compiler), ceilings[account]
            for _ in range(150):
                request = random_organizations.request(rng, account)
                index = catalogue.index_of.get(str(request["action"]).lower())
                if index is None or "aws-service-role" in str(request["principal"]):
                    continue
                passes = oracle.passes(request)
                assert not passes or ceiling.possible >> index & 1, (account, request)
                assert passes or not ceiling.always >> index & 1, (account, request)


class TestAssumptions:
    def test_settle_a_region_lock(self, catalogue):
        tree = organization([deny(NotAction="iam:*", Condition=LOCK)])
        inside = CeilingMaker(catalogue, Assumptions({"aws:requestedregion": "eu-west-1"}))
        outside = CeilingMaker(catalogue, Assumptions({"aws:requestedregion": "us-east-1"}))
        assert inside.ceilings(tree)[ACCOUNT].always == catalogue.all_bits
        left = outside.ceilings(tree)[ACCOUNT]
        assert left.possible == catalogue.bits("iam:*") | unbound_bits(catalogue)

    def test_settle_a_deny_of_the_root_user_by_the_kind_of_principal(self, catalogue):
        tree = organization([deny(Action="*", Condition=ROOT_USER)])
        of_roles = CeilingMaker(catalogue, Assumptions(principal_kinds=("role", "user")))
        of_root = CeilingMaker(catalogue, Assumptions(principal_kinds=("root",)))
        assert of_roles.ceilings(tree)[ACCOUNT].always == catalogue.all_bits
        assert of_root.ceilings(tree)[ACCOUNT].possible == unbound_bits(catalogue)

    def test_count_the_role_of_ec2_itself_among_roles_and_no_service_linked_one(self, catalogue):
        def possible(pattern):
            arn = {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role/{pattern}"}}
            tree = organization([deny(Action="kms:Decrypt", Condition=arn)])
            of_roles = CeilingMaker(catalogue, Assumptions(principal_kinds=("role",)))
            return bool(of_roles.ceilings(tree)[ACCOUNT].possible & catalogue.bits("kms:Decrypt"))

        assert possible("aws:ec2-infrastructure")
        assert not possible("aws:ec2")
        assert not possible("aws-service-role/*")

    def test_settle_a_key_that_is_assumed_absent(self, catalogue):
        tree = organization(
            [deny(Action="s3:*", Condition={"Null": {"aws:RequestTag/team": "true"}})]
        )
        maker = CeilingMaker(catalogue, Assumptions({"aws:requesttag/team": ABSENT}))
        assert not maker.ceilings(tree)[ACCOUNT].possible & catalogue.bits("s3:*")

    def test_are_part_of_the_answer_in_words(self):
        words = Assumptions({"aws:requestedregion": "eu-west-1"}, ("role",)).in_words()
        assert words == [
            "the partition is aws",
            "the principal is a role",
            "`aws:requestedregion` is `eu-west-1`",
        ]

    def test_refuse_a_kind_of_principal_that_is_none(self):
        with pytest.raises(BadAssumption, match="there are role, user, root, federated-user"):
            Assumptions(principal_kinds=("robot",))


class TestResidual:
    def test_names_the_statements_that_decide_and_on_which_keys(self, catalogue):
        tree = organization(
            [deny(Action="s3:*", Condition=LOCK | ROOT_USER)],
            [deny(Action="s3:GetObject", Resource="arn:aws:s3:::a/*")],
        )
        found = residual(
            tree.path(ACCOUNT), CeilingMaker(catalogue), catalogue.index_of["s3:getobject"]
        )
        assert found.outcome == "depends"
        assert [item.target_id for item in found.deciding] == ["r-1", "ou-1"]
        assert set(found.depends_on) == {"aws:PrincipalArn", "aws:RequestedRegion", "resource"}

    def test_names_the_deny_that_ends_it_and_the_level_that_allows_nothing(self, catalogue):
        tree = organization([deny(Action="s3:*")]).replaced(
            [Target("ou-1", "r-1", default_compiler().level([]))]
        )
        found = residual(
            tree.path(ACCOUNT), CeilingMaker(catalogue), catalogue.index_of["s3:getobject"]
        )
        assert found.outcome == "never"
        assert [item.target_id for item in found.deciding] == ["r-1"]
        assert found.not_allowed_at == ("ou-1",)

    def test_tells_what_each_level_takes_away(self, catalogue):
        tree = organization(
            [deny(Action="s3:*")], [deny(Action="ec2:*", Condition=LOCK), deny(Action="s3:*")]
        )
        root, unit, account = level_effects(tree.path(ACCOUNT), CeilingMaker(catalogue))
        assert root.removed == catalogue.bits("s3:*")
        assert (unit.removed, unit.made_conditional) == (0, catalogue.bits("ec2:*"))
        assert account.left == catalogue.all_bits & ~catalogue.bits("s3:*")


class TestCeilingsOfResources:
    def test_limit_only_what_resource_control_policies_support(self, catalogue):
        rcp = PolicyType.RESOURCE_CONTROL_POLICY
        lock = deny(Principal="*", Action=["s3:*", "ec2:*", "kms:*"])
        tree = TargetTree([Target("r-1", None, level(lock, policy_type=rcp))])
        ceiling = CeilingMaker(catalogue, policy_type=rcp).ceilings(tree)["r-1"]
        gone = catalogue.union(["s3:*", "kms:*"]) & ~catalogue.bits("kms:RetireGrant")
        assert catalogue.all_bits & ~ceiling.possible == gone & catalogue.rcp_bits
        assert ceiling.possible & catalogue.bits("ec2:*") == catalogue.bits("ec2:*")
