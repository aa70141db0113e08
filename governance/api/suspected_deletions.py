"""/suspected-deletions: what runs no longer found, too much at once to be taken for deleted."""

from collections.abc import Mapping, Sequence
from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.viewers import holds
from governance.api.parts.endpoints import OrganizationEndpoint
from governance.api.parts.list_endpoint import ListEndpoint
from governance.api.parts.pagination import Key
from governance.api.parts.permissions import token_of
from governance.api.parts.problems import CONFLICT, Problem
from governance.api.parts.representations import Representation
from governance.collection.deletions import CannotConfirm, deletion_confirm
from governance.filtering.runs import SuspectedDeletionFilters
from governance.presentation.suspected_wording import noun
from inventory.models import SuspectedDeletion
from inventory.selectors.suspected import suspected_deletions


class SuspectedDeletionRepresentation(Representation):
    """Rows of one kind and account that one run no longer found and that stay for now."""

    id = serializers.IntegerField()
    kind = serializers.SerializerMethodField(help_text="What they are, such as `policies`.")
    account_id = serializers.CharField(
        allow_null=True, help_text="Null: they belong to the organization itself."
    )
    missing_at = serializers.DateTimeField(
        help_text="Start of the first run that did not find them."
    )
    missing = serializers.IntegerField(help_text="How many that run did not find.")
    known = serializers.IntegerField(help_text="Of how many.")
    state = serializers.ChoiceField(choices=SuspectedDeletion.State.choices)
    deleted = serializers.IntegerField(source="closed", help_text="How many were closed since.")
    decided_at = serializers.DateTimeField(
        allow_null=True, help_text="Start of the run that decided, or when a person did."
    )
    decided_by = serializers.CharField(
        source="decided_by.username",
        default=None,
        allow_null=True,
        help_text="Null: a later run, or nobody yet.",
    )

    def get_kind(self, suspected: SuspectedDeletion) -> str:
        """Return the noun in the plural."""
        return noun(suspected.table, 2)

    def to_representation(self, instance: SuspectedDeletion) -> Any:
        """Give the organization itself by null."""
        serialized = super().to_representation(instance)
        if "account_id" in serialized:
            serialized["account_id"] = serialized["account_id"] or None
        return serialized


class SuspectedDeletionList(ListEndpoint):
    """The suspected deletions of an organization."""

    topic = "Inventory runs"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = SuspectedDeletionRepresentation
    queryset = SuspectedDeletion.objects.none()
    filterset_class = SuspectedDeletionFilters
    takes_as_of = False
    collectors = ()
    orderings = {"missing_at": (Key("missing_at"), Key("id"))}
    usual_ordering = "-missing_at"

    def was_read(self) -> bool:
        """They are our own record, so none of them means none."""
        return True

    def rows(self) -> Any:
        """Return all of them."""
        return suspected_deletions(self.viewer, connection=self.connection)

    def context(self, rows: Sequence[SuspectedDeletion]) -> Mapping[str, Any]:
        """Need nothing more."""
        return {}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List deletions that runs held back because they were too many at once."""
        return self.respond()


class SuspectedDeletionConfirm(OrganizationEndpoint):
    """A person's confirmation of a suspected deletion."""

    topic = "Inventory runs"
    rights = {"POST": rights.CONFIRM_DELETION}
    representation = SuspectedDeletionRepresentation
    answers = {200: OpenApiResponse(SuspectedDeletionRepresentation(), description="Closed.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Confirm a suspected deletion and close its rows.

        409 while a run is in progress, which decides by itself, and where it was decided already.
        """
        suspected_id = kwargs["suspected_id"]
        suspected = (
            suspected_deletions(self.viewer, connection=self.connection)
            .filter(pk=suspected_id)
            .first()
        )
        if suspected is None:
            raise self.missing(f"suspected deletion {suspected_id}")
        if not holds(
            request.user,
            rights.CONFIRM_DELETION,
            connection=self.connection,
            target_id=suspected.account_id,
            token=token_of(request),
        ):
            raise PermissionDenied(f"this needs the right {rights.CONFIRM_DELETION} there")
        try:
            confirmed = deletion_confirm(
                actor=actor_of(request),
                connection=self.connection,
                suspected_id=suspected_id,
                now=self.now,
            )
        except SuspectedDeletion.DoesNotExist:
            raise self.missing(f"suspected deletion {suspected_id}") from None
        except CannotConfirm as error:
            raise Problem(CONFLICT, str(error)) from error
        return Response(self.serialized(confirmed))
