"""Change requests as their rows stand in the database, in any state."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User

from governance.changes.evidence.digests import digest_of, plan_digest
from governance.changes.models import ChangeRequest, Evidence
from governance.changes.rollout.plans import rings_of
from governance.changes.states import ChangeState
from governance.edits.operations import read_operations
from inventory.models import Connection
from tests.factories.edits import NOW


def change_request(
    connection: Connection, author: User, *, at: datetime = NOW, **given: Any
) -> ChangeRequest:
    """Return a stored request; `given`: its members where they are not the usual ones."""
    last = ChangeRequest.objects.filter(connection=connection).order_by("-number").first()
    members: dict[str, Any] = {
        "number": last.number + 1 if last else 1,
        "title": "Close eu-west-3",
        "reason": "We leave Paris at the end of the year.",
        "state": ChangeState.DRAFT,
        "state_at": at,
        "created_at": at,
        "updated_at": at,
        "operations": [{"kind": "detach_policy", "policy_id": "p-a", "target_id": "r-ab12"}],
        "object_ids": ["p-a", "r-ab12"],
        "reaching_ids": ["r-ab12"],
    }
    return ChangeRequest.objects.create(connection=connection, author=author, **members | given)


def with_evidence(asked: ChangeRequest, *, at: datetime = NOW, **given: Any) -> ChangeRequest:
    """Give a request evidence, and the digest that an approval binds."""
    conclusions = {"request": asked.pk, "revision": asked.revision}
    address = digest_of(conclusions)
    members: dict[str, Any] = {
        "revision": asked.revision,
        "sha256": address,
        "conclusions_sha256": address,
        "conclusions": conclusions,
        "content": {"targets": []},
        "base": {},
        "plan": {},
        "as_of": at - timedelta(hours=1),
        "made_at": at,
        "seconds": 0.5,
        **given,
    }
    members["base"] = {"targets": {}, **members["base"]}
    members["content"] = {"targets": [], **members["content"]}
    digest = plan_digest(
        operations=read_operations(asked.operations),
        targets=members["base"]["targets"],
        rings=rings_of({"rings": [], **members["plan"]}),
        conclusions=members["conclusions"],
    )
    made = Evidence.objects.create(change_request=asked, plan_sha256=digest, **members)
    asked.evidence, asked.plan_sha256 = made, digest
    asked.save()
    return asked
