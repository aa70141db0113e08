"""…/ceiling of an account or OU: what may be done at most, and which level and statement decide."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from django.urls import reverse as page_address
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.api import ceiling_examples as examples
from governance.api.ceiling_representations import (
    AccountGroupRepresentation,
    ActionCeilingRepresentation,
    ActionDecisionRepresentation,
    CeilingRepresentation,
    ServiceCeilingRepresentation,
)
from governance.api.endpoints import DetailEndpoint, OrganizationEndpoint
from governance.api.memory_lists import MemoryListEndpoint, chosen
from governance.posture.assumed import read_assumed
from governance.posture.ceiling_groups import AccountGroup, account_groups
from governance.posture.ceiling_services import (
    ActionCeiling,
    Segment,
    ServiceCeiling,
    actions_of,
    decision_of,
    services_of,
)
from governance.posture.ceilings import OrganizationCeilings, Outcome, organization_ceilings
from governance.posture.level_stack import level_stack
from governance.posture.organization import (
    CONTROL_TYPES,
    SCP,
    CompiledOrganization,
    TargetName,
    load_organization,
)
from policies import PolicyType
from policies.catalogue_tables import ACCESS_LEVELS
from policies.ceiling import BadAssumption

_OF_CEILINGS: Final = (
    OpenApiParameter(
        "policy_type",
        OpenApiTypes.STR,
        enum=list(CONTROL_TYPES),
        description="SCPs limit the target's principals, RCPs whoever calls its resources, in "
        "the services that RCPs reach. SERVICE_CONTROL_POLICY unless told.",
    ),
    OpenApiParameter(
        "assume",
        OpenApiTypes.STR,
        many=True,
        description="What to take for given: `aws:RequestedRegion=eu-west-1`, "
        "`!aws:SourceVpce` (absent), `principal!=root`, `principal=role` (or user, root, "
        "federated-user), or `nothing` alone. Unless told: the connection's home region, and "
        "for SCPs that the root user does not call.",
    ),
)
_KEPT: Final = ("policy_type", "assume", "as_of")


class _CeilingEndpoint(OrganizationEndpoint):
    """What the endpoints of accounts and of OUs share.

    `route`: the beginning of the names of their addresses; `page_route`: of the screens'.
    """

    rights = {"GET": rights.VIEW_INVENTORY}
    takes_as_of = True
    own_parameters: ClassVar[tuple[OpenApiParameter, ...]] = _OF_CEILINGS
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
            told = f"{given!r} has no ceiling; choose of {', '.join(CONTROL_TYPES)}"
            raise ValidationError({"policy_type": [told]})
        try:
            assumed = read_assumed(
                self.request.query_params.getlist("assume"),
                home_region=self.connection.home_region,
                policy_type=policy_type,
            )
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


class _Ceiling(_CeilingEndpoint, DetailEndpoint):
    representation = CeilingRepresentation
    example = examples.CEILING

    def get(self, request: Request, **kwargs: str) -> Response:
        """Tell what may be done at most, and what each level from the root down takes away.

        Counts are of AWS's actions under the assumptions told. What hangs on a policy that cannot
        be read, or was not collected, counts as unknown.
        """
        target, ceilings = self.target, self.ceilings
        return self.answer(
            self.told(
                {
                    "target_id": target.target_id,
                    "target_type": target.kind,
                    "name": target.name,
                    "policy_type": self.policy_type.value,
                    "binding": ceilings.binding(target.target_id).value,
                    "assumptions": ceilings.assumed.address(),
                    "actions": ceilings.of(target.target_id).within(ceilings.scope),
                    "levels": level_stack(ceilings, target.target_id),
                    "unreadable": [
                        (self.organization.names[at], policy)
                        for at, policy in ceilings.unreadable(target.target_id)
                    ],
                    "services_url": self.address("services"),
                    "page": self.screen(""),
                },
                catalogue=ceilings.catalogue,
            )
        )


class _Services(_CeilingEndpoint, MemoryListEndpoint):
    representation = ServiceCeilingRepresentation
    example = examples.SERVICES
    own_parameters = (
        *_OF_CEILINGS,
        OpenApiParameter("q", OpenApiTypes.STR, description="In the prefix or the name."),
        OpenApiParameter(
            "segment",
            OpenApiTypes.STR,
            many=True,
            enum=list(Segment),
            description="narrowed: some action is not always possible. conditional, unknown: "
            "some action is. never: none is possible.",
        ),
    )
    sort_keys: ClassVar[Mapping[str, Callable[[ServiceCeiling], list[Any]]]] = {
        "service": lambda one: [one.prefix],
        "always": lambda one: [one.always, one.prefix],
        "conditional": lambda one: [one.conditional, one.prefix],
        "never": lambda one: [one.never, one.prefix],
        "unknown": lambda one: [one.unknown, one.prefix],
    }
    usual_ordering = "service"

    def found(self) -> Sequence[ServiceCeiling]:
        """Return the services that the filters leave."""
        segments = chosen(self.request, "segment", Segment)
        wanted = self.request.query_params.get("q", "").casefold()
        target_id = self.target.target_id
        steps = level_stack(self.ceilings, target_id)
        return [
            one
            for one in services_of(self.ceilings, target_id, steps)
            if (not segments or any(segment.holds(one) for segment in segments))
            and (wanted in one.prefix or wanted in one.name.casefold())
        ]

    def was_read(self) -> bool:
        """The services are AWS's, so none of them is none."""
        return True

    def context(self, rows: Sequence[ServiceCeiling]) -> Mapping[str, Any]:
        """Return what the addresses need."""
        return {"url_of": self.addresses_of("actions", "service")}

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the services with how many of their actions are always, conditionally, never left.

        For RCPs only the services that RCPs reach; they limit no other.
        """
        return self.respond()


class _Actions(_CeilingEndpoint, MemoryListEndpoint):
    representation = ActionCeilingRepresentation
    example = examples.ACTIONS
    own_parameters = (
        *_OF_CEILINGS,
        OpenApiParameter("outcome", OpenApiTypes.STR, many=True, enum=list(Outcome)),
        OpenApiParameter("access_level", OpenApiTypes.STR, many=True, enum=list(ACCESS_LEVELS)),
    )
    sort_keys: ClassVar[Mapping[str, Callable[[ActionCeiling], list[Any]]]] = {
        "action": lambda one: [one.name.lower()],
        "access_level": lambda one: [one.level, one.name.lower()],
        "outcome": lambda one: [one.outcome.value, one.name.lower()],
    }
    usual_ordering = "action"

    def found(self) -> Sequence[ActionCeiling]:
        """Return the actions that the filters leave."""
        outcomes = chosen(self.request, "outcome", Outcome)
        levels = self.request.query_params.getlist("access_level")
        unknown = [level for level in levels if level not in ACCESS_LEVELS]
        if unknown:
            told = f"{unknown[0]!r} is none; choose of {', '.join(ACCESS_LEVELS)}"
            raise ValidationError({"access_level": [told]})
        return [
            one
            for one in actions_of(self.ceilings, self.target.target_id, self.service())
            if (not outcomes or one.outcome in outcomes) and (not levels or one.level in levels)
        ]

    def was_read(self) -> bool:
        """The actions are AWS's, so none of them is none."""
        return True

    def context(self, rows: Sequence[ActionCeiling]) -> Mapping[str, Any]:
        """Return what the addresses need."""
        return {"url_of": self.addresses_of("action", "action", service=self.service())}

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the actions of one service with what becomes of each."""
        return self.respond()


class _Action(_CeilingEndpoint, DetailEndpoint):
    representation = ActionDecisionRepresentation
    example = examples.DECISION

    def get(self, request: Request, **kwargs: str) -> Response:
        """Tell which statement decides an action, in which policy, at which level.

        A conditional action names the conditions it hangs on; an unknown one the policies that
        may decide it and cannot be read.
        """
        ceilings, service = self.ceilings, self.service()
        name = f"{service}:{kwargs['action']}"
        index = ceilings.catalogue.index_of.get(name.lower())
        if index is None:
            raise self.missing(f"action {name} in the catalogue of AWS's actions")
        target_id = self.target.target_id
        decision = decision_of(ceilings, target_id, index)
        short = decision.action.name.partition(":")[2]
        return self.answer(
            self.told(
                {
                    "decision": decision,
                    "policy_type": self.policy_type.value,
                    "binding": ceilings.binding(target_id).value,
                    "assumptions": ceilings.assumed.address(),
                    "is_limited_by_type": bool(ceilings.scope >> index & 1),
                    "page": self.screen("ceiling-action", service=service, action=short),
                }
            )
        )


class _OfAccount(_CeilingEndpoint):
    topic = "Accounts"
    route = "account-ceiling"
    page_route = "account"
    id_argument = "account_id"
    target_kinds = ("ACCOUNT",)
    noun = "account"


class _OfUnit(_CeilingEndpoint):
    topic = "Organizational units"
    route = "organizational-unit-ceiling"
    page_route = "organizational-unit"
    id_argument = "target_id"
    target_kinds = ("ORGANIZATIONAL_UNIT", "ROOT")
    noun = "organizational unit"


class AccountCeiling(_OfAccount, _Ceiling):
    """The ceiling of an account."""


class AccountCeilingServices(_OfAccount, _Services):
    """The ceiling of an account by service."""


class AccountCeilingActions(_OfAccount, _Actions):
    """The actions of a service in an account."""


class AccountCeilingAction(_OfAccount, _Action):
    """What decides one action in an account."""


class OrganizationalUnitCeiling(_OfUnit, _Ceiling):
    """The ceiling of an OU, or of the root."""


class OrganizationalUnitCeilingServices(_OfUnit, _Services):
    """The ceiling of an OU by service."""


class OrganizationalUnitCeilingActions(_OfUnit, _Actions):
    """The actions of a service in an OU."""


class OrganizationalUnitCeilingAction(_OfUnit, _Action):
    """What decides one action in an OU."""


class OrganizationalUnitCeilingGroups(_OfUnit, MemoryListEndpoint):
    """Where the accounts of an OU differ."""

    representation = AccountGroupRepresentation
    example = examples.GROUPS
    sort_keys: ClassVar[Mapping[str, Callable[[AccountGroup], list[Any]]]] = {
        "accounts": lambda one: [len(one.account_ids), one.account_ids[0]],
        "removed": lambda one: [one.removed.bit_count(), one.account_ids[0]],
    }
    usual_ordering = "-accounts"

    def found(self) -> Sequence[AccountGroup]:
        """Return the groups."""
        return account_groups(self.ceilings, self.target.target_id)

    def was_read(self) -> bool:
        """Whether the accounts were ever read."""
        return "organizations.accounts" in self.complete_collectors()

    def context(self, rows: Sequence[AccountGroup]) -> Mapping[str, Any]:
        """Return what counts by service need."""
        return {"catalogue": self.ceilings.catalogue}

    def get(self, request: Request, **kwargs: str) -> Response:
        """List groups of the accounts below an OU that may do the same under the same conditions.

        Each says what tells its accounts from the OU. The root's own id is taken as well.
        """
        return self.respond()
