"""`docs/verify_audit.py` verifies what is whole and refuses everything that was bent."""

import importlib.util
import json
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.audit.checkpoints import note_digest
from governance.audit.exports import NothingToExport, export_lines
from governance.audit.models import AuditCheckpoint, AuditEntry
from governance.audit.proofs import consistency_proof, entry_proof, growth_document, proof_document
from tests.factories.audit import (
    NOW,
    audit_entry,
    first_checkpoint,
    signed,
    signing_key_file,
    tamper,
)

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "verify_audit.py"
_spec = importlib.util.spec_from_file_location("verify_audit", SCRIPT)
assert _spec is not None
assert _spec.loader is not None
script = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(script)


class TestSignatures:
    @given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=200))
    @settings(max_examples=25, deadline=None)
    def test_are_judged_as_the_library_judges_them(self, seed, message):
        private = Ed25519PrivateKey.from_private_bytes(seed)
        public = private.public_key().public_bytes_raw()
        signature = private.sign(message)
        assert script.ed25519_verifies(public, signature, message)
        assert not script.ed25519_verifies(public, signature, message + b"x")
        for position in (0, 31, 32, 63):
            bent = bytearray(signature)
            bent[position] ^= 1
            assert not script.ed25519_verifies(public, bytes(bent), message)

    def test_with_a_scalar_beyond_the_order_are_refused(self):
        private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
        signature = private.sign(b"m")
        scalar = int.from_bytes(signature[32:], "little") + script.L
        malleable = signature[:32] + scalar.to_bytes(32, "little")
        public = private.public_key().public_bytes_raw()
        assert not script.ed25519_verifies(public, malleable, b"m")

    @given(
        public=st.binary(min_size=32, max_size=32), signature=st.binary(min_size=64, max_size=64)
    )
    @settings(max_examples=25, deadline=None)
    def test_of_noise_are_refused(self, public, signature):
        assert not script.ed25519_verifies(public, signature, b"")


@pytest.fixture
def settings_key(settings, tmp_path):
    settings.AUDIT_SIGNING_KEY_FILE = signing_key_file(tmp_path)


@pytest.fixture
def log(db, settings_key):
    """Three checkpoints over 9 entries."""
    for count in (4, 3, 2):
        for number in range(count):
            audit_entry(object_id=str(number), object_name='x "ü" <b>\n')
        signed(NOW + timedelta(minutes=9 - count))


@pytest.fixture
def public_key(log):
    return first_checkpoint().public_key


def verify(lines, public_key, copies=(), **given):
    """Verify the lines of an export as the script does."""
    return script.verify_export(lines, [script.PublicKey(public_key)], copies, **given)


def refusal(lines, public_key, copies=()):
    """Return why the script refuses the lines."""
    with pytest.raises((script.NotVerified, script.Unusable)) as refused:
        verify(lines, public_key, copies)
    return str(refused.value)


class TestExports:
    def test_of_a_whole_log_verify(self, public_key):
        copies = list(AuditCheckpoint.objects.values_list("note", flat=True))
        entries, chain = verify(export_lines(), public_key, copies, every_signature=True)
        assert entries == 9
        assert [one.number for one in chain] == [1, 2, 3]

    def test_that_go_on_from_a_checkpoint_verify(self, public_key):
        entries, chain = verify(export_lines(after_checkpoint=1), public_key)
        assert entries == 5
        assert [one.number for one in chain] == [1, 2, 3]

    def test_of_what_is_not_there_are_refused(self, log):
        with pytest.raises(NothingToExport, match="no checkpoint 7"):
            list(export_lines(after_checkpoint=7))

    @pytest.mark.parametrize("line", range(1, 13))
    def test_without_one_of_the_lines_are_refused(self, public_key, line):
        lines = list(export_lines())
        assert len(lines) == 13
        del lines[line]
        assert refusal(lines, public_key)

    @pytest.mark.parametrize("line", range(1, 13))
    def test_with_a_changed_line_are_refused(self, public_key, line):
        lines = list(export_lines())
        lines[line] = lines[line].replace(b"1", b"2", 1)
        assert refusal(lines, public_key)

    def test_with_a_cut_end_are_refused_by_a_copy(self, public_key):
        copies = list(AuditCheckpoint.objects.values_list("note", flat=True))
        lines = list(export_lines())[:-3]
        entries, _ = verify(lines, public_key)
        assert entries == 7
        assert "its end was cut off" in refusal(lines, public_key, copies)

    def test_with_swapped_entries_are_refused(self, public_key):
        lines = list(export_lines())
        lines[1], lines[2] = lines[2], lines[1]
        assert "are not those it signs" in refusal(lines, public_key)

    def test_with_another_frontier_are_refused(self, public_key):
        header, *lines = export_lines(after_checkpoint=2)
        changed = json.loads(header)
        changed["frontier"][0] = "00" * 32
        assert refusal([json.dumps(changed).encode(), *lines], public_key)

    def test_signed_anew_by_another_key_are_refused(self, public_key, settings, tmp_path):
        tamper("DELETE FROM audit_auditcheckpoint")
        folder = tmp_path / "forger"
        folder.mkdir()
        settings.AUDIT_SIGNING_KEY_FILE = signing_key_file(folder)
        signed()
        assert "not signed by a key that you trust" in refusal(export_lines(), public_key)


class TestProofs:
    def test_of_every_entry_verify(self, public_key):
        keys = [script.PublicKey(public_key)]
        for entry in AuditEntry.objects.all():
            found, checkpoint = script.verify_entry(proof_document(entry_proof(entry)), keys)
            assert found["id"] == entry.pk
            assert checkpoint.number == 3

    @pytest.mark.parametrize("name", ["entry", "position", "hashes", "checkpoint"])
    def test_with_a_part_of_another_are_refused(self, public_key, name):
        first, second = (
            proof_document(entry_proof(AuditEntry.objects.get(leaf__position=position)))
            for position in (1, 6)
        )
        second["checkpoint"] = first_checkpoint().note
        with pytest.raises(script.NotVerified):
            script.verify_entry({**first, name: second[name]}, [script.PublicKey(public_key)])

    def test_that_the_log_only_grew_verify(self, public_key):
        earlier, later = first_checkpoint(), AuditCheckpoint.objects.get(number=3)
        document = growth_document(consistency_proof(earlier, later))
        keys = [script.PublicKey(public_key)]
        first, last = script.verify_consistency(document, keys)
        assert (first.number, last.number) == (1, 3)
        document["hashes"] = document["hashes"][::-1]
        with pytest.raises(script.NotVerified):
            script.verify_consistency(document, keys)


class TestCommands:
    def run(self, *arguments):
        return subprocess.run(
            [sys.executable, "-I", SCRIPT, *arguments], capture_output=True, text=True, check=False
        )

    def test_export_and_script_work_together(self, public_key, tmp_path):
        file = tmp_path / "log.jsonl"
        call_command("export_audit", str(file), stdout=StringIO())
        done = self.run("export", str(file), "--public-key", public_key)
        assert done.returncode == 0, done.stderr
        assert "Verified: 9 entries and 3 checkpoints" in done.stdout
        file.write_bytes(file.read_bytes().replace(b'"ada"', b'"eve"', 1))
        done = self.run("export", str(file), "--public-key", public_key)
        assert done.returncode == 1
        assert "NOT VERIFIED: the entries up to checkpoint 1" in done.stderr

    @pytest.mark.parametrize("content", ["", "[]", "{}", "\x00", '{"format": "x"}'])
    def test_other_files_are_told_apart_from_bent_ones(self, public_key, tmp_path, content):
        file = tmp_path / "other"
        file.write_text(content)
        for what in ("export", "entry", "growth"):
            assert self.run(what, str(file), "--public-key", public_key).returncode == 2

    def test_verify_audit_says_what_is_wrong_and_fails(self, log, tmp_path, public_key):
        out = StringIO()
        call_command("verify_audit", public_key=[public_key], stdout=out)
        assert "9 entries, 9 of them covered by 3 checkpoints" in out.getvalue()
        copy = tmp_path / "copies"
        copy.mkdir()
        (copy / "3.txt").write_text(AuditCheckpoint.objects.get(number=3).note)
        tamper("UPDATE audit_auditentry SET actor_name = 'eve'")
        errors = StringIO()
        with pytest.raises(CommandError, match="9 problems"):
            call_command("verify_audit", checkpoints=str(copy), stdout=StringIO(), stderr=errors)
        assert "entry changed" in errors.getvalue()

    def test_audit_key_makes_a_key_once_and_shows_its_public_half(self, tmp_path):
        file, out = tmp_path / "key.pem", StringIO()
        call_command("audit_key", str(file), make=True, stdout=out)
        shown = script.PublicKey(out.getvalue())
        assert shown.name == "orgwarden"
        assert file.stat().st_mode & 0o077 == 0
        with pytest.raises(CommandError, match="exists"):
            call_command("audit_key", str(file), make=True)

    def test_the_chain_is_by_the_hash_of_the_whole_note(self, log):
        first = first_checkpoint()
        assert script.Checkpoint(first.note).digest == note_digest(first.note)
