"""OpenSearch Service: domains with their policies, and who may reach serverless collections."""

from collections.abc import Iterator
from typing import Any, Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, read_resources, resources
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import AccessGrant, GranteeKind

# DescribeDomains' most.
_AT_ONCE: Final = 5
_DATA: Final = "data"


def collect_domains(opensearch: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each domain of a region with its access policy and whether it is in a VPC.

    One call for the names, and one five domains.
    AWS: es:ListDomainNames, DescribeDomains.
    """
    listed = opensearch.call("list_domain_names")["DomainNames"]
    names = [each["DomainName"] for each in listed]
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        described = opensearch.call("describe_domains", DomainNames=some)
        for domain in described["DomainStatusList"]:
            if domain.get("Deleted"):
                continue
            yield ResourceParts(opensearch, "es").record(
                "domain",
                domain["ARN"],
                domain["DomainName"],
                domain.get("AccessPolicies") or None,
                facts={"in_vpc": bool((domain.get("VPCOptions") or {}).get("VPCId"))},
            )


def collect_data_access_policies(aoss: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each data access policy of a region, with whom it lets reach which collections.

    One call a hundred policies, and one a policy. They are not IAM's language, so what they allow
    is kept as grants.
    AWS: aoss:ListAccessPolicies, GetAccessPolicy.
    """
    yield from read_resources(
        aoss,
        "aoss",
        lambda: aoss.paginate(
            "list_access_policies", "accessPolicySummaries", type=_DATA, maxResults=100
        ),
        _data_access_policy,
        id_of=lambda listed: str(listed["name"]),
    )


def _data_access_policy(listed: AwsAnswer, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
    name: str = listed["name"]
    answer = parts.client.call("get_access_policy", name=name, type=_DATA)
    rules: list[dict[str, Any]] = answer["accessPolicyDetail"]["policy"]
    client = parts.client
    # AWS has no ARN for it.
    arn = (
        f"arn:{client.partition}:aoss:{client.region}:{client.account_id}:data-access-policy/{name}"
    )
    grants = [
        AccessGrant(
            *_grantee(principal),
            "opensearch data access policy",
            actions=tuple(sorted(rule["Permission"])),
            name=name,
            conditions={"resources": sorted(rule["Resource"])},
        )
        for statement in rules
        for principal in sorted(statement["Principal"])
        for rule in statement["Rules"]
    ]
    yield parts.record("data-access-policy", arn, name, None, grants=grants)


def _grantee(principal: str) -> tuple[GranteeKind, str]:
    if not principal.startswith("arn:"):
        # saml/… and iamidentitycenter/…, of the account's own providers.
        return GranteeKind.FEDERATED, principal
    if principal.endswith(":root"):
        return GranteeKind.ACCOUNT, principal.split(":")[4]
    return GranteeKind.PRINCIPAL, principal


COLLECTORS = (
    Collector(
        name="data.opensearch_domains",
        label="OpenSearch domains",
        scope=Scope.REGIONAL,
        service="opensearch",
        actions=(
            Action(
                "es:ListDomainNames",
                "domains",
                finds={"domain": ("DomainNames", 0, "DomainName")},
            ),
            Action(
                "es:DescribeDomains",
                "each domain's policy",
                given={"DomainNames": ["{domain}"]},
            ),
        ),
        read=alone(collect_domains),
        covers=resources("es", "domain"),
    ),
    Collector(
        name="data.opensearch_serverless",
        label="OpenSearch Serverless data access policies",
        scope=Scope.REGIONAL,
        service="opensearchserverless",
        actions=(
            Action(
                "aoss:ListAccessPolicies",
                "data access policies",
                given={"type": _DATA, "maxResults": 1},
                finds={"data access policy": ("accessPolicySummaries", 0, "name")},
            ),
            Action(
                "aoss:GetAccessPolicy",
                "whom each of them gives access",
                given={"name": "{data access policy}", "type": _DATA},
            ),
        ),
        read=alone(collect_data_access_policies),
        covers=resources("aoss", "data-access-policy"),
    ),
)
