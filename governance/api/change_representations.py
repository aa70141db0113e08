"""How change requests are represented, and what bodies about them hold."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from governance.api.approval_setting_representations import APPROVAL_SOURCES
from governance.api.parts.representations import BodyRepresentation, Representation
from governance.api.simulations import OperationRepresentation
from governance.approvals.models import Review, ReviewVerdict
from governance.changes.life.content import (
    GATES,
    LONGEST_REASON,
    LONGEST_RING_NAME,
    LONGEST_SOAK_MINUTES,
    LONGEST_TITLE,
    LONGEST_URL,
    MOST_RINGS,
)
from governance.changes.life.discussion import LONGEST_COMMENT, is_outdated
from governance.changes.models import ChangeComment, ChangeRequest
from governance.changes.states import ChangeState
from governance.edits.operations import LONGEST_TEXT, MOST_OPERATIONS

_SHA256: Final = "64 hex digits"


class RingRepresentation(BodyRepresentation):
    """One ring: what is changed together, and what has to hold before the next."""

    name = serializers.CharField(max_length=LONGEST_RING_NAME)
    targets = serializers.ListField(
        child=serializers.CharField(), min_length=1, help_text="Ids of accounts, OUs or the root."
    )
    soak_minutes = serializers.IntegerField(
        default=0, min_value=0, max_value=LONGEST_SOAK_MINUTES, help_text="Before its gate opens."
    )
    gate = serializers.ChoiceField(
        choices=list(GATES), default="automatic", help_text="manual: a person releases it."
    )


class NewChangeRepresentation(BodyRepresentation):
    """What a change request asks for."""

    title = serializers.CharField(max_length=LONGEST_TITLE)
    reason = serializers.CharField(
        max_length=LONGEST_REASON, required=False, allow_blank=True, default=""
    )
    operations = OperationRepresentation(many=True, help_text=f"At most {MOST_OPERATIONS}.")
    applied = serializers.ChoiceField(
        choices=ChangeRequest.Applied.choices,
        required=False,
        default=ChangeRequest.Applied.HERE,
        help_text="elsewhere: handed out as files; applied once an inventory run finds it.",
    )
    policy_ids = serializers.ChoiceField(
        choices=ChangeRequest.PolicyIds.choices,
        required=False,
        default=ChangeRequest.PolicyIds.KEEP,
        help_text="Of policies whose text changes in rings: the id they have, or the copy's.",
    )
    rings = RingRepresentation(
        many=True,
        required=False,
        help_text=f"At most {MOST_RINGS}, in order; none: all targets together.",
    )
    ticket_url = serializers.URLField(
        max_length=LONGEST_URL, required=False, allow_blank=True, default=""
    )
    revert_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="When a temporary change ends."
    )


class ChangePatchRepresentation(NewChangeRepresentation):
    """What is to become of a change request; what is left out stays."""

    def get_fields(self) -> dict[str, Any]:
        """Return the fields, none of them needed and none filled in."""
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
            field.default = serializers.empty
        return fields


class RequiredApprovalRepresentation(serializers.Serializer[Any]):
    """An approval that a change request needs."""

    key = serializers.CharField()
    target_ids = serializers.ListField(
        child=serializers.CharField(), help_text="The targets it is for, of those that you see."
    )
    account_count = serializers.IntegerField(help_text="Accounts whose permissions change there.")
    count = serializers.IntegerField(help_text="How many have to approve.")
    approved_by = serializers.ListField(child=serializers.CharField())
    entitled = serializers.ListField(
        child=serializers.CharField(), help_text="Who may approve, by name."
    )
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=APPROVAL_SOURCES, help_text="Where the entitled come from."
    )
    owners = serializers.ListField(
        child=serializers.CharField(), help_text="The owners or the group, whoever stands in."
    )
    needs_security = serializers.BooleanField(
        help_text="Whether someone from `security` has to approve."
    )
    security = serializers.ListField(child=serializers.CharField())
    needs_step_up = serializers.BooleanField()
    problem = serializers.CharField(
        help_text="Why nobody can approve, and who can fix that; or empty."
    )

    def get_fields(self) -> dict[str, Any]:
        """Add `label`, a name that serializers have taken for something else."""
        return {**super().get_fields(), "label": serializers.CharField(help_text="Whose it is.")}


class ChangeSummaryRepresentation(Representation):
    """A change request as lists show it."""

    number = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=ChangeState.choices)
    state_at = serializers.DateTimeField()
    state_reason = serializers.CharField(help_text="Why it is in this state; may be empty.")
    author = serializers.CharField(source="author.username")
    applied = serializers.ChoiceField(choices=ChangeRequest.Applied.choices)
    emergency = serializers.BooleanField()
    revision = serializers.IntegerField(help_text="Grows with each edit.")
    plan_sha256 = serializers.SerializerMethodField(
        help_text=f"What an approval binds, {_SHA256}; null: not checked since the last edit."
    )
    ticket_url = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    scheduled_for = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    revert_at = serializers.DateTimeField(allow_null=True)
    applied_at = serializers.DateTimeField(allow_null=True)

    def get_url(self, request: ChangeRequest) -> str:
        """Return the address of the request."""
        address: str = reverse(
            "api:change-request",
            kwargs={"slug": self.context["slug"], "number": request.number},
            request=self.context["request"],
        )
        return address

    @extend_schema_field({"type": "string", "nullable": True})
    def get_plan_sha256(self, request: ChangeRequest) -> str | None:
        """Return the digest."""
        return request.plan_sha256 or None


class OverrideRepresentation(serializers.Serializer[Any]):
    """A soft finding that security lets pass."""

    finding = serializers.CharField()
    reason = serializers.CharField()
    by = serializers.CharField(source="by_name")
    at = serializers.DateTimeField()


class ChangeRepresentation(ChangeSummaryRepresentation):
    """A change request."""

    reason = serializers.CharField()
    policy_ids = serializers.ChoiceField(choices=ChangeRequest.PolicyIds.choices)
    operations = serializers.SerializerMethodField()
    rings = serializers.SerializerMethodField()
    hides_places = serializers.SerializerMethodField(
        help_text="Whether operations, rings or targets outside your access are left out."
    )
    evidence_sha256 = serializers.CharField(source="evidence.sha256", default=None, allow_null=True)
    required_approvals = serializers.SerializerMethodField(
        help_text="Null: not known before the checks are done."
    )
    waiting_for = serializers.SerializerMethodField(
        help_text="User names of those who have to act next."
    )
    contributors = serializers.SerializerMethodField(
        help_text="User names of others whose work is in it; they cannot approve."
    )
    needs_step_up = serializers.BooleanField(
        help_text="Whether approvers must confirm their identity first."
    )
    overrides = OverrideRepresentation(many=True)
    ratify_by = serializers.DateTimeField(allow_null=True)
    undoes = serializers.IntegerField(
        source="undoes.number", default=None, allow_null=True, help_text="A request's number."
    )

    @extend_schema_field(OperationRepresentation(many=True))
    def get_operations(self, _request: ChangeRequest) -> Any:
        """Return the operations that may be seen."""
        return self.context["shown"].operations

    @extend_schema_field(RingRepresentation(many=True))
    def get_rings(self, _request: ChangeRequest) -> Any:
        """Return the rings with the targets that may be seen."""
        return self.context["shown"].rings

    def get_hides_places(self, _request: ChangeRequest) -> bool:
        """Return whether something is left out."""
        return bool(self.context["shown"].hides)

    @extend_schema_field(RequiredApprovalRepresentation(many=True, allow_null=True))
    def get_required_approvals(self, request: ChangeRequest) -> Any:
        """Return what the request needs, with who agreed to it."""
        if not request.plan_sha256:
            return None
        return [self._required(one) for one in request.required_approvals]

    def _required(self, required: Mapping[str, Any]) -> dict[str, Any]:
        counting = {*required["entitled_ids"], *required["security_ids"]}
        return {
            **{
                name: required[name]
                for name in (
                    *("key", "label", "account_count", "count", "needs_security", "source"),
                    *("needs_step_up", "problem", "entitled", "security", "owners"),
                )
            },
            "target_ids": [
                one for one in required["target_ids"] if self.context["shown"].sees(one)
            ],
            "approved_by": sorted(
                review.reviewer.get_username()
                for review in self.context["reviews"]
                if review.verdict == ReviewVerdict.APPROVE and review.reviewer_id in counting
            ),
        }

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_waiting_for(self, request: ChangeRequest) -> list[str]:
        """Return whose turn it is."""
        names = self.context["names"]
        return sorted(names[one] for one in request.waiting_for if one in names)

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_contributors(self, _request: ChangeRequest) -> list[str]:
        """Return whose work is in it."""
        return list(self.context["contributors"])


def names_of(request: ChangeRequest) -> dict[int, str]:
    """Return the user names of the people whom a request waits for."""
    waited_for = User.objects.filter(pk__in=request.waiting_for)
    return dict(waited_for.values_list("pk", "username"))


class ReviewRepresentation(Representation):
    """What someone said of one state of a change request."""

    id = serializers.IntegerField()
    reviewer = serializers.CharField(source="reviewer.username")
    verdict = serializers.ChoiceField(choices=ReviewVerdict.choices)
    body = serializers.CharField()
    plan_sha256 = serializers.CharField(source="digest", help_text="The digest they were shown.")
    created_at = serializers.DateTimeField()
    counts = serializers.SerializerMethodField(
        help_text="Whether it counts for the current version."
    )
    voided_at = serializers.DateTimeField(allow_null=True)
    void_reason = serializers.CharField()
    carried_from = serializers.IntegerField(
        source="carried_from_id",
        allow_null=True,
        help_text="The review of an earlier evidence whose conclusions are proven equal.",
    )

    def get_counts(self, review: Review) -> bool:
        """Return whether it counts."""
        return review.voided_at is None and review.digest == self.context["digest"]


class NewReviewRepresentation(BodyRepresentation):
    """What someone says of a change request."""

    verdict = serializers.ChoiceField(choices=ReviewVerdict.choices)
    plan_sha256 = serializers.RegexField(
        r"^[0-9a-f]{64}\Z", help_text="Of the request as you read it; another one: 409."
    )
    body = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=LONGEST_COMMENT
    )


class CommentRepresentation(Representation):
    """A comment, an answer, or a suggested text."""

    id = serializers.IntegerField()
    author = serializers.CharField(source="author.username")
    body = serializers.CharField()
    operation = serializers.IntegerField(
        allow_null=True, help_text="Place of the operation whose text it is about, from 0."
    )
    line = serializers.IntegerField(allow_null=True, help_text="Of that text, from 0.")
    answers = serializers.IntegerField(source="answers_id", allow_null=True)
    revision = serializers.IntegerField(help_text="Of the request when it was written.")
    outdated = serializers.SerializerMethodField(help_text="Whether that text has changed since.")
    suggestion = serializers.SerializerMethodField(help_text="The whole text; null: none.")
    taken_over_at = serializers.DateTimeField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    resolved_by = serializers.CharField(
        source="resolved_by.username", default=None, allow_null=True
    )
    created_at = serializers.DateTimeField()

    def get_outdated(self, comment: ChangeComment) -> bool:
        """Return whether its text is another by now."""
        return is_outdated(comment, self.context["change_request"])

    @extend_schema_field({"type": "string", "nullable": True})
    def get_suggestion(self, comment: ChangeComment) -> str | None:
        """Return the text."""
        return comment.suggestion or None


class NewCommentRepresentation(BodyRepresentation):
    """Something to say of a change request."""

    body = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=LONGEST_COMMENT
    )
    operation = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=MOST_OPERATIONS
    )
    line = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=LONGEST_TEXT
    )
    answers = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=2**31 - 1
    )
    suggestion = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=LONGEST_TEXT,
        trim_whitespace=False,
        help_text="A whole text in place of the operation's.",
    )


class ChangeReasonRepresentation(BodyRepresentation):
    """Why."""

    reason = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=LONGEST_REASON
    )


class ChangeEmergencyRepresentation(BodyRepresentation):
    """Why something cannot wait."""

    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="Security reads it.")


class ChangeRatificationRepresentation(BodyRepresentation):
    """What is agreed to afterwards."""

    plan_sha256 = serializers.RegexField(r"^[0-9a-f]{64}\Z", help_text="Of what was applied.")
    reason = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=LONGEST_REASON
    )


class ScheduleRepresentation(BodyRepresentation):
    """When to apply it."""

    scheduled_for = serializers.DateTimeField(
        allow_null=True, help_text="Null: not scheduled; it stays approved."
    )
