"""Moves the baseline: to what was collected, to drift that is accepted, by an applied change."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from django.db import transaction

from governance.access import rights
from governance.access.owners.acting import ActingPerson
from governance.audit import actions
from governance.audit.actors import Actor
from governance.baseline.structure.collected import (
    StructureReading,
    collected_structure,
    only_what_was_read,
    structure_reading,
)
from governance.baseline.structure.document import Structure, SubjectKind, SubjectValue
from governance.baseline.structure.models import BaselineVersion
from governance.baseline.structure.successors import with_successors
from governance.baseline.structure.versions import (
    Source,
    baseline_in_force,
    structure_of,
    taken_over,
    version_add,
    with_values,
)
from inventory.models import Connection
from inventory.policy_types import DEFAULT_POLICY_IDS

_SHOWN: Final = 3


class CannotAdoptBaseline(ValueError):
    """The baseline cannot be moved so; the message says why and what to do."""


@transaction.atomic
def baseline_adopt(
    *,
    by: ActingPerson,
    connection: Connection,
    target_id: str = "",
    reason: str,
    now: datetime,
) -> BaselineVersion:
    """Agree to the structure as it was collected last: all of it, or one OU with all below it.

    `target_id`: an OU; empty, or the root: the whole organization.

    :raises MayNot: whoever acts may not adopt there.
    :raises CannotAdoptBaseline: the last reading is not complete, there is no such OU, or no
        reason.
    """
    by.require(rights.ADOPT_BASELINE, connection, "" if target_id.startswith("r-") else target_id)
    if not reason.strip():
        raise CannotAdoptBaseline("say why this is the desired state")
    collected = collected_structure(connection)
    if not collected.root_id:
        raise CannotAdoptBaseline("the organization has not been read yet: run the inventory first")
    only_what_was_read(collected, _require_reading(connection))
    if target_id and target_id not in collected.units:
        raise CannotAdoptBaseline(f"there is no root or OU {target_id} in the last reading")
    chosen = target_id or collected.root_id
    structure = (
        collected if chosen == collected.root_id else _with_subtree(connection, collected, chosen)
    )
    return version_add(
        connection=connection,
        structure=structure,
        source=Source.ADOPTED,
        actor=by.actor,
        action=actions.BASELINE_ADOPT,
        user=by.user,
        now=now,
        reason=reason.strip(),
        target_id="" if chosen == collected.root_id else chosen,
    )


def _require_reading(connection: Connection) -> StructureReading:
    reading = structure_reading(connection)
    unread = reading.unread
    if not unread:
        return reading
    named = [f"{name} ({why})" for name, why in list(unread.items())[:_SHOWN]]
    more = f" and {len(unread) - _SHOWN} more" if len(unread) > _SHOWN else ""
    raise CannotAdoptBaseline(
        f"the last reading is not complete: {', '.join(named)}{more}. "
        "Allow these calls to the organization reader and run the inventory again"
    )


def _with_subtree(connection: Connection, collected: Structure, target_id: str) -> Structure:
    """Return the baseline in which one OU and all below it stand as collected."""
    before = baseline_in_force(connection)
    known = structure_of(before) if before is not None else Structure(policy_tags={})
    names = [
        name
        for name in {*known.subjects(), *collected.subjects()}
        if _in_subtree(name, known, collected, target_id)
    ]
    made = taken_over(known, collected, names)
    if collected.policy_tags is None:
        made.policy_tags = known.policy_tags if before is not None else None
    _defaults_within(made, collected, known, target_id)
    if not made.is_whole and not any(step in made.scope for step in collected.chain(target_id)):
        kept = [one for one in made.scope if not collected.lies_in(one, {target_id})]
        made.scope = (*kept, target_id)
    return made


def _defaults_within(
    made: Structure, collected: Structure, known: Structure, target_id: str
) -> None:
    """Have default policies of which nothing was said yet be spoken of, within the OU."""
    for policy_id in collected.detached_defaults:
        if policy_id not in known.detached_defaults:
            made.detached_defaults[policy_id] = {
                one
                for one in collected.detached_defaults[policy_id]
                if collected.lies_in(one, {target_id})
            }


def _in_subtree(name: str, known: Structure, collected: Structure, target_id: str) -> bool:
    kind, _, rest = name.partition(":")
    if kind in (SubjectKind.UNIT, SubjectKind.ACCOUNT):
        place = rest
    elif kind == SubjectKind.ATTACHMENT:
        place = rest.partition(":")[2]
    elif kind in (SubjectKind.POLICY, SubjectKind.POLICY_TAGS):
        if kind == SubjectKind.POLICY_TAGS and known.policy_tags is None:
            return False
        held = collected.attachments.get(rest, set())
        inside = [collected.lies_in(one, {target_id}) for one in held]
        return any(inside) and (rest not in known.policies or all(inside))
    else:
        return False
    return collected.lies_in(place, {target_id}) or known.lies_in(place, {target_id})


def baseline_take(
    *,
    by: ActingPerson,
    connection: Connection,
    subjects: Collection[str],
    reason: str,
    now: datetime,
) -> BaselineVersion:
    """Agree to some subjects as they were collected last; whoever calls has checked the right.

    In the caller's transaction.

    :raises CannotAdoptBaseline: nothing was agreed yet, or what they are about was not read.
    """
    before = baseline_in_force(connection)
    if before is None:
        raise CannotAdoptBaseline("there is no baseline yet: adopt one first")
    collected = collected_structure(connection)
    known = structure_of(before)
    reading = structure_reading(connection)
    for name in subjects:
        if not reading.is_read(name, policy_type_of(name, collected, known)):
            raise CannotAdoptBaseline(f"{name} was not read in the last run: it cannot be adopted")
    return version_add(
        connection=connection,
        structure=taken_over(known, collected, subjects),
        source=Source.DRIFT,
        actor=by.actor,
        action=actions.BASELINE_ADOPT,
        user=by.user,
        now=now,
        reason=reason,
    )


def baseline_applied(
    *,
    connection: Connection,
    change_number: int,
    values: Mapping[str, SubjectValue | None],
    actor: Actor,
    reason: str,
    now: datetime,
) -> BaselineVersion | None:
    """Have the baseline follow a change request that was applied, or taken back.

    `values`: subject → how it stands by the plan, as `Structure.value` has it; None: not at all.
    What was made again in the place of something that is gone, with the id that AWS gave it, stands
    for that from then on.
    Returns None where nothing was agreed yet, or nothing of it is spoken of. In the caller's
    transaction.
    """
    before = baseline_in_force(connection)
    if before is None:
        return None
    collected = collected_structure(connection)
    known = structure_of(before)
    spoken_of = {name: value for name, value in values.items() if speaks_of(known, collected, name)}
    if not spoken_of:
        return None
    return version_add(
        connection=connection,
        structure=with_successors(with_values(known, spoken_of), known, collected),
        source=Source.CHANGE,
        actor=actor,
        action=actions.BASELINE_APPLY,
        user=None,
        now=now,
        reason=reason,
        change_number=change_number,
    )


def policy_type_of(name: str, *structures: Structure) -> str:
    """Return the type of the policy that a subject is about; empty for other subjects."""
    kind, _, rest = name.partition(":")
    if kind not in (SubjectKind.POLICY, SubjectKind.ATTACHMENT):
        # Tags and the delegation policy are read by a collector of their own.
        return ""
    policy_id = rest.partition(":")[0]
    if policy_id in DEFAULT_POLICY_IDS:
        return "RESOURCE_CONTROL_POLICY" if "RCP" in policy_id else "SERVICE_CONTROL_POLICY"
    for structure in structures:
        if policy_id in structure.policies:
            return structure.policies[policy_id].type
    return ""


def speaks_of(desired: Structure, collected: Structure, name: str) -> bool:
    """Whether a baseline says anything of a subject, be it that it should not be there."""
    kind, _, rest = name.partition(":")
    if kind == SubjectKind.POLICY_TYPE:
        return desired.is_whole and desired.policy_types is not None
    if kind == SubjectKind.TRUSTED_SERVICE:
        return desired.is_whole and desired.trusted_services is not None
    if kind == SubjectKind.DELEGATION:
        return desired.is_whole and desired.delegations is not None
    if kind == SubjectKind.DELEGATION_POLICY:
        return desired.is_whole and desired.delegation_policy is not None
    if kind == SubjectKind.POLICY_TAGS and desired.policy_tags is None:
        return False
    if kind in (SubjectKind.POLICY, SubjectKind.POLICY_TAGS):
        held = collected.attachments.get(rest, set()) | desired.attachments.get(rest, set())
        return (
            desired.is_whole
            or rest in desired.policies
            or any(_in_scope(desired, collected, one) for one in held)
        )
    place = rest.partition(":")[2] if kind == SubjectKind.ATTACHMENT else rest
    return _in_scope(desired, collected, place)


def _in_scope(desired: Structure, collected: Structure, target_id: str) -> bool:
    if desired.is_whole:
        return True
    return collected.lies_in(target_id, desired.scope) or desired.lies_in(target_id, desired.scope)
