"""Logged events, usage and denials become detections: one a rule, subject and window."""

import json
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection as database

from governance.changes.models import JournalEntry
from governance.detections.closing import (
    CannotCloseDetection,
    NoSuchDetection,
    detections_close,
)
from governance.detections.detecting import detect_unjudged
from governance.detections.facts import OrganizationFacts
from governance.detections.models import Detection, UnjudgedLogs
from governance.detections.selectors import detections, visible_evidence
from governance.detections.storing import MOST_RECORDS
from governance.inbox.models import InboxItem
from governance.inbox.refreshing import refresh_inbox
from governance.notifications.models import OutboxEvent
from inventory.models import LogSource
from inventory.signals import logs_were_read
from tests.factories.policies import content
from tests.factories.principals import RoleFactory
from tests.governance.detections.conftest import ADMIN, AT, MANAGEMENT, PAYMENTS, WEBSITE

pytestmark = pytest.mark.django_db
NEW_SCP = {
    "requestParameters": {"policyId": "p-new00001"},
    "responseElements": {
        "policy": {"policySummary": {"id": "p-new00001", "type": "SERVICE_CONTROL_POLICY"}}
    },
}
SCP_RULE = "scp-written-outside-change-request"


def only(connection, rule_id=None):
    rows = Detection.objects.filter(connection=connection)
    return rows.get() if rule_id is None else rows.get(rule_id=rule_id)


class TestEvents:
    def test_alike_events_of_a_window_are_one_detection(self, connection, logged, judge):
        first = logged("UpdatePolicy", **NEW_SCP)
        second = logged("UpdatePolicy", at=AT + timedelta(hours=2), **NEW_SCP)
        judge(first)
        judge(second)
        found = only(connection)
        assert (found.rule_id, found.subject_id, found.count) == (SCP_RULE, "p-new00001", 2)
        assert (found.first_at, found.last_at) == (AT, AT + timedelta(hours=2))
        assert [one.key for one in found.evidence.all()] == [first, second]

    def test_names_of_two_accounts_are_two_subjects(self, connection, logged, judge):
        key = {"source": "cloudtrail", "requestParameters": {"name": "main"}}
        judge(*(logged("StopLogging", account=one, **key) for one in (PAYMENTS, WEBSITE)))
        found = Detection.objects.filter(connection=connection, rule_id="trail-stopped")
        assert {(row.subject_id, row.subject_account_id) for row in found} == {
            (f"main in {PAYMENTS}", PAYMENTS),
            (f"main in {WEBSITE}", WEBSITE),
        }

    def test_an_event_of_another_day_is_another_detection(self, connection, logged, judge):
        judge(
            logged("UpdatePolicy", **NEW_SCP),
            logged("UpdatePolicy", at=AT + timedelta(days=1), **NEW_SCP),
        )
        assert Detection.objects.filter(connection=connection, rule_id=SCP_RULE).count() == 2

    def test_the_same_event_judged_again_changes_nothing(self, connection, logged, judge):
        event = logged("UpdatePolicy", **NEW_SCP)
        assert len(judge(event).raised) == 1
        again = judge(event, now=AT + timedelta(hours=1))
        assert (again.raised, again.changed) == ([], [])
        assert only(connection).updated_at == AT + timedelta(minutes=1)

    def test_fewer_events_than_the_rule_asks_for_are_shown_to_nobody(
        self, connection, logged, judge, ada
    ):
        def fail(minutes):
            return logged(
                "ConsoleLogin",
                source="signin",
                account=PAYMENTS,
                at=AT + timedelta(minutes=minutes),
                userIdentity={"type": "Root"},
                responseElements={"ConsoleLogin": "Failure"},
            )

        judge(fail(0), fail(1))
        assert not detections(ada.viewer, connection=connection).exists()
        assert len(judge(fail(2)).raised) == 1
        assert detections(ada.viewer, connection=connection).get().count == 3

    def test_only_the_first_records_are_stored_whole(self, connection, logged, judge):
        judge(*(logged("UpdatePolicy", **NEW_SCP) for _ in range(MOST_RECORDS + 2)))
        found = only(connection)
        assert found.count == MOST_RECORDS + 2
        assert found.evidence.filter(content__isnull=True).count() == 2

    def test_a_write_of_a_change_request_is_none(self, connection, logged, judge, rollout_line):
        rollout_line(JournalEntry.Phase.INTENT, "UpdatePolicy", {"PolicyId": "p-new00001"})
        rollout_line(JournalEntry.Phase.ANSWER, "UpdatePolicy", {}, request_id="aws-1")
        judge(
            logged("UpdatePolicy", requestID="aws-1", **NEW_SCP),
            logged("UpdatePolicy", requestID="aws-2", **NEW_SCP),
        )
        assert only(connection).count == 1

    def test_a_write_of_the_apply_roles_session_is_none(
        self, connection, logged, judge, rollout_line
    ):
        connection.apply_role_arn = f"arn:aws:iam::{MANAGEMENT}:role/OrgwardenApply"
        connection.save()
        line = rollout_line(JournalEntry.Phase.INTENT, "UpdatePolicy", {"PolicyId": "p-new00001"})
        number = line.rollout.change_request.number
        rollout_line(JournalEntry.Phase.ANSWER, "UpdatePolicy", {}, request_id="aws-1")
        session = f"arn:aws:sts::{MANAGEMENT}:assumed-role/OrgwardenApply/orgwarden-change-{number}"
        own = {"requestID": "", "userIdentity": {"arn": session}}
        judge(logged("UpdatePolicy", **NEW_SCP, **own))
        assert not Detection.objects.exists()
        judge(logged("UpdatePolicy", at=AT + timedelta(hours=2), **NEW_SCP, **own))
        assert only(connection).count == 1


class TestCounts:
    def test_a_new_pair_of_accounts_is_found_once_logs_are_known_for_a_week(
        self, connection, used, judge
    ):
        used("s3:GetObject", ADMIN, since=AT.date() - timedelta(days=20))
        role = f"arn:aws:iam::{WEBSITE}:role/deploy"
        used("sts:AssumeRole", f"arn:aws:iam::{PAYMENTS}:role/ci", role)
        judge(days=[AT.date()])
        assert only(connection).rule_id == "first-cross-account-role"

    def test_a_known_pair_of_accounts_is_none(self, connection, used, judge):
        role = f"arn:aws:iam::{WEBSITE}:role/deploy"
        before = AT.date() - timedelta(days=20)
        used("sts:AssumeRole", f"arn:aws:iam::{PAYMENTS}:role/other", role, since=before)
        used("sts:AssumeRole", f"arn:aws:iam::{PAYMENTS}:role/ci", role)
        judge(days=[AT.date()])
        assert not Detection.objects.exists()

    def test_a_break_glass_role_that_no_parameter_names_is_found_by_its_name(
        self, connection, used, judge
    ):
        role = f"arn:aws:iam::{PAYMENTS}:role/break-glass/BreakGlass"
        used("iam:AttachRolePolicy", role)
        used("iam:AttachRolePolicy", f"arn:aws:iam::{PAYMENTS}:role/Glazier")
        judge(days=[AT.date()])
        assert only(connection, "break-glass-role-used").subject_id == role

    def test_days_that_grow_are_counted_anew_and_not_twice(self, connection, denied, judge):
        row = denied(90)
        judge(days=[AT.date()])
        assert only(connection).raised_at is None
        row.count = 120
        row.save()
        assert len(judge(days=[AT.date()]).raised) == 1
        assert only(connection).count == 120


class TestUnjudged:
    def send(self, connection, *, event_ids=(), days=()):
        logs_were_read.send(
            sender=LogSource, organization_id=connection.pk, days=days, event_ids=event_ids
        )

    def test_events_are_judged_at_once_and_days_later(self, connection, logged, denied):
        denied(500)
        self.send(connection, event_ids=[logged("UpdatePolicy", **NEW_SCP)], days=[AT.date()])
        detect_unjudged(connection, with_days=False, now=AT)
        assert only(connection).rule_id == SCP_RULE
        detect_unjudged(connection, with_days=True, now=AT)
        assert Detection.objects.filter(rule_id="denied-burst").count() == 1
        assert not UnjudgedLogs.objects.exists()

    def test_what_fails_is_judged_again(self, connection, logged, monkeypatch):
        self.send(connection, event_ids=[logged("UpdatePolicy", **NEW_SCP)])
        with monkeypatch.context() as broken:
            broken.setattr("governance.detections.detecting.store_matches", _fail)
            with pytest.raises(RuntimeError):
                detect_unjudged(connection, with_days=False, now=AT)
        detect_unjudged(connection, with_days=False, now=AT)
        assert only(connection).count == 1


def _fail(*_, **__):
    raise RuntimeError("the worker died")


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_find_what_one_would(connection, logged):
    ids = [logged("UpdatePolicy", **NEW_SCP) for _ in range(6)]
    for event_id in ids:
        UnjudgedLogs.objects.create(connection=connection, event_ids=[event_id], read_at=AT)

    def work():
        try:
            detect_unjudged(connection, with_days=False, now=AT)
        finally:
            database.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert only(connection).count == 6
    assert not UnjudgedLogs.objects.exists()


class TestInbox:
    def test_windows_of_one_subject_are_one_finding_that_is_told_once(
        self, connection, logged, judge
    ):
        for days in (0, 1):
            judge(logged("UpdatePolicy", at=AT + timedelta(days=days), **NEW_SCP))
            refresh_inbox(connection, now=AT + timedelta(days=days), sources=("detection",))
        item = InboxItem.objects.get(source="detection")
        assert (item.severity, item.detail["count"]) == ("high", 2)
        assert OutboxEvent.objects.filter(kind="detections.urgent").count() == 1

    def test_without_logs_nothing_is_judged_and_nothing_resolved(self, connection, logged, judge):
        judge(logged("UpdatePolicy", **NEW_SCP))
        refresh_inbox(connection, now=AT, sources=("detection",))
        LogSource.objects.update(is_enabled=False)
        done = refresh_inbox(connection, now=AT, sources=("detection",))
        item = InboxItem.objects.get(source="detection")
        assert done.unread == {"detection": "No CloudTrail logs are read."}
        assert (item.state, item.verified) == ("open", False)

    def test_a_muted_finding_stays_muted_when_it_is_found_again(self, connection, logged, judge):
        judge(logged("UpdatePolicy", **NEW_SCP))
        refresh_inbox(connection, now=AT, sources=("detection",))
        later = AT + timedelta(days=1)
        InboxItem.objects.update(state="excepted", excepted_until=later.date())
        judge(logged("UpdatePolicy", at=later, **NEW_SCP), now=later)
        refresh_inbox(connection, now=later, sources=("detection",))
        item = InboxItem.objects.get(source="detection")
        assert (item.state, item.detail["count"]) == ("excepted", 2)

    def test_closing_resolves_it_and_a_later_event_opens_it_again(
        self, connection, logged, judge, ada
    ):
        judge(logged("UpdatePolicy", **NEW_SCP))
        refresh_inbox(connection, now=AT, sources=("detection",))
        found = only(connection)
        detections_close(
            **ada.asks,
            connection=connection,
            detection_ids=[found.pk],
            closed_as="expected",
            reason="A drill.",
            now=AT + timedelta(minutes=5),
        )
        refresh_inbox(connection, now=AT + timedelta(minutes=5), sources=("detection",))
        assert InboxItem.objects.get(source="detection").state == "resolved"
        late = AT + timedelta(hours=1)
        judge(logged("UpdatePolicy", at=late, **NEW_SCP), now=late)
        refresh_inbox(connection, now=late, sources=("detection",))
        item = InboxItem.objects.get(source="detection")
        assert (item.state, item.reopened) == ("open", 1)
        assert only(connection).closed_as == ""


class TestPeople:
    def test_who_sees_one_account_sees_what_concerns_it_and_not_the_rest(
        self, connection, logged, judge, ben
    ):
        moved = {
            "accountId": PAYMENTS,
            "sourceParentId": "ou-ab12-00000001",
            "destinationParentId": "ou-ab12-00000002",
        }
        judge(logged("MoveAccount", requestParameters=moved), logged("UpdatePolicy", **NEW_SCP))
        seen = detections(ben.viewer, connection=connection).get()
        assert seen.rule_id == "account-moved"
        evidence = visible_evidence(ben.viewer, seen)
        assert (evidence.rows, evidence.hidden) == ((), 1)

    def test_nobody_closes_what_they_do_not_see(self, connection, logged, judge, ben, ada):
        judge(logged("UpdatePolicy", **NEW_SCP))
        asked = {"connection": connection, "detection_ids": [only(connection).pk], "now": AT}
        with pytest.raises(NoSuchDetection):
            detections_close(**ben.asks, closed_as="handled", reason="Seen.", **asked)
        with pytest.raises(CannotCloseDetection, match="say how you know"):
            detections_close(**ada.asks, closed_as="handled", reason=" ", **asked)
        with pytest.raises(CannotCloseDetection, match="say what it was"):
            detections_close(**ada.asks, closed_as="solved", reason="Seen.", **asked)


class TestOrgwardenItself:
    WORKER = f"arn:aws:iam::{PAYMENTS}:user/orgwarden"

    def audit_role(self, connection, account_id, trusted):
        text = json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"AWS": trusted}}]})
        RoleFactory.create(
            connection=connection, account_id=account_id, name=connection.audit_role_name,
            trust_policy=content(text),
        )  # fmt: skip

    def facts(self, connection):
        return OrganizationFacts(connection, since=AT, until=AT)

    def test_is_whom_most_audit_roles_trust(self, connection):
        for account_id in (MANAGEMENT, PAYMENTS):
            self.audit_role(connection, account_id, self.WORKER)
        self.audit_role(connection, WEBSITE, [f"arn:aws:iam::{WEBSITE}:role/Mallory", "*"])
        facts = self.facts(connection)
        assert facts.own_callers == {self.WORKER}
        assert facts.own_roles(self.WORKER)
        assert not facts.own_roles(f"arn:aws:iam::{WEBSITE}:role/Mallory")

    def test_is_nobody_where_audit_roles_trust_whole_accounts(self, connection):
        self.audit_role(connection, MANAGEMENT, f"arn:aws:iam::{PAYMENTS}:root")
        assert self.facts(connection).own_callers == frozenset()

    def test_is_no_detection_when_it_assumes_its_audit_roles(self, connection, used, judge):
        for account_id in (MANAGEMENT, PAYMENTS, WEBSITE):
            self.audit_role(connection, account_id, self.WORKER)
        role = f"arn:aws:iam::{WEBSITE}:role/{connection.audit_role_name}"
        used("sts:AssumeRole", self.WORKER, role)
        used("sts:AssumeRole", PAYMENTS, role, account=WEBSITE)
        used("sts:AssumeRole", f"arn:aws:iam::{PAYMENTS}:user/mallory", role)
        judge(days=[AT.date()])
        rows = Detection.objects.filter(connection=connection, rule_id="audit-role-assumed")
        assert [row.subject_id for row in rows] == [f"arn:aws:iam::{PAYMENTS}:user/mallory"]
