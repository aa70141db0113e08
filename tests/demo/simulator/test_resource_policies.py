"""Resources with policies, as the simulator answers for them from what was seeded."""

import json

import pytest

from demo.simulator.answering import answer
from demo.simulator.calls import Call
from demo.simulator.errors import AwsError
from demo.simulator.resource_policies import OPERATIONS
from demo.simulator.seeded_resources import Resource, ResourceCall, Resources
from demo.simulator.service_models import operation_model

ACCOUNT, REGION = "111111111111", "eu-central-1"
POLICY = '{"Version":"2012-10-17","Statement":[]}'


def asked(*resources, account_id=ACCOUNT, region=REGION, **given):
    held = Resources()
    for each in resources:
        held.add(ACCOUNT, each)
    return ResourceCall(held, account_id, region, given)


def queue(name, policy=POLICY):
    return Resource("sqs", "queue", REGION, name, policy)


class TestOperations:
    def test_are_operations_that_aws_has(self):
        for name in OPERATIONS:
            assert operation_model(*name.split(":")).name

    @pytest.mark.parametrize("name", [each for each in OPERATIONS if ":List" in each])
    def test_list_nothing_where_nothing_was_seeded(self, name):
        if name in {"lambda:ListAliases", "lambda:ListFunctionUrlConfigs", "kms:ListGrants"}:
            name = "lambda:ListFunctions"
        if name == "lambda:ListLayerVersions":
            name = "lambda:ListLayers"
        found = OPERATIONS[name](asked())
        lists = [value for value in found.values() if isinstance(value, list)]
        # Every account has a default event bus.
        assert sum(map(len, lists)) == (name == "events:ListEventBuses")
        service, operation = name.split(":")
        call = Call(service, operation, "json", "", "", REGION, b"")
        assert answer(call, found)[0] == 200

    def test_keep_accounts_and_regions_apart(self):
        there = asked(queue("jobs"), region="us-east-1")
        other = asked(queue("jobs"), account_id="222222222222")
        assert OPERATIONS["sqs:ListQueues"](there) == OPERATIONS["sqs:ListQueues"](other) == {}

    def test_page_as_aws_does(self):
        queues = [queue(f"jobs-{number}") for number in range(3)]
        first = OPERATIONS["sqs:ListQueues"](asked(*queues, MaxResults=2))
        last = OPERATIONS["sqs:ListQueues"](
            asked(*queues, MaxResults=2, NextToken=first["NextToken"])
        )
        assert len(first["QueueUrls"]) == 2
        assert [url.rpartition("/")[2] for url in last["QueueUrls"]] == ["jobs-2"]
        assert "NextToken" not in last

    def test_tell_a_policy_that_is_not_set_from_a_resource_that_is_not_there(self):
        repository = Resource("ecr", "repository", REGION, "base")
        read = OPERATIONS["ecr:GetRepositoryPolicy"]
        with pytest.raises(AwsError) as unset:
            read(asked(repository, repositoryName="base"))
        with pytest.raises(AwsError) as missing:
            read(asked(repository, repositoryName="other"))
        assert unset.value.code == "RepositoryPolicyNotFoundException"
        assert missing.value.code == "RepositoryNotFoundException"

    def test_give_the_policy_of_an_api_with_its_quotes_escaped(self):
        api = Resource("apigateway", "RestApi", REGION, "orders", POLICY, {"id": "a1"})
        [found] = OPERATIONS["apigateway:GetRestApis"](asked(api))["item"]
        assert json.loads(f'"{found["policy"]}"') == POLICY
