"""What S3 Block Public Access takes for public: cases from "The meaning of public"."""

import pytest

from governance.posture.state.public_access import is_public
from policies import PolicyType, parse_policy
from tests.factories.resources import bucket_policy

EVERYBODY = {"Principal": "*"}


def document(*statements):
    return parse_policy(bucket_policy(*statements), PolicyType.RESOURCE_POLICY).document


def only(operator, **keys):
    return {**EVERYBODY, "Condition": {operator: keys}}


class TestIsPublic:
    @pytest.mark.parametrize(
        "statement",
        [
            EVERYBODY,
            {"Principal": {"AWS": "*"}},
            only("StringEquals", **{"aws:Referer": "https://example.org"}),
            only("StringLike", **{"aws:PrincipalOrgID": "o-*"}),
            only("StringEqualsIfExists", **{"aws:PrincipalOrgID": "o-exampleorg1"}),
            only("StringNotEquals", **{"aws:PrincipalOrgID": "o-exampleorg1"}),
            only("Null", **{"aws:PrincipalOrgID": "false"}),
            only("ArnLike", **{"aws:PrincipalArn": "arn:aws:iam::*:role/reader"}),
            only("IpAddress", **{"aws:SourceIp": "0.0.0.0/1"}),
            only("StringEquals", **{"aws:SourceVpc": "${aws:SourceVpc}"}),
        ],
    )
    def test_holds_where_a_grant_has_no_fixed_end(self, statement):
        assert is_public(document(statement))

    @pytest.mark.parametrize(
        "statement",
        [
            {"Principal": {"AWS": "arn:aws:iam::222222222222:root"}},
            {"Principal": {"Service": "cloudtrail.amazonaws.com"}},
            only("StringEquals", **{"aws:PrincipalOrgID": "o-exampleorg1"}),
            only("ArnLike", **{"aws:PrincipalArn": "arn:aws:iam::222222222222:role/*"}),
            only("IpAddress", **{"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/40"]}),
            only("StringEquals", **{"aws:SourceVpce": "vpce-1a2b3c4d"}),
            {**EVERYBODY, "Effect": "Deny"},
        ],
    )
    def test_fails_where_every_grant_is_of_fixed_values(self, statement):
        assert not is_public(document(statement))

    def test_holds_where_one_statement_of_several_is_public(self):
        fixed = {"Principal": {"AWS": "arn:aws:iam::222222222222:root"}}
        assert is_public(document(fixed, EVERYBODY))
