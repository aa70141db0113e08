"""REST APIs and their policies, read from answers as API Gateway gives them."""

import pytest

from inventory.aws.errors import AwsReadDenied
from inventory.collectors.apigateway import collect_rest_apis
from tests.inventory.collectors.resource_records import POLICY, record
from tests.inventory.stubs import stubbed

ARN = "arn:aws:execute-api:us-east-1:222222222222:"


@pytest.fixture
def apigateway():
    with stubbed("apigateway") as aws:
        yield aws


def api(api_id, name, policy=None, *, types=()):
    return record(
        "execute-api",
        "execute-api-general",
        f"{ARN}{api_id}/*",
        name,
        policy,
        facts={"endpoint_types": list(types)},
    )


class TestCollectRestApis:
    def test_yields_each_api_with_its_policy_as_it_was_given(self, apigateway):
        private = {"types": ["PRIVATE"]}
        escaped = POLICY.replace('"', '\\"')
        items = [
            {"id": "a1", "name": "orders", "policy": escaped, "endpointConfiguration": private},
            {"id": "b2", "name": "open", "policy": POLICY},
        ]
        apigateway.answers("get_rest_apis", {"items": items, "position": "more"}, limit=500)
        more = {"items": [{"id": "c3", "name": "plain"}]}
        apigateway.answers("get_rest_apis", more, limit=500, position="more")
        assert list(collect_rest_apis(apigateway.client)) == [
            api("a1", "orders", POLICY, types=["PRIVATE"]),
            api("b2", "open", POLICY),
            api("c3", "plain"),
        ]

    def test_raises_when_apis_may_not_be_listed_instead_of_yielding_none(self, apigateway):
        apigateway.refuses("get_rest_apis", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="apigateway:GET"):
            list(collect_rest_apis(apigateway.client))
