"""Coverage as it is kept: written over where nothing is otherwise, a row where something is."""

from datetime import timedelta

import pytest

from inventory.collecting.plan import regions_to_read
from inventory.models import (
    AccountCoverage,
    CollectedSpan,
    Coverage,
    GroupCoverage,
    GroupCoverageSpan,
)
from inventory.selectors.coverage import latest_coverage
from inventory.store.account_coverage import sum_up_coverage
from inventory.store.coverage import keep_coverage
from inventory.store.covered import Covered, folded
from inventory.viewing import Viewer
from tests.factories.runs import InventoryRunFactory
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT, THIRD_RUN_AT
from tests.inventory.store.readings import ACCOUNT_ID

STATE = Coverage.State
SUMMARY, DETAILS = "iam.account_summary", "iam.authorization_details"


def covered(collector, state, at, region="global", **more):
    return Covered(collector, region, state, at, **more)


@pytest.fixture
def keep(connection):
    """Keep what collectors came to in a run, by name or by name and region."""

    def keep(at, run=None, group="iam", whole=True, later=timedelta(0), **states):
        run = run or InventoryRunFactory.create(connection=connection, started_at=at)
        rows = [
            covered(name.partition("@")[0], state, at + later, name.partition("@")[2] or "global")
            for name, state in states.items()
        ]
        keep_coverage({(ACCOUNT_ID, group): rows}, run=run, whole=whole)
        return run

    return keep


@pytest.fixture
def latest(connection):
    def latest(as_of=None, **where):
        return latest_coverage(Viewer(sees_inventory=True), connection=connection, as_of=as_of).get(
            **where
        )

    return latest


class TestCoverage:
    def test_writes_no_row_while_all_comes_out_the_same(self, keep, latest):
        for at in (FIRST_RUN_AT, SECOND_RUN_AT, THIRD_RUN_AT):
            newest = keep(at, **{SUMMARY: STATE.COMPLETE, DETAILS: STATE.DENIED})
        assert (Coverage.objects.count(), GroupCoverageSpan.objects.count()) == (2, 1)
        assert GroupCoverage.objects.count() == 1
        assert latest(collector=SUMMARY).collected_at == THIRD_RUN_AT
        assert latest(collector=SUMMARY).run_id == newest.pk
        assert latest(collector=SUMMARY).last_complete_at == THIRD_RUN_AT
        assert latest(collector=DETAILS).held_from == FIRST_RUN_AT

    def test_writes_the_row_of_the_collector_that_comes_out_otherwise(self, keep, latest):
        keep(FIRST_RUN_AT, **{SUMMARY: STATE.COMPLETE, DETAILS: STATE.COMPLETE})
        keep(SECOND_RUN_AT, **{SUMMARY: STATE.COMPLETE, DETAILS: STATE.FAILED})
        assert Coverage.objects.count() == 3
        assert latest(collector=DETAILS).state == STATE.FAILED
        assert latest(collector=DETAILS).held_from == SECOND_RUN_AT
        assert latest(collector=DETAILS, as_of=FIRST_RUN_AT).state == STATE.COMPLETE

    @pytest.mark.parametrize("details", [STATE.COMPLETE, STATE.DENIED, STATE.UNSUPPORTED])
    def test_sums_up_one_account_as_it_does_many(self, keep, connection, details):
        for at in (FIRST_RUN_AT, SECOND_RUN_AT):
            run = keep(at, **{SUMMARY: STATE.COMPLETE, DETAILS: details})
            keep(at, run=run, group="s3", **{"s3.buckets": STATE.COMPLETE})
        accounts = AccountCoverage.objects.filter(account_id=ACCOUNT_ID)
        alone = accounts.values().get()
        accounts.update(total=0, complete=0, denied=0, unsupported=0)
        sum_up_coverage(connection_id=connection.pk, account_ids={ACCOUNT_ID, "333333333333"})
        assert accounts.values().get() == alone
        assert alone["total"] == 3

    def test_takes_messages_that_differ_in_numbers_for_the_same(self, connection, latest):
        for at, number in ((FIRST_RUN_AT, 3), (SECOND_RUN_AT, 14)):
            row = covered(SUMMARY, STATE.FAILED, at, message=f"failed {number} times")
            run = InventoryRunFactory.create(connection=connection, started_at=at)
            keep_coverage({(ACCOUNT_ID, "iam"): [row]}, run=run)
        assert Coverage.objects.count() == 1

    def test_tells_another_cause_of_the_same_state(self, connection, latest):
        for at, message in ((FIRST_RUN_AT, "no role"), (SECOND_RUN_AT, "no trust")):
            row = covered(SUMMARY, STATE.DENIED, at, message=message)
            run = InventoryRunFactory.create(connection=connection, started_at=at)
            keep_coverage({(ACCOUNT_ID, "iam"): [row]}, run=run)
        assert latest(as_of=FIRST_RUN_AT).message == "no role"
        assert latest().message == "no trust"

    def test_remembers_when_it_was_last_complete(self, keep, latest):
        keep(FIRST_RUN_AT, later=timedelta(minutes=3), **{SUMMARY: STATE.COMPLETE})
        keep(SECOND_RUN_AT, **{SUMMARY: STATE.DENIED})
        keep(THIRD_RUN_AT, **{SUMMARY: STATE.THROTTLED})
        assert latest().last_complete_at == FIRST_RUN_AT + timedelta(minutes=3)

    def test_was_never_complete_when_it_never_was(self, keep, latest):
        keep(FIRST_RUN_AT, **{SUMMARY: STATE.DENIED})
        assert latest().last_complete_at is None

    def test_is_replaced_by_the_same_run(self, keep, latest):
        run = keep(FIRST_RUN_AT, **{SUMMARY: STATE.FAILED})
        keep(FIRST_RUN_AT, run, later=timedelta(minutes=5), **{SUMMARY: STATE.COMPLETE})
        assert Coverage.objects.get().state == STATE.COMPLETE
        assert GroupCoverageSpan.objects.get().complete == 1

    def test_that_the_same_run_makes_good_is_as_if_nothing_had_been(self, keep):
        keep(FIRST_RUN_AT, **{SUMMARY: STATE.COMPLETE, DETAILS: STATE.COMPLETE})
        run = keep(SECOND_RUN_AT, **{SUMMARY: STATE.COMPLETE, DETAILS: STATE.THROTTLED})
        keep(SECOND_RUN_AT, run, whole=False, **{DETAILS: STATE.COMPLETE})
        assert Coverage.objects.filter(held_until__isnull=True).count() == 2
        assert Coverage.objects.count() == 2
        assert GroupCoverageSpan.objects.get().held_until is None

    def test_of_a_collector_that_is_no_more_ends(self, keep):
        keep(FIRST_RUN_AT, **{SUMMARY: STATE.COMPLETE, DETAILS: STATE.COMPLETE})
        keep(SECOND_RUN_AT, **{SUMMARY: STATE.COMPLETE})
        assert Coverage.objects.get(held_until__isnull=True).collector == SUMMARY
        assert GroupCoverage.objects.get().total == 1


class TestRegions:
    def test_are_told_one_by_one(self, keep, latest):
        keep(
            FIRST_RUN_AT,
            group="boxes",
            **{"boxes.each@eu-west-1": STATE.COMPLETE, "boxes.each@eu-west-2": STATE.DENIED},
        )
        assert latest(region="eu-west-1").state == STATE.COMPLETE
        assert latest(region="eu-west-2").state == STATE.DENIED
        assert set(CollectedSpan.objects.values_list("collector", "region")) == {
            ("boxes.each", "eu-west-1")
        }

    def test_that_are_read_no_more_are_said_to_be_once(self, keep, latest):
        both = {"boxes.each@eu-west-1": STATE.COMPLETE, "boxes.each@eu-west-2": STATE.COMPLETE}
        keep(FIRST_RUN_AT, group="boxes", **both)
        for at in (SECOND_RUN_AT, THIRD_RUN_AT):
            keep(at, group="boxes", **{"boxes.each@eu-west-1": STATE.COMPLETE})
        gone = latest(region="eu-west-2")
        assert (gone.state, gone.error_code) == (STATE.UNSUPPORTED, "RegionNotRead")
        assert gone.last_complete_at == FIRST_RUN_AT
        assert Coverage.objects.count() == 3
        counted = GroupCoverage.objects.get()
        assert (counted.total, counted.complete, counted.unsupported) == (2, 1, 1)


class TestAccountCoverage:
    def test_sums_up_all_groups_of_an_account(self, keep):
        run = keep(FIRST_RUN_AT, **{SUMMARY: STATE.COMPLETE, DETAILS: STATE.DENIED})
        keep(FIRST_RUN_AT, run, group="boxes", **{"boxes.list": STATE.COMPLETE})
        found = AccountCoverage.objects.get()
        assert (found.total, found.complete, found.denied) == (3, 2, 1)
        assert found.oldest_complete_at is None

    def test_is_as_old_as_its_oldest_group(self, keep):
        keep(FIRST_RUN_AT, **{SUMMARY: STATE.COMPLETE})
        keep(SECOND_RUN_AT, group="boxes", **{"boxes.list": STATE.COMPLETE})
        found = AccountCoverage.objects.get()
        assert found.oldest_complete_at == FIRST_RUN_AT
        assert found.newest_attempt_at == SECOND_RUN_AT


class TestMeasures:
    def test_are_of_the_newest_reading_and_of_the_first_that_came_out_so(self, connection, latest):
        for at, records in ((FIRST_RUN_AT, 4), (SECOND_RUN_AT, 5), (THIRD_RUN_AT, 6)):
            row = covered(SUMMARY, STATE.COMPLETE, at, records=records, calls={"iam:List": records})
            run = InventoryRunFactory.create(connection=connection, started_at=at)
            keep_coverage({(ACCOUNT_ID, "iam"): [row]}, run=run)
        assert latest().records == 6
        assert latest(as_of=THIRD_RUN_AT).calls == {"iam:List": 6}
        assert latest(as_of=SECOND_RUN_AT).records is None
        assert latest(as_of=FIRST_RUN_AT).records == 4


QUEUES, EVERYWHERE = "applications.sqs_queues", "all regions"


class TestRegionsAlike:
    """One row for all regions that came out the same, one for each that came out otherwise."""

    @pytest.fixture
    def keep_regions(self, connection):
        def keep_regions(at, **states):
            rows = [
                covered(QUEUES, state, at, region.replace("_", "-"), calls={"sqs:ListQueues": 1})
                for region, state in states.items()
            ]
            run = InventoryRunFactory.create(connection=connection, started_at=at)
            kept = folded(rows, regional={QUEUES})
            keep_coverage({(ACCOUNT_ID, "applications"): kept}, run=run)

        return keep_regions

    @pytest.fixture
    def held(self, connection):
        def held():
            rows = Coverage.objects.filter(held_until__isnull=True)
            return {row.region: row.state for row in rows}

        return held

    def test_have_one_row_while_they_come_out_the_same(self, keep_regions, held, latest):
        for at in (FIRST_RUN_AT, SECOND_RUN_AT):
            keep_regions(at, eu_west_1=STATE.COMPLETE, us_east_1=STATE.COMPLETE)
        assert held() == {EVERYWHERE: STATE.COMPLETE}
        assert Coverage.objects.count() == CollectedSpan.objects.count() == 1
        found = latest(collector=QUEUES)
        assert found.measured["regions"] == ["eu-west-1", "us-east-1"]
        assert found.call_count == 2

    def test_have_a_row_of_their_own_while_they_come_out_otherwise(
        self, keep_regions, held, latest
    ):
        keep_regions(FIRST_RUN_AT, eu_west_1=STATE.COMPLETE, us_east_1=STATE.COMPLETE)
        keep_regions(SECOND_RUN_AT, eu_west_1=STATE.DENIED, us_east_1=STATE.COMPLETE)
        assert held() == {EVERYWHERE: STATE.COMPLETE, "eu-west-1": STATE.DENIED}
        assert latest(region="eu-west-1").last_complete_at == FIRST_RUN_AT
        keep_regions(THIRD_RUN_AT, eu_west_1=STATE.COMPLETE, us_east_1=STATE.COMPLETE)
        assert held() == {EVERYWHERE: STATE.COMPLETE}

    def test_are_told_as_not_read_any_more(self, keep_regions, held):
        keep_regions(FIRST_RUN_AT, eu_west_1=STATE.COMPLETE, us_east_1=STATE.COMPLETE)
        for at in (SECOND_RUN_AT, THIRD_RUN_AT):
            keep_regions(at, us_east_1=STATE.COMPLETE)
            assert held() == {EVERYWHERE: STATE.COMPLETE, "eu-west-1": STATE.UNSUPPORTED}

    def test_stay_known_as_read_before_where_none_is_read_any_more(
        self, keep_regions, held, latest
    ):
        keep_regions(FIRST_RUN_AT, eu_west_1=STATE.COMPLETE, us_east_1=STATE.COMPLETE)
        keep_regions(SECOND_RUN_AT, **{EVERYWHERE: STATE.UNSUPPORTED})
        assert held() == dict.fromkeys((EVERYWHERE, "eu-west-1", "us-east-1"), STATE.UNSUPPORTED)
        assert latest(region="us-east-1").last_complete_at == FIRST_RUN_AT
        counted = GroupCoverage.objects.get()
        assert (counted.total, counted.complete, counted.unsupported) == (3, 0, 3)
        keep_regions(THIRD_RUN_AT, us_east_1=STATE.COMPLETE)
        assert held() == {EVERYWHERE: STATE.COMPLETE, "eu-west-1": STATE.UNSUPPORTED}

    def test_are_remembered_for_when_aws_does_not_tell_them(self, keep_regions, connection):
        keep_regions(FIRST_RUN_AT, eu_west_1=STATE.DENIED, us_east_1=STATE.COMPLETE)
        connection.regions = []
        assert regions_to_read(
            connection, account_id=ACCOUNT_ID, group="applications", enabled=None
        ) == ("eu-west-1", "us-east-1")

    def test_stand_for_the_most_that_came_out_the_same_where_none_was_complete(self):
        fared = {"a": STATE.FAILED, "b": STATE.DENIED, "c": STATE.DENIED}
        rows = [covered(QUEUES, state, FIRST_RUN_AT, name) for name, state in fared.items()]
        kept = {each.region: each for each in folded(rows, regional={QUEUES})}
        assert set(kept) == {EVERYWHERE, "a"}
        assert kept[EVERYWHERE].regions == ("b", "c")
