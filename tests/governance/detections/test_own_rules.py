"""Organizations write detection rules of their own: tried on the logs, then in force."""

from datetime import timedelta

import pytest

from governance.access.owners.acting import MayNot
from governance.audit.models import AuditEntry
from governance.detections.detecting import detect
from governance.detections.models import Detection, DetectionRuleVersion
from governance.detections.rules.reading import DetectionRuleInvalid
from governance.detections.trying import try_detection_rule
from governance.detections.written_rules import (
    DETECTION_RULES,
    enabled_rules,
    read_rule_for,
    rule_in_force,
)
from governance.edits.written_rules import CannotWriteRule, RuleMoved
from inventory.cloudtrail.events import CloudTrailEvent
from inventory.logs.kept_events import is_kept, kept_also
from inventory.viewing import Place, Viewer
from tests.governance.detections.conftest import ADMIN, AT, MANAGEMENT, PAYMENTS

pytestmark = pytest.mark.django_db

SNAPSHOT = b"""\
id: snapshot-copied
title: Snapshot copied
why: Copies of snapshots leave the account that guards them.
topic: sharing
severity: high
events:
  - source: ec2.amazonaws.com
    names: [CopySnapshot]
unless: [{principal_matches: [platform_roles]}]
subject: {kind: principal}
remedy: Ask the caller.
"""
EVERYTHING = Viewer(sees_inventory=True)
SHIPPED = "account-moved"


@pytest.fixture
def write(connection, ada):
    def written(content=SNAPSHOT, *, by=ada.by, **values):
        rule = read_rule_for(connection, content, now=AT)
        given = {"reason": "Agreed.", "now": AT, **values}
        return DETECTION_RULES.write(by=by, connection=connection, document=rule, **given)

    return written


class TestTrying:
    def test_shows_what_it_would_have_found_and_stores_nothing(self, connection, logged):
        logged("CopySnapshot", source="ec2", account=PAYMENTS)
        logged("CopySnapshot", source="ec2", account=PAYMENTS, at=AT + timedelta(minutes=1))
        logged("CopySnapshot", source="rds", account=PAYMENTS)
        logged("CopySnapshot", source="ec2", account=PAYMENTS, at=AT - timedelta(days=40))
        rule = read_rule_for(connection, SNAPSHOT, now=AT)
        tried = try_detection_rule(
            EVERYTHING, connection=connection, rule=rule, now=AT + timedelta(hours=1)
        )

        (found,) = tried.found
        assert (found.subject, found.count, found.account_id) == (ADMIN, 2, PAYMENTS)
        assert tried.examined == 2
        assert tried.not_stored == (("ec2.amazonaws.com:CopySnapshot", None),)
        assert not Detection.objects.exists()

    def test_shows_only_accounts_that_the_viewer_may_see(self, connection, logged):
        logged("CopySnapshot", source="ec2", account=PAYMENTS)
        rule = read_rule_for(connection, SNAPSHOT, now=AT)
        part = Viewer(True, (frozenset({Place(connection.pk, MANAGEMENT)}),))
        tried = try_detection_rule(
            part, connection=connection, rule=rule, now=AT + timedelta(hours=1)
        )
        assert (tried.found, tried.examined) == ((), 0)

    def test_counts_subjects_with_fewer_calls_than_it_asks_for(self, connection, logged):
        logged("CopySnapshot", source="ec2")
        rule = read_rule_for(connection, SNAPSHOT + b"at_least: 2\n", now=AT)
        tried = try_detection_rule(
            EVERYTHING, connection=connection, rule=rule, now=AT + timedelta(hours=1)
        )
        assert (tried.found, tried.below) == ((), 1)

    def test_judges_counted_use_and_denials_too(self, connection, used, denied):
        used("ec2:CopySnapshot", ADMIN, count=3)
        denied(5)
        usage = SNAPSHOT.replace(
            b"events:\n  - source: ec2.amazonaws.com\n    names: [CopySnapshot]\n",
            b"usage: {actions: [ec2:CopySnapshot]}\n",
        )
        denials = usage.replace(
            b"usage: {actions: [ec2:CopySnapshot]}", b"denials: {where: {action: s3:GetObject}}"
        )
        for content, calls in ((usage, 3), (denials, 5)):
            rule = read_rule_for(connection, content, now=AT)
            tried = try_detection_rule(
                EVERYTHING, connection=connection, rule=rule, now=AT + timedelta(hours=1)
            )
            assert [one.count for one in tried.found] == [calls]


class TestWriting:
    def test_puts_it_in_force_and_has_its_events_stored(self, connection, write, logged):
        made = write()
        assert (made.version, made.is_shipped, made.made_by) == (1, False, "ada")
        event = CloudTrailEvent(
            event_source="ec2.amazonaws.com", event_name="CopySnapshot", event_id="e"
        )
        assert not is_kept(event)
        assert is_kept(event, kept_also(connection.pk))
        entry = AuditEntry.objects.get(action="detection_rule.write")
        assert entry.after is not None
        assert entry.after["reason"] == "Agreed."

        detect(connection, event_ids=[logged("CopySnapshot", source="ec2")], now=AT)
        assert Detection.objects.get().rule_id == "snapshot-copied"

    def test_a_disabled_one_finds_nothing_and_its_events_are_stored_no_more(
        self, connection, write, ada, logged
    ):
        write()
        common = {"by": ada.by, "connection": connection, "rule_id": "snapshot-copied", "now": AT}
        DETECTION_RULES.switch(enabled=False, reason="Noise.", **common)
        detect(connection, event_ids=[logged("CopySnapshot", source="ec2")], now=AT)

        assert not Detection.objects.exists()
        assert kept_also(connection.pk) == {}
        assert "snapshot-copied" not in enabled_rules(connection)

    def test_a_changed_shipped_one_stands_in_its_place_until_it_is_reset(
        self, connection, ada, logged
    ):
        shipped = rule_in_force(connection, SHIPPED)
        assert shipped is not None
        changed = {**shipped.document.as_json(), "title": "Moved"}
        rule = read_rule_for(connection, str(changed).replace("'", '"').encode(), now=AT)
        common = {"by": ada.by, "connection": connection, "now": AT, "reason": "Ours."}
        assert DETECTION_RULES.write(document=rule, **common).is_changed
        assert enabled_rules(connection)[SHIPPED].title == "Moved"
        assert not DETECTION_RULES.reset(rule_id=SHIPPED, **common).is_changed
        assert [one.version for one in DETECTION_RULES.versions(connection, SHIPPED)] == [2, 1]

    def test_is_refused_from_a_version_that_is_not_in_force_any_more(self, write):
        write(version=0)
        with pytest.raises(RuleMoved):
            write(SNAPSHOT.replace(b"high", b"low"), version=0)

    def test_needs_a_reason_a_right_and_an_id_that_is_no_address(self, write, ben):
        with pytest.raises(CannotWriteRule, match="in a sentence why"):
            write(reason=" ")
        with pytest.raises(CannotWriteRule, match="choose another id"):
            write(SNAPSHOT.replace(b"snapshot-copied", b"try"))
        with pytest.raises(MayNot):
            write(by=ben.by)
        assert not DetectionRuleVersion.objects.exists()

    @pytest.mark.parametrize(
        ("old", "new", "line", "says"),
        [
            (b"names: [CopySnapshot]", b"names: [CopySnapshots]", 8, "did you mean CopySnapshot?"),
            (b"subject:", b"subjekt:", 10, "did you mean subject?"),
            (b"principal_matches", b"principal_match", 9, "did you mean principal_matches?"),
        ],
    )
    def test_refuses_what_is_not_known_by_line_with_what_was_meant(
        self, connection, old, new, line, says
    ):
        with pytest.raises(DetectionRuleInvalid) as raised:
            read_rule_for(connection, SNAPSHOT.replace(old, new), now=AT)
        assert any(one.line == line and says in one.message for one in raised.value.problems), (
            raised.value
        )

    def test_refuses_to_store_what_is_called_too_often(self, connection, used):
        used("ec2:CopySnapshot", ADMIN, count=70_000)
        with pytest.raises(DetectionRuleInvalid, match="write a usage pattern instead") as raised:
            read_rule_for(connection, SNAPSHOT, now=AT)
        assert raised.value.problems[0].line == 8

    def test_one_that_cannot_be_read_leaves_the_others_in_force_and_is_named(
        self, connection, write
    ):
        made = write()
        write(SNAPSHOT.replace(b"snapshot-copied", SHIPPED.encode()))
        rows = DetectionRuleVersion.objects.filter(rule_id__in=(made.id, SHIPPED))
        rows.update(document={"id": "snapshot-copied", "severity": "enormous"})
        assert "trail-stopped" in enabled_rules(connection)
        assert made.id not in enabled_rules(connection)
        assert enabled_rules(connection)[SHIPPED].title == "Account moved outside a change request"
        unreadable = {one.id: one for one in DETECTION_RULES.unreadable(connection)}
        assert (unreadable[made.id].version, unreadable[made.id].is_shipped) == (1, False)
        assert unreadable[SHIPPED].is_shipped
        assert "severity" in unreadable[made.id].why
        assert write(reason="Again.").version == 2
        assert [one.id for one in DETECTION_RULES.unreadable(connection)] == [SHIPPED]
