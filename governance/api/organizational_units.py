"""/organizational-units: the organization's OUs."""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.api.parts.endpoints import DetailEndpoint
from governance.api.parts.list_endpoint import ListEndpoint, by
from governance.api.parts.representations import (
    LevelsRepresentation,
    PathField,
    Representation,
    TagsField,
)
from governance.filtering.organization import OrganizationalUnitFilters
from inventory.models import OrganizationalUnit
from inventory.selectors.freshness import AUTHORIZATION_POLICY_TYPES, AUTHORIZATION_TABLES
from inventory.selectors.hierarchy import levels, organizational_units


class OrganizationalUnitRepresentation(Representation):
    """An OU, as one version of it was seen."""

    target_id = serializers.CharField(help_text="ou-…")
    url = serializers.SerializerMethodField()
    name = serializers.CharField()
    arn = serializers.CharField()
    parent_id = serializers.CharField(help_text="The root or the OU that it is directly in.")
    path = PathField(help_text="Ids from the root to the unit itself.")
    tags = TagsField()
    seen_from = serializers.DateTimeField(
        help_text="Start of the run that first found it in this state."
    )
    seen_until = serializers.DateTimeField(
        allow_null=True,
        help_text="Start of the run that found it changed or deleted; null: current.",
    )

    def to_representation(self, instance: OrganizationalUnit) -> Any:
        """Give no tags of an OU of which only the name and the policies may be seen."""
        serialized = super().to_representation(instance)
        if instance.tags_hidden and "tags" in serialized:
            serialized["tags"] = None
        return serialized

    def get_url(self, unit: OrganizationalUnit) -> str:
        """Return the unit's address."""
        return reverse(
            "api:organizational-unit",
            kwargs={"slug": self.context["slug"], "target_id": unit.target_id},
            request=self.context["request"],
        )


class OrganizationalUnitList(ListEndpoint):
    """The OUs of an organization."""

    shows_tables = ("OrganizationalUnit",)
    topic = "Organizational units"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = OrganizationalUnitRepresentation
    queryset = OrganizationalUnit.objects.none()
    collectors = ("organizations.organizational_units",)
    filterset_class = OrganizationalUnitFilters
    orderings = {
        "path": by("path", "target_id"),
        "name": by("name", "target_id"),
        "target_id": by("target_id"),
    }
    usual_ordering = "name"

    def rows(self) -> Any:
        """Return the OUs."""
        return organizational_units(self.viewer, connection=self.connection, as_of=self.as_of)

    def context(self, rows: Sequence[OrganizationalUnit]) -> Mapping[str, Any]:
        """Return what the addresses need."""
        return {"slug": self.connection.slug, "tags_known": self.tags_known}

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the OUs."""
        return self.respond()


class OrganizationalUnitDetail(DetailEndpoint):
    """One OU."""

    shows_tables = ("OrganizationalUnit", "Account")
    topic = "Organizational units"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = OrganizationalUnitRepresentation

    def get(self, request: Request, **kwargs: str) -> Response:
        """Get one OU."""
        target_id = kwargs["target_id"]
        unit = (
            organizational_units(self.viewer, connection=self.connection, as_of=self.as_of)
            .filter(target_id=target_id)
            .first()
        )
        if unit is None:
            raise self.missing(f"organizational unit {target_id}")
        return self.answer(
            self.serialized(unit, slug=self.connection.slug, tags_known=self.tags_known)
        )


class OrganizationalUnitLevels(DetailEndpoint):
    """The way from the root to an OU."""

    shows_tables = AUTHORIZATION_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    topic = "Organizational units"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = LevelsRepresentation

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the levels from the root to the OU with the policies attached at each.

        The root's own id is taken as well.
        """
        target_id = kwargs["target_id"]
        found = (
            levels(self.viewer, connection=self.connection, target_id=target_id, as_of=self.as_of)
            if target_id.startswith(("ou-", "r-"))
            else []
        )
        if not found:
            raise self.missing(f"organizational unit {target_id}")
        return self.answer(self.serialized({"target_id": target_id, "levels": found}))
