"""A baseline for the demo's organization, from which some things differ already."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from governance.baseline.structure.document import Structure
    from inventory.models import Connection

_REASON: Final = "What the platform and security teams agreed last quarter."
_SERVICE: Final = "detective.amazonaws.com"


def ensure_drift(connection: "Connection", *, now: datetime) -> int:
    """Agree to the organization as it was some edits ago; return how much differs from that.

    The edits are in the baseline, not in AWS, so that no second run is needed. 0: there is a
    baseline already, or the organization was not read.
    """
    from django.db import transaction

    from governance.access.actors import command_actor
    from governance.audit import actions
    from governance.baseline.structure.collected import collected_structure
    from governance.baseline.structure.file_writing import baseline_file
    from governance.baseline.structure.versions import Source, baseline_in_force, version_add
    from governance.drift.finding import refresh_drift
    from governance.drift.models import DriftItem

    structure = collected_structure(connection)
    if baseline_in_force(connection) is not None or not structure.root_id:
        return 0
    person = _somebody()
    if person is None:
        return 0
    _before_some_edits(structure)
    with transaction.atomic():
        version_add(
            connection=connection,
            structure=structure,
            source=Source.FILE,
            actor=command_actor("demo"),
            action=actions.BASELINE_IMPORT,
            user=person,
            now=now,
            reason=_REASON,
            text=baseline_file(structure),
        )
    refresh_drift(connection, now=now)
    return DriftItem.objects.filter(connection=connection).count()


def _somebody() -> "User | None":
    from django.contrib.auth.models import User as Person

    people = Person.objects.filter(is_active=True).order_by("pk")
    return people.filter(username="security").first() or people.first()


def _before_some_edits(structure: "Structure") -> None:
    """Have a structure say what it said before an account moved, policies changed, and more."""
    from governance.baseline.structure.document import StructurePlace, StructurePolicy

    account_id, place = max(structure.accounts.items(), key=lambda one: (one[1].name, one[0]))
    parent = structure.units.get(place.parent_id)
    above = parent.parent_id if parent is not None else ""
    if above:
        structure.accounts[account_id] = StructurePlace(place.name, above)
    attached = [
        (policy_id, policy)
        for policy_id, policy in sorted(structure.policies.items())
        if policy.type == "SERVICE_CONTROL_POLICY" and structure.attachments.get(policy_id)
    ]
    for number, (policy_id, policy) in enumerate(attached[:3]):
        if number == 0:
            structure.attachments[policy_id].pop()
        elif number == 1:
            structure.policies[policy_id] = StructurePolicy(
                policy.name, policy.type, _stricter(policy.text)
            )
        else:
            structure.policies[policy_id] = StructurePolicy(
                f"{policy.name}-v1", policy.type, policy.text
            )
    if structure.trusted_services is not None:
        structure.trusted_services.add(_SERVICE)


def _stricter(text: str) -> str:
    """Return an SCP with one statement more, which somebody has taken out since."""
    document = json.loads(text)
    statements = document["Statement"]
    if isinstance(statements, dict):
        statements = [statements]
    taken_out = {
        "Sid": "KeepDetection",
        "Effect": "Deny",
        "Action": ["guardduty:DeleteDetector", "guardduty:UpdateDetector"],
        "Resource": "*",
    }
    document["Statement"] = [*statements, taken_out]
    return json.dumps(document)
