"""A change request to visit."""

from django.contrib.auth.models import User
from django.utils import timezone

from governance.access.actors import user_actor
from governance.access.owners.acting import ActingPerson
from governance.changes.life.content import ChangeContent
from governance.changes.life.drafting import change_create
from governance.changes.models import ChangeRequest
from inventory.models import Connection, OrganizationalUnit, Policy


def kept_change(
    connection: Connection, *, policy: Policy, unit: OrganizationalUnit
) -> ChangeRequest:
    """Return the first change request of the organization, a draft where there was none."""
    first = ChangeRequest.objects.filter(connection=connection).order_by("number").first()
    if first is not None:
        return first
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
