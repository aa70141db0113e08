"""/external-parties: whom something lets in from outside, and whose accounts those are."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.api.parts.endpoints import OrganizationEndpoint
from governance.api.parts.problems import NOT_FOUND, PERMISSION_DENIED, Problem
from governance.api.parts.representations import BodyRepresentation, Representation, read_body
from governance.posture.trust.models import ExternalParty, TrustEdge
from governance.posture.trust.parties import (
    KIND_LABELS,
    MOST_ACCOUNTS,
    CannotNameParty,
    NoSuchParty,
    ObservedParty,
    observed_parties,
    party_remove,
    party_set,
)
from inventory.selectors.freshness import TRUST_TABLES

_TOPIC: Final = "Trust"
PARTY_KINDS: Final = list(KIND_LABELS.items())


class ObservedAccountRepresentation(serializers.Serializer[Any]):
    """One account outside that something lets in."""

    account_id = serializers.CharField()
    edges = serializers.IntegerField(help_text="Edges that are not blocked.")
    open = serializers.IntegerField(help_text="Of these, without a guard that holds.")
    blocked = serializers.IntegerField()
    resources = serializers.IntegerField(help_text="Roles and resources it can access.")
    account_ids = serializers.ListField(
        child=serializers.CharField(), help_text="Your accounts it can access."
    )
    since = serializers.DateTimeField()


class ExternalPartyRepresentation(Representation):
    """A party outside the organization."""

    name = serializers.CharField(allow_blank=True, help_text="Empty: the account is unknown.")
    kind = serializers.ChoiceField(choices=PARTY_KINDS)
    account_ids = serializers.ListField(child=serializers.CharField())
    named_here = serializers.SerializerMethodField(
        help_text="Whether the name was given here; such names can be changed and removed."
    )
    note = serializers.CharField(source="named.note", default="")
    version = serializers.IntegerField(source="named.version", default=0)
    published_at = serializers.CharField(
        source="source", help_text="The page on which the vendor publishes its accounts; or empty."
    )
    checked_on = serializers.CharField(help_text="When that page was read; or empty.")
    edges = serializers.IntegerField(help_text="Edges that are not blocked.")
    open = serializers.IntegerField(help_text="Of these, without a guard that holds.")
    blocked = serializers.IntegerField()
    worst_state = serializers.ChoiceField(
        choices=TrustEdge.EdgeState.choices,
        allow_blank=True,
        help_text="Empty: it has no access.",
    )
    since = serializers.DateTimeField(allow_null=True)
    accounts = ObservedAccountRepresentation(many=True)

    def get_named_here(self, party: ObservedParty) -> bool:
        """Return whether it was named here."""
        return party.named is not None


class NamedPartyRepresentation(BodyRepresentation):
    """The accounts of a party."""

    kind = serializers.ChoiceField(
        choices=ExternalParty.Kind.choices, default=ExternalParty.Kind.VENDOR
    )
    account_ids = serializers.ListField(
        child=serializers.CharField(), help_text=f"12 digits each, {MOST_ACCOUNTS} at most."
    )
    note = serializers.CharField(default="", allow_blank=True, max_length=2000)


class ExternalPartiesRepresentation(Representation):
    """Every party that something lets in, or that is named here."""

    results = ExternalPartyRepresentation(many=True)


class _Parties(OrganizationEndpoint):
    topic = _TOPIC
    shows_tables = TRUST_TABLES


class ExternalPartyList(_Parties):
    """External parties."""

    rights = {"GET": rights.VIEW_TRUST}
    representation = ExternalPartiesRepresentation

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the parties outside that something lets in, unknown accounts first."""
        found = observed_parties(self.viewer, connection=self.connection)
        return self.answer(self.serialized({"results": found}))


class ExternalPartyDetail(_Parties):
    """One external party, by its name; or an unknown account, by its id."""

    rights = {
        "GET": rights.VIEW_TRUST,
        "PUT": rights.NAME_EXTERNAL_PARTIES,
        "DELETE": rights.NAME_EXTERNAL_PARTIES,
    }
    representation = ExternalPartyRepresentation

    @property
    def takes(self) -> Any:
        """What the method takes."""
        return NamedPartyRepresentation if self.request.method == "PUT" else None

    @property
    def answers(self) -> dict[int, OpenApiResponse]:
        """What a change answers with."""
        if self.request.method == "DELETE":
            return {204: OpenApiResponse(description="Name removed.")}
        return {200: OpenApiResponse(ExternalPartyRepresentation(), description="The named party.")}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one party."""
        wanted = self.kwargs["party_name"]
        for party in observed_parties(self.viewer, connection=self.connection):
            if party.key.casefold() == wanted.casefold():
                return self.answer(self.serialized(party))
        if request.method == "PUT":
            # What is named for the first time is not there yet: `If-Match: *` names that state.
            return Response({})
        raise self.missing(f"external party {wanted}")

    def put(self, request: Request, /, **kwargs: Any) -> Response:
        """Name the accounts of a party. The first time, send `If-Match: *`.

        Edges take the name over once trust is worked out again, which a worker does at once.
        """
        values = read_body(NamedPartyRepresentation, request)
        try:
            party_set(
                by=self.by,
                connection=self.connection,
                name=self.kwargs["party_name"],
                kind=values["kind"],
                account_ids=values["account_ids"],
                note=values["note"],
                now=self.now,
            )
        except MayNot as error:
            raise Problem(PERMISSION_DENIED, str(error)) from error
        except CannotNameParty as error:
            raise ValidationError({error.member: [str(error)]}) from error
        return self.get(request, **kwargs)

    def delete(self, request: Request, /, **kwargs: Any) -> Response:
        """Forget a name that was given here; a published one counts again."""
        try:
            party_remove(
                by=self.by,
                connection=self.connection,
                name=self.kwargs["party_name"],
                now=self.now,
            )
        except MayNot as error:
            raise Problem(PERMISSION_DENIED, str(error)) from error
        except NoSuchParty as error:
            raise Problem(NOT_FOUND, str(error)) from error
        return Response(status=status.HTTP_204_NO_CONTENT)
