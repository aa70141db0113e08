"""What rollouts write, as subjects of the structure: by their table of what AWS holds."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from governance.baseline.structure.document import (
    ALWAYS_ATTACHED,
    OWN_TAG_PREFIX,
    StructurePolicy,
    SubjectKind,
    SubjectValue,
    subject,
)
from governance.changes.models import Rollout
from governance.changes.planning.tables import (
    REQUEST_TAG,
    TYPES,
    UnknownObject,
    after_steps,
)
from governance.changes.rollout.journal import skipped_steps
from governance.changes.rollout.plans import steps_of
from governance.drift.own_edits import OwnEdits
from inventory.models import Account, Connection, OrganizationalUnit, Policy

Values = dict[str, SubjectValue | None]
_ENABLED: Final = "ENABLED"


def values_of(connection: Connection, table: Mapping[str, Any], base: Mapping[str, Any]) -> Values:
    """Return how subjects stand by a table, of all that it or the table before speaks of."""
    found: Values = {}
    places: dict[str, str] = {}
    for key in {*table, *base}:
        kind, _, name = key.partition("/")
        value = table.get(key)
        if not name and key != TYPES:
            # What a call creates whose answer is not known yet.
            continue
        match kind:
            case "policy":
                found[subject(SubjectKind.POLICY, name)] = _policy(value)
            case "tags" if name.startswith("p-"):
                found[subject(SubjectKind.POLICY_TAGS, name)] = agreed_tags(value or {})
            case "targets":
                found.update(_attachments(name, value or (), base.get(key) or ()))
            case "attached":
                target_id = name.partition("/")[0]
                found.update(_attached(target_id, value or (), base.get(key) or ()))
            case "parent":
                places[name] = value or ""
            case "unit":
                found[subject(SubjectKind.UNIT, name)] = value and {"name": value["name"]}
            case _:
                if key == TYPES:
                    found.update(_types(value or {}, base.get(key) or {}))
    _put_places(connection, found, places)
    return found


def _policy(value: Mapping[str, Any] | None) -> SubjectValue | None:
    if value is None:
        return None
    return StructurePolicy(value["name"], value["type"], value["text"]).as_json()


def agreed_tags(tags: Mapping[str, str | None]) -> SubjectValue | None:
    """Return tags as the structure has them, without those of rollouts; None: there are none."""
    agreed = {
        key: text
        for key, text in tags.items()
        if text is not None and not key.startswith(OWN_TAG_PREFIX)
    }
    return {"tags": agreed} if agreed else None


def _attachments(policy_id: str, now: Any, before: Any) -> Iterator[tuple[str, Any]]:
    if policy_id in ALWAYS_ATTACHED:
        return
    for target_id in {*now, *before}:
        there = {"policy_id": policy_id, "target_id": target_id} if target_id in now else None
        yield subject(SubjectKind.ATTACHMENT, policy_id, target_id), there


def _attached(target_id: str, now: Any, before: Any) -> Iterator[tuple[str, Any]]:
    for policy_id in {*now, *before} - ALWAYS_ATTACHED:
        there = {"policy_id": policy_id, "target_id": target_id} if policy_id in now else None
        yield subject(SubjectKind.ATTACHMENT, policy_id, target_id), there


def _types(now: Mapping[str, str], before: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for kind in {*now, *before}:
        enabled = {"enabled": True} if now.get(kind) == _ENABLED else None
        yield subject(SubjectKind.POLICY_TYPE, kind), enabled


def _put_places(connection: Connection, found: Values, places: Mapping[str, str]) -> None:
    """Name accounts and OUs with their places; the name of what is not there yet is its own."""
    names: dict[str, tuple[str, str]] = {}
    accounts = [one for one in places if one.isdecimal()]
    held = {"connection": connection, "seen_until": None}
    for account_id, name in Account.objects.filter(**held, account_id__in=accounts).values_list(
        "account_id", "name"
    ):
        names[account_id] = (name, "")
    units = [one for one in places if not one.isdecimal()]
    units += [name.partition(":")[2] for name in found if name.startswith("unit:")]
    for target_id, name, parent_id in OrganizationalUnit.objects.filter(
        **held, target_id__in=units
    ).values_list("target_id", "name", "parent_id"):
        names[target_id] = (name, parent_id)
    for one, parent_id in places.items():
        name, _ = names.get(one, (one, ""))
        if one.isdecimal():
            found[subject(SubjectKind.ACCOUNT, one)] = {"name": name, "parent_id": parent_id}
    for name, value in list(found.items()):
        if value is None or not name.startswith("unit:"):
            continue
        target_id = name.partition(":")[2]
        parent_id = places.get(target_id) or names.get(target_id, ("", ""))[1]
        found[name] = {"name": value["name"], "parent_id": parent_id}


def rollout_values(rollout: Rollout, *, done: int) -> Values:
    """Return how subjects stand once the first `done` steps of a rollout were made.

    :raises UnknownObject: a step names what was not created.
    """
    base = rollout.base or {}
    table = after_steps(
        base,
        steps_of(rollout)[:done],
        rollout.created,
        skipped=frozenset(skipped_steps(rollout)),
    )
    return values_of(rollout.change_request.connection, table, base)


def edits_of_rollouts(connection: Connection) -> OwnEdits:
    """Return what rollouts that have not ended wrote; their next call may be made already.

    What a way back has not taken back yet was written by Orgwarden too.
    """
    written: dict[str, list[SubjectValue | None]] = {}
    running = Rollout.objects.filter(
        change_request__connection=connection, ended_at__isnull=True, base__isnull=False
    ).select_related("change_request__connection")
    for rollout in running:
        before = rollout_values(rollout, done=0)
        for done in (rollout.position, rollout.position + 1):
            try:
                values = rollout_values(rollout, done=done)
            except UnknownObject:
                # The next step rests on what AWS has not created yet.
                continue
            for name, value in values.items():
                if rollout.kind != Rollout.Kind.FORWARD or value != before.get(name):
                    written.setdefault(name, []).append(value)
        for name, made in _made_by(rollout):
            written.setdefault(name, []).append(made)
    return OwnEdits(written)


def _made_by(rollout: Rollout) -> Iterator[tuple[str, SubjectValue | None]]:
    """Yield the policies that bear a rollout's tag: of a call whose answer is not known yet."""
    request = rollout.change_request
    rows = Policy.objects.filter(
        connection=request.connection,
        seen_until=None,
        seen_from__gte=rollout.started_at,
        aws_managed=False,
        tags__contains={REQUEST_TAG: str(request.number)},
    )
    for row in rows.select_related("content"):
        policy = StructurePolicy(row.name, row.type, row.content.text)
        yield subject(SubjectKind.POLICY, row.policy_id), policy.as_json()
