"""The baseline follows requests that are applied or taken back; foreign edits stop rollouts."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from governance.access.actors import system_actor
from governance.audit.actors import Actor
from governance.baseline.structure.adopting import baseline_applied
from governance.baseline.structure.document import (
    StructurePolicy,
    SubjectKind,
    subject,
    subject_parts,
)
from governance.baseline.structure.versions import baseline_in_force
from governance.changes.drift.written import (
    Values,
    agreed_tags,
    edits_of_rollouts,
    rollout_values,
)
from governance.changes.elsewhere.approved import ApprovedPolicy, approved_result
from governance.changes.elsewhere.differences import CollectedNow, collected_now
from governance.changes.life.signals import state_changed
from governance.changes.models import ChangeRequest, Rollout
from governance.changes.planning.tables import UnknownObject
from governance.changes.rollout.plans import objects_of, steps_of
from governance.changes.rollout.services import HALTABLE, rollout_halt
from governance.changes.states import ChangeState
from governance.drift.models import DriftItem
from governance.drift.own_edits import register_own_edits
from governance.drift.signals import drift_changed
from inventory.models import Connection, Policy

log = logging.getLogger(__name__)

_S = ChangeState
_APPLIED: Final = frozenset({_S.APPLIED, _S.APPLIED_PENDING_REVIEW})
_BACK: Final = frozenset({_S.ROLLED_BACK, _S.REVERTED})
_DRIFT: Final = system_actor("drift")
_MOST_NAMED: Final = 3


def follow_request(
    *,
    change_request: ChangeRequest,
    was: ChangeState,
    to: ChangeState,
    actor: Actor,
    now: datetime,
    **_: Any,
) -> None:
    """Move the baseline with a request that came to be applied, or was taken back."""
    if to not in _APPLIED | _BACK or was == _S.REVERT_DUE:
        return
    if baseline_in_force(change_request.connection) is None:
        return
    try:
        values = _values_of(change_request, to)
    except UnknownObject:
        # What is not known to have been created shows as drift, rather than hold the request up.
        log.exception("the baseline does not follow change request %s", change_request.pk)
        return
    said = "applied" if to in _APPLIED else "taken back"
    baseline_applied(
        connection=change_request.connection,
        change_number=change_request.number,
        values=values,
        actor=actor,
        reason=f"Change request #{change_request.number} was {said}: {change_request.title}",
        now=now,
    )


def _values_of(request: ChangeRequest, to: ChangeState) -> Values:
    rollout = request.rollouts.order_by("-started_at", "-pk").first()
    if rollout is not None and rollout.base is not None:
        rollout.change_request = request
        return rollout_values(rollout, done=len(rollout.plan["steps"]))
    if to in _APPLIED and request.applied != ChangeRequest.Applied.HERE:
        return _values_elsewhere(request)
    return {}


def _values_elsewhere(request: ChangeRequest) -> Values:
    """Return how subjects stand once another tool has applied a request."""
    result = approved_result(request)
    now = collected_now(request.connection, result)
    found: Values = {}
    for policy in result.policies:
        found.update(_policy_values(policy, now))
    for unit in result.units:
        target_id = now.unit_ids.get((unit.parent_id, unit.name)) if unit.is_new else unit.target_id
        if target_id:
            place = {"name": unit.name, "parent_id": unit.parent_id}
            found[subject(SubjectKind.UNIT, target_id)] = None if unit.is_deleted else place
    for move in result.moves:
        place = {"name": move.name, "parent_id": now.places.get(move.account_id, move.parent_id)}
        found[subject(SubjectKind.ACCOUNT, move.account_id)] = place
    for policy_type, enabled in result.policy_types.items():
        name = subject(SubjectKind.POLICY_TYPE, policy_type)
        found[name] = {"enabled": True} if enabled else None
    return found


def _policy_values(policy: ApprovedPolicy, now: CollectedNow) -> Values:
    rows: Sequence[Policy] = now.policies.get((policy.policy_type, policy.name), ())
    ids = [row.policy_id for row in rows]
    policy_id = policy.policy_id if policy.policy_id in ids or not ids else ids[0]
    if policy.is_new and not ids:
        return {}
    found: Values = {}
    if not policy.aws_managed:
        approved = StructurePolicy(policy.name, policy.policy_type, policy.text)
        name = subject(SubjectKind.POLICY, policy_id)
        found[name] = None if policy.is_deleted else approved.as_json()
        if policy.tags:
            found[subject(SubjectKind.POLICY_TAGS, policy_id)] = agreed_tags(
                {**policy.had_tags, **policy.tags}
            )
    there = set(policy.target_ids)
    for target_id in there | set(policy.had_target_ids) | set(policy.detached_ids):
        attached = {"policy_id": policy_id, "target_id": target_id}
        name = subject(SubjectKind.ATTACHMENT, policy_id, target_id)
        found[name] = attached if target_id in there and not policy.is_deleted else None
    return found


def stop_rollouts(
    *, connection: Connection, appeared: Sequence[DriftItem], now: datetime, **_: Any
) -> None:
    """Halt rollouts within whose targets somebody else wrote: what differs is not their own."""
    if not appeared:
        return
    running = Rollout.objects.filter(
        change_request__connection=connection,
        ended_at__isnull=True,
        change_request__state__in=HALTABLE,
    ).select_related("change_request")
    for rollout in running:
        foreign = [item for item in appeared if _touches(item, _objects(rollout))]
        if not foreign:
            continue
        named = "; ".join(str(item) for item in foreign[:_MOST_NAMED])
        more = f" and {len(foreign) - _MOST_NAMED} more" if len(foreign) > _MOST_NAMED else ""
        log.warning("rollout %s is halted by foreign edits: %s%s", rollout.pk, named, more)
        rollout_halt(
            actor=_DRIFT,
            change_request_id=rollout.change_request_id,
            reason=f"someone else wrote within its targets: {named}{more}",
            now=now,
        )


def _objects(rollout: Rollout) -> frozenset[str]:
    targets: Iterable[str] = (
        target for ring in rollout.plan.get("rings", ()) for target in ring["targets"]
    )
    return objects_of(steps_of(rollout)) | frozenset(rollout.created.values()) | frozenset(targets)


def _touches(item: DriftItem, objects: frozenset[str]) -> bool:
    try:
        _, ids = subject_parts(item.subject)
    except ValueError:
        return False
    return not objects.isdisjoint((*ids, item.target_id))


def register() -> None:
    """Follow requests and drift, and tell drift what rollouts wrote."""
    state_changed.connect(follow_request, dispatch_uid="changes.baseline")
    drift_changed.connect(stop_rollouts, dispatch_uid="changes.foreign_edits")
    register_own_edits("rollouts", edits_of_rollouts)
