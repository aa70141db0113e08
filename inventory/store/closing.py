"""Holds back deletions of which a run found too many at once to be believed.

A reading may be complete by AWS's word and yet lack what is there. Where a run lacks more of a
kind than a set share, the rows stay open and are kept as a suspected deletion. They close when a
later run lacks them too, or when a person says so.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import connection as database
from django.db.models import Exists, F, Func, IntegerField, OuterRef, QuerySet

from inventory.models import (
    Account,
    Connection,
    EffectivePolicy,
    OrganizationalUnit,
    Policy,
    PolicyAttachment,
    SuspectedDeletion,
)
from inventory.models.versions import Version
from inventory.store.locks import hold_lock
from inventory.store.reconcile import Plan
from inventory.store.rows import ACCOUNT_MODELS

# Whether something outside of the run explains that a row of a table, by its key, is gone.
IsExplained = Callable[[type[Version], tuple[str, ...]], bool]

_STATE: Final = SuspectedDeletion.State
_ANY_SUSPECTED: Final = (
    f"SELECT 1 FROM {SuspectedDeletion._meta.db_table}"  # noqa: S608
    " WHERE connection_id = %s AND account_id = %s AND state = 'suspected' LIMIT 1"
)


EXPLANATIONS: list[Callable[[Connection], IsExplained]] = []
"""What explains deletions of an organization; whoever knows of some adds to it at start."""


def explained(connection: Connection) -> IsExplained:
    """Return whether any explanation holds for a row of an organization that is gone."""
    found = [explanation(connection) for explanation in EXPLANATIONS]
    return lambda model, key: any(each(model, key) for each in found)


def unexplained(model: type[Version], key: tuple[str, ...]) -> bool:
    """Explain no deletion at all."""
    return False


def hold_back(
    plans: Sequence[Plan],
    *,
    connection: Connection,
    account_id: str,
    moment: datetime,
    is_explained: IsExplained = unexplained,
) -> None:
    """Put into `held` of each plan what is not to be closed, and keep it as suspected.

    `plans`: those of one scope in one run. `is_explained`: deletions that it explains are neither
    held back nor counted. What earlier runs suspected and this one lacks again is closed; what it
    found is suspected no more.
    """
    earlier = _suspected_before(connection, account_id)
    if not earlier and not any(plan.gone for plan in plans):
        return
    judged = [_judge(plan, earlier, moment, is_explained) for plan in plans]
    if account_id and any(each.doubtful for each in judged):
        # One account at a time closes anything, so that each sees what the others closed.
        hold_lock(f"inventory:{connection.pk}:closing")
    for model in {each.plan.model for each in judged}:
        _hold_too_many([each for each in judged if each.plan.model is model], connection, moment)
    _hold_what_is_referred_to(plans)
    for plan in plans:
        _decide(plan, earlier, moment)
    _keep(plans, earlier, connection=connection, account_id=account_id, moment=moment)


def _suspected_before(connection: Connection, account_id: str) -> list[SuspectedDeletion]:
    """Return what earlier runs suspect, locked."""
    with database.cursor() as cursor:
        # Nearly always there is nothing, and every task of every run asks.
        cursor.execute(_ANY_SUSPECTED, [connection.pk, account_id])
        if cursor.fetchone() is None:
            return []
    return list(
        SuspectedDeletion.objects.filter(
            connection=connection, account_id=account_id, state=_STATE.SUSPECTED
        ).select_for_update()
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    """A plan, and what it would close without confirmation or explanation."""

    plan: Plan
    doubtful: set[int]


def _judge(
    plan: Plan,
    earlier: Iterable[SuspectedDeletion],
    moment: datetime,
    is_explained: IsExplained,
) -> _Judged:
    confirmed = {
        row_id
        for each in earlier
        if each.table == plan.model.__name__ and each.missing_at < moment
        for row_id in each.row_ids
    }
    return _Judged(
        plan,
        {
            version.pk
            for key, version in plan.gone.items()
            if version.pk not in confirmed and not is_explained(plan.model, key)
        },
    )


def _hold_too_many(judged: Sequence[_Judged], connection: Connection, moment: datetime) -> None:
    """Hold what is too much of one reading, or with all else that the run closes of the kind."""
    for each in judged:
        if _is_too_much(len(each.doubtful), each.plan.known):
            each.plan.held |= each.doubtful
    doubtful = sum(len(each.doubtful) for each in judged)
    if not doubtful:
        return
    model = judged[0].plan.model
    closed = _closed_before(model, connection, moment)
    if doubtful + closed < settings.INVENTORY_SUSPECT_ROWS:
        return
    known = model.objects.filter(connection=connection, seen_until__isnull=True).count()
    if _is_too_much(doubtful + closed, known + closed):
        for each in judged:
            each.plan.held |= each.doubtful


def _is_too_much(gone: int, known: int) -> bool:
    return (
        gone >= settings.INVENTORY_SUSPECT_ROWS
        and gone * 100 > known * settings.INVENTORY_SUSPECT_PERCENT
    )


def _closed_before(model: type[Version], connection: Connection, moment: datetime) -> int:
    """Return how many things of a table the run has taken for deleted so far.

    Those in accounts that have left went with the account.
    """
    rows: QuerySet[Any] = model.objects.filter(connection=connection)
    same = {name: OuterRef(name) for name in model.natural_key}
    gone = rows.filter(seen_until=moment).exclude(
        Exists(rows.filter(seen_until__isnull=True, **same))
    )
    if model in ACCOUNT_MODELS:
        accounts: QuerySet[Any] = Account.objects.filter(connection=connection)
        there = accounts.filter(seen_until__isnull=True).values("account_id")
        left = accounts.filter(seen_until=moment).exclude(account_id__in=there)
        gone = gone.exclude(account_id__in=left.values("account_id"))
    return gone.count()


def _hold_what_is_referred_to(plans: Iterable[Plan]) -> None:
    """Hold what stands by something that is held.

    Policies by their attachments, and what AWS makes of all attachments together: it was asked for
    those alone that were read. OUs by what is below them.
    """
    by_model: dict[type[Version], list[Plan]] = {}
    for plan in plans:
        by_model.setdefault(plan.model, []).append(plan)
    attached = {
        policy_id
        for plan in by_model.get(PolicyAttachment, ())
        for (policy_id, _), version in plan.gone.items()
        if version.pk in plan.held
    }
    for plan in by_model.get(Policy, ()):
        plan.held |= {
            version.pk for (policy_id,), version in plan.gone.items() if policy_id in attached
        }
    if attached:
        for plan in by_model.get(EffectivePolicy, ()):
            plan.held |= plan.gone_ids
    parents = _parents_of_held(by_model.get(Account, ()))
    while True:
        parents |= _parents_of_held(by_model.get(OrganizationalUnit, ()))
        added = 0
        for plan in by_model.get(OrganizationalUnit, ()):
            holding = {
                version.pk for (target_id,), version in plan.gone.items() if target_id in parents
            }
            added += len(holding - plan.held)
            plan.held |= holding
        if not added:
            return


def _parents_of_held(plans: Iterable[Plan]) -> set[str]:
    return {
        parent_id
        for plan in plans
        if plan.held
        for parent_id in plan.model.objects.filter(pk__in=plan.held).values_list(
            "parent_id", flat=True
        )
    }


def _decide(plan: Plan, earlier: Iterable[SuspectedDeletion], moment: datetime) -> None:
    """Take off the earlier suspicions what this plan closes and what it found."""
    closing = plan.gone_ids - plan.held
    for each in earlier:
        if each.table != plan.model.__name__:
            continue
        closed, found = closing.intersection(each.row_ids), plan.found.intersection(each.row_ids)
        if not closed and not found:
            continue
        each.closed += len(closed)
        each.row_ids = sorted(set(each.row_ids) - closed - found)
        if closed:
            each.closed_at = moment
        if not each.row_ids:
            each.state = _STATE.DELETED if each.closed else _STATE.FOUND
            each.decided_at = moment
        each.save(update_fields=["closed", "closed_at", "row_ids", "state", "decided_at"])


def _keep(
    plans: Iterable[Plan],
    earlier: Iterable[SuspectedDeletion],
    *,
    connection: Connection,
    account_id: str,
    moment: datetime,
) -> None:
    """Keep what is held and was not suspected before, one row a table."""
    before = {row_id for each in earlier for row_id in _key_ids(each)}
    new: dict[str, SuspectedDeletion] = {}
    for plan in plans:
        table = plan.model.__name__
        row_ids = sorted(pk for pk in plan.held if (table, pk) not in before)
        if not row_ids:
            continue
        kept = new.get(table)
        if kept is None:
            kept, _ = SuspectedDeletion.objects.get_or_create(
                connection=connection,
                account_id=account_id,
                table=table,
                missing_at=moment,
                defaults={"missing": 0, "known": 0, "row_ids": []},
            )
            new[table] = kept
        kept.row_ids = [*kept.row_ids, *row_ids]
        kept.missing += len(row_ids)
        kept.known += plan.known
        kept.state = _STATE.SUSPECTED
        kept.decided_at = None
        kept.save()


def _key_ids(suspected: SuspectedDeletion) -> list[tuple[str, int]]:
    return [(suspected.table, row_id) for row_id in suspected.row_ids]


def forget_departed(connection: Connection, account_ids: Iterable[str], moment: datetime) -> None:
    """Suspect nothing any more in accounts that have left: it ended with them."""
    SuspectedDeletion.objects.filter(
        connection=connection, account_id__in=account_ids, state=_STATE.SUSPECTED
    ).update(
        state=_STATE.DELETED,
        closed=F("closed")
        + Func(F("row_ids"), function="CARDINALITY", output_field=IntegerField()),
        row_ids=[],
        decided_at=moment,
        closed_at=moment,
    )
