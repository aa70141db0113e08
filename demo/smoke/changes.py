"""A change request to visit."""

from django.contrib.auth.models import User
from django.utils import timezone

from governance.access.actors import user_actor
from governance.access.owners.acting import ActingPerson
from governance.changes.evidence.making import make_evidence
from governance.changes.evidence.storing import evidence_store
from governance.changes.life.content import ChangeContent
from governance.changes.life.drafting import change_create
from governance.changes.models import ChangeRequest
from governance.changes.states import ChangeState
from inventory.models import Connection, OrganizationalUnit, Policy


def kept_change(
    connection: Connection, *, policy: Policy, unit: OrganizationalUnit
) -> ChangeRequest:
    """Return the first draft of a change request, made where there is none, with its evidence."""
    drafts = ChangeRequest.objects.filter(connection=connection, state=ChangeState.DRAFT)
    kept = drafts.order_by("number").first()
    if kept is None:
        kept = _made(connection, policy=policy, unit=unit)
    if kept.evidence is None:
        made = make_evidence(kept, now=timezone.now())
        kept.evidence, kept.plan_sha256 = evidence_store(made), made.plan_sha256
        kept.save()
    return kept


def _made(connection: Connection, *, policy: Policy, unit: OrganizationalUnit) -> ChangeRequest:
    administrator = User.objects.get(username="administrator")
    edit: dict[str, object] = {
        "kind": "attach_policy",
        "policy_id": policy.policy_id,
        "target_id": unit.target_id,
    }
    return change_create(
        by=ActingPerson(administrator, user_actor(administrator)),
        connection=connection,
        content=ChangeContent(title="Smoke", reason="To be visited.", operations=(edit,)),
        now=timezone.now(),
    )
