"""The operations that make a guardrail hold, and what they would come to, before anybody asks."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from governance.access.owners.targets import ACCOUNT, OwnedTree
from governance.baseline.guardrails.documents import GuardrailDocument
from governance.baseline.guardrails.parameters import ParameterUnset, filled
from governance.baseline.guardrails.scoping import ScopeDirectory
from governance.baseline.guardrails.trying import TriedGuardrail, try_guardrail
from governance.edits.draft import DraftedOrganization
from governance.edits.operations import Operation, OperationKind
from governance.effects.of_edits import Simulated, simulate
from governance.posture.state.organization import InForce, load_organization
from inventory.models import Connection
from inventory.viewing import Viewer
from policies import PolicyType

_WHOLE = Viewer(sees_inventory=True)
_NEW_POLICY = "new-remedy"
_LONGEST_NAME = 128


class NoRemedy(ValueError):
    """No policy makes the guardrail hold; the message says why."""


@dataclass(frozen=True, slots=True)
class SimulatedRemedy:
    """Operations with what they do. `after`: the guardrail under the policies that they make."""

    operations: tuple[Operation, ...]
    simulated: Simulated
    after: TriedGuardrail


def remedy_operations(connection: Connection, document: GuardrailDocument) -> tuple[Operation, ...]:
    """Return what puts a guardrail's policy in force where it has to hold.

    The policy is made and attached at the fewest targets that hold the accounts of the scope and no
    others; RCPs are enabled where they are not. The management account is bound by none.

    :raises NoRemedy: it has no policy, needs a parameter without a value, or nothing is in scope.
    """
    remedy = document.remedy
    if remedy.policy_type is None:
        raise NoRemedy(f"no policy makes {document.id} hold: {remedy.text}")
    directory = ScopeDirectory(connection)
    try:
        text = json.dumps(filled(remedy.policy, directory.parameters), indent=2)
        scope = set(directory.account_ids(document.scope))
    except ParameterUnset as error:
        raise NoRemedy(str(error)) from error
    open_accounts = set(directory.accounts)
    management = {one for one in open_accounts if one == directory.management_account_id}
    targets = _covering(directory.labels.tree, scope | management, open_accounts)
    targets = [one for one in targets if one not in management]
    if not scope - management or not targets:
        raise NoRemedy(f"no account that policies bind is in the scope of {document.id}")
    operations: list[Operation] = []
    organization = load_organization(_WHOLE, connection=connection)
    kind = PolicyType(remedy.policy_type)
    if organization.control(kind).in_force is InForce.NOT_ENABLED:
        operations.append(Operation(OperationKind.ENABLE_POLICY_TYPE, policy_type=kind.value))
    operations.append(
        Operation(
            OperationKind.CREATE_POLICY,
            policy_id=_NEW_POLICY,
            name=f"guardrail-{document.id}"[:_LONGEST_NAME],
            policy_type=kind.value,
            text=text,
        )
    )
    operations += [
        Operation(OperationKind.ATTACH_POLICY, policy_id=_NEW_POLICY, target_id=target_id)
        for target_id in targets
    ]
    return tuple(operations)


def _covering(tree: OwnedTree, wanted: set[str], open_accounts: set[str]) -> list[str]:
    """Return the fewest targets that hold some accounts, and no other account that is open."""
    found: list[str] = []

    def walk(target_id: str) -> None:
        below = {
            one.target_id
            for one in tree.below(target_id)
            if one.kind == ACCOUNT and one.target_id in open_accounts
        }
        if not below & wanted:
            return
        if below <= wanted:
            found.append(target_id)
            return
        for child in _children(tree, target_id):
            walk(child)

    for root in (one.target_id for one in tree.by_id.values() if not one.parent_id):
        walk(root)
    return found


def _children(tree: OwnedTree, target_id: str) -> Iterable[str]:
    return [one.target_id for one in tree.by_id.values() if one.parent_id == target_id]


def remedy_simulated(
    viewer: Viewer, *, connection: Connection, document: GuardrailDocument, today: date
) -> SimulatedRemedy:
    """Do the operations of a remedy in memory, and ask the guardrail again.

    :raises NoRemedy: see `remedy_operations`.
    """
    operations = remedy_operations(connection, document)
    simulated = simulate(
        viewer, connection=connection, operations=operations, as_of=None, today=today
    )
    drafted: DraftedOrganization = simulated.drafted
    after = try_guardrail(
        viewer,
        connection=connection,
        document=document,
        organization=drafted.as_organization(),
    )
    return SimulatedRemedy(operations, simulated, after)
