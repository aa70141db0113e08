"""/grants: roles, owners and labels that wait for a second person. Tokens decide none."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.owners.acting import ActingPerson
from governance.access.owners.deciding import (
    CannotDecide,
    MayNotDecide,
    SessionOnly,
    grant_confirm,
    grant_refuse,
    proposals,
    why_not,
)
from governance.access.owners.models import GrantProposal
from governance.api.owner_representations import GrantDecision, GrantRepresentation
from governance.api.parts.endpoints import Endpoint
from governance.api.parts.fresh_proof import require_fresh_proof
from governance.api.parts.list_endpoint import by
from governance.api.parts.memory_lists import chosen
from governance.api.parts.pagination import page_of, page_request
from governance.api.parts.permissions import person_of, token_of
from governance.api.parts.problems import (
    CONFLICT,
    NOT_FOUND,
    PERMISSION_DENIED,
    SESSION_ONLY,
    Problem,
)
from governance.api.parts.representations import read_body

_TOPIC = "Owners"


class GrantPageRepresentation(serializers.Serializer[Any]):
    """A page of grants."""

    results = GrantRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class _Grants(Endpoint):
    topic = _TOPIC
    representation = GrantRepresentation

    def rows(self) -> "QuerySet[GrantProposal]":
        """Return the grants that the asker may see."""
        return proposals(self.viewer, user=person_of(self.request))

    def find(self, grant_id: int) -> GrantProposal:
        """Return one of them.

        :raises Problem: there is no such grant.
        """
        found = self.rows().filter(pk=grant_id).first()
        if found is None:
            raise Problem(NOT_FOUND, f"there is no grant {grant_id} that you may see")
        return found


class GrantList(_Grants):
    """The grants."""

    rights = {"GET": rights.VIEW_INVENTORY}
    page_representation = GrantPageRepresentation
    own_parameters = (
        OpenApiParameter(
            "state",
            OpenApiTypes.STR,
            enum=[state.value for state in GrantProposal.State],
            many=True,
            description="Only in these states.",
        ),
    )
    orderings = {"proposed_at": by("proposed_at", "id")}
    usual_ordering = "-proposed_at"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request) -> Response:
        """List grants that wait for a second person, and those decided."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        states = chosen(request, "state", {one.value: one.value for one in GrantProposal.State})
        rows = self.rows().filter(state__in=states) if states else self.rows()
        page = page_of(rows, asked)
        return self.respond_with(page, self.serialized(page.rows, many=True))


class GrantDetail(_Grants):
    """One grant."""

    rights = {"GET": rights.VIEW_INVENTORY}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one grant."""
        return self.answer(self.serialized(self.find(kwargs["grant_id"])))


class _Decision(_Grants):
    # Who may decide depends on the grant; `decide` judges it. A token never may.
    rights = {"POST": rights.SIGNED_IN}
    takes = GrantDecision
    answers = {200: OpenApiResponse(GrantRepresentation(), description="Decided.")}

    def decided(
        self,
        request: Request,
        grant_id: int,
        decide: Callable[..., GrantProposal],
        *,
        proves: bool = False,
    ) -> Response:
        """Decide a grant and answer with it. `proves`: only after a fresh proof of who decides.

        :raises Problem: a token was sent, the grant is not theirs to decide, it is decided, or
            the proof is missing.
        """
        if token_of(request) is not None:
            raise Problem(SESSION_ONLY, "a person decides grants in their own session")
        given = read_body(GrantDecision, request)
        found, acting = self.find(grant_id), ActingPerson(person_of(request), actor_of(request))
        if proves and not why_not(acting, found):
            require_fresh_proof(request)
        try:
            done = decide(
                by=acting,
                proposal_id=grant_id,
                note=given["note"],
                now=self.now,
            )
        except SessionOnly as error:
            raise Problem(SESSION_ONLY, str(error)) from error
        except MayNotDecide as error:
            raise Problem(PERMISSION_DENIED, str(error)) from error
        except CannotDecide as error:
            raise Problem(CONFLICT, str(error)) from error
        return Response(self.serialized(done))


class GrantConfirm(_Decision):
    """The confirmation by a second person."""

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Confirm what someone else proposed; from now on it counts. Sessions only.

        403 for who proposed it or gains by it, and without a fresh proof of who decides; 409 where
        it was decided already.
        """
        return self.decided(request, kwargs["grant_id"], grant_confirm, proves=True)


class GrantRefuse(_Decision):
    """The refusal of a grant, or its withdrawal by who proposed it."""

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Refuse a grant; what was proposed is taken back. Sessions only."""
        return self.decided(request, kwargs["grant_id"], grant_refuse)
