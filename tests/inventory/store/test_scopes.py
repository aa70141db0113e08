"""What readings of a scope change beside versions: tags, use, accounts that left, counts, names."""

from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from inventory.collectors.collector import Slice
from inventory.models import (
    Account,
    AccountCoverage,
    Coverage,
    CredentialReport,
    PrincipalActivity,
    PrincipalName,
)
from inventory.records import CredentialReportRecord, PrincipalActivityRecord, TagsRecord
from inventory.selectors.principals import principal_counts
from inventory.store.reconcile import Written
from inventory.store.scopes import CollectorReading, close_departed_accounts
from inventory.viewing import Viewer
from tests.factories.principals import PrincipalActivityFactory, RoleFactory
from tests.factories.runs import CoverageFactory, InventoryRunFactory
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.inventory.store.readings import (
    ACCOUNT_ID,
    ACCOUNTS,
    ARN,
    TAGS,
    account,
    collector,
    names,
    role,
    store,
    store_roles,
)


class TestTags:
    def tags_of(self, account_id):
        return Account.objects.as_of(None).get(account_id=account_id).tags

    def store(self, connection, tags, *, at, complete=True):
        readings = [CollectorReading(ACCOUNTS, (account("111111111111"),), True)]
        if tags is not None:
            readings.append(CollectorReading(TAGS, tags, complete))
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


class TestCredentialReport:
    def kept(self, connection, made_at, at):
        reports = collector(Slice(CredentialReportRecord))
        store(
            connection, CollectorReading(reports, (CredentialReportRecord(made_at),), True), at=at
        )
        return [each.generated_at for each in CredentialReport.objects.all()]

    def test_keeps_when_the_newest_was_made(self, connection):
        assert self.kept(connection, FIRST_RUN_AT, FIRST_RUN_AT) == [FIRST_RUN_AT]
        assert self.kept(connection, SECOND_RUN_AT, SECOND_RUN_AT) == [SECOND_RUN_AT]

    def test_writes_nothing_when_it_is_the_same(self, connection):
        self.kept(connection, FIRST_RUN_AT, FIRST_RUN_AT)
        with CaptureQueriesContext(database) as queries:
            self.kept(connection, FIRST_RUN_AT, SECOND_RUN_AT)
        assert not [q for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


class TestDepartedAccounts:
    def test_lose_what_was_in_them(self, connection):
        both = (account("111111111111"), account(ACCOUNT_ID))
        store(connection, CollectorReading(ACCOUNTS, both, True), at=FIRST_RUN_AT, account_id="")
        store_roles(connection, role("a"), at=FIRST_RUN_AT)
        RoleFactory.create(connection=connection, account_id="111111111111", name="stays")
        PrincipalActivityFactory.create(connection=connection, account_id=ACCOUNT_ID)
        run = InventoryRunFactory.create(connection=connection)
        CoverageFactory.create(run=run, account_id=ACCOUNT_ID)
        store(
            connection, CollectorReading(ACCOUNTS, both[:1], True), at=SECOND_RUN_AT, account_id=""
        )
        written = close_departed_accounts(connection=connection, moment=SECOND_RUN_AT)
        assert written == Written(0, 1)
        assert names() == {"stays"}
        assert names(FIRST_RUN_AT) == {"stays", "a"}
        assert not PrincipalActivity.objects.exists()
        assert not Coverage.objects.filter(held_until__isnull=True).exists()

    def test_are_not_those_that_only_changed(self, connection):
        first = CollectorReading(ACCOUNTS, (account(ACCOUNT_ID),), True)
        store(connection, first, at=FIRST_RUN_AT, account_id="")
        store_roles(connection, role("a"), at=FIRST_RUN_AT)
        second = CollectorReading(ACCOUNTS, (account(ACCOUNT_ID, name="other"),), True)
        store(connection, second, at=SECOND_RUN_AT, account_id="")
        assert close_departed_accounts(connection=connection, moment=SECOND_RUN_AT) == Written()
        assert names() == {"a"}


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
