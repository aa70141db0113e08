"""Whose ceiling an address means, of which policy type and under which assumptions."""

from collections.abc import Callable
from functools import cached_property
from typing import ClassVar, Final
from urllib.parse import urlencode

from django.urls import reverse as page_address
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.reverse import reverse

from governance.access import rights
from governance.api.parts.endpoints import OrganizationEndpoint
from governance.posture.ceilings.organization_ceilings import (
    OrganizationCeilings,
    organization_ceilings,
)
from governance.posture.ceilings.usual import usual_assumptions
from governance.posture.state.organization import (
    CONTROL_TYPES,
    SCP,
    CompiledOrganization,
    TargetName,
    load_organization,
)
from inventory.selectors.freshness import AUTHORIZATION_POLICY_TYPES, AUTHORIZATION_TABLES
from policies import PolicyType
from policies.ceiling import BadAssumption

OF_CEILINGS: Final = (
    OpenApiParameter(
        "policy_type",
        OpenApiTypes.STR,
        enum=list(CONTROL_TYPES),
        description="SCPs limit the target's principals, RCPs whoever calls its resources, in "
        "the services that RCPs reach. Default: SERVICE_CONTROL_POLICY.",
    ),
    OpenApiParameter(
        "assume",
        OpenApiTypes.STR,
        many=True,
        description="What to assume: `aws:RequestedRegion=eu-west-1`, "
        "`!aws:SourceVpce` (absent), `principal!=root`, `principal=role` (or user, root, "
        "federated-user), or `nothing` alone. By default: a region that the organization's "
        "policies allow, and for SCPs an ordinary role that no exemption names.",
    ),
)
_KEPT: Final = ("policy_type", "assume", "as_of")


class CeilingEndpoint(OrganizationEndpoint):
    """What the endpoints of accounts and of OUs share.

    `route`: the beginning of the names of their addresses; `page_route`: of the screens'.
    """

    shows_tables = AUTHORIZATION_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    rights = {"GET": rights.VIEW_INVENTORY}
    takes_as_of = True
    own_parameters: ClassVar[tuple[OpenApiParameter, ...]] = OF_CEILINGS
    route: ClassVar[str]
    page_route: ClassVar[str]
    id_argument: ClassVar[str]
    target_kinds: ClassVar[tuple[str, ...]]
    noun: ClassVar[str]

    @property
    def target_id(self) -> str:
        """The account's or OU's id."""
        target_id: str = self.kwargs[self.id_argument]
        return target_id

    @cached_property
    def organization(self) -> CompiledOrganization:
        """The organization at the time looked at."""
        return load_organization(self.viewer, connection=self.connection, as_of=self.as_of)

    @cached_property
    def target(self) -> TargetName:
        """The account or OU.

        :raises Problem: it is not, or was not then, in the organization.
        """
        found = self.organization.names.get(self.target_id) or self.organization.unplaced.get(
            self.target_id
        )
        if found is None or found.kind not in self.target_kinds:
            raise self.missing(f"{self.noun} {self.target_id}")
        return found

    @cached_property
    def ceilings(self) -> OrganizationCeilings:
        """The ceilings of the type and under the assumptions that the query names.

        :raises ValidationError: a type that has no ceiling, or an assumption that says nothing.
        """
        given = self.request.query_params.get("policy_type", SCP.value)
        policy_type = next((kind for kind in CONTROL_TYPES if kind.value == given), None)
        if policy_type is None:
            message = f"{given!r} has no ceiling; choose one of {', '.join(CONTROL_TYPES)}"
            raise ValidationError({"policy_type": [message]})
        try:
            usual = usual_assumptions(self.organization, self.connection.home_region)
            assumed = usual.read(self.request.query_params.getlist("assume"), policy_type)
        except BadAssumption as error:
            raise ValidationError({"assume": [str(error)]}) from error
        return organization_ceilings(self.organization, assumed, policy_type)

    @property
    def policy_type(self) -> PolicyType:
        """The type of the policies that are looked at."""
        return self.ceilings.policy_type

    def address(self, part: str, **arguments: str) -> str:
        """Return an address of this ceiling with type, assumptions and time kept."""
        where = {"slug": self.connection.slug, self.id_argument: self.target_id, **arguments}
        return self._kept(reverse(f"api:{self.route}-{part}", kwargs=where, request=self.request))

    def screen(self, part: str, **arguments: str) -> str | None:
        """Return the address of a screen, None where there is none."""
        if self.target.kind == "ROOT":
            return None
        where = {"slug": self.connection.slug, self.id_argument: self.target_id, **arguments}
        name = f"{self.page_route}-{part}" if part else self.page_route
        return self._kept(self.request.build_absolute_uri(page_address(name, kwargs=where)))

    def addresses_of(self, part: str, name: str, **arguments: str) -> Callable[[str], str]:
        """Return a function from the value of one argument to an address; reversing is slow."""
        pattern = self.address(part, **arguments, **{name: "0VALUE0"})
        return lambda value: pattern.replace("0VALUE0", value)

    def _kept(self, path: str) -> str:
        query = self.request.query_params
        kept = [(name, value) for name in _KEPT for value in query.getlist(name)]
        return f"{path}?{urlencode(kept)}" if kept else path

    def service(self) -> str:
        """Return the service that the address names.

        :raises Problem: AWS has none of that name.
        """
        prefix: str = self.kwargs["service"].lower()
        if prefix not in self.ceilings.catalogue.service_ranges:
            raise self.missing(f"service {prefix} in the catalogue of AWS's actions")
        return prefix


class OfAccount(CeilingEndpoint):
    """An address of an account's ceiling."""

    topic = "Accounts"
    route = "account-ceiling"
    page_route = "account"
    id_argument = "account_id"
    target_kinds = ("ACCOUNT",)
    noun = "account"


class OfUnit(CeilingEndpoint):
    """An address of an OU's ceiling, or the root's."""

    topic = "Organizational units"
    route = "organizational-unit-ceiling"
    page_route = "organizational-unit"
    id_argument = "target_id"
    target_kinds = ("ORGANIZATIONAL_UNIT", "ROOT")
    noun = "organizational unit"
