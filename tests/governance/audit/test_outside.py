"""Checkpoints and events reach the places outside, in order, and again after a failure."""

import io
import json
from unittest.mock import ANY

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber
from django.db import DatabaseError

from governance.audit import destinations, object_lock, streaming
from governance.audit.actions import LABELS
from governance.audit.destinations import checkpoints_deliver, stored_copies
from governance.audit.models import AuditCheckpoint, CheckpointDelivery, EventStream
from governance.audit.ocsf import CLASS_NAMES, class_and_activity, ocsf_event
from governance.audit.sealing import seal
from governance.audit.streaming import events_stream
from governance.outbound.client import CallFailed, OutboundAnswer
from tests.factories.audit import NOW, audit_entry, signed

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings, tmp_path):
    """A directory outside."""
    made = tmp_path / "outside"
    made.mkdir()
    settings.AUDIT_CHECKPOINT_DIRECTORY = str(made)
    return made


@pytest.fixture
def two(key):
    """Two checkpoints."""
    audit_entry()
    first = signed()
    audit_entry()
    return first, signed()


class TestDirectory:
    def test_gets_a_file_for_each_checkpoint_once(self, folder, two):
        assert checkpoints_deliver(now=NOW) == 2
        assert checkpoints_deliver(now=NOW) == 0
        files = sorted(folder.iterdir())
        assert [path.name for path in files] == [
            "checkpoint-000000000001.txt",
            "checkpoint-000000000002.txt",
        ]
        assert list(stored_copies()) == [one.note for one in two]
        assert all(path.stat().st_mode & 0o222 == 0 for path in files)

    def test_a_file_that_a_crash_cut_short_is_written_anew(self, folder, two):
        path = folder / "checkpoint-000000000001.txt"
        path.write_text(two[0].note[:20])
        assert checkpoints_deliver(now=NOW) == 2
        assert path.read_text() == two[0].note

    def test_another_checkpoint_of_the_same_number_is_told_and_left_alone(self, folder, two):
        path = folder / "checkpoint-000000000001.txt"
        path.write_text("of another database")
        assert checkpoints_deliver(now=NOW) == 0
        assert path.read_text() == "of another database"
        state = CheckpointDelivery.objects.get()
        assert "holds another checkpoint" in state.error
        assert state.delivered == 0

    def test_a_missing_directory_is_told_and_made_up_for(self, folder, two):
        folder.rmdir()
        assert checkpoints_deliver(now=NOW) == 0
        assert "cannot be written" in CheckpointDelivery.objects.get().error
        folder.mkdir()
        assert checkpoints_deliver(now=NOW) == 2
        assert CheckpointDelivery.objects.get().error == ""


class TestWebhook:
    @pytest.fixture
    def calls(self, settings, monkeypatch):
        """The bodies that were sent; `answers` holds what comes back, 200 when it is empty."""
        settings.AUDIT_CHECKPOINT_WEBHOOK = "https://witness.example.org/checkpoints"
        sent: list[str] = []
        self.answers: list[int | Exception] = []

        def post(url, *, body, headers, allowed_origins):
            sent.append(body.decode())
            answer = self.answers.pop(0) if self.answers else 200
            if isinstance(answer, Exception):
                raise answer
            return OutboundAnswer(answer, {}, "", False, 0.1, "192.0.2.9")

        monkeypatch.setattr(destinations, "post", post)
        return sent

    def test_gets_the_notes_in_order(self, calls, two):
        assert checkpoints_deliver(now=NOW) == 2
        assert calls == [one.note for one in two]

    @pytest.mark.parametrize("failure", [503, CallFailed("no connection")])
    def test_gets_again_what_it_did_not_take(self, calls, two, failure):
        self.answers = [failure]
        assert checkpoints_deliver(now=NOW) == 0
        assert CheckpointDelivery.objects.get().error
        assert checkpoints_deliver(now=NOW) == 2
        assert calls == [two[0].note, two[0].note, two[1].note]

    def test_does_not_keep_the_directory_waiting(self, calls, folder, two):
        self.answers = [500]
        assert checkpoints_deliver(now=NOW) == 2
        assert len(list(folder.iterdir())) == 2
        assert AuditCheckpoint.objects.count() == 2


class TestBucket:
    @pytest.fixture
    def bucket(self, settings, monkeypatch):
        """S3's answers, as botocore checks them."""
        settings.AUDIT_CHECKPOINT_BUCKET = "witness"
        settings.AUDIT_CHECKPOINT_BUCKET_PREFIX = "acme/"
        settings.AUDIT_CHECKPOINT_LOCK_DAYS = 30
        client = boto3.session.Session(
            aws_access_key_id="none", aws_secret_access_key="none"
        ).client("s3", region_name="us-east-1")
        monkeypatch.setattr(object_lock, "s3_client", lambda region: client)
        with Stubber(client) as stubber:
            yield stubber
            stubber.assert_no_pending_responses()

    def put(self, one):
        return {
            "Bucket": "witness",
            "Key": f"acme/checkpoint-{one.number:012d}.txt",
            "Body": one.note.encode(),
            "ContentType": "text/plain; charset=utf-8",
            "ChecksumAlgorithm": "SHA256",
            "IfNoneMatch": "*",
            "ObjectLockMode": "COMPLIANCE",
            "ObjectLockRetainUntilDate": ANY,
        }

    def test_locks_each_checkpoint_once(self, bucket, two):
        for one in two:
            bucket.add_response("put_object", {}, self.put(one))

        assert checkpoints_deliver(now=NOW) == 2
        assert checkpoints_deliver(now=NOW) == 0

    def test_takes_what_lies_there_already_for_delivered(self, bucket, two):
        first, second = two
        where = {name: self.put(first)[name] for name in ("Bucket", "Key")}
        note = first.note.encode()
        body = StreamingBody(io.BytesIO(note), len(note))
        bucket.add_client_error("put_object", "PreconditionFailed", http_status_code=412)
        bucket.add_response("get_object", {"Body": body}, where)
        bucket.add_response("put_object", {}, self.put(second))

        assert checkpoints_deliver(now=NOW) == 2

    def test_says_where_another_checkpoint_lies_under_the_name(self, bucket, two):
        body = StreamingBody(io.BytesIO(b"forged"), 6)
        bucket.add_client_error("put_object", "PreconditionFailed", http_status_code=412)
        bucket.add_response("get_object", {"Body": body})

        assert checkpoints_deliver(now=NOW) == 0
        assert "is another checkpoint of this number" in CheckpointDelivery.objects.get().error

    def test_is_tried_again_where_the_bucket_refuses(self, bucket, two):
        bucket.add_client_error("put_object", "AccessDenied", http_status_code=403)
        assert checkpoints_deliver(now=NOW) == 0
        assert "AccessDenied" in CheckpointDelivery.objects.get().error
        for one in two:
            bucket.add_response("put_object", {}, self.put(one))
        assert checkpoints_deliver(now=NOW) == 2


class TestEventWebhook:
    @pytest.fixture
    def calls(self, settings, monkeypatch, tmp_path):
        """What was sent: (headers, events); `answers` holds what comes back."""
        token = tmp_path / "token"
        token.write_text("not-a-real-token\n")
        settings.AUDIT_OCSF_WEBHOOK = "https://siem.example.org/ocsf"
        settings.AUDIT_OCSF_WEBHOOK_TOKEN_FILE = str(token)
        sent = []
        self.answers: list[int | Exception] = []

        def post(url, *, body, headers, allowed_origins):
            sent.append((headers, json.loads(body)))
            answer = self.answers.pop(0) if self.answers else 202
            if isinstance(answer, Exception):
                raise answer
            return OutboundAnswer(answer, {}, "", False, 0.1, "192.0.2.9")

        monkeypatch.setattr(streaming, "post", post)
        return sent

    def test_gets_each_sealed_entry_in_order_with_the_token(self, calls):
        entries = [audit_entry(object_id=str(number)) for number in range(3)]
        seal()

        assert events_stream(now=NOW) == 3
        assert events_stream(now=NOW) == 0

        [(headers, events)] = calls
        assert headers["Authorization"] == "Bearer not-a-real-token"
        assert [event["metadata"]["uid"] for event in events] == [str(one.pk) for one in entries]

    @pytest.mark.parametrize("failure", [503, CallFailed("no connection")])
    def test_gets_again_what_it_did_not_take(self, calls, failure):
        audit_entry()
        seal()
        self.answers = [failure]
        assert events_stream(now=NOW) == 0
        assert EventStream.objects.get().error
        assert events_stream(now=NOW) == 1
        assert EventStream.objects.get().error == ""

    def test_that_is_down_does_not_keep_the_file_waiting(self, calls, settings, tmp_path):
        settings.AUDIT_OCSF_FILE = str(tmp_path / "events.jsonl")
        audit_entry()
        seal()
        self.answers = [500]
        assert events_stream(now=NOW) == 1
        assert len((tmp_path / "events.jsonl").read_text().splitlines()) == 1


class TestEventFile:
    @pytest.fixture
    def file(self, settings, tmp_path):
        """A file for a SIEM."""
        path = tmp_path / "events.jsonl"
        settings.AUDIT_OCSF_FILE = str(path)
        return path

    def lines(self, file):
        return [json.loads(line) for line in file.read_text().splitlines()]

    def test_gets_each_sealed_entry_once_in_order(self, file):
        entries = [audit_entry(object_id=str(number)) for number in range(3)]
        assert events_stream(now=NOW) == 0
        seal()
        assert events_stream(now=NOW) == 3
        assert events_stream(now=NOW) == 0
        assert [line["metadata"]["uid"] for line in self.lines(file)] == [
            str(one.pk) for one in entries
        ]

    def test_is_rotated_by_size_and_only_so_many_are_kept(self, file, settings):
        settings.AUDIT_OCSF_FILE_BYTES = 10
        settings.AUDIT_OCSF_FILES = 2
        for number in range(5):
            audit_entry(object_id=str(number))
            seal()
            events_stream(now=NOW)
        names = sorted(path.name for path in file.parent.glob("events*"))
        assert names == ["events.jsonl", "events.jsonl.1", "events.jsonl.2"]
        assert self.lines(file)[0]["entity"]["uid"] == "4"
        assert self.lines(file.with_name("events.jsonl.2"))[0]["entity"]["uid"] == "2"

    def test_that_cannot_be_written_is_told_and_made_up_for(self, file, settings):
        settings.AUDIT_OCSF_FILE = str(file.parent / "missing" / "events.jsonl")
        audit_entry()
        seal()
        assert events_stream(now=NOW) == 0
        assert "cannot be written" in EventStream.objects.get().error
        settings.AUDIT_OCSF_FILE = str(file)
        assert events_stream(now=NOW) == 1
        assert EventStream.objects.get().error == ""

    @pytest.mark.django_db(transaction=True)
    def test_repeats_events_whose_writing_was_not_noted(self, file, monkeypatch):
        audit_entry()
        seal()
        save = EventStream.save

        def crash(self, *args, **kwargs):
            raise DatabaseError("gone")

        EventStream.objects.create(destination=streaming.FILE)
        monkeypatch.setattr(EventStream, "save", crash)
        with pytest.raises(DatabaseError):
            events_stream(now=NOW)
        monkeypatch.setattr(EventStream, "save", save)
        assert events_stream(now=NOW) == 1
        first, second = self.lines(file)
        assert first == second


class TestOcsf:
    def test_an_event_names_actor_object_time_and_outcome(self):
        event = ocsf_event(audit_entry(outcome="refused"))
        assert (event["class_uid"], event["activity_id"], event["type_uid"]) == (3004, 1, 300401)
        assert (event["category_uid"], event["status_id"]) == (3, 2)
        assert event["time"] == int(NOW.timestamp() * 1000)
        assert event["actor"]["user"] == {
            "name": "ada",
            "type_id": 1,
            "type": "User",
            "uid": "7",
        }
        assert event["src_endpoint"] == {"ip": "192.0.2.1"}
        assert event["entity"]["name"] == "nightly"
        assert event["unmapped"]["after"] == {"scopes": ["a", "ü"], "n": 1}

    @pytest.mark.parametrize("action", sorted(LABELS))
    def test_every_act_has_a_class_and_what_the_class_demands(self, action):
        class_uid, activity_id = class_and_activity(action)
        assert class_uid in CLASS_NAMES
        event = ocsf_event(audit_entry(action=action))
        assert event["type_uid"] == class_uid * 100 + activity_id
        demanded = {3001: "user", 3002: "user", 3004: "entity", 3005: "user", 3006: "group"}
        assert event[demanded.get(class_uid, "table")]["uid"] == "3"
