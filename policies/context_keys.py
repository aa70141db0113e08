"""The global condition keys, which any service's request may carry, and what is known of any key.

Source: IAM user guide, "AWS global condition context keys" (each key's data type and value type),
"Single-valued vs. multivalued context keys".
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from policies.catalogue import Catalogue, ConditionKey

GLOBAL_KEYS: Final[dict[str, ConditionKey]] = {
    name.lower(): ConditionKey(name, value_type)
    for value_type, names in {
        "String": (
            "aws:PrincipalAccount aws:PrincipalOrgID aws:PrincipalServiceName aws:PrincipalType "
            "aws:userid aws:username aws:FederatedProvider aws:SourceIdentity aws:SourceVpc "
            "aws:SourceVpce aws:Ec2InstanceSourceVpc aws:VpceAccount aws:VpceOrgID "
            "aws:ResourceAccount aws:ResourceOrgID aws:CalledViaFirst aws:CalledViaLast "
            "aws:CalledViaAWSMCP aws:referer aws:RequestedRegion aws:SourceAccount "
            "aws:SourceOrgID aws:UserAgent ec2:RoleDelivery"
        ),
        "ARN": (
            "aws:PrincipalArn aws:ChatbotSourceArn aws:SourceArn aws:SourceVpcArn "
            "ec2:SourceInstanceArn lambda:SourceFunctionArn ssm:SourceInstanceArn"
        ),
        "Bool": (
            "aws:PrincipalIsAWSService aws:MultiFactorAuthPresent aws:AssumedRoot "
            "aws:ViaAWSService aws:ViaAWSMCPService aws:SecureTransport aws:IsMcpServiceAction"
        ),
        "Numeric": "aws:MultiFactorAuthAge",
        "Date": "aws:CurrentTime aws:EpochTime aws:TokenIssueTime",
        "IPAddress": "aws:SourceIp aws:VpcSourceIp aws:Ec2InstanceSourcePrivateIPv4",
        "ArrayOfString": (
            "aws:CalledVia aws:PrincipalOrgPaths aws:PrincipalServiceNamesList "
            "aws:ResourceOrgPaths aws:SourceOrgPaths aws:VpceOrgPaths aws:TagKeys"
        ),
    }.items()
    for name in names.split()
}
"""Global keys by their name in lower case; those with a variable are in `TAG_KEYS`."""

TAG_KEYS: Final[dict[str, ConditionKey]] = {
    f"{name.lower()}/": ConditionKey(f"{name}/${{TagKey}}", "String")
    for name in ("aws:PrincipalTag", "aws:RequestTag", "aws:ResourceTag")
}
"""Global keys that go on with a tag's key, by what they begin with in lower case."""


def condition_key(catalogue: Catalogue, name: str) -> ConditionKey | None:
    """Return what is known of a key, whatever its case: global or any service's; None if nothing.

    A key with a variable (`s3:BucketTag/${TagKey}`) is found for each value of the variable.
    """
    lowered = name.lower()
    found = GLOBAL_KEYS.get(lowered)
    if found is None:
        prefix, slash, _ = lowered.partition("/")
        found = TAG_KEYS.get(prefix + slash)
    return found or _service_keys(catalogue).get(lowered) or _with_variable(catalogue, lowered)


def spelled(catalogue: Catalogue, name: str) -> str:
    """Return a key's name as AWS spells it; what follows its variable stays as given."""
    found = condition_key(catalogue, name)
    if found is None:
        return name
    at = _variable_at(found.name)
    return found.name if at < 0 else found.name[:at] + name[at:]


@lru_cache(maxsize=4)
def _service_keys(catalogue: Catalogue) -> dict[str, ConditionKey]:
    return {
        key.name.lower(): key
        for service in catalogue.services
        for key in catalogue.condition_keys_of_service(service)
    }


@lru_cache(maxsize=4)
def _variable_prefixes(catalogue: Catalogue) -> dict[str, ConditionKey]:
    return {
        lowered[:at]: key
        for lowered, key in _service_keys(catalogue).items()
        if (at := _variable_at(lowered)) > 0
    }


def _with_variable(catalogue: Catalogue, lowered: str) -> ConditionKey | None:
    prefixes = _variable_prefixes(catalogue)
    end = len(lowered)
    while end > 0:
        end = max(lowered.rfind("/", 0, end), lowered.rfind(":", 0, end))
        if end > 0 and lowered[: end + 1] in prefixes:
            return prefixes[lowered[: end + 1]]
    return None


def _variable_at(name: str) -> int:
    ends = [at for at in (name.find("${"), name.find("<")) if at >= 0]
    return min(ends, default=-1)
