"""Brings the rows of one table in one scope to what was read."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from inventory.models import Connection, PolicyContent
from inventory.models.versions import Version
from inventory.store.rows import VersionRow
from inventory.store.versions import StoredVersion, StoredVersions

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
    gone: dict[tuple[str, ...], StoredVersion] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)
    close: list[int] = field(default_factory=list)
    drop: list[int] = field(default_factory=list)
    reopen: list[int] = field(default_factory=list)
    opening: list[tuple[VersionRow, str]] = field(default_factory=list)

    @property
    def gone_ids(self) -> set[int]:
        """Primary keys of what was not found."""
        return {version.pk for version in self.gone.values()}

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be written, whatever is held back."""
        return not (self.gone or self.close or self.drop or self.reopen or self.opening)


class RunOutOfOrder(RuntimeError):
    """A run that started before another one already wrote must not write any more."""


def plan_rows(
    model: type[Version],
    rows: Iterable[VersionRow],
    *,
    versions: StoredVersions,
    moment: datetime,
    complete: bool,
) -> Plan:
    """Plan to open and close versions so that `versions` become what `rows` say at `moment`.

    `versions`: of `model`, all that a complete reading knows whole. `moment`: the start of the
    run. A row that is the same writes nothing. One that differs closes the version before and
    opens one. One that was not read is gone only if the reading was `complete`. Reading the same
    run again replaces what it wrote. Read the versions, and call this and `write_plan`, in a
    transaction under the lock of the scope (`inventory.store.scopes`).
    :raises RunOutOfOrder: a later run has written here.
    """
    wanted = {row.key: row for row in rows}
    plan = Plan(model, known=len(versions.open))
    for key, row in wanted.items():
        before = versions.open.get(key)
        if row.tags_unknown and before is not None:
            row.values["tags"] = before.tags
        fingerprint = row.fingerprint()
        if before is not None:
            plan.found.add(before.pk)
            if before.fingerprint == fingerprint:
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
            if before.seen_from == moment:
                _end(plan, before, moment)
            else:
                _check_order(before, moment)
                plan.gone[key] = before
    return plan


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


def _end(plan: Plan, version: StoredVersion, moment: datetime) -> None:
    _check_order(version, moment)
    # A version that would last no time was never to be seen: the run replaces it.
    ending = plan.drop if version.seen_from == moment else plan.close
    ending.append(version.pk)


def _check_order(version: StoredVersion, moment: datetime) -> None:
    if version.seen_from > moment:
        raise RunOutOfOrder(
            f"a version seen from {version.seen_from} cannot end with the run of {moment}"
        )


def keep_contents(rows: Iterable[VersionRow]) -> None:
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
