"""Whether AWS would accept what a draft makes: sizes, slots, depth, what must stay attached.

Source: Organizations user guide, "Quotas and service limits", "Attaching and detaching policies",
"Moving accounts"; Organizations API reference, DeletePolicy (PolicyInUseException), DetachPolicy
(ConstraintViolationException, MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from governance.edits.draft import DraftedOrganization
from governance.posture.state.organization import CONTROL_TYPES, SCP, ControlPolicy, InForce
from policies import PolicyType, policy_limits, policy_size

MOST_LEVELS_OF_UNITS: Final = 5
_NAMED: Final = 3
TYPE_WORDS: Final = {
    PolicyType.SERVICE_CONTROL_POLICY: "service control policies",
    PolicyType.RESOURCE_CONTROL_POLICY: "resource control policies",
}


class CheckMark(StrEnum):
    """How a check ended. REFUSED: AWS would not accept it. WARNED: accepted, likely not meant."""

    HOLDS = "holds"
    WARNED = "warned"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class DraftCheck:
    """One limit or rule, what was measured against it, and what to do if it does not hold."""

    code: str
    mark: CheckMark
    title: str
    measured: str
    remedy: str = ""


def checks(drafted: DraftedOrganization, *, today: date) -> tuple[DraftCheck, ...]:
    """Check a draft against the limits that hold on a day, the worst first."""
    found = [
        *_sizes(drafted, today),
        *_slots(drafted, today),
        *_kept(drafted),
        *_chains(drafted),
        *_depth(drafted),
        *_deleted(drafted),
        *_types(drafted),
    ]
    return worst_first(found)


def worst_first(found: Iterable[DraftCheck]) -> tuple[DraftCheck, ...]:
    """Return checks by how they ended."""
    order = (CheckMark.REFUSED, CheckMark.WARNED, CheckMark.HOLDS)
    return tuple(sorted(found, key=lambda check: order.index(check.mark)))


def _sizes(drafted: DraftedOrganization, today: date) -> Iterator[DraftCheck]:
    for edited in drafted.edited:
        limits = policy_limits(edited.policy_type, on=today)
        size, most = policy_size(edited.text, limits), limits.characters or 0
        measured = f"{size:,} of {most:,} characters"
        fits = size <= most
        yield DraftCheck(
            "size",
            CheckMark.HOLDS if fits else CheckMark.REFUSED,
            f"Size of {edited.policy.name}",
            measured,
            "" if fits else "Shorten it, or take statements out into another policy.",
        )


def _slots(drafted: DraftedOrganization, today: date) -> Iterator[DraftCheck]:
    for kind, attached in drafted.policies.attached.items():
        most = policy_limits(kind, on=today).attached_per_target
        changed = _with_other_policies(drafted, kind)
        if most is None or not changed:
            continue
        counts = {target_id: len(attached.get(target_id, ())) for target_id in changed}
        fullest = max(counts, key=lambda target_id: counts[target_id])
        over = [target_id for target_id, count in counts.items() if count > most]
        yield DraftCheck(
            "slots",
            CheckMark.REFUSED if over else CheckMark.HOLDS,
            f"Slots for {type_words(kind)}",
            f"{counts[fullest]} of {most} at {_names(drafted, over or [fullest])}",
            "Detach one there, or merge two." if over else "",
        )


def _kept(drafted: DraftedOrganization) -> Iterator[DraftCheck]:
    control = drafted.after[SCP]
    if control.in_force is not InForce.IN_FORCE:
        return
    bare = [
        target_id
        for target_id in _with_other_policies(drafted, SCP)
        if not control.attached.get(target_id)
    ]
    if bare:
        yield DraftCheck(
            "last_policy",
            CheckMark.REFUSED,
            "A target must keep one service control policy",
            f"none is left at {_names(drafted, bare)}",
            "Attach another before the last is detached.",
        )


def _chains(drafted: DraftedOrganization) -> Iterator[DraftCheck]:
    """Return where nothing is allowed any more, so that nothing below can do anything."""
    before, after = drafted.before.control(SCP), drafted.after[SCP]
    if after.in_force is not InForce.IN_FORCE:
        return
    broken = [
        target_id
        for target_id in drafted.changed[SCP]
        if after.attached.get(target_id)
        and not after.unreadable.get(target_id)
        and not after.tree.by_id[target_id].level.allows
        and before.tree.by_id[target_id].level.allows
    ]
    if broken:
        accounts = sum(len(drafted.before.accounts_below(target_id)) for target_id in broken)
        yield DraftCheck(
            "allow_chain",
            CheckMark.WARNED,
            "Nothing is allowed at a level",
            f"{_names(drafted, broken)}: {accounts:,} accounts below can do nothing",
            "Keep FullAWSAccess, or an allow list, attached at every level.",
        )


def _depth(drafted: DraftedOrganization) -> Iterator[DraftCheck]:
    names = drafted.shown.names
    units = [target_id for target_id in drafted.parents if names[target_id].kind != "ACCOUNT"]
    if not units and not drafted.units.new:
        return
    tree = drafted.after[SCP].tree
    below = {
        target_id: len(tree.path(target_id)) - 1
        for target_id, name in names.items()
        if name.kind == "ORGANIZATIONAL_UNIT" and target_id in tree.by_id
    }
    deepest = max(below, key=lambda target_id: below[target_id])
    deep = below[deepest] > MOST_LEVELS_OF_UNITS
    yield DraftCheck(
        "depth",
        CheckMark.REFUSED if deep else CheckMark.HOLDS,
        "Levels of OUs below the root",
        f"{below[deepest]} of {MOST_LEVELS_OF_UNITS} at {names[deepest].name}",
        "Move it nearer to the root." if deep else "",
    )
    for target_id in units:
        if target_id in drafted.units.new:
            continue
        accounts = len(drafted.before.accounts_below(target_id))
        yield DraftCheck(
            "moved_unit",
            CheckMark.WARNED,
            f"AWS has no call that moves an OU ({names[target_id].name})",
            f"it takes a new OU and MoveAccount for {accounts:,} accounts",
            "The OU gets another id: policies and roles that name the old one must be updated.",
        )


def _deleted(drafted: DraftedOrganization) -> Iterator[DraftCheck]:
    for name, targets in drafted.detached_to_delete.items():
        yield DraftCheck(
            "policy_in_use",
            CheckMark.WARNED,
            f"{name} is attached",
            f"to {targets:,} targets",
            "AWS deletes only what is attached nowhere: here it is detached first.",
        )


def _types(drafted: DraftedOrganization) -> Iterator[DraftCheck]:
    for kind in drafted.policies.attached:
        touched = any(edited.policy_type is kind for edited in drafted.edited) or bool(
            _with_other_policies(drafted, kind)
        )
        if touched and _is_off(drafted, kind):
            yield DraftCheck(
                "type_not_enabled",
                CheckMark.REFUSED,
                f"{type_words(kind).capitalize()} are not enabled at the root",
                "so they limit nothing",
                "EnablePolicyType comes first.",
            )


def _is_off(drafted: DraftedOrganization, kind: PolicyType) -> bool:
    """Whether a type is off after a draft that does not turn it off itself."""
    if kind in CONTROL_TYPES:
        was = drafted.before.control(kind).in_force
        return was is drafted.after[kind].in_force is InForce.NOT_ENABLED
    on_before = drafted.collected.types_on(drafted.before)
    return kind not in drafted.policies.enabled and kind not in on_before


def _with_other_policies(drafted: DraftedOrganization, kind: PolicyType) -> list[str]:
    """Return the targets that have others, or more, or fewer policies attached than before."""
    before = drafted.attached_before(kind)
    return [
        target_id
        for target_id, held in drafted.policies.attached[kind].items()
        if held is not before.get(target_id)
        and target_id in drafted.shown.names
        and _ids(held) != _ids(before.get(target_id, ()))
    ]


def type_words(kind: PolicyType) -> str:
    """Return what policies of a type are called in a sentence."""
    return TYPE_WORDS.get(kind) or kind.lower().replace("_", " ").removesuffix(" policy") + (
        " policies"
    )


def _ids(policies: Iterable[ControlPolicy]) -> list[str]:
    return sorted(policy.policy_id for policy in policies)


def _names(drafted: DraftedOrganization, target_ids: list[str]) -> str:
    names = [drafted.shown.names[target_id].name for target_id in target_ids[:_NAMED]]
    more = len(target_ids) - len(names)
    return ", ".join(names) + (f" and {more:,} more" if more > 0 else "")
