"""`python -m benchmarks.change_evidence_requests`: make evidence of edits of one SCP each.

Each SCP is attached to ten OUs and rolled out in three rings (one, three, six of them). Measured is
`make_evidence`: reading, planning, every intermediate state, proofs, approvals, digests. Storing is
left out. The first of a process compiles the organization.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import django

from benchmarks.tables import Figure, Row, Statistic, measured, print_figures, print_table
from demo.scale.policies import service_control_policy

if TYPE_CHECKING:
    from governance.changes.models import ChangeRequest

_EDITS: Final = 20
_TARGETS: Final = 10
_RINGS: Final = (("Canary", 1), ("Some", 3), ("Rest", 6))
_TARGET_SECONDS: Final = 5.0
_QUIET: Final = 0.5


def main() -> int:
    """Measure, print, and return 0."""
    django.setup()
    from governance.changes.evidence.making import make_evidence

    requests = _requests()
    busy = os.getloadavg()[0]
    sizes: list[int] = []
    steps: list[int] = []

    def make(change_request: ChangeRequest) -> None:
        made = make_evidence(change_request, now=change_request.created_at)
        sizes.append(len(json.dumps(made.content)))
        steps.append(len(made.plan.steps))

    def call(change_request: ChangeRequest) -> Callable[[], None]:
        return lambda: make(change_request)

    rows: list[Row] = [
        measured("first of a process", [call(requests[0])], None),
        measured(
            "evidence of an edit, 10 targets, 3 rings",
            [call(one) for one in requests],
            _TARGET_SECONDS,
            Statistic.P95,
        ),
    ]
    quiet = "quiet" if busy < _QUIET else f"busy (load {busy:.1f} when it began)"
    print_table(
        f"Evidence at 10,000 accounts, {len(requests)} edits of SCPs; machine {quiet}", rows
    )
    print_figures(
        "What it holds",
        [
            Figure("steps of a plan, at most", max(steps)),
            Figure("characters of evidence as JSON, at most", max(sizes)),
        ],
    )
    return 0


def _requests() -> list[ChangeRequest]:
    """Store a request for each of some SCPs, attached to ten OUs before."""
    from django.contrib.auth.models import User
    from django.db.models import Count
    from django.utils import timezone

    from governance.changes.models import ChangeRequest
    from inventory.models import Connection, OrganizationalUnit, Policy, PolicyAttachment

    connection = Connection.objects.get(slug="scale")
    now = timezone.now()
    rng = random.Random("evidence")
    author, _ = User.objects.get_or_create(username="benchmark")
    rows = PolicyAttachment.objects.filter(connection=connection, seen_until__isnull=True)
    held = dict(rows.values_list("target_id").annotate(count=Count("pk")))
    units = sorted(
        OrganizationalUnit.objects.filter(
            connection=connection, seen_until__isnull=True
        ).values_list("target_id", flat=True)
    )
    policies = Policy.objects.filter(
        connection=connection, seen_until__isnull=True, type="SERVICE_CONTROL_POLICY"
    )
    by_name = {policy.name: policy for policy in policies if not policy.aws_managed}
    last = ChangeRequest.objects.filter(connection=connection).count()
    made: list[ChangeRequest] = []
    for number in rng.sample(range(len(by_name)), _EDITS):
        name, document = service_control_policy(number, revision=4)
        policy = by_name[name]
        rows.filter(policy_id=policy.policy_id).update(seen_until=policy.seen_from)
        free = [unit for unit in units if held.get(unit, 0) < 6]
        chosen = rng.sample(free, _TARGETS)
        PolicyAttachment.objects.bulk_create(
            PolicyAttachment(
                connection=connection,
                policy_id=policy.policy_id,
                target_id=unit,
                seen_from=policy.seen_from,
            )
            for unit in chosen
        )
        for unit in chosen:
            held[unit] = held.get(unit, 0) + 1
        made.append(
            ChangeRequest.objects.create(
                connection=connection,
                number=last + len(made) + 1,
                title=f"Change {name}",
                author=author,
                operations=[
                    {
                        "kind": "update_policy",
                        "policy_id": policy.policy_id,
                        "text": json.dumps(document, separators=(",", ":")),
                    }
                ],
                rings=_rings(chosen),
                state_at=now,
                created_at=now,
                updated_at=now,
            )
        )
    return made


def _rings(targets: list[str]) -> list[dict[str, Any]]:
    rings, left = [], list(targets)
    for name, count in _RINGS:
        chosen, left = left[:count], left[count:]
        rings.append({"name": name, "targets": chosen, "soak_minutes": 60, "gate": "manual"})
    return rings


if __name__ == "__main__":
    sys.exit(main())
