"""Files of every shape are read, whole or as far as they go; what is wrong is said."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.cloudtrail import decoding
from inventory.cloudtrail.decoding import decode
from inventory.cloudtrail.events import epoch_seconds
from tests.inventory.cloudtrail.samples import event, records

ONE, TWO = event(1), event(2, eventName="DescribeHosts")
BOTH = [ONE["eventID"], TWO["eventID"]]


def lines(*values):
    return "\n".join(json.dumps(value) for value in values).encode()


def envelope(inner):
    return {"version": "0", "detail-type": "AWS API Call via CloudTrail", "detail": inner}


SHAPES = {
    "CloudTrail's own": records([ONE, TWO]),
    "packed": gzip.compress(records([ONE, TWO])),
    "packed twice": gzip.compress(gzip.compress(records([ONE, TWO]))),
    "packed in two members": gzip.compress(lines(ONE) + b"\n") + gzip.compress(lines(TWO)),
    "packed, with padding": gzip.compress(records([ONE, TWO])) + b"\0" * 100,
    "a list": json.dumps([ONE, TWO]).encode(),
    "JSON lines": lines(ONE, TWO),
    "JSON lines with empty ones": b"\n" + lines(ONE) + b"\n\n\n" + lines(TWO) + b"\n",
    "objects in a row": json.dumps(ONE).encode() + json.dumps(TWO).encode(),
    "indented": json.dumps({"Records": [ONE, TWO]}, indent=2).encode(),
    "files in a row": records([ONE]) + b"\n" + records([TWO]),
    "with a byte order mark": b"\xef\xbb\xbf" + records([ONE, TWO]),
    "in UTF-16": json.dumps({"Records": [ONE, TWO]}).encode("utf-16"),
    "EventBridge envelopes": lines(envelope(ONE), envelope(TWO)),
    "SQS messages of EventBridge": json.dumps(
        {"Messages": [{"MessageId": "1", "Body": json.dumps(envelope(one))} for one in (ONE, TWO)]}
    ).encode(),
    "SQS records of a function": json.dumps(
        {"Records": [{"messageId": "1", "body": json.dumps(envelope(one))} for one in (ONE, TWO)]}
    ).encode(),
    "SNS notifications in SQS": json.dumps(
        [
            {"body": json.dumps({"Type": "Notification", "Message": json.dumps(one)})}
            for one in (ONE, TWO)
        ]
    ).encode(),
    "a subscription of CloudWatch Logs": json.dumps(
        {"logEvents": [{"id": "1", "message": json.dumps(one)} for one in (ONE, TWO)]}
    ).encode(),
    "the answer of LookupEvents": json.dumps(
        {"Events": [{"EventId": "1", "CloudTrailEvent": json.dumps(one)} for one in (ONE, TWO)]}
    ).encode(),
    "rows with an event each": lines({"rule": "x", "event": ONE}, {"rule": "y", "event": TWO}),
}  # fmt: skip


@pytest.mark.parametrize("content", SHAPES.values(), ids=SHAPES)
def test_events_are_read_in_this_shape(content):
    decoded = decode(content)
    assert [found.event_id for found in decoded.events] == BOTH
    assert decoded.problems == []


def test_one_event_alone_is_read():
    assert len(decode(json.dumps(ONE).encode()).events) == 1


BROKEN = {
    "the gzip data ends early": (gzip.compress(records([ONE] * 2000))[:-600], "ends early"),
    "the gzip data is broken": (
        gzip.compress(lines(*[event(n) for n in range(5000)]))[:9000] + b"\xff" * 500,
        "gzip",
    ),
    "the JSON ends early": (records([ONE, TWO])[:-30], "ends early"),
    "a line is not JSON": (lines(ONE) + b"\nnot json\n" + lines(TWO), "line 2 is not JSON"),
    "the first line is not JSON": (b"# a log\n" + lines(ONE, TWO), "line 1 is not JSON"),
    "the last line is cut": (lines(ONE, TWO)[:-20], "ends early"),
    "an item is not an event": (records([ONE, 5]), "not a JSON object"),
    "a message is not JSON": (lines(ONE, {"Message": "hello"}), "not JSON"),
    "something follows": (records([ONE]) + b" and more", "broken"),
}


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN)
def test_what_is_wrong_is_said_and_good_events_count(case):
    content, why = case
    decoded = decode(content)
    assert decoded.events
    assert any(why in problem for problem in decoded.problems)


@pytest.mark.parametrize("content", [*SHAPES.values(), *(case[0] for case in BROKEN.values())])
def test_pieces_of_a_file_give_the_events_and_problems_of_the_whole(content, monkeypatch):
    whole = decode(content)
    monkeypatch.setattr(decoding, "_PIECE_BYTES", 1)
    pieces = decode(content)
    assert [one.event_id for one in pieces.events] == [one.event_id for one in whole.events]
    assert pieces.problems == whole.problems


def test_events_inside_an_event_s_parameters_are_none_of_the_file_s(monkeypatch):
    monkeypatch.setattr(decoding, "_PIECE_BYTES", 1)
    nested = event(3, requestParameters={"events": [{"eventVersion": "1"}, {"eventVersion": "2"}]})
    decoded = decode(records([ONE, nested, TWO]))
    assert [found.event_id for found in decoded.events] == [BOTH[0], nested["eventID"], BOTH[1]]
    assert decoded.problems == []


NOTHING = {
    "the file is empty": b"",
    "this is not JSON": b"repository: github.com/x\n",
    "is not a CloudTrail event": b'{"a": 1}',
    "names files of events": b'{"s3Bucket": "b", "s3ObjectKey": ["k"]}',
    "ends early": b"\x1f\x8b\x08",
}


@pytest.mark.parametrize(("why", "content"), NOTHING.items(), ids=NOTHING)
def test_a_file_without_events_says_why(why, content):
    decoded = decode(content)
    assert decoded.events == []
    assert any(why in problem for problem in decoded.problems)


def test_a_digest_file_has_no_events_and_no_problem():
    content = json.dumps({"awsAccountId": "1", "digestStartTime": "x", "logFiles": []}).encode()
    decoded = decode(content)
    assert (decoded.events, decoded.problems) == ([], [])


def test_odd_values_have_a_place():
    odd = event(
        eventTime=1777624200,
        recipientAccountId=11122223333,
        readOnly="true",
        errorCode=None,
        resources=[None, {"ARN": 5, "accountId": 12}],
        tlsDetails="none",
        userIdentity={"type": 7, "accountId": 11122223333, "sessionContext": "x"},
    )
    [found] = decode(records([odd])).events
    assert found.recipient_account_id == "011122223333"
    assert found.user_identity is not None
    assert found.user_identity.account_id == "011122223333"
    assert found.user_identity.kind == "7"
    assert found.read_only is None
    assert [one.account_id for one in found.resources or ()] == ["000000000012"]


@pytest.mark.parametrize("text", ["...", "", None, "2026-13-01T00:00:00Z", "yesterday"])
def test_what_is_no_time_is_none(text):
    assert epoch_seconds(text) is None


def test_times_are_read_in_utc():
    assert epoch_seconds("2026-05-01T08:30:00Z") == 1777624200
    assert epoch_seconds("2026-05-01 08:30:00.123") == 1777624200
    assert epoch_seconds("2026-05-01T10:30:00+02:00") == 1777624200


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(sorted(ONE)), json_values), max_size=5))
def test_any_records_are_counted_or_named(odd):
    """With values of any kind in any member, each object is an event or a problem."""
    decoded = decode(records([{**one, "eventName": "X"} for one in odd]))
    assert len(decoded.events) == len(odd)


def test_a_wrong_checksum_costs_no_event():
    content = bytearray(gzip.compress(records([ONE, TWO])))
    content[-6] ^= 0xFF
    decoded = decode(bytes(content))
    assert [found.event_id for found in decoded.events] == BOTH
    (problem,) = decoded.problems
    assert "the gzip data is broken" in problem


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_crash_the_reader(content, packed):
    decoded = decode(gzip.compress(content) if packed else content)
    assert decoded.events or decoded.problems or content.strip() in (b"[]", b"{}")


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_cut_file_gives_the_events_before_the_cut(data):
    events = [event(number) for number in range(6)]
    content = records(events)
    end = data.draw(st.integers(12, len(content) - 3))
    decoded = decode(content[:end])
    whole = sum(1 for number in range(6) if len(records(events[: number + 1])) - 2 <= end)
    assert len(decoded.events) == whole
    assert decoded.problems
