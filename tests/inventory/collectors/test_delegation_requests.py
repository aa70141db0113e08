"""IAM delegation requests, read from answers as IAM gives them."""

import json
from datetime import UTC, datetime

import pytest

from inventory.aws.errors import AwsReadDenied
from inventory.collectors.delegation_requests import collect_delegation_requests
from inventory.resource_facts import AccessGrant, GranteeKind, grants_of

OURS, THEIRS = "222222222222", "999999999999"
ENDS = datetime(2026, 12, 24, tzinfo=UTC)
POLICY = json.dumps(
    {
        "Statement": [
            {"Effect": "Allow", "Action": ["ec2:DescribeInstances", "cloudwatch:GetMetricData"]},
            {"Effect": "Deny", "Action": "iam:*"},
        ]
    }
)


def request(name, state, **more):
    return {
        "DelegationRequestId": name,
        "OwnerAccountId": OURS,
        "RequestorId": THEIRS,
        "State": state,
        "PermissionPolicy": POLICY,
        **more,
    }


def lists(iam, *requests, **more):
    iam.answers("list_delegation_requests", {"DelegationRequests": list(requests)} | more)


def test_yields_what_was_given_to_whom_and_until_when_page_by_page(iam):
    accepted = request("dr-1111111111111111", "ACCEPTED", ExpirationTime=ENDS)
    lists(iam, accepted, isTruncated=True, Marker="more")
    iam.answers(
        "list_delegation_requests",
        {"DelegationRequests": [request("dr-2222222222222222", "PENDING_APPROVAL")]},
        Marker="more",
    )
    given, asked = collect_delegation_requests(iam.client)
    assert given.arn == f"arn:aws:iam::{OURS}:delegation-request/dr-1111111111111111"
    assert given.region == "global"
    assert grants_of(given.facts) == (
        AccessGrant(
            GranteeKind.ACCOUNT,
            THEIRS,
            "iam delegation request",
            ("cloudwatch:GetMetricData", "ec2:DescribeInstances"),
            name="dr-1111111111111111",
            expires_at="2026-12-24T00:00:00+00:00",
        ),
    )
    assert grants_of(asked.facts) == ()


def test_leaves_out_requests_that_were_rejected_or_have_expired(iam):
    lists(
        iam,
        request("dr-1111111111111111", "REJECTED"),
        request("dr-2222222222222222", "EXPIRED"),
    )
    assert list(collect_delegation_requests(iam.client)) == []


def test_names_no_action_where_the_permission_policy_is_none_that_can_be_read(iam):
    lists(iam, request("dr-1111111111111111", "FINALIZED", PermissionPolicy="{"))
    [found] = collect_delegation_requests(iam.client)
    [grant] = grants_of(found.facts) or ()
    assert grant.actions == ()
    assert found.facts["permission_policy"] == "{"


def test_raises_when_they_may_not_be_listed_instead_of_yielding_none(iam):
    iam.refuses("list_delegation_requests", "AccessDenied")
    with pytest.raises(AwsReadDenied, match="iam:ListDelegationRequests"):
        list(collect_delegation_requests(iam.client))
