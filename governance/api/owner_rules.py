"""/owner-rules: which tags name owners; and owners and roles that are looked at again."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema_field
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.access.owners.models import OwnerRule, Ownership, TagConfirmation
from governance.access.owners.parties import PartyKey
from governance.access.owners.reading import owners_state
from governance.access.owners.recertification import CannotRecertify, owners_recertify
from governance.access.owners.rules import CannotRule, owner_rule_end, owner_rule_set, rule_preview
from governance.api.owner_representations import TargetOwnersRepresentation
from governance.api.owners import OwnersEndpoint, named_party
from governance.api.parts.list_endpoint import by
from governance.api.parts.pagination import page_of, page_request
from governance.api.parts.problems import CONFLICT, PERMISSION_DENIED, Problem
from governance.api.parts.representations import BodyRepresentation, Representation, read_body


class RuleOwnerRepresentation(BodyRepresentation):
    """Whom a value means: a person or a group."""

    person = serializers.CharField(required=False, max_length=254, help_text="User name, e-mail.")
    group = serializers.CharField(required=False, max_length=150, help_text="The group's name.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Check that it is one of both.

        :raises ValidationError: neither or both.
        """
        if ("person" in given) == ("group" in given):
            raise ValidationError("give a person or a group")
        return given


class OwnerRuleRepresentation(Representation):
    """A tag whose values name owners."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    tag_key = serializers.CharField()
    values = serializers.SerializerMethodField(
        help_text="Whom a value means, if it is not a user name, e-mail or group name itself."
    )
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField(source="created_by.username", default=None, allow_null=True)

    def get_url(self, rule: OwnerRule) -> str:
        """Return the rule's address."""
        address: str = reverse(
            "api:owner-rule",
            kwargs={"slug": self.context["slug"], "owner_rule_id": rule.pk},
            request=self.context["request"],
        )
        return address

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "object"}})
    def get_values(self, rule: OwnerRule) -> dict[str, dict[str, str]]:
        """Return the owners by value."""
        return {
            row.value: {"person": row.user.get_username()}
            if row.user is not None
            else {"group": "" if row.group is None else row.group.name}
            for row in sorted(rule.values.all(), key=lambda one: one.value)
        }


class OwnerRulePageRepresentation(serializers.Serializer[Any]):
    """A page of rules."""

    results = OwnerRuleRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class NewOwnerRuleRepresentation(BodyRepresentation):
    """A rule to be had, in place of the one over the same tag."""

    tag_key = serializers.CharField(max_length=128)
    values = serializers.DictField(child=RuleOwnerRepresentation(), required=False, default=dict)


class RulePreviewRepresentation(Representation):
    """What a rule would find."""

    targets = serializers.IntegerField(help_text="Roots, OUs and accounts that bear the tag.")
    named = serializers.IntegerField(help_text="Of them, those whose value names someone.")
    unnamed = serializers.DictField(
        child=serializers.IntegerField(), help_text="Values that name nobody, with their targets."
    )
    taken = serializers.ListField(
        child=serializers.CharField(),
        help_text="Targets where an owner set manually or by an earlier rule counts.",
    )


class _OwnerRules(OwnersEndpoint):
    representation = OwnerRuleRepresentation

    def rows(self) -> Any:
        """Return the rules that hold."""
        return (
            OwnerRule.objects.as_of(None)
            .filter(connection=self.connection)
            .select_related("created_by")
            .prefetch_related("values__user", "values__group")
        )

    def serialized_rule(self, rule: OwnerRule) -> dict[str, Any]:
        """Return a rule as the API answers with it."""
        found: dict[str, Any] = self.serialized(rule, slug=self.connection.slug)
        return found


def _asked(request: Request) -> tuple[str, Mapping[str, PartyKey]]:
    """Read the rule of a body.

    :raises ValidationError: a member is wrong, or names nobody.
    """
    given = read_body(NewOwnerRuleRepresentation, request)
    values = {
        value: named_party(owner, pointer=f"values/{value}")
        for value, owner in given["values"].items()
    }
    return given["tag_key"], values


class OwnerRuleList(_OwnerRules):
    """The rules of an organization."""

    rights = {"GET": rights.VIEW_INVENTORY, "POST": rights.MANAGE_OWNERS}
    page_representation = OwnerRulePageRepresentation
    takes = NewOwnerRuleRepresentation
    answers = {201: OpenApiResponse(OwnerRuleRepresentation(), description="It holds.")}
    orderings = {"position": by("position", "id")}
    usual_ordering = "position"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the tags that name owners; of several at one target the first counts."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        page = page_of(self.rows(), asked)
        results = self.serialized(page.rows, many=True, slug=self.connection.slug)
        return self.respond_with(page, results)

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Have a tag name owners, in place of the rule over the same tag.

        They count for approvals once security has confirmed them.
        """
        tag_key, values = _asked(request)
        try:
            made = owner_rule_set(
                by=self.by, connection=self.connection, tag_key=tag_key, values=values, now=self.now
            )
        except CannotRule as error:
            raise ValidationError({"tag_key": [str(error)]}) from error
        except MayNot as error:
            raise Problem(PERMISSION_DENIED, str(error)) from error
        serialized = self.serialized_rule(self.rows().get(pk=made.pk))
        return Response(
            serialized,
            status=status.HTTP_201_CREATED,
            headers={"Location": str(serialized["url"])},
        )


class OwnerRuleDetail(_OwnerRules):
    """One rule."""

    rights = {"GET": rights.VIEW_INVENTORY, "DELETE": rights.MANAGE_OWNERS}
    answers = {204: OpenApiResponse(description="Rule ended.")}

    def find(self) -> OwnerRule:
        """Return the rule of the address.

        :raises Problem: there is none that holds.
        """
        found: OwnerRule | None = self.rows().filter(pk=self.kwargs["owner_rule_id"]).first()
        if found is None:
            raise self.missing(f"owner rule {self.kwargs['owner_rule_id']}")
        return found

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one rule."""
        return self.answer(self.serialized_rule(self.find()))

    def delete(self, request: Request, /, **kwargs: Any) -> Response:
        """Have the tag name nobody any more."""
        rule = self.find()
        try:
            owner_rule_end(by=self.by, connection=self.connection, rule_id=rule.pk, now=self.now)
        except MayNot as error:
            raise Problem(PERMISSION_DENIED, str(error)) from error
        return Response(status=status.HTTP_204_NO_CONTENT)


class OwnerRulePreview(OwnersEndpoint):
    """What a rule would find."""

    rights = {"POST": rights.MANAGE_OWNERS}
    representation = RulePreviewRepresentation
    takes = NewOwnerRuleRepresentation
    answers = {200: OpenApiResponse(RulePreviewRepresentation(), description="Nothing is stored.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Get what a rule would find; nothing is stored."""
        if not self.by.may(rights.MANAGE_OWNERS, self.connection):
            raise Problem(PERMISSION_DENIED, "a rule holds for the whole organization")
        tag_key, values = _asked(request)
        found = rule_preview(self.connection, tag_key=tag_key, values=values)
        return Response(
            self.serialized(
                {
                    "targets": len(found.matches),
                    "named": found.named,
                    "unnamed": dict(found.unnamed),
                    "taken": sorted(found.taken),
                }
            )
        )


class TargetOwnersRecertify(OwnersEndpoint):
    """Looking at the owners of a target again."""

    rights = {"POST": rights.MANAGE_OWNERS}
    representation = TargetOwnersRepresentation
    takes = None
    answers = {200: OpenApiResponse(TargetOwnersRepresentation(), description="Recertified.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Confirm that the owners set at a target are still right. 409 where none is set there
        itself, manually or confirmed by security.
        """
        target_id = kwargs["target_id"]
        self.row(owners_state(self.connection, target_ids={target_id}), target_id)
        of = {"connection": self.connection, "target_id": target_id}
        ids = [
            list(model.objects.as_of(None).filter(**of).values_list("pk", flat=True))
            for model in (Ownership, TagConfirmation)
        ]
        if not any(ids):
            raise Problem(CONFLICT, f"no owner stands at {target_id} itself")
        try:
            owners_recertify(
                by=self.by,
                connection=self.connection,
                ownership_ids=ids[0],
                confirmation_ids=ids[1],
                now=self.now,
            )
        except CannotRecertify as error:
            raise Problem(CONFLICT, str(error)) from error
        except MayNot as error:
            raise Problem(PERMISSION_DENIED, str(error)) from error
        row = self.row(owners_state(self.connection, target_ids={target_id}), target_id)
        return Response(self.serialized(row, slug=self.connection.slug))
