"""Destinations and policies over log groups, from answers as CloudWatch Logs gives them."""

import json

import pytest

from inventory.aws.errors import AwsReadDenied
from inventory.collectors.cloudwatch_logs import (
    collect_destinations,
    collect_log_group_policies,
    collect_resource_policies,
)
from tests.inventory.collectors.resource_records import POLICY, record
from tests.inventory.stubs import stubbed

ARN = "arn:aws:logs:us-east-1:222222222222:"
GROUPS = f"{ARN}log-group:*"


@pytest.fixture
def logs():
    with stubbed("logs") as aws:
        yield aws


def policies(aws, **texts):
    found = [{"policyName": name, "policyDocument": text} for name, text in texts.items()]
    aws.answers("describe_resource_policies", {"resourcePolicies": found}, limit=50)


class TestCollectDestinations:
    def test_yields_each_destination_with_the_policy_that_the_list_holds(self, logs):
        arn = f"{ARN}destination:central"
        found = {"arn": arn, "destinationName": "central", "accessPolicy": POLICY}
        logs.answers("describe_destinations", {"destinations": [found]}, limit=50)
        assert list(collect_destinations(logs.client)) == [
            record("logs", "destination", arn, "central", POLICY)
        ]

    def test_raises_when_they_may_not_be_listed_instead_of_yielding_none(self, logs):
        logs.refuses("describe_destinations", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="logs:DescribeDestinations"):
            list(collect_destinations(logs.client))


class TestCollectResourcePolicies:
    def test_yields_a_single_policy_to_the_letter(self, logs):
        policies(logs, route53=POLICY)
        facts = {"policies": {"route53": POLICY}}
        assert list(collect_resource_policies(logs.client)) == [
            record("logs", "log-group", GROUPS, "route53", POLICY, facts=facts)
        ]

    def test_yields_what_several_say_together_and_each_to_the_letter(self, logs):
        one = {"Version": "2012-10-17", "Statement": {"Sid": "One"}}
        other = {"Statement": [{"Sid": "Other"}]}
        policies(logs, b=json.dumps(other), a=json.dumps(one))
        [found] = collect_resource_policies(logs.client)
        assert json.loads(found.content or "") == {
            "Version": "2012-10-17",
            "Statement": [{"Sid": "One"}, {"Sid": "Other"}],
        }
        assert found.facts["policies"] == {"a": json.dumps(one), "b": json.dumps(other)}
        assert found.name == "a, b"

    def test_yields_none_where_there_is_none(self, logs):
        policies(logs)
        assert list(collect_resource_policies(logs.client)) == []

    def test_raises_when_they_may_not_be_read_instead_of_yielding_none(self, logs):
        logs.refuses("describe_resource_policies", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="logs:DescribeResourcePolicies"):
            list(collect_resource_policies(logs.client))


class TestCollectLogGroupPolicies:
    def test_yields_each_log_group_with_its_own_policy(self, logs):
        arn = f"{ARN}log-group:/aws/events/orders:*"
        found = {"policyName": "orders", "policyDocument": POLICY, "resourceArn": arn}
        given = {"policyScope": "RESOURCE", "limit": 50}
        logs.answers("describe_resource_policies", {"resourcePolicies": [found]}, **given)
        assert list(collect_log_group_policies(logs.client)) == [
            record("logs", "single-log-group", arn, "/aws/events/orders", POLICY)
        ]

    def test_raises_when_they_may_not_be_read_instead_of_yielding_none(self, logs):
        logs.refuses("describe_resource_policies", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="logs:DescribeResourcePolicies"):
            list(collect_log_group_policies(logs.client))
