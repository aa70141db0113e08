"""The rollout of a change request: its journal, and what people do with it."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.access.step_up import stepped_up_at
from governance.access.viewers import holds_within
from governance.api.change_representations import (
    ChangeEmergencyRepresentation,
    ChangeRatificationRepresentation,
    ChangeReasonRepresentation,
    ChangeRepresentation,
)
from governance.api.change_reviews import DecidedChange
from governance.api.changes import ChangesEndpoint, change_problems
from governance.api.parts.fresh_proof import require_fresh_proof
from governance.api.parts.list_endpoint import by
from governance.api.parts.pagination import page_of, page_request
from governance.api.parts.permissions import HasRight
from governance.api.parts.representations import Representation
from governance.api.parts.session_alone import BySessionAlone
from governance.changes.emergency.services import emergency_begin, emergency_ratify
from governance.changes.life.scheduling import require_acting
from governance.changes.life.shown import shown_plan
from governance.changes.models import ChangeRequest, JournalEntry, Rollout
from governance.changes.planning.steps import AwsCall
from governance.changes.rollout.services import (
    rollout_go,
    rollout_halt,
    rollout_resume,
    rollout_roll_back,
)


class ChangeHalt(ChangesEndpoint):
    """Stops a rollout."""

    rights = {"POST": rights.HALT_CHANGE}
    takes = ChangeReasonRepresentation
    answers = {202: OpenApiResponse(ChangeRepresentation(), description="No further call is made.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Stop a rollout before its next call. Tokens may, too."""
        values = self.given(ChangeReasonRepresentation, request)
        found = self.find()
        with change_problems():
            held = holds_within(
                self.by.user, rights.HALT_CHANGE, connection=self.connection, token=self.by.token
            )
            if not held:
                raise MayNot(f"this needs the right {rights.HALT_CHANGE}")
            rollout_halt(
                actor=self.by.actor,
                change_request_id=found.pk,
                reason=values["reason"],
                now=self.now,
            )
        return self.accepted(self.find())


class _RolloutAct(DecidedChange):
    """What someone does with a rollout, for a reason, wherever the request touches something."""

    takes = ChangeReasonRepresentation

    def acted(
        self, request: Request, right: str, act: Callable[..., object], **more: Any
    ) -> Response:
        """Check the right at each place, then do it and answer with the request as it is then."""
        values = self.given(ChangeReasonRepresentation, request)

        def decide(found: ChangeRequest) -> object:
            require_acting(self.by, right, found)
            return act(
                actor=self.by.actor,
                change_request_id=found.pk,
                reason=values["reason"],
                now=self.now,
                **more,
            )

        return self.decided(request, decide)


class ChangeResume(_RolloutAct):
    """Goes on with a rollout."""

    rights = {"POST": rights.APPLY_CHANGE}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Go on with a halted rollout at the step where it stopped. Sessions only."""
        return self.acted(request, rights.APPLY_CHANGE, rollout_resume)


class ChangeRollBack(_RolloutAct):
    """Takes back what a change request has written."""

    rights = {"POST": rights.HALT_CHANGE}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Take back what a change request has written so far. Sessions only.

        From every state in which it is being applied, or stopped on the way.
        """
        return self.acted(request, rights.HALT_CHANGE, rollout_roll_back)


class ChangeRingGo(_RolloutAct):
    """Opens the gate of a ring."""

    rights = {"POST": rights.APPLY_CHANGE}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Let a rollout go on past a ring whose gate waits. Sessions only."""
        ring_number = min(kwargs["ring"], 2**31 - 1)
        return self.acted(request, rights.APPLY_CHANGE, rollout_go, ring_number=ring_number)


class JournalEntryRepresentation(Representation):
    """A line of the journal, written before or after a call to AWS."""

    id = serializers.IntegerField()
    rollout_kind = serializers.ChoiceField(source="rollout.kind", choices=Rollout.Kind.choices)
    step = serializers.IntegerField(help_text="Its number in the plan, from 1.")
    attempt = serializers.IntegerField()
    phase = serializers.ChoiceField(choices=JournalEntry.Phase.choices)
    call = serializers.ChoiceField(choices=[one.value for one in AwsCall])
    outcome = serializers.CharField()
    aws_request_id = serializers.CharField()
    detail = serializers.JSONField(help_text="Parameters, AWS's answer, or what was read back.")
    audit_entry_id = serializers.IntegerField(allow_null=True)
    recorded_at = serializers.DateTimeField()


class JournalPageRepresentation(Representation):
    """A page of the journal."""

    results = JournalEntryRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class ChangeJournal(ChangesEndpoint):
    """The journal of a change request's rollouts."""

    rights = {"GET": rights.VIEW_CHANGES}
    representation = JournalEntryRepresentation
    page_representation = JournalPageRepresentation
    orderings = {"id": by("id")}
    usual_ordering = "id"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what was called in AWS for a change request, and what AWS answered.

        For who may see the whole plan; for others there is nothing.
        """
        found = self.find()
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        rows = JournalEntry.objects.filter(rollout__change_request=found)
        if shown_plan(self.viewer, found).hides:
            rows = rows.none()
        page = page_of(rows.select_related("rollout"), asked)
        return self.respond_with(page, self.serialized(page.rows, many=True))


class ChangeEmergency(ChangesEndpoint):
    """Applies a change request at once."""

    permission_classes = [BySessionAlone, HasRight]
    rights = {"POST": rights.EMERGENCY_CHANGE}
    takes = ChangeEmergencyRepresentation
    answers = {202: OpenApiResponse(ChangeRepresentation(), description="Being checked.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Apply a draft immediately, unless a hard finding blocks it. Sessions only.

        It skips reviews, windows and soaks. Security is notified, and someone else has to ratify
        it by a deadline, or it is reverted.
        """
        require_fresh_proof(request)
        values = self.given(ChangeEmergencyRepresentation, request)
        with change_problems():
            emergency_begin(
                by=self.by,
                change_request_id=self.find().pk,
                reason=values["reason"],
                stepped_up_at=stepped_up_at(request),
                now=self.now,
            )
        return self.accepted(self.find())


class ChangeRatify(ChangesEndpoint):
    """Agrees to an emergency afterwards."""

    permission_classes = [BySessionAlone, HasRight]
    rights = {"POST": rights.EMERGENCY_CHANGE}
    takes = ChangeRatificationRepresentation
    answers = {202: OpenApiResponse(ChangeRepresentation(), description="Ratified.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Ratify a change that was applied in an emergency. Sessions only.

        For someone other than its author and whoever applied it. 409 where `plan_sha256` is not
        the plan's that was applied.
        """
        require_fresh_proof(request)
        values = self.given(ChangeRatificationRepresentation, request)
        with change_problems():
            emergency_ratify(
                by=self.by,
                change_request_id=self.find().pk,
                plan_sha256=values["plan_sha256"],
                reason=values["reason"],
                stepped_up_at=stepped_up_at(request),
                now=self.now,
            )
        return self.accepted(self.find())
