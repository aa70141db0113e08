"""Entries get places without gaps in an order that commits allow, and checkpoints sign them."""

import random
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction

from governance.audit import tasks
from governance.audit.canonical import entry_bytes
from governance.audit.checkpoints import (
    NO_PREVIOUS,
    CheckpointInvalid,
    note_digest,
    parse_note,
    verified_note,
)
from governance.audit.merkle import (
    Growth,
    ProofInvalid,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from governance.audit.models import (
    AuditCheckpoint,
    AuditEntry,
    AuditLeaf,
    AuditVerification,
    UnsealedEntry,
)
from governance.audit.proofs import NotProvable, consistency_proof, entry_proof
from governance.audit.sealing import checkpoint_make, seal, stored_growth, tree_size
from governance.audit.signing import PublicKey, PublicKeyInvalid, SigningKeyMissing
from governance.audit.verification import verify_log
from tests.factories.audit import NOW, audit_entry, signed, signing_key_file, tamper

FIVE_MINUTES = timedelta(minutes=5)


@pytest.mark.django_db
class TestSeal:
    def test_gives_every_entry_the_next_place(self):
        entries = [audit_entry(object_id=str(number)) for number in range(5)]
        assert seal() == 5
        assert seal() == 0
        more = [audit_entry(object_id=str(number)) for number in range(5, 8)]
        assert seal() == 3
        leaves = AuditLeaf.objects.order_by("position")
        assert [leaf.position for leaf in leaves] == list(range(8))
        assert [leaf.entry_id for leaf in leaves] == [one.pk for one in [*entries, *more]]
        assert not UnsealedEntry.objects.exists()

    def test_the_stored_nodes_make_the_root_of_all_entries(self):
        for _ in range(11):
            audit_entry()
            seal()
        hashes = [leaf_hash(entry_bytes(one)) for one in AuditEntry.objects.order_by("pk")]
        at_once = Growth()
        for value in hashes:
            at_once.append(value)
        assert stored_growth(11).root() == at_once.root()
        assert verify_log(now=NOW).problems == []

    def test_an_entry_written_by_sql_alone_is_sealed_too(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO audit_auditentry (recorded_at, action, outcome, actor_kind, "
                "actor_name, on_behalf_of, session, address, request_id, object_kind, object_id, "
                "object_name, target_id) VALUES (now(), 'x.y', 'done', 'system', 'sql', '', '', "
                "'', '', 'thing', '1', '', '')"
            )
        assert seal() == 1


@pytest.mark.django_db(transaction=True)
class TestManyWritersAtOnce:
    def test_leave_no_gap_and_nothing_out_and_nothing_twice(self):
        """Writers commit in any order, some roll back, while two processes seal."""
        over = threading.Event()
        random_ = random.Random(7)
        plans = [
            [(random_.random() * 0.01, random_.random() < 0.2) for _ in range(25)] for _ in range(4)
        ]
        seen: list[tuple[int, set[int]]] = []
        failures: list[BaseException] = []

        def writes(plan):
            try:
                for wait, undone in plan:
                    before = set(AuditEntry.objects.values_list("pk", flat=True))
                    with transaction.atomic():
                        made = audit_entry()
                        time.sleep(wait)
                        transaction.set_rollback(undone)
                    if not undone:
                        seen.append((made.pk, before))
            except Exception as error:  # noqa: BLE001  told by the test
                failures.append(error)
            finally:
                connection.close()

        def seals():
            try:
                while not over.is_set():
                    seal()
            except Exception as error:  # noqa: BLE001  told by the test
                failures.append(error)
            finally:
                connection.close()

        writers = [threading.Thread(target=writes, args=(plan,)) for plan in plans]
        sealers = [threading.Thread(target=seals) for _ in range(2)]
        for thread in (*writers, *sealers):
            thread.start()
        for thread in writers:
            thread.join()
        over.set()
        for thread in sealers:
            thread.join()
        seal()

        assert failures == []
        places = dict(AuditLeaf.objects.values_list("entry_id", "position"))
        assert sorted(places.values()) == list(range(len(places)))
        assert set(places) == set(AuditEntry.objects.values_list("pk", flat=True))
        assert len(places) == len(seen) > 50
        for entry_id, committed_before in seen:
            assert all(places[other] < places[entry_id] for other in committed_before)
        assert verify_log(now=NOW).problems == []


@pytest.mark.django_db
class TestCheckpoints:
    def test_each_names_the_one_before_it_and_is_signed(self, key):
        audit_entry()
        first = signed(NOW)
        audit_entry()
        second = signed(NOW + FIVE_MINUTES)
        public = PublicKey.parse(first.public_key)
        assert verified_note(first.note, [public]).previous == NO_PREVIOUS
        found = verified_note(second.note, [public])
        assert (found.number, found.tree_size, found.made_at) == (2, 2, NOW + FIVE_MINUTES)
        assert found.previous == note_digest(first.note)

    def test_none_is_made_of_nothing_and_one_an_hour_of_nothing_new(self, key):
        assert checkpoint_make(now=NOW) is None
        audit_entry()
        assert signed(NOW).number == 1
        assert checkpoint_make(now=NOW + FIVE_MINUTES) is None
        again = signed(NOW + timedelta(hours=1))
        assert (again.number, again.tree_size) == (2, 1)

    def test_a_process_without_the_key_cannot_make_one(self, settings):
        settings.AUDIT_SIGNING_KEY_FILE = ""
        audit_entry()
        with pytest.raises(SigningKeyMissing, match="ORGWARDEN_AUDIT_SIGNING_KEY_FILE"):
            checkpoint_make(now=NOW)

    @pytest.mark.parametrize(
        "content", ["", "no key", "-----BEGIN {} KEY-----\nAAAA\n".format("PRIVATE")]
    )
    def test_a_file_that_holds_no_key_is_named(self, settings, tmp_path, content):
        path = tmp_path / "key"
        path.write_text(content)
        settings.AUDIT_SIGNING_KEY_FILE = str(path)
        with pytest.raises(SigningKeyMissing, match=str(path)):
            checkpoint_make(now=NOW)

    def test_another_key_of_the_same_name_does_not_verify(self, key, settings, tmp_path):
        audit_entry()
        made = signed(NOW)
        other = tmp_path / "other"
        other.mkdir()
        settings.AUDIT_SIGNING_KEY_FILE = signing_key_file(other)
        audit_entry()
        forged = signed(NOW)
        with pytest.raises(CheckpointInvalid, match="not signed by a key that is trusted"):
            verified_note(forged.note, [PublicKey.parse(made.public_key)])

    @pytest.mark.parametrize(
        ("old", "new"),
        [("\n1\n", "\n2\n"), ("number 1", "number 2"), ("orgwarden\n", "other\n"), ("made", "mad")],
    )
    def test_a_changed_note_does_not_verify(self, key, old, new):
        audit_entry()
        made = signed(NOW)
        with pytest.raises(CheckpointInvalid):
            verified_note(made.note.replace(old, new, 1), [PublicKey.parse(made.public_key)])

    @pytest.mark.parametrize("text", ["", "a\n\nb", "x\n1\nAA==\nnumber 1\nmade x\nprevious y\n\n"])
    def test_other_texts_are_no_notes(self, text):
        with pytest.raises(CheckpointInvalid):
            parse_note(text)

    @pytest.mark.parametrize("text", ["", "a+b", "a+00000000+AAAA", "a+00000000+!"])
    def test_other_texts_are_no_public_keys(self, text):
        with pytest.raises(PublicKeyInvalid):
            PublicKey.parse(text)


@pytest.mark.django_db
class TestProofs:
    @pytest.fixture
    def two(self, key):
        """Two checkpoints, of 5 and of 12 entries."""
        for _ in range(5):
            audit_entry()
        first = signed(NOW)
        for _ in range(7):
            audit_entry()
        return first, signed(NOW)

    def test_every_entry_is_proven_by_the_latest_checkpoint(self, two):
        entries = list(AuditEntry.objects.all())
        assert len(entries) == 12
        for entry in entries:
            proof = entry_proof(entry)
            verify_inclusion(
                leaf=leaf_hash(proof.entry.encode()),
                position=proof.position,
                size=proof.tree_size,
                proof=proof.hashes,
                root=parse_note(proof.note).root_hash,
            )

    def test_the_later_tree_begins_with_the_earlier(self, two):
        earlier, later = two
        proof = consistency_proof(earlier, later)
        verify_consistency(
            old_size=5,
            old_root=bytes(earlier.root_hash),
            size=12,
            root=bytes(later.root_hash),
            proof=proof.hashes,
        )
        with pytest.raises(ProofInvalid):
            consistency_proof(later, earlier)

    def test_take_a_number_of_queries_that_does_not_grow(self, two, django_assert_num_queries):
        entry = AuditEntry.objects.get(leaf__position=6)
        with django_assert_num_queries(4):
            entry_proof(entry)

    def test_what_is_not_sealed_or_signed_yet_says_so(self, two):
        entry = audit_entry()
        with pytest.raises(NotProvable, match="not sealed yet"):
            entry_proof(entry)
        seal()
        assert tree_size() == 13
        with pytest.raises(NotProvable, match="no checkpoint covers"):
            entry_proof(entry)
        assert AuditCheckpoint.objects.count() == 2


@pytest.mark.django_db
class TestTasks:
    def test_seal_and_sign_the_first_time_at_once(self, key):
        audit_entry()
        tasks.seal_task()
        assert AuditCheckpoint.objects.get().tree_size == 1
        audit_entry()
        tasks.seal_task()
        assert tree_size() == 2
        assert AuditCheckpoint.objects.count() == 1
        tasks.checkpoint_task()
        assert AuditCheckpoint.objects.count() == 2

    def test_seal_where_there_is_no_key_and_say_so(self, settings, caplog):
        settings.AUDIT_SIGNING_KEY_FILE = ""
        audit_entry()
        tasks.seal_task()
        assert tree_size() == 1
        assert "no checkpoint" in caplog.text

    def test_store_what_came_of_verifying(self, key, caplog):
        audit_entry()
        tasks.checkpoint_task()
        tasks.verify_task()
        tamper("UPDATE audit_auditentry SET actor_name = 'eve'")
        tasks.verify_task()
        first, second = AuditVerification.objects.order_by("pk")
        assert (first.tree_size, first.checkpoints, first.problems) == (1, 1, [])
        assert [one["kind"] for one in second.problems] == ["entry changed"]
        assert "does not verify" in caplog.text
