"""RAM resource shares that an account owns: what it shares, with whom, and to do what."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied, of_many
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, resources
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import RAM_SHARE, SHARE_PERMISSIONS, AccessGrant, GranteeKind

_TYPE: Final = "resource-share"
_ASSOCIATED: Final = "ASSOCIATED"
_ACCOUNT: Final = re.compile(r"\d{12}")
_ORGANIZATIONS: Final = re.compile(r"arn:[\w-]+:organizations::\d{12}:(organization|ou)/")
_KINDS: Final = {
    "organization": GranteeKind.ORGANIZATION,
    "ou": GranteeKind.ORGANIZATIONAL_UNIT,
}


@dataclass(frozen=True, slots=True)
class _Permission:
    """What a managed permission lets do with resources of one type. `resource_type`: as
    `ec2:Subnet`; `statement`: its policy template."""

    name: str
    resource_type: str
    statement: dict[str, Any]


@dataclass(slots=True)
class _Permissions:
    """Reads the permissions of shares, each version of one once."""

    ram: AwsClient
    known: dict[tuple[str, str], _Permission] = field(default_factory=dict)

    def of(self, share_arn: str) -> list[_Permission]:
        """Return the permissions of a share, one for each type of resource in it.

        :raises AwsReadDenied: they may not be read.
        """
        return [
            self._one(each["arn"], each["version"])
            for each in self.ram.paginate(
                "list_resource_share_permissions", "permissions", resourceShareArn=share_arn
            )
        ]

    def _one(self, arn: str, version: str) -> _Permission:
        found = self.known.get((arn, version))
        if found is None:
            answer = self.ram.call(
                "get_permission", permissionArn=arn, permissionVersion=int(version)
            )
            told = answer["permission"]
            try:
                statement = json.loads(told["permission"])
            except ValueError as error:
                raise told.malformed("permission", "is not JSON") from error
            if not isinstance(statement, dict) or "Action" not in statement:
                raise told.malformed("permission", "names no action")
            found = _Permission(told["name"], told["resourceType"], statement)
            self.known[arn, version] = found
        return found


def collect_resource_shares(ram: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each active share of the account in the region: resources, principals and permissions.

    One call where there is none; else three, one a share that somebody has and one a permission.
    That sharing with the organization is on shows as the trusted service `ram.amazonaws.com`.
    AWS: ram:GetResourceShares, GetResourceShareAssociations, ListResourceSharePermissions,
    GetPermission.
    :raises AwsPartlyDenied: every share was yielded, and what some of them permit was refused.
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
    permissions = _Permissions(ram)
    denied: dict[str, AwsReadDenied] = {}
    for share in shares:
        arn: str = share["resourceShareArn"]
        parts = ResourceParts(ram, "ram")
        permitted = None
        if arn in principals:
            permitted = parts.reading(SHARE_PERMISSIONS, partial(permissions.of, arn))
        if parts.denied is not None:
            denied[arn] = parts.denied
        yield parts.record(
            _TYPE,
            arn,
            share["name"],
            None,
            facts={
                "allow_external_principals": share["allowExternalPrincipals"],
                "resources": sorted(each["associatedEntity"] for each in shared.get(arn, [])),
            },
            grants=_grants(principals.get(arn, []), permitted or []),
        )
    if denied:
        raise of_many(denied, kind=AwsPartlyDenied)


def _grants(principals: Iterable[AwsAnswer], permitted: list[_Permission]) -> list[AccessGrant]:
    """Return what each principal may do, by permission; without actions where none is known."""
    found = []
    for each in principals:
        who: str = each["associatedEntity"]
        if not permitted:
            found.append(AccessGrant(_kind(who), who, RAM_SHARE))
        for one in permitted:
            actions = one.statement["Action"]
            found.append(
                AccessGrant(
                    _kind(who),
                    who,
                    RAM_SHARE,
                    (actions,) if isinstance(actions, str) else tuple(sorted(actions)),
                    name=one.name,
                    conditions=one.statement.get("Condition", {}),
                    resource_type=one.resource_type,
                )
            )
    return sorted(found, key=lambda grant: (grant.kind, grant.grantee, grant.name))


def _associated(ram: AwsClient, kind: str) -> dict[str, list[AwsAnswer]]:
    """Return the associations of one kind, by the ARN of their share."""
    found: dict[str, list[AwsAnswer]] = {}
    for each in ram.paginate(
        "get_resource_share_associations",
        "resourceShareAssociations",
        associationType=kind,
        associationStatus=_ASSOCIATED,
    ):
        found.setdefault(each["resourceShareArn"], []).append(each)
    return found


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
                finds={"share_arn": ("resourceShares", 0, "resourceShareArn")},
            ),
            Action(
                "ram:GetResourceShareAssociations",
                "what is shared with whom",
                given={"associationType": "PRINCIPAL", "maxResults": 1},
            ),
            Action(
                "ram:ListResourceSharePermissions",
                "the managed permissions of each share",
                given={"resourceShareArn": "{share_arn}", "maxResults": 1},
                finds={"permission_arn": ("permissions", 0, "arn")},
            ),
            Action(
                "ram:GetPermission",
                "the actions that each permission allows",
                given={"permissionArn": "{permission_arn}"},
            ),
        ),
        read=alone(collect_resource_shares),
        covers=resources("ram", _TYPE),
    ),
)
