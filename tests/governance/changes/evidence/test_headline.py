"""The sentence that says what a change does, for the organization and for an approver's places."""

import json

import pytest

from governance.effects.headline import effect_counts, headline
from policies import load_catalogue
from tests.factories.edits import (
    PAYMENTS,
    PROD,
    ROOT,
    SECURITY,
    WORKLOADS,
    attached,
    created,
    deleted,
    edited,
    region_lock,
)
from tests.factories.policies import denying

ENGINE_WORDS = ("box", "witness", "catalogue", "transient", "undecided", "bits", "`")
DELETIONS = load_catalogue().union(["s3:Delete*", "ec2:Delete*"]).bit_count()


def deny(**statement):
    """Return the text of an SCP with one deny."""
    element = {"Effect": "Deny", "Resource": "*", **statement}
    return json.dumps({"Version": "2012-10-17", "Statement": [element]})


def lock_but(*services, region="eu-west-1", **conditions):
    """Return a region lock that leaves out some services."""
    condition = {"StringNotEquals": {"aws:RequestedRegion": region}, **conditions}
    return deny(NotAction=[f"{one}:*" for one in services], Condition=condition)


CASES = {
    "an action": (
        deny(Action="s3:DeleteBucket"),
        "Nobody can call s3:DeleteBucket any more in 1 account of OU Security.",
    ),
    "a service": (
        deny(Action="s3:*"),
        "Nobody can use Amazon S3 any more in 1 account of OU Security.",
    ),
    "some of two services": (
        deny(Action=["s3:Delete*", "ec2:Delete*"]),
        f"Nobody can use {DELETIONS} actions of Amazon EC2 and Amazon S3 any more "
        "in 1 account of OU Security.",
    ),
    "everything": (
        deny(Action="*"),
        "Nobody can do anything any more in 1 account of OU Security.",
    ),
    "a region": (
        deny(Action="*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-3"}}),
        "Nobody can use eu-west-3 any more in 1 account of OU Security.",
    ),
    "a region but for some services": (
        lock_but("iam", "sts"),
        "Nobody can any longer use regions outside eu-west-1 (apart from IAM and AWS Security "
        "Token Service), in 1 account of OU Security.",
    ),
    "a service in a region": (
        region_lock("eu-west-1"),
        "Nobody can any longer use Amazon EC2 outside eu-west-1, in 1 account of OU Security.",
    ),
    "all but a role": (
        deny(
            Action="s3:*",
            Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin"}},
        ),
        "Nobody except role Admin can use Amazon S3 any more in 1 account of OU Security.",
    ),
    "all but a role and the root user": (
        deny(
            Action="s3:*",
            Condition={
                "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin"},
                "StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"},
            },
        ),
        "Nobody except role Admin and the root user can use Amazon S3 any more "
        "in 1 account of OU Security.",
    ),
    "a role alone": (
        deny(
            Action="s3:*",
            Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Guest"}},
        ),
        "Role Guest can no longer use Amazon S3 in 1 account of OU Security.",
    ),
    "without encryption": (
        deny(Action="s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}}),
        "Nobody can use Amazon S3 without TLS any more in 1 account of OU Security.",
    ),
    "a resource": (
        deny(Action="s3:DeleteBucket", Resource="arn:aws:s3:::logs"),
        "Nobody can any longer call s3:DeleteBucket on arn:aws:s3:::logs, "
        "in 1 account of OU Security.",
    ),
}


class TestHeadline:
    @pytest.mark.parametrize("case", CASES, ids=list(CASES))
    def test_says_exactly_what_is_newly_denied(self, evidence, case):
        text, sentence = CASES[case]
        made = evidence(created(text), attached("new-1", SECURITY))
        assert headline(made.content) == sentence

    def test_holds_no_word_of_the_engine(self, evidence):
        for text, _ in CASES.values():
            said = headline(evidence(created(text), attached("new-1", SECURITY)).content)
            assert not [word for word in ENGINE_WORDS if word in said]

    def test_counts_accounts_and_units_of_the_whole_organization(self, evidence):
        made = evidence(edited("p-regio001", denying("ec2:*", "rds:*", "s3:DeleteBucket")))
        assert headline(made.content) == (
            "Nobody can call s3:DeleteBucket any more in 3 accounts of 2 OUs."
        )
        assert effect_counts(made.content) == {"newly_denied": {"accounts": 3, "units": 2}}

    def test_says_it_of_an_approvers_own_places(self, evidence):
        made = evidence(edited("p-regio001", denying("ec2:*", "rds:*", "s3:DeleteBucket")))
        said = "Nobody can call s3:DeleteBucket any more in {} of your accounts."
        assert headline(made.content, {PROD}) == said.format(2)
        assert headline(made.content, {PAYMENTS}) == said.format(1)
        assert headline(made.content, {WORKLOADS}) == said.format(3)
        assert headline(made.content, {ROOT}) == said.format(3)
        assert headline(made.content, {SECURITY}) == (
            "Nobody's permissions change in your accounts."
        )

    def test_two_regions_taken_at_once_are_one_sentence(self, evidence):
        taken = [
            deny(Action="*", Condition={"StringEquals": {"aws:RequestedRegion": region}})
            for region in ("eu-west-3", "eu-central-1")
        ]
        statements = [json.loads(text)["Statement"][0] for text in taken]
        text = json.dumps({"Version": "2012-10-17", "Statement": statements})
        made = evidence(created(text), attached("new-1", SECURITY))
        assert headline(made.content) == (
            "Nobody can use eu-central-1 and eu-west-3 any more in 1 account of OU Security."
        )

    def test_what_is_no_longer_denied_is_not_called_permitted(self, evidence):
        made = evidence(deleted("p-leave001"))
        assert headline(made.content) == (
            "SCPs no longer stop anyone from calling organizations:LeaveOrganization "
            "in 3 accounts of 3 OUs."
        )

    def test_accounts_with_less_of_it_are_said(self, evidence):
        made = evidence(created(denying("ec2:*", "s3:DeleteBucket")), attached("new-1", ROOT))
        assert " (in some of them only in part)" in headline(made.content)

    def test_what_touches_only_actions_to_come_is_said(self, evidence):
        made = evidence(created(denying("s3:NoSuchThing*")), attached("new-1", SECURITY))
        assert headline(made.content) == (
            "Only actions that AWS may add later are newly denied in 1 account of OU Security."
        )

    def test_an_equal_text_changes_nothing(self, evidence):
        made = evidence(edited("p-regio001", denying("rds:*", "ec2:*")))
        assert headline(made.content) == "Nobody's permissions change."

    def test_what_is_not_known_is_said(self, evidence):
        made = evidence(edited("p-regio001", "{"))
        assert headline(made.content) == (
            "3 accounts of 2 OUs can't be compared and count as changed."
        )
