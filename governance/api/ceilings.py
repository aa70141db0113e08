"""…/ceiling of an account or OU: what may be done at most, and which level and statement decide."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api import ceiling_examples as examples
from governance.api.ceiling_representations import (
    AccountGroupRepresentation,
    ActionCeilingRepresentation,
    ActionDecisionRepresentation,
    CeilingRepresentation,
    ServiceCeilingRepresentation,
)
from governance.api.ceiling_targets import OF_CEILINGS, CeilingEndpoint, OfAccount, OfUnit
from governance.api.parts.endpoints import DetailEndpoint
from governance.api.parts.memory_lists import MemoryListEndpoint, chosen
from governance.posture.ceilings.groups import CeilingGroup, account_groups
from governance.posture.ceilings.level_stack import level_stack
from governance.posture.ceilings.organization_ceilings import CeilingOutcome
from governance.posture.ceilings.services import (
    ActionCeiling,
    Segment,
    ServiceCeiling,
    actions_of,
    decision_of,
    services_of,
)
from policies.catalogue_tables import ACCESS_LEVELS


class _Ceiling(CeilingEndpoint, DetailEndpoint):
    representation = CeilingRepresentation
    example = examples.CEILING

    def get(self, request: Request, **kwargs: str) -> Response:
        """Return what may be done at most, and what each level from the root down takes away.

        Counts are of AWS's actions under the assumptions in the answer. What hangs on a policy
        that cannot be read, or was not collected, counts as unknown.
        """
        target, ceilings = self.target, self.ceilings
        return self.answer(
            self.serialized(
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


class _Services(CeilingEndpoint, MemoryListEndpoint):
    representation = ServiceCeilingRepresentation
    example = examples.SERVICES
    own_parameters = (
        *OF_CEILINGS,
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
        segments = chosen(self.request, "segment", {one.value: one for one in Segment})
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


class _Actions(CeilingEndpoint, MemoryListEndpoint):
    representation = ActionCeilingRepresentation
    example = examples.ACTIONS
    own_parameters = (
        *OF_CEILINGS,
        OpenApiParameter("outcome", OpenApiTypes.STR, many=True, enum=list(CeilingOutcome)),
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
        outcomes = chosen(self.request, "outcome", {one.value: one for one in CeilingOutcome})
        levels = self.request.query_params.getlist("access_level")
        unknown = [level for level in levels if level not in ACCESS_LEVELS]
        if unknown:
            message = f"{unknown[0]!r} is not valid; choose one of {', '.join(ACCESS_LEVELS)}"
            raise ValidationError({"access_level": [message]})
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


class _CeilingActionRow(CeilingEndpoint, DetailEndpoint):
    representation = ActionDecisionRepresentation
    example = examples.DECISION

    def get(self, request: Request, **kwargs: str) -> Response:
        """Return which statement decides an action, in which policy, at which level.

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
            self.serialized(
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


class AccountCeilingEndpoint(OfAccount, _Ceiling):
    """The ceiling of an account."""


class AccountCeilingServices(OfAccount, _Services):
    """The ceiling of an account by service."""


class AccountCeilingActions(OfAccount, _Actions):
    """The actions of a service in an account."""


class AccountCeilingAction(OfAccount, _CeilingActionRow):
    """What decides one action in an account."""


class OrganizationalUnitCeiling(OfUnit, _Ceiling):
    """The ceiling of an OU, or of the root."""


class OrganizationalUnitCeilingServices(OfUnit, _Services):
    """The ceiling of an OU by service."""


class OrganizationalUnitCeilingActions(OfUnit, _Actions):
    """The actions of a service in an OU."""


class OrganizationalUnitCeilingAction(OfUnit, _CeilingActionRow):
    """What decides one action in an OU."""


class OrganizationalUnitCeilingGroups(OfUnit, MemoryListEndpoint):
    """Where the accounts of an OU differ."""

    representation = AccountGroupRepresentation
    example = examples.GROUPS
    sort_keys: ClassVar[Mapping[str, Callable[[CeilingGroup], list[Any]]]] = {
        "accounts": lambda one: [len(one.account_ids), one.account_ids[0]],
        "removed": lambda one: [one.removed.bit_count(), one.account_ids[0]],
    }
    usual_ordering = "-accounts"

    def found(self) -> Sequence[CeilingGroup]:
        """Return the groups."""
        return account_groups(self.ceilings, self.target.target_id)

    def was_read(self) -> bool:
        """Whether the accounts were ever read."""
        return "organizations.accounts" in self.complete_collectors()

    def context(self, rows: Sequence[CeilingGroup]) -> Mapping[str, Any]:
        """Return what counts by service need."""
        return {"catalogue": self.ceilings.catalogue}

    def get(self, request: Request, **kwargs: str) -> Response:
        """List groups of the accounts below an OU that may do the same under the same conditions.

        Each says what tells its accounts from the OU. The root's own id is taken as well.
        """
        return self.respond()
