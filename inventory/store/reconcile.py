"""Brings the rows of one table in one scope to what was read."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet

from inventory.models import Connection, PolicyContent
from inventory.models.versions import Version
from inventory.store.rows import Row

_BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Written:
    """How many versions begin and end with the run, net of what the run itself undid."""

    opened: int = 0
    closed: int = 0

    def __add__(self, other: "Written") -> "Written":
        return Written(self.opened + other.opened, self.closed + other.closed)


@dataclass(slots=True)
class Plan:
    """What is to be written to one table so that its rows say what was read.

    `gone`: the versions that a complete reading did not find, by key; they close with the others
    but for those in `held`. `known`: how many versions were open. `found`: those of them that were
    read. `drop`: versions this very run opened and now replaces.
    """

    model: type[Version]
    known: int = 0
    found: set[int] = field(default_factory=set)
    gone: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)
    close: list[int] = field(default_factory=list)
    drop: list[int] = field(default_factory=list)
    reopen: list[int] = field(default_factory=list)
    opening: list[tuple[Row, str]] = field(default_factory=list)

    @property
    def gone_ids(self) -> set[int]:
        """Primary keys of what was not found."""
        return {version["pk"] for version in self.gone.values()}


class RunOutOfOrder(RuntimeError):
    """A run that started before another one already wrote must not write any more."""


def plan_rows(
    model: type[Version],
    rows: Iterable[Row],
    *,
    scope: "QuerySet[Any]",
    moment: datetime,
    complete: bool,
) -> Plan:
    """Plan to open and close versions so that those of `scope` say what `rows` say at `moment`.

    `scope`: the rows of `model`, open and closed, that a complete reading knows whole. `moment`:
    the start of the run. A row that is the same writes nothing. One that differs closes the
    version before and opens one. One that was not read is gone only if the reading was `complete`.
    Reading the same run again replaces what it wrote. Call it, and `write_plan`, in a transaction
    under the lock of the scope (`inventory.store.scopes`).
    :raises RunOutOfOrder: a later run has written here.
    """
    wanted = {row.key: row for row in rows}
    versions = _versions(model, scope, moment)
    return _plan(model, wanted, versions, moment, complete=complete)


def write_plan(plan: Plan, *, connection: Connection, moment: datetime) -> Written:
    """Write what was planned, in the same transaction."""
    closing = plan.close + sorted(plan.gone_ids - plan.held)
    rows = plan.model.objects
    if plan.drop:
        rows.filter(pk__in=plan.drop).delete()
    if closing:
        rows.filter(pk__in=closing).update(seen_until=moment)
    if plan.reopen:
        rows.filter(pk__in=plan.reopen).update(seen_until=None)
    if plan.opening:
        keep_contents(row for row, _ in plan.opening)
        rows.bulk_create(
            [
                plan.model(
                    connection=connection,
                    seen_from=moment,
                    fingerprint=fingerprint,
                    **row.values,
                )
                for row, fingerprint in plan.opening
            ],
            batch_size=_BATCH,
        )
    return Written(
        opened=len(plan.opening) - len(plan.drop), closed=len(closing) - len(plan.reopen)
    )


@dataclass(slots=True)
class _Versions:
    """What is stored. `open`: by natural key. `ended` by this run: by key and fingerprint."""

    open: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)
    ended: dict[tuple[tuple[str, ...], str], int] = field(default_factory=dict)


def _versions(model: type[Version], scope: "QuerySet[Any]", moment: datetime) -> _Versions:
    columns = ["pk", "fingerprint", "seen_from", "seen_until", *model.natural_key]
    if any(column.name == "tags" for column in model._meta.concrete_fields):
        columns.append("tags")
    found = _Versions()
    rows = scope.filter(Q(seen_until__isnull=True) | Q(seen_until=moment))
    for row in rows.order_by().values(*columns):
        key = tuple(str(row[name]) for name in model.natural_key)
        if row["seen_until"] is None:
            found.open[key] = row
        else:
            found.ended[key, row["fingerprint"]] = row["pk"]
    return found


def _plan(
    model: type[Version],
    wanted: dict[tuple[str, ...], Row],
    versions: _Versions,
    moment: datetime,
    *,
    complete: bool,
) -> Plan:
    plan = Plan(model, known=len(versions.open))
    for key, row in wanted.items():
        before = versions.open.get(key)
        if row.tags_unknown and before is not None:
            row.values["tags"] = before["tags"]
        fingerprint = row.fingerprint()
        if before is not None:
            plan.found.add(before["pk"])
            if before["fingerprint"] == fingerprint:
                continue
            _end(plan, before, moment)
        again = versions.ended.get((key, fingerprint))
        if again is not None:
            plan.reopen.append(again)
        else:
            plan.opening.append((row, fingerprint))
    if complete:
        for key, before in versions.open.items():
            if key in wanted:
                continue
            if before["seen_from"] == moment:
                _end(plan, before, moment)
            else:
                _check_order(before, moment)
                plan.gone[key] = before
    return plan


def _end(plan: Plan, version: dict[str, Any], moment: datetime) -> None:
    _check_order(version, moment)
    # A version that would last no time was never to be seen: the run replaces it.
    ending = plan.drop if version["seen_from"] == moment else plan.close
    ending.append(version["pk"])


def _check_order(version: dict[str, Any], moment: datetime) -> None:
    if version["seen_from"] > moment:
        raise RunOutOfOrder(
            f"a version seen from {version['seen_from']} cannot end with the run of {moment}"
        )


def keep_contents(rows: Iterable[Row]) -> None:
    """Store the texts that rows point at; those that are there already stay as they are."""
    texts: dict[str, str] = {}
    for row in rows:
        texts.update(row.contents)
    PolicyContent.objects.bulk_create(
        # In one order everywhere, so that two writers never wait for each other.
        [PolicyContent(sha256=digest, text=texts[digest]) for digest in sorted(texts)],
        ignore_conflicts=True,
        batch_size=_BATCH,
    )
