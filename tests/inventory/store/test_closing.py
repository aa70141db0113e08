"""Deletions that are too many at once: held back, and closed on a second word."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from inventory.collectors.collector import Slice
from inventory.models import (
    Account,
    EffectivePolicy,
    InventoryRun,
    OrganizationalUnit,
    Policy,
    PolicyAttachment,
    Principal,
    PrincipalActivity,
    SuspectedDeletion,
)
from inventory.records import (
    AccountRecord,
    EffectivePolicyRecord,
    OrganizationalUnitRecord,
    PolicyAttachmentRecord,
    PrincipalActivityRecord,
    RootRecord,
)
from inventory.store.reconcile import Written
from inventory.store.scopes import CollectorReading, close_departed_accounts
from inventory.store.suspected import CannotConfirm, confirm_deletion
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.inventory.store.readings import (
    ACCOUNT_ID,
    account,
    collector,
    names,
    policies,
    policy,
    role,
    store,
    store_roles,
)

THIRD_RUN_AT = SECOND_RUN_AT + timedelta(hours=1)
STATE = SuspectedDeletion.State
SCP = "SERVICE_CONTROL_POLICY"
OTHER_ACCOUNT_ID = "333333333333"
TREE = collector(Slice(RootRecord), Slice(OrganizationalUnitRecord), Slice(AccountRecord))


def roles(count, prefix="role"):
    return [role(f"{prefix}-{number}") for number in range(count)]


def used(records):
    return [PrincipalActivityRecord(each.arn, FIRST_RUN_AT) for each in records]


@pytest.fixture
def many(connection):
    """Thirty roles of an account, of which the second run finds five."""
    store_roles(connection, *roles(30), *used(roles(30)), at=FIRST_RUN_AT)
    written = store_roles(connection, *roles(5), *used(roles(5)), at=SECOND_RUN_AT)
    assert written == Written(0, 0)
    return SuspectedDeletion.objects.get()


class TestHoldingBack:
    def test_keeps_the_rows_and_says_how_many_were_missing(self, many):
        assert len(names()) == 30
        assert (many.table, many.account_id) == ("Principal", ACCOUNT_ID)
        assert (many.missing, many.known, many.missing_at) == (25, 30, SECOND_RUN_AT)
        assert many.state == STATE.SUSPECTED

    def test_keeps_what_is_kept_in_place_too(self, many):
        assert PrincipalActivity.objects.count() == 30

    def test_stores_what_is_new_and_what_differs_all_the_same(self, connection):
        store_roles(connection, *roles(30), at=FIRST_RUN_AT)
        written = store_roles(connection, role("role-0", path="/x/"), role("new"), at=SECOND_RUN_AT)
        assert written == Written(2, 1)
        assert len(names()) == 31

    def test_closes_at_once_what_is_fewer_than_the_least(self, connection):
        store_roles(connection, *roles(30), at=FIRST_RUN_AT)
        assert store_roles(connection, *roles(11), at=SECOND_RUN_AT) == Written(0, 19)
        assert not SuspectedDeletion.objects.exists()

    def test_closes_at_once_what_is_a_small_share(self, connection):
        store_roles(connection, *roles(440), at=FIRST_RUN_AT)
        assert store_roles(connection, *roles(418), at=SECOND_RUN_AT) == Written(0, 22)

    def test_goes_by_the_settings(self, connection, settings):
        settings.INVENTORY_SUSPECT_ROWS = 2
        settings.INVENTORY_SUSPECT_PERCENT = 50
        store_roles(connection, *roles(4), at=FIRST_RUN_AT)
        assert store_roles(connection, *roles(2), at=SECOND_RUN_AT) == Written(0, 2)
        assert store_roles(connection, at=THIRD_RUN_AT) == Written(0, 0)

    def test_adds_up_what_accounts_lack_in_one_run(self, connection):
        for number in range(4):
            store_roles(connection, *roles(15), at=FIRST_RUN_AT, account_id=f"{number}" * 12)
        closed = [
            store_roles(connection, *roles(5), at=SECOND_RUN_AT, account_id=f"{number}" * 12).closed
            for number in range(4)
        ]
        assert closed == [10, 0, 0, 0]
        assert SuspectedDeletion.objects.count() == 3

    def test_does_not_add_up_what_went_with_accounts_that_left(self, connection):
        there = [account(ACCOUNT_ID), account(OTHER_ACCOUNT_ID)]
        accounts = collector(Slice(AccountRecord))
        store(
            connection,
            CollectorReading(accounts, tuple(there), True),
            at=FIRST_RUN_AT,
            account_id="",
        )
        store_roles(connection, *roles(30), at=FIRST_RUN_AT, account_id=OTHER_ACCOUNT_ID)
        store_roles(connection, *roles(3), at=FIRST_RUN_AT)
        store(
            connection,
            CollectorReading(accounts, (there[0],), True),
            at=SECOND_RUN_AT,
            account_id="",
        )
        close_departed_accounts(connection=connection, moment=SECOND_RUN_AT)
        assert store_roles(connection, *roles(2), at=SECOND_RUN_AT) == Written(0, 1)

    def test_leaves_alone_what_is_explained(self, connection):
        store_roles(connection, *roles(30), at=FIRST_RUN_AT)
        explained = {(ACCOUNT_ID, each.arn) for each in roles(30)}
        written = store(
            connection,
            CollectorReading(collector(Slice(type(role("a")))), (), True),
            at=SECOND_RUN_AT,
            is_explained=lambda model, key: model is Principal and key in explained,
        )
        assert written == Written(0, 30)

    def test_says_the_same_when_a_run_is_stored_again(self, connection, many):
        store_roles(connection, *roles(5), at=SECOND_RUN_AT)
        again = SuspectedDeletion.objects.get()
        assert (again.missing, len(again.row_ids), again.state) == (25, 25, STATE.SUSPECTED)

    def test_suspects_nothing_any_more_when_the_same_run_finds_it(self, connection, many):
        store_roles(connection, *roles(30), at=SECOND_RUN_AT)
        assert SuspectedDeletion.objects.get().state == STATE.FOUND


class TestWhatRefersToOthers:
    def test_a_policy_stays_with_its_attachments(self, connection):
        attachments = [
            PolicyAttachmentRecord("p-aaaaaaaa", f"{n:012}", "ACCOUNT") for n in range(40)
        ]
        both = (policy("p-aaaaaaaa"), *attachments)
        store(
            connection, CollectorReading(policies(SCP), both, True), at=FIRST_RUN_AT, account_id=""
        )
        store(
            connection, CollectorReading(policies(SCP), (), True), at=SECOND_RUN_AT, account_id=""
        )
        assert PolicyAttachment.objects.as_of(None).count() == 40
        assert Policy.objects.as_of(None).count() == 1
        assert {each.table for each in SuspectedDeletion.objects.all()} == {
            "Policy",
            "PolicyAttachment",
        }

    @pytest.mark.parametrize(("attached", "stay"), [(0, 2), (39, 0)])
    def test_effective_policies_stay_while_attachments_are_held(self, connection, attached, stay):
        effective = collector(Slice(EffectivePolicyRecord))

        def read(attached, *chains, at):
            attachments = [
                PolicyAttachmentRecord("p-aaaaaaaa", f"{n:012}", "ACCOUNT") for n in range(attached)
            ]
            made = tuple(EffectivePolicyRecord("TAG_POLICY", chain, "{}") for chain in chains)
            store(
                connection,
                CollectorReading(policies(SCP), (policy("p-aaaaaaaa"), *attachments), True),
                CollectorReading(effective, made, True),
                at=at,
                account_id="",
            )

        read(40, "a" * 64, "b" * 64, at=FIRST_RUN_AT)
        read(attached, at=SECOND_RUN_AT)
        assert EffectivePolicy.objects.as_of(None).count() == stay

    def test_units_stay_above_accounts_that_are_held(self, connection):
        root = RootRecord("r-ab12", "Root", "arn", {})
        units = [
            OrganizationalUnitRecord("ou-1", "One", "arn", "r-ab12", "r-ab12/ou-1/"),
            OrganizationalUnitRecord("ou-2", "Two", "arn", "ou-1", "r-ab12/ou-1/ou-2/"),
            OrganizationalUnitRecord("ou-3", "Three", "arn", "r-ab12", "r-ab12/ou-3/"),
        ]
        below = [account(f"{n:012}", parent_id="ou-2") for n in range(25)]
        store(
            connection,
            CollectorReading(TREE, (root, *units, *below), True),
            at=FIRST_RUN_AT,
            account_id="",
        )
        store(connection, CollectorReading(TREE, (root,), True), at=SECOND_RUN_AT, account_id="")
        assert Account.objects.as_of(None).count() == 25
        there = OrganizationalUnit.objects.as_of(None)
        assert {each.target_id for each in there} == {"ou-1", "ou-2"}


class TestTheNextRun:
    def test_closes_what_it_lacks_too(self, connection, many):
        assert store_roles(connection, *roles(5), at=THIRD_RUN_AT) == Written(0, 25)
        many.refresh_from_db()
        assert (many.state, many.closed, many.row_ids) == (STATE.DELETED, 25, [])
        assert (many.decided_at, many.decided_by) == (THIRD_RUN_AT, None)
        assert len(names(SECOND_RUN_AT)) == 30

    def test_suspects_no_more_what_it_finds(self, connection, many):
        assert store_roles(connection, *roles(30), at=THIRD_RUN_AT) == Written(0, 0)
        many.refresh_from_db()
        assert (many.state, many.closed) == (STATE.FOUND, 0)

    def test_decides_each_row_by_itself(self, connection, many):
        assert store_roles(connection, *roles(10), at=THIRD_RUN_AT) == Written(0, 20)
        many.refresh_from_db()
        assert (many.state, many.closed) == (STATE.DELETED, 20)
        assert len(names()) == 10

    def test_decides_nothing_when_it_was_not_complete(self, connection, many):
        store_roles(connection, at=THIRD_RUN_AT, complete=False)
        many.refresh_from_db()
        assert (many.state, len(many.row_ids)) == (STATE.SUSPECTED, 25)

    def test_suspects_what_only_it_lacks(self, connection, many):
        store_roles(connection, *roles(5), *roles(40, "new"), at=THIRD_RUN_AT)
        fourth = THIRD_RUN_AT + timedelta(hours=1)
        assert store_roles(connection, *roles(5), at=fourth) == Written(0, 0)
        assert SuspectedDeletion.objects.filter(state=STATE.SUSPECTED).get().missing == 40

    def test_ends_a_suspicion_with_an_account_that_leaves(self, connection, many):
        accounts = collector(Slice(AccountRecord))
        store(
            connection,
            CollectorReading(accounts, (account(ACCOUNT_ID),), True),
            at=SECOND_RUN_AT,
            account_id="",
        )
        store(connection, CollectorReading(accounts, (), True), at=THIRD_RUN_AT, account_id="")
        close_departed_accounts(connection=connection, moment=THIRD_RUN_AT)
        many.refresh_from_db()
        assert (many.state, many.closed, many.row_ids) == (STATE.DELETED, 25, [])


class TestAPersonsWord:
    @pytest.fixture
    def person(self, db):
        return User.objects.create_user("anna")

    @pytest.fixture
    def run(self, connection):
        return InventoryRun.objects.create(
            connection=connection,
            trigger=InventoryRun.Trigger.BUTTON,
            state=InventoryRun.State.COMPLETE,
            requested_at=SECOND_RUN_AT,
            started_at=SECOND_RUN_AT,
            finished_at=SECOND_RUN_AT,
        )

    def confirm(self, connection, suspected, person):
        return confirm_deletion(
            suspected_id=suspected.pk, connection=connection, decided_by=person, now=THIRD_RUN_AT
        )

    def test_closes_the_rows_after_the_run_that_lacked_them(self, connection, many, person, run):
        done = self.confirm(connection, many, person)
        assert (done.state, done.closed, done.decided_by) == (STATE.DELETED, 25, person)
        assert len(names()) == 5
        assert len(names(SECOND_RUN_AT)) == 30
        ended = Principal.objects.filter(seen_until__isnull=False)
        assert {each.seen_until for each in ended} == {SECOND_RUN_AT + timedelta(microseconds=1)}

    def test_is_given_once(self, connection, many, person, run):
        self.confirm(connection, many, person)
        with pytest.raises(CannotConfirm, match="decided already: deleted"):
            self.confirm(connection, many, person)

    def test_waits_for_a_run_that_goes_on(self, connection, many, person, run):
        run.state = InventoryRun.State.RUNNING
        run.save()
        with pytest.raises(CannotConfirm, match="is running and decides automatically"):
            self.confirm(connection, many, person)

    def test_on_accounts_closes_what_is_in_them(self, connection, person, run):
        accounts = collector(Slice(AccountRecord))
        there = tuple(account(f"{n:012}") for n in range(30))
        store(connection, CollectorReading(accounts, there, True), at=FIRST_RUN_AT, account_id="")
        store_roles(connection, *roles(2), at=FIRST_RUN_AT, account_id="000000000029")
        store(
            connection, CollectorReading(accounts, there[:1], True), at=SECOND_RUN_AT, account_id=""
        )
        self.confirm(connection, SuspectedDeletion.objects.get(), person)
        assert Account.objects.as_of(None).count() == 1
        assert not names()
