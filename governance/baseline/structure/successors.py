"""What stands in the baseline for something that was deleted and made again with another id."""

from collections.abc import Mapping

from governance.baseline.structure.document import (
    Structure,
    StructurePlace,
    StructurePolicy,
    SubjectKind,
    subject,
)


def with_successors(made: Structure, known: Structure, collected: Structure) -> Structure:
    """Have what a structure says again take the place of what is gone; return the structure.

    `made`: `known` with what a change request made. A policy of the type and name of one that is
    gone is that policy, an OU of the name and place of one that is gone that OU, with the accounts,
    OUs and attachments that should be there.
    """
    for target_id in [one for one in made.units if one not in known.units]:
        gone = _gone(made.units, target_id, collected.units)
        if gone:
            _move(made, gone, target_id)
    for policy_id in [one for one in made.policies if one not in known.policies]:
        gone = _gone_policy(made.policies, policy_id, collected.policies)
        if gone:
            made.put(subject(SubjectKind.POLICY, gone), None)
    return made


def _gone(
    units: Mapping[str, StructurePlace], target_id: str, there: Mapping[str, StructurePlace]
) -> str:
    return next(
        (
            one
            for one, place in units.items()
            if one not in there and one != target_id and place == units[target_id]
        ),
        "",
    )


def _gone_policy(
    policies: Mapping[str, StructurePolicy], policy_id: str, there: Mapping[str, StructurePolicy]
) -> str:
    made = policies[policy_id]
    return next(
        (
            one
            for one, policy in policies.items()
            if one not in there
            and one != policy_id
            and (policy.type, policy.name) == (made.type, made.name)
        ),
        "",
    )


def _move(made: Structure, gone: str, target_id: str) -> None:
    """Have an OU hold what another one held, which is then no more."""
    for places in (made.units, made.accounts):
        for one, place in list(places.items()):
            if place.parent_id == gone:
                places[one] = StructurePlace(place.name, target_id)
    for held in (*made.attachments.values(), *made.detached_defaults.values()):
        if gone in held:
            held.add(target_id)
    made.scope = tuple(target_id if one == gone else one for one in made.scope)
    made.put(subject(SubjectKind.UNIT, gone), None)
