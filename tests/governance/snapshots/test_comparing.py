"""What differs between two stored states, and what is merely not known of them."""

import pytest

from governance.snapshots.comparing import compare_snapshots
from governance.snapshots.kinds import KIND_WORDS, DifferenceKind
from governance.snapshots.moments import read_moment, usual_moments
from governance.snapshots.times import BadMoment, UnknownMoment
from inventory.resource_facts import BucketFacts
from inventory.viewing import Viewer
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory, content
from tests.factories.resources import BLOCKED, BucketFactory, bucket_policy
from tests.factories.runs import CoverageFactory, InventoryRunFactory, never_complete
from tests.factories.second_state import second_run, second_state
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT, THIRD_RUN_AT
from tests.factories.versions import changed, ended


def told(compared):
    return {(one.kind.value, one.name, one.target_name) for one in compared.found.differences}


def found(compared, kind):
    return next(one for one in compared.found.differences if one.kind is kind)


def names(way):
    return [step.name for step in way]


class TestDifferences:
    def test_are_of_every_sort_there_is_with_what_was_and_what_is(self, snapshot, compare):
        later = second_state(snapshot)
        compared = compare(snapshot.run.pk, later.run.pk)
        assert told(compared) == {
            ("account_added", "data", ""),
            ("account_removed", "retired", ""),
            ("account_moved", "website", ""),
            ("account_renamed", "payments-live", ""),
            ("account_state_changed", "payments-test", ""),
            ("account_tags_changed", "log-archive", ""),
            ("organizational_unit_added", "Sandbox", ""),
            ("organizational_unit_deleted", "Suspended", ""),
            ("organizational_unit_renamed", "Protection", ""),
            ("policy_created", "deny-users", ""),
            ("policy_deleted", "unattached", ""),
            ("policy_changed", "deny-regions", ""),
            ("policy_renamed", "deny-large-instances", ""),
            ("policy_attached", "deny-users", "Test"),
            ("policy_attached", "FullAWSAccess", "Sandbox"),
            ("policy_attached", "FullAWSAccess", "data"),
            ("policy_detached", "FullAWSAccess", "Protection"),
            ("policy_detached", "FullAWSAccess", "Suspended"),
            ("policy_detached", "FullAWSAccess", "retired"),
            ("policy_type_disabled", "TAG_POLICY", ""),
            ("delegated_administrator_registered", "guardduty.amazonaws.com", "log-archive"),
            ("trusted_service_enabled", "guardduty.amazonaws.com", ""),
            ("resource_policy_created", "rp-exampleid1", ""),
        }
        moved = found(compared, DifferenceKind.ACCOUNT_MOVED)
        assert names(moved.way_before) == ["Root", "Workloads", "Prod"]
        assert names(moved.way_after) == ["Root", "Workloads", "Test"]
        assert moved.since == SECOND_RUN_AT
        renamed = found(compared, DifferenceKind.ACCOUNT_RENAMED)
        assert (renamed.before, renamed.after) == ({"name": "payments"}, {"name": "payments-live"})

    def test_of_full_access_come_first_where_its_target_stayed(self, snapshot, compare):
        second_state(snapshot)
        first, *rest = compare(snapshot.run.pk).found.differences
        assert (first.kind, first.target_name, first.loud) == (
            DifferenceKind.POLICY_DETACHED,
            "Protection",
            True,
        )
        assert not any(one.loud for one in rest)

    def test_that_came_with_an_account_are_told_as_such_and_last(self, snapshot, compare):
        second_state(snapshot)
        differences = compare(snapshot.run.pk).found.differences
        by_itself = [one.target_name for one in differences if one.consequence]
        assert sorted(by_itself) == ["Sandbox", "Suspended", "data", "retired"]
        assert [one.consequence for one in differences] == sorted(
            one.consequence for one in differences
        )

    def test_hold_since_the_run_that_first_saw_them_so(self, snapshot, compare):
        account = changed(snapshot.accounts["payments"], at=SECOND_RUN_AT, name="other")
        changed(account, at=THIRD_RUN_AT, email="other@example.org")
        for at in (SECOND_RUN_AT, THIRD_RUN_AT):
            second_run(snapshot, at=at)
        compared = compare(snapshot.run.pk)
        assert found(compared, DifferenceKind.ACCOUNT_RENAMED).since == SECOND_RUN_AT
        assert found(compared, DifferenceKind.ACCOUNT_EMAIL_CHANGED).since == THIRD_RUN_AT

    def test_leave_out_what_changed_and_changed_back(self, snapshot, compare):
        account = changed(snapshot.accounts["payments"], at=SECOND_RUN_AT, name="other")
        changed(account, at=THIRD_RUN_AT, name="payments")
        second_run(snapshot, at=THIRD_RUN_AT)
        assert compare(snapshot.run.pk).found.differences == ()

    def test_are_never_cut_off(self, snapshot, compare):
        for number in range(1001):
            PolicyAttachmentFactory.create(
                connection=snapshot.connection,
                policy_id="p-regio001",
                target_id=f"{700000000000 + number}",
                seen_from=SECOND_RUN_AT,
            )
        second_run(snapshot)
        assert len(compare(snapshot.run.pk).found.differences) == 1001

    def test_are_none_for_somebody_who_may_not_see_the_organization(self, snapshot, compare):
        second_state(snapshot)
        shown = compare(snapshot.run.pk)
        hidden = compare_snapshots(
            Viewer(sees_inventory=False),
            connection=snapshot.connection,
            before=shown.before,
            after=shown.after,
        )
        assert shown.found.differences
        assert hidden.found.differences == ()

    def test_see_a_row_that_was_written_after_they_were_asked_for(self, snapshot, compare):
        second_run(snapshot)
        assert compare(snapshot.run.pk).found.differences == ()
        ended(snapshot.accounts["retired"], at=SECOND_RUN_AT)
        assert [one.name for one in compare(snapshot.run.pk).found.differences] == ["retired"]


class TestWhatWasNotRead:
    def test_is_told_and_nothing_of_it_is_told_as_new(self, snapshot, compare):
        collector = "organizations.policies.RESOURCE_CONTROL_POLICY"
        rcp = {"connection": snapshot.connection, "seen_from": SECOND_RUN_AT}
        PolicyFactory.create(policy_id="p-rcp", type="RESOURCE_CONTROL_POLICY", **rcp)
        PolicyAttachmentFactory.create(policy_id="p-rcp", **rcp)
        second_run(snapshot)
        compared = compare(snapshot.run.pk)
        assert compared.found.differences == ()
        assert compared.found.first_read == {collector: 2}
        never = next(gap for gap in compared.gaps if collector in gap.collectors)
        assert (never.side, never.state, never.complete_at) == ("before", "unknown", None)

    def test_is_told_with_when_it_was_last_read_where_a_run_was_refused(self, snapshot, compare):
        denied = "organizations.policies.SERVICE_CONTROL_POLICY"
        run = second_run(snapshot, states={denied: "denied"})
        gap = next(gap for gap in compare(snapshot.run.pk, run.pk).gaps if denied in gap.collectors)
        assert (gap.side, gap.state, gap.complete_at) == ("after", "denied", FIRST_RUN_AT)
        assert gap.topics == ("Service control policies",)

    def test_of_tags_does_not_make_their_first_reading_a_change(self, snapshot, compare):
        never_complete(snapshot.connection, collector="organizations.tags")
        changed(snapshot.accounts["website"], at=SECOND_RUN_AT, tags={"owner": "someone"})
        second_run(snapshot)
        assert compare(snapshot.run.pk).found.differences == ()


class TestMoments:
    def read(self, snapshot, viewer, text):
        return read_moment(viewer, connection=snapshot.connection, text=text, now=THIRD_RUN_AT)

    def test_are_a_run_a_time_or_now(self, snapshot, viewer):
        assert self.read(snapshot, viewer, str(snapshot.run.pk)).at == FIRST_RUN_AT
        assert self.read(snapshot, viewer, "2026-11-01T08:30:00Z").run is None
        assert self.read(snapshot, viewer, "now").as_of is None

    @pytest.mark.parametrize(
        "text",
        [
            *("nonsense", "99999999", "9" * 30, "", "-1"),
            # In some time zones these are before the first day of the calendar, or past its last.
            *("0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
        ],
    )
    def test_refuse_what_is_neither_and_say_what_would_be(self, snapshot, viewer, text):
        with pytest.raises(BadMoment, match="such as 2026"):
            self.read(snapshot, viewer, text)

    def test_refuse_a_run_that_has_not_begun(self, snapshot, viewer):
        waiting = InventoryRunFactory.create(
            connection=snapshot.connection,
            started_at=None,
            requested_at=SECOND_RUN_AT,
            state="queued",
        )
        with pytest.raises(BadMoment, match="has not begun"):
            self.read(snapshot, viewer, str(waiting.pk))

    def test_refuse_a_run_of_another_organization(self, snapshot, viewer):
        with pytest.raises(BadMoment, match="has no inventory run"):
            self.read(snapshot, viewer, str(InventoryRunFactory.create().pk))

    @pytest.mark.parametrize("text", ["2020-01-01", "2040-01-01"])
    def test_say_when_the_first_run_was_for_times_of_which_nothing_is_known(
        self, snapshot, viewer, text
    ):
        with pytest.raises(UnknownMoment) as caught:
            self.read(snapshot, viewer, text)
        assert caught.value.known.first_run_at == FIRST_RUN_AT

    def test_are_usually_the_run_that_last_saw_a_change_and_the_one_before(self, snapshot, viewer):
        ended(snapshot.accounts["retired"], at=SECOND_RUN_AT)
        second = second_run(snapshot, at=SECOND_RUN_AT)
        second_run(snapshot, at=THIRD_RUN_AT)
        usual = usual_moments(viewer, connection=snapshot.connection, now=THIRD_RUN_AT)
        assert usual is not None
        assert [moment.text for moment in usual] == [str(snapshot.run.pk), str(second.pk)]

    def test_are_the_newest_two_runs_where_nothing_ever_changed(self, snapshot, viewer):
        second = second_run(snapshot, at=SECOND_RUN_AT)
        third = second_run(snapshot, at=THIRD_RUN_AT)
        usual = usual_moments(viewer, connection=snapshot.connection, now=THIRD_RUN_AT)
        assert usual is not None
        assert [moment.text for moment in usual] == [str(second.pk), str(third.pk)]

    def test_are_none_before_the_second_run(self, snapshot, viewer):
        assert usual_moments(viewer, connection=snapshot.connection, now=THIRD_RUN_AT) is None


class TestKinds:
    def test_all_have_words(self):
        assert set(KIND_WORDS) == set(DifferenceKind)


class TestResources:
    ACCOUNT = "222222222222"

    @pytest.fixture
    def bucket(self, snapshot, compare):
        """Return a function that compares a bucket at the first run and at a second."""

        def compared(before, after):
            later = second_run(snapshot)
            rows = {"connection": snapshot.connection, "account_id": self.ACCOUNT, "name": "data"}
            if before is not None:
                first = {"seen_from": FIRST_RUN_AT, "seen_until": SECOND_RUN_AT}
                BucketFactory.create(**rows, **first, **before)
            if after is not None:
                BucketFactory.create(**rows, seen_from=SECOND_RUN_AT, **after)
            return compare(snapshot.run.pk, later.pk)

        return compared

    @pytest.fixture
    def read(self, snapshot):
        """Buckets of the account were read whole by the first run."""
        CoverageFactory.create(run=snapshot.run, account_id=self.ACCOUNT, collector="s3.buckets")

    def test_tell_a_policy_that_changed_with_the_account(self, bucket, read):
        texts = [content(bucket_policy({"Principal": who})) for who in ("*", {"AWS": "1" * 12})]
        compared = bucket({"content": texts[0]}, {"content": texts[1]})
        assert told(compared) == {("resource_own_policy_changed", "data", "payments")}
        (one,) = compared.found.differences
        assert (one.before, one.after) == (
            {"sha256": texts[0].sha256},
            {"sha256": texts[1].sha256},
        )

    def test_tell_settings_that_changed(self, bucket, read):
        compared = bucket({}, {"facts": BucketFacts("ObjectWriter", None, BLOCKED).as_json()})
        (one,) = compared.found.differences
        assert one.kind is DifferenceKind.RESOURCE_ACCESS_CHANGED
        assert (one.before, one.after) == (
            {"ownership": "BucketOwnerEnforced"},
            {"ownership": "ObjectWriter"},
        )

    def test_tell_no_change_of_what_was_not_known_at_one_of_the_times(self, bucket, read):
        text = content(bucket_policy({"Principal": "*"}))
        compared = bucket({"content": text}, {"unknown": {"policy": "AccessDenied"}})
        assert told(compared) == set()

    def test_are_added_where_buckets_had_been_read_before(self, bucket, read):
        compared = bucket(None, {})
        assert told(compared) == {("resource_added", "data", "payments")}
        assert compared.found.first_read == {}

    def test_are_read_first_and_not_added_where_they_had_not(self, bucket):
        compared = bucket(None, {})
        assert told(compared) == set()
        assert compared.found.first_read == {"s3.buckets": 1}
