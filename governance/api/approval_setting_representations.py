"""Representations of approval rules and the other settings that need a second person."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from governance.api.parts.representations import BodyRepresentation, Representation
from governance.approvals.models import SettingVersion
from governance.approvals.rules import OPERATIONS
from inventory.policy_types import POLICY_TYPES

APPROVAL_SOURCES: Final = [(one, one) for one in ("owners", "group", "reviewers")]


class SettingVersionRepresentation(Representation):
    """One version of a setting."""

    version = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    state = serializers.ChoiceField(
        choices=SettingVersion.State.choices,
        help_text="proposed: waits for a second person. active: it holds.",
    )
    content = serializers.JSONField(help_text="Depends on the kind of setting; see the docs.")
    reason = serializers.CharField()
    proposed_by = serializers.CharField(source="proposed_by.username")
    proposed_at = serializers.DateTimeField()
    decided_by = serializers.CharField(
        source="decided_by.username",
        default=None,
        allow_null=True,
        help_text="Who confirmed, refused or withdrew it; null: nobody yet.",
    )
    decided_at = serializers.DateTimeField(allow_null=True)
    without_second_person = serializers.BooleanField(
        source="by_command", help_text="Confirmed by a command on the server."
    )

    def get_url(self, row: SettingVersion) -> str:
        """Return the version's address."""
        return reverse(
            f"api:{self.context['address']}-version",
            kwargs={"slug": self.context["slug"], "version": row.version},
            request=self.context["request"],
        )


class SettingVersionPageRepresentation(Representation):
    """A page of versions."""

    results = SettingVersionRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class ActiveSettingRepresentation(Representation):
    """What holds of a setting."""

    version = serializers.IntegerField(help_text="0: the defaults, which nobody changed yet.")
    content = serializers.JSONField()
    proposed = serializers.SerializerMethodField(
        help_text="The version that waits for a second person; null: none does."
    )
    lone_person = serializers.SerializerMethodField(
        help_text="Why nobody could confirm your proposal, and what to do; empty: someone can."
    )

    @extend_schema_field(SettingVersionRepresentation(allow_null=True))
    def get_proposed(self, active: Any) -> Any:
        """Return the version that waits."""
        row = self.context["proposed"]
        return None if row is None else SettingVersionRepresentation(row, context=self.context).data

    def get_lone_person(self, active: Any) -> str:
        """Return whether someone else could confirm."""
        said: str = self.context["lone_person"]
        return said


class ProposedSettingRepresentation(BodyRepresentation):
    """A content to be proposed."""

    content = serializers.JSONField()
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)


class EffectToApproveRepresentation(BodyRepresentation):
    """What a change would do at one target; without a flag it counts as undecided."""

    target_id = serializers.CharField(max_length=68)
    newly_denied = serializers.BooleanField(required=False, default=False)
    newly_allowed = serializers.BooleanField(required=False, default=False)
    policy_types = serializers.MultipleChoiceField(
        choices=[(one.name, one.label) for one in POLICY_TYPES], required=False, default=set()
    )
    operations = serializers.MultipleChoiceField(
        choices=list(OPERATIONS.items()), required=False, default=set()
    )


class ApprovalPreviewRequestRepresentation(BodyRepresentation):
    """A change whose approvers are asked for."""

    effects = EffectToApproveRepresentation(
        many=True,
        required=False,
        help_text="Instead of operations; none: nobody's permissions change.",
    )
    operations = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text="As a change request has them; their effects are computed.",
    )


class PreviewedApprovalRepresentation(Representation):
    """An approval that would be needed."""

    key = serializers.CharField(help_text="The same for the same demand at the same targets.")
    label = serializers.CharField()  # type: ignore[assignment]
    target_ids = serializers.ListField(child=serializers.CharField())
    account_count = serializers.IntegerField()
    count = serializers.IntegerField(help_text="How many distinct people have to approve.")
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=APPROVAL_SOURCES,
        help_text="Who approves. reviewers: anyone with the right to review everything.",
    )
    owners = serializers.ListField(
        child=serializers.CharField(),
        help_text="The owners, or the group, as kind:name, whoever stands in for them.",
    )
    rules = serializers.ListField(
        child=serializers.CharField(), help_text="The rules that require it."
    )
    entitled = serializers.ListField(
        child=serializers.CharField(), help_text="Who could approve now."
    )
    needs_security = serializers.BooleanField(
        help_text="Someone of `security` has to approve as well; who is both counts for both."
    )
    security = serializers.ListField(child=serializers.CharField())
    needs_step_up = serializers.BooleanField(
        help_text="Approvers confirm their identity right before."
    )
    escalated = serializers.IntegerField(
        help_text="Levels up the tree whose owners may approve, too."
    )
    problem = serializers.CharField(
        allow_blank=True, help_text="Why it cannot be met, and who can fix that; empty: it can."
    )


class ApprovalPreviewRepresentation(Representation):
    """Who would have to approve a change."""

    rules_version = serializers.IntegerField()
    required_approvals = PreviewedApprovalRepresentation(many=True)
