"""The sentence over what a draft does: the riskiest first, and never more than is proven."""

import json

import pytest

from governance.edits.operations import Operation, OperationKind
from governance.effects import risk
from governance.effects.headline import headline_of
from governance.effects.headline_facts import headline_facts
from governance.effects.other_denies import other_denies
from inventory.models import Policy
from policies import load_catalogue
from tests.factories.edits import (
    LOG_ARCHIVE,
    ROOT,
    SECURITY,
    WORKLOADS,
    attached,
    created,
    deleted,
    moved,
)
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory, denying
from tests.factories.times import FIRST_RUN_AT
from tests.governance.policy_effect.conftest import RCP, with_rcps


@pytest.fixture
def said(simulated):
    """Return the sentence about some operations."""

    def of(*operations):
        return headline_of(headline_facts(simulated(*operations)))

    return of


@pytest.fixture
def policy(snapshot):
    """Attach a policy of its own to a target, as collected."""

    def make(text, target_id, name="guard"):
        made = PolicyFactory.create(
            connection=snapshot.connection, seen_from=FIRST_RUN_AT, name=name, text=text
        )
        PolicyAttachmentFactory.create(
            connection=snapshot.connection,
            seen_from=FIRST_RUN_AT,
            policy_id=made.policy_id,
            target_id=target_id,
        )
        return made.policy_id

    return make


def deny(*statements):
    """Return a policy's text with some denies."""
    elements = [{"Effect": "Deny", "Resource": "*", **one} for one in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": elements})


def but(*patterns):
    """Return a condition that leaves out some principals."""
    return {"ArnNotLike": {"aws:PrincipalArn": [f"arn:aws:iam::*:{one}" for one in patterns]}}


TRAIL = {"Action": "cloudtrail:StopLogging", "Condition": but("role/PlatformDeploy")}
REGION = {"Action": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-3"}}}


class TestHeadline:
    def test_names_who_may_stop_the_trail_again(self, said, policy):
        policy_id = policy(deny(TRAIL), ROOT)
        assert said(deleted(policy_id)) == (
            "SCPs no longer stop anyone except role PlatformDeploy from calling "
            "cloudtrail:StopLogging in 3 accounts of 3 OUs."
        )

    def test_says_once_what_overlaps_with_what_other_policies_deny(self, said, simulated, policy):
        policy(deny(REGION), ROOT, name="regions")
        policy_id = policy(deny(TRAIL), ROOT)
        removed = deleted(policy_id)
        found = simulated(removed)
        assert len(found.effects.effects) <= 2
        assert said(removed).startswith(
            "SCPs no longer stop anyone except role PlatformDeploy from calling "
        )

    def test_says_that_others_deny_part_of_it(self, said, policy):
        policy(deny(REGION), ROOT, name="regions")
        policy(deny({"Action": "*", "Condition": but("role/A")}), WORKLOADS, name="roles")
        policy_id = policy(deny({"Action": "cloudtrail:StopLogging"}), ROOT)
        assert said(deleted(policy_id)).endswith(", where no other policy denies it.")

    def test_names_the_policies_that_may_deny_the_rest_so_that_approvals_rest_on_them(
        self, simulated, policy
    ):
        # The words stay the same while one of these changes; what is allowed in the end does not.
        beside = {
            Policy.objects.get(policy_id=policy(text, place, name=name)).content_id
            for name, text, place in (
                ("regions", deny(REGION), ROOT),
                ("roles", deny({"Action": "*", "Condition": but("role/A")}), WORKLOADS),
            )
        }
        policy(deny({"Action": "sqs:*"}), ROOT, name="of another service")
        removed = policy(deny({"Action": "cloudtrail:StopLogging"}), ROOT, name="trail")

        found = simulated(deleted(removed))

        told = [set(other_denies(found.states, effect)) for effect in found.effects.effects]
        itself = Policy.objects.get(policy_id=removed).content_id
        assert beside | {itself} in told
        assert set().union(*told) == beside | {itself}

    def test_begins_with_what_weighs_most_whatever_the_verdict(self, said, policy):
        policy_id = policy(deny(TRAIL), ROOT)
        sentence = said(moved(LOG_ARCHIVE, WORKLOADS), deleted(policy_id))
        assert sentence.index("cloudtrail:StopLogging") < sentence.index("Amazon EC2")

    def test_of_a_resource_control_policy_speaks_of_its_actions_alone(self, said, snapshot):
        with_rcps(snapshot)
        text = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:GetObject",
                    "Resource": "*",
                },
            }
        )
        made = Operation(
            OperationKind.CREATE_POLICY, policy_id="new-1", policy_type=RCP, name="R", text=text
        )
        assert said(made, attached("new-1", SECURITY)) == (
            "Nobody can call s3:GetObject any more in 1 account of OU Security."
        )

    def test_names_what_else_changes_in_short_and_counts_the_rest(self, said):
        conditions = [
            {"Action": f"{service}:*", "Condition": but(f"role/R{number}")}
            for number, service in enumerate(("s3", "ec2", "sqs", "sns", "kms"))
        ]
        sentence = said(created(deny(*conditions)), attached("new-1", SECURITY))
        also = sentence.partition(" Also newly denied in 1 account of OU Security: ")[2]
        named = also.removesuffix(".").split("; ")
        assert len(named) == 3
        assert named[-1] == "1 more"
        assert all(one.startswith("using Amazon ") or "AWS" in one for one in named[:-1])

    def test_names_nothing_else_that_is_long(self, said):
        conditions = [
            {
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{number}-{'long' * 14}/*",
                "Condition": {"StringEquals": {f"aws:ResourceTag/{number}-{'tag' * 14}": "x"}},
            }
            for number in range(3)
        ]
        sentence = said(created(deny(*conditions)), attached("new-1", SECURITY))
        assert sentence.endswith(
            "Also newly denied in 1 account of OU Security: see the differences."
        )

    def test_counts_the_exempt_that_do_not_fit(self, said):
        text = deny({"Action": "s3:*", "Condition": but(*(f"role/R{n:02}" for n in range(14)))})
        assert said(created(text), attached("new-1", SECURITY)) == (
            "Nobody except role R00, role R01, role R02 and 11 more can use Amazon S3 any more in "
            "1 account of OU Security."
        )

    def test_calls_a_permission_set_by_its_name(self, said):
        path = "role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Admin_*"
        text = deny({"Action": "s3:*", "Condition": but(path)})
        assert said(created(text), attached("new-1", SECURITY)).startswith(
            "Nobody except permission set Admin can"
        )


class TestOrder:
    def test_puts_what_the_catalogue_does_not_have_last(self, simulated):
        found = simulated(created(denying("s3:*")), attached("new-1", ROOT))
        assert [effect.unlisted for effect in found.effects.unmerged][-1]

    def test_ranks_by_risk_times_accounts_and_not_by_kind(self, simulated, policy):
        policy_id = policy(deny(TRAIL), ROOT)
        found = simulated(moved(LOG_ARCHIVE, WORKLOADS), deleted(policy_id))
        first = found.effects.effects[0]
        assert load_catalogue().actions(first.action_bits) == ["cloudtrail:StopLogging"]
        assert first.verdict.value == "newly_allowed"

    def test_what_guards_others_weighs_more_than_what_is_one_of_many(self):
        catalogue = load_catalogue()
        heavy, light, none = (
            risk.heaviest(catalogue, catalogue.union([one]) if one else 0)
            for one in ("cloudtrail:StopLogging", "ec2:CreateTags", "")
        )
        assert heavy > light > none == 0
