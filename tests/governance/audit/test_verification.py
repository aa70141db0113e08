"""Whoever bends the log past its triggers is found out."""

from datetime import timedelta

import pytest

from governance.audit.canonical import entry_bytes
from governance.audit.merkle import leaf_hash
from governance.audit.models import AuditCheckpoint, AuditEntry
from governance.audit.sealing import checkpoint_make, seal
from governance.audit.signing import PublicKey
from governance.audit.verification import verify_log
from tests.factories.audit import NOW, audit_entry, first_checkpoint, signing_key_file, tamper

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(key):
    """Three checkpoints over 9 entries."""
    for count in (4, 3, 2):
        for number in range(count):
            audit_entry(object_id=str(number))
        checkpoint_make(now=NOW + timedelta(minutes=count))


def kinds(**given):
    """Verify, and return the kinds of problems."""
    return {problem.kind for problem in verify_log(now=NOW, **given).problems}


def entry_at(position):
    return AuditEntry.objects.get(leaf__position=position)


class TestAWholeLog:
    def test_verifies(self, key):
        for count in (4, 3, 2):
            for _ in range(count):
                audit_entry()
            checkpoint_make(now=NOW)
        keys = [PublicKey.parse(first_checkpoint().public_key)]
        report = verify_log(
            now=NOW, keys=keys, copies=AuditCheckpoint.objects.values_list("note", flat=True)
        )
        assert report.problems == []
        assert (report.tree_size, report.checkpoints, report.covered) == (9, 3, 9)
        assert report.copies == 3
        assert report.keys_from_outside

    def test_an_empty_one_verifies(self):
        assert verify_log(now=NOW).problems == []


@pytest.mark.usefixtures("log")
class TestTampering:
    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("actor_name", "eve"),
            ("after", '{"scopes": []}'),
            ("recorded_at", "2026-11-28T12:00:01Z"),
            ("outcome", "refused"),
            ("token_id", "9"),
        ],
    )
    def test_a_changed_entry_is_found(self, column, value):
        entry = entry_at(5)
        tamper(
            f"UPDATE audit_auditentry SET {column} = %s WHERE id = %s",  # noqa: S608
            value,
            entry.pk,
        )
        report = verify_log(now=NOW)
        assert [problem.kind for problem in report.problems] == ["entry changed"]
        assert f"entry {entry.pk} at position 5" in report.problems[0].message

    def test_a_changed_entry_with_a_fitting_leaf_is_found_by_the_checkpoints(self):
        entry = entry_at(5)
        tamper("UPDATE audit_auditentry SET actor_name = 'eve' WHERE id = %s", entry.pk)
        entry.refresh_from_db()
        tamper(
            "UPDATE audit_auditleaf SET leaf_hash = %s WHERE position = 5",
            leaf_hash(entry_bytes(entry)),
        )
        assert kinds() == {"root", "node"}

    def test_a_removed_entry_is_found(self):
        tamper("DELETE FROM audit_auditentry WHERE id = %s", entry_at(2).pk)
        assert kinds() == {"entry removed"}

    def test_an_entry_removed_with_its_leaf_is_found(self):
        entry = entry_at(2)
        tamper("DELETE FROM audit_auditleaf WHERE position = 2")
        tamper("DELETE FROM audit_auditentry WHERE id = %s", entry.pk)
        assert kinds() >= {"gap", "root"}

    def test_two_entries_that_changed_places_are_found(self):
        first, second = entry_at(1), entry_at(2)
        tamper("UPDATE audit_auditleaf SET entry_id = -1 WHERE position = 1")
        tamper("UPDATE audit_auditleaf SET entry_id = %s WHERE position = 2", first.pk)
        tamper("UPDATE audit_auditleaf SET entry_id = %s WHERE position = 1", second.pk)
        assert kinds() == {"entry changed"}

    def test_an_end_that_was_cut_off_is_found_by_the_checkpoints(self):
        ids = list(AuditEntry.objects.filter(leaf__position__gte=7).values_list("pk", flat=True))
        tamper("DELETE FROM audit_auditleaf WHERE position >= 7")
        tamper("DELETE FROM audit_auditentry WHERE id = ANY(%s)", ids)
        assert kinds() == {"end cut off"}

    def test_an_end_cut_off_with_its_checkpoints_is_found_by_a_copy_outside(self):
        copies = list(AuditCheckpoint.objects.values_list("note", flat=True))
        ids = list(AuditEntry.objects.filter(leaf__position__gte=7).values_list("pk", flat=True))
        tamper("DELETE FROM audit_auditcheckpoint WHERE number = 3")
        tamper("DELETE FROM audit_auditleaf WHERE position >= 7")
        tamper("DELETE FROM audit_auditentry WHERE id = ANY(%s)", ids)
        assert kinds() == set()
        assert kinds(copies=copies) == {"end cut off"}

    def test_a_missing_checkpoint_is_found(self):
        tamper("DELETE FROM audit_auditcheckpoint WHERE number = 2")
        assert kinds() == {"checkpoint missing", "chain"}

    def test_reordered_checkpoints_are_found(self):
        tamper("UPDATE audit_auditcheckpoint SET number = -1 WHERE number = 1")
        tamper("UPDATE audit_auditcheckpoint SET number = 1 WHERE number = 2")
        tamper("UPDATE audit_auditcheckpoint SET number = 2 WHERE number = -1")
        assert kinds() >= {"checkpoint changed", "chain", "order"}

    def test_a_checkpoint_with_other_columns_than_are_signed_is_found(self):
        tamper("UPDATE audit_auditcheckpoint SET tree_size = 6 WHERE number = 2")
        assert kinds() == {"checkpoint changed"}

    def test_a_checkpoint_with_another_note_is_found(self):
        tamper("UPDATE audit_auditcheckpoint SET note = replace(note, 'made', 'mode')")
        assert kinds() >= {"signature"}

    def test_a_log_signed_anew_by_another_key_is_found_by_the_key_outside(self, settings, tmp_path):
        known = PublicKey.parse(first_checkpoint().public_key)
        tamper("DELETE FROM audit_auditcheckpoint")
        folder = tmp_path / "forger"
        folder.mkdir()
        settings.AUDIT_SIGNING_KEY_FILE = signing_key_file(folder)
        checkpoint_make(now=NOW)
        assert kinds() == set()
        assert kinds(keys=[known]) == {"signature"}

    def test_a_changed_node_is_found(self):
        tamper(
            "UPDATE audit_auditnode SET node_hash = decode(repeat('00', 32), 'hex') "
            'WHERE level = 1 AND "index" = 1'
        )
        assert kinds() == {"node"}

    def test_an_entry_that_was_kept_from_sealing_is_found(self):
        entry = audit_entry()
        tamper("DELETE FROM audit_unsealedentry WHERE entry_id = %s", entry.pk)
        assert seal() == 0
        assert kinds() == {"not queued"}

    def test_entries_that_nobody_seals_are_told(self):
        audit_entry(now=NOW - timedelta(hours=1))
        report = verify_log(now=NOW)
        assert [problem.kind for problem in report.problems] == ["sealing late"]
        assert report.unsealed == 1

    def test_at_most_a_hundred_problems_are_listed_and_the_rest_counted(self):
        for _ in range(150):
            audit_entry()
        seal()
        tamper("UPDATE audit_auditentry SET actor_name = 'eve'")
        report = verify_log(now=NOW)
        assert (len(report.problems), report.more) == (100, 59)
