"""Usage records are read strictly from JSON lines, and written so that they read back."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.language.json_reader import JsonValue
from policies.usage import NotUsage, UsageRecord, read_usage, usage_of_json, write_usage

ROLE = "arn:aws:iam::123456789012:role/Deploy"
LINE: dict[str, JsonValue] = {
    "account_id": "123456789012",
    "principal": ROLE,
    "action": "s3:GetObject",
    "resource": "arn:aws:s3:::logs/*",
    "region": "eu-west-1",
    "context": {"aws:PrincipalArn": ROLE, "aws:TagKeys": ["a", "b"]},
    "unknown_context": ["aws:SourceVpce"],
    "count": 41,
    "denied": 1,
    "first_at": "2026-05-01T08:30:00Z",
    "last_at": "2026-05-31T23:59:59Z",
}


def read(*lines):
    return list(read_usage(json.dumps(line).encode() for line in lines))


class TestReading:
    def test_reads_a_line_with_every_member(self):
        assert read(LINE) == [
            UsageRecord(
                account_id="123456789012",
                principal=ROLE,
                action="s3:GetObject",
                resource="arn:aws:s3:::logs/*",
                region="eu-west-1",
                context={"aws:PrincipalArn": ROLE, "aws:TagKeys": ("a", "b")},
                unknown_context=("aws:SourceVpce",),
                count=41,
                denied=1,
                first_at=datetime(2026, 5, 1, 8, 30, tzinfo=UTC),
                last_at=datetime(2026, 5, 31, 23, 59, 59, tzinfo=UTC),
            )
        ]

    def test_takes_region_and_context_as_empty_where_they_are_left_out_or_null(self):
        short = {k: v for k, v in LINE.items() if k not in {"region", "unknown_context"}}
        (record,) = read({**short, "context": None})
        assert (record.region, record.context, record.unknown_context) == (None, {}, ())

    def test_reads_truth_and_numbers_in_the_context_as_evaluate_does(self):
        (record,) = read({**LINE, "context": {"aws:SecureTransport": True, "x:n": [1, "b"]}})
        assert record.context == {"aws:SecureTransport": "true", "x:n": ("1", "b")}

    def test_reads_a_time_without_an_offset_as_utc_and_turns_others_to_utc(self):
        (record,) = read(
            {**LINE, "first_at": "2026-05-01T08:30:00", "last_at": "2026-05-01T12:00:00+02:00"}
        )
        assert record.first_at == datetime(2026, 5, 1, 8, 30, tzinfo=UTC)
        assert record.last_at == datetime(2026, 5, 1, 10, tzinfo=UTC)

    def test_passes_over_empty_lines_and_counts_them_in_line_numbers(self):
        with pytest.raises(NotUsage, match=r"^line 3: this is not JSON"):
            list(read_usage([json.dumps(LINE).encode(), b"\n", b"{\n"]))

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"action": "s3"}, "'s3' is not an action"),
            ({"action": "s3:*"}, "is not an action"),
            ({"resource": "bucket"}, "neither an ARN nor"),
            ({"count": 0}, '"count" must be a whole number, at least 1'),
            ({"count": True}, '"count" must be a whole number'),
            ({"denied": 42}, "is more than"),
            ({"first_at": "yesterday"}, '"first_at" must be a time'),
            ({"last_at": "2020-01-01T00:00:00Z"}, 'before "first_at"'),
            ({"principal": ""}, '"principal" must be text'),
            ({"account_id": 123456789012}, '"account_id" must be text'),
            ({"region": 1}, '"region" must be text'),
            ({"context": []}, '"context" must be an object'),
            ({"context": {"a:b": None}}, "the value of 'a:b' must be text"),
            ({"context": {"a:b": ["x", {}]}}, "the value of 'a:b' must be text"),
            ({"context": {"a:b": "x", "A:B": "y"}}, "a key twice"),
            ({"unknown_context": "a:b"}, '"unknown_context" must be a list'),
            ({"unknown_context": [1]}, '"unknown_context" must be a list'),
            ({"unknown_context": ["AWS:principalarn"]}, "leave one out"),
            ({"kount": 1}, 'no "kount"; there are account_id'),
        ],
    )
    def test_says_what_is_wrong_with_a_line(self, change, message):
        with pytest.raises(NotUsage, match=message):
            usage_of_json({**LINE, **change})

    @pytest.mark.parametrize("name", sorted(LINE.keys() - {"region", "context", "unknown_context"}))
    def test_requires_every_other_member(self, name):
        with pytest.raises(NotUsage, match=f'a record lacks "{name}"'):
            usage_of_json({key: value for key, value in LINE.items() if key != name})

    @pytest.mark.parametrize("line", [b"[]", b"3", b"\xff", b"{" * 100_000, b'{"a":' * 9999])
    def test_refuses_whatever_is_no_record(self, line):
        with pytest.raises(NotUsage, match=r"^line 1: "):
            list(read_usage([line]))


texts = st.text(st.characters(codec="utf-8"), max_size=5)
records = st.builds(
    UsageRecord,
    account_id=st.just("123456789012"),
    principal=st.just(ROLE),
    action=st.just("s3:GetObject"),
    resource=texts.map(lambda name: f"arn:aws:s3:::{name}"),
    region=st.none() | st.just("eu-west-1"),
    context=st.dictionaries(
        st.sampled_from(["aws:a", "aws:b"]), texts | st.lists(texts).map(tuple), max_size=2
    ),
    unknown_context=st.sampled_from([(), ("aws:SourceIp",)]),
    count=st.integers(5, 10**12),
    denied=st.integers(0, 5),
    first_at=st.integers(0, 10**9).map(lambda at: datetime.fromtimestamp(at, UTC)),
    last_at=st.integers(10**9, 2 * 10**9).map(lambda at: datetime.fromtimestamp(at, UTC)),
)


class TestWriting:
    @given(st.lists(records, max_size=3))
    def test_what_is_written_reads_back_the_same(self, usage):
        written = io.StringIO()
        write_usage(usage, written)
        assert list(read_usage(written.getvalue().encode().splitlines())) == usage
