"""The made-up organization that is measured with: what it holds, and what it leaves alone."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from django.db.models import Count

from demo.scale.policies import make_attachments, make_policies
from demo.scale.record import organization_collectors, write_record
from demo.scale.seeding import OtherOrganization, make_connection, seed, write_rows
from demo.scale.shape import Shape
from demo.scale.tree import make_tree
from inventory.collectors import registry
from inventory.collectors.collector import Reader
from inventory.models import (
    Account,
    CollectionTask,
    Connection,
    Coverage,
    GroupCoverage,
    InventoryRun,
    OrganizationalUnit,
    Policy,
    PolicyContent,
    Principal,
)
from inventory.selectors.runs import run_coverage
from inventory.store.reconcile import Written, plan_rows, write_plan
from inventory.store.rows import row_of
from inventory.store.versions import StoredSlice, stored_versions
from inventory.viewing import Viewer
from tests.factories.connections import ConnectionFactory

SHAPE = Shape(
    ended_at=datetime(2026, 11, 24, 8, tzinfo=UTC),
    accounts=31,
    units=400,
    service_control_policies=20,
    principals=1000,
)


def written() -> Connection:
    connection = make_connection()
    write_rows(SHAPE, connection, lambda line: None)
    return connection


def now(model):
    return model.objects.filter(seen_until__isnull=True)


@pytest.mark.django_db
class TestSeed:
    def test_writes_as_many_things_as_the_shape_says(self):
        written()
        assert now(Account).count() == 31
        assert now(OrganizationalUnit).count() == 400
        assert now(Principal).count() == 1000
        assert now(Policy).filter(type="SERVICE_CONTROL_POLICY", aws_managed=False).count() == 20

    def test_nests_units_five_deep(self):
        depths = {
            place.record.path.count("/") - 1 for place in make_tree(SHAPE, policy_types=()).places
        }
        assert depths == {1, 2, 3, 4, 5}

    def test_covers_every_account_with_every_collector_in_every_run_and_marks_the_newest(self):
        written()
        newest = InventoryRun.objects.latest("started_at")
        for run in InventoryRun.objects.all():
            covered = run_coverage(Viewer(sees_inventory=True), run=run)
            collectors = len(registry.collectors(Reader.ACCOUNT))
            assert covered.exclude(account_id="").count() == 31 * collectors
            assert covered.filter(account_id="").count() == len(organization_collectors())
        groups = len(registry.groups(Reader.ACCOUNT))
        assert newest.tasks.count() == CollectionTask.objects.count() == 31 * groups
        assert set(GroupCoverage.objects.values_list("run", flat=True)) == {newest.pk}

    def test_tells_every_kind_of_coverage_of_a_large_organization(self):
        # The smallest that has an account without the role, and parts that failed by chance.
        shape = Shape(ended_at=SHAPE.ended_at, accounts=45, principals=45)
        tree = make_tree(shape, policy_types=())
        write_record(shape, make_connection(), [account for account, _ in tree.accounts])
        assert set(Coverage.objects.values_list("state", flat=True)) == {
            *("complete", "denied", "throttled", "failed", "unsupported")
        }

    def test_keeps_a_history_of_policies_and_principals(self):
        written()
        for model, key in ((Policy, "policy_id"), (Principal, "arn")):
            most = model.objects.values(key).annotate(versions=Count("pk")).order_by("-versions")
            assert most[0]["versions"] > 1, model

    def test_shares_texts_between_principals_by_their_content(self):
        written()
        hashes = [
            *Principal.objects.filter(trust_policy__isnull=False).values_list(
                "trust_policy", flat=True
            )
        ]
        assert Counter(hashes).most_common(1)[0][1] > 50
        assert PolicyContent.objects.count() < Principal.objects.count()

    def test_writes_rows_that_a_run_reading_the_same_would_leave_alone(self):
        connection = written()
        policies = make_policies(SHAPE)
        attachments = make_attachments(make_tree(SHAPE, policy_types=()), policies)
        assert {each.policy_id for each in attachments} <= {each.policy_id for each in policies}
        later = datetime(2026, 11, 24, 9, tzinfo=UTC)
        [stored] = stored_versions(
            [StoredSlice(Policy, {}, with_tags=True)], connection_id=connection.pk, moment=later
        )
        plan = plan_rows(
            Policy,
            [row_of(policy, account_id="") for policy in policies],
            versions=stored,
            moment=later,
            complete=True,
        )
        assert write_plan(plan, connection=connection, moment=later) == Written(0, 0)

    def test_makes_the_same_of_the_same_shape(self):
        connection = written()
        first = sorted(Principal.objects.values_list("arn", "fingerprint", "seen_from"))
        Principal.objects.all().delete()
        connection.slug, connection.name = "other", "Other"
        connection.save()
        written()
        assert sorted(Principal.objects.values_list("arn", "fingerprint", "seen_from")) == first


@pytest.mark.django_db
class TestRefusal:
    def test_leaves_a_database_with_another_organization_alone(self):
        ConnectionFactory.create(slug="acme")
        with pytest.raises(OtherOrganization, match=r"acme.*--force-new"):
            seed(SHAPE)
        assert list(Connection.objects.values_list("slug", flat=True)) == ["acme"]
        assert not Account.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestForceNew:
    def test_replaces_an_earlier_one_and_leaves_others_beside_it(self):
        ConnectionFactory.create(slug="acme")
        small = Shape(ended_at=SHAPE.ended_at, accounts=12, units=9, principals=60)
        for _ in range(2):
            seed(small, force_new=True, tell=lambda line: None)
        assert set(Connection.objects.values_list("slug", flat=True)) == {"acme", "scale"}
        assert now(Account).count() == 12
        assert now(Principal).count() == 60
