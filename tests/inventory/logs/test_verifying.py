"""Days of logs against CloudTrail's digest files: verified, altered, deleted, or not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from inventory.aws.errors import AwsReadDenied
from inventory.logs.digests import DigestFile, DigestNotValid, read_digest
from inventory.logs.listing import list_source
from inventory.logs.reading import read_files
from inventory.logs.session import LogSession
from inventory.logs.verifying import verify_days
from inventory.models import LogDay, LogObject
from inventory.selectors.logs import log_health
from inventory.viewing import Viewer
from tests.factories.logs import DAY, MEMBER
from tests.inventory.logs.bucket import key_of, member_event, packed, put, s3
from tests.inventory.logs.signed import FINGERPRINT, public_key, signed_digest

LATER = timedelta(days=1, hours=16)
NEXT = DAY + timedelta(days=1)


def digest_key(source, hour, *, day=DAY):
    name = f"{MEMBER}_CloudTrail-Digest_us-east-1_trail_us-east-1_{day:%Y%m%d}T{hour:02}0000Z"
    return f"{source.root}{MEMBER}/CloudTrail-Digest/us-east-1/{day:%Y/%m/%d}/{name}.json.gz"


def put_digest(source, digest):
    s3().put_object(
        Bucket=source.bucket, Key=digest.key, Body=digest.content,
        Metadata={"signature": digest.signature, "signature-algorithm": "SHA256withRSA"},
    )  # fmt: skip


@pytest.fixture
def keys(monkeypatch):
    """CloudTrail's public keys, as ListPublicKeys gives them; the log of what was asked."""
    asked = []
    answer: list[object] = [{"Fingerprint": FINGERPRINT, "Value": public_key()}]
    plain = LogSession.client

    def client(self, service, *, region=""):
        if service != "cloudtrail":
            return plain(self, service, region=region)

        def pages(operation, **_):
            asked.append((operation, region))
            if answer == ["denied"]:
                raise AwsReadDenied("refused", operation="cloudtrail:ListPublicKeys")
            return [{"PublicKeyList": answer}]

        return SimpleNamespace(pages=pages)

    monkeypatch.setattr(LogSession, "client", client)
    return SimpleNamespace(asked=asked, answer=answer)


@pytest.fixture
def files(source):
    """Two log files of the day in the bucket, by key."""
    made = {key_of(source, at): packed([member_event(at)]) for at in (1, 2)}
    for key, content in made.items():
        put(source, key, content)
    return made


@pytest.fixture
def digests(source, files):
    """The two digests of those files, and the first of the next day, each after the other."""
    bucket = source.bucket
    first, second = (dict([each]) for each in files.items())
    one = signed_digest(digest_key(source, 1), bucket=bucket, logs=first)
    two = signed_digest(digest_key(source, 2), bucket=bucket, logs=second, before=one)
    three = signed_digest(digest_key(source, 0, day=NEXT), bucket=bucket, logs={}, before=two)
    for each in (one, two, three):
        put_digest(source, each)
    return [one, two, three]


def read(source, now):
    list_source(source_id=source.pk, now=now)
    read_files(source_id=source.pk, clock=lambda: now)


def verdict(source, now):
    verify_days(source_id=source.pk, now=now)
    row = LogDay.objects.get(source=source, day=DAY)
    return row.digests, row.digests_why


class TestADay:
    def test_is_verified_where_each_file_is_as_a_signed_digest_names_it(
        self, source, now, keys, digests
    ):
        read(source, now)
        assert verdict(source, now + LATER) == ("verified", "")
        assert keys.asked == [("list_public_keys", "us-east-1")]

    def test_is_not_checked_before_it_has_ended(self, source, now, keys, digests):
        read(source, now)
        assert verdict(source, now) == ("", "")

    def test_says_that_there_are_no_digest_files(self, source, now, keys, files):
        read(source, now)
        assert verdict(source, now + LATER) == ("absent", "")

    def test_fails_where_a_file_was_altered(self, source, now, keys, files, digests):
        altered = next(iter(files))
        put(source, altered, packed([member_event(9)]))
        read(source, now)
        assert verdict(source, now + LATER) == ("failed", f"{altered} was altered.")

    def test_fails_where_a_file_was_deleted_once_it_had_time_to_come(
        self, source, now, keys, files, digests
    ):
        deleted = next(iter(files))
        s3().delete_object(Bucket=source.bucket, Key=deleted)
        read(source, now)
        assert verdict(source, now + LATER) == ("", "")
        assert verdict(source, now + LATER + timedelta(days=3)) == (
            "failed", f"{deleted} is not there.",
        )  # fmt: skip

    def test_fails_where_a_digest_file_was_deleted(self, source, now, keys, digests):
        s3().delete_object(Bucket=source.bucket, Key=digests[1].key)
        read(source, now)
        found, why = verdict(source, now + LATER)
        assert found == "failed"
        assert why == f"The digest file {digests[2].key} does not follow the one before it."

    def test_fails_where_a_digest_file_is_not_signed_by_cloudtrail(
        self, source, now, keys, digests
    ):
        put_digest(source, replace(digests[0], signature="00" * 256))
        read(source, now)
        found, why = verdict(source, now + LATER)
        assert found == "failed"
        assert "CloudTrail did not sign it as it is" in why

    def test_is_not_known_where_a_file_is_in_no_digest(self, source, now, keys, digests):
        extra = key_of(source, 3)
        put(source, extra, packed([member_event(3)]))
        read(source, now)
        assert verdict(source, now + LATER) == ("unknown", f"{extra} is in no digest file.")

    def test_is_not_known_where_its_files_have_aged_out(self, source, now, keys, digests):
        read(source, now)
        LogObject.objects.all().delete()
        found, why = verdict(source, now + LATER)
        assert found == "unknown"
        assert "no longer known file by file" in why

    def test_is_not_known_where_cloudtrails_keys_may_not_be_read(self, source, now, keys, digests):
        keys.answer[:] = ["denied"]
        read(source, now)
        found, why = verdict(source, now + LATER)
        assert (found, "refused" in why) == ("unknown", True)

    def test_without_a_file_between_two_with_files_has_no_gap_where_digests_say_so(
        self, source, now, keys
    ):
        before, after = DAY - timedelta(days=1), DAY + timedelta(days=1)
        for day in (before, after):
            put(source, key_of(source, 1, day=day), packed([member_event(1)]))
        one = signed_digest(digest_key(source, 5), bucket=source.bucket, logs={})
        put_digest(source, one)
        read(source, now + timedelta(days=1))
        asked = {"connection": source.connection, "since": before, "until": after}
        then = now + timedelta(days=2)
        sees = Viewer(sees_inventory=True)
        assert log_health(sees, now=then, **asked).gaps_found == 1
        assert verdict(source, then) == ("verified", "")
        assert log_health(sees, now=then + timedelta(minutes=5), **asked).gaps_found == 0


class TestADigest:
    KEY = "AWSLogs/1/CloudTrail-Digest/us-east-1/2026/05/04/x_CloudTrail-Digest_y_z_1Z.json.gz"

    def read(self, digest, **changes):
        file = replace(DigestFile(digest.key, digest.content, digest.signature), **changes)
        return read_digest(file, bucket="logs", key_of={FINGERPRINT: public_key()}.get)

    def test_names_its_files_with_their_hashes(self):
        log = packed([member_event(1)])
        found = self.read(signed_digest(self.KEY, bucket="logs", logs={"a": log}))
        assert [each.key for each in found.logs] == ["a"]
        assert found.previous_key == ""

    def test_of_an_unknown_key_is_not_judged(self):
        digest = signed_digest(
            self.KEY, bucket="logs", logs={}, digestPublicKeyFingerprint="another"
        )
        with pytest.raises(KeyError):
            self.read(digest)

    @pytest.mark.parametrize(
        ("members", "said"),
        [
            ({"digestS3Object": "elsewhere"}, "written for another place"),
            ({"digestS3Bucket": "others"}, "written for another place"),
            ({"digestSignatureAlgorithm": "none"}, "signed by none"),
            ({"logFiles": None}, "missing or odd"),
            ({"logFiles": [{"s3Bucket": "logs"}]}, "missing or odd"),
        ],
    )
    def test_that_says_odd_things_is_not_valid(self, members, said):
        digest = signed_digest(self.KEY, bucket="logs", logs={}, **members)
        with pytest.raises(DigestNotValid, match=said):
            self.read(digest)

    @pytest.mark.parametrize("content", [b"", b"{}", b"\x1f\x8bbroken"])
    def test_that_is_no_packed_json_is_not_valid(self, content):
        with pytest.raises(DigestNotValid):
            self.read(signed_digest(self.KEY, bucket="logs", logs={}), content=content)
