"""Writes to policies that no change request explains, where the baseline does not tell of them.

What the baseline speaks of is drift of the structure where it differs. Beside that there are
writes to policies and attachments of which nothing was agreed, and other names and descriptions. A
text that was written again and says the same is no drift.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from governance.baseline.structure.adopting import policy_type_of, speaks_of
from governance.baseline.structure.collected import (
    SubjectIds,
    collected_structure,
    structure_reading,
)
from governance.baseline.structure.document import (
    ALWAYS_ATTACHED,
    Structure,
    SubjectKind,
    subject,
    subject_parts,
    text_digest,
)
from governance.baseline.structure.versions import baseline_in_force, structure_of, subject_label
from governance.drift.difference import (
    DriftWeight,
    Effect,
    FoundDifference,
    Kind,
    Severity,
)
from governance.drift.explaining import explained
from governance.drift.models import DriftItem
from governance.drift.own_edits import own_edits
from governance.drift.sources.source import (
    SourceFindings,
    SourceLook,
    changed_rows,
    rows_mark,
)
from governance.edits.operations import Operation, OperationKind
from inventory.models import Connection, Policy, PolicyAttachment
from inventory.policy_types import DEFAULT_POLICY_IDS

Value = dict[str, Any] | None
_OWN: Final = Q(aws_managed=False)


class WriteDrift:
    """Finds writes that nobody explains."""

    prefix = "write:"

    def mark(self, connection: Connection) -> str:
        """Return what is equal while no policy, attachment or version of the baseline began."""
        version = baseline_in_force(connection)
        number = version.number if version is not None else 0
        return f"{rows_mark(connection, Policy, PolicyAttachment)}|{number}"

    def find(self, look: SourceLook) -> SourceFindings:
        """Return the writes since the last look, and those before that still stand.

        At the first look those since the baseline was made; those that a baseline has come to speak
        of meanwhile are for it to tell.
        """
        version = baseline_in_force(look.connection)
        since = look.since or (version.made_at if version is not None else None)
        pairs: dict[str, tuple[Value, Value]] = {}
        if since is not None:
            pairs |= _policies(look.connection, since) | _attachments(look.connection, since)
        fresh = set(pairs)
        names = {self._written(item): item for item in look.items}
        described = _descriptions(look.connection, names)
        collected = collected_structure(look.connection, only=SubjectIds.of({*names, *fresh}))
        for name, item in names.items():
            pairs[name] = (item.desired, _value_now(name, collected, described))
        desired = structure_of(version) if version is not None else Structure()
        found = []
        ended = {}
        for name, (was, now) in pairs.items():
            if _compared(was) == _compared(now):
                continue
            if _counts(name, was, now, desired, collected):
                found.append(_difference(self.prefix, name, was, now, collected))
            elif version is not None:
                ended[f"{self.prefix}{name}"] = f"in baseline version {version.number}"
        reading = structure_reading(look.connection)
        unread = {
            item.subject
            for name, item in names.items()
            if not reading.is_read(name, _policy_type(name, item, collected))
        }
        return SourceFindings(_unexplained(look, found, fresh - names.keys()), unread, ended=ended)

    def _written(self, item: DriftItem) -> str:
        return item.subject.removeprefix(self.prefix)


def _policy_type(name: str, item: DriftItem, collected: Structure) -> str:
    sides = [side["type"] for side in (item.desired, item.collected) if side and "type" in side]
    return policy_type_of(name, collected) or next(iter(sides), "")


def _policies(connection: Connection, since: datetime) -> dict[str, tuple[Value, Value]]:
    found: dict[str, tuple[Value, Value]] = {}
    versions: dict[str, list[Policy]] = {}
    for row in changed_rows(Policy, connection, since, _OWN):
        versions.setdefault(row.policy_id, []).append(row)
    for policy_id, rows in versions.items():
        before = next((row for row in rows if row.seen_from <= since), None)
        last = rows[-1]
        after = last if last.seen_until is None else None
        name = subject(SubjectKind.POLICY, policy_id)
        found[name] = (_policy_value(before), _policy_value(after))
    return found


def _policy_value(row: Policy | None) -> Value:
    if row is None:
        return None
    return {
        "name": row.name,
        "type": row.type,
        "text": row.content.text,
        "description": row.description,
    }


def _descriptions(connection: Connection, names: Iterable[str]) -> dict[str, str]:
    """Return the descriptions of policies by subject, as they are now."""
    ids = [name.partition(":")[2] for name in names if name.startswith("policy:")]
    rows = Policy.objects.filter(connection=connection, policy_id__in=ids, seen_until=None)
    return {
        subject(SubjectKind.POLICY, policy_id): description
        for policy_id, description in rows.values_list("policy_id", "description")
    }


def _compared(value: Value) -> dict[str, Any]:
    """Return what of a value counts: a text by what it says; empty: there is none."""
    if value is None or "text" not in value:
        return value or {}
    return {**value, "text": _digest(value)}


def _attachments(connection: Connection, since: datetime) -> dict[str, tuple[Value, Value]]:
    found: dict[str, tuple[Value, Value]] = {}
    others = ~Q(policy_id__in=sorted(DEFAULT_POLICY_IDS | ALWAYS_ATTACHED))
    versions: dict[tuple[str, str], list[PolicyAttachment]] = {}
    for row in changed_rows(PolicyAttachment, connection, since, others):
        versions.setdefault((row.policy_id, row.target_id), []).append(row)
    for (policy_id, target_id), rows in versions.items():
        value: Value = {"policy_id": policy_id, "target_id": target_id}
        was = value if any(row.seen_from <= since for row in rows) else None
        now = value if rows[-1].seen_until is None else None
        found[subject(SubjectKind.ATTACHMENT, policy_id, target_id)] = (was, now)
    return found


def _value_now(name: str, collected: Structure, described: Mapping[str, str]) -> Value:
    value = collected.value(name)
    if value is None or "text" not in value:
        return value
    kept = {key: one for key, one in value.items() if key != "digest"}
    return {**kept, "description": described.get(name, "")}


def _counts(name: str, was: Value, now: Value, desired: Structure, collected: Structure) -> bool:
    """Whether a write is listed here, and not as drift of the structure."""
    if not speaks_of(desired, collected, name):
        return True
    if was is None or now is None or "text" not in was:
        return False
    return bool(was["name"] == now["name"] and _digest(was) == _digest(now))


def _digest(value: Mapping[str, Any]) -> str:
    return text_digest(value["text"], value["type"])


def _difference(
    prefix: str, name: str, was: Value, now: Value, collected: Structure
) -> FoundDifference:
    kind, ids = subject_parts(name)
    operations: tuple[Operation, ...] = ()
    weight: DriftWeight | None = None
    attribute = "attachment"
    if kind is SubjectKind.ATTACHMENT:
        edit = OperationKind.ATTACH_POLICY if now is None else OperationKind.DETACH_POLICY
        operations = (Operation(edit, policy_id=ids[0], target_id=ids[1]),)
        place_id = ids[1]
    else:
        place_id = collected.root_id
        if was is not None and now is not None:
            parts = [part for part in was if _compared(was)[part] != _compared(now).get(part)]
            attribute = "content" if "text" in parts else ", ".join(parts)
            if "text" in parts:
                operations = (
                    Operation(OperationKind.UPDATE_POLICY, policy_id=ids[0], text=was["text"]),
                )
            else:
                weight = DriftWeight(Effect.COSMETIC, Severity.LOW)
        else:
            attribute = "existence"
    label = subject_label(name, collected)
    if label == ids[0] and was is not None and "name" in was:
        label = was["name"]
    policy = collected.policies.get(ids[0])
    types = [side["type"] for side in (was, now) if side is not None and "type" in side]
    return FoundDifference(
        kind=Kind.WRITE_UNEXPLAINED,
        subject=f"{prefix}{name}",
        target_kind="policy",
        target_id=ids[0],
        target_name=label,
        place_id=place_id,
        attribute=attribute,
        desired=was,
        collected=now,
        account_id=ids[1] if len(ids) > 1 and ids[1].isdecimal() else "",
        policy_type=policy.type if policy is not None else next(iter(types), ""),
        operations=operations,
        weight=weight,
        is_alone=True,
    )


def _unexplained(
    look: SourceLook, found: Iterable[FoundDifference], fresh: set[str]
) -> list[FoundDifference]:
    """Leave out what rollouts wrote, and of what is new what a source explains."""
    own = own_edits(look.connection).written
    kept = [one for one in found if one.subject.removeprefix(WriteDrift.prefix) not in own]
    asked = [
        DriftItem(connection=look.connection, key=one.key, subject=one.subject, kind=one.kind)
        for one in kept
        if one.subject.removeprefix(WriteDrift.prefix) in fresh
    ]
    known = explained(look.connection, asked, since=look.since)
    return [one for one in kept if one.key not in known or known[one.key].change_number is None]
