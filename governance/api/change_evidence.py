"""What a change request was shown to do, how it would be done, and what became of it."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.changes import ChangesEndpoint, change_problems
from governance.api.parts.list_endpoint import by
from governance.api.parts.pagination import page_of, page_request
from governance.api.parts.problems import PERMISSION_DENIED, Problem
from governance.api.parts.representations import Representation
from governance.audit.actions import label_of
from governance.audit.models import AuditEntry
from governance.changes.elsewhere.verdict import verdict
from governance.changes.evidence.conflicts import conflicts_of
from governance.changes.life.selectors import change_requests, timeline_of
from governance.changes.life.shown import (
    evidence_sentence,
    shown_evidence_plan,
    shown_part,
    shown_plan,
)
from governance.changes.models import ChangeRequest, Evidence
from governance.changes.planning.steps import AwsCall
from governance.changes.states import ChangeState
from inventory.viewing import sees_whole

_DIGEST: Final = re.compile(r"[0-9a-fA-F]{64}")


class EvidenceRepresentation(Representation):
    """What a change request was shown to do. It is stored for good and never changed."""

    sha256 = serializers.CharField(help_text="Over all of `content`, as it is stored.")
    plan_sha256 = serializers.CharField(help_text="What an approval binds.")
    conclusions_sha256 = serializers.CharField(
        help_text="Equal where two evidences conclude the same."
    )
    revision = serializers.IntegerField(help_text="Of the request that it was made of.")
    current = serializers.BooleanField(help_text="Whether the request is still that revision.")
    made_at = serializers.DateTimeField()
    as_of = serializers.DateTimeField(
        allow_null=True, help_text="When the inventory run had read the organization; null: none."
    )
    seconds = serializers.FloatField(help_text="How long it took to make.")
    hides_places = serializers.BooleanField(
        help_text="Whether effects at places outside your access are left out."
    )
    headline = serializers.CharField(
        allow_blank=True,
        help_text="The effect in one or two sentences, as far as you may see it; empty in "
        "evidence of earlier versions.",
    )
    content = serializers.JSONField(
        help_text="Effects with witnesses, by OU, account and service; transients by step; "
        "findings with their level and key; the self-lockout proof; affected accounts; predictions."
    )
    conclusions = serializers.JSONField(
        help_text="The part of it that an approval binds.", allow_null=True
    )


class _Evidence(ChangesEndpoint):
    rights = {"GET": rights.VIEW_CHANGES}

    def evidence(self, found: ChangeRequest) -> Evidence:
        """Return a request's newest evidence.

        :raises Problem: it was never checked.
        """
        if found.evidence is None:
            raise self.missing(f"evidence of change request {found.number}: submit it first")
        return found.evidence


class ChangeEvidenceEndpoint(_Evidence):
    """The evidence of a change request."""

    representation = EvidenceRepresentation

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get what a change request was shown to do. 404 before its first check."""
        found = self.find()
        evidence = self.evidence(found)
        shown = shown_evidence_plan(self.viewer, found)
        hides = shown.target_ids is not None
        return self.answer(
            self.serialized(
                {
                    "sha256": evidence.sha256,
                    "plan_sha256": evidence.plan_sha256,
                    "conclusions_sha256": evidence.conclusions_sha256,
                    "revision": evidence.revision,
                    "current": evidence.revision == found.revision,
                    "made_at": evidence.made_at,
                    "as_of": evidence.as_of,
                    "seconds": evidence.seconds,
                    "hides_places": hides,
                    "headline": evidence_sentence(evidence, shown),
                    "content": shown_part(evidence.content, shown),
                    "conclusions": None if hides else evidence.conclusions,
                }
            )
        )


class PlanStepRepresentation(serializers.Serializer[Any]):
    """One call to AWS."""

    number = serializers.IntegerField()
    ring = serializers.IntegerField(help_text="0 prepares; one more than the last ring finishes.")
    call = serializers.ChoiceField(choices=[one.value for one in AwsCall])
    parameters = serializers.JSONField(
        help_text="As AWS names them. `new-…` and `copy-…` stand for what an earlier step creates."
    )
    waits = serializers.BooleanField(
        help_text="Whether the rollout waits for propagation afterwards."
    )
    optional = serializers.BooleanField(
        help_text="Whether a target that cannot be changed may be skipped."
    )
    reason = serializers.CharField()


class TransientStepRepresentation(PlanStepRepresentation):
    """One call to AWS, and what holds after it and neither before nor in the end."""

    transients = serializers.JSONField(
        help_text="Empty: none, proven. `kind`: denied, allowed, undecided, or setting, which is "
        "of an effective management policy and has its values in `setting`."
    )


class PlannedRingRepresentation(serializers.Serializer[Any]):
    """A ring as planned."""

    number = serializers.IntegerField()
    name = serializers.CharField()
    targets = serializers.ListField(child=serializers.CharField())
    soak_minutes = serializers.IntegerField()
    gate = serializers.CharField()


class PlanNoticeRepresentation(serializers.Serializer[Any]):
    """What the planner says of its choice."""

    code = serializers.CharField()
    message = serializers.CharField()
    target_ids = serializers.ListField(child=serializers.CharField())
    operations = serializers.SerializerMethodField(
        help_text="Operations that can be added to the request instead; empty: none."
    )

    @extend_schema_field({"type": "array", "items": {"type": "object"}})
    def get_operations(self, notice: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Return what is offered; plans that were stored earlier offer nothing."""
        return list(notice.get("operations", ()))


class ChangePlanRepresentation(Representation):
    """How a change request would be done: single calls in order."""

    plan_sha256 = serializers.CharField()
    revision = serializers.IntegerField()
    hides_places = serializers.BooleanField()
    rings = PlannedRingRepresentation(many=True)
    steps = TransientStepRepresentation(many=True)
    rollback = PlanStepRepresentation(many=True, help_text="The way back from the end.")
    notices = PlanNoticeRepresentation(many=True)


class ChangePlanEndpoint(_Evidence):
    """The plan of a change request."""

    representation = ChangePlanRepresentation

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get the steps in order, each with its transients. 404 before its first check."""
        found = self.find()
        evidence = self.evidence(found)
        shown = shown_plan(self.viewer, found)
        effects = shown_evidence_plan(self.viewer, found)
        plan = shown_part(evidence.plan, shown)
        transients = shown_part(evidence.content.get("transients", []), effects)
        return self.answer(
            self.serialized(
                {
                    "plan_sha256": evidence.plan_sha256,
                    "revision": evidence.revision,
                    "hides_places": shown.target_ids is not None,
                    "rings": plan.get("rings", []),
                    "steps": list(_with_transients(plan.get("steps", []), transients)),
                    "rollback": plan.get("rollback", []),
                    "notices": plan.get("notices", []),
                }
            )
        )


def _with_transients(
    steps: Iterable[Mapping[str, Any]], transients: Iterable[Mapping[str, Any]]
) -> Iterable[dict[str, Any]]:
    listed = list(transients)
    for step in steps:
        holding = [one for one in listed if one["first_step"] <= step["number"] <= one["last_step"]]
        yield {**step, "transients": holding}


class ConflictRepresentation(serializers.Serializer[Any]):
    """Another open request that touches the same policies or targets."""

    number = serializers.IntegerField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=ChangeState.choices)
    kind = serializers.CharField(help_text="Whether both effects are independent, equal or not.")
    meaning = serializers.CharField()
    shared = serializers.ListField(
        child=serializers.CharField(), help_text="Ids of what both touch, of those that you see."
    )


class ConflictsRepresentation(Representation):
    """Other open requests that touch the same."""

    results = ConflictRepresentation(many=True)


class ChangeConflicts(ChangesEndpoint):
    """The conflicts of a change request."""

    rights = {"GET": rights.VIEW_CHANGES}
    representation = ConflictsRepresentation

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List other open requests that touch the same policies or targets, decided three-way."""
        found = self.find()
        shown = shown_plan(self.viewer, found)
        visible = set(
            change_requests(self.viewer, connection=self.connection).values_list(
                "number", flat=True
            )
        )
        results = [
            {**one.as_json(), "shared": [each for each in one.shared if shown.sees(each)]}
            for one in conflicts_of(found)
            if one.number in visible
        ]
        return self.answer({"results": results})


class TimelineEntryRepresentation(Representation):
    """Something that happened to a change request, as the audit log has it."""

    id = serializers.IntegerField(help_text="Of the audit entry.")
    recorded_at = serializers.DateTimeField()
    action = serializers.CharField()
    action_label = serializers.SerializerMethodField()
    actor_kind = serializers.ChoiceField(choices=AuditEntry.ActorKind.choices)
    actor_name = serializers.CharField()
    by_token = serializers.SerializerMethodField()
    before = serializers.SerializerMethodField()
    after = serializers.SerializerMethodField()

    def get_action_label(self, entry: AuditEntry) -> str:
        """Return the act in words."""
        return label_of(entry.action)

    def get_by_token(self, entry: AuditEntry) -> bool:
        """Return whether a program did it."""
        return entry.token_id is not None

    @extend_schema_field({"type": "object", "nullable": True, "additionalProperties": True})
    def get_before(self, entry: AuditEntry) -> Any:
        """Return the fields as they were, of those that may be seen."""
        return shown_part(entry.before, self.context["shown"])

    @extend_schema_field({"type": "object", "nullable": True, "additionalProperties": True})
    def get_after(self, entry: AuditEntry) -> Any:
        """Return the fields as they became, of those that may be seen."""
        return shown_part(entry.after, self.context["shown"])


class TimelinePageRepresentation(Representation):
    """A page of what happened."""

    results = TimelineEntryRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class ChangeTimeline(ChangesEndpoint):
    """The timeline of a change request."""

    rights = {"GET": rights.VIEW_CHANGES}
    representation = TimelineEntryRepresentation
    page_representation = TimelinePageRepresentation
    orderings = {"id": by("id")}
    usual_ordering = "id"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what happened to a change request."""
        found = self.find()
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        page = page_of(timeline_of(found), asked)
        shown = shown_evidence_plan(self.viewer, found)
        return self.respond_with(page, self.serialized(page.rows, many=True, shown=shown))


class VerdictRepresentation(Representation):
    """Whether a plan may be applied elsewhere now."""

    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ChangeState.choices)
    plan_sha256 = serializers.CharField(help_text="Of the plan as it stands; may be empty.")
    may_be_applied = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Why not.")
    next_opening = serializers.DateTimeField(
        allow_null=True, help_text="When change windows allow it again; null: they do, or never."
    )


class ChangeVerdict(ChangesEndpoint):
    """Whether a plan may be applied."""

    rights = {"GET": rights.VIEW_CHANGES}
    representation = VerdictRepresentation
    own_parameters = (
        OpenApiParameter(
            "digest",
            {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            required=True,
            description="The SHA-256 of the plan that you hold, as `change.json` has it.",
        ),
    )

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get whether the plan of a digest may be applied elsewhere now: for pipelines.

        Evidence older than a day or than the newest complete run is remade for it, and
        approvals are held against who may give them now.
        For who may see the whole plan.
        """
        digest = request.query_params.get("digest", "")
        if not _DIGEST.fullmatch(digest.strip()):
            raise ValidationError({"digest": ["give the plan's SHA-256, 64 hex digits"]})
        found = self.find()
        if not sees_whole(self.viewer, self.connection) and shown_plan(self.viewer, found).hides:
            raise Problem(PERMISSION_DENIED, "a part of this change request is hidden from you")
        with change_problems():
            said = verdict(self.connection, found.number, digest, now=self.now)
        return self.answer(self.serialized(said))
