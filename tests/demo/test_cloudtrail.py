"""The demo organization's CloudTrail: what its files hold, and that they are what AWS would log."""

import json
from base64 import b64decode
from collections import Counter
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import yaml
from isal import igzip
from moto.moto_api._internal.models import moto_api_backend

from demo.cloudtrail.digests import DAYS, DigestWriter
from demo.cloudtrail.events import EventTemplate, EventText
from demo.cloudtrail.log_bucket import LogBucket
from demo.cloudtrail.log_files import LogObject, TrailWriter
from demo.cloudtrail.recording import recorded_event
from demo.seeding import organization_files
from demo.seeding.organization_files import seeding_of
from demo.simulator.calls import Call, Caller
from demo.simulator.credentials import CONSOLE
from demo.simulator.journal import Journal
from governance.detections.rules.shipped import shipped_rules
from inventory.cloudtrail.decoding import decode
from inventory.cloudtrail.denials import denial_of
from inventory.cloudtrail.event_ids import SeenEvents
from inventory.cloudtrail.reduction import Reducer
from inventory.cloudtrail.usage import CloudTrailUsage
from inventory.logs.digests import DigestFile, broken_link, read_digest

DEMO = Path(organization_files.__file__).parent.parent / "organization"
DIGESTS = DigestWriter("logs", "trail", "eu-central-1")
SEEDED_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def all_objects(bucket):
    found, page = [], bucket.page()
    while page.after:
        found += page.objects
        page = bucket.page(after=page.after)
    return found + page.objects


@pytest.fixture(scope="module")
def seed():
    moto_api_backend.reset()
    yield seeding_of(DEMO)(SEEDED_AT)
    moto_api_backend.reset()


@pytest.fixture(scope="module")
def everything(seed):
    return all_objects(seed.log_bucket)


@pytest.fixture(scope="module")
def objects(everything):
    return [each for each in everything if not each.signature]


@pytest.fixture(scope="module")
def events(objects):
    return [event for each in objects for event in decode(each.body).events]


@pytest.fixture(scope="module")
def ids_of(seed):
    return {each.name: each.account_id for each in seed.organization.accounts.values()}


class TestHistory:
    def test_has_the_layout_of_an_organization_trail(self, objects, ids_of):
        account_id = ids_of["booking-api-prod"]
        folder = f"AWSLogs/o-hf7q2m9x4k/{account_id}/CloudTrail/eu-central-1/2026/11/20/"
        [found] = [each for each in objects if each.key.startswith(folder)]
        name = found.key.removeprefix(folder)
        assert name.startswith(f"{account_id}_CloudTrail_eu-central-1_20261121T0000Z_")
        assert name.endswith(".json.gz")
        assert found.at == datetime(2026, 11, 21, tzinfo=UTC)

    def test_covers_thirty_days_until_the_seeding(self, events):
        times = sorted(event.event_time for event in events)
        assert len(events) > 30_000
        assert times[0].startswith("2026-10-24")
        assert "2026-11-23T00" < times[-1] < "2026-11-23T12:00:00Z"

    def test_is_the_same_for_the_same_seeding_time(self, seed, objects, everything):
        again = seed.log_bucket.history()
        assert sorted(each.key for each in again) == [each.key for each in everything]
        assert again[100].body == objects[100].body

    def test_delivers_some_events_twice(self, events):
        often = Counter(event.event_id for event in events)
        assert 50 < sum(count > 1 for count in often.values()) < len(often) / 100

    def test_lacks_the_days_that_are_to_be_missing(self, objects, ids_of):
        account_id = ids_of["norrland-archive"]
        days = {
            each.key.split("/eu-central-1/")[1][:10]
            for each in objects
            if f"/{account_id}/CloudTrail/eu-central-1/" in each.key
        }
        wanted = {f"{SEEDED_AT - timedelta(days=number):%Y/%m/%d}" for number in range(31)}
        assert wanted - days == {"2026/11/11", "2026/11/12"}

    def test_is_read_whole_and_one_service_is_not_mapped(self, objects):
        reducer = Reducer()
        with SeenEvents() as seen:
            usage = CloudTrailUsage(seen)
            for each in objects[::7]:
                reducer.add(each.key, decode(each.body).events)
            usage.merge(reducer.batch())
        assert usage.problems == []
        assert set(usage.unmapped) <= {"partner-insights.amazonaws.com:GetPartnerMetrics"}


class TestDigests:
    def test_name_the_files_of_the_last_days_in_an_unbroken_signed_chain(self, seed, everything):
        digests = [each for each in everything if each.signature]
        (listed,) = seed.log_bucket.digests.public_keys()["PublicKeyList"]
        keys = {listed["Fingerprint"]: b64decode(listed["Value"])}
        place = digests[0].key.rpartition("/")[0][: -len("/2026/11/16")]
        of_place = [each for each in digests if each.key.startswith(place)]
        read = [
            read_digest(
                DigestFile(each.key, each.body, each.signature),
                bucket=seed.log_bucket.name,
                key_of=keys.get,
            )
            for each in of_place
        ]
        assert len(of_place) > 1
        assert broken_link(read) == ""
        bodies = {each.key: each.body for each in everything}
        for log in (log for digest in read for log in digest.logs):
            assert sha256(igzip.decompress(bodies[log.key])).hexdigest() == log.sha256
        assert {each.at.date() for each in digests} == {
            (SEEDED_AT - timedelta(days=number)).date() for number in range(DAYS)
        }


class TestDenials:
    def test_are_those_of_the_scps_and_name_them(self, seed, events, ids_of):
        edge = ids_of["telematics-edge-prod"]
        denied = [
            event
            for event in events
            if event.recipient_account_id == edge
            and event.event_name == "PutObject"
            and event.error_code
        ]
        assert len(denied) > 200
        policies = seed.organization.policies.values()
        [guard] = [each.policy_id for each in policies if each.name == "tracking-s3-guard"]
        denial = denial_of(denied[0])
        assert denial is not None
        cause = denial.cause
        assert (cause.policy_type, cause.is_explicit) == ("service control policy", True)
        assert cause.policy_arn.endswith(f"/{guard}")

    def test_no_scp_of_today_denies_a_call_of_the_portal(self, events, ids_of):
        portal = ids_of["tracking-portal-prod"]
        calls = [
            event
            for event in events
            if event.recipient_account_id == portal and event.event_name == "SearchGameSessions"
        ]
        assert calls
        assert not any(event.error_code for event in calls)


class TestPlantedEvents:
    def test_are_all_in_the_logs(self, seed, events):
        planted = {
            (event.event_name, event.event_source)
            for event in events
            if event.event_name
            in {"StopLogging", "MoveAccount", "DisablePolicyType", "ConsoleLogin", "AssumeRoot"}
        }
        assert len(planted) == 5

    def test_name_rules_that_are_shipped(self):
        listed = yaml.safe_load((DEMO / "planted-events.yaml").read_text())
        rules = {each["rule"] for each in listed}
        assert rules <= set(shipped_rules())
        assert len(rules) >= 30


class TestLogBucket:
    @pytest.fixture
    def bucket(self):
        writer = TrailWriter("o-tiny000001")
        day = datetime(2026, 11, 20, tzinfo=UTC)
        history = [
            writer.log_object(account, region, day, day, number, "{}")
            for number, (account, region) in enumerate(
                (account, region)
                for account in ("111111111111", "222222222222")
                for region in ("eu-central-1", "us-east-1")
            )
        ]
        return LogBucket("logs", writer, DIGESTS, lambda: history)

    def test_lists_common_prefixes_once_each(self, bucket):
        page = bucket.page(prefix="AWSLogs/o-tiny000001/", delimiter="/")
        assert page.prefixes == [
            "AWSLogs/o-tiny000001/111111111111/",
            "AWSLogs/o-tiny000001/222222222222/",
        ]
        assert (page.objects, page.after) == ([], "")

    def test_pages_go_through_all_objects_and_prefixes(self, bucket):
        assert len(all_objects(bucket)) == 4
        first = bucket.page(prefix="AWSLogs/o-tiny000001/", delimiter="/", most=1)
        second = bucket.page(
            prefix="AWSLogs/o-tiny000001/", delimiter="/", most=1, after=first.after
        )
        assert (first.prefixes[0][-13:], second.prefixes[0][-13:]) == (
            "111111111111/",
            "222222222222/",
        )
        assert second.after == ""

    def test_begins_after_a_key(self, bucket):
        keys = [each.key for each in bucket.page().objects]
        assert [each.key for each in bucket.page(after=keys[1]).objects] == keys[2:]

    def test_delivers_what_is_recorded_after_some_seconds_in_one_object(self, bucket):
        at = datetime(2026, 11, 24, 10, 0, 1, tzinfo=UTC)
        for name in ("a", "b"):
            bucket.record("111111111111", "us-east-1", at, {"eventID": name})
        bucket.record("111111111111", "us-east-1", datetime.now(UTC) + timedelta(hours=1), {})
        [made] = bucket.page(
            prefix="AWSLogs/o-tiny000001/111111111111/CloudTrail/us-east-1/2026/11/24/"
        ).objects
        assert [event.event_id for event in decode(made.body).events] == ["a", "b"]
        assert made.at == datetime(2026, 11, 24, 10, 0, 3, tzinfo=UTC)
        assert bucket.object(made.key) == made

    def test_makes_the_history_only_when_it_is_asked_for(self):
        asked = []

        def history() -> list[LogObject]:
            asked.append(1)
            return []

        bucket = LogBucket("logs", TrailWriter("o-tiny000001"), DIGESTS, history)
        bucket.record("111111111111", "us-east-1", SEEDED_AT, {})
        assert asked == []
        bucket.page(prefix="AWSLogs/")
        assert asked == [1]


class TestRecordedWrites:
    CALLER = Caller(
        "111111111111",
        "arn:aws:iam::111111111111:user/people/console-administrator",
        "arn:aws:iam::111111111111:user/people/console-administrator",
        "User",
        "AIDAEXAMPLE",
        "console-administrator",
        CONSOLE.access_key_id,
    )
    CALL = Call("organizations", "AttachPolicy", "json", "", "", "us-east-1", b"{}")

    def test_say_who_did_what_with_which_parameters(self):
        self.CALL.parameters = {"PolicyId": "p-1", "TargetId": "ou-1"}
        event = recorded_event(self.CALL, self.CALLER, at=SEEDED_AT, agent="")
        assert event["eventSource"] == "organizations.amazonaws.com"
        assert event["requestParameters"] == {"policyId": "p-1", "targetId": "ou-1"}
        assert event["userIdentity"]["userName"] == "console-administrator"
        assert event["sessionCredentialFromConsole"] == "true"
        [read] = decode(json.dumps({"Records": [event]}).encode()).events
        assert read.event_time == "2026-11-23T12:00:00Z"

    def test_name_their_caller_after_a_restart(self, tmp_path):
        state = tmp_path / "state.jsonl"
        Journal(state, "tiny").add(self.CALLER, self.CALL, "application/json", SEEDED_AT, "boto3")
        [entry] = Journal(state, "tiny").entries
        assert (entry.caller, entry.agent, entry.at) == (self.CALLER, "boto3", SEEDED_AT)

    def test_have_the_same_id_when_they_are_made_again(self):
        made = [
            recorded_event(self.CALL, self.CALLER, at=SEEDED_AT, agent="")["eventID"]
            for _ in range(2)
        ]
        assert made[0] == made[1]


def test_a_template_fills_time_ids_and_session():
    text = EventText(
        source="kms",
        name="Decrypt",
        region="eu-central-1",
        recipient="111111111111",
        identity={"arn": "arn:aws:sts::111111111111:assumed-role/api/@SESSION@"},
        address="10.0.0.1",
        agent="test",
    )
    filled = json.loads(EventTemplate(text).filled(("T", "E", "R", "api-1", "C")))
    assert (filled["eventTime"], filled["eventID"], filled["requestID"]) == ("T", "E", "R")
    assert filled["userIdentity"]["arn"].endswith("/api-1")
