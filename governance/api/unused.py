"""/unused-access: what SCPs allow and nobody used, and the SCPs that would deny it."""

from functools import cached_property
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.parts.endpoints import OrganizationEndpoint
from governance.api.parts.representations import Representation
from governance.api.usage import TOPIC, KnownLogsRepresentation
from governance.changes.proposals.unused import NothingToDeny, UnusedProposal, unused_proposal
from governance.filtering.usage import LONGEST_DAYS
from governance.posture.state.organization import CompiledOrganization, load_organization
from governance.usage.unused import (
    USUAL_DAYS,
    ServiceUsage,
    ServiceUse,
    TargetUsage,
    UnusedAccess,
    unused_access,
)
from inventory.selectors.freshness import AUTHORIZATION_POLICY_TYPES, AUTHORIZATION_TABLES
from policies.catalogue import load_catalogue


class ServiceUsageRepresentation(serializers.Serializer[ServiceUsage]):
    """A service of which SCPs leave the target something."""

    service = serializers.CharField(source="prefix")
    name = serializers.CharField()
    use = serializers.ChoiceField(
        source="state",
        choices=ServiceUse.choices,
        help_text="unused: the logs are complete and have no use. not_recorded: they are "
        "incomplete, and what was read has none. not_known: its use would not be recorded.",
    )
    allowed = serializers.SerializerMethodField(help_text="Actions that SCPs leave.")
    used = serializers.SerializerMethodField()
    unused = serializers.SerializerMethodField(help_text="Their names: no use is on record.")
    not_known = serializers.SerializerMethodField(help_text="How many would not be recorded.")
    reasons = serializers.DictField(
        child=serializers.IntegerField(), help_text="Why how many actions are not known."
    )
    last_day = serializers.DateField(allow_null=True, help_text="Null: no use is on record.")

    def get_allowed(self, one: ServiceUsage) -> int:
        """Return how many actions are left."""
        return one.allowed.bit_count()

    def get_used(self, one: ServiceUsage) -> int:
        """Return how many were used."""
        return one.used.bit_count()

    def get_unused(self, one: ServiceUsage) -> list[str]:
        """Return the actions without use."""
        return load_catalogue().actions(one.unused)

    def get_not_known(self, one: ServiceUsage) -> int:
        """Return how many are not known."""
        return one.not_known.bit_count()


class TargetUsageRepresentation(serializers.Serializer[TargetUsage]):
    """What lies directly below the target."""

    target_id = serializers.CharField(source="target.target_id")
    name = serializers.CharField(source="target.name")
    accounts = serializers.IntegerField(help_text="Below it, that SCPs bind.")
    services = serializers.DictField(
        child=serializers.IntegerField(), help_text="How many services are in which use."
    )


class UnusedProposalRepresentation(serializers.Serializer[UnusedProposal]):
    """A change request, as POST /change-requests takes it, that denies the unused actions."""

    title = serializers.CharField()
    reason = serializers.CharField()
    operations = serializers.SerializerMethodField(
        help_text="As /replays and /simulations take them, too."
    )
    actions = serializers.IntegerField(help_text="How many they deny.")
    services = serializers.ListField(child=serializers.CharField())

    def get_operations(self, one: UnusedProposal) -> list[dict[str, Any]]:
        """Return the operations."""
        return [dict(operation.as_json()) for operation in one.operations]


class UnusedAccessRepresentation(Representation):
    """What of a target's ceiling was used. Members are null where nothing is known of use."""

    target_id = serializers.CharField(source="target.target_id")
    since = serializers.DateField()
    until = serializers.DateField()
    logs = KnownLogsRepresentation(source="health", help_text="Those of the target's accounts.")
    trails = serializers.ListField(
        source="recorded.trails",
        child=serializers.CharField(),
        help_text="Whose settings say what is recorded; empty: not collected.",
    )
    unmapped_events = serializers.IntegerField(
        help_text="Events of the whole organization whose action is not known."
    )
    is_ceiling_known = serializers.BooleanField(
        help_text="False: some SCPs were not collected; what they deny counts as allowed."
    )
    services = serializers.SerializerMethodField()
    below = TargetUsageRepresentation(many=True)
    proposal = serializers.SerializerMethodField(
        help_text="For the services that `service` names; null: none is named, or none has an "
        "action that is known to be unused."
    )

    def get_services(self, found: UnusedAccess) -> "list[dict[str, Any]] | None":
        """Return the services, or None where nothing is known."""
        if not found.is_known:
            return None
        return [dict(ServiceUsageRepresentation(each).data) for each in found.services]

    def get_proposal(self, found: UnusedAccess) -> "dict[str, Any] | None":
        """Return the proposal, if services were named."""
        proposal: UnusedProposal | None = self.context["proposal"]
        return None if proposal is None else dict(UnusedProposalRepresentation(proposal).data)


class UnusedAccessDetail(OrganizationEndpoint):
    """What nobody used."""

    topic = TOPIC
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = UnusedAccessRepresentation
    shows_tables = AUTHORIZATION_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    own_parameters = (
        OpenApiParameter(
            "target_id",
            OpenApiTypes.STR,
            description="A root, OU or account; the root if left out.",
        ),
        OpenApiParameter(
            "days",
            {"type": "integer", "minimum": 1, "maximum": LONGEST_DAYS},
            description=f"Today included; {USUAL_DAYS} if left out.",
        ),
        OpenApiParameter(
            "service",
            OpenApiTypes.STR,
            many=True,
            description="Prefixes of services, such as sagemaker, whose unused actions `proposal` "
            "denies.",
        ),
    )

    @cached_property
    def organization(self) -> CompiledOrganization:
        """The organization as the latest run read it."""
        return load_organization(self.viewer, connection=self.connection)

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List by service what SCPs allow at a target and nobody used in the last `days`.

        An action is unused only where its use would have been recorded: see `not_known`.
        """
        names = self.organization.names
        target_id = request.query_params.get("target_id") or next(iter(names), "")
        if target_id not in names:
            raise self.missing(f"target {target_id}".strip())
        found = unused_access(
            self.viewer,
            connection=self.connection,
            organization=self.organization,
            target_id=target_id,
            now=self.now,
            days=self.read_days(request.query_params.get("days", str(USUAL_DAYS))),
        )
        return self.answer(self.serialized(found, proposal=self.proposal(found)))

    def proposal(self, found: UnusedAccess) -> UnusedProposal | None:
        """Return the SCPs for the services that the address names.

        :raises ValidationError: there is no such service.
        """
        wanted = self.request.query_params.getlist("service")
        known = load_catalogue().service_ranges
        if unknown := [each for each in wanted if each not in known]:
            raise ValidationError({"service": [f"AWS has no service {each}" for each in unknown]})
        try:
            return unused_proposal(self.connection, found, wanted) if wanted else None
        except NothingToDeny:
            return None

    def read_days(self, text: str) -> int:
        """Return over how many days use is looked for.

        :raises ValidationError: not a number of days.
        """
        if not (text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= LONGEST_DAYS):
            raise ValidationError({"days": [f"give a whole number from 1 to {LONGEST_DAYS}"]})
        return int(text)
