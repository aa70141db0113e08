"""RAM resource shares that an account owns: what it shares, with whom, and whether outside."""

import re
from collections.abc import Iterator
from typing import Final

from inventory.aws.client import Answer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, resources
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import AccessGrant, GranteeKind

_TYPE: Final = "resource-share"
_ASSOCIATED: Final = "ASSOCIATED"
_ACCOUNT: Final = re.compile(r"\d{12}")
_ORGANIZATIONS: Final = re.compile(r"arn:[\w-]+:organizations::\d{12}:(organization|ou)/")
_KINDS: Final = {
    "organization": GranteeKind.ORGANIZATION,
    "ou": GranteeKind.ORGANIZATIONAL_UNIT,
}


def collect_resource_shares(ram: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each active share of the account in the region, with its resources and principals.

    One call where there is none, three where there are some. Which actions the permissions of a
    share allow is not read. That sharing with the organization is on shows as the trusted service
    `ram.amazonaws.com`.
    AWS: ram:GetResourceShares, GetResourceShareAssociations.
    """
    shares = list(
        ram.paginate(
            "get_resource_shares",
            "resourceShares",
            resourceOwner="SELF",
            resourceShareStatus="ACTIVE",
        )
    )
    if not shares:
        return
    principals = _associated(ram, "PRINCIPAL")
    shared = _associated(ram, "RESOURCE")
    for share in shares:
        arn: str = share["resourceShareArn"]
        yield ResourceParts(ram, "ram").record(
            _TYPE,
            arn,
            share["name"],
            None,
            facts={
                "allow_external_principals": share["allowExternalPrincipals"],
                "resources": sorted(each["associatedEntity"] for each in shared.get(arn, [])),
            },
            grants=sorted(
                (_grant(each) for each in principals.get(arn, [])),
                key=lambda grant: (grant.kind, grant.grantee),
            ),
        )


def _associated(ram: AwsClient, kind: str) -> dict[str, list[Answer]]:
    """Return the associations of one kind, by the ARN of their share."""
    found: dict[str, list[Answer]] = {}
    for each in ram.paginate(
        "get_resource_share_associations",
        "resourceShareAssociations",
        associationType=kind,
        associationStatus=_ASSOCIATED,
    ):
        found.setdefault(each["resourceShareArn"], []).append(each)
    return found


def _grant(association: Answer) -> AccessGrant:
    principal: str = association["associatedEntity"]
    return AccessGrant(_kind(principal), principal, "ram share")


def _kind(principal: str) -> GranteeKind:
    if _ACCOUNT.fullmatch(principal):
        return GranteeKind.ACCOUNT
    of_organization = _ORGANIZATIONS.match(principal)
    if of_organization:
        return _KINDS[of_organization.group(1)]
    return GranteeKind.PRINCIPAL if principal.startswith("arn:") else GranteeKind.SERVICE


COLLECTORS = (
    Collector(
        name="sharing.resource_shares",
        label="RAM resource shares",
        scope=Scope.REGIONAL,
        service="ram",
        actions=(
            Action(
                "ram:GetResourceShares",
                "resource shares and whether they may go outside of the organization",
                given={"resourceOwner": "SELF", "maxResults": 1},
            ),
            Action(
                "ram:GetResourceShareAssociations",
                "what is shared with whom",
                given={"associationType": "PRINCIPAL", "maxResults": 1},
            ),
        ),
        read=alone(collect_resource_shares),
        covers=resources("ram", _TYPE),
    ),
)
