"""Rows as versions: what was read at each run can be read back, and the same writes nothing."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.collectors.collector import Slice
from inventory.models import Policy, PolicyAttachment, PolicyContent, Principal
from inventory.records import (
    AccountSettingRecord,
    IamPolicyRecord,
    IdentityProviderRecord,
    PolicyAttachmentRecord,
    PrincipalActivityRecord,
    UserCredentialRecord,
)
from inventory.store.reconcile import RunOutOfOrder, Written
from inventory.store.scopes import CollectorReading
from tests.factories.connections import ConnectionFactory
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.inventory.store.readings import (
    ACCOUNT_ID,
    ARN,
    collector,
    names,
    policies,
    policy,
    role,
    store,
    store_roles,
)

WRITING = ("INSERT", "UPDATE", "DELETE")


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
        written = store(connection, CollectorReading(every, records, True), at=FIRST_RUN_AT)
        assert written == Written(4, 0)
        again = store(connection, CollectorReading(every, records, True), at=SECOND_RUN_AT)
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
                connection,
                CollectorReading(policies(kind), records, True),
                at=FIRST_RUN_AT,
                account_id="",
            )
        store(
            connection, CollectorReading(policies(scp), (), True), at=SECOND_RUN_AT, account_id=""
        )
        assert [each.policy_id for each in Policy.objects.as_of(None)] == ["p-bbbbbbbb"]
        assert [each.policy_id for each in PolicyAttachment.objects.as_of(None)] == ["p-bbbbbbbb"]

    def test_a_setting_closes_no_other_setting(self, connection):
        for name in ("password_policy", "account_summary"):
            one = collector(Slice(AccountSettingRecord, {"name": name}))
            reading = CollectorReading(one, (AccountSettingRecord(name, {"Users": 1}),), True)
            assert store(connection, reading, at=FIRST_RUN_AT) == Written(1, 0)


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
