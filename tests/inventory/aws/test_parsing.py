"""What our parsers of AWS's answers return is what botocore's return."""

from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import botocore.session
import pytest
from botocore.parsers import PROTOCOL_PARSERS
from hypothesis import given
from hypothesis import strategies as st

from inventory.aws.parsing import ParserFactory, timestamp

SESSION = botocore.session.Session()
THEIRS: Any = PROTOCOL_PARSERS
OURS = ParserFactory()
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)
SCALARS = {
    "string": TEXTS,
    "character": TEXTS,
    "boolean": st.sampled_from(["true", "false", "True", ""]),
    "integer": st.integers(-(2**31), 2**31).map(str),
    "long": st.integers(-(2**63), 2**63).map(str),
    "float": st.sampled_from(["1.5", "-0.25", "1e3"]),
    "double": st.sampled_from(["1.5", "-0.25", "1e3"]),
    "blob": st.sampled_from(["", "aGVsbG8="]),
    "timestamp": st.sampled_from(
        [
            "2026-03-01T10:20:30Z",
            "2026-03-01T10:20:30.123Z",
            "2026-03-01T10:20:30.123456Z",
            "2026-03-01T10:20:30+02:00",
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "1772360430",
        ]
    ),
}
OPERATIONS = [
    ("iam", "GetAccountAuthorizationDetails"),
    ("iam", "GetAccountSummary"),
    ("iam", "GetAccountPasswordPolicy"),
    ("iam", "GetSAMLProvider"),
    ("iam", "ListOpenIDConnectProviders"),
    ("sts", "AssumeRole"),
    ("s3", "ListBuckets"),
    ("s3", "GetBucketAcl"),
    ("s3", "GetBucketOwnershipControls"),
    ("s3", "GetPublicAccessBlock"),
    ("s3", "ListObjectVersions"),
    ("s3control", "ListAccessPoints"),
    ("ec2", "DescribeVpcs"),
    ("sqs", "GetQueueAttributes"),
]


def protocol_of(service):
    return SESSION.get_service_model(service).resolved_protocol


def element(draw, name, shape, namespace, depth):
    """Return XML of a member, with what AWS may do: leave out, add, repeat, namespace."""
    open_tag, close_tag = f"<{namespace}{name}>", f"</{namespace}{name}>"
    return open_tag + content(draw, shape, namespace, depth) + close_tag


def content(draw, shape, namespace, depth):
    if shape.type_name == "structure":
        parts = []
        for name, member in shape.members.items():
            xml_name = member.serialization.get("name", name)
            flattened = member.type_name == "list" and member.serialization.get("flattened")
            if flattened:
                xml_name = member.member.serialization.get("name", xml_name)
            if ":" in xml_name or (depth > 4 and member.type_name in {"structure", "list", "map"}):
                continue
            for _ in range(draw(st.sampled_from([0, 1, 1, 1, 2] if flattened else [0, 1, 1, 1]))):
                shown = member.member if flattened else member
                parts.append(element(draw, xml_name, shown, namespace, depth + 1))
        if draw(st.booleans()):
            parts.append(f"<{namespace}NotInTheModel>x</{namespace}NotInTheModel>")
        return "".join(draw(st.permutations(parts)))
    if shape.type_name == "list":
        name = shape.member.serialization.get("name", "member")
        return "".join(
            element(draw, name, shape.member, namespace, depth + 1)
            for _ in range(draw(st.integers(0, 3)))
        )
    if shape.type_name == "map":
        key = shape.key.serialization.get("name", "key")
        value = shape.value.serialization.get("name", "value")
        return "".join(
            f"<{namespace}entry>{element(draw, key, shape.key, namespace, depth + 1)}"
            f"{element(draw, value, shape.value, namespace, depth + 1)}</{namespace}entry>"
            for _ in range(draw(st.integers(0, 2)))
        )
    return escape(draw(SCALARS[shape.type_name]))


@st.composite
def answers(draw):
    service, operation = draw(st.sampled_from(OPERATIONS))
    shape: Any = SESSION.get_service_model(service).operation_model(operation).output_shape
    namespace = draw(st.sampled_from(["", "n:"]))
    inner = content(draw, shape, namespace, 0)
    wrapper = shape.serialization.get("resultWrapper")
    if wrapper:
        inner = f"<{namespace}{wrapper}>{inner}</{namespace}{wrapper}>"
    metadata = (
        f"<{namespace}ResponseMetadata><{namespace}RequestId>1</{namespace}RequestId>"
        f"</{namespace}ResponseMetadata>"
    )
    body = (
        f'<{namespace}{operation}Response xmlns:n="urn:aws">{inner}{metadata}'
        f"</{namespace}{operation}Response>"
    )
    response = {"body": body.encode(), "headers": {}, "status_code": 200, "context": {}}
    return service, shape, response


def parsed(parser, response, shape):
    try:
        return parser.parse(response, shape)
    except Exception as error:  # noqa: BLE001 - whatever botocore raises, ours has to raise
        return type(error), str(error)


class TestParserFactory:
    @given(answers())
    def test_returns_what_botocore_returns(self, answer):
        service, shape, response = answer
        protocol = protocol_of(service)
        theirs = parsed(THEIRS[protocol](), response, shape)
        assert parsed(OURS.create_parser(protocol), response, shape) == theirs

    @pytest.mark.parametrize("body", [b"", b"<html>", b"<a><b></a>", b"no XML", b"<a/>"])
    def test_refuses_what_botocore_refuses(self, body):
        shape = SESSION.get_service_model("iam").operation_model("ListUsers").output_shape
        response = {"body": body, "headers": {}, "status_code": 200, "context": {}}
        theirs = parsed(THEIRS["query"](), response, shape)
        assert parsed(OURS.create_parser("query"), response, shape) == theirs
        assert isinstance(theirs, tuple)

    def test_reads_elements_that_come_twice_as_botocore_does(self):
        shape = SESSION.get_service_model("iam").operation_model("ListUsers").output_shape
        body = (
            b"<ListUsersResponse><ListUsersResult><Users><member><UserName>a</UserName></member>"
            b"</Users><Users><member><UserName>b</UserName></member></Users></ListUsersResult>"
            b"</ListUsersResponse>"
        )
        response = {"body": body, "headers": {}, "status_code": 200, "context": {}}
        theirs = parsed(THEIRS["query"](), response, shape)
        assert parsed(OURS.create_parser("query"), response, shape) == theirs

    @pytest.mark.parametrize("protocol", ["query", "ec2", "rest-xml"])
    def test_reads_errors_as_botocore_does(self, protocol):
        shape = SESSION.get_service_model("iam").operation_model("GetUser").output_shape
        body = (
            b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error>"
            b"<RequestId>7</RequestId></ErrorResponse>"
        )
        response = {"body": body, "headers": {}, "status_code": 403, "context": {}}
        theirs = parsed(THEIRS[protocol](), response, shape)
        assert parsed(OURS.create_parser(protocol), response, shape) == theirs
        assert theirs["Error"]["Code"] == "AccessDenied"

    @pytest.mark.parametrize("protocol", sorted(THEIRS))
    def test_makes_one_parser_of_each_protocol(self, protocol):
        assert OURS.create_parser(protocol) is OURS.create_parser(protocol)
        assert isinstance(OURS.create_parser(protocol), THEIRS[protocol])


class TestTimestamp:
    @given(st.datetimes(timezones=st.just(UTC)))
    def test_reads_what_aws_writes(self, at):
        text = at.isoformat().replace("+00:00", "Z")
        assert timestamp(text) == at

    @pytest.mark.parametrize("value", [1772360430, "1772360430", 1772360430.5])
    def test_reads_seconds_since_1970(self, value):
        assert timestamp(value).astimezone(UTC).replace(microsecond=0) == datetime(
            2026, 3, 1, 10, 20, 30, tzinfo=UTC
        )

    def test_refuses_what_is_no_time(self):
        with pytest.raises(ValueError, match="tomorrow"):
            timestamp("not tomorrow")
