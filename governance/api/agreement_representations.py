"""How contracts and exceptions are represented alike: reviews, approvals, reasons."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.api.change_representations import RequiredApprovalRepresentation
from governance.api.parts.representations import BodyRepresentation, Representation
from governance.approvals.agreements.approving import AgreementStanding
from governance.approvals.agreements.models import AgreementModel
from governance.approvals.models import Review, ReviewVerdict


class AgreementApprovalsRepresentation(Representation):
    """Whose approval a contract or exception needs. Context: `standing`, `names`."""

    required_approvals = serializers.SerializerMethodField(
        help_text="Empty once it is decided or over."
    )
    waiting_for = serializers.SerializerMethodField(
        help_text="User names of those who have to act next."
    )

    @extend_schema_field(RequiredApprovalRepresentation(many=True))
    def get_required_approvals(self, _agreement: AgreementModel) -> Any:
        """Return the approvals that are needed, with who gave them."""
        found: AgreementStanding | None = self.context["standing"]
        if found is None:
            return []
        names = self.context["names"]
        return RequiredApprovalRepresentation(
            [
                {
                    **met.required.as_json(),
                    "approved_by": [names[one] for one in met.approved_by if one in names],
                }
                for met in found.standing.by_requirement.values()
            ],
            many=True,
        ).data

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_waiting_for(self, agreement: AgreementModel) -> list[str]:
        """Return the names of whose turn it is."""
        names = self.context["names"]
        return sorted(names[one] for one in agreement.waiting_for if one in names)


class NewAgreementReviewRepresentation(BodyRepresentation):
    """What someone thinks of a contract or an exception."""

    verdict = serializers.ChoiceField(choices=ReviewVerdict.choices)
    body = serializers.CharField(default="", allow_blank=True, max_length=20_000)
    digest = serializers.CharField(help_text="Of the version that was read.")


class AgreementReviewRepresentation(Representation):
    """What one person said of one version of a contract or an exception."""

    reviewer = serializers.CharField(source="reviewer.username")
    verdict = serializers.ChoiceField(choices=ReviewVerdict.choices)
    body = serializers.CharField()
    digest = serializers.CharField()
    created_at = serializers.DateTimeField()
    counts = serializers.SerializerMethodField(help_text="Whether it is about the current version.")
    void_reason = serializers.CharField(allow_blank=True)

    @extend_schema_field(serializers.BooleanField())
    def get_counts(self, review: Review) -> bool:
        """Return whether it counts."""
        return review.voided_at is None and review.digest == self.context["digest"]


class AgreementReviewsRepresentation(Representation):
    """All reviews of a contract or an exception, also of earlier versions."""

    results = AgreementReviewRepresentation(many=True)


class AgreementReasonRepresentation(BodyRepresentation):
    """Why a contract or an exception is withdrawn."""

    reason = serializers.CharField(max_length=500, default="", allow_blank=True)


class AgreementEndRepresentation(BodyRepresentation):
    """Why a contract or an exception ends before its last day."""

    reason = serializers.CharField(max_length=500)
