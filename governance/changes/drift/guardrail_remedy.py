"""A prefilled change request that makes a guardrail hold."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from governance.access import rights
from governance.access.owners.acting import ActingPerson
from governance.access.owners.targets import OwnedTree, target_tree
from governance.baseline.guardrails.definitions import GuardrailInForce, guardrail_in_force
from governance.baseline.guardrails.models import GuardrailResult
from governance.baseline.guardrails.parameters import filled, parameters_of
from governance.changes.life.content import LONGEST_REASON, LONGEST_TITLE, ChangeContent
from governance.changes.life.drafting import change_create
from governance.changes.models import ChangeRequest
from governance.edits.operations import Operation, OperationKind
from inventory.models import Connection

MOST_TARGETS: Final = 20


class CannotRemedy(ValueError):
    """No change request makes the guardrail hold; the message says why and what to do."""


def remedy_targets(
    connection: Connection, guardrail: GuardrailInForce, *, tree: OwnedTree | None = None
) -> list[str]:
    """Return where the policy of a remedy goes: the OUs of the scope, else the root.

    Where the scope names accounts, tags or environments: the accounts in which it fails.

    :raises CannotRemedy: these are too many.
    """
    tree = tree or target_tree(connection)
    chosen = guardrail.document.scope.chosen
    units = [
        one.target_id
        for one in tree.by_id.values()
        if one.kind != "ACCOUNT" and _is_named(tree, one.target_id, chosen.organizational_units)
    ]
    if units and not (chosen.accounts or chosen.environments or chosen.tags):
        return units
    root = next((one.target_id for one in tree.by_id.values() if not one.parent_id), "")
    if chosen.is_empty and root and not guardrail.document.scope.core_accounts:
        return [root]
    failing = GuardrailResult.objects.as_of(None).filter(
        connection=connection,
        guardrail_id=guardrail.id,
        outcome=GuardrailResult.ResultOutcome.FAILS,
    )
    found = sorted(failing.values_list("account_id", flat=True))
    if len(found) > MOST_TARGETS:
        raise CannotRemedy(
            f"it fails in {len(found):,} accounts of its scope: attach the policy to an OU instead"
        )
    return found


def _is_named(tree: OwnedTree, target_id: str, names: Sequence[str]) -> bool:
    if not names:
        return False
    path = "/".join(one.name for one in reversed(list(tree.upwards(target_id))[:-1]))
    return target_id in names or bool(path and path in names)


@transaction.atomic
def change_remedy(
    *, by: ActingPerson, connection: Connection, guardrail_id: str, now: datetime
) -> ChangeRequest:
    """Make a draft that attaches the policy of a guardrail's remedy; it goes the usual way.

    :raises CannotRemedy: there is no such guardrail, it has no policy, or nowhere to attach it.
    :raises ParameterUnset: the policy names a parameter without a value.
    :raises MayNot: whoever acts may not propose changes there.
    """
    guardrail = guardrail_in_force(connection, guardrail_id)
    if guardrail is None:
        raise CannotRemedy(f"there is no guardrail {guardrail_id}")
    remedy = guardrail.document.remedy
    if remedy.policy_type is None:
        raise CannotRemedy(f"no policy makes it hold: {remedy.text}")
    targets = remedy_targets(connection, guardrail)
    if not targets:
        raise CannotRemedy("it fails nowhere in its scope")
    by.require_at_all(rights.PROPOSE_CHANGE, connection, target_tree(connection), targets)
    text = json.dumps(filled(remedy.policy, parameters_of(connection)), indent=2)
    operations = [
        Operation(
            OperationKind.CREATE_POLICY,
            policy_id="new-1",
            name=f"guardrail-{guardrail.id}"[:128],
            policy_type=remedy.policy_type.value,
            text=text,
        ),
        *(
            Operation(OperationKind.ATTACH_POLICY, policy_id="new-1", target_id=target_id)
            for target_id in targets
        ),
    ]
    document = guardrail.document
    content = ChangeContent(
        title=f"Make it hold: {document.title}"[:LONGEST_TITLE],
        reason=f"{document.why}\n\n{remedy.text}"[:LONGEST_REASON],
        operations=tuple(one.as_json() for one in operations),
    )
    return change_create(by=by, connection=connection, content=content, now=now)
