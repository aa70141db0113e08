"""Who is asked while nobody answers: owners further up by the clock, deputies of who is away."""

from datetime import datetime

from django.db import transaction

from governance.access.actors import system_actor
from governance.audit import actions
from governance.changes.life.required import effects_of, required_json, required_of
from governance.changes.life.signals import people_asked
from governance.changes.life.transitions import change_record, locked_request
from governance.changes.life.waiting import waiting_people
from governance.changes.models import ChangeRequest
from governance.changes.states import ChangeState

ESCALATOR = system_actor("escalation of change requests")


def changes_escalate(*, now: datetime) -> int:
    """Ask again, for every request in review, who may agree to it; return for how many it differs.

    Owners, deputies and absences as they stand now, and owners further up the tree where the rules
    say that an answer is overdue.
    """
    keys = ChangeRequest.objects.filter(state=ChangeState.IN_REVIEW).order_by("pk")
    return sum(_ask_anew(key, now) for key in list(keys.values_list("pk", flat=True)))


@transaction.atomic
def _ask_anew(change_request_id: int, now: datetime) -> bool:
    request = locked_request(change_request_id)
    if request.state != ChangeState.IN_REVIEW or request.evidence is None:
        return False
    required = required_json(required_of(request, effects_of(request.evidence), now=now))
    if required == request.required_approvals:
        return False
    climbed = max((one["escalated"] for one in required), default=0)
    climbed_before = max((one["escalated"] for one in request.required_approvals), default=0)
    before = set(request.waiting_for)
    request.required_approvals = required
    request.waiting_for = waiting_people(request)
    escalated = climbed > climbed_before
    if escalated:
        request.escalated_at = now
        change_record(
            request,
            actor=ESCALATOR,
            action=actions.CHANGE_ESCALATE,
            now=now,
            before={"levels": climbed_before},
            after={"levels": climbed, "waiting_for": request.waiting_for},
        )
    request.save(update_fields=["required_approvals", "waiting_for", "escalated_at"])
    added = set(request.waiting_for) - before
    if added:
        people_asked.send(
            sender=ChangeRequest,
            change_request=request,
            added=frozenset(added),
            escalated=escalated,
            now=now,
        )
    return True
