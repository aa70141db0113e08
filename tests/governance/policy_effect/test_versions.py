"""Two versions of a policy: what differs by itself, and what it changes where it is attached."""

import pytest

from governance.effects.request_effects import Verdict
from governance.policy_effect.versions import MeaningChange, VersionMeaning, by_itself, in_place
from policies import PolicyType
from tests.factories.edits import NOW, region_lock
from tests.factories.policies import content, denying
from tests.factories.times import SECOND_RUN_AT
from tests.factories.versions import changed
from tests.governance.policy_effect.conftest import RCP, document

SCP = PolicyType.SERVICE_CONTROL_POLICY


@pytest.fixture
def compared(viewer, snapshot):
    """Return a function that stores a second version of a policy and compares both."""

    def compared(policy, text, as_of=None):
        before = policy
        after = changed(policy, at=SECOND_RUN_AT, content=content(text))
        itself = by_itself(
            policy.name, PolicyType(policy.type), before.content.text, after.content.text
        )
        place = in_place(
            viewer,
            connection=snapshot.connection,
            before=before,
            after=after,
            as_of=as_of,
            today=NOW.date(),
        )
        return VersionMeaning(itself, place, policy.policy_id)

    return compared


def alone(before, after, kind=SCP):
    """Return two texts compared by themselves; both can be read."""
    found = by_itself("p", kind, before, after)
    assert found is not None
    return found


def verdicts(simulated):
    return {effect.verdict for effect in simulated.effects.effects}


class TestByItself:
    def test_another_layout_of_the_same_means_the_same(self):
        found = alone(denying("s3:*", "ec2:*"), denying("ec2:*", "S3:*"))
        assert verdicts(found) == set()

    def test_a_wider_deny_newly_denies_for_any_account(self):
        found = alone(denying("s3:Get*"), denying("s3:*"))
        assert verdicts(found) == {Verdict.NEWLY_DENIED}
        listed = found.effects.effects[0]
        assert [found.drafted.before.names[one].name for one in listed.account_ids] == [
            "any account"
        ]

    def test_a_shorter_allow_list_shows_where_nothing_else_allows(self):
        def allowing(action):
            return document({"Effect": "Allow", "Action": action, "Resource": "*"})

        found = alone(allowing(["s3:*", "sqs:*"]), allowing("s3:*"))
        names = {
            found.drafted.before.names[one].name
            for effect in found.effects.effects
            for one in effect.account_ids
        }
        assert verdicts(found) == {Verdict.NEWLY_DENIED}
        assert names == {"any account without FullAWSAccess"}

    @pytest.mark.parametrize(
        "arn",
        ["arn:aws:iam::999999999999:role/x", "arn:aws:iam::99*:role/x"],
        ids=["whole", "part"],
    )
    def test_a_condition_on_an_account_is_tried_with_that_account(self, arn):
        def locked(*arns):
            held = {"ArnLike": {"aws:PrincipalArn": list(arns)}}
            return document(
                {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": held}
            )

        role = "arn:aws:iam::*:role/aws-service-role/none/*"
        found = alone(locked(role), locked(role, arn))
        assert verdicts(found) == {Verdict.NEWLY_DENIED}

    def test_example_account_ids_in_the_text_are_not_taken_for_any_account(self):
        def locked(action):
            held = {"StringNotEquals": {"aws:PrincipalAccount": ["111122223333", "444455556666"]}}
            return document(
                {"Effect": "Deny", "Action": action, "Resource": "*", "Condition": held}
            )

        found = alone(locked("s3:Get*"), locked("s3:*"))
        assert verdicts(found) == {Verdict.NEWLY_DENIED}

    def test_resource_control_policies_too(self):
        def guarded(organization):
            held = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization}}
            return document(
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": "*",
                    "Condition": held,
                }
            )

        found = alone(guarded("o-one1234567"), guarded("o-two1234567"), PolicyType(RCP))
        assert verdicts(found) == {Verdict.NEWLY_ALLOWED, Verdict.NEWLY_DENIED}

    def test_a_text_that_cannot_be_read_cannot_be_compared(self):
        assert by_itself("p", SCP, "{", denying("s3:*")) is None
        assert VersionMeaning(None, None, "p-1").meaning is MeaningChange.UNREADABLE


class TestInPlace:
    def test_a_change_tells_the_accounts_it_changes(self, compared, attach, snapshot):
        policy = attach(region_lock("eu-west-1", action="s3:*"), "Test")
        found = compared(policy, region_lock("eu-west-1", "eu-west-2", action="s3:*"))
        assert found.meaning is MeaningChange.CHANGES
        (effect,) = [e for e in found.in_place.effects.effects if not e.unlisted]
        assert effect.verdict is Verdict.NEWLY_ALLOWED
        assert effect.account_ids == (snapshot.accounts["payments-test"].account_id,)
        assert found.in_place.witnesses.of(effect).allowed_before is False

    def test_a_change_that_another_policy_hides_names_that_policy(self, compared, attach):
        policy = attach(denying("ec2:RunInstances"), "Test")
        found = compared(policy, denying("ec2:*"))
        assert verdicts(found.alone) == {Verdict.NEWLY_DENIED}
        assert found.meaning is MeaningChange.HIDDEN
        assert not found.in_place.effects.effects
        hidden = found.hidden[0]
        assert not hidden.allowed
        assert hidden.said == ("denied before and after at Workloads, statement 1 of deny-regions")
        assert hidden.witness.account_name == "payments-test"

    def test_an_allow_that_full_access_hides_says_so(self, compared, attach):
        text = document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
        found = compared(attach(text, "Test"), text.replace("s3:*", "sqs:*"))
        assert found.meaning is MeaningChange.HIDDEN
        assert all(one.allowed for one in found.hidden)
        assert "other policies at its level allow it" in found.hidden[0].said

    def test_what_is_attached_nowhere_changes_nothing(self, compared, attach):
        found = compared(attach(denying("s3:*")), denying("sqs:*"))
        assert found.meaning is MeaningChange.HIDDEN
        assert found.hidden == ()

    def test_is_undecided_where_a_policy_beside_it_cannot_be_read(self, compared, attach):
        attach("{not json", "Test", name="broken")
        found = compared(attach(denying("s3:Get*"), "Test"), denying("s3:*"))
        assert found.meaning is MeaningChange.UNDECIDED
        assert [one.reason for one in found.in_place.effects.unknown] == [
            "the text of broken cannot be read"
        ]

    def test_the_same_in_other_words_is_the_same(self, compared, attach):
        found = compared(attach(denying("s3:*", "sqs:*"), "Test"), denying("sqs:*", "s3:*"))
        assert found.meaning is MeaningChange.SAME

    def test_older_versions_are_put_where_the_policy_is_attached_now(
        self, viewer, snapshot, attach
    ):
        first = attach(denying("s3:GetObject"), "Test")
        second = changed(first, at=SECOND_RUN_AT, content=content(denying("s3:*")))
        backwards = in_place(
            viewer,
            connection=snapshot.connection,
            before=second,
            after=first,
            as_of=None,
            today=NOW.date(),
        )
        assert verdicts(backwards) == {Verdict.NEWLY_ALLOWED}

    def test_versions_of_what_aws_keeps_are_compared_too(self, compared, snapshot):
        found = compared(
            snapshot.policies["FullAWSAccess"],
            document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}),
        )
        assert found.in_place.drafted.problems == ()
        assert found.meaning is MeaningChange.CHANGES
