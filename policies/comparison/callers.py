"""Who may call a resource that resource control policies bind, and what such a call carries.

A caller is a user, role, root user or federated user of some account (the resource's own, another
one of the organization, one outside), an AWS service, an identity provider, or anonymous. What the
request says of the caller follows from that; one value of a key excludes values of another.

Source: IAM user guide, "AWS global condition context keys" (availability of each key);
Organizations user guide, "Resource control policies (RCPs)".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from policies.evaluation.request import OrganizationIds
from policies.targets import TargetTree

PRINCIPAL_ARN: Final = "aws:principalarn"
PRINCIPAL_ACCOUNT: Final = "aws:principalaccount"
PRINCIPAL_TYPE: Final = "aws:principaltype"
IS_SERVICE: Final = "aws:principalisawsservice"
SERVICE_NAME: Final = "aws:principalservicename"
SERVICE_NAMES: Final = "aws:principalservicenameslist"
PRINCIPAL_ORGANIZATION: Final = "aws:principalorgid"
PRINCIPAL_PATHS: Final = "aws:principalorgpaths"
RESOURCE_ACCOUNT: Final = "aws:resourceaccount"
RESOURCE_ORGANIZATION: Final = "aws:resourceorgid"
CALLER_ACCOUNT: Final = "kms:calleraccount"
USER_NAME: Final = "aws:username"
USER_ID: Final = "aws:userid"
SOURCE_ACCOUNT: Final = "aws:sourceaccount"
SOURCE_ORGANIZATION: Final = "aws:sourceorgid"
SOURCE_PATHS: Final = "aws:sourceorgpaths"
SOURCE_ARN: Final = "aws:sourcearn"

DERIVED_KEYS: Final = frozenset(
    {PRINCIPAL_ARN, PRINCIPAL_ACCOUNT, PRINCIPAL_TYPE, IS_SERVICE, SERVICE_NAME, CALLER_ACCOUNT}
)
"""Keys whose value the principal determines, without exception."""
SOURCE_KEYS: Final = frozenset({SOURCE_ACCOUNT, SOURCE_ORGANIZATION, SOURCE_PATHS, SOURCE_ARN})
"""Keys that only calls by an AWS service carry: what it acts for."""
SERVICE_ONLY_KEYS: Final = frozenset({SERVICE_NAMES}) | SOURCE_KEYS
ORGANIZATION_KEYS: Final = frozenset(
    {PRINCIPAL_ORGANIZATION, PRINCIPAL_PATHS, RESOURCE_ORGANIZATION}
)
IDENTITY_KEYS: Final = frozenset(
    {
        "aws:federatedprovider",
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:sourceidentity",
        "aws:tokenissuetime",
    }
)
"""Keys that neither AWS services nor anonymous callers carry; principals' tags are others."""
_PRINCIPAL_TAG: Final = "aws:principaltag/"
PRINCIPAL_TYPES: Final[Mapping[str, str]] = {
    "role": "AssumedRole",
    "user": "User",
    "root": "Account",
    "federated-user": "FederatedUser",
}
"""aws:PrincipalType by kind of principal."""


def is_identity_key(key: str) -> bool:
    """Whether only calls by users, roles and their sessions carry a key (lower case)."""
    return key in IDENTITY_KEYS or key.startswith(_PRINCIPAL_TAG)


def is_caller_key(key: str) -> bool:
    """Whether a key (lower case) describes the caller, so that its value limits other keys."""
    return (
        key in DERIVED_KEYS
        or key in SOURCE_KEYS
        or key in ORGANIZATION_KEYS
        or key in (SERVICE_NAMES, USER_NAME, USER_ID)
        or is_identity_key(key)
    )


@dataclass(frozen=True, slots=True, eq=False)
class ResourceCaller:
    """A caller and the context that comes with it, keys in lower case.

    `is_own`: it is of the resource's account, and any other account's caller would do as well.
    `is_unusual`: the context holds a combination that AWS is not known to send.
    """

    principal: str
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    is_own: bool = False
    is_unusual: bool = False


@dataclass(frozen=True, slots=True)
class CallerScope:
    """Which callers are meant: those of the account that is asked about, and all others.

    `providers`: identity providers among the others. `own_resource`: the resource is of the
    account, so that its organization is the account's.
    """

    own: bool = True
    others: bool = True
    providers: bool = True
    own_resource: bool = True


EVERY_CALLER: Final = CallerScope()


class CallersOrganization:
    """What is known of the organization whose resources are called.

    `organization`: its id, if it is known; `tree`: its accounts and where they are.
    """

    def __init__(self, tree: TargetTree, organization: OrganizationIds | None) -> None:
        self._tree = tree
        self.organization_id = organization.organization_id if organization else None
        management = organization.management_account_id if organization else None
        self.account_ids = [one.target_id for one in tree.by_id.values() if one.is_account]
        if management is not None and management not in tree.by_id:
            self.account_ids.append(management)
        self._members = frozenset(self.account_ids)
        self._accounts_by_place: dict[str, str] | None = None

    def __contains__(self, account_id: object) -> bool:
        return account_id in self._members

    @property
    def accounts_by_place(self) -> Mapping[str, str]:
        """The first account at each place: `r-…/ou-…/` → its id."""
        if self._accounts_by_place is None:
            self._accounts_by_place = {}
            for account_id in self.account_ids:
                place = self.place_of(account_id)
                if place is not None:
                    self._accounts_by_place.setdefault(place, account_id)
        return self._accounts_by_place

    def place_of(self, account_id: str) -> str | None:
        """Return what is above an account, `r-…/ou-…/`; None if that is not known."""
        if account_id not in self._tree.by_id:
            return None
        parents = [target.target_id for target in self._tree.path(account_id)[:-1]]
        if not parents or not all(one.startswith(("r-", "ou-")) for one in parents):
            return None
        return "".join(f"{one}/" for one in parents)
