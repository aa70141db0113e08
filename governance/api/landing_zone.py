"""/landing-zone: core accounts, Control Tower, who enforces what, logging health."""

from collections.abc import Sequence
from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.api.landing_zone_representations import (
    AccountLoggingRepresentation,
    CoreAccountRepresentation,
    LandingZoneRepresentation,
    NewCoreAccountRepresentation,
)
from governance.api.parts.endpoints import DetailEndpoint, OrganizationEndpoint
from governance.api.parts.memory_lists import MemoryListEndpoint, chosen
from governance.api.parts.problems import NOT_FOUND, PERMISSION_DENIED, Problem
from governance.api.parts.representations import read_body
from governance.baseline.landing_zone.confirming import (
    CannotConfirmCoreAccount,
    NoSuchCoreAccount,
    core_account_confirm,
    core_account_remove,
)
from governance.baseline.landing_zone.control_tower import control_tower_status
from governance.baseline.landing_zone.core_accounts import CoreAccountStanding, core_accounts
from governance.baseline.landing_zone.enforcement import landing_zone_enforcement
from governance.baseline.landing_zone.findings import core_account_findings, tower_findings
from governance.baseline.landing_zone.logging_health import (
    HEALTH_ORDER,
    AccountLogging,
    LogService,
    LogServiceHealth,
    logging_health,
)
from governance.baseline.landing_zone.trail_storage import trail_storages

_TOPIC: Final = "Landing zone"
_TABLES: Final = ("ServiceConfiguration", "Account", "DelegatedAdministrator", "PolicyAttachment")


class LandingZoneDetail(DetailEndpoint):
    """The landing zone of an organization."""

    topic = _TOPIC
    rights = {"GET": rights.VIEW_LANDING_ZONE}
    representation = LandingZoneRepresentation
    shows_tables = _TABLES

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get core accounts, Control Tower, who limits which accounts, and logging health.

        What could not be read is `unknown`, never missing and never good.
        """
        asked: dict[str, Any] = {
            "connection": self.connection,
            "now": self.now,
            "as_of": self.as_of,
        }
        standings = core_accounts(self.viewer, **asked)
        tower = control_tower_status(self.viewer, **asked)
        return self.answer(
            self.serialized(
                {
                    "core_accounts": standings,
                    "control_tower": tower,
                    "enforcement": landing_zone_enforcement(self.viewer, **asked, status=tower),
                    "logging": logging_health(self.viewer, **asked),
                    "trails": trail_storages(
                        self.viewer,
                        connection=self.connection,
                        standings=standings,
                        as_of=self.as_of,
                    ),
                    "findings": [
                        *core_account_findings(standings),
                        *tower_findings(tower.gaps),
                    ],
                }
            )
        )


class CoreAccountDetail(OrganizationEndpoint):
    """One piece of the landing zone's work, by its purpose."""

    topic = _TOPIC
    rights = {
        "GET": rights.VIEW_LANDING_ZONE,
        "PUT": rights.CONFIRM_CORE_ACCOUNTS,
        "DELETE": rights.CONFIRM_CORE_ACCOUNTS,
    }
    representation = CoreAccountRepresentation
    shows_tables = _TABLES

    @property
    def takes(self) -> Any:
        """What the method takes."""
        return NewCoreAccountRepresentation if self.request.method == "PUT" else None

    @property
    def answers(self) -> dict[int, OpenApiResponse]:
        """What a change answers with."""
        if self.request.method == "DELETE":
            return {204: OpenApiResponse(description="The confirmation is forgotten.")}
        return {200: OpenApiResponse(CoreAccountRepresentation(), description="Current.")}

    def standing(self) -> CoreAccountStanding:
        """Return who does the work.

        :raises Problem: there is no such purpose.
        """
        wanted = self.kwargs["purpose"]
        for each in core_accounts(self.viewer, connection=self.connection, now=self.now):
            if each.purpose == wanted:
                return each
        raise self.missing(f"core account for {wanted}")

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get who does one piece of work, with the evidence."""
        return self.answer(self.serialized(self.standing()))

    def put(self, request: Request, /, **kwargs: Any) -> Response:
        """Confirm the account that does the work, in the place of any confirmed before."""
        values = read_body(NewCoreAccountRepresentation, request)
        try:
            core_account_confirm(
                by=self.by,
                connection=self.connection,
                purpose=self.kwargs["purpose"],
                account_id=values["account_id"],
                now=self.now,
            )
        except MayNot as error:
            raise Problem(PERMISSION_DENIED, str(error)) from error
        except CannotConfirmCoreAccount as error:
            raise ValidationError({error.member: [str(error)]}) from error
        return self.get(request, **kwargs)

    def delete(self, request: Request, /, **kwargs: Any) -> Response:
        """Forget who was confirmed; the evidence counts again."""
        try:
            core_account_remove(
                by=self.by,
                connection=self.connection,
                purpose=self.kwargs["purpose"],
                now=self.now,
            )
        except MayNot as error:
            raise Problem(PERMISSION_DENIED, str(error)) from error
        except NoSuchCoreAccount as error:
            raise Problem(NOT_FOUND, str(error)) from error
        return Response(status=status.HTTP_204_NO_CONTENT)


class LandingZoneLogging(MemoryListEndpoint):
    """Logging and detection by account."""

    topic = _TOPIC
    rights = {"GET": rights.VIEW_LANDING_ZONE}
    representation = AccountLoggingRepresentation
    shows_tables = ("ServiceConfiguration", "Account")
    collectors = ("organizations.accounts",)
    own_parameters = (
        OpenApiParameter(
            "service",
            OpenApiTypes.STR,
            many=True,
            enum=list(LogService),
            description="Of which `health` is asked; without it, of any.",
        ),
        OpenApiParameter(
            "health",
            OpenApiTypes.STR,
            many=True,
            enum=list(LogServiceHealth),
            description="Where its state is worst.",
        ),
        OpenApiParameter(
            "account_id", OpenApiTypes.STR, many=True, description="One of these accounts."
        ),
    )
    sort_keys = {
        "name": lambda one: [one.name, one.account_id],
        "health": lambda one: [HEALTH_ORDER[one.health], one.name, one.account_id],
    }
    usual_ordering = found_in = "name"

    def found(self) -> Sequence[AccountLogging]:
        """Return the accounts that the filters leave."""
        services = chosen(self.request, "service", {one.value: one for one in LogService})
        healths = chosen(self.request, "health", {one.value: one for one in LogServiceHealth})
        account_ids = self.request.query_params.getlist("account_id")
        every = logging_health(
            self.viewer,
            connection=self.connection,
            now=self.now,
            as_of=self.as_of,
            account_ids=account_ids or None,
        ).accounts
        return [
            account
            for account in every
            if not healths
            or any(
                account.services[service].health in healths
                for service in services or tuple(LogService)
            )
        ]

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List how CloudTrail, Config, GuardDuty and Security Hub fare in each active account.

        `unknown`: that could not be read, or was read too long ago; it is never `good`.
        """
        return self.respond()
