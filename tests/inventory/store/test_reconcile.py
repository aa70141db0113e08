"""Rows as versions: what was read at each run can be read back, and the same writes nothing."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.db import transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.collectors.collector import Collector, Scope, Slice, alone
from inventory.models import (
    Account,
    AccountCoverage,
    Coverage,
    Policy,
    PolicyAttachment,
    PolicyContent,
    Principal,
    PrincipalActivity,
    PrincipalName,
)
from inventory.records import (
    AccountRecord,
    AccountSettingRecord,
    IamPolicyRecord,
    IdentityProviderRecord,
    PolicyAttachmentRecord,
    PolicyRecord,
    PrincipalActivityRecord,
    PrincipalRecord,
    TagsRecord,
    UserCredentialRecord,
)
from inventory.selectors.principals import principal_counts
from inventory.store.coverage import keep_coverage
from inventory.store.reconcile import RunOutOfOrder, Written
from inventory.store.scopes import Reading, close_departed_accounts, lock_scope, store_readings
from inventory.viewing import Viewer
from tests.factories.connections import ConnectionFactory
from tests.factories.principals import PrincipalActivityFactory, RoleFactory
from tests.factories.runs import CoverageFactory, InventoryRunFactory
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT, THIRD_RUN_AT

ACCOUNT_ID = "222222222222"
ARN = f"arn:aws:iam::{ACCOUNT_ID}"
WRITING = ("INSERT", "UPDATE", "DELETE")


def role(name, **values):
    given = {
        "kind": "role",
        "arn": f"{ARN}:role/{name}",
        "name": name,
        "path": "/",
        "unique_id": "AROA",
        "created_at": FIRST_RUN_AT,
        "trust_policy": '{"Version": "2012-10-17"}',
        "boundary_arn": "",
        "attached_policy_arns": (),
        "inline_policies": {},
    }
    return PrincipalRecord(**(given | values))


def account(account_id, **values):
    given = {
        "account_id": account_id,
        "name": "payments",
        "email": "a@example.org",
        "arn": "arn",
        "state": "ACTIVE",
        "parent_id": "r-ab12",
        "path": "r-ab12/",
        "joined_method": "CREATED",
        "joined_at": FIRST_RUN_AT,
    }
    return AccountRecord(**(given | values))


def policy(policy_id, *, kind="SERVICE_CONTROL_POLICY", content="{}"):
    return PolicyRecord(policy_id, "arn", policy_id, "", kind, False, content)


def collector(*covers, name="tests"):
    return Collector(name, Scope.ACCOUNT, "iam", (), alone(lambda client: iter(())), covers)


ROLES = collector(Slice(PrincipalRecord), Slice(PrincipalActivityRecord, {"kind": "role"}))
ACCOUNTS = collector(Slice(AccountRecord))
TAGS = collector(name="organizations.tags")


def policies(kind):
    return collector(
        Slice(PolicyAttachmentRecord, {"type": kind}), Slice(PolicyRecord, {"type": kind})
    )


@pytest.fixture
def connection(db):
    return ConnectionFactory.create()


def store(connection, *readings, at, account_id=ACCOUNT_ID):
    with transaction.atomic():
        lock_scope(connection, account_id)
        return store_readings(readings, connection=connection, account_id=account_id, moment=at)


def store_roles(connection, *records, at, complete=True, account_id=ACCOUNT_ID):
    reading = Reading(ROLES, records, complete)
    return store(connection, reading, at=at, account_id=account_id)


def names(at=None, **where):
    return set(Principal.objects.as_of(at).filter(**where).values_list("name", flat=True))


class TestVersions:
    def test_opens_what_is_new(self, connection):
        assert store_roles(connection, role("a"), role("b"), at=FIRST_RUN_AT) == Written(2, 0)
        assert names() == {"a", "b"}

    def test_writes_nothing_when_nothing_changed(self, connection):
        records = (
            role("a", inline_policies={"x": "{}"}),
            PrincipalActivityRecord(f"{ARN}:role/a", FIRST_RUN_AT),
        )
        store_roles(connection, *records, at=FIRST_RUN_AT)
        with CaptureQueriesContext(database) as queries:
            assert store_roles(connection, *records, at=SECOND_RUN_AT) == Written(0, 0)
        assert not [each for each in queries if each["sql"].startswith(WRITING)]

    def test_keeps_the_version_before_when_something_changed(self, connection):
        store_roles(connection, role("a"), at=FIRST_RUN_AT)
        changed = role("a", attached_policy_arns=(f"{ARN}:policy/x",))
        assert store_roles(connection, changed, at=SECOND_RUN_AT) == Written(1, 1)
        before = Principal.objects.as_of(FIRST_RUN_AT).get()
        assert (before.attached_policy_arns, before.seen_until) == ([], SECOND_RUN_AT)
        assert Principal.objects.as_of(None).get().seen_from == SECOND_RUN_AT

    def test_closes_what_a_complete_reading_did_not_find(self, connection):
        store_roles(connection, role("a"), role("b"), at=FIRST_RUN_AT)
        assert store_roles(connection, role("a"), at=SECOND_RUN_AT) == Written(0, 1)
        assert names() == {"a"}
        assert names(FIRST_RUN_AT) == {"a", "b"}

    def test_closes_nothing_that_an_incomplete_reading_did_not_find(self, connection):
        store_roles(connection, role("a"), role("b"), at=FIRST_RUN_AT)
        written = store_roles(connection, role("c"), at=SECOND_RUN_AT, complete=False)
        assert written == Written(1, 0)
        assert names() == {"a", "b", "c"}

    def test_touches_no_other_account_and_no_other_organization(self, connection):
        other = ConnectionFactory.create()
        store_roles(connection, role("a"), at=FIRST_RUN_AT)
        store_roles(connection, role("a"), at=FIRST_RUN_AT, account_id="333333333333")
        store_roles(other, role("a"), at=FIRST_RUN_AT)
        store_roles(connection, at=SECOND_RUN_AT)
        assert names(connection=connection) == {"a"}
        assert names(connection=connection, account_id=ACCOUNT_ID) == set()
        assert names(connection=other) == {"a"}

    def test_replaces_what_the_same_run_stored(self, connection):
        store_roles(connection, role("a"), role("b"), at=FIRST_RUN_AT)
        written = store_roles(connection, role("a", path="/x/"), at=FIRST_RUN_AT)
        assert written == Written(-1, 0)
        assert Principal.objects.get().path == "/x/"

    def test_opens_again_what_the_same_run_closed(self, connection):
        store_roles(connection, role("a"), at=FIRST_RUN_AT)
        store_roles(connection, at=SECOND_RUN_AT)
        assert store_roles(connection, role("a"), at=SECOND_RUN_AT) == Written(0, -1)
        assert Principal.objects.get().seen_from == FIRST_RUN_AT

    def test_refuses_a_run_that_started_before_what_is_stored(self, connection):
        store_roles(connection, role("a"), at=SECOND_RUN_AT)
        with pytest.raises(RunOutOfOrder):
            store_roles(connection, role("a", path="/x/"), at=FIRST_RUN_AT)
        assert Principal.objects.get().path == "/"

    def test_stores_a_text_once_however_many_say_it(self, connection):
        records = [role(name, inline_policies={"x": "same"}) for name in "abc"]
        store_roles(connection, *records, at=FIRST_RUN_AT)
        assert PolicyContent.objects.filter(text="same").count() == 1

    def test_takes_the_last_of_a_thing_that_two_pages_gave(self, connection):
        store_roles(connection, role("a"), role("a", path="/x/"), at=FIRST_RUN_AT)
        assert Principal.objects.get().path == "/x/"

    def test_needs_as_many_queries_for_many_as_for_few(self, connection):
        def queries(account_id, count):
            records = [
                role(f"{account_id}-{n}", inline_policies={"x": f"{n}"}) for n in range(count)
            ]
            with CaptureQueriesContext(database) as made:
                store_roles(connection, *records, at=FIRST_RUN_AT, account_id=account_id)
            return len(made)

        assert queries("333333333333", 200) == queries("444444444444", 2)

    def test_keeps_every_kind_of_record_of_an_account(self, connection):
        every = collector(
            Slice(IamPolicyRecord),
            Slice(UserCredentialRecord),
            Slice(AccountSettingRecord, {"name": "password_policy"}),
            Slice(IdentityProviderRecord, {"kind": "saml"}),
        )
        records = (
            IamPolicyRecord(f"{ARN}:policy/x", "x", "/", "ANPA", False, "v1", "{}"),
            UserCredentialRecord(f"{ARN}:user/a", "a", True, None, None, False, None, False, None),
            AccountSettingRecord("password_policy", None),
            IdentityProviderRecord("saml", f"{ARN}:saml-provider/x", None, metadata="<x/>"),
        )
        written = store(connection, Reading(every, records, True), at=FIRST_RUN_AT)
        assert written == Written(4, 0)
        again = store(connection, Reading(every, records, True), at=SECOND_RUN_AT)
        assert again == Written(0, 0)


class TestSlices:
    def test_a_policy_type_closes_only_its_own_policies_and_attachments(self, connection):
        scp, tag = "SERVICE_CONTROL_POLICY", "TAG_POLICY"
        for kind, policy_id in ((scp, "p-aaaaaaaa"), (tag, "p-bbbbbbbb")):
            records = (
                policy(policy_id, kind=kind),
                PolicyAttachmentRecord(policy_id, "r-ab12", "ROOT"),
            )
            store(
                connection, Reading(policies(kind), records, True), at=FIRST_RUN_AT, account_id=""
            )
        store(connection, Reading(policies(scp), (), True), at=SECOND_RUN_AT, account_id="")
        assert [each.policy_id for each in Policy.objects.as_of(None)] == ["p-bbbbbbbb"]
        assert [each.policy_id for each in PolicyAttachment.objects.as_of(None)] == ["p-bbbbbbbb"]

    def test_a_setting_closes_no_other_setting(self, connection):
        for name in ("password_policy", "account_summary"):
            one = collector(Slice(AccountSettingRecord, {"name": name}))
            reading = Reading(one, (AccountSettingRecord(name, {"Users": 1}),), True)
            assert store(connection, reading, at=FIRST_RUN_AT) == Written(1, 0)


class TestTags:
    def tags_of(self, account_id):
        return Account.objects.as_of(None).get(account_id=account_id).tags

    def store(self, connection, tags, *, at, complete=True):
        readings = [Reading(ACCOUNTS, (account("111111111111"),), True)]
        if tags is not None:
            readings.append(Reading(TAGS, tags, complete))
        return store(connection, *readings, at=at, account_id="")

    def test_are_kept_with_what_they_are_on(self, connection):
        self.store(connection, (TagsRecord("111111111111", {"owner": "a"}),), at=FIRST_RUN_AT)
        assert self.tags_of("111111111111") == {"owner": "a"}

    def test_change_the_version_when_they_change(self, connection):
        self.store(connection, (TagsRecord("111111111111", {"owner": "a"}),), at=FIRST_RUN_AT)
        assert self.store(connection, (), at=SECOND_RUN_AT) == Written(1, 1)
        assert self.tags_of("111111111111") == {}

    def test_stay_as_they_were_when_they_could_not_all_be_read(self, connection):
        self.store(connection, (TagsRecord("111111111111", {"owner": "a"}),), at=FIRST_RUN_AT)
        assert self.store(connection, (), at=SECOND_RUN_AT, complete=False) == Written(0, 0)
        assert self.tags_of("111111111111") == {"owner": "a"}


class TestActivity:
    def keep(self, connection, *records, at=FIRST_RUN_AT, complete=True):
        store_roles(connection, *records, at=at, complete=complete)

    def test_is_changed_in_place(self, connection):
        arn = f"{ARN}:role/a"
        self.keep(connection, PrincipalActivityRecord(arn, FIRST_RUN_AT, "eu-west-2"))
        self.keep(connection, PrincipalActivityRecord(arn, SECOND_RUN_AT, "us-east-1"))
        row = PrincipalActivity.objects.get()
        assert (row.last_used_at, row.last_used_region) == (SECOND_RUN_AT, "us-east-1")

    def test_of_users_is_left_alone_by_the_reading_of_roles(self, connection):
        PrincipalActivityFactory.create(connection=connection, arn=f"{ARN}:user/a")
        PrincipalActivityFactory.create(connection=connection, arn=f"{ARN}:role/gone")
        self.keep(connection)
        assert [each.arn for each in PrincipalActivity.objects.all()] == [f"{ARN}:user/a"]

    def test_stays_when_not_all_could_be_read(self, connection):
        PrincipalActivityFactory.create(connection=connection, arn=f"{ARN}:role/a")
        self.keep(connection, complete=False)
        assert PrincipalActivity.objects.count() == 1


class TestDepartedAccounts:
    def test_lose_what_was_in_them(self, connection):
        both = (account("111111111111"), account(ACCOUNT_ID))
        store(connection, Reading(ACCOUNTS, both, True), at=FIRST_RUN_AT, account_id="")
        store_roles(connection, role("a"), at=FIRST_RUN_AT)
        RoleFactory.create(connection=connection, account_id="111111111111", name="stays")
        PrincipalActivityFactory.create(connection=connection, account_id=ACCOUNT_ID)
        run = InventoryRunFactory.create(connection=connection)
        CoverageFactory.create(run=run, account_id=ACCOUNT_ID)
        store(connection, Reading(ACCOUNTS, both[:1], True), at=SECOND_RUN_AT, account_id="")
        written = close_departed_accounts(connection=connection, moment=SECOND_RUN_AT)
        assert written == Written(0, 1)
        assert names() == {"stays"}
        assert names(FIRST_RUN_AT) == {"stays", "a"}
        assert not PrincipalActivity.objects.exists()
        assert not Coverage.objects.filter(is_latest=True).exists()

    def test_are_not_those_that_only_changed(self, connection):
        first = Reading(ACCOUNTS, (account(ACCOUNT_ID),), True)
        store(connection, first, at=FIRST_RUN_AT, account_id="")
        store_roles(connection, role("a"), at=FIRST_RUN_AT)
        second = Reading(ACCOUNTS, (account(ACCOUNT_ID, name="other"),), True)
        store(connection, second, at=SECOND_RUN_AT, account_id="")
        assert close_departed_accounts(connection=connection, moment=SECOND_RUN_AT) == Written()
        assert names() == {"a"}


class TestCoverage:
    def keep(self, connection, at, state=Coverage.State.COMPLETE, run=None):
        run = run or InventoryRunFactory.create(connection=connection, started_at=at)
        row = CoverageFactory.build(
            run=run, connection=connection, account_id=ACCOUNT_ID, state=state, collected_at=at
        )
        keep_coverage([row])
        return run

    def latest(self):
        return Coverage.objects.get(is_latest=True)

    def test_marks_the_newest(self, connection):
        self.keep(connection, FIRST_RUN_AT)
        newest = self.keep(connection, SECOND_RUN_AT)
        assert self.latest().run == newest
        assert Coverage.objects.count() == 2

    def test_remembers_when_it_was_last_complete(self, connection):
        self.keep(connection, FIRST_RUN_AT)
        self.keep(connection, SECOND_RUN_AT, Coverage.State.DENIED)
        self.keep(connection, THIRD_RUN_AT, Coverage.State.THROTTLED)
        assert self.latest().last_complete_at == FIRST_RUN_AT

    def test_is_replaced_by_the_same_run(self, connection):
        run = self.keep(connection, FIRST_RUN_AT, Coverage.State.FAILED)
        self.keep(connection, FIRST_RUN_AT + timedelta(minutes=5), run=run)
        assert Coverage.objects.get().state == Coverage.State.COMPLETE

    def test_was_never_complete_when_it_never_was(self, connection):
        self.keep(connection, FIRST_RUN_AT, Coverage.State.DENIED)
        assert self.latest().last_complete_at is None


# A snapshot: role name → number of its version; and whether the reading was complete.
SNAPSHOTS = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from("abcde"), st.integers(0, 2), max_size=5), st.booleans()
    ),
    min_size=1,
    max_size=7,
)


@pytest.mark.django_db
class TestAnySequenceOfRuns:
    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(snapshots=SNAPSHOTS)
    def test_gives_each_past_state_back(self, snapshots):
        connection = ConnectionFactory.create()
        expected: dict[str, int] = {}
        history = []
        opened = closed = 0
        for number, (snapshot, complete) in enumerate(snapshots):
            at = FIRST_RUN_AT + timedelta(hours=number)
            records = [role(name, path=f"/{version}/") for name, version in snapshot.items()]
            written = store_roles(connection, *records, at=at, complete=complete)
            expected = snapshot if complete else expected | snapshot
            history.append((at, dict(expected)))
            opened += written.opened
            closed += written.closed
            again = store_roles(
                connection, *records, at=at + timedelta(minutes=1), complete=complete
            )
            assert again == Written(0, 0)
        rows = Principal.objects.filter(connection=connection)
        for at, state in history:
            found = rows.as_of(at).values_list("name", "path")
            assert {name: int(path.strip("/")) for name, path in found} == state
            assert len(found) == len(state)
        assert rows.count() == opened
        assert rows.filter(seen_until__isnull=False).count() == closed


class TestCountsAndNames:
    def counts(self):
        return AccountCoverage.objects.values_list("users", "groups", "roles").get()

    def test_of_principals_follow_what_is_stored(self, connection):
        AccountCoverage.objects.create(connection=connection, account_id=ACCOUNT_ID)
        store_roles(connection, role("a"), role("b"), at=FIRST_RUN_AT)
        assert self.counts() == (0, 0, 2)
        store_roles(connection, role("b", path="/x/"), at=SECOND_RUN_AT)
        assert self.counts() == (0, 0, 1)

    def test_are_what_counting_all_gives(self, connection):
        for account_id in ("222222222222", "333333333333"):
            AccountCoverage.objects.create(connection=connection, account_id=account_id)
            store_roles(connection, role("a"), at=FIRST_RUN_AT, account_id=account_id)
        sees = Viewer(sees_inventory=True)
        assert principal_counts(sees, connection=connection) == {"role": 2}
        assert principal_counts(sees, connection=connection, as_of=FIRST_RUN_AT) == {"role": 2}
        blind = Viewer(sees_inventory=False)
        assert principal_counts(blind, connection=connection) == {}

    def test_names_are_kept_once_for_all_accounts_and_after_the_last_has_gone(self, connection):
        for account_id in ("222222222222", "333333333333"):
            store_roles(connection, role("a"), at=FIRST_RUN_AT, account_id=account_id)
        store_roles(connection, role("b"), at=SECOND_RUN_AT)
        assert sorted(PrincipalName.objects.values_list("name", flat=True)) == ["a", "b"]
