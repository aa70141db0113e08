"""What differs between the structure that was agreed and the one that was collected."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from governance.baseline.structure.adopting import policy_type_of, speaks_of
from governance.baseline.structure.document import (
    Structure,
    StructurePolicy,
    SubjectKind,
    SubjectValue,
    subject,
    subject_parts,
)
from governance.baseline.structure.versions import subject_label
from governance.drift.difference import FoundDifference, Kind
from governance.drift.restoring import restoring_operations
from inventory.policy_types import DEFAULT_POLICY_IDS

_TARGET_KINDS: Final = {
    SubjectKind.UNIT: "organizational_unit",
    SubjectKind.ACCOUNT: "account",
    SubjectKind.POLICY: "policy",
    SubjectKind.POLICY_TYPE: "policy_type",
    SubjectKind.TRUSTED_SERVICE: "service",
    SubjectKind.DELEGATION: "service",
    SubjectKind.POLICY_TAGS: "policy",
    SubjectKind.DELEGATION_POLICY: "organization",
}


def structure_differences(
    desired: Structure,
    collected: Structure,
    names: Iterable[str],
    *,
    own_edits: Mapping[str, Sequence[SubjectValue | None]] | None = None,
) -> list[FoundDifference]:
    """Return what differs of some subjects, each kind typed and both sides as JSON.

    `own_edits`: what Orgwarden's own rollouts wrote last; what stands so is no drift.
    """
    differ = _StructureDiffer(desired, collected)
    own = own_edits or {}
    found = []
    for name in names:
        now = collected.value(name)
        if any(same_value(name, value, now) for value in own.get(name, ())):
            continue
        if speaks_of(desired, collected, name):
            found += list(differ.differences(name))
    return found


def same_value(name: str, one: SubjectValue | None, other: SubjectValue | None) -> bool:
    """Whether two values of a subject are no drift: texts are compared in canonical form."""
    if one is None or other is None:
        return one is other
    kind, _ = subject_parts(name)
    match kind:
        case SubjectKind.POLICY:
            return (one["digest"], one["name"]) == (other["digest"], other["name"])
        case SubjectKind.UNIT:
            return bool(one["name"] == other["name"])
        case SubjectKind.POLICY_TAGS:
            return bool(one["tags"] == other["tags"])
        case SubjectKind.DELEGATION_POLICY:
            return bool(one["digest"] == other["digest"])
        case SubjectKind.ACCOUNT:
            return bool(one["parent_id"] == other["parent_id"])
        case _:
            return True


def dependent_subjects(names: Iterable[str], desired: Structure, collected: Structure) -> set[str]:
    """Return subjects with those whose drift depends on them.

    A policy that is added or removed takes its attachments with it, an OU or account those at it.
    """
    found = set(names)
    for name in list(found):
        kind, ids = subject_parts(name)
        if kind is SubjectKind.POLICY:
            for held in (desired.attachments, collected.attachments):
                found.update(
                    subject(SubjectKind.ATTACHMENT, ids[0], one) for one in held.get(ids[0], ())
                )
            found.add(subject(SubjectKind.POLICY_TAGS, ids[0]))
        elif kind in (SubjectKind.UNIT, SubjectKind.ACCOUNT):
            found.update(
                subject(SubjectKind.ATTACHMENT, policy_id, ids[0])
                for policy_id, held in desired.attachments.items()
                if ids[0] in held
            )
            found.update(
                subject(SubjectKind.ATTACHMENT, policy_id, ids[0])
                for policy_id in desired.detached_defaults
            )
    return found


class _StructureDiffer:
    """Compares subject by subject."""

    def __init__(self, desired: Structure, collected: Structure) -> None:
        self._desired = desired
        self._collected = collected
        self._differs: Mapping[SubjectKind, Callable[..., Iterator[FoundDifference]]] = {
            SubjectKind.UNIT: self._unit,
            SubjectKind.ACCOUNT: self._account,
            SubjectKind.POLICY: self._policy,
            SubjectKind.ATTACHMENT: self._attachment,
            SubjectKind.POLICY_TYPE: self._policy_type,
            SubjectKind.TRUSTED_SERVICE: self._trusted_service,
            SubjectKind.DELEGATION: self._delegation,
            SubjectKind.POLICY_TAGS: self._policy_tags,
            SubjectKind.DELEGATION_POLICY: self._delegation_policy,
        }

    def differences(self, name: str) -> Iterator[FoundDifference]:
        """Yield what differs of one subject."""
        kind, ids = subject_parts(name)
        yield from self._differs[kind](name, *ids)

    def _found(
        self,
        kind: Kind,
        name: str,
        attribute: str,
        desired: Any,
        collected: Any,
        *,
        target_kind: str = "",
        target_id: str = "",
        place_id: str = "",
        policy_type: str = "",
    ) -> FoundDifference:
        subject_kind, ids = subject_parts(name)
        return FoundDifference(
            kind=kind,
            subject=name,
            target_kind=target_kind or _TARGET_KINDS[subject_kind],
            target_id=target_id or ids[0],
            target_name=subject_label(
                f"account:{target_id}" if target_id else name, self._collected, self._desired
            ),
            place_id=place_id or self._root_id,
            attribute=attribute,
            desired=desired,
            collected=collected,
            account_id=next((one for one in (target_id, *ids) if one.isdecimal()), ""),
            policy_type=policy_type,
            operations=restoring_operations(kind, name, attribute, self._desired, self._collected),
        )

    @property
    def _root_id(self) -> str:
        return self._collected.root_id or self._desired.root_id

    def _place_json(self, structure: Structure, target_id: str) -> dict[str, Any] | None:
        place = structure.units.get(target_id) or structure.accounts.get(target_id)
        if place is None:
            return None
        return {
            **place.as_json(),
            "path": structure.path(place.parent_id) or place.parent_id,
        }

    def _unit(self, name: str, target_id: str) -> Iterator[FoundDifference]:
        was, now = self._desired.units.get(target_id), self._collected.units.get(target_id)
        sides = [self._place_json(one, target_id) for one in (self._desired, self._collected)]
        if was is None and now is not None:
            yield self._found(Kind.OU_ADDED, name, "existence", *sides, place_id=target_id)
        elif was is not None and now is None:
            place = self._nearest(was.parent_id)
            yield self._found(Kind.OU_DELETED, name, "existence", *sides, place_id=place)
        elif was is not None and now is not None and was.name != now.name:
            yield self._found(Kind.OU_RENAMED, name, "name", *sides, place_id=target_id)

    def _account(self, name: str, account_id: str) -> Iterator[FoundDifference]:
        was = self._desired.accounts.get(account_id)
        now = self._collected.accounts.get(account_id)
        sides = [self._place_json(one, account_id) for one in (self._desired, self._collected)]
        if was is None and now is not None:
            yield self._found(Kind.ACCOUNT_ADDED, name, "existence", *sides, place_id=account_id)
        elif was is not None and now is None:
            place = self._nearest(was.parent_id)
            yield self._found(Kind.ACCOUNT_REMOVED, name, "existence", *sides, place_id=place)
        elif was is not None and now is not None and was.parent_id != now.parent_id:
            yield self._found(Kind.ACCOUNT_MOVED, name, "parent", *sides, place_id=account_id)

    def _nearest(self, target_id: str) -> str:
        """Return the nearest place that is still there, at or above one that was agreed."""
        for step in self._desired.chain(target_id):
            if step in self._collected.units:
                return step
        return self._root_id

    def _policy(self, name: str, policy_id: str) -> Iterator[FoundDifference]:
        if policy_id in DEFAULT_POLICY_IDS:
            return
        was, now = self._desired.policies.get(policy_id), self._collected.policies.get(policy_id)
        sides = [
            self._policy_json(structure, policy_id, policy)
            for structure, policy in ((self._desired, was), (self._collected, now))
        ]
        either = now or was
        about = {
            "place_id": self._place_of_policy(policy_id),
            "policy_type": either.type if either else "",
        }
        if was is None and now is not None:
            yield self._found(Kind.POLICY_ADDED, name, "existence", *sides, **about)
        elif was is not None and now is None:
            yield self._found(Kind.POLICY_REMOVED, name, "existence", *sides, **about)
        elif was is not None and now is not None:
            if was.digest != now.digest:
                yield self._found(Kind.POLICY_UPDATED, name, "content", *sides, **about)
            if was.name != now.name:
                yield self._found(Kind.POLICY_UPDATED, name, "name", *sides, **about)

    def _policy_json(
        self, structure: Structure, policy_id: str, policy: StructurePolicy | None
    ) -> dict[str, Any] | None:
        if policy is None:
            return None
        targets = sorted(structure.attachments.get(policy_id, ()))
        return {
            **policy.as_json(),
            "targets": [{"id": one, "path": structure.path(one) or one} for one in targets],
        }

    def _place_of_policy(self, policy_id: str) -> str:
        """Return the lowest place that holds all targets of a policy, on either side."""
        held = {
            *self._collected.attachments.get(policy_id, ()),
            *self._desired.attachments.get(policy_id, ()),
        }
        chains = []
        for one in held:
            known = list(self._collected.chain(one))
            chain = known if len(known) > 1 else list(self._desired.chain(one))
            chains.append(chain if chain[-1] == self._root_id else [self._root_id])
        if not chains:
            return self._root_id
        shared = set(chains[0]).intersection(*chains[1:])
        return next((step for step in chains[0] if step in shared), self._root_id)

    def _attachment(self, name: str, policy_id: str, target_id: str) -> Iterator[FoundDifference]:
        was = self._desired.is_attached(policy_id, target_id)
        now = self._collected.is_attached(policy_id, target_id)
        if was == now or not self._attachment_counts(policy_id, target_id):
            return
        on_account = target_id.isdecimal()
        if now:
            kind = Kind.POLICY_ATTACHED_TO_ACCOUNT if on_account else Kind.POLICY_ATTACHED_TO_OU
        else:
            kind = Kind.POLICY_DETACHED_FROM_ACCOUNT if on_account else Kind.POLICY_DETACHED_FROM_OU
        policy_type = policy_type_of(name, self._collected, self._desired)
        attached = {
            "policy_id": policy_id,
            "policy_name": subject_label(f"policy:{policy_id}", self._collected, self._desired),
            "policy_type": policy_type,
            "path": self._collected.path(target_id) or target_id,
        }
        target_kind = "account" if on_account else "organizational_unit"
        yield self._found(
            kind,
            name,
            "attachment",
            attached if was else None,
            attached if now else None,
            target_kind="root" if target_id.startswith("r-") else target_kind,
            target_id=target_id,
            place_id=target_id,
            policy_type=policy_type,
        )

    def _attachment_counts(self, policy_id: str, target_id: str) -> bool:
        """Whether an attachment is drift of its own, and no part of other drift."""
        desired, collected = self._desired, self._collected
        if target_id not in collected.units and target_id not in collected.accounts:
            return False
        if policy_id in DEFAULT_POLICY_IDS:
            known = target_id in desired.units or target_id in desired.accounts
            both = policy_id in desired.detached_defaults
            if not known or not both or policy_id not in collected.detached_defaults:
                return False
        elif (policy_id in desired.policies) != (policy_id in collected.policies):
            return False
        policy_type = policy_type_of(f"policy:{policy_id}", collected, desired)
        on, should = (
            policy_type in (structure.policy_types or ()) for structure in (collected, desired)
        )
        return desired.policy_types is None or on or not should

    def _policy_type(self, name: str, policy_type: str) -> Iterator[FoundDifference]:
        was, now = (
            policy_type in (structure.policy_types or ())
            for structure in (self._desired, self._collected)
        )
        if was != now:
            yield self._found(
                Kind.POLICY_TYPE_CHANGED,
                name,
                "enabled",
                {"enabled": was},
                {"enabled": now},
                policy_type=policy_type,
            )

    def _trusted_service(self, name: str, service: str) -> Iterator[FoundDifference]:
        was, now = (
            service in (structure.trusted_services or ())
            for structure in (self._desired, self._collected)
        )
        if was != now:
            kind = Kind.TRUSTED_ACCESS_ENABLED if now else Kind.TRUSTED_ACCESS_DISABLED
            yield self._found(kind, name, "enabled", {"enabled": was}, {"enabled": now})

    def _delegation(self, name: str, service: str, account_id: str) -> Iterator[FoundDifference]:
        was, now = self._desired.value(name), self._collected.value(name)
        if was != now:
            yield self._found(Kind.DELEGATION_CHANGED, name, "delegation", was, now)

    def _policy_tags(self, name: str, policy_id: str) -> Iterator[FoundDifference]:
        if policy_id not in self._desired.policies or policy_id not in self._collected.policies:
            # Tags of a policy that is added or removed are part of that.
            return
        was, now = self._desired.value(name), self._collected.value(name)
        if was != now:
            yield self._found(
                Kind.POLICY_TAGS_CHANGED,
                name,
                "tags",
                was or {"tags": {}},
                now or {"tags": {}},
                place_id=self._place_of_policy(policy_id),
                policy_type=policy_type_of(f"policy:{policy_id}", self._collected, self._desired),
            )

    def _delegation_policy(self, name: str, _: str) -> Iterator[FoundDifference]:
        was, now = self._desired.value(name), self._collected.value(name)
        if not same_value(name, was, now):
            yield self._found(Kind.DELEGATION_POLICY_CHANGED, name, "content", was, now)
