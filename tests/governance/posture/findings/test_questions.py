"""Structure findings on a small organization: what each question holds against what."""

import json

import pytest

from governance.posture.findings.environments import Environment, environment_of, named_environment
from governance.posture.findings.finding import FindingKind, Severity
from governance.posture.findings.structure import structure_findings
from inventory.models import PolicyAttachment
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import AccountFactory
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory, content, denying
from tests.factories.principals import RoleFactory
from tests.factories.runs import CoverageFactory
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.factories.versions import changed, ended

KIND = FindingKind


@pytest.fixture
def ask(viewer, snapshot):
    """Return a function that asks and returns the findings of one kind, and what is unjudged."""

    def ask(kind, as_of=None):
        report = structure_findings(viewer, connection=snapshot.connection, as_of=as_of)
        return (
            [one for one in report.findings if one.kind is kind],
            [one for one in report.unjudged if one.kind is kind],
        )

    return ask


def attach(snapshot, name, target, **values):
    policy = PolicyFactory.create(connection=snapshot.connection, name=name, **values)
    PolicyAttachmentFactory.create(
        connection=snapshot.connection, policy_id=policy.policy_id, target_id=target
    )
    return policy


class TestNamedEnvironment:
    @pytest.mark.parametrize(
        ("text", "environment"),
        [
            ("payments-prod", Environment.PRODUCTION),
            ("Production", Environment.PRODUCTION),
            ("payments-non-prod", Environment.OTHER),
            ("pre_prod", Environment.OTHER),
            ("payments test", Environment.OTHER),
            ("product-catalogue", Environment.UNKNOWN),
            ("contest", Environment.UNKNOWN),
            ("", Environment.UNKNOWN),
        ],
    )
    def test_is_told_by_whole_words(self, text, environment):
        assert named_environment(text) is environment

    def test_a_tag_goes_before_the_name(self):
        found, by = environment_of("payments-prod", {"Environment": "test"})
        assert found is Environment.OTHER
        assert by == "tag Environment=test"

    def test_the_name_tells_where_the_tag_says_nothing_known(self):
        assert environment_of("payments-prod", {"env": "blue"})[0] is Environment.PRODUCTION


class TestScpsWithoutEffect:
    def test_a_deny_that_a_level_above_says_already_is_idle(self, snapshot, ask):
        prod = snapshot.accounts["website"].account_id
        attach(snapshot, "again", prod, text=denying("organizations:LeaveOrganization"))
        (found,) = [one for one in ask(KIND.SCP_WITHOUT_EFFECT)[0] if one.places[0].name == "again"]
        assert found.severity is Severity.MEDIUM
        assert "deny-leaving at Root" in found.places[1].said

    def test_of_two_that_say_the_same_at_one_target_one_is_idle(self, snapshot, ask):
        target = snapshot.accounts["payments-test"].account_id
        attach(snapshot, "first", target, text=denying("s3:DeleteBucket"))
        attach(snapshot, "second", target, text=denying("s3:DeleteBucket"))
        idle = {one.places[0].name for one in ask(KIND.SCP_WITHOUT_EFFECT)[0]}
        assert "second" in idle
        assert "first" not in idle

    def test_a_deny_at_the_management_account_reaches_nobody(self, snapshot, ask):
        target = snapshot.accounts["management"].account_id
        attach(snapshot, "own", target, text=denying("s3:DeleteBucket"))
        (found,) = [one for one in ask(KIND.SCP_WITHOUT_EFFECT)[0] if one.places[0].name == "own"]
        assert "no account that SCPs bind" in found.places[1].said

    def test_one_that_works_is_not_accused(self, snapshot, ask):
        target = snapshot.accounts["payments-test"].account_id
        attach(snapshot, "works", target, text=denying("s3:DeleteBucket"))
        assert "works" not in {one.places[0].name for one in ask(KIND.SCP_WITHOUT_EFFECT)[0]}

    def test_one_that_cannot_be_read_is_unknown(self, snapshot, ask):
        target = snapshot.accounts["payments-test"].account_id
        attach(snapshot, "broken", target, text="{not json")
        found, unjudged = ask(KIND.SCP_WITHOUT_EFFECT)
        assert "broken" not in {one.places[0].name for one in found}
        assert [place.name for one in unjudged for place in one.places] == ["broken"]


class TestAllowChains:
    def _without_full_access(self, snapshot, name):
        account_id = snapshot.accounts[name].account_id
        for row in PolicyAttachment.objects.filter(
            connection=snapshot.connection, target_id=account_id
        ):
            row.delete()
        return account_id

    def test_an_account_without_any_allow_is_a_break(self, snapshot, ask):
        target = self._without_full_access(snapshot, "payments-test")
        found, _ = ask(KIND.BROKEN_ALLOW_CHAIN)
        assert target in {one.places[0].key for one in found}

    def test_lists_that_have_nothing_in_common_are_a_break(self, snapshot, ask):
        target = self._without_full_access(snapshot, "website")
        allow = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"},
            }
        )
        attach(snapshot, "only-ec2", target, text=allow)
        (found,) = [one for one in ask(KIND.BROKEN_ALLOW_CHAIN)[0] if one.places[0].key == target]
        assert "nothing in common" in found.title

    def test_a_break_is_unknown_while_an_scp_there_cannot_be_read(self, snapshot, ask):
        target = self._without_full_access(snapshot, "payments-test")
        attach(snapshot, "broken", target, text="{not json")
        found, unjudged = ask(KIND.BROKEN_ALLOW_CHAIN)
        assert target not in {one.places[0].key for one in found}
        assert target in {place.key for one in unjudged for place in one.places}

    def test_only_the_highest_break_is_told(self, snapshot, ask):
        unit_id = snapshot.units["Test"].target_id
        PolicyAttachment.objects.filter(connection=snapshot.connection, target_id=unit_id).delete()
        places = {one.places[0].key for one in ask(KIND.BROKEN_ALLOW_CHAIN)[0]}
        assert unit_id in places
        assert snapshot.accounts["payments-test"].account_id not in places


class TestRoleDrift:
    def _roles(self, snapshot, number, parent):
        accounts = [
            AccountFactory.create(
                connection=snapshot.connection, parent=snapshot.units[parent], name=f"own-{n}"
            )
            for n in range(number)
        ]
        for account in accounts:
            CoverageFactory.create(
                run=snapshot.run,
                account_id=account.account_id,
                collector="iam.authorization_details",
            )
        return accounts

    def trust(self, principal):
        return content(
            json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": {
                        "Effect": "Allow",
                        "Principal": {"AWS": principal},
                        "Action": "sts:AssumeRole",
                    },
                }
            )
        )

    def test_trust_in_the_own_account_is_alike_everywhere(self, snapshot, ask):
        for account in self._roles(snapshot, 3, "Security"):
            RoleFactory.create(
                connection=snapshot.connection,
                account_id=account.account_id,
                name="Deploy",
                trust_policy=self.trust(f"arn:aws:iam::{account.account_id}:root"),
            )
        assert ask(KIND.ROLE_TRUST_DRIFT)[0] == []

    def test_the_one_that_trusts_others_is_named(self, snapshot, ask):
        accounts = self._roles(snapshot, 3, "Security")
        for number, account in enumerate(accounts):
            who = "999999999999" if number == 1 else account.account_id
            RoleFactory.create(
                connection=snapshot.connection,
                account_id=account.account_id,
                name="Deploy",
                trust_policy=self.trust(f"arn:aws:iam::{who}:root"),
            )
        (found,) = ask(KIND.ROLE_TRUST_DRIFT)[0]
        assert [place.name for place in found.places[1:]] == ["Deploy in own-1"]
        assert found.threshold["majority"] == 0.6

    def test_a_role_is_missing_where_most_have_it(self, snapshot, ask):
        accounts = self._roles(snapshot, 4, "Security")
        for account in accounts[1:]:
            RoleFactory.create(
                connection=snapshot.connection, account_id=account.account_id, name="Audit"
            )
        # log-archive of the same OU lacks it too: 3 of 5 are no majority of three quarters.
        assert ask(KIND.ROLE_NAME_DRIFT)[0] == []
        RoleFactory.create(
            connection=snapshot.connection,
            account_id=snapshot.accounts["log-archive"].account_id,
            name="Audit",
        )
        (found,) = ask(KIND.ROLE_NAME_DRIFT)[0]
        assert found.places[0].name == "own-0"


class TestOverTime:
    def test_the_past_is_asked_as_it_was(self, snapshot, ask):
        policy = snapshot.policies["unattached"]
        ended(policy, at=SECOND_RUN_AT)
        assert [one.places[0].name for one in ask(KIND.SCP_ATTACHED_NOWHERE, FIRST_RUN_AT)[0]] == [
            "unattached"
        ]
        assert ask(KIND.SCP_ATTACHED_NOWHERE)[0] == []

    def test_a_change_is_seen_at_once(self, snapshot, ask):
        assert ask(KIND.ACCOUNT_UNDER_ROOT)[0] == []
        changed(
            snapshot.accounts["website"],
            at=SECOND_RUN_AT,
            parent_id=snapshot.root.target_id,
            path=f"{snapshot.root.target_id}/",
        )
        assert [one.places[0].name for one in ask(KIND.ACCOUNT_UNDER_ROOT)[0]] == ["website"]


class TestNothingKnown:
    def test_an_organization_that_was_never_read_is_not_known(self, viewer, db):
        report = structure_findings(viewer, connection=ConnectionFactory.create())
        assert not report.is_known
        assert report.findings == ()
