"""A tighter SCP: denies what a target's ceiling allows and nobody used, but to roles for rescue."""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from governance.changes.life.content import LONGEST_TITLE
from governance.changes.life.transitions import CannotChangeRequest
from governance.changes.proposals.files import ReadProposal
from governance.changes.proposals.spared_roles import spared_roles
from governance.edits.operations import LONGEST_NAME, Operation, OperationKind
from governance.posture.state.organization import SCP
from governance.usage.unused import UnusedAccess
from inventory.models import Connection
from policies import policy_limits
from policies.catalogue import load_catalogue
from policies.packing.action_lists import short_actions

_NAME: Final = re.compile(r"[^\w+=,.@-]+")
_REASONS: Final = 3


class NothingToDeny(CannotChangeRequest):
    """The chosen services have no unused action that an SCP could deny; the message says so."""


@dataclass(frozen=True, slots=True)
class UnusedProposal:
    """SCPs that deny unused actions at a target, each within AWS's limit on its size.

    `actions`: how many of the catalogue. `services`: prefixes of theirs. `spared`: patterns of the
    roles that they leave alone.
    """

    title: str
    reason: str
    texts: tuple[str, ...]
    operations: tuple[Operation, ...]
    actions: int
    services: tuple[str, ...]
    spared: tuple[str, ...]

    def as_proposal(self) -> ReadProposal:
        """Return what the form of a new change request takes."""
        return ReadProposal(
            tuple(dict(one.as_json()) for one in self.operations),
            texts={"title": self.title, "reason": self.reason},
        )


def unused_proposal(
    connection: Connection, found: UnusedAccess, prefixes: Collection[str]
) -> UnusedProposal:
    """Return the SCPs that deny the unused actions of some services at the target.

    What is not known is never denied.

    :raises NothingToDeny: there is no such action, or no SCP binds the target.
    """
    if not found.account_ids:
        raise NothingToDeny(f"no SCP binds an account of {found.target.name}")
    services = tuple(one for one in found.services if one.prefix in prefixes and one.unused)
    if not services:
        raise NothingToDeny("the chosen services have no action that is known to be unused")
    catalogue = load_catalogue()
    by_service = [short_actions(catalogue, catalogue.actions(one.unused)) for one in services]
    spared = spared_roles(connection)
    texts = tuple(_texts(by_service, spared))
    name = _NAME.sub("-", f"deny-unused-{found.target.name}").lower()
    operations: list[Operation] = []
    for number, text in enumerate(texts, start=1):
        policy_id = f"new-unused{number}"
        suffix = f"-{number}" if len(texts) > 1 else ""
        operations += [
            Operation(
                OperationKind.CREATE_POLICY,
                policy_id=policy_id,
                name=f"{name[: LONGEST_NAME - len(suffix)]}{suffix}",
                policy_type=SCP.value,
                text=text,
            ),
            Operation(
                OperationKind.ATTACH_POLICY, policy_id=policy_id, target_id=found.target.target_id
            ),
        ]
    actions = sum(one.unused.bit_count() for one in services)
    title = f"Deny {actions:,} unused actions of {_counted(len(services))} in {found.target.name}"
    return UnusedProposal(
        title=title[:LONGEST_TITLE],
        reason=_reason(found, actions, len(services)),
        texts=texts,
        operations=tuple(operations),
        actions=actions,
        services=tuple(one.prefix for one in services),
        spared=spared,
    )


def _texts(by_service: Sequence[Sequence[str]], spared: Sequence[str]) -> list[str]:
    """Return policies of at most the size that AWS takes; one action is never more than that."""
    most = policy_limits(SCP).characters or 0
    texts: list[str] = []
    held: list[str] = []
    for pattern in (each for patterns in by_service for each in patterns):
        if held and len(_text([*held, pattern], spared)) > most:
            texts.append(_text(held, spared))
            held = []
        held.append(pattern)
    return [*texts, _text(held, spared)]


def _text(actions: Sequence[str], spared: Sequence[str]) -> str:
    statement: dict[str, Any] = {
        "Sid": "DenyUnused",
        "Effect": "Deny",
        "Action": list(actions),
        "Resource": "*",
    }
    if spared:
        statement["Condition"] = {"ArnNotLike": {"aws:PrincipalArn": list(spared)}}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return json.dumps(document, separators=(",", ":"))


def _reason(found: UnusedAccess, actions: int, services: int) -> str:
    said = [
        f"Nobody in {found.target.name} called these {actions:,} actions of {_counted(services)} "
        f"from {found.since} to {found.until}, as CloudTrail recorded it."
    ]
    if found.health.reasons:
        said.append(f"The logs are incomplete. {' '.join(found.health.reasons[:_REASONS])}")
    not_known = sum(one.not_known.bit_count() for one in found.services)
    if not_known:
        said.append(f"The use of {not_known:,} more actions is not known; they stay allowed.")
    return " ".join(said)


def _counted(services: int) -> str:
    return f"{services:,} service{'' if services == 1 else 's'}"
