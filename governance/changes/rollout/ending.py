"""How a rollout ends: the organization is read, and APPLIED means that it was seen there."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Max

from governance.changes.life.transitions import transition
from governance.changes.models import ChangeRequest, JournalEntry, Rollout
from governance.changes.planning.tables import same
from governance.changes.rollout import leases, locks
from governance.changes.rollout.journal import ROLLOUT_ACTOR, skipped_steps
from governance.changes.states import ChangeState
from inventory.models import (
    Account,
    CollectionTask,
    InventoryRun,
    OrganizationalUnit,
    Policy,
    PolicyAttachment,
)
from inventory.runs.requests import ConnectionDisabled, RunAlreadyActive, request_run

_LOOKS_AGAIN: Final = timedelta(seconds=10)
_ASKS_AGAIN: Final = timedelta(minutes=1)


def rollout_finish(
    request: ChangeRequest, rollout: Rollout, table: Mapping[str, Any], *, now: datetime
) -> datetime | None:
    """End a rollout whose steps are all made, or return when to look again.

    `table`: what AWS holds by what was read back. Both rows are locked.
    """
    if rollout.kind != Rollout.Kind.FORWARD:
        _end(request, rollout, _back_to(rollout), now=now)
        ask_for_run(rollout, now)
        return None
    run = _run_of(rollout)
    if run is None:
        return ask_for_run(rollout, now)
    if not _organization_is_read(run):
        if run.state in InventoryRun.ACTIVE_STATES:
            return now + _LOOKS_AGAIN
        rollout.seen_run_id = None
        rollout.save(update_fields=["seen_run_id"])
        return now + _ASKS_AGAIN
    unseen = list(not_seen(request.connection_id, table))
    skipped = sorted({each for each in skipped_steps(rollout).values() if each})
    if unseen:
        reason = f"the inventory shows a difference: {'; '.join(unseen)}"
        leases.let_go(rollout, not_before=None)
        transition(
            request, ChangeState.PARTIALLY_APPLIED, actor=ROLLOUT_ACTOR, now=now, reason=reason
        )
        return None
    to = ChangeState.APPLIED_PENDING_REVIEW if request.emergency else ChangeState.APPLIED
    _end(request, rollout, to, now=now, reason=f"without {', '.join(skipped)}" if skipped else "")
    return None


def _back_to(rollout: Rollout) -> ChangeState:
    if rollout.kind == Rollout.Kind.REVERT:
        return ChangeState.REVERTED
    return ChangeState.ROLLED_BACK


def _end(
    request: ChangeRequest, rollout: Rollout, to: ChangeState, *, now: datetime, reason: str = ""
) -> None:
    rollout.ended_at = now
    rollout.save(update_fields=["ended_at"])
    leases.let_go(rollout, not_before=None)
    locks.locks_release(request)
    if to in (ChangeState.APPLIED, ChangeState.APPLIED_PENDING_REVIEW):
        request.applied_at = now
    transition(request, to, actor=ROLLOUT_ACTOR, now=now, reason=reason)


def _run_of(rollout: Rollout) -> InventoryRun | None:
    if rollout.seen_run_id is None:
        return None
    return InventoryRun.objects.filter(pk=rollout.seen_run_id).first()


def ask_for_run(rollout: Rollout, now: datetime) -> datetime:
    """Ask for a run that begins after the last step, and return when to look at it."""
    connection = rollout.change_request.connection
    try:
        run = request_run(connection=connection, trigger=InventoryRun.Trigger.CHANGE, now=now)
    except RunAlreadyActive as active:
        run = active.run
        if not _begins_after(run, rollout):
            # It may have read the organization before the last step: the next one counts.
            return now + _LOOKS_AGAIN
    except ConnectionDisabled:
        return now + _LOOKS_AGAIN
    rollout.seen_run_id = run.pk
    rollout.save(update_fields=["seen_run_id"])
    return now + _LOOKS_AGAIN


def _begins_after(run: InventoryRun, rollout: Rollout) -> bool:
    """Whether a run that goes on began after all that a rollout did, such as another's."""
    last = JournalEntry.objects.filter(rollout=rollout).aggregate(at=Max("recorded_at"))["at"]
    began = run.started_at or run.requested_at
    return last is not None and began > last


def _organization_is_read(run: InventoryRun) -> bool:
    """Whether a run has stored all of the organization that it reads."""
    states = set(
        CollectionTask.objects.filter(
            connection_id=run.connection_id, account_id="", run=run, group="organizations"
        ).values_list("state", flat=True)
    )
    return states == {CollectionTask.State.COMPLETE}


def not_seen(connection_id: int, table: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for what the collected organization shows otherwise than `table`."""
    policies = {
        row["policy_id"]: row
        for row in Policy.objects.filter(
            connection_id=connection_id,
            seen_until__isnull=True,
            policy_id__in=_names(table, "policy/"),
        ).values("policy_id", "name", "type", "description", "content__text")
    }
    attached = PolicyAttachment.objects.filter(connection_id=connection_id, seen_until__isnull=True)
    targets: dict[str, list[str]] = {}
    for policy_id, target_id in attached.filter(
        policy_id__in=_names(table, "targets/")
    ).values_list("policy_id", "target_id"):
        targets.setdefault(policy_id, []).append(target_id)
    for key, expected in table.items():
        kind, _, name = key.partition("/")
        if kind == "policy" and not same(key, expected, _policy(policies.get(name))):
            yield f"policy {name} is not as written"
        elif kind == "targets" and sorted(targets.get(name, [])) != sorted(expected or []):
            yield f"policy {name} is attached otherwise"
    yield from _attachments_not_seen(connection_id, table)
    yield from _tree_not_seen(connection_id, table)


def _attachments_not_seen(connection_id: int, table: Mapping[str, Any]) -> Iterator[str]:
    wanted = {
        (target_id, policy_type): sorted(expected or [])
        for target_id, policy_type, expected in (
            (*key.split("/")[1:], expected)
            for key, expected in table.items()
            if key.startswith("attached/")
        )
    }
    types = dict(
        Policy.objects.filter(connection_id=connection_id, seen_until__isnull=True).values_list(
            "policy_id", "type"
        )
    )
    found: dict[tuple[str, str], list[str]] = {}
    for policy_id, target_id in PolicyAttachment.objects.filter(
        connection_id=connection_id,
        seen_until__isnull=True,
        target_id__in={target_id for target_id, _ in wanted},
    ).values_list("policy_id", "target_id"):
        found.setdefault((target_id, types.get(policy_id, "")), []).append(policy_id)
    for (target_id, policy_type), expected in wanted.items():
        if sorted(found.get((target_id, policy_type), [])) != expected:
            yield f"{target_id} has other policies of {policy_type}"


def _policy(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "name": row["name"],
        "type": row["type"],
        "description": row["description"],
        "text": row["content__text"],
    }


def _tree_not_seen(connection_id: int, table: Mapping[str, Any]) -> Iterator[str]:
    children = _names(table, "parent/") | _names(table, "unit/")
    parents: dict[str, str] = {}
    names: dict[str, str] = {}
    units = OrganizationalUnit.objects.filter(
        connection_id=connection_id, seen_until__isnull=True, target_id__in=children
    )
    for target_id, parent_id, name in units.values_list("target_id", "parent_id", "name"):
        parents[target_id], names[target_id] = parent_id, name
    accounts = Account.objects.filter(
        connection_id=connection_id, seen_until__isnull=True, account_id__in=children
    )
    parents |= dict(accounts.values_list("account_id", "parent_id"))
    for key, expected in table.items():
        kind, _, name = key.partition("/")
        if kind == "parent" and parents.get(name) != expected:
            yield f"{name} is in {parents.get(name) or 'no OU'}"
        elif kind == "unit" and names.get(name) != (expected or {}).get("name"):
            yield f"OU {name} is not as written"


def _names(table: Mapping[str, Any], prefix: str) -> set[str]:
    return {key.removeprefix(prefix) for key in table if key.startswith(prefix)}
