"""Rows of the inventory become trees of targets with compiled levels."""

from governance.posture.state.organization import (
    SCP,
    InForce,
    accounts_without_iam,
    load_organization,
)
from inventory.models import Policy, PolicyAttachment
from inventory.viewing import Viewer
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import AccountFactory
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory, content, denying
from tests.factories.runs import never_complete
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT, THIRD_RUN_AT
from tests.factories.versions import changed, ended

PAYMENTS, WEBSITE, PAYMENTS_TEST = "222222222222", "222222222223", "222222222224"


class TestLoadOrganization:
    def test_holds_every_target_below_its_parent(self, viewer, snapshot):
        organization = load_organization(viewer, connection=snapshot.connection)
        path = [step.target_id for step in organization.service_control.tree.path(PAYMENTS)]
        assert path == ["r-ab12", "ou-ab12-work0001", "ou-ab12-prod0001", PAYMENTS]
        assert len(organization.account_ids) == 6
        below = organization.accounts_below("ou-ab12-work0001")
        assert set(below) == {PAYMENTS, WEBSITE, PAYMENTS_TEST}
        assert organization.management_account_id == "111111111111"

    def test_compiles_what_is_attached_at_each_target(self, viewer, snapshot):
        scps = load_organization(viewer, connection=snapshot.connection).service_control
        assert scps.in_force is InForce.IN_FORCE
        root = scps.tree.by_id["r-ab12"].level
        assert [denied.covers_action("organizations:LeaveOrganization") for denied in root.denies]
        names = [policy.name for policy in scps.readable(WEBSITE)]
        assert names == ["FullAWSAccess", "deny-instances"]
        assert scps.tree.by_id["ou-ab12-prod0001"].level.allows[0].action_patterns == ("s3:*",)

    def test_gives_equal_targets_one_level(self, viewer, snapshot):
        tree = load_organization(viewer, connection=snapshot.connection).service_control.tree
        assert tree.by_id[PAYMENTS].level is tree.by_id[PAYMENTS_TEST].level

    def test_returns_the_same_object_while_nothing_changed(
        self, viewer, snapshot, django_assert_num_queries
    ):
        first = load_organization(viewer, connection=snapshot.connection)
        with django_assert_num_queries(2):
            again = load_organization(viewer, connection=snapshot.connection)
        assert again is first
        at_that_run = load_organization(viewer, connection=snapshot.connection, as_of=FIRST_RUN_AT)
        assert at_that_run is first

    def test_reads_again_after_a_run_that_changed_something(self, viewer, snapshot):
        before = load_organization(viewer, connection=snapshot.connection)
        policy = snapshot.policies["deny-instances"]
        changed(policy, at=SECOND_RUN_AT, content=content(denying("s3:*")))
        after = load_organization(viewer, connection=snapshot.connection)
        assert after.key != before.key
        assert after.service_control.tree.by_id[WEBSITE].level.denies[0].action_patterns == (
            "s3:*",
        )
        then = load_organization(viewer, connection=snapshot.connection, as_of=FIRST_RUN_AT)
        assert then is before

    def test_reads_again_after_a_run_that_only_ended_something(self, viewer, snapshot):
        load_organization(viewer, connection=snapshot.connection)
        row = PolicyAttachment.objects.get(policy_id="p-insta001")
        ended(row, at=THIRD_RUN_AT)
        after = load_organization(viewer, connection=snapshot.connection)
        assert [p.name for p in after.service_control.readable(WEBSITE)] == ["FullAWSAccess"]

    def test_shows_nothing_to_who_may_not_see_it_also_after_others_saw_it(self, viewer, snapshot):
        load_organization(viewer, connection=snapshot.connection)
        blind = load_organization(Viewer(sees_inventory=False), connection=snapshot.connection)
        assert not blind.is_known
        assert blind.account_ids == ()

    def test_is_not_known_before_the_first_run(self, viewer, db):
        organization = load_organization(viewer, connection=ConnectionFactory.create())
        assert not organization.is_known
        assert organization.service_control.in_force is InForce.NOT_COLLECTED

    def test_takes_a_type_that_is_not_enabled_to_limit_nothing(self, viewer, snapshot):
        rcps = load_organization(viewer, connection=snapshot.connection).resource_control
        assert rcps.in_force is InForce.NOT_ENABLED
        assert rcps.target_policies(PAYMENTS) is None
        assert not rcps.is_unknown(PAYMENTS)

    def test_takes_policies_that_were_never_read_for_unknown(self, viewer, snapshot):
        never_complete(snapshot.connection, collector=f"organizations.policies.{SCP}")
        scps = load_organization(viewer, connection=snapshot.connection).service_control
        assert scps.in_force is InForce.NOT_COLLECTED
        assert scps.is_unknown(PAYMENTS)

    def test_counts_a_policy_that_does_not_parse_as_unknown_in_all_it_touches(
        self, viewer, snapshot
    ):
        PolicyFactory.create(
            connection=snapshot.connection, policy_id="p-broken01", name="broken", text='{"Version'
        )
        PolicyAttachmentFactory.create(
            connection=snapshot.connection, policy_id="p-broken01", target_id="ou-ab12-prod0001"
        )
        scps = load_organization(viewer, connection=snapshot.connection).service_control
        (found,) = scps.unreadable_on_path(PAYMENTS)
        assert found[0] == "ou-ab12-prod0001"
        assert found[1].diagnostics[0].line == 1
        assert scps.is_unknown(WEBSITE)
        assert not scps.is_unknown(PAYMENTS_TEST)

    def test_tells_an_account_whose_parent_was_not_collected(self, viewer, snapshot):
        AccountFactory.create(
            connection=snapshot.connection,
            account_id="555555555555",
            parent_id="ou-ab12-gone0001",
            path="r-ab12/ou-ab12-gone0001/",
        )
        organization = load_organization(viewer, connection=snapshot.connection)
        assert set(organization.unplaced) == {"555555555555"}
        assert "555555555555" not in organization.account_ids

    def test_reads_each_policy_once_whatever_the_number_of_accounts(
        self, viewer, snapshot, django_assert_max_num_queries
    ):
        Policy.objects.filter(policy_id="p-unatt001").update(seen_until=SECOND_RUN_AT)
        with django_assert_max_num_queries(9):
            load_organization(viewer, connection=snapshot.connection)


class TestAccountsWithoutIam:
    def test_names_the_accounts_never_collected(self, viewer, snapshot):
        organization = load_organization(viewer, connection=snapshot.connection)
        assert accounts_without_iam(
            viewer, connection=snapshot.connection, organization=organization
        ) == {"444444444441"}
        before = accounts_without_iam(
            viewer,
            connection=snapshot.connection,
            organization=organization,
            as_of=FIRST_RUN_AT.replace(year=2025),
        )
        assert before == set(organization.account_ids)
