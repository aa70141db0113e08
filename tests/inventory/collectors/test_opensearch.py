"""Domains and data access policies, read from answers as OpenSearch gives them."""

import pytest

from inventory.aws.errors import AwsReadDenied
from inventory.collectors.opensearch import collect_data_access_policies, collect_domains
from inventory.resource_facts import AccessGrant, GranteeKind, grants_of
from tests.inventory.collectors.resource_records import POLICY, record
from tests.inventory.stubs import stubbed

ARN = "arn:aws:es:us-east-1:222222222222:domain/"
READER = "arn:aws:iam::222222222222:role/reader"


@pytest.fixture
def opensearch():
    with stubbed("opensearch") as aws:
        yield aws


@pytest.fixture
def aoss():
    with stubbed("opensearchserverless") as aws:
        yield aws


def domain(name, **more):
    known = {"DomainId": name, "DomainName": name, "ARN": ARN + name, "ClusterConfig": {}}
    return known | more


class TestCollectDomains:
    def test_yields_each_domain_with_its_policy_and_whether_it_is_in_a_vpc(self, opensearch):
        names = [{"DomainName": each} for each in ("search", "inside", "going")]
        opensearch.answers("list_domain_names", {"DomainNames": names})
        described = [
            domain("search", AccessPolicies=POLICY),
            domain("inside", AccessPolicies="", VPCOptions={"VPCId": "vpc-1"}),
            domain("going", Deleted=True),
        ]
        opensearch.answers(
            "describe_domains",
            {"DomainStatusList": described},
            DomainNames=["search", "inside", "going"],
        )
        assert list(collect_domains(opensearch.client)) == [
            record("es", "domain", f"{ARN}search", "search", POLICY, facts={"in_vpc": False}),
            record("es", "domain", f"{ARN}inside", "inside", facts={"in_vpc": True}),
        ]

    def test_asks_for_five_domains_at_once(self, opensearch):
        names = [f"domain-{number}" for number in range(6)]
        opensearch.answers("list_domain_names", {"DomainNames": [{"DomainName": n} for n in names]})
        for some in (names[:5], names[5:]):
            found = {"DomainStatusList": [domain(each) for each in some]}
            opensearch.answers("describe_domains", found, DomainNames=some)
        assert len(list(collect_domains(opensearch.client))) == 6

    def test_raises_when_domains_may_not_be_listed_instead_of_yielding_none(self, opensearch):
        opensearch.refuses("list_domain_names", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="es:ListDomainNames"):
            list(collect_domains(opensearch.client))


class TestCollectDataAccessPolicies:
    def test_yields_whom_each_policy_lets_reach_what(self, aoss):
        listed = {"accessPolicySummaries": [{"name": "logs", "type": "data"}]}
        aoss.answers("list_access_policies", listed, type="data", maxResults=100)
        rule = {
            "ResourceType": "index",
            "Resource": ["index/logs/*"],
            "Permission": ["aoss:ReadDocument"],
        }
        policy = [{"Rules": [rule], "Principal": [READER, "saml/222222222222/okta/group/ops"]}]
        aoss.answers(
            "get_access_policy",
            {"accessPolicyDetail": {"name": "logs", "type": "data", "policy": policy}},
            name="logs",
            type="data",
        )
        [found] = collect_data_access_policies(aoss.client)
        assert found.content is None
        given = ("opensearch data access policy", ("aoss:ReadDocument",), "", "logs")
        where = {"resources": ["index/logs/*"]}
        assert grants_of(found.facts) == (
            AccessGrant(GranteeKind.PRINCIPAL, READER, *given, where),
            AccessGrant(GranteeKind.FEDERATED, "saml/222222222222/okta/group/ops", *given, where),
        )

    def test_raises_when_they_may_not_be_listed_instead_of_yielding_none(self, aoss):
        aoss.refuses("list_access_policies", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="aoss:ListAccessPolicies"):
            list(collect_data_access_policies(aoss.client))
