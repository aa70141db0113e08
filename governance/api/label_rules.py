"""/label-rules: which tags say the environment or the criticality of what bears them."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.access.owners.labelling import CannotLabel, label_rule_end, label_rule_set
from governance.access.owners.models import LabelRule
from governance.access.owners.models.labels import LabelKind
from governance.api.owners import OwnersEndpoint
from governance.api.parts.list_endpoint import by
from governance.api.parts.pagination import page_of, page_request
from governance.api.parts.problems import PERMISSION_DENIED, Problem
from governance.api.parts.representations import BodyRepresentation, Representation, read_body


class LabelRuleRepresentation(Representation):
    """A tag whose values say an environment or a criticality."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    kind = serializers.ChoiceField(choices=LabelKind.choices)
    tag_key = serializers.CharField()
    values = serializers.DictField(
        child=serializers.CharField(),
        help_text="What a value means, if it is not a label itself.",
    )
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField(source="created_by.username", default=None, allow_null=True)

    def get_url(self, rule: LabelRule) -> str:
        """Return the rule's address."""
        address: str = reverse(
            "api:label-rule",
            kwargs={"slug": self.context["slug"], "label_rule_id": rule.pk},
            request=self.context["request"],
        )
        return address


class LabelRulePageRepresentation(Representation):
    """A page of rules."""

    results = LabelRuleRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class NewLabelRuleRepresentation(BodyRepresentation):
    """A rule to be set, in place of the one over the same tag and kind of label."""

    kind = serializers.ChoiceField(choices=LabelKind.choices)
    tag_key = serializers.CharField(max_length=128, help_text="Exactly as in AWS.")
    values = serializers.DictField(
        child=serializers.CharField(max_length=16),
        required=False,
        default=dict,
        help_text="Tag value → label, such as `blue` → `production`.",
    )


class LabelRulesEndpoint(OwnersEndpoint):
    """What the addresses of label rules have in common."""

    representation = LabelRuleRepresentation

    def rows(self) -> "QuerySet[LabelRule]":
        """Return the rules that hold."""
        return (
            LabelRule.objects.as_of(None)
            .filter(connection=self.connection)
            .select_related("created_by")
        )

    def serialized_rule(self, rule_id: int) -> Any:
        """Return a rule as the API answers with it.

        :raises Problem: there is none that holds.
        """
        found = self.rows().filter(pk=rule_id).first()
        if found is None:
            raise self.missing(f"label rule {rule_id}")
        return self.serialized(found, slug=self.connection.slug)


class LabelRuleList(LabelRulesEndpoint):
    """The rules of an organization."""

    rights = {"GET": rights.VIEW_INVENTORY, "POST": rights.MANAGE_OWNERS}
    page_representation = LabelRulePageRepresentation
    takes = NewLabelRuleRepresentation
    answers = {201: OpenApiResponse(LabelRuleRepresentation(), description="It holds.")}
    orderings = {"tag_key": by("tag_key", "pk")}
    usual_ordering = "tag_key"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the tags that say environments and criticalities.

        A label by hand counts before them. Where no rule names a tag, environments are guessed
        from tags and names.
        """
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        page = page_of(self.rows(), asked)
        results = self.serialized(page.rows, many=True, slug=self.connection.slug)
        return self.respond_with(page, results)

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Have a tag say the environment or criticality, in place of the rule over the same tag.

        A rule that takes something out of production needs the right to confirm owners.
        """
        given = read_body(NewLabelRuleRepresentation, request)
        try:
            made = label_rule_set(
                by=self.by,
                connection=self.connection,
                kind=LabelKind(given["kind"]),
                tag_key=given["tag_key"],
                values=given["values"],
                now=self.now,
            )
        except CannotLabel as error:
            raise ValidationError({"values": [str(error)]}) from error
        except MayNot as error:
            raise Problem(PERMISSION_DENIED, str(error)) from error
        serialized = self.serialized_rule(made.pk)
        return Response(
            serialized, status=status.HTTP_201_CREATED, headers={"Location": serialized["url"]}
        )


class LabelRuleDetail(LabelRulesEndpoint):
    """One rule."""

    rights = {"GET": rights.VIEW_INVENTORY, "DELETE": rights.MANAGE_OWNERS}
    answers = {204: OpenApiResponse(description="Rule ended.")}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one rule."""
        return self.answer(self.serialized_rule(self.kwargs["label_rule_id"]))

    def delete(self, request: Request, /, **kwargs: Any) -> Response:
        """Have the tag say no label any more.

        Needs the right to confirm owners where that takes something out of production.
        """
        rule_id = self.kwargs["label_rule_id"]
        try:
            label_rule_end(by=self.by, connection=self.connection, rule_id=rule_id, now=self.now)
        except LabelRule.DoesNotExist:
            raise self.missing(f"label rule {rule_id}") from None
        except MayNot as error:
            raise Problem(PERMISSION_DENIED, str(error)) from error
        return Response(status=status.HTTP_204_NO_CONTENT)
